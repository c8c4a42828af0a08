/* What sources take of memory, and leave when something fails. */
#include "check.h"
#include "ends.h"
#include "wrapped.h"

#include <string.h>
#include <unistd.h>

/* Makes, with call `at` failing. Returns whether one did. */
static int fails_at(const struct maker *maker, int at) {
  mio_source_t *first = junk;
  mio_source_t *second = maker->makes == 2 ? junk : NULL;
  int open_before = check_open_descriptors();
  int live_before = wrapped_live;
  wrapped_calls = 0;
  wrapped_failed = 0;
  wrapped_fail_at = at;
  int32_t rc = maker->make(&first, &second);
  wrapped_fail_at = 0;
  if (!wrapped_failed) {
    CHECK_RC("OK", rc);
    mio_source_free(first);
    mio_source_free(second);
  } else {
    const char *name = mio_err_name(rc);
    CHECK(strcmp(name, "ENOMEM") == 0 || strcmp(name, "EMFILE") == 0 ||
          strcmp(name, "ENOBUFS") == 0);
    CHECK(first == NULL && second == NULL);
  }
  CHECK(wrapped_live == live_before);
  CHECK(check_open_descriptors() == open_before);
  return wrapped_failed;
}

/* Each call of each constructor failing in turn: the error comes out, and
 * nothing stays behind; the last one of each goes well. */
TEST_ON(EPOLL, source_memory, every_failure_leaves_nothing) {
  (void)selector;
  makers_begin();
  int failures = 0;
  for (int i = 0; i < MAKERS; i++) {
    int at = 1;
    while (fails_at(&makers[i], at)) {
      at++;
    }
    CHECK(at > 2); /* A handle and a descriptor at least. */
    failures += at - 1;
  }
  makers_end();
  /* malloc, socket, and what each needs beside them. */
  CHECK(failures == 5 + 3 + 3 + 4 + 3 + 3 + 3 + 2 + 3 + 3 + 2);
}

TEST_ON(EPOLL, source_memory, no_memory_to_adopt) {
  (void)selector;
  int ends[2];
  mio_source_t *source = junk;
  CHECK(pipe(ends) == 0);
  wrapped_calls = 0;
  wrapped_fail_at = 1;
  int32_t rc = mio_source_from_fd(&source, MIO_KIND_PIPE_SENDER, ends[1]);
  wrapped_fail_at = 0;
  CHECK_RC("ENOMEM", rc);
  CHECK(source == NULL);
  CHECK_RC("OK", mio_source_from_fd(&source, MIO_KIND_PIPE_SENDER, ends[1]));
  mio_source_free(source);
  CHECK(close(ends[0]) == 0);
  CHECK(close(ends[1]) < 0);
}

/* A registration that fails leaves the source free for another. */
TEST(source_memory, registering_fails) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  struct ends ends = ends_new(MIO_KIND_UNIX_STREAM);
  int failures = 0;
  for (int at = 1;; at++) {
    int live_before = wrapped_live;
    wrapped_calls = 0;
    wrapped_failed = 0;
    wrapped_fail_at = at;
    int32_t rc = mio_registry_register(registry, ends.a, 1, MIO_READABLE);
    wrapped_fail_at = 0;
    if (rc == 0) {
      break;
    }
    failures++;
    CHECK(wrapped_failed);
    CHECK_RC("ENOMEM", rc);
    /* The tables of the others keep the room that they made. */
    CHECK(selector != MIO_SELECTOR_EPOLL || wrapped_live == live_before);
    CHECK_RC("ENOENT", mio_registry_deregister(registry, ends.a));
  }
  CHECK(failures >= 1);
  CHECK_RC("OK", mio_registry_deregister(registry, ends.a));
  mio_registry_free(registry);
  mio_poll_free(poll);
  ends_free(&ends);
}

/* Reading, writing, and what would block take no memory; an accepted stream
 * takes its handle. */
TEST(source_memory, none_in_operations) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  for (int i = 0; i < ENDS_KINDS; i++) {
    struct ends ends = ends_new(ends_kinds[i]);
    char byte = 1;
    CHECK_RC("OK", mio_registry_register(registry, ends.a, 1, MIO_WRITABLE));
    CHECK_RC("OK", mio_registry_register(registry, ends.b, 1, MIO_READABLE));
    wrapped_calls = 0;
    for (int times = 0; times < 100; times++) {
      CHECK(mio_source_write(ends.a, &byte, 1) == 1);
      CHECK(mio_source_read(ends.b, &byte, 1) == 1);
      CHECK_RC("EAGAIN", mio_source_read(ends.b, &byte, 1));
    }
    CHECK(wrapped_calls == 0);
    ends_free(&ends);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

TEST_ON(EPOLL, source_memory, a_handle_for_an_accept) {
  (void)selector;
  mio_addr_t addr = addr_of("unix:");
  mio_source_t *listener;
  struct ends ends;
  CHECK_RC("OK", mio_unix_listener_bind(&listener, &addr, 0));
  addr = local_addr_of(listener);
  CHECK_RC("OK", mio_unix_stream_connect(&ends.a, &addr));
  wrapped_calls = 0;
  int live_before = wrapped_live;
  CHECK_RC("OK", mio_source_accept(listener, &ends.b, NULL));
  CHECK(wrapped_calls == 2); /* malloc and accept4. */
  CHECK(wrapped_live == live_before + 1);
  ends_free(&ends);
  mio_source_free(listener);
}
