"""Deliberate changes of the ABI, each with the gates that must notice it:
the table of docs/abi.md, which a test compares. And additions, which all gates
must let pass."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Change:
    """A change of the header, of the version script and of the library."""

    what: str
    gates: set = field(default_factory=set)
    header: list = field(default_factory=list)  # (old, new) texts
    script: list = field(default_factory=list)  # the same, after generating
    extra: str = ""  # C text in the library
    built: list = field(default_factory=list)  # header of the library only
    linked: list = field(default_factory=list)  # the same, for linking only
    flags: tuple = ()
    compiler: str = "gcc"


END = "/* MIO_ABI_END */"
WAIT = """MIO_API int32_t mio_poll_wait(mio_poll_t *poll, mio_event_t *events,
                              uint32_t capacity, int64_t timeout_ns);"""
WAKE = "MIO_API int32_t mio_waker_wake(mio_waker_t *waker);"
TOKEN = "  uint64_t token;\n"
READINESS = "  uint32_t readiness;\n"
RESERVED = """  /** Written as 0; ignore it. */
  uint32_t reserved;
} mio_event_t;"""

NEW_FUNCTION = """
/**
 * Does something new.
 *
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API void mio_something_new(void);
"""

NEW_HANDLE = """
/** Something new. @since 0.1 */
typedef struct mio_newest mio_newest_t;

