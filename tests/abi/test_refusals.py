"""The generator refuses what is not boundary C, and comments without the
tags: one test for each rule, with the line that the message names."""

import pytest
from generator import rules
from generator.errors import HeaderError

import small_header

HANDLE = "typedef struct mio_thing mio_thing_t;\n"
NEWS = "typedef struct mio_news { uint32_t a; } mio_news_t;\n"

# Name: region, with /*here*/ in the line that is wrong, and the message.
REFUSED = {
    "callback parameter": (
        "MIO_API void mio_a(void (*f)(uint32_t x)); /*here*/", "callbacks"),
    "callback typedef": (
        "typedef void (*mio_f_t)(uint32_t x); /*here*/", "hides a pointer"),
    "callback in a struct": (
        "typedef struct mio_s {\nvoid (*f)(uint32_t x); /*here*/\n} mio_s_t;",
        "callbacks"),
    "variable arguments": (
        "MIO_API int32_t mio_a(uint32_t n, ...); /*here*/",
        "no variable arguments"),
    "struct as parameter": (
        NEWS + "MIO_API void mio_a(mio_news_t n); /*here*/",
        "struct by value"),
    "struct as result": (
        NEWS + "MIO_API mio_news_t mio_a(void); /*here*/",
        "struct by value"),
    "tagged struct as parameter": (
        NEWS + "MIO_API void mio_a(struct mio_news n); /*here*/",
        "struct by value"),
    "handle by value": (
        HANDLE + "MIO_API void mio_a(mio_thing_t t); /*here*/",
        "without a star"),
    "union": ("union mio_u { uint32_t a; }; /*here*/", "no union"),
    "union inside": (
        "typedef struct mio_s {\n union { uint32_t a; } u; /*here*/\n"
        "} mio_s_t;", "no union|nested"),
    "nested struct": (
        "typedef struct mio_s {\n struct { uint32_t a; } s; /*here*/\n"
        "} mio_s_t;", "nested"),
    "bit-field": (
        "typedef struct mio_s {\n uint32_t a : 3; /*here*/\n} mio_s_t;",
        "bit-field a"),
    "long": ("MIO_API void mio_a(long n); /*here*/", "long: .*int64_t"),
    "short": ("MIO_API void mio_a(short n); /*here*/", "short: .*int16_t"),
    "int": ("MIO_API int mio_a(void); /*here*/", "int: .*int32_t"),
    "unsigned": ("MIO_API void mio_a(unsigned n); /*here*/", "uint32_t"),
    "size_t": ("MIO_API void mio_a(size_t n); /*here*/", "size_t: .*uint64_t"),
    "bool": ("MIO_API void mio_a(bool b); /*here*/", "bool: "),
    "_Bool": ("MIO_API void mio_a(_Bool b); /*here*/", "_Bool: "),
    "float": ("MIO_API void mio_a(float f); /*here*/", "no floating point"),
    "double": ("MIO_API double mio_a(void); /*here*/", "no floating point"),
    "char": ("MIO_API void mio_a(char c); /*here*/", "only as const char"),
    "char pointer": (
        "MIO_API void mio_a(char *c); /*here*/", "only as const char"),
    "char pointer result": (
        "MIO_API char *mio_a(void); /*here*/", "only as const char"),
    "unknown type": (
        "MIO_API void mio_a(mio_b_t b); /*here*/", "not C that"),
    "enum as parameter": (
        "enum mio_e { MIO_E = 1 };\nMIO_API void mio_a(enum mio_e e);/*here*/",
        "not a fixed-width integer"),
    "typedef of an enum": (
        "typedef enum mio_e { MIO_E = 1 } mio_e_t; /*here*/",
        "typedef of an enum"),
    "typedef of no integer": (
        "typedef void mio_e_t; /*here*/", "expected a fixed-width integer"),
    "enumerator above bit 30": (
        "enum mio_e {\n MIO_E = 1u << 31 /*here*/\n};", "above bit 30"),
    "negative enumerator": (
        "enum mio_e {\n MIO_E = -1 /*here*/\n};", "is negative"),
    "enumerator without a value": (
        "enum mio_e {\n MIO_E /*here*/\n};", "no value of its own"),
    "enumerator that divides": (
        "enum mio_e {\n MIO_E = 4 / 2 /*here*/\n};", "expected a number"),
    "macro": ("\n#define MIO_A 1 /*here*/\n", "preprocessor line"),
    "static in an array": (
        "MIO_API void mio_a(uint32_t n[static 4]); /*here*/", "no static"),
    "array parameter": (
        "MIO_API void mio_a(uint32_t n[4]); /*here*/", "write a pointer"),
    "attribute": (
        "MIO_API void mio_a(void) __attribute__((cold)); /*here*/",
        "no attribute"),
    "volatile": (
        "MIO_API void mio_a(volatile uint32_t *n); /*here*/", "no volatile"),
    "const pointer": (
        HANDLE + "MIO_API void mio_a(mio_thing_t *const t); /*here*/",
        "const pointer"),
    "const handle": (
        HANDLE + "MIO_API void mio_a(const mio_thing_t *t); /*here*/",
        "const handle"),
    "padding between": (
        "typedef struct mio_s {\n uint32_t a;\n uint64_t b; /*here*/\n"
        "} mio_s_t;", "4 bytes of padding before b"),
    "padding at the end": (
        "typedef struct mio_s { /*here*/\n uint64_t a;\n uint32_t b;\n"
        "} mio_s_t;", "4 bytes of padding at the end"),
    "flexible array": (
        "typedef struct mio_s {\n uint32_t a[]; /*here*/\n} mio_s_t;",
        "flexible array"),
    "array of arrays": (
        "typedef struct mio_s {\n uint32_t a[2][2]; /*here*/\n} mio_s_t;",
        "array of arrays"),
    "pointer in a struct": (
        "typedef struct mio_s {\n const char *a; /*here*/\n} mio_s_t;",
        "pointer a in mio_s"),
    "two fields in one": (
        "typedef struct mio_s { /*here*/\n uint32_t a, b;\n} mio_s_t;",
        "one name for each"),
    "function without prefix": (
        "MIO_API void poll_a(void); /*here*/", "begin with mio_"),
    "type without prefix": (
        "typedef int64_t thing_t; /*here*/", "begin with mio_"),
    "type without _t": ("typedef int64_t mio_fd; /*here*/", "end in _t"),
    "tag without prefix": (
        "typedef struct thing mio_thing_t; /*here*/", "begin with mio_"),
    "constant without prefix": (
        "enum mio_e {\n E = 1 /*here*/\n};", "begin with MIO_"),
    "parameter interface": (
        "MIO_API void mio_a(uint32_t interface); /*here*/",
        "macro on Windows"),
    "parameter that is a word of Python": (
        "MIO_API void mio_a(uint32_t from); /*here*/", "word of Python"),
    "parameter that is a word of C++": (
        "MIO_API void mio_a(uint32_t new); /*here*/", "word of C\\+\\+"),
    "field that is a word of Lua": (
        "typedef struct mio_s {\n uint32_t end; /*here*/\n} mio_s_t;",
        "word of Lua"),
    "parameter without a name": (
        "MIO_API void mio_a(uint32_t); /*here*/", "without a name"),
    "two parameters of one name": (
        "MIO_API void mio_a(uint32_t a, uint32_t a); /*here*/",
        "two parameters"),
    "no parameter list": ("MIO_API void mio_a(); /*here*/", r"\(void\)"),
    "options without size": (
        "typedef struct mio_a_options { /*here*/\n uint32_t flags;\n"
        "} mio_a_options_t;", "does not begin with `uint32_t size`"),
    "options with another size": (
        "typedef struct mio_a_options { /*here*/\n uint64_t size;\n"
        "} mio_a_options_t;", "does not begin with `uint32_t size`"),
    "options with a pointer": (
        "typedef struct mio_a_options {\n uint32_t size;\n"
        " const char *a; /*here*/\n} mio_a_options_t;", "pointer a"),
    "no MIO_API": ("void mio_a(void); /*here*/", "without MIO_API"),
    "MIO_API on a type": (
        "MIO_API typedef int64_t mio_a_t; /*here*/", "in the wrong place"),
    "out under another name": (
        HANDLE + "MIO_API int32_t mio_a(mio_thing_t **thing); /*here*/",
        "a new handle is named out"),
    "out after a number": (
        HANDLE + "MIO_API int32_t mio_a(uint32_t n, mio_thing_t **out);"
        "/*here*/", "comes first"),
    "constructor with out second": (
        HANDLE + "MIO_API int32_t mio_a_new(mio_thing_t *t, "
        "mio_thing_t **out); /*here*/", "comes first"),
    "two stars on a number": (
        "MIO_API int32_t mio_a(uint32_t **out); /*here*/",
        "two stars are for new handles"),
    "three stars": (
        HANDLE + "MIO_API int32_t mio_a(mio_thing_t ***out); /*here*/",
        "more than two stars"),
    "handle as result": (
        HANDLE + "MIO_API mio_thing_t *mio_a(void); /*here*/",
        "through a parameter"),
    "buffer without length": (
        "MIO_API int32_t mio_a(void *buffer, uint32_t n); /*here*/",
        "no uint64_t length"),
    "two stars of void": (
        "MIO_API int32_t mio_a(void **p, uint64_t n); /*here*/",
        "bytes are void"),
    "buffers without lengths": (
        "MIO_API int32_t mio_a(void *const *b, uint32_t count); /*here*/",
        "of lengths and uint32_t count"),
    "buffers of which the pointers may change": (
        "MIO_API int32_t mio_a(void **b, const uint64_t *l, uint32_t count);"
        " /*here*/", "bytes are void"),
    "pointer to a tag": (
        HANDLE + "MIO_API void mio_a(struct mio_thing *t); /*here*/",
        "by its typedef"),
    "duplicate function": (
        "MIO_API void mio_a(void);\nMIO_API void mio_a(void); /*here*/",
        "defined twice"),
    "duplicate constant": (
        "enum mio_e { MIO_A = 1 };\nenum mio_f {\n MIO_A = 1 /*here*/\n};",
        "defined twice"),
    "duplicate of a tag": (
        "enum mio_a { MIO_A = 1 };\nMIO_API void mio_a(void); /*here*/",
        "defined twice"),
    "variable": ("uint32_t mio_a; /*here*/", "expected a typedef"),
    "function body": (
        "static void mio_a(void) {} /*here*/", "no static"),
    "enum without a tag": ("enum { MIO_A = 1 }; /*here*/", "without a tag"),
    "struct without a tag": (
        "typedef struct { uint32_t a; } mio_s_t; /*here*/", "without a tag"),
    "struct without typedef": (
        "struct mio_s { uint32_t a; }; /*here*/", "expected a typedef"),
}


