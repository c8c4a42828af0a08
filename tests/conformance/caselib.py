"""The text of the cases, as the tools of this folder read it.

The runners are the judges of the format (docs/conformance.md); this reads
only what the tools count.
"""

import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
SKIPS = HERE / "skips"

MODULUS = 17592186044399
UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


@dataclasses.dataclass
class Step:
    line: int
    verb: str
    args: list
    keys: dict
    outcome: list


@dataclasses.dataclass
class Case:
    name: str
    file: str
    line: int
    needs: list = dataclasses.field(default_factory=list)
    covers: list = dataclasses.field(default_factory=list)
    steps: list = dataclasses.field(default_factory=list)


def time_ns(word):
    """The nanoseconds of a TIME; `forever` takes none of its own."""
    if word == "forever":
        return 0
    number, unit = re.fullmatch(r"(\d+)(ns|us|ms|s)", word).groups()
    return int(number) * UNITS[unit]


def read_step(line, words):
    outcome = []
    if "->" in words:
        at = words.index("->")
        words, outcome = words[:at], words[at + 1 :]
    args, keys = [], {}
    for word in words[1:]:
        key = re.fullmatch(r"([A-Za-z][^=]*)=(.*)", word)
        if key:
            keys[key.group(1)] = key.group(2)
        else:
            args.append(word)
    return Step(line, words[0], args, keys, outcome)


def read_file(path):
    cases = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        words = text.partition("#")[0].split()
        if not words:
            continue
        if not text[0].isspace():
            cases.append(Case(words[1], path.name, number))
        elif words[0] == "needs":
            cases[-1].needs += words[1:]
        elif words[0] == "covers":
            cases[-1].covers += words[1:]
        else:
            cases[-1].steps.append(read_step(number, words))
    return cases


def read_cases(folder=CASES):
    return [
        case
        for path in sorted(folder.glob("*.case"))
        for case in read_file(path)
    ]


def digest(folder=CASES):
    h = 0
    for path in sorted(folder.glob("*.case")):
        for byte in path.name.encode() + b"\n" + path.read_bytes():
            h = (h * 257 + byte + 1) % MODULUS
    return h


# ----------------------------------------------------------- kinds of sources

KINDS = ("tcp-listener tcp-stream udp-socket unix-listener unix-stream "
         "unix-datagram pipe-sender pipe-receiver").split()

# The kinds of what a step makes, by the places of its names.
MAKERS = {
    **{kind: [kind] for kind in KINDS if not kind.startswith("pipe")},
    "unix-stream-pair": ["unix-stream", "unix-stream"],
    "unix-datagram-pair": ["unix-datagram", "unix-datagram"],
    "pipe-sources": ["pipe-receiver", "pipe-sender"],
}
STREAMS = {"tcp-listener": "tcp-stream", "unix-listener": "unix-stream"}


def made_by(step, sources):
    """The kinds of the sources that a step makes, in order."""
    if step.outcome and "OK" not in step.outcome:
        return []
    if step.verb == "from-fd":
        return [step.keys["kind"]]
    if step.verb == "accept" and step.args[1] in sources:
        return [STREAMS.get(sources[step.args[1]], "")]
    return MAKERS.get(step.verb, [])


def with_sources(case):
    """Each step, and {name: kind} of the sources before it. What was closed
    stays in there until its name is used again."""
    sources = {}
    for step in case.steps:
        yield step, sources
        made = made_by(step, sources)
        for name in step.args if made else []:
            sources.pop(name, None)
        sources = {**sources, **dict(zip(step.args, made))}


def read_skips(engine):
    """{(case, selector): why} of one engine."""
    skips = {}
    for line in (SKIPS / f"{engine}.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, selector, why = line.split(None, 2)
            skips[name, selector] = why
    return skips
