/*
 * Addresses, fuzzed. The first byte of the input says what the rest is: text
 * for mio_addr_parse(), the parts of a valid address, or 128 bytes of any
 * kind, as an address for mio_addr_format(). What must hold is in the checks.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "miopoll.h"

#define MUST(condition)                                                     \
  do {                                                                      \
    if (!(condition)) {                                                     \
      (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                              \
    }                                                                       \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is(int32_t rc, const char *name) {
  return strcmp(mio_err_name(rc), name) == 0;
}

/* Parses a copy that ends where its memory ends, so that the sanitizer sees
 * what is read beyond, into what is not 0 before. */
static int32_t parse(mio_addr_t *out, const uint8_t *text, size_t length) {
  uint8_t *copy = malloc(length > 0 ? length : 1);
  MUST(copy != NULL);
  if (length > 0) {
    memcpy(copy, text, length);
  }
  memset(out, 0xaa, sizeof(*out));
  int32_t rc = mio_addr_parse(out, copy, length);
  free(copy);
  return rc;
}

/* A valid address with flow 0: its text is read back to the same, fits where
 * it must, and needs all its room. */
static void check_valid(const mio_addr_t *addr) {
  uint8_t text[MIO_ADDR_TEXT_MAX];
  mio_addr_t back;
  int32_t length = mio_addr_format(addr, text, sizeof(text));
  MUST(length > 0 && length <= MIO_ADDR_TEXT_MAX);
  for (int32_t i = 0; i < length; i++) {
    MUST(text[i] >= ' ' && text[i] <= '~');
  }
  MUST(parse(&back, text, (size_t)length) == 0);
  MUST(memcmp(&back, addr, sizeof(back)) == 0);
  uint8_t *exact = malloc((size_t)length);
  MUST(exact != NULL);
  MUST(mio_addr_format(addr, exact, (uint64_t)length) == length);
  MUST(memcmp(exact, text, (size_t)length) == 0);
  MUST(is(mio_addr_format(addr, exact, (uint64_t)length - 1), "ERANGE"));
  free(exact);
}

/* All but `length` is 0. */
static void check_cleared(const mio_addr_t *addr) {
  mio_addr_t none = {.length = addr->length};
  MUST(memcmp(addr, &none, sizeof(none)) == 0);
}

/* The part that was understood is understood alone: whatever is wrong with it
 * is wrong at its end. */
static void check_position(const uint8_t *text, size_t position) {
  mio_addr_t addr;
  if (parse(&addr, text, position) < 0) {
    MUST(addr.length == position);
  }
}

static void fuzz_text(const uint8_t *text, size_t length) {
  mio_addr_t addr;
  int32_t rc = parse(&addr, text, length);
  if (rc == 0) {
    MUST(addr.flow == 0);
    check_valid(&addr);
    return;
  }
  MUST(is(rc, "EINVAL") || is(rc, "ENAMETOOLONG"));
  MUST(!is(rc, "ENAMETOOLONG") || memcmp(text, "unix:", 5) == 0);
  MUST(addr.length <= length);
  check_cleared(&addr);
  check_position(text, addr.length);
}

/* Takes the next `count` bytes; what is missing is 0. */
static void take(const uint8_t **data, size_t *size, void *to, size_t count) {
  size_t there = *size < count ? *size : count;
  memset(to, 0, count);
  if (there > 0) {
    memcpy(to, *data, there);
  }
  *data += there;
  *size -= there;
}

static void make_unix(mio_addr_t *addr, const uint8_t *data, size_t size,
                      int is_abstract) {
  addr->family = MIO_FAMILY_UNIX;
  if (is_abstract) {
    addr->length = 1;
  }
  size_t max = is_abstract ? sizeof(addr->bytes) : sizeof(addr->bytes) - 1;
  for (size_t i = 0; i < size && addr->length < max; i++) {
    if (is_abstract || data[i] != 0) {
      addr->bytes[addr->length++] = data[i];
    }
  }
}

static void fuzz_valid(const uint8_t *data, size_t size) {
  mio_addr_t addr = {0};
  uint16_t port;
  uint8_t kind;
  uint8_t zeros;
  take(&data, &size, &kind, 1);
  if (kind % 4 >= 2) {
    make_unix(&addr, data, size, kind % 4 == 3);
    check_valid(&addr);
    return;
  }
  take(&data, &size, &port, sizeof(port));
  addr.port = port;
  if (kind % 4 == 0) {
    addr.family = MIO_FAMILY_INET;
    addr.length = 4;
    take(&data, &size, addr.bytes, 4);
  } else {
    addr.family = MIO_FAMILY_INET6;
    addr.length = 16;
    take(&data, &size, &addr.scope, sizeof(addr.scope));
    take(&data, &size, &zeros, 1); /* Groups that are 0, which shorten. */
    take(&data, &size, addr.bytes, 16);
    for (int i = 0; i < 8; i++) {
      if (zeros >> i & 1) {
        memset(addr.bytes + (size_t)i * 2, 0, 2);
      }
    }
  }
  check_valid(&addr);
}

static int is_canonical(const mio_addr_t *addr) {
  for (size_t i = addr->length; i < sizeof(addr->bytes); i++) {
    if (addr->bytes[i] != 0) {
      return 0;
    }
  }
  return addr->flow == 0;
}

static void fuzz_bytes(const uint8_t *data, size_t size) {
  mio_addr_t addr;
  uint8_t text[MIO_ADDR_TEXT_MAX];
  take(&data, &size, &addr, sizeof(addr));
  int32_t rc = mio_addr_format(&addr, text, sizeof(text));
  MUST(rc > 0 || is(rc, "EINVAL"));
  if (rc > 0 && is_canonical(&addr)) {
    check_valid(&addr);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  switch (data[0]) {
  case 'v':
    fuzz_valid(data + 1, size - 1);
    break;
  case 'b':
    fuzz_bytes(data + 1, size - 1);
    break;
  default:
    fuzz_text(data + 1, size - 1);
  }
  return 0;
}