def refusal(folder, region):
    path = small_header.write(folder, region)
    with pytest.raises(HeaderError) as caught:
        rules.load(path, "miopoll.h")
    return caught


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(case, tmp_path):
    region, message = REFUSED[case]
    caught = refusal(tmp_path, region + "\n")
    caught.match(message)
    assert caught.value.line == small_header.line_of(region)
    assert str(caught.value).startswith(f"miopoll.h:{caught.value.line}: ")


# Name: what of the good region is replaced, by what, and the message.
TAGS = {
    "no text": (" * Makes a thing. It is\n * made of nothing.\n", "",
                "mio_thing_new is not documented"),
    "no comment": ("/** A thing. Second sentence. @since 0.1 */\n", "",
                   "mio_thing_t is not documented"),
    "undocumented enumerator": ("  /** The first. */\n", "",
                                "MIO_THING_ONE is not documented"),
    "undocumented field": ("  /** When. */\n", "", "time is not documented"),
    "undocumented parameter": (
        " * @param size how large,\n * in things.\n", "", "no @param size"),
    "parameter that says nothing": (
        "size how large,\n * in things.", "size",
        "@param size says nothing"),
    "unknown parameter": ("@param size", "@param sise", "@param si"),
    "duplicate parameter": (" * @param size", " * @param out again.\n"
                            " * @param size", "duplicate @param out"),
    "parameters out of order": (
        "@param out set to the thing.\n * @param size how large,\n"
        " * in things.", "@param size a.\n * @param out b.", "out of order"),
    "no return": (" * @return 0.\n", "", "no @return"),
    "return of void": ("MIO_API int32_t", "MIO_API void",
                       "@return, but it returns void"),
    "errors of unsigned": ("MIO_API int32_t", "MIO_API uint32_t",
                           "cannot be negative"),
    "no ownership": (" * @ownership `*out` is the caller's.\n", "",
                     "no @ownership"),
    "no errors": (" * @errors\n * - ENOMEM: no memory\n"
                  " * - EINVAL: `out` is NULL, or\n *   size is 0\n", "",
                  "no @errors"),
    "errors that say nothing": (
        "@errors\n * - ENOMEM: no memory\n"
        " * - EINVAL: `out` is NULL, or\n *   size is 0", "@errors",
        "@errors says nothing"),
    "errors in another form": ("@errors\n", "@errors perhaps\n",
                               "expected `none`"),
    "error without reason": ("- ENOMEM: no memory", "- ENOMEM",
                             "expected `none`"),
    "unknown error": ("ENOMEM", "ENOMEMORY", "not an error of POSIX"),
    "alias of an error": ("ENOMEM", "EWOULDBLOCK", "EAGAIN"),
    "duplicate error": ("ENOMEM", "EINVAL", "duplicate error EINVAL"),
    "no threadsafe": (" * @threadsafe yes\n", "", "no @threadsafe"),
    "threadsafe of another word": ("@threadsafe yes", "@threadsafe maybe",
                                   "yes or no"),
    "no since": (" * @since 0.1\n */\nMIO", " */\nMIO", "no @since"),
    "no since on a type": (" Second sentence. @since 0.1", "", "no @since"),
    "no since on an enum": ("Bits of a thing. @since 0.1", "Bits.",
                            "mio_thing_bits: no @since"),
    "since without a number": ("@threadsafe yes\n * @since 0.1",
                               "@threadsafe yes\n * @since ever",
                               "MAJOR.MINOR"),
    "since of a later release": ("@threadsafe yes\n * @since 0.1",
                                 "@threadsafe yes\n * @since 0.2",
                                 "later than this"),
    "duplicate since": ("@threadsafe yes\n",
                        "@since 0.1\n * @threadsafe yes\n",
                        "duplicate @since"),
    "unknown tag": ("@return 0.", "@returns 0.", "unknown tag @returns"),
    "function's tag on a type": ("Second sentence.", "@threadsafe yes",
                                 "only @since"),
    "comment of nothing": ("/**\n * Makes", "/** Lost. */\n\n/**\n * Makes",
                           "describes nothing"),
    "comment inside": ("mio_thing_t **out", "/** Lost. */ mio_thing_t **out",
                       "inside a declaration"),
    "comment at the end of a struct": (
        "} mio_news_t;", "  /** Lost. */\n} mio_news_t;", "describes nothing"),
}


