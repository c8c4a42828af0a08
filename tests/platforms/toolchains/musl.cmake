# Linux with musl, another C library. It has no kernel headers of its own, and
# shares those of the machine.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(CMAKE_C_COMPILER musl-gcc)
set(kernel_headers ${CMAKE_BINARY_DIR}/kernel-headers)
file(MAKE_DIRECTORY ${kernel_headers})
foreach(folder linux asm-generic)
  file(CREATE_LINK /usr/include/${folder} ${kernel_headers}/${folder} SYMBOLIC)
endforeach()
file(CREATE_LINK /usr/include/x86_64-linux-gnu/asm ${kernel_headers}/asm
  SYMBOLIC)
set(CMAKE_C_STANDARD_INCLUDE_DIRECTORIES ${kernel_headers})
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig ON)
