/* Which selectors are built in, best first, and which one a poll gets. */
#include "selector/selector.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "os/os.h"

extern const struct selector_ops epoll_selector;
extern const struct selector_ops kqueue_selector;
extern const struct selector_ops posix_poll_selector;

static const struct selector_ops *const built_in[] = {
#ifdef MIOPOLL_HAVE_EPOLL
    &epoll_selector,
#endif
#ifdef MIOPOLL_HAVE_KQUEUE
    &kqueue_selector,
#endif
    &posix_poll_selector,
};

static const char *const names[] = {
    [MIO_SELECTOR_DEFAULT] = "default",
    [MIO_SELECTOR_EPOLL] = "epoll",
    [MIO_SELECTOR_KQUEUE] = "kqueue",
    [MIO_SELECTOR_IOCP] = "iocp",
    [MIO_SELECTOR_POLL] = "poll",
    [MIO_SELECTOR_EVENT_PORTS] = "event_ports",
    [MIO_SELECTOR_POLL_ONEOFF] = "poll_oneoff",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int selector_known(uint32_t id) {
  return id < COUNT(names);
}

const char *selector_name(uint32_t id) {
  return selector_known(id) ? names[id] : "unknown";
}

int32_t selector_from_name(const char *name) {
  for (size_t i = 0; i < COUNT(names); i++) {
    if (strcmp(name, names[i]) == 0) {
      return (int32_t)i;
    }
  }
  return -EINVAL;
}

const struct selector_ops *selector_find(uint32_t id) {
  for (size_t i = 0; i < COUNT(built_in); i++) {
    if (built_in[i]->id == id) {
      return built_in[i];
    }
  }
  return NULL;
}

/* The first that this kernel has: only ENOSYS passes on to the next, so that
 * a lack of descriptors or memory is told as such. */
static int32_t open_best(const struct selector_ops **ops,
                         struct selector **selector) {
  int32_t rc = -EOPNOTSUPP;
  for (size_t i = 0; i < COUNT(built_in); i++) {
    *ops = built_in[i];
    rc = built_in[i]->open(selector);
    if (rc != -ENOSYS) {
      return rc;
    }
  }
  return rc;
}

int32_t selector_open(uint32_t id, const struct selector_ops **ops,
                      struct selector **selector) {
  if (id == MIO_SELECTOR_DEFAULT) {
    const char *wanted = os_getenv("MIOPOLL_SELECTOR");
    if (wanted != NULL && wanted[0] != '\0') {
      int32_t named = selector_from_name(wanted);
      if (named < 0) {
        return named;
      }
      id = (uint32_t)named;
    }
  }
  if (id == MIO_SELECTOR_DEFAULT) {
    return open_best(ops, selector);
  }
  if (!selector_known(id)) {
    return -EINVAL;
  }
  *ops = selector_find(id);
  return *ops != NULL ? (*ops)->open(selector) : -EOPNOTSUPP;
}
