set(CMAKE_SYSTEM_NAME NetBSD)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(target x86_64-netbsd.11.0)
include(${CMAKE_CURRENT_LIST_DIR}/zig.cmake)
