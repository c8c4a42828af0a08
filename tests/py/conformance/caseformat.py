"""The text of the cases: docs/conformance.md, chapters 1, 2 and 4.

A case becomes steps whose words are converted already. Whatever is not
understood is a Failure of the kind `format`, before any case is run.
"""

import dataclasses
import errno
import re

# What each verb takes, as the tables of chapter 2 write it. `->` at the end:
# it may have an outcome; `-> !`: it must have one.
SIGNATURES = """
    poll NAME [selector=N] [size=N] [flags=N] [reserved=N] [tail=N] ->
    registry NAME NAME ->
    clone NAME NAME ->
    waker NAME NAME token=N ->
    wake NAME ->
    nest NAME NAME ->
    close NAME
    register NAME FD token=N interest=BITS ->
    reregister NAME FD token=N interest=BITS ->
    deregister NAME FD ->
    pair NAME NAME
    dgram NAME NAME
    pipe NAME NAME
    tcp NAME NAME
    udp NAME NAME
    socket NAME
    listen NAME
    listen-unix NAME
    connect NAME NAME ->
    refused NAME
    accept NAME NAME [peer=WORD] ->
    dup NAME NAME ->
    file NAME
    directory NAME
    null NAME
    mounts NAME
    write NAME [N] [data=WORD] [buffer=NULL] ->
    read NAME [N] [data=WORD] [buffer=NULL] ->
    drain NAME ->
    fill NAME ->
    oob NAME ->
    shutdown NAME HOW ->
    so-error NAME ->
    close-fd NAME
    reset NAME
    leak
    wait NAME [timeout=TIME] [capacity=N] [waits=N] [events=NULL] -> !
    elapsed >=TIME
    count N COMPARED
    clock
    features NAME FEATURE...
    after TIME STEP
    storm [threads=N] each=N STEP
    posted N
    join
    ask WORD [WORD] -> !
    tcp-listener NAME [addr=WORD] [backlog=N] ->
    tcp-stream NAME addr=WORD ->
    udp-socket NAME [addr=WORD] ->
    unix-listener NAME [addr=WORD] [backlog=N] ->
    unix-stream NAME addr=WORD ->
    unix-datagram NAME [addr=WORD] ->
    unix-stream-pair NAME NAME ->
    unix-datagram-pair NAME NAME ->
    pipe-sources NAME NAME ->
    from-fd NAME FD kind=KIND ->
    into-fd NAME NAME ->
    source-fd NAME NAME ->
    kind NAME KIND ->
    blocking NAME
    flags NAME [NONE] ->
    would-block NAME interest=BITS ->
    connect-to NAME addr=WORD ->
    peek NAME [N] [data=WORD] [buffer=NULL] ->
    recv-from NAME [N] [data=WORD] [buffer=NULL] [peer=WORD] ->
    peek-from NAME [N] [data=WORD] [buffer=NULL] [peer=WORD] ->
    send-to NAME [N] [data=WORD] [buffer=NULL] addr=WORD ->
    read-vectored NAME [data=WORD] [buffer=NULL] N... ->
    write-vectored NAME [data=WORD] [buffer=NULL] N... ->
    local-addr NAME WORD ->
    peer-addr NAME WORD ->
    set NAME option=OPTION value=N ->
    get NAME option=OPTION [value=VALUE] ->
    join-multicast NAME addr=WORD [via=WORD] ->
    leave-multicast NAME addr=WORD [via=WORD] ->
    addr WORD [gives=WORD] [at=N] [room=N] ->
    exhaust ROOM
"""
READING = {"read", "peek", "recv-from", "peek-from"}
WRITING = {"write", "send-to"}
# What only another thread does: after `after` or `storm`.
THREAD_SIGNATURES = {
    "after": "post NAME",
    "storm": "cycle NAME FD token=N interest=BITS",
}
THREAD_VERBS = {
    "after": {"wake", "post", "write", "drain", "close-fd", "shutdown",
              "register", "reregister", "deregister"},
    "storm": {"wake", "cycle"},
}

BITS = {"R": 1, "W": 2, "AIO": 4, "LIO": 8, "P": 16, "E": 32, "RC": 64,
        "WC": 128, "LEVEL": 256, "ONESHOT": 512, "EXCLUSIVE": 1024}
UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
POLL_FEATURES = {"edge-exact", "exclusive", "priority", "aio", "lio",
                 "nanoseconds", "fd"}
OTHER_FEATURES = {"capacity", "null", "options", "raw", "token64", "sources",
                  "flat", "abstract"}
KINDS = ["none", "tcp-listener", "tcp-stream", "udp-socket", "unix-listener",
         "unix-stream", "unix-datagram", "pipe-sender", "pipe-receiver",
         "named-pipe"]
OPTIONS = ["nodelay", "ttl", "broadcast", "multicast-loop-v4",
           "multicast-ttl-v4", "multicast-loop-v6", "only-v6", "nonblocking"]
FOREVER = -1


