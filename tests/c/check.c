/* What both fronts share, and the plain front. */
#include "check.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void check_rc(const char *file, int line, const char *text, const char *name,
              int32_t rc) {
  if (strcmp(mio_err_name(rc), name) != 0) {
    char message[512];
    (void)snprintf(message, sizeof(message), "%s: %s (%d), expected %s", text,
                   mio_err_name(rc), rc, name);
    check_failed(file, line, message);
  }
}

int check_scaled(int count) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  int scale = 20;
#else
  int scale = getenv("MIOPOLL_TEST_SLOW") != NULL ? 100 : 1;
#endif
  return count / scale > 0 ? count / scale : 1;
}

mio_poll_t *check_poll(uint32_t selector) {
  mio_poll_options_t options = {.size = sizeof(options), .selector = selector};
  mio_poll_t *poll;
  CHECK_RC("OK", mio_poll_new(&poll, &options));
  return poll;
}

mio_registry_t *check_registry(mio_poll_t *poll) {
  mio_registry_t *registry;
  CHECK_RC("OK", mio_poll_registry(poll, &registry));
  return registry;
}

int check_open_descriptors(void) {
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL) {
    dir = opendir("/dev/fd");
  }
  CHECK(dir != NULL);
  int count = 0;
  while (readdir(dir) != NULL) {
    count++;
  }
  (void)closedir(dir);
  return count;
}

_Noreturn void check_exit(int status) {
#ifdef COUNT_COVERAGE
  exit(status); /* The library writes its counts in a destructor. */
#else
  _exit(status);
#endif
}

void check_pause_ms(int milliseconds) {
  struct timespec pause = {milliseconds / 1000,
                           milliseconds % 1000 * 1000000L};
  (void)nanosleep(&pause, NULL);
}

static int is_child;

void check_in_child(void (*body)(int), int argument) {
  (void)fflush(NULL);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    is_child = 1;
    body(argument);
    check_exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

/* A child has no front to report to. */
static void end_child(const char *file, int line, const char *text) {
  if (is_child) {
    (void)fprintf(stderr, "%s:%d: in a child: %s\n", file, line, text);
    check_exit(1);
  }
}

#ifdef WITH_CRITERION

_Noreturn void check_failed(const char *file, int line, const char *text) {
  end_child(file, line, text);
  cr_assert_fail("%s:%d: %s", file, line, text);
  abort();
}

#else

struct test {
  const char *name;
  void (*body)(uint32_t);
  uint32_t selector;
};

static struct test tests[256];
static int test_count;
static jmp_buf failed;
static pthread_t main_thread;

void check_add(const char *name, void (*body)(uint32_t), uint32_t selector) {
  if (test_count == (int)(sizeof(tests) / sizeof(tests[0]))) {
    (void)fputs("check: too many tests for the table\n", stderr);
    exit(2);
  }
  tests[test_count++] = (struct test){name, body, selector};
}

_Noreturn void check_failed(const char *file, int line, const char *text) {
  end_child(file, line, text);
  (void)fprintf(stderr, "%s:%d: %s\n", file, line, text);
  if (!pthread_equal(pthread_self(), main_thread)) {
    abort(); /* There is nowhere to jump to from here. */
  }
  longjmp(failed, 1);
}

/* 1 if the test came to its end. */
static int came_through(const struct test *test, uint32_t selector) {
  if (setjmp(failed) != 0) {
    return 0;
  }
  test->body(selector);
  return 1;
}

static int run(const struct test *test, uint32_t selector) {
  const char *on = mio_selector_name(selector);
  int64_t begin = mio_clock_now();
  int before = check_open_descriptors();
  int passed = came_through(test, selector);
  int after = check_open_descriptors();
  if (passed && after != before) {
    (void)fprintf(stderr, "%s: %d descriptors before, %d after\n", test->name,
                  before, after);
    passed = 0;
  }
  if (getenv("MIOPOLL_TEST_TIMES") != NULL) {
    (void)fprintf(stderr, "%s %s: %.2f s\n", on, test->name,
                  (double)(mio_clock_now() - begin) / (double)SECOND);
  }
  if (!passed) {
    (void)fprintf(stderr, "FAILED %s %s\n", on, test->name);
  }
  return passed;
}

int main(int argc, char **argv) {
  const char *filter = argc > 1 ? argv[1] : "";
  uint32_t only = argc > 2 ? (uint32_t)mio_selector_from_name(argv[2]) : 0;
  int passed = 0;
  int total = 0;
  main_thread = pthread_self();
  for (uint32_t s = 1; mio_selector_available(s) >= 0; s++) {
    for (int i = 0; i < test_count && mio_selector_available(s) == 1; i++) {
      if (strstr(tests[i].name, filter) != NULL && (only == 0 || only == s) &&
          (tests[i].selector == 0 || tests[i].selector == s)) {
        total++;
        passed += run(&tests[i], s);
      }
    }
  }
  (void)printf("%s: %d passed, %d failed\n", argv[0], passed, total - passed);
  return total > 0 && passed == total ? 0 : 1;
}

#endif