@pytest.mark.parametrize("case", TAGS)
def test_refuses_comment(case, tmp_path):
    old, new, message = TAGS[case]
    assert small_header.GOOD.count(old) == 1
    region = small_header.GOOD.replace(old, new)
    refusal(tmp_path, region).match(message)


def test_unknown_tag_names_its_line(tmp_path):
    region = small_header.GOOD.replace("@return", "@returns")
    caught = refusal(tmp_path, region)
    assert caught.value.line == small_header.line_of(region, "@returns")


def test_unknown_error_names_its_line(tmp_path):
    region = small_header.GOOD.replace("ENOMEM", "ENOMEMORY")
    caught = refusal(tmp_path, region)
    assert caught.value.line == small_header.line_of(region, "ENOMEMORY")


# All that boundary C has and the small header has not.
ALLOWED = """\
/** A number. @since 0.1 */
typedef int64_t mio_number_t;

/** Numbers. @since 0.1 */
enum mio_numbers {
  /** Zero. */
  MIO_ZERO = 0,
  /** Hexadecimal. */
  MIO_HEX = 0x10u,
  /** Of others. */
  MIO_BOTH = MIO_THING_ONE | MIO_HEX
};

/**
 * Makes two.
 *
 * @param thing from this one.
 * @param out one.
 * @param other the other.
 * @return 0.
 * @ownership both are the caller's.
 * @errors none
 * @threadsafe no: one thread at a time
 * @since 0.1
 */
MIO_API int32_t mio_thing_split(mio_thing_t *thing, mio_thing_t **out,
                                mio_thing_t **other);

/**
 * Tells much.
 *
 * @param buffer where to.
 * @param length its length.
 * @param source bytes.
 * @param source_length their length.
 * @param news a struct.
 * @param number a number.
 * @return text.
 * @ownership static.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API const char *mio_thing_tell(void *buffer, uint64_t length,
                                   const void *source,
                                   uint64_t source_length,
                                   const mio_news_t *news,
                                   mio_number_t *number);
"""


def test_takes_all_of_boundary_c(tmp_path):
    region = small_header.GOOD + ALLOWED
    abi = rules.load(small_header.write(tmp_path, region))
    values = {c.name: c.value for c in abi.constants}
    assert (values["MIO_HEX"], values["MIO_BOTH"]) == (16, 17)
    assert [str(p.type) for p in abi.functions[2].params] == [
        "void *", "uint64_t", "const void *", "uint64_t",
        "const mio_news_t *", "mio_number_t *"]


@pytest.mark.parametrize("mark", ["MIO_ABI_BEGIN", "MIO_ABI_END"])
def test_refuses_header_without_mark(mark, tmp_path):
    path = small_header.write(tmp_path, small_header.GOOD)
    path.write_text(path.read_text().replace(mark, "MIO_ABI_LOST"))
    with pytest.raises(HeaderError, match=f"expected one .*{mark}"):
        rules.load(path)


def test_refuses_header_without_version(tmp_path):
    path = small_header.write(tmp_path, small_header.GOOD)
    path.write_text(path.read_text().replace("VERSION_MINOR 1", "MINOR 1"))
    with pytest.raises(HeaderError, match="MIO_VERSION_MINOR"):
        rules.load(path)
