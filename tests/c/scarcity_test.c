/*
 * Sources where something is missing: flags that the kernel does not know,
 * descriptors that the process or the system has no more of. Whatever fails
 * hands nothing out and leaves nothing open, and works when there is room.
 */
#include "check.h"
#include "ends.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_fcntl64 /* What C libraries of 32-bit systems call. */
#define FCNTL SYS_fcntl64
#else
#define FCNTL SYS_fcntl
#endif

static void check_none(const struct maker *maker, mio_source_t *first,
                       mio_source_t *second) {
  CHECK(first == NULL);
  CHECK(second == (maker->makes == 2 ? NULL : junk));
}

/* Every maker works, with all flags, and nothing is left when its sources are
 * freed. */
static void all_work(void) {
  for (int i = 0; i < MAKERS; i++) {
    mio_source_t *first = junk;
    mio_source_t *second = NULL;
    int before = check_open_descriptors();
    CHECK_RC("OK", makers[i].make(&first, &second));
    CHECK(check_open_descriptors() == before + makers[i].makes);
    CHECK(is_as_made(first));
    CHECK(makers[i].makes == 1 || is_as_made(second));
    mio_source_free(first);
    mio_source_free(second);
    CHECK(check_open_descriptors() == before);
  }
}

TEST_ON(EPOLL, scarcity, flags_from_birth) {
  (void)selector;
  makers_begin();
  all_work();
  makers_end();
}

/* Linux before 2.6.27 and 2.6.28: EINVAL for a type with flags, ENOSYS for
 * accept4(2). */
static void without_flags(int unused) {
  (void)unused;
  makers_begin();
  sandbox_refuse(SYS_accept4, ENOSYS);
  sandbox_refuse_if(SYS_socket, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL);
  sandbox_refuse_if(SYS_socketpair, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL);
  all_work();
  makers_end();
}

TEST_ON(EPOLL, scarcity, without_flags) {
  (void)selector;
  check_in_child(without_flags, 0);
}

/* ... and then the flag cannot be set either: the descriptor is closed. */
static void without_flags_to_set(int command) {
  makers_begin();
  sandbox_refuse(SYS_accept4, ENOSYS);
  sandbox_refuse_if(SYS_socket, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL);
  sandbox_refuse_if(SYS_socketpair, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL);
  sandbox_refuse_if(FCNTL, 1, UINT32_MAX, (uint32_t)command, ENOLCK);
  int before = check_open_descriptors();
  for (int i = 0; i < MAKERS; i++) {
    mio_source_t *first = junk;
    mio_source_t *second = junk;
    if (makers[i].make == mio_pipe_new) {
      continue; /* pipe2(2) is as old as its flags. */
    }
    CHECK_RC("ENOLCK", makers[i].make(&first, &second));
    check_none(&makers[i], first, second);
    CHECK(check_open_descriptors() == before);
  }
  makers_end();
}

TEST_ON(EPOLL, scarcity, without_flags_to_set) {
  (void)selector;
  check_in_child(without_flags_to_set, F_SETFL);
  check_in_child(without_flags_to_set, F_SETFD);
}

/* ... of one end of a pair only: both are closed. */
static void half_a_pair(int which) {
  int next = dup(0);
  CHECK(close(next) == 0);
  sandbox_refuse_if(SYS_socketpair, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL);
  sandbox_refuse_if(FCNTL, 0, UINT32_MAX, (uint32_t)(next + which), ENOLCK);
  int before = check_open_descriptors();
  mio_source_t *first = junk;
  mio_source_t *second = junk;
  CHECK_RC("ENOLCK", mio_unix_datagram_pair(&first, &second));
  CHECK(first == NULL && second == NULL);
  CHECK(check_open_descriptors() == before);
}

TEST_ON(EPOLL, scarcity, half_a_pair) {
  (void)selector;
  check_in_child(half_a_pair, 0);
  check_in_child(half_a_pair, 1);
}

