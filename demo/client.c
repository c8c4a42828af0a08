/*
 * client.c - the judge of the demo's echo servers.
 * SPDX-License-Identifier: MIT
 *
 *     client PORT [--clients N] [--messages N] [--seed N] [--stall SECONDS]
 *
 * Opens all connections at once, then keeps one message in flight on each,
 * and compares every byte that comes back. It knows nothing of libmiopoll, on
 * purpose: what is tested must not be what tests. One thread, raw epoll.
 *
 * Prints one line of JSON. Exits with 0 if every message came back whole and
 * nothing else came, with 1 if not, and with 2 if it could not try.
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  SIZE_BITS = 18,               /* The largest message is 256 KiB. */
  POOL_SIZE = 4 << 20,          /* Messages are slices of random bytes. */
  SPARE_DESCRIPTORS = 16,       /* Standard streams, epoll, and some. */
  TOLD_MAX = 10,                /* Errors told in full; all are counted. */
  MESSAGES_MAX = 100 * 1000000, /* A latency is kept for each. */
};

static const int64_t SECOND = 1000000000;

enum state {
  CONNECTING,
  CONNECTED, /* And waiting for all the others, to begin at one time. */
  ECHOING,
  ENDING, /* We shut our side down; the server is to do the same. */
  OVER
};

struct connection {
  enum state state;
  int fd;
  uint64_t random;
  uint64_t planned, echoed; /* Messages. */
  const unsigned char *message;
  size_t size, sent, received; /* Of the message in flight. */
  int64_t started;             /* When the message in flight was. */
  int64_t moved;               /* When a byte last moved, or a step. */
};

static struct {
  uint16_t port;
  uint64_t clients, messages, seed, stall;
} option = {.clients = 200, .messages = 10000, .seed = 1, .stall = 20};

static unsigned char *pool;
static struct connection *connections;
static uint32_t *latencies; /* In tenths of a microsecond. */
static uint64_t echoed, bytes, errors;
static uint64_t connecting, alive;
static int64_t now, started, finished;
static int set;

static int64_t clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

/* Sebastiano Vigna's splitmix64: small, and any seed is a good one. */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

__attribute__((format(printf, 1, 2))) static _Noreturn void
give_up(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("client: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(2);
}

static void end(struct connection *c) {
  if (c->state == CONNECTING) {
    connecting--;
  }
  close(c->fd); /* Nobody else has it, so that this takes it out of epoll. */
  c->state = OVER;
  alive--;
}

/* Counts and tells an error, and gives the connection up: where its stream
 * stands cannot be known any more. */
__attribute__((format(printf, 2, 3))) static void
fail(struct connection *c, const char *format, ...) {
  if (errors++ < TOLD_MAX) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr,
            "client: connection %td, message %" PRIu64 " of %" PRIu64 ": ",
            c - connections, c->echoed + (c->echoed < c->planned), c->planned);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
  }
  end(c);
}

/* ------------------------------------------------------------ the exchange */

/* Sizes are spread evenly over their logarithm: as many below 512 bytes as
 * above. */
static void next_message(struct connection *c) {
  size_t low = (size_t)1 << next_random(&c->random) % SIZE_BITS;
  c->size = low + (size_t)(next_random(&c->random) % (low + 1));
  c->message = pool + next_random(&c->random) % (POOL_SIZE - c->size);
  c->sent = 0;
  c->received = 0;
  c->started = clock_now();
}

static void finish_message(struct connection *c) {
  finished = clock_now();
  int64_t tenths = (finished - c->started) / 100;
  latencies[echoed++] = tenths < UINT32_MAX ? (uint32_t)tenths : UINT32_MAX;
  bytes += c->size;
  if (++c->echoed < c->planned) {
    next_message(c);
  } else {
    shutdown(c->fd, SHUT_WR);
    c->state = ENDING;
  }
}

/* Both return whether something moved; a failure moves nothing more. */
static bool transmit(struct connection *c) {
  if (c->state != ECHOING || c->sent == c->size) {
    return false;
  }
  ssize_t n =
      send(c->fd, c->message + c->sent, c->size - c->sent, MSG_NOSIGNAL);
  if (n < 0) {
    if (errno != EAGAIN) {
      fail(c, "send: %s", strerror(errno));
    }
    return false;
  }
  c->sent += (size_t)n;
  return true;
}

