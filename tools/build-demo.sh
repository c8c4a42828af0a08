#!/bin/sh
# Builds the library, the Lua modules, the Python package, the client and the
# benchmarks, quietly.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build
log=build/build-demo.log
if ! { cmake -S . -B build/demo -DMIOPOLL_TESTS=OFF -DMIOPOLL_LUA=ON &&
    cmake --build build/demo -j "$(nproc)" && tools/python-setup.sh; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "the build failed; all of it: $log" >&2
  exit 1
fi
