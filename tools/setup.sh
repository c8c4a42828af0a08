#!/bin/sh
# Installs what a target needs, on a Debian-like machine: `setup.sh demo` what
# the library and the demonstration need, `setup.sh test` what every suite
# needs, `setup.sh bench` the contenders of the benchmark, `setup.sh platforms`
# the toolchains of other systems and CPUs. Does nothing, quickly, where all is
# there.
set -eu
cd "$(dirname "$0")/.."

build="gcc make cmake pkg-config python3 python3-venv python3-dev
  liblua5.1-0-dev liblua5.4-dev lua5.1 lua5.4 luajit"
test="git g++ file ninja-build clang clang-tidy clang-format libclang-rt-14-dev
  libcriterion-dev valgrind strace abigail-tools spin binutils dpkg-dev
  swig lua5.2 lua5.3 liblua5.2-dev liblua5.3-dev libluajit-5.1-dev luarocks
  lua-check mandoc man-db bsdextrautils ruby php-cli libffi-platypus-perl
  lua-socket netcat-openbsd socat curl iproute2 nftables redis-server"
# Other platforms that `make test` includes, and the rest. Never gcc-multilib,
# which removes the cross compilers.
near="gcc-i686-linux-gnu libc6-dev-i386-cross musl-tools clang ninja-build"
far="gcc cmake python3 python3-venv llvm
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
  gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user-static"
bench="libuv1-dev libev-dev libevent-dev valgrind strace swig libluajit-5.1-dev
  lua-luv"
# Toolchains that a machine may have from elsewhere. rustc-web is a newer
# rustc, which mio needs.
command -v go >/dev/null || test="$test golang-go"
command -v rustc >/dev/null || test="$test rustc-web"
command -v cargo >/dev/null || bench="$bench rustc-web cargo-web"
command -v npm >/dev/null || test="$test nodejs npm"

what=${1:-test}
case $what in
demo) packages=$build ;;
test) packages="$build $test $near" ;;
platforms) packages="$near $far" ;;
bench) packages="$build $bench" ;;
*)
  echo "usage: tools/setup.sh demo|test|bench|platforms" >&2
  exit 2
  ;;
esac

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
    grep -q 'ok installed' || missing="$missing $package"
done

if [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null; then
    echo "setup: missing:$missing; install them with your system's tool" >&2
    exit 1
  fi
  root=
  if [ "$(id -u)" -ne 0 ]; then
    root=sudo
    command -v sudo >/dev/null || {
      echo "setup: missing:$missing; run as root, or install sudo" >&2
      exit 1
    }
  fi
  echo "setup: installing$missing"
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  if ! { $root apt-get update && $root apt-get install -y \
      --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt-get could not install$missing; its log is $log" >&2
    exit 1
  fi
  rm -f "$log"
fi

# venv FOLDER REQUIREMENTS: a Python environment, made anew if they changed.
venv() {
  ! cmp -s "$2" "$1/requirements.txt" || return 0
  echo "setup: making $1"
  rm -rf "$1"
  mkdir -p "$(dirname "$1")"
  /usr/bin/python3 -m venv "$1" || {
    echo "setup: python3 -m venv failed; install python3-venv" >&2
    exit 1
  }
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check \
    -r "$2" || {
    echo "setup: pip could not install $2" >&2
    exit 1
  }
  cp "$2" "$1/requirements.txt"
}

case $what in
test) venv build/venv tools/requirements.txt ;;
platforms) venv build/platforms/venv tests/platforms/requirements.txt ;;
esac
