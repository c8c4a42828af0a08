set(CMAKE_SYSTEM_NAME OpenBSD)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(target x86_64-openbsd)
include(${CMAKE_CURRENT_LIST_DIR}/zig.cmake)
