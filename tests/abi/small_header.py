"""A header as small as the generator takes, to be made wrong by the tests."""

HEAD = """\
#define MIO_VERSION_MAJOR 0
#define MIO_VERSION_MINOR 1
#define MIO_VERSION_PATCH 0
/* MIO_ABI_BEGIN */
"""
TAIL = "/* MIO_ABI_END */\n"

GOOD = """\
/** A thing. Second sentence. @since 0.1 */
typedef struct mio_thing mio_thing_t;

/** Bits of a thing. @since 0.1 */
enum mio_thing_bits {
  /** The first. */
  MIO_THING_ONE = 1,
  /** The last that fits. */
  MIO_THING_LAST = 1 << 30
};

/** What a thing tells. @since 0.1 */
typedef struct mio_news {
  /** When. */
  uint64_t time;
  /** What. */
  uint32_t what[2];
} mio_news_t;

/** Options of mio_thing_new(). @since 0.1 */
typedef struct mio_thing_options {
  /** sizeof(mio_thing_options_t). */
  uint32_t size;
} mio_thing_options_t;

/**
 * Makes a thing. It is
 * made of nothing.
 *
 * @param out set to the thing.
 * @param size how large,
 * in things.
 * @return 0.
 * @ownership `*out` is the caller's.
 * @errors
 * - ENOMEM: no memory
 * - EINVAL: `out` is NULL, or
 *   size is 0
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_thing_new(mio_thing_t **out, uint32_t size);
"""


def write(folder, region):
    """A header with this region."""
    path = folder / "miopoll.h"
    path.write_text(HEAD + region + TAIL, encoding="utf-8")
    return path


def line_of(region, mark="/*here*/"):
    """The header's line that holds the mark."""
    before = (HEAD + region).split(mark)[0]
    return before.count("\n") + 1
