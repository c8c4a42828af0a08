# What LuaRocks runs, from the root of the project: one miopoll/core.so with
# the library inside, which exports mio_* for LuaJIT's FFI too.
#
#     MIOPOLL_SYSTEM=1 luarocks make bindings/lua/miopoll-scm-0.rockspec
#
# links the library that pkg-config knows instead.
CFLAGS ?= -O2 -fPIC
LIBFLAG ?= -shared
LUA_INCDIR ?= /usr/include
PKG_CONFIG ?= pkg-config

here = bindings/lua
out = build/rock/core.so
# LuaRocks gives these where it installs to.
LUADIR ?= /usr/local/share/lua/5.4
LIBDIR ?= /usr/local/lib/lua/5.4

library = $(wildcard src/*.c) src/os/linux.c src/os/posix.c \
  src/os/posix_socket.c \
  src/selector/choose.c src/selector/epoll.c src/selector/fd_table.c \
  src/selector/posix_poll.c \
  src/wake/eventfd.c src/wake/pipe.c
# -iquote: "poll.h" is the library's, <poll.h> the system's.
flags = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
  -DMIOPOLL_HAVE_EPOLL -DNDEBUG -Iabi -iquote src -pthread
links = -pthread

ifneq ($(MIOPOLL_SYSTEM),)
library =
flags = -std=c11 $(shell $(PKG_CONFIG) --cflags miopoll || echo -Iabi)
links = $(shell $(PKG_CONFIG) --libs miopoll || echo -lmiopoll)
endif

core.so: $(here)/generated/miopoll_wrap.c $(library)
	mkdir -p $(dir $(out))
	$(CC) $(CFLAGS) $(LIBFLAG) -fvisibility=hidden -w $(flags) -I$(here) \
	  -I$(LUA_INCDIR) -o $(out) $^ $(links)

install:
	mkdir -p "$(LUADIR)/miopoll" "$(LIBDIR)/miopoll"
	cp $(here)/miopoll.lua "$(LUADIR)/"
	cp $(here)/miopoll/*.lua "$(LUADIR)/miopoll/"
	cp $(out) "$(LIBDIR)/miopoll/"

.PHONY: core.so install
