/*
 * Named C tests with two fronts, from the same source: Criterion, which runs
 * each in a process of its own, and a plain main without dependencies, for
 * sanitizers and valgrind, which Criterion does not go with.
 *
 *   TEST(suite, name) { ... }            on every selector of the library
 *   TEST_ON(SELECTOR, suite, name) {...} on one
 *
 * The body is called with `selector`, one of enum mio_selectors.
 */
#ifndef MIOPOLL_TESTS_CHECK_H
#define MIOPOLL_TESTS_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "miopoll.h"

/* Reports a failed check and ends the test. */
_Noreturn void check_failed(const char *file, int line, const char *text);

#define CHECK(condition)                            \
  do {                                              \
    if (!(condition)) {                             \
      check_failed(__FILE__, __LINE__, #condition); \
    }                                               \
  } while (0)

/* Checks that a call gives the result of a name: CHECK_RC("EEXIST", call);
 * "OK" is any result from 0 up. */
#define CHECK_RC(name, call) \
  check_rc(__FILE__, __LINE__, #call, (name), (call))

void check_rc(const char *file, int line, const char *text, const char *name,
              int32_t rc);

/* `count` repetitions, fewer where each costs a hundred times as much. */
int check_scaled(int count);

/* A poll on that selector. */
mio_poll_t *check_poll(uint32_t selector);

/* A poll's registry. */
mio_registry_t *check_registry(mio_poll_t *poll);

/* How many descriptors the process has open. */
int check_open_descriptors(void);

/* Ends a child process at once, but for what coverage has counted in it. */
_Noreturn void check_exit(int status);

/* Runs `body` in a child process, which a failed check ends. */
void check_in_child(void (*body)(int), int argument);

/* Sleeps; for letting another thread get into a wait, never for a result. */
void check_pause_ms(int milliseconds);

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

#ifdef WITH_CRITERION

#include <criterion/criterion.h>

#define TEST_ON(SELECTOR, suite, name)           \
  static void suite##_##name(uint32_t selector); \
  Test(SELECTOR, suite##__##name) {              \
    suite##_##name(MIO_SELECTOR_##SELECTOR);     \
  }                                              \
  static void suite##_##name(uint32_t selector)

#ifdef WITH_KQUEUE
#define TEST_KQUEUE(suite, name)         \
  Test(KQUEUE, suite##__##name) {        \
    suite##_##name(MIO_SELECTOR_KQUEUE); \
  }
#else
#define TEST_KQUEUE(suite, name)
#endif

#define TEST(suite, name)                        \
  static void suite##_##name(uint32_t selector); \
  Test(EPOLL, suite##__##name) {                 \
    suite##_##name(MIO_SELECTOR_EPOLL);          \
  }                                              \
  TEST_KQUEUE(suite, name)                       \
  Test(POLL, suite##__##name) {                  \
    suite##_##name(MIO_SELECTOR_POLL);           \
  }                                              \
  static void suite##_##name(uint32_t selector)

#else

/* Adds a test to the plain front; 0 is every selector. */
void check_add(const char *name, void (*body)(uint32_t), uint32_t selector);

#define TEST_IN(number, suite, name)                                    \
  static void suite##_##name(uint32_t selector);                        \
  __attribute__((constructor)) static void add_##suite##_##name(void) { \
    check_add(#suite "/" #name, suite##_##name, (number));              \
  }                                                                     \
  static void suite##_##name(uint32_t selector)

#define TEST_ON(SELECTOR, suite, name) \
  TEST_IN(MIO_SELECTOR_##SELECTOR, suite, name)

#define TEST(suite, name) TEST_IN(MIO_SELECTOR_DEFAULT, suite, name)

#endif
#endif
