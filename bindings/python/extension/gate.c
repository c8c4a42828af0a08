#include "gate.h"

#include <errno.h>

#include "guard.h"

int32_t gate_enter(gate_t *gate, uint32_t as) {
  uint32_t word = atomic_load_explicit(&gate->word, memory_order_relaxed);
  do {
    if (word & (GATE_SHUT | GATE_FORKED)) {
      return word & GATE_SHUT ? GUARD_CLOSED : GUARD_FORKED;
    }
    if (word & as & GATE_WAITING) {
      return -EBUSY;
    }
  } while (!atomic_compare_exchange_weak(&gate->word, &word, word + as));
  return 0;
}

/* Shut, and empty from now on, since nobody enters what is shut. */
static int is_last(uint32_t word) {
  return (word & ~(uint32_t)GATE_FORKED) == GATE_SHUT;
}

int gate_leave(gate_t *gate, uint32_t as) {
  return is_last(atomic_fetch_sub(&gate->word, as) - as);
}

int gate_shut(gate_t *gate) {
  uint32_t before = atomic_fetch_or(&gate->word, GATE_SHUT);
  return !(before & GATE_SHUT) && is_last(before | GATE_SHUT);
}

int gate_shut_and_enter(gate_t *gate, int *last) {
  uint32_t before = atomic_load(&gate->word);
  uint32_t after;
  do {
    int empty = (before & ~(uint32_t)(GATE_SHUT | GATE_FORKED)) == 0;
    after = before | GATE_SHUT;
    *last = empty && !(before & GATE_SHUT);
    if (!empty) {
      after += GATE_ONE;
    }
  } while (!atomic_compare_exchange_weak(&gate->word, &before, after));
  return after != (before | GATE_SHUT);
}

int gate_is_shut(gate_t *gate) {
  return (atomic_load_explicit(&gate->word, memory_order_relaxed) &
          GATE_SHUT) != 0;
}

int gate_fork(gate_t *gate) {
  uint32_t before = atomic_load(&gate->word);
  atomic_store(&gate->word, (before & GATE_SHUT) | GATE_FORKED);
  return (before & GATE_SHUT) != 0;
}

int gate_renew(gate_t *gate) {
  uint32_t before = atomic_load(&gate->word);
  atomic_store(&gate->word, before & GATE_SHUT);
  return (before & GATE_SHUT) != 0;
}
