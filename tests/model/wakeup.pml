/*
 * The wake flag (src/wakeup.h, src/wakeup.c) and the wait around it
 * (src/poll.c, src/core.c), with the store buffers of x86-TSO. README.md tells
 * what each part stands for, run.py which configurations are run.
 *
 * Configurations, by -D:
 *   CAPACITY=n     of the waits: 1 or 2 (1)
 *   ONE_SLOT       both waking threads use one waker
 *   TWO_WAITERS    a second thread waits too
 *   RECYCLER       slot 0 is freed by who woke it, and opened again
 *   SHARER         a thread calls mio_poll_fd
 *   WAKES=n        wakes of each thread at most, and of each waker of the
 *                  recycler; without it there is no limit
 *   COUNT          counts reports (with WAKES)
 *   SEQUENTIAL     no store buffers
 *   WITNESS_...    claims that something cannot happen, which must be found
 *   BROKEN_...     a fault, which must be found
 */

#ifndef CAPACITY
#define CAPACITY 1
#endif

/* enum wakeup_state, enum wakeup_mark. */
#define WAITING 1
#define BLOCKED 2
#define NOTIFIED 4
#define WROTE 8
#define SHARED 16
#define PENDING 1
#define WRITTEN 2

#define SLOTS 2

/* ------------------------------------------------------ memory, buffers */

/* Shared cells. Thread `who` writes DATA(who) before each wake: one more each
 * time. Only differences matter, so note_wake() sets it back when it can. */
#define STATE 0
#define MARK(slot) (1 + (slot))
#define DATA(who) (3 + (who))
byte memory[5];
byte token[SLOTS]; /* Written by an exchange, so never buffered. */

/* Threads with a buffer: two who wake, two who wait. */
#define WAITER(n) (2 + (n))
#define DEPTH 2
byte buffered[4];
byte buffer_cell[8];
byte buffer_value[8];

/* A plain store: into the buffer, when there is room. */
#ifdef SEQUENTIAL
inline STORE(me, cell, value) { memory[cell] = value }
#else
inline STORE(me, cell, value) {
  atomic {
    buffered[me] < DEPTH ->
    buffer_cell[(me) * DEPTH + buffered[me]] = cell;
    buffer_value[(me) * DEPTH + buffered[me]] = value;
    buffered[me]++
  }
}
#endif

/* A load: the youngest own store to the cell, or memory. */
#define OWN(me, i, cell) \
  (buffered[me] > (i) && buffer_cell[(me) * DEPTH + (i)] == (cell))
#define LOAD(me, cell)                                                \
  (OWN(me, 1, cell) -> buffer_value[(me) * DEPTH + 1]                 \
                    : (OWN(me, 0, cell) -> buffer_value[(me) * DEPTH] \
                                        : memory[cell]))

/* Stands before each locked instruction, and each system call that takes a
 * lock: they begin when the buffer is empty. */
#define DRAINED(me) (buffered[me] == 0)

inline drain(me) {
  memory[buffer_cell[(me) * DEPTH]] = buffer_value[(me) * DEPTH];
  buffer_cell[(me) * DEPTH] = buffer_cell[(me) * DEPTH + 1];
  buffer_value[(me) * DEPTH] = buffer_value[(me) * DEPTH + 1];
  buffer_cell[(me) * DEPTH + 1] = 0;
  buffer_value[(me) * DEPTH + 1] = 0;
  buffered[me]--
}

#ifndef SEQUENTIAL
active proctype hardware() {
end:
  do
  :: d_step { buffered[0] > 0 -> drain(0) }
  :: d_step { buffered[1] > 0 -> drain(1) }
  :: d_step { buffered[2] > 0 -> drain(2) }
#ifdef TWO_WAITERS
  :: d_step { buffered[3] > 0 -> drain(3) }
#endif
  od
}
#endif

/* --------------------------------------------------------------- kernel */

/* A selector: a slot that was posted is ready, until a wait reports it. */
bool ready[SLOTS];
bool opened[SLOTS]; /* Also core->slots_used. */
byte kernel_token[SLOTS];
#define ANY_READY (ready[0] || ready[1])

bool core_lock; /* core->lock */

/* -------------------------------------------------------- what must hold */

/* Tokens are bits: 1 slot 0, 2 slot 1, 4 slot 0 opened again. */
#ifdef ONE_SLOT
#define SLOT_OF(who) 0
#else
#define SLOT_OF(who) (who)
#endif
#define ITS_TOKEN(who) token[SLOT_OF(who)]

