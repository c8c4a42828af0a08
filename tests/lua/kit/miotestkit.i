/*
 * miotestkit.i - libmiotestkit for the Lua tests. SPDX-License-Identifier: MIT
 *
 * The types, and the handles of miopoll.core, come from its own interface.
 * Beside the kit's functions stand those few that only these tests need.
 */
%module miotestkit

%{
#include "miotestkit.h"
#include "bytes.h"
#include "convert.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>
%}

%import "miopoll.i"

#define KIT_API
%include "miotestkit.h"

%inline %{
/* What no Lua of doubles can do by itself: a token of all bits. */
static int32_t kit_register_wide(mio_registry_t *registry, int64_t fd) {
  return mio_registry_register_fd(registry, fd, UINT64_MAX, MIO_READABLE);
}

static int32_t kit_fork(void) {
  return fork();
}

/* The status with which a child exits; -1 if it did not exit by itself. */
static int32_t kit_wait_child(int32_t child) {
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
%}
