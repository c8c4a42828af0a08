/*
 * Addresses from text and to text. Our own, since inet_pton() wants a NUL,
 * does not say where it stopped, and differs between systems; no name, and no
 * number in another notation than this one, is understood.
 */
#include <errno.h>
#include <string.h>

#include "addr.h"

#define PREFIX "unix:"
#define PREFIX_LENGTH (sizeof(PREFIX) - 1)

/* ------------------------------------------------------------------- parse */

struct reader {
  const uint8_t *text;
  uint64_t length;
  uint64_t at; /* What stands before it was understood. */
};

static int peek(const struct reader *reader) {
  return reader->at < reader->length ? reader->text[reader->at] : -1;
}

static int take(struct reader *reader, char wanted) {
  if (peek(reader) != wanted) {
    return 0;
  }
  reader->at++;
  return 1;
}

static int digit(int c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* A number in base 10 or 16. Decimal ones have no leading zero, hexadecimal
 * ones at most 4 digits. Leaves the reader before a digit too many. */
static int number(struct reader *reader, int base, uint32_t max,
                  uint32_t *value) {
  uint64_t begin = reader->at;
  uint64_t sum = 0;
  while (digit(peek(reader)) < base) {
    uint64_t next =
        sum * (uint64_t)base + (uint64_t)digit(reader->text[reader->at]);
    uint64_t digits = reader->at - begin;
    if (next > max || (base == 16 && digits == 4) ||
        (base == 10 && digits > 0 && sum == 0)) {
      return 0;
    }
    sum = next;
    reader->at++;
  }
  *value = (uint32_t)sum;
  return reader->at > begin;
}

static int ipv4(struct reader *reader, uint8_t *bytes) {
  for (int i = 0; i < 4; i++) {
    uint32_t value;
    if ((i > 0 && !take(reader, '.')) || !number(reader, 10, 255, &value)) {
      return 0;
    }
    bytes[i] = (uint8_t)value;
  }
  return 1;
}

/* An IPv4 address where groups of an IPv6 one may stand: tried first, since
 * its first number looks like a group. */
static int embedded_ipv4(struct reader *reader, uint8_t *bytes) {
  struct reader ahead = *reader;
  if (!ipv4(&ahead, bytes)) {
    return 0;
  }
  reader->at = ahead.at;
  return 1;
}

/* Moves what follows `::` to the end. */
static void spread(uint8_t *bytes, int gap, int count) {
  int tail = (count - gap) * 2;
  memmove(bytes + 16 - tail, bytes + gap * 2, (size_t)tail);
  memset(bytes + gap * 2, 0, (size_t)(16 - tail - gap * 2));
}

static int ipv6(struct reader *reader, uint8_t *bytes) {
  int gap = -1; /* How many groups stand before `::`. */
  int count = 0;
  if (take(reader, ':')) {
    if (!take(reader, ':')) {
      return 0;
    }
    gap = 0;
  }
  while (count < 8) {
    uint32_t group;
    if (gap == count && digit(peek(reader)) == 16) {
      break; /* `::` may be the end. */
    }
    if (count <= 6 && embedded_ipv4(reader, bytes + count * 2)) {
      count += 2;
      break;
    }
    if (!number(reader, 16, 0xffff, &group)) {
      return 0;
    }
    bytes[count * 2] = (uint8_t)(group >> 8);
    bytes[count * 2 + 1] = (uint8_t)group;
    count++;
    if (count == 8 || !take(reader, ':')) {
      break;
    }
    if (peek(reader) == ':') {
      if (gap >= 0) {
        return 0;
      }
      reader->at++;
      gap = count;
    }
  }
  if (gap < 0) {
    return count == 8;
  }
  if (count == 8) {
    return 0; /* `::` stands for at least one group. */
  }
  spread(bytes, gap, count);
  return 1;
}

static int32_t parse_internet(mio_addr_t *out, struct reader *reader) {
  int good;
  if (take(reader, '[')) {
    out->family = MIO_FAMILY_INET6;
    out->length = 16;
    good =
        ipv6(reader, out->bytes) &&
        (!take(reader, '%') || number(reader, 10, UINT32_MAX, &out->scope)) &&
        take(reader, ']');
  } else {
    out->family = MIO_FAMILY_INET;
    out->length = 4;
    good = ipv4(reader, out->bytes);
  }
  good = good && take(reader, ':') &&
         number(reader, 10, UINT16_MAX, &out->port) &&
         reader->at == reader->length;
  return good ? 0 : -EINVAL;
}

/* One byte of a Unix name; -1 for what is none. */
static int name_byte(struct reader *reader) {
  int c = reader->text[reader->at];
  if (c != '%') {
    reader->at++;
    return c;
  }
  if (reader->length - reader->at < 3) {
    return -1;
  }
  int high = digit(reader->text[reader->at + 1]);
  int low = digit(reader->text[reader->at + 2]);
  if (high == 16 || low == 16) {
    return -1;
  }
  reader->at += 3;
  return high * 16 + low;
}

static int32_t parse_unix(mio_addr_t *out, struct reader *reader) {
  out->family = MIO_FAMILY_UNIX;
  int is_abstract = take(reader, '@');
  uint32_t max = is_abstract ? sizeof(out->bytes) : sizeof(out->bytes) - 1;
  out->length = is_abstract ? 1 : 0;
  while (reader->at < reader->length) {
    if (out->length == max) {
      return -ENAMETOOLONG;
    }
    uint64_t before = reader->at;
    int c = name_byte(reader);
    if (c < 0 || (c == 0 && !is_abstract)) {
      reader->at = before;
      return -EINVAL;
    }
    out->bytes[out->length++] = (uint8_t)c;
  }
  return 0;
}

int32_t addr_parse(mio_addr_t *out, const void *text, uint64_t length) {
  struct reader reader = {text, length, 0};
  int is_unix =
      length >= PREFIX_LENGTH && memcmp(text, PREFIX, PREFIX_LENGTH) == 0;
  if (is_unix) {
    reader.at = PREFIX_LENGTH;
  }
  int32_t rc =
      is_unix ? parse_unix(out, &reader) : parse_internet(out, &reader);
  if (rc < 0) {
    memset(out, 0, sizeof(*out));
    out->length = reader.at > UINT32_MAX ? UINT32_MAX : (uint32_t)reader.at;
  }
  return rc;
}

/* ------------------------------------------------------------------ format */

struct writer {
  uint8_t text[MIO_ADDR_TEXT_MAX];
  uint32_t length;
};

static void put(struct writer *writer, char c) {
  writer->text[writer->length++] = (uint8_t)c;
}

static void put_text(struct writer *writer, const char *text) {
  while (*text != '\0') {
    put(writer, *text++);
  }
}

static void put_number(struct writer *writer, uint32_t value, uint32_t base) {
  if (value >= base) {
    put_number(writer, value / base, base);
  }
  put(writer, "0123456789abcdef"[value % base]);
}

static void put_ipv4(struct writer *writer, const uint8_t *bytes) {
  for (int i = 0; i < 4; i++) {
    if (i > 0) {
      put(writer, '.');
    }
    put_number(writer, bytes[i], 10);
  }
}

static uint32_t group_at(const uint8_t *bytes, int i) {
  return (uint32_t)bytes[i * 2] << 8 | bytes[i * 2 + 1];
}

/* The longest run of at least two zero groups, the first of equals. */
static int longest_zeros(const uint8_t *bytes, int *length) {
  int best = -1;
  *length = 1;
  for (int begin = 0; begin < 8; begin++) {
    int end = begin;
    while (end < 8 && group_at(bytes, end) == 0) {
      end++;
    }
    if (end - begin > *length) {
      *length = end - begin;
      best = begin;
    }
  }
  return best;
}

static void put_ipv6(struct writer *writer, const uint8_t *bytes) {
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
    put_text(writer, "::ffff:");
    put_ipv4(writer, bytes + sizeof(mapped));
    return;
  }
  int zeros;
  int begin = longest_zeros(bytes, &zeros);
  for (int i = 0; i < 8; i++) {
    if (i == begin) {
      put_text(writer, "::");
      i += zeros - 1;
      continue;
    }
    if (i > 0 && i != begin + zeros) {
      put(writer, ':');
    }
    put_number(writer, group_at(bytes, i), 16);
  }
}