byte woken[2];    /* DATA of the last wake that has reached the mark. */
bool owed[2];     /* It was not reported since, or without its data. */
byte amid[SLOTS]; /* How many calls will yet post this slot, or flag it. */
byte reported[2]; /* By waiter: tokens that this wait has reported. */
bool asleep[2];   /* By waiter: in a system call that may block. */
byte in_wait;     /* How many waiters hold WAITING. */
bool amid_share;
bool share_returned;
byte dead;        /* Tokens of wakers whose free has returned. */
#ifdef WAKES
byte wakes[2];
#define MAY_WAKE(who) (wakes[who] < WAKES)
#else
#define MAY_WAKE(who) true
#endif
#ifdef WITNESS_SLEEP
bool ever[2];
#endif
#ifdef COUNT
byte reports[2];
byte firsts[2]; /* Wakes that did not merge. */
#endif

/* A wake whose call has returned (as have those that it merged with), and
 * which the caller of a wait does not know of. */
#define UNSEEN(who) (owed[who] && amid[SLOT_OF(who)] == 0 && !amid_share)
#define IDLE (reported[0] == 0 && reported[1] == 0)

/* Somebody sleeps, and nothing will end it. */
#define LOST                                         \
  ((asleep[0] || asleep[1]) && !ANY_READY && IDLE && \
   (UNSEEN(0) || UNSEEN(1)))

/* mio_poll_fd has returned, nobody is in a wait, and it does not show at the
 * descriptor. */
#define UNREADY(who) (UNSEEN(who) && !ready[SLOT_OF(who)])
#define HIDDEN \
  (share_returned && in_wait == 0 && IDLE && (UNREADY(0) || UNREADY(1)))

/* Can move only where it must not be able to, so it costs no states. */
bool no_lost_wake = true;
bool no_hidden_wake = true;
active proctype monitor() {
end:
  if
  :: atomic { LOST -> no_lost_wake = false; assert(no_lost_wake) }
  :: atomic { HIDDEN -> no_hidden_wake = false; assert(no_hidden_wake) }
#ifdef WITNESS_SLEEP
  /* All was seen, and the waiter sleeps: the good end. */
  :: atomic { asleep[0] && !ANY_READY && ever[0] && ever[1] && IDLE &&
              !owed[0] && !owed[1] -> assert(false) }
#endif
  fi
}

/* ----------------------------------------------------- wakeup.c: a wake */

/* The selector's waker_post(): in the kernel under the eventfd's lock. */
inline post(me, slot) {
  DRAINED(me) ->
  assert(opened[slot]); /* Else it would write to another's descriptor. */
  ready[slot] = true
}

inline write_mark(me, slot) {
  DRAINED(me) -> memory[MARK(slot)] = memory[MARK(slot)] | WRITTEN
}

inline write_state(me) {
  DRAINED(me) -> memory[STATE] = memory[STATE] | WROTE
}

/* Notes for the checks: the wake is in the mark. */
inline note_wake(who) {
  woken[who]++;
  owed[who] = true;
#ifdef WAKES
  wakes[who]++;
#endif
#ifdef WITNESS_SLEEP
  ever[who] = true;
#endif
  if
  :: buffered[who] == 0 -> woken[who] = 0; memory[DATA(who)] = 0
  :: else -> skip
  fi
}

/* waker_wake() of src/waker.c, with wakeup_merges() and wakeup_wake(), by
 * thread `who`. */
inline wake(who, slot) {
  STORE(who, DATA(who), woken[who] + 1);
#ifdef BROKEN_MERGE_BY_LOAD
  if
  :: atomic {
       LOAD(who, MARK(slot)) & PENDING ->
       note_wake(who);
       goto woke
     }
  :: atomic { !(LOAD(who, MARK(slot)) & PENDING) -> skip }
  fi;
#endif
  atomic {
    DRAINED(who) ->
    note_wake(who);
    if
    :: memory[MARK(slot)] & PENDING -> /* wakeup_merges() */
#ifdef WITNESS_MERGE
      assert(false);
#endif
      goto woke
    :: else ->
      memory[MARK(slot)] = memory[MARK(slot)] | PENDING;
#ifdef COUNT
      firsts[SLOT_OF(who)]++;
#endif
      amid[slot]++
    fi
  };
  atomic {
    DRAINED(who) ->
    if
    :: memory[STATE] & (BLOCKED | SHARED) -> skip
    :: else ->
      memory[STATE] = memory[STATE] | NOTIFIED;
      amid[slot]--;
      goto woke
    fi
  };
#ifdef BROKEN_POST_FIRST
  atomic { post(who, slot) };
  atomic { write_mark(who, slot) };
  atomic { write_state(who); amid[slot]-- };
#elif defined(BROKEN_POST_BEFORE_WROTE)
  atomic { write_mark(who, slot) };
  atomic { post(who, slot) };
  atomic { write_state(who); amid[slot]-- };
#elif defined(BROKEN_WROTE_BEFORE_WRITTEN)
  atomic { write_state(who) };
  atomic { write_mark(who, slot) };
  atomic { post(who, slot); amid[slot]-- };
#else
  atomic { write_mark(who, slot) };
  atomic { write_state(who) };
  atomic { post(who, slot); amid[slot]-- };
#endif
woke:
  skip
}