MIO_API int32_t mio_newest_new(mio_newest_t **out);
"""

VISIBLE = '__attribute__((visibility("default"))) '

INSIDE = """
struct mio_waker {
  uint64_t token;
  struct mio_waker *next;
};
struct inner {
  struct mio_waker *first;
};
struct mio_poll {
  struct inner inner;
  long other[3];
};
extern uint64_t look(mio_poll_t *poll);
uint64_t look(mio_poll_t *poll) {
  return poll->inner.first->token;
}
"""

BREAKAGES = [
    Change("parameter uint32_t -> uint64_t", {"layout", "abidiff"},
           [("uint32_t capacity", "uint64_t capacity")]),
    Change("parameter uint32_t -> int32_t", {"layout", "abidiff"},
           [("mio_selector_available(uint32_t", "mio_selector_available("
             "int32_t")]),
    Change("the same, result const char *", {"layout"},
           [("mio_selector_name(uint32_t", "mio_selector_name(int32_t")]),
    Change("result int32_t -> int64_t", {"layout", "abidiff"},
           [(WAKE, WAKE.replace("int32_t", "int64_t"))]),
    Change("parameter added", {"layout", "abidiff"},
           [(WAIT, WAIT.replace("timeout_ns", "timeout_ns, uint32_t flags"))]),
    Change("parameters swapped", {"layout", "abidiff"},
           [(WAIT, WAIT.replace("uint32_t capacity, int64_t timeout_ns",
                                "int64_t timeout_ns, uint32_t capacity"))]),
    Change("event struct grows", {"layout", "abidiff"},
           [(RESERVED, RESERVED.replace("} mio", "  uint64_t more;\n} mio"))]),
    Change("event fields swapped", {"layout", "abidiff"},
           [("  uint32_t readiness;\n", "  uint32_t xreserved;\n"),
            (RESERVED, RESERVED.replace("reserved;", "readiness;")),
            ("xreserved", "reserved")]),
    Change("event member renamed", {"layout"},
           [(READINESS, "  uint32_t ready;\n")]),
    Change("event member of another sign", {"layout", "abidiff"},
           [(READINESS, "  int32_t readiness;\n")]),
    Change("options field inserted before another", {"layout", "abidiff"},
           [("  uint32_t selector;\n",
             "  uint32_t more;\n  uint32_t selector;\n")]),
    Change("options field removed", {"layout", "abidiff"},
           [("""  /** 0. */
  uint32_t reserved;
} mio_poll_options_t""", "} mio_poll_options_t")]),
    Change("constant's value changed", {"layout", "abidiff"},
           [("MIO_LEVEL = 256", "MIO_LEVEL = 2048")]),
    Change("constant removed", {"layout", "abidiff"},
           [("  MIO_PRIORITY = 16,\n", "")]),
    Change("constant renamed", {"layout", "abidiff"},
           [("  MIO_ONESHOT = 512,", "  MIO_ONCE = 512,")]),
    Change("typedef int64_t -> int32_t", {"layout", "abidiff"},
           [("typedef int64_t mio_fd_t", "typedef int32_t mio_fd_t")]),
    Change("handle's typedef renamed", {"layout"},
           [("mio_waker_t", "mio_alarm_t")]),
    Change("function removed", {"layout", "symbols", "abidiff"},
           [(WAKE, "")]),
    Change("function renamed", {"layout", "symbols", "abidiff"},
           [(WAKE, WAKE.replace("mio_waker_wake", "mio_waker_ring"))]),
    Change("function dropped from the map", {"symbols", "abidiff", "map"},
           script=[("    mio_waker_wake;\n", "\n")]),
    Change("version node renamed", {"symbols", "abidiff", "map"},
           script=[("MIO_0 {", "MIO_1.0 {")]),
    Change("no version node", {"symbols", "abidiff", "map"},
           script=[("MIO_0 {", "{")]),
    Change("function added to the map only", {"map"},
           script=[("    mio_waker_wake;\n",
                    "    mio_waker_wake;\n    mio_hidden;\n")],
           extra=VISIBLE + "int mio_hidden = 1;\n"),
    Change("map names what nobody defines", {"symbols", "map"},
           script=[("    mio_waker_wake;\n",
                    "    mio_waker_wake;\n    mio_nobody;\n")]),
    Change("library linked with a longer map", {"symbols"},
           linked=[("    mio_waker_wake;\n",
                    "    mio_waker_wake;\n    helper;\n")],
           extra=VISIBLE + "int helper = 1;\n"),
    Change("library linked without a map", {"symbols", "abidiff"},
           linked=[("MIO_0 {", "{")]),
    Change("library built with another header", {"abidiff"},
           built=[("uint32_t capacity", "uint64_t capacity")]),
    Change("SONAME changed", {"abidiff"},
           flags=("-Wl,-soname,libmiopoll.so.7",)),
    Change("debug information stripped", {"abidiff"}, flags=("-g0",)),
    Change("name of another library", {"names"},
           [(END, NEW_FUNCTION.replace("something_new", "open") + END)]),
]

ADDITIONS = [
    Change("nothing"),
    Change("new function", header=[(END, NEW_FUNCTION + END)]),
    Change("new handle with a constructor",
           header=[(END, NEW_HANDLE + END)]),
    Change("new enumerator",
           header=[("  MIO_EXCLUSIVE = 1024\n",
                    "  MIO_EXCLUSIVE = 1024,\n  MIO_NEWEST = 2048\n")]),
    Change("new enum",
           header=[(END, "enum mio_news {\n  MIO_NEWS = 1\n};\n" + END)]),
    Change("new struct",
           header=[(END, "typedef struct mio_news {\n  uint64_t a;\n} "
                    "mio_news_t;\n" + END)]),
    Change("options field at the end",
           header=[("} mio_poll_options_t",
                    "  uint32_t newest;\n} mio_poll_options_t")]),
    Change("parameter renamed",
           header=[(WAKE, WAKE.replace("*waker", "*alarm"))]),
    Change("comment edited", header=[("/** A poll: ", "/** The poll: ")]),
    Change("version of the header raised",
           header=[("MIO_VERSION_MINOR 1", "MIO_VERSION_MINOR 2")]),
    Change("inside of a handle", extra=INSIDE),
    Change("inside of a handle, optimised", extra=INSIDE, flags=("-O2",)),
    Change("built by another compiler", extra=INSIDE, compiler="clang"),
]