static bool compare(struct connection *c, const unsigned char *got, size_t n) {
  /* More than was sent can only be surplus: one message is in flight. */
  size_t expected = c->sent - c->received;
  size_t common = n < expected ? n : expected;
  const unsigned char *wanted = c->message + c->received;
  if (memcmp(got, wanted, common) != 0) {
    size_t at = 0;
    while (got[at] == wanted[at]) {
      at++;
    }
    fail(c, "byte %zu of %zu is 0x%02x, not 0x%02x", c->received + at, c->size,
         got[at], wanted[at]);
    return false;
  }
  if (n > expected) {
    fail(c, "%zu byte(s) more than were sent", n - expected);
    return false;
  }
  return true;
}

static bool receive(struct connection *c) {
  static unsigned char got[65536];
  if (c->state != ECHOING && c->state != ENDING) {
    return false;
  }
  ssize_t n = recv(c->fd, got, sizeof got, 0);
  if (n < 0) {
    if (errno != EAGAIN) {
      fail(c, "recv: %s", strerror(errno));
    }
    return false;
  }
  if (c->state == ENDING) {
    if (n == 0) {
      end(c);
    } else {
      fail(c, "%zd bytes after the last message", n);
    }
    return false;
  }
  if (n == 0) {
    fail(c, "closed after %zu of %zu bytes", c->received, c->size);
    return false;
  }
  if (!compare(c, got, (size_t)n)) {
    return false;
  }
  c->received += (size_t)n;
  if (c->received == c->size) {
    finish_message(c);
  }
  return true;
}

/* Edge-triggered: goes on until neither direction moves. */
static void exchange(struct connection *c) {
  bool moved = true;
  while (moved) {
    moved = transmit(c);
    moved = receive(c) || moved;
    if (moved) {
      c->moved = now;
    }
  }
}

/* ----------------------------------------------------------------- opening */

static void open_one(struct connection *c) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons(option.port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) {
    give_up("socket: %s", strerror(errno));
  }
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->state = CONNECTING;
  c->moved = now;
  connecting++;
  alive++;
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 &&
      errno != EINPROGRESS) {
    fail(c, "connect: %s", strerror(errno));
    return;
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                              .data.ptr = c};
  if (epoll_ctl(set, EPOLL_CTL_ADD, c->fd, &event) < 0) {
    give_up("epoll_ctl: %s", strerror(errno));
  }
}

static void open_all(void) {
  connections = calloc((size_t)option.clients, sizeof *connections);
  latencies = calloc((size_t)option.messages, sizeof *latencies);
  pool = malloc(POOL_SIZE);
  set = epoll_create1(EPOLL_CLOEXEC);
  if (connections == NULL || latencies == NULL || pool == NULL || set < 0) {
    give_up("no memory or no epoll");
  }
  uint64_t random = option.seed;
  for (size_t i = 0; i < POOL_SIZE; i++) {
    pool[i] = (unsigned char)next_random(&random);
  }
  for (uint64_t i = 0; i < option.clients; i++) {
    struct connection *c = &connections[i];
    c->random = next_random(&random);
    c->planned = option.messages / option.clients +
                 (i < option.messages % option.clients);
    open_one(c);
  }
}

static void finish_connect(struct connection *c) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    fail(c, "connect: %s", strerror(error));
    return;
  }
  c->state = CONNECTED;
  c->moved = now;
  connecting--;
}

static void begin_all(void) {
  now = started = finished = clock_now();
  for (uint64_t i = 0; i < option.clients; i++) {
    struct connection *c = &connections[i];
    if (c->state == CONNECTED) {
      c->state = ECHOING;
      c->moved = now;
      next_message(c);
      exchange(c);
    }
  }
}

/* -------------------------------------------------------------- the result */

static void find_stalls(void) {
  static const char *const doing[] = {"connecting", "waiting", "echoing",
                                      "ending", "over"};
  int64_t limit = (int64_t)option.stall * SECOND;
  for (uint64_t i = 0; i < option.clients; i++) {
    struct connection *c = &connections[i];
    if (c->state != OVER && c->state != CONNECTED && now - c->moved > limit) {
      fail(c,
           "stalled: nothing moved for %" PRIu64 " s while %s "
           "(%zu bytes, %zu sent, %zu received)",
           option.stall, doing[c->state], c->size, c->sent, c->received);
    }
  }
}