proctype waker(byte self; byte slot) {
end:
  do
  :: MAY_WAKE(self) -> wake(self, slot)
  od
}

#ifdef RECYCLER
/* Wakes slot 0, frees it, opens it with another token, and wakes that. */
proctype recycler() {
end:
  do
  :: MAY_WAKE(0) -> wake(0, 0)
  :: token[0] == 1 ->
    /* waker_free(), core_give_slot(). A pending wake is dropped. */
    atomic {
      DRAINED(0) && !core_lock ->
      core_lock = true;
      owed[0] = false
    };
    d_step { ready[0] = false; opened[0] = false }; /* waker_close() */
#ifndef BROKEN_FREE_KEEPS_MARK
    memory[MARK(0)] = 0; /* wakeup_clear() */
#endif
    d_step { core_lock = false; dead = 1 };
    /* waker_new(), core_take_slot() */
    atomic { !core_lock -> core_lock = true };
    d_step { /* waker_open() */
      opened[0] = true;
      kernel_token[0] = 4;
#ifdef WAKES
      wakes[0] = 0
#endif
    };
    token[0] = 4; /* wakeup_open() */
    core_lock = false
  od
}
#endif

/* ------------------------------------------- core.c: posting for others */

/* core_post_flagged(). wakeup_claim() is one step: a compare-exchange. */
inline post_flagged(me) {
  atomic { !core_lock -> core_lock = true; i = 0 };
  do
  :: atomic {
       i < SLOTS && opened[i] && memory[MARK(i)] == PENDING && DRAINED(me) ->
       memory[MARK(i)] = PENDING | WRITTEN;
       amid[i]++
     };
     atomic { write_state(me) };
     atomic { post(me, i); amid[i]--; i++ }
  :: atomic {
       i < SLOTS && !(opened[i] && memory[MARK(i)] == PENDING) &&
       DRAINED(me) -> i++
     }
  :: atomic { i == SLOTS -> core_lock = false; i = 0; break }
  od
}

#ifdef SHARER
/* core_share(). This thread stores nothing plainly, so its buffer would be
 * empty always: WAITER(1) stands for that. */
proctype sharer() {
  byte i;
  /* wakeup_share() */
  atomic {
    i = memory[STATE] & NOTIFIED;
    memory[STATE] = (memory[STATE] & ~NOTIFIED) | SHARED;
    amid_share = true;
    if
#ifdef BROKEN_SHARE_POSTS_NOTHING
    :: goto done
#else
    :: i == 0 -> goto done
    :: else -> skip
#endif
    fi
  };
#ifdef WITNESS_SHARE
  assert(false);
#endif
  post_flagged(WAITER(1));
done:
  atomic { i = 0; amid_share = false; share_returned = true }
}
#endif

/* ------------------------------------------------------ poll.c: waiting */

/* wakeup_enter(), inside an atomic. */
inline enter(me, held, may_block) {
  DRAINED(me);
  before = memory[STATE];
  if
  :: (before & WAITING) != held ->
    assert(in_wait == 1) /* EBUSY only where somebody is in a wait. */
  :: else ->
#ifdef BROKEN_ENTER_IN_TWO_STEPS
    memory[STATE] = (before & ~NOTIFIED) | WAITING;
#else
    memory[STATE] = (before & ~NOTIFIED) | WAITING |
                    (may_block && !(before & NOTIFIED) -> BLOCKED : 0);
#endif
    in_wait = in_wait + 1 - held;
    assert(in_wait == 1) /* Never two at a time. */
  fi
}