/* A descriptor that cannot be adopted stays as it was. */
static void adopting_fails(int command) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  sandbox_refuse_if(FCNTL, 1, UINT32_MAX, (uint32_t)command, ENOLCK);
  mio_source_t *source = junk;
  CHECK_RC("ENOLCK",
           mio_source_from_fd(&source, MIO_KIND_PIPE_RECEIVER, ends[0]));
  CHECK(source == NULL);
  CHECK((fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0);
  CHECK(fcntl(ends[0], F_GETFD) == 0);
}

TEST_ON(EPOLL, scarcity, adopting_fails) {
  (void)selector;
  check_in_child(adopting_fails, F_SETFL);
  check_in_child(adopting_fails, F_SETFD);
}

/* Sets how many descriptors may be open; returns how it was. */
static rlim_t allow(rlim_t count) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  rlim_t before = limit.rlim_cur;
  limit.rlim_cur = count;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  return before;
}

/* Room for `room` descriptors, which is less than the maker needs. */
static void fails_with_room_for(const struct maker *maker, int room) {
  mio_source_t *first = junk;
  mio_source_t *second = junk;
  int open_before = check_open_descriptors();
  int next = dup(0);
  CHECK(close(next) == 0);
  rlim_t before = allow((rlim_t)next + (rlim_t)room);
  int32_t rc = maker->make(&first, &second);
  (void)allow(before);
  CHECK_RC("EMFILE", rc);
  check_none(maker, first, second);
  CHECK(check_open_descriptors() == open_before);
}

TEST_ON(EPOLL, scarcity, too_many_descriptors) {
  (void)selector;
  makers_begin();
  for (int i = 0; i < MAKERS; i++) {
    for (int room = 0; room < makers[i].makes; room++) {
      fails_with_room_for(&makers[i], room);
    }
  }
  all_work(); /* Also the accept: the connection was not lost. */
  makers_end();
}

static void system_is_full(int unused) {
  (void)unused;
  makers_begin();
  sandbox_refuse(SYS_socket, ENFILE);
  sandbox_refuse(SYS_socketpair, ENFILE);
  sandbox_refuse(SYS_pipe2, ENFILE);
  sandbox_refuse(SYS_accept4, ENFILE);
  int before = check_open_descriptors();
  for (int i = 0; i < MAKERS; i++) {
    mio_source_t *first = junk;
    mio_source_t *second = junk;
    CHECK_RC("ENFILE", makers[i].make(&first, &second));
    check_none(&makers[i], first, second);
    CHECK(check_open_descriptors() == before);
  }
  makers_end();
}

TEST_ON(EPOLL, scarcity, system_is_full) {
  (void)selector;
  check_in_child(system_is_full, 0);
}

/* An accept that finds no descriptor, in a loop at edge: nothing is lost, and
 * one more accept takes the connection when there is room. */
TEST(scarcity, accept_again_when_there_is_room) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_addr_t addr = addr_of("127.0.0.1:0");
  mio_source_t *listener;
  mio_source_t *client;
  mio_source_t *stream = junk;
  mio_event_t event;
  CHECK_RC("OK", mio_tcp_listener_bind(&listener, &addr, 0));
  CHECK_RC("OK", mio_registry_register(registry, listener, 1, MIO_READABLE));
  addr = local_addr_of(listener);
  CHECK_RC("OK", mio_tcp_stream_connect(&client, &addr));
  CHECK(mio_poll_wait(poll, &event, 1, 10 * SECOND) == 1);
  int next = dup(0);
  CHECK(close(next) == 0);
  rlim_t before = allow((rlim_t)next);
  int32_t rc = mio_source_accept(listener, &stream, &addr);
  (void)allow(before);
  CHECK_RC("EMFILE", rc);
  CHECK(stream == NULL && addr.family == 0);
  CHECK_RC("OK", mio_source_accept(listener, &stream, &addr));
  CHECK(memcmp(&addr, &(mio_addr_t){0}, sizeof(addr)) != 0);
  mio_source_free(stream);
  CHECK_RC("EAGAIN", mio_source_accept(listener, &stream, NULL));
  mio_source_free(client);
  mio_source_free(listener);
  mio_registry_free(registry);
  mio_poll_free(poll);
}
