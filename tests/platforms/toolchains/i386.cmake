# Linux on i386, run by the kernel of an x86-64 machine itself: only the place
# of the 32-bit C library has to be told, which its loader does.
set(CMAKE_SYSTEM_PROCESSOR i686)
set(triple i686-linux-gnu)
set(emulator /usr/${triple}/lib/ld-linux.so.2 --library-path
  /usr/${triple}/lib)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
