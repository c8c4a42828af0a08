#!/bin/sh
# Prints which lines of src/ the C tests reach, and which they do not;
# docs/coverage.md says why not. Fails below 90 %.
set -eu
cd "$(dirname "$0")/.."
build=build/coverage
mkdir -p build
log=build/coverage.log
{
  cmake --preset coverage -G Ninja -DMIOPOLL_BENCH=OFF -DMIOPOLL_EXAMPLES=OFF
  ninja -C $build
  find $build -name '*.gcda' -delete
  for program in named sources memory translate; do
    $build/tests/c/$program-plain
  done
  $build/tests/c/conformance/conformance-plain tests/conformance/cases
} >$log 2>&1 || {
  tail -n 20 $log >&2
  echo "coverage: a build or a test failed; all of it: $log" >&2
  exit 1
}
# A loop that waits without blocking may run more often than gcovr believes, and
# a thread that still ran at the end leaves a branch with -1.
build/venv/bin/python -m gcovr --root . --filter src/ \
  --gcov-ignore-parse-errors suspicious_hits.warn \
  --gcov-ignore-parse-errors negative_hits.warn \
  --merge-mode-functions=separate --fail-under-line 90 \
  $build/src $build/tests/c 2>>$log
