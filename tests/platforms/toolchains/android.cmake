# By its name CMake would look for the NDK. The kernel's own headers, which
# Android has too, are those of this machine.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(target aarch64-linux-android21)
set(stubs android)
include(${CMAKE_CURRENT_LIST_DIR}/stubs.cmake)
set(kernel_headers ${CMAKE_BINARY_DIR}/kernel-headers)
file(MAKE_DIRECTORY ${kernel_headers})
foreach(name linux asm-generic)
  file(CREATE_LINK /usr/include/${name} ${kernel_headers}/${name} SYMBOLIC)
endforeach()
string(APPEND CMAKE_C_FLAGS_INIT " -isystem ${kernel_headers}")
