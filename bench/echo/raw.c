/*
 * raw.c - epoll without a library, by edge and by level.
 * SPDX-License-Identifier: MIT
 */
#include "echo.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int set;

static void watch(int fd, uint32_t flags) {
  struct epoll_event event = {.events = flags, .data.fd = fd};
  echo_check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void accept_all(int listener, uint32_t flags) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
         0) {
    watch(fd, flags);
  }
}

/* Returns how many bytes were echoed, or -1 if that ended. */
static ssize_t echo(int fd) {
  static char buffer[ECHO_BUFFER];
  ssize_t n = recv(fd, buffer, sizeof buffer, 0);
  return n > 0 && send(fd, buffer, (size_t)n, MSG_NOSIGNAL) == n ? n : -1;
}

static void serve_edge(int fd, uint32_t readiness) {
  ssize_t n;
  /* A short read has drained it, unless the end was told. */
  do {
    n = echo(fd);
  } while (n == ECHO_BUFFER || (n > 0 && readiness & EPOLLRDHUP));
  if (n < 0 && readiness & EPOLLRDHUP) {
    close(fd);
  }
}

void echo_raw_edge(int listener) {
  static struct epoll_event events[ECHO_EVENTS];
  set = epoll_create1(EPOLL_CLOEXEC);
  watch(listener, EPOLLIN | EPOLLET);
  for (;;) {
    int n = epoll_wait(set, events, ECHO_EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener) {
        accept_all(listener, EPOLLIN | EPOLLRDHUP | EPOLLET);
      } else {
        serve_edge(events[i].data.fd, events[i].events);
      }
    }
  }
}

void echo_raw_level(int listener) {
  static struct epoll_event events[ECHO_EVENTS];
  set = epoll_create1(EPOLL_CLOEXEC);
  watch(listener, EPOLLIN);
  for (;;) {
    int n = epoll_wait(set, events, ECHO_EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener) {
        accept_all(listener, EPOLLIN);
      } else if (echo(events[i].data.fd) < 0) {
        close(events[i].data.fd);
      }
    }
  }
}
