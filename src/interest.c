#include "interest.h"

#include <errno.h>

#define COMPLETIONS (MIO_AIO | MIO_LIO)
#define TRIGGERS (MIO_LEVEL | MIO_ONESHOT | MIO_EXCLUSIVE)

int32_t interest_check(uint32_t interest, uint32_t features) {
  if ((interest & ~(uint32_t)(INTEREST_DIRECTIONS | COMPLETIONS | TRIGGERS)) !=
          0 ||
      (interest & (INTEREST_DIRECTIONS | COMPLETIONS)) == 0) {
    return -EINVAL;
  }
  if ((interest & MIO_ONESHOT) && (interest & (MIO_LEVEL | MIO_EXCLUSIVE))) {
    return -EINVAL;
  }
  if ((interest & MIO_EXCLUSIVE) && (interest & MIO_PRIORITY)) {
    return -EINVAL;
  }
  if ((interest & COMPLETIONS) ||
      ((interest & MIO_PRIORITY) && !(features & MIO_FEATURE_PRIORITY)) ||
      ((interest & MIO_EXCLUSIVE) && !(features & MIO_FEATURE_EXCLUSIVE))) {
    return -EOPNOTSUPP;
  }
  return 0;
}

int32_t interest_check_change(uint32_t interest, uint32_t features) {
  return interest & MIO_EXCLUSIVE ? -EINVAL
                                  : interest_check(interest, features);
}
