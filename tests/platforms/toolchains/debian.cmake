# What Debian's cross compilers have in common. The file that includes this
# sets CMAKE_SYSTEM_PROCESSOR, `triple` and `emulator`.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${triple}-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator})
# Debian has the C library of the target there, and nothing else.
set(CMAKE_FIND_ROOT_PATH /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# pkg-config would find Criterion, which is of this machine's kind.
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig ON)