static void show_progress(bool terminal, bool last) {
  fprintf(stderr, "%s%" PRIu64 "/%" PRIu64 " messages, %.1f MB, %.1f s%s",
          terminal ? "\r" : "", echoed, option.messages, (double)bytes / 1e6,
          (double)(now - started) / 1e9, terminal && !last ? "\033[K" : "\n");
}

static int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a;
  uint32_t right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static double percentile(uint64_t percent) {
  uint64_t place = echoed == 0 ? 0 : (echoed - 1) * percent / 100;
  return echoed == 0 ? 0 : latencies[place] / 10.0;
}

static void print_result(void) {
  double seconds = (double)(finished - started) / 1e9;
  qsort(latencies, (size_t)echoed, sizeof *latencies, ascending);
  printf("{\"clients\": %" PRIu64 ", \"messages\": %" PRIu64
         ", \"bytes\": %" PRIu64 ", \"errors\": %" PRIu64
         ", \"seconds\": %.6f, \"round_trips_per_second\": %.1f"
         ", \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
         option.clients, echoed, bytes, errors, seconds,
         seconds > 0 ? (double)echoed / seconds : 0.0, percentile(50),
         percentile(99));
}

static void run(void) {
  struct epoll_event events[256];
  bool terminal = isatty(STDERR_FILENO);
  int64_t shown = clock_now();
  bool begun = false;
  while (alive > 0) {
    int n = epoll_wait(set, events, 256, 100);
    now = clock_now();
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (c->state == CONNECTING) {
        finish_connect(c);
      } else {
        exchange(c);
      }
    }
    if (!begun && connecting == 0) {
      begun = true;
      begin_all();
    }
    if (now - shown > (terminal ? SECOND / 10 : SECOND)) {
      find_stalls();
      show_progress(terminal, false);
      shown = now;
    }
  }
  if (terminal) {
    show_progress(terminal, true);
  }
}

/* ------------------------------------------------------------- the options */

static uint64_t number(const char *name, const char *text, uint64_t least,
                       uint64_t most) {
  char *rest = NULL;
  errno = 0;
  unsigned long long value = text == NULL ? 0 : strtoull(text, &rest, 10);
  if (text == NULL || rest == text || *rest != '\0' || errno != 0 ||
      text[0] == '-' || value < least || value > most) {
    give_up("%s wants a number from %" PRIu64 " to %" PRIu64, name, least,
            most);
  }
  return value;
}

static void read_options(char **argv) {
  if (argv[1] == NULL) {
    give_up("usage: client PORT [--clients N] [--messages N] [--seed N] "
            "[--stall SECONDS]");
  }
  option.port = (uint16_t)number("PORT", argv[1], 1, UINT16_MAX);
  for (char **a = argv + 2; *a != NULL; a += 2) {
    if (strcmp(a[0], "--clients") == 0) {
      option.clients = number(a[0], a[1], 1, 1000000);
    } else if (strcmp(a[0], "--messages") == 0) {
      option.messages = number(a[0], a[1], 1, MESSAGES_MAX);
    } else if (strcmp(a[0], "--seed") == 0) {
      option.seed = number(a[0], a[1], 0, UINT64_MAX);
    } else if (strcmp(a[0], "--stall") == 0) {
      option.stall = number(a[0], a[1], 1, 3600);
    } else {
      give_up("unknown option %s", a[0]);
    }
  }
  if (option.messages < option.clients) {
    give_up("fewer messages than clients: some would have nothing to do");
  }
}

static void raise_limit(void) {
  struct rlimit limit;
  uint64_t wanted = option.clients + SPARE_DESCRIPTORS;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) {
    return;
  }
  limit.rlim_cur = wanted;
  if (wanted > limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) < 0) {
    give_up("%" PRIu64 " clients need %" PRIu64 " descriptors, and the hard "
            "limit (ulimit -Hn) is %" PRIu64,
            option.clients, wanted, (uint64_t)limit.rlim_max);
  }
}

int main(int argc, char **argv) {
  (void)argc;
  read_options(argv);
  raise_limit();
  now = started = finished = clock_now();
  open_all();
  run();
  print_result();
  if (errors > TOLD_MAX) {
    fprintf(stderr, "client: %" PRIu64 " errors in all\n", errors);
  }
  free(connections);
  free(latencies);
  free(pool);
  close(set);
  return errors == 0 && echoed == option.messages ? 0 : 1;
}
