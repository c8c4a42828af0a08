# Headers alone, which ziglang has for all of Apple's systems: nothing links.
# CMake asks for an SDK, and gets an empty one.
set(CMAKE_SYSTEM_NAME iOS)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(target aarch64-ios)
set(CMAKE_OSX_SYSROOT ${CMAKE_BINARY_DIR}/iPhoneOS.sdk)
file(MAKE_DIRECTORY ${CMAKE_OSX_SYSROOT})
set(CMAKE_C_FLAGS_INIT "-isystem $ENV{ZIG_DARWIN_HEADERS}")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
include(${CMAKE_CURRENT_LIST_DIR}/zig.cmake)
