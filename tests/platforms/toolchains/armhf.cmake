# Linux on armhf, run by QEMU's user mode.
set(CMAKE_SYSTEM_PROCESSOR armhf)
set(triple arm-linux-gnueabihf)
set(emulator qemu-arm-static -L /usr/arm-linux-gnueabihf)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