/* wakeup_settle() */
inline settle_mark(me, slot) {
  atomic {
    DRAINED(me) ->
    if
#ifdef BROKEN_SETTLE_ALL
    :: memory[MARK(slot)] != 0 -> memory[MARK(slot)] = 0
#else
    :: memory[MARK(slot)] & WRITTEN -> memory[MARK(slot)] = 0
#endif
    :: else -> skip
    fi
  }
}

inline settle(me) {
#ifdef BROKEN_SETTLE_MARKS_FIRST
  settle_mark(me, 0);
  settle_mark(me, 1);
  atomic { DRAINED(me) -> memory[STATE] = memory[STATE] & ~WROTE }
#else
  atomic { DRAINED(me) -> memory[STATE] = memory[STATE] & ~WROTE };
  settle_mark(me, 0);
  settle_mark(me, 1)
#endif
}

/* wakeup_leave() */
#ifdef BROKEN_LEAVE_BY_STORE
inline leave(me) {
  /* Load and store are one step, so that nothing but the buffer is wrong. */
  atomic {
    before = LOAD(me, STATE);
    STORE(me, STATE, before & ~(WAITING | BLOCKED));
    in_wait--
  };
  if
  :: before & WROTE -> settle(me)
  :: else -> skip
  fi
}
#elif defined(BROKEN_LEAVE_BY_CHECKED_STORE)
inline leave(me) {
  before = LOAD(me, STATE);
  if
  :: before == WAITING || before == (WAITING | BLOCKED) ->
    atomic { STORE(me, STATE, 0); in_wait-- }
  :: else ->
    if
    :: before & WROTE -> settle(me)
    :: else -> skip
    fi;
    atomic {
      DRAINED(me) ->
      memory[STATE] = memory[STATE] & ~(WAITING | BLOCKED);
      in_wait--
    }
  fi
}
#elif defined(BROKEN_SETTLE_AFTER_LEAVE)
inline leave(me) {
  atomic {
    DRAINED(me) ->
    before = memory[STATE];
    memory[STATE] = before & ~(WAITING | BLOCKED);
    in_wait--
  };
  if
  :: before & WROTE -> settle(me)
  :: else -> skip
  fi
}
#else
inline leave(me) {
  before = LOAD(me, STATE);
  if
  :: before & WROTE -> settle(me)
  :: else -> skip
  fi;
  atomic {
    DRAINED(me) ->
    memory[STATE] = memory[STATE] & ~(WAITING | BLOCKED);
    in_wait--
  }
}
#endif

bool no_dead_token = true;
inline report(me, tokens) {
  no_dead_token = (tokens & gone) == 0;
  assert(no_dead_token); /* Freed before this wait entered. */
#ifdef COUNT
  reports[0] = reports[0] + (tokens & 1);
  reports[1] = reports[1] + ((tokens & 2) >> 1);
  assert(reports[0] <= 2 * firsts[0] && reports[1] <= 2 * firsts[1]);
#endif
  reported[me - 2] = reported[me - 2] | (tokens);
  count++
}

/* Inside an atomic: up to `room` posted slots, either first. */
inline report_ready(me) {
  if
  :: ready[0] ->
    ready[0] = false;
    report(me, kernel_token[0]);
    if
    :: ready[1] && room > 1 -> ready[1] = false; report(me, kernel_token[1])
    :: else -> skip
    fi
  :: ready[1] ->
    ready[1] = false;
    report(me, kernel_token[1]);
    if
    :: ready[0] && room > 1 -> ready[0] = false; report(me, kernel_token[0])
    :: else -> skip
    fi
  fi
}

/* Inside an atomic: the selector's wait() with timeout 0. */
inline kernel_poll(me) {
  if
  :: ANY_READY && DRAINED(me) -> report_ready(me)
  :: !ANY_READY -> skip /* The kernel looks without its lock. */
  :: count++            /* The event of some other descriptor. */
  fi;
  room = 0
}

/* What the caller reads after the wait: the data of the tokens reported. */
inline consume(me) {
  d_step {
    if
    :: reported[me - 2] & ITS_TOKEN(0) -> owed[0] = memory[DATA(0)] < woken[0]
    :: else -> skip
    fi;
    if
    :: reported[me - 2] & ITS_TOKEN(1) -> owed[1] = memory[DATA(1)] < woken[1]
    :: else -> skip
    fi;
    reported[me - 2] = 0;
    before = 0;
    count = 0;
    gone = 0;
    blocks = false;
    interrupted = false
  }
}

/* wakeup_take(): tries slot i. One step, with the load before the exchange:
 * what decides is the last look at the mark. */
