#ifndef STUBS_EVENT_H
#define STUBS_EVENT_H

#include <posix.h>

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned fflags;
  intptr_t data;
  void *udata;
};

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_AIO (-3)
#define EVFILT_EXCEPT (-8)
#define EVFILT_USER (-9)
#define EV_ADD 0x1
#define EV_DELETE 0x2
#define EV_ENABLE 0x4
#define EV_DISABLE 0x8
#define EV_ONESHOT 0x10
#define EV_CLEAR 0x20
#define EV_RECEIPT 0x40
#define EV_DISPATCH 0x80
#define EV_ERROR 0x4000
#define EV_EOF 0x8000
#define NOTE_OOB 0x2
#define NOTE_TRIGGER 0x1000000

int kqueue(void);
int kevent(int kqueue, const struct kevent *changes, int change_count,
           struct kevent *events, int event_count,
           const struct timespec *timeout);

#endif
