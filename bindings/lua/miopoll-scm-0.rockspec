rockspec_format = "3.0"
package = "miopoll"
version = "scm-0"
-- Build from a checkout: luarocks make bindings/lua/miopoll-scm-0.rockspec
source = {
  url = ".",
}
description = {
  summary = "Readiness polling with mio's model: epoll and poll(2)",
  detailed = [[
One thread waits, any number register and wake, and each event carries your
own token. TCP, UDP and Unix sockets and pipes, non-blocking. No event loop, no
callbacks, and no limit of 1024 descriptors.
The rock carries the C library; LuaJIT reaches it by its FFI.]],
  license = "MIT",
  labels = { "networking", "socket", "event", "epoll", "poll" },
}
supported_platforms = { "linux" }
dependencies = {
  "lua >= 5.1, < 5.5",
}
build = {
  type = "make",
  makefile = "bindings/lua/rock.mk",
  build_target = "core.so",
  install_target = "install",
  build_variables = {
    CFLAGS = "$(CFLAGS)",
    LIBFLAG = "$(LIBFLAG)",
    LUA_INCDIR = "$(LUA_INCDIR)",
  },
  install_variables = {
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
  },
}
