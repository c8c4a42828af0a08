/*
 * process.c - a contender is two processes: the server, and its load.
 * SPDX-License-Identifier: MIT
 *
 * So that each may have as many descriptors as the system allows, and so that
 * the server's processor time is its own. Both are on a processor of their
 * own, if there are two.
 */
#define _GNU_SOURCE 1
#include "echo.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

int echo_listen(uint16_t *port) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  struct sockaddr *plain = (struct sockaddr *)&at;
  socklen_t length = sizeof at;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  echo_check(fd, "socket");
  echo_check(bind(fd, plain, length), "bind");
  echo_check(listen(fd, BACKLOG), "listen");
  echo_check(getsockname(fd, plain, &length), "getsockname");
  *port = ntohs(at.sin_port);
  return fd;
}

/* Moves this process to the first or the last processor that it may use. */
static void take_processor(bool last) {
  cpu_set_t allowed;
  cpu_set_t mine;
  int chosen = -1;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return;
  }
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (CPU_ISSET((size_t)i, &allowed) && (last || chosen < 0)) {
      chosen = i;
    }
  }
  CPU_ZERO(&mine);
  CPU_SET((size_t)chosen, &mine);
  sched_setaffinity(0, sizeof mine, &mine);
}

/* Returns as fork() does. A child does not outlive the program. */
static pid_t start(bool last) {
  pid_t pid = fork();
  echo_check(pid, "fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    take_processor(last);
  }
  return pid;
}

_Noreturn static void run_load(int command, uint16_t port,
                               size_t connections) {
  struct load *load = load_open(port, connections);
  uint64_t messages;
  while (read(command, &messages, sizeof messages) == sizeof messages) {
    int64_t passed = load_run(load, messages);
    if (write(command, &passed, sizeof passed) != sizeof passed) {
      break;
    }
  }
  _exit(0);
}

void contender_start(struct contender *contender,
                     const struct echo_server *server, size_t connections) {
  uint16_t port;
  int ends[2];
  int listener = echo_listen(&port);
  echo_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
             "socketpair");
  contender->server = server;
  contender->server_process = start(false);
  if (contender->server_process == 0) {
    server->serve(listener);
    _exit(1);
  }
  close(listener);
  contender->load_process = start(true);
  if (contender->load_process == 0) {
    close(ends[0]);
    run_load(ends[1], port, connections);
  }
  close(ends[1]);
  contender->command = ends[0];
}

static void end(pid_t process) {
  kill(process, SIGKILL);
  waitpid(process, NULL, 0);
}

void contender_end(struct contender *contender) {
  close(contender->command);
  end(contender->load_process);
  end(contender->server_process);
}

static double processor_time(pid_t process) {
  clockid_t clock;
  struct timespec t;
  echo_check(-clock_getcpuclockid(process, &clock), "clock_getcpuclockid");
  echo_check(clock_gettime(clock, &t), "clock_gettime");
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

void contender_run(struct contender *contender, uint64_t messages,
                   double *passed, double *taken) {
  int64_t result = 0;
  double before = processor_time(contender->server_process);
  if (write(contender->command, &messages, sizeof messages) < 0 ||
      read(contender->command, &result, sizeof result) != sizeof result ||
      result <= 0) {
    fprintf(stderr, "bench-echo: %s did not answer every message\n",
            contender->server->name);
    exit(1);
  }
  *passed = (double)result;
  *taken = processor_time(contender->server_process) - before;
}
