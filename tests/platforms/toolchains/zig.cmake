# What the cross compiler of PyPI's ziglang has in common for all targets. The
# file that includes this sets CMAKE_SYSTEM_NAME, CMAKE_SYSTEM_PROCESSOR and
# `target`. run.py makes the folder of commands that ZIG_TOOLS names.
set(CMAKE_C_COMPILER $ENV{ZIG_TOOLS}/cc)
set(CMAKE_C_COMPILER_TARGET ${target})
set(CMAKE_AR $ENV{ZIG_TOOLS}/ar)
set(CMAKE_RANLIB $ENV{ZIG_TOOLS}/ranlib)
# It brings its own headers and libraries; nothing of this machine is meant.
set(CMAKE_FIND_ROOT_PATH /nowhere)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig ON)
