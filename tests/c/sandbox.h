/*
 * Kernels that have less: a seccomp filter makes a system call fail in this
 * process, from now on, as an old kernel or a container would.
 */
#ifndef MIOPOLL_TESTS_SANDBOX_H
#define MIOPOLL_TESTS_SANDBOX_H

#include <stdint.h>

/* System call `number` fails with `error`. */
void sandbox_refuse(long number, int error);

/* ... only if the bits `mask` of its argument `argument` are `value`. */
void sandbox_refuse_if(long number, int argument, uint32_t mask,
                       uint32_t value, int error);

#endif