class Failure(Exception):
    """Why a case fails: one of the kinds of the format, and words."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind, self.text = kind, text


@dataclasses.dataclass
class Step:
    line: int
    verb: str
    args: list
    keys: dict
    outcome: list  # Of alternatives; empty if it has to succeed.


@dataclasses.dataclass
class Case:
    name: str
    file: str
    line: int
    covers: list = dataclasses.field(default_factory=list)
    needs: list = dataclasses.field(default_factory=list)
    steps: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Expected:
    """`TOKEN:BITS` or `TOKEN:BITS!`."""
    token: int
    bits: int
    exact: bool


# ------------------------------------------------------------ single words


def require(good, text):
    if not good:
        raise Failure("format", text)


def matched(pattern, word):
    match = re.fullmatch(pattern, word, re.ASCII)
    require(match, f"{word} is not understood")
    return match


def read_number(word):
    number = int(matched("0x[0-9a-fA-F]+|[0-9]+", word).group(),
                 16 if word.startswith("0x") else 10)
    require(number < 2**64, f"{word} is too large")
    return number


def read_time(word):
    """Nanoseconds, or FOREVER."""
    if word == "forever":
        return FOREVER
    number, unit = matched("([0-9]+)(ns|us|ms|s)", word).groups()
    return int(number) * UNITS[unit]


def read_bits(word):
    if word.startswith("0x"):
        return read_number(word)
    bits = 0
    for name in word.split("+"):
        require(name in BITS, f"unknown bit {name}")
        bits |= BITS[name]
    return bits


def read_fd(word):
    """A name, or the number itself as an int."""
    name = re.match("[a-zA-Z]", word)
    return word if name else int(matched("-?[0-9]+", word).group())


def read_feature(word):
    name = word[3:] if word.startswith("no-") else word
    require(name in POLL_FEATURES | OTHER_FEATURES, f"unknown feature {word}")
    return word


def read_word(word):
    require(word, "an empty word")
    return word


def one_of(words):
    """One of these, or a number."""
    def read(word):
        return word if word in words else read_number(word)
    return read


TYPES = {
    "NAME": lambda word: matched("[a-zA-Z].*", word).group(),
    "FD": read_fd,
    "N": read_number,
    "TIME": read_time,
    ">=TIME": lambda word: read_time(matched(">=(.*)", word).group(1)),
    "BITS": read_bits,
    "FEATURE": read_feature,
    "FEATURE...": read_feature,
    "HOW": one_of(["read", "write", "both"]),
    "KIND": one_of(KINDS),
    "OPTION": one_of(OPTIONS),
    "VALUE": one_of(["null"]),
    "ROOM": one_of(["off"]),
    "NONE": lambda word: matched("none", word).group(),
    "NULL": lambda word: matched("null", word).group(),
    "WORD": read_word,
    "N...": read_number,
    "COMPARED": lambda word: (word[:2], read_number(
        matched("[<>=]=(.*)", word).group(1))),
}


def bits_text(bits):
    names = [name for name, bit in BITS.items() if bits & bit]
    return "+".join(names) or hex(bits)


# ------------------------------------------------------------------- steps


class Signature:
    """A line of SIGNATURES, taken apart."""

    def __init__(self, line):
        line, arrow, must = line.partition("->")
        self.verb, *words = line.split()
        self.may_outcome = bool(arrow)
        self.must_outcome = "!" in must
        self.has_step = "STEP" in words
        self.keys, self.needed, self.args, self.least = {}, set(), [], 0
        for word in words:
            optional = word.startswith("[")
            key, equals, kind = word.strip("[]").partition("=")
            if equals and key != ">":
                self.keys[key] = TYPES[kind]
                self.needed |= set() if optional else {key}
            elif word != "STEP":
                self.args.append(TYPES[word.strip("[]")])
                self.least += not optional
        self.most = 99 if line.strip().endswith("...") else len(self.args)


VERBS = {signature.verb: signature for signature in
         map(Signature, SIGNATURES.strip().splitlines())}


def split_keys(words):
    """The arguments in order, and {key: value}."""
    args, keys = [], {}
    for word in words:
        key = re.fullmatch("([a-zA-Z][^=]*)=(.*)", word)
        if key:
            require(key.group(1) not in keys, f"{key.group(1)} is there twice")
            keys[key.group(1)] = key.group(2)
        else:
            args.append(word)
    return args, keys


def read_inner_step(line, outer, args, keys):
    """The step that another thread does: the words that `outer` leaves."""
    require(args and args[0] in THREAD_VERBS[outer],
            f"{outer}: cannot do {' '.join(args)}")
    signature = VERBS.get(args[0]) or Signature(THREAD_SIGNATURES[outer])
    step = read_by(signature, line, args[1:], keys)
    require(step.verb != "shutdown" or step.args[1] == "write",
            f"{outer}: only `shutdown A write`")
    return step


def check_amount(verb, args, keys):
    """What is read or written is so many bytes, or `data`."""
    amounts = (len(args) > 1) + ("data" in keys)
    require(verb not in READING or amounts == 1, f"{verb}: how many bytes")
    require(verb not in WRITING or amounts <= 1, f"{verb}: how many bytes")


def read_by(signature, line, args, keys):
    verb = signature.verb
    inner = []
    if signature.has_step:
        others = {key: keys[key] for key in keys if key not in signature.keys}
        keys = {key: keys[key] for key in keys if key in signature.keys}
        inner = [read_inner_step(line, verb, args[signature.least:], others)]
        args = args[:signature.least]
    require(signature.least <= len(args) <= signature.most,
            f"{verb}: {len(args)} arguments")
    require(keys.keys() <= signature.keys.keys(), f"{verb}: unknown key")
    require(signature.needed <= keys.keys(), f"{verb}: a key is missing")
    check_amount(verb, args, keys)
    kinds = signature.args + signature.args[-1:] * len(args)  # For `...`.
    return Step(line, verb,
                [kind(word) for kind, word in zip(kinds, args)] + inner,
                {key: signature.keys[key](keys[key]) for key in keys}, [])


def read_alternative(step, words):
    """A word such as OK; or, of a wait, a list of events too."""
    require(words, f"{step.verb}: an empty outcome")
    word, single = words[0], len(words) == 1
    if step.verb == "ask" and single:
        return word
    if single and re.fullmatch("E[A-Z0-9]+", word) and hasattr(errno, word):
        return word
    if step.verb != "wait":
        require(single and word in {"OK", "EOF", "SHORT"},
                f"{step.verb}: unknown outcome {' '.join(words)}")
        return word
    if single and word in {"none", "any"}:
        require(word == "any" or "timeout" in step.keys,
                "none without a timeout")
        return word
    return [read_expected(word) for word in words]


def read_expected(word):
    token, bits, exact = matched("([^:]*):([^!]*)(!?)", word).groups()
    return Expected(read_number(token), read_bits(bits), bool(exact))


def split_alternatives(words):
    alternatives = [[]]
    for word in words:
        if word == "|":
            alternatives.append([])
        else:
            alternatives[-1].append(word)
    return alternatives


def read_step(line, words):
    words, arrow, outcome = partition(words, "->")
    signature = VERBS.get(words[0] if words else "")
    require(signature, f"unknown verb {' '.join(words[:1])}")
    require(signature.may_outcome or not arrow,
            f"{signature.verb} takes no outcome")
    require(arrow or not signature.must_outcome,
            f"{signature.verb} without an outcome")
    step = read_by(signature, line, *split_keys(words[1:]))
    if arrow:
        step.outcome = [read_alternative(step, alternative)
                        for alternative in split_alternatives(outcome)]
    return step


def partition(words, word):
    at = words.index(word) if word in words else len(words)
    return words[:at], words[at:at + 1], words[at + 1:]


# ------------------------------------------------------------ cases, files


def add_line(cases, file, number, text):
    """Reads a line into the last of `cases`, or as the next of them."""
    words = text.partition("#")[0].split()
    if not words:
        return
    if text[0] not in " \t":
        require(len(words) == 2 and words[0] == "case"
                and re.fullmatch("[a-z0-9-]+/[a-z0-9-]+", words[1]),
                f"{text} does not begin a case")
        cases.append(Case(words[1], file, number))
        return
    require(cases, "a step outside a case")
    case = cases[-1]
    if words[0] not in {"covers", "needs"}:
        require(case.covers, f"{case.name} has no `covers` before its steps")
        case.steps.append(read_step(number, words))
        return
    require(not case.steps, f"{words[0]} after a step")
    require(len(words) > 1, f"{words[0]} what?")
    if words[0] == "covers":
        case.covers += words[1:]
    else:
        case.needs += map(read_feature, words[1:])


def read_file(path):
    text = path.read_bytes().decode()
    cases = []
    require(text.endswith("\n"), f"{path.name} does not end with a newline")
    for number, line in enumerate(text[:-1].split("\n"), 1):
        try:
            add_line(cases, path.name, number, line)
        except Failure as failure:
            raise Failure("format", f"{path.name}:{number}: {failure.text}"
                          ) from None
    require(cases, f"{path.name} has no case")
    return cases


def read_files(paths):
    """All cases of the files, which are read in the order given."""
    cases = [case for path in paths for case in read_file(path)]
    names = set()
    for case in cases:
        require(case.steps, f"{case.name} has no steps")
        require(case.name not in names, f"{case.name} is there twice")
        names.add(case.name)
    return cases


def case_files(folder):
    return sorted(folder.glob("*.case"), key=lambda path: path.name.encode())


def digest(paths):
    h = 0
    for path in paths:
        for byte in path.name.encode() + b"\n" + path.read_bytes():
            h = (h * 257 + byte + 1) % 17592186044399
    return h


def read_skips(path):
    """{(case, selector): why} of a file of chapter 6."""
    skips = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            words = line.split(None, 2)
            if len(words) < 3 or tuple(words[:2]) in skips:
                raise Failure("skip", f"no reason, or there twice: {line}")
            skips[words[0], words[1]] = words[2]
    return skips
