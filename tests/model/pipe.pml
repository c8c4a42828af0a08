/*
 * The alarm on a pipe (src/wake/pipe.c) in the poll(2) selector
 * (poll_selector_wait(), poll_waker_post() and changed() of
 * src/selector/posix_poll.c): one waiter, two who post wakes, one who changes
 * the table. README.md tells more, run.py what is run.
 *
 * All that is shared is changed by locked instructions or under the lock, so
 * there is nothing for a store buffer to hold, and none is here.
 */

#define SLOTS 2
#define FULL 3 /* Bytes that the pipe holds. */

bool ringing;  /* alarm->ringing */
byte bytes;    /* In the pipe. */
byte posted;   /* selector->posted */
bool locked;   /* selector->lock */
bool waiting;  /* selector->waiting */
bool stale;    /* selector->version is not that of the snapshot. */

/* For the checks. */
bool asleep;
byte amid[SLOTS]; /* Posts that have set their bit, and will yet ring. */
bool amid_change;
byte writing;     /* Rings that will yet write their byte. */

#define SLEEPS (asleep && bytes == 0 && writing == 0)
#define LOST(slot) ((posted >> (slot)) & 1 && amid[slot] == 0)

bool no_lost_wake = true;
bool no_lost_change = true;
active proctype monitor() {
end:
  if
  :: atomic {
       SLEEPS && (LOST(0) || LOST(1)) ->
       no_lost_wake = false;
       assert(no_lost_wake)
     }
  :: atomic {
       SLEEPS && stale && !amid_change ->
       no_lost_change = false;
       assert(no_lost_change)
     }
  fi
}

/* pipe_alarm_ring() */
inline ring() {
  atomic {
    was = ringing;
    ringing = true;
    if
    :: !was -> writing++
    :: else -> skip
    fi
  };
  if
  :: atomic {
       !was ->
       bytes = (bytes < FULL -> bytes + 1 : FULL);
       writing--
     }
  :: else -> was = false
#ifdef WITNESS_MERGED_RING
     ; assert(false)
#endif
  fi
}

/* pipe_alarm_quiet() */
inline quiet() {
#ifdef BROKEN_MARK_BEFORE_DRAIN
  ringing = false;
  bytes = 0
#else
  bytes = 0;
  ringing = false
#endif
}

/* poll_waker_post(), for ever. */
proctype poster(byte slot) {
  bool was;
end:
  do
  ::
#ifdef BROKEN_RING_BEFORE_POSTED
    ring();
    posted = posted | (1 << slot)
#else
    atomic { posted = posted | (1 << slot); amid[slot]++ };
    ring();
    amid[slot]--
#endif
  od
}

/* poll_add() and its siblings, with changed(). */
active proctype changer() {
  bool was;
end:
  do
  :: atomic { !locked -> locked = true };
     atomic { stale = true; amid_change = true };
     if
     :: waiting -> ring()
     :: else
     fi;
     atomic { amid_change = false; locked = false }
  od
}

/* report_posted(), for a capacity of 1: which slot is first is left open. */
inline report_posted() {
  if
  :: atomic { posted & 1 -> posted = posted & ~1 }
  :: atomic { posted & 2 -> posted = posted & ~2 }
  :: posted == 0
  fi
}

/* poll_selector_wait(), for ever. */
active proctype waiter() {
  bool was, alarmed, interrupted, filled, look;

  do
  :: atomic {
       !locked ->
       stale = false; /* take_snapshot() */
       waiting = true
     };
     /* The lock was held for this, so it is one step; now os_poll(). */
     asleep = true;
     atomic {
       if
       :: bytes > 0 -> alarmed = true;
         if
         :: filled = true /* Another descriptor is ready too, and reported. */
         :: true
         fi
       :: bytes == 0 -> filled = true
       :: bytes == 0 -> skip        /* The time has passed. */
       :: true -> interrupted = true /* EINTR */
       fi;
       asleep = false
     };
#ifdef BROKEN_LOOK_BEFORE_QUIET
     look = posted != 0;
#endif
     if
     :: alarmed -> quiet()
     :: else
     fi;
     atomic { !locked -> waiting = false };
     if
     :: interrupted -> skip
     :: else ->
#ifndef BROKEN_LOOK_BEFORE_QUIET
       look = posted != 0;
#endif
       if
       :: look ->
         if
         :: filled -> skip
         :: else -> report_posted()
         fi;
#ifndef BROKEN_REST_UNRUNG
         if
         :: posted != 0 ->
#ifdef WITNESS_REST
           assert(false);
#endif
           ring()
         :: else
         fi
#endif
       :: else
       fi
     fi;
     d_step {
       was = false;
       alarmed = false;
       interrupted = false;
       filled = false;
       look = false
     }
  od
}

init {
  atomic { run poster(0); run poster(1) }
}
