# The two commands, and short-cuts. Each sets up what it needs first.
#
#   make demo       build, and run echo servers with real clients
#   make test       build, and run every suite on every selector
#   make test-platforms  other systems and CPUs, as docs/platforms.md has them
#   make generate   write abi/generated anew from abi/miopoll.h
#   make examples   run the examples in other languages
#   make bench      measure against raw epoll and the peers, with a picture
#   make fuzz       fuzz the parser of addresses for ten minutes
#   make soak       100 000 connections: descriptors and memory stay flat
#   make docs       the HTML site, in build/docs/site
#   make format     format the C sources
#   make coverage   lines of src/ that the tests reach
#   make mutants    break the library on purpose, see each breakage noticed
#   make clean      remove build/
.PHONY: demo test test-platforms generate examples bench coverage mutants fuzz \
  soak docs format clean

demo:
	@tools/setup.sh demo
	@tools/build-demo.sh
	@python3 demo/run.py --build build/demo

test:
	@tools/setup.sh test
	@python3 tools/test.py

test-platforms:
	@tools/setup.sh platforms
	@python3 tests/platforms/run.py

generate:
	@tools/setup.sh test
	@build/venv/bin/python abi/generate.py

examples:
	@tools/setup.sh test
	@tools/build-demo.sh
	@python3 examples/ffi/run.py --library build/demo/src/libmiopoll.so

bench:
	@tools/setup.sh bench
	@tools/build-demo.sh
	@python3 bench/run.py

coverage:
	@tools/setup.sh test
	@tools/coverage.sh

mutants:
	@tools/setup.sh test
	@python3 tests/mutants/run.py

fuzz:
	@tools/setup.sh test
	@python3 tests/fuzz/run.py --seconds 600

soak:
	@tools/setup.sh test
	@mkdir -p build && { cmake -S . -B build/soak -DMIOPOLL_EXAMPLES=OFF \
	  -DMIOPOLL_BENCH=OFF && cmake --build build/soak --target soak; } \
	  >build/soak.log || { tail -n 20 build/soak.log; exit 1; }
	@python3 tests/soak/run.py --build build/soak --connections 100000

docs:
	@tools/setup.sh demo
	@tools/docs.sh

format:
	@git ls-files '*.c' '*.h' | grep -v -e generated/ -e frozen/ | \
	  xargs clang-format -i

clean:
	rm -rf build
