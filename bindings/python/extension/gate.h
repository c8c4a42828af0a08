/*
 * A gate before a handle of the library: calls enter and leave, closing shuts
 * it, and whoever is the last inside after that frees the handle. One word,
 * never a lock: a Python signal handler may close or wake what the code under
 * it is just using, and a lock would then wait for itself.
 */
#ifndef MIOPOLL_PYTHON_GATE_H
#define MIOPOLL_PYTHON_GATE_H

#include <stdatomic.h>
#include <stdint.h>

enum {
  GATE_SHUT = 1 << 30,
  GATE_FORKED = 1 << 29,
  GATE_WAITING = 1 << 28, /* One who waits for events; only polls have it. */
  GATE_ONE = 1            /* One inside; the lower bits count them. */
};

typedef struct {
  _Atomic uint32_t word;
} gate_t;

/* Enters as `as`, GATE_ONE or GATE_WAITING; 0, or why not. */
int32_t gate_enter(gate_t *gate, uint32_t as);

/* Leaves; 1 if the handle is the caller's to free, else 0. */
int gate_leave(gate_t *gate, uint32_t as);

/* Shuts it; 1 if the handle is the caller's to free, else 0. */
int gate_shut(gate_t *gate);

/* Shuts it, and enters if somebody is inside; 1 if so. `*last` is what
 * gate_shut() would have said. */
int gate_shut_and_enter(gate_t *gate, int *last);

/* 1 if it has been shut. */
int gate_is_shut(gate_t *gate);

/* In the child of a fork: whoever was inside is not there any more. 1 if the
 * handle is the caller's to free, since it was shut before. */
int gate_fork(gate_t *gate);

/* The same for what the child may go on using. */
int gate_renew(gate_t *gate);

#endif
