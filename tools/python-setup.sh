#!/bin/sh
# Makes build/py-venv, with what tests/py needs and with the package, installed
# from a wheel of this checkout; and build/py-kqueue, with a package that has
# the kqueue selector on the emulation of the tests. Does nothing, quickly,
# where nothing changed.
set -eu
cd "$(dirname "$0")/.."

venv=build/py-venv
wheels=build/py-wheel
requirements=bindings/python/requirements.txt
pip="$venv/bin/python -m pip --quiet --disable-pip-version-check"

if ! cmp -s $requirements $venv/requirements.txt; then
  echo "python-setup: making $venv"
  rm -rf $venv
  mkdir -p build
  /usr/bin/python3 -m venv $venv || {
    echo "python-setup: python3 -m venv failed; install python3-venv" >&2
    exit 1
  }
  $pip install -r $requirements || {
    echo "python-setup: pip could not install $requirements" >&2
    exit 1
  }
  cp $requirements $venv/requirements.txt
fi

inputs() {
  find CMakeLists.txt pyproject.toml LICENSE docs/python.md src abi/miopoll.h \
    abi/generated bindings/python tests/fakes -type f ! -path '*/__pycache__/*' |
    LC_ALL=C sort
}
digest=$(inputs | xargs sha256sum | sha256sum)
if [ "$digest" != "$(cat $venv/digest 2>/dev/null)" ]; then
  echo "python-setup: building the wheel"
  rm -rf $wheels $venv/digest
  $pip wheel --no-build-isolation --no-deps --wheel-dir $wheels \
    --config-settings=build-dir=build/py-build . || {
    echo "python-setup: the wheel could not be built; is python3-dev there?" >&2
    exit 1
  }
  $pip install --force-reinstall --no-deps $wheels/*.whl
  kqueue=build/py-kqueue
  rm -rf $kqueue
  $pip install --no-build-isolation --no-deps --target $kqueue \
    --config-settings=build-dir=build/py-kqueue-build \
    --config-settings=cmake.define.MIOPOLL_KQUEUE=fake . || {
    echo "python-setup: the package with kqueue could not be built" >&2
    exit 1
  }
  echo "$digest" >$venv/digest
fi
