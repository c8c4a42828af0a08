# For systems whose headers cannot be had here: clang as a cross compiler, with
# our own short stubs instead of all headers but its own. The file that
# includes this sets CMAKE_SYSTEM_NAME, CMAKE_SYSTEM_PROCESSOR, `target` and
# `stubs`, the system's folder of them. Nothing is compiled to the end.
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET ${target})
set(CMAKE_C_COMPILER_WORKS ON)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig ON)
set(folder ${CMAKE_CURRENT_LIST_DIR}/../stubs)
# Every POSIX header is posix.h, with the facts of the system's abi.h.
foreach(header errno fcntl netinet/in netinet/tcp poll pthread sched signal stdio
    stdlib string sys/socket sys/stat sys/time sys/types sys/uio sys/un time
    unistd)
  file(WRITE ${CMAKE_BINARY_DIR}/stubs/${header}.h "#include <posix.h>\n")
endforeach()
set(CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem ${folder}/${stubs}")
string(APPEND CMAKE_C_FLAGS_INIT
  " -isystem ${folder} -isystem ${CMAKE_BINARY_DIR}/stubs")