static void put_internet(struct writer *writer, const mio_addr_t *addr) {
  if (addr->family == MIO_FAMILY_INET) {
    put_ipv4(writer, addr->bytes);
  } else {
    put(writer, '[');
    put_ipv6(writer, addr->bytes);
    if (addr->scope != 0) {
      put(writer, '%');
      put_number(writer, addr->scope, 10);
    }
    put(writer, ']');
  }
  put(writer, ':');
  put_number(writer, addr->port, 10);
}

static void put_unix(struct writer *writer, const mio_addr_t *addr) {
  uint32_t i = 0;
  put_text(writer, PREFIX);
  if (addr->length > 0 && addr->bytes[0] == 0) {
    put(writer, '@');
    i = 1;
  }
  int path_begins = i == 0;
  for (; i < addr->length; i++) {
    uint8_t c = addr->bytes[i];
    if (c < ' ' || c > '~' || c == '%' ||
        (c == '@' && i == 0 && path_begins)) {
      put(writer, '%');
      put(writer, "0123456789abcdef"[c >> 4]);
      put(writer, "0123456789abcdef"[c & 15]);
    } else {
      put(writer, (char)c);
    }
  }
}

int32_t addr_format(const mio_addr_t *addr, void *buffer, uint64_t length) {
  if (addr_check(addr) < 0) {
    return -EINVAL;
  }
  struct writer writer = {.length = 0};
  if (addr->family == MIO_FAMILY_UNIX) {
    put_unix(&writer, addr);
  } else {
    put_internet(&writer, addr);
  }
  if (writer.length > length) {
    return -ERANGE;
  }
  memcpy(buffer, writer.text, writer.length);
  return (int32_t)writer.length;
}
