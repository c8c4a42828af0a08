#include <asm-generic/unistd.h>
#define SYS_pwritev2 __NR_pwritev2
