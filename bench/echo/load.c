/*
 * load.c - the clients of bench-echo: raw epoll, one thread.
 * SPDX-License-Identifier: MIT
 */
#include "echo.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { PATIENCE_MS = 20000 };

struct client {
  int fd;
  size_t received; /* Of the message in flight. */
  char message[ECHO_MESSAGE];
};

struct load {
  int set;
  size_t count;
  uint64_t wanted, sent, received; /* Messages of this run. */
  struct client clients[];
};

static int64_t clock_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void connect_one(struct load *load, size_t at, uint16_t port) {
  struct client *client = &load->clients[at];
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  echo_check(client->fd, "socket");
  echo_check(connect(client->fd, (struct sockaddr *)&to, sizeof to),
             "connect");
  echo_check(epoll_ctl(load->set, EPOLL_CTL_ADD, client->fd, &event),
             "epoll_ctl");
  /* Each its own, so that an answer to another is noticed. */
  snprintf(client->message, sizeof client->message, "%*zu", ECHO_MESSAGE - 1,
           at);
}

struct load *load_open(uint16_t port, size_t connections) {
  struct load *load =
      calloc(1, sizeof *load + connections * sizeof *load->clients);
  if (load == NULL) {
    echo_check(-1, "malloc");
    return NULL;
  }
  load->set = epoll_create1(EPOLL_CLOEXEC);
  echo_check(load->set, "epoll_create1");
  load->count = connections;
  for (size_t i = 0; i < connections; i++) {
    connect_one(load, i, port);
  }
  return load;
}

static bool send_next(struct load *load, struct client *client) {
  if (load->sent == load->wanted) {
    return true;
  }
  load->sent++;
  client->received = 0;
  return send(client->fd, client->message, ECHO_MESSAGE, MSG_NOSIGNAL) ==
         ECHO_MESSAGE;
}

static bool receive(struct load *load, struct client *client) {
  char got[ECHO_MESSAGE + 1]; /* One more would be one too many. */
  ssize_t n =
      recv(client->fd, got, sizeof got - client->received, MSG_DONTWAIT);
  if (n <= 0 || client->received + (size_t)n > ECHO_MESSAGE ||
      memcmp(got, client->message + client->received, (size_t)n) != 0) {
    return false;
  }
  client->received += (size_t)n;
  if (client->received < ECHO_MESSAGE) {
    return true;
  }
  load->received++;
  return send_next(load, client);
}

static bool exchange(struct load *load) {
  static struct epoll_event events[ECHO_EVENTS];
  while (load->received < load->wanted) {
    int n = epoll_wait(load->set, events, ECHO_EVENTS, PATIENCE_MS);
    for (int i = 0; i < n; i++) {
      if (!receive(load, events[i].data.ptr)) {
        return false;
      }
    }
    if (n == 0 || (n < 0 && errno != EINTR)) {
      return false;
    }
  }
  return true;
}

int64_t load_run(struct load *load, uint64_t messages) {
  int64_t begin = clock_ns();
  bool right = true;
  load->wanted = messages;
  load->sent = load->received = 0;
  for (size_t i = 0; right && i < load->count; i++) {
    right = send_next(load, &load->clients[i]);
  }
  if (!right || !exchange(load)) {
    fprintf(stderr, "bench-echo: the load: a wrong answer, or none (%s)\n",
            strerror(errno));
    return 0;
  }
  return clock_ns() - begin;
}
