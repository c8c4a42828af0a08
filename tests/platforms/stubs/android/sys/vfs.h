#include <stdint.h>
struct statfs { /* Up to what is used. */
  uint64_t f_type;
};
int fstatfs(int fd, struct statfs *status);