inline take(me) {
#ifdef BROKEN_TOKEN_BEFORE_TAKE
  tok = token[i];
#endif
  atomic {
    DRAINED(me) ->
    if
    :: memory[MARK(i)] == PENDING -> memory[MARK(i)] = 0; taken = true
    :: else -> taken = false
    fi
  };
  if
  :: atomic {
       taken ->
#ifdef WITNESS_TAKE
       assert(false);
#endif
#ifndef BROKEN_TOKEN_BEFORE_TAKE
       tok = token[i];
#endif
       report(me, tok);
       taken = false
     }
  :: else -> skip
  fi;
  tok = 0
}

/* poll_wait(), for ever, with wait_notified(), wakeup_room(), wakeup_flagged()
 * and wakeup_keep(). Which slot and whose turn is first is left open. */
proctype waiter(byte self) {
  byte before, count, n, room, i, tok, gone;
  bool blocks, interrupted, taken;

begin:
  atomic {
    gone = dead;
    if
    :: blocks = true
    :: blocks = false /* Timeout 0. */
    fi;
    enter(self, 0, blocks);
    if
    :: before & WAITING -> /* EBUSY */
#ifdef WITNESS_BUSY
      assert(false);
#endif
      before = 0;
      gone = 0;
      blocks = false;
      goto begin
    :: else -> skip
    fi
  };

entered:
  if
  :: atomic { before & NOTIFIED -> before = 0; goto notified }
  :: atomic {
       !(before & NOTIFIED) && !blocks ->
       before = 0;
       room = CAPACITY;
       kernel_poll(self);
       goto waited
     }
  :: atomic {
       !(before & NOTIFIED) && blocks && DRAINED(self) ->
       before = 0;
#ifdef BROKEN_ENTER_IN_TWO_STEPS
       memory[STATE] = memory[STATE] | BLOCKED;
#endif
       asleep[self - 2] = true
     }
  fi;
  atomic {
    room = CAPACITY;
    if
    :: ANY_READY -> report_ready(self)
    :: !ANY_READY -> skip  /* The time has passed, or an early return. */
    :: count++             /* The event of some other descriptor. */
    :: interrupted = true; /* EINTR */
#ifdef WITNESS_EINTR
      assert(!ANY_READY);
#endif
    fi;
    room = 0;
    asleep[self - 2] = false;
    goto waited
  };

notified:
  n = (LOAD(self, MARK(0)) == PENDING -> 1 : 0);
  atomic {
    n = n + (LOAD(self, MARK(1)) == PENDING -> 1 : 0);
    if
    :: n == 0 -> room = CAPACITY
    :: n > 0 -> room = CAPACITY - 1
    :: n > 0 && CAPACITY == 1 -> room = 1
    fi;
    n = 0
  };
  if
  :: atomic { room > 0 -> kernel_poll(self) }
  :: room == 0
  fi;
  if
  :: count < CAPACITY ->
    if
    :: i = 0
    :: i = 1
    fi;
    take(self);
    i = 1 - i;
    if
    :: count < CAPACITY -> take(self)
    :: else -> skip
    fi;
    i = 0
  :: else -> skip
  fi;
#ifndef BROKEN_KEEPS_NOTHING
  n = (LOAD(self, MARK(0)) == PENDING -> 1 : 0);
  n = n + (LOAD(self, MARK(1)) == PENDING -> 1 : 0);
  if
  :: atomic {
       n > 0 && DRAINED(self) ->
       n = 0;
       if
#ifndef BROKEN_KEEP_IGNORES_SHARE
       :: memory[STATE] & SHARED -> skip
#endif
       :: else ->
         memory[STATE] = memory[STATE] | NOTIFIED;
         goto waited
       fi
     };
#ifdef WITNESS_KEEP
     assert(false);
#endif
     post_flagged(self)
  :: n == 0
  fi;
#endif

waited:
  if
  :: atomic {
       count == 0 && !interrupted && blocks -> /* Time is left. */
       enter(self, 1, true);
       goto entered
     }
  :: true
  fi;
  leave(self);
  consume(self);
  goto begin
}

init {
  atomic {
    opened[0] = true;
    opened[1] = true;
    token[0] = 1;
    token[1] = 2;
    kernel_token[0] = 1;
    kernel_token[1] = 2;
#ifdef RECYCLER
    run recycler();
#else
    run waker(0, 0);
#endif
    run waker(1, SLOT_OF(1));
#ifdef SHARER
    run sharer();
#endif
    run waiter(WAITER(0));
#ifdef TWO_WAITERS
    run waiter(WAITER(1))
#endif
  }
}
