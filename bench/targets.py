"""The targets, and what a measurement says of them.

A target holds a contender to another one in a workload. It names both by what
they begin with, and the workload by its id and a part of its name.
"""

import dataclasses
import statistics

OURS = "miopoll"


@dataclasses.dataclass
class Row:
    """One contender in one workload."""
    id: str
    what: str
    contender: str
    baseline: str
    ns: float        # The median.
    ratio: float     # To the baseline: the median of neighbours,
    least: float     # of the best repetitions,
    low: float       # and between these lies half of all.
    high: float
    times: list      # In the order of the repetitions; may be empty.


@dataclasses.dataclass
class Target:
    id: str
    part: str
    contender: str
    against: str
    limit: float


@dataclasses.dataclass
class Verdict:
    id: str
    what: str
    ratio: float = None
    least: float = None
    low: float = None
    high: float = None
    limit: float = None
    word: str = ""


MIO = "mio (Rust)"

TARGETS = [
    Target("P1", "", OURS, "epoll", 1.05),
    Target("P2", "", OURS, "epoll", 1.02),
    Target("P2", "", OURS, MIO, 1.02),
    Target("P3", "", OURS, "epoll", 1.01),
    Target("P3", "", OURS, MIO, 1.01),
    Target("P4", "", OURS, "epoll", 1.01),
    Target("P4", "", OURS, MIO, 1.01),
    Target("C1", "register + deregister", OURS, "epoll, edge", 1.01),
    Target("C1", "register + deregister", OURS, MIO, 1.01),
    Target("C1", "reregister", OURS, "epoll, edge", 1.01),
    Target("C1", "reregister", OURS, MIO, 1.01),
    Target("C2", "batches of 64 and 1024", OURS, "epoll, edge", 0.75),
    Target("C3", "batches of 64 and 1024", OURS, "epoll, edge", 0.65),
    Target("K1", "", OURS, "epoll, edge", 0.01),
    Target("K1", "", OURS, MIO, 0.01),
    Target("K2", "", OURS, "epoll, edge", 0.20),
    Target("K2", "", OURS, MIO, 0.20),
    Target("E1", "of 1 ", OURS, "epoll, edge", 1.00),
    Target("E1", "of 100 ", OURS, "epoll, edge", 1.00),
    Target("E1", "of 1000 ", OURS, "epoll, edge", 1.00),
    Target("E2", "", OURS, "epoll, edge", 1.00),
    Target("E2", "", OURS, MIO, 1.00),
    Target("E3", "two threads, spinning", OURS, "blocking", 0.45),
    Target("Y1", "wait, 0 of", OURS, "select.epoll", 1.00),
    Target("Y1", "wait, 1 of", OURS, "select.epoll", 0.99),
    Target("Y1", "wait, 64 of", OURS, "select.epoll", 0.96),
    Target("Y1", "wait, 1024 of", OURS, "select.epoll", 0.96),
    Target("Y3", "Selector, 1 ready", "miopoll.Selector", "EpollSelector",
           0.72),
    Target("Y3", "Selector, 64 ready", "miopoll.Selector", "EpollSelector",
           0.70),
    Target("Y3", "asyncio echo", OURS, "default loop", 0.96),
    Target("L1", " 1 ready", "miopoll, LuaJIT", "raw", 1.02),
    Target("L1", " 64 ready", "miopoll, LuaJIT", "raw", 1.02),
    Target("L1", " 1000 ready", "miopoll, LuaJIT", "raw", 1.02),
    Target("L2", " 1 ready", "miopoll, Lua 5.4", "raw", 1.25),
    Target("L2", " 64 ready", "miopoll, Lua 5.4", "raw", 1.25),
    Target("L2", " 1000 ready", "miopoll, Lua 5.4", "raw", 1.22),
    Target("L2", " 1 ready", "miopoll, Lua 5.4", "luv", 0.81),
    Target("L2", " 64 ready", "miopoll, Lua 5.4", "luv", 0.72),
    Target("L2", " 1000 ready", "miopoll, Lua 5.4", "luv", 0.70),
]

# Why no row is there for a target, if it is not that its program did not run.
LATER = {"C2": "batches", "C3": "batches", "E3": "spinning"}


def row_of_times(record):
    """A row of bench-core's JSON, whose baseline comes later."""
    times = record["times"]
    return Row(record["id"], record["what"], record["contender"],
               record["baseline"], statistics.median(times), 1, 1, 1, 1,
               times)


def compare(times, base):
    """(median, of the best, lower quartile, upper quartile) of the ratios."""
    ratios = [own / other for own, other in zip(times, base)]
    low, median, high = statistics.quantiles(ratios, n=4)
    return median, min(times) / min(base), low, high


def rows_of_core(records):
    """bench-core's records as rows with ratios."""
    rows = [row_of_times(record) for record in records if "times" in record]
    times = {(row.what, row.contender): row.times for row in rows}
    for row in rows:
        base = times[row.what, row.baseline]
        row.ratio, row.least, row.low, row.high = compare(row.times, base)
    return rows


def find(rows, target, contender):
    """The row of a contender in the target's workload. An exact name goes
    before one that only begins so."""
    found = [row for row in rows if row.id == target.id
             and target.part in f" {row.what}"
             and row.contender.startswith(contender)]
    found.sort(key=lambda row: row.contender != contender)
    return found[0] if found else None


def judge(median, least, limit):
    """Both figures count: either alone is moved by a neighbour's work."""
    above = (median > limit) + (least > limit)
    return ("reached", "in doubt", "not reached")[above]


def verdict(rows, target, excuses):
    own = find(rows, target, target.contender)
    other = find(rows, target, target.against)
    what = (f"{own.what if own else target.part.strip()} / "
            f"{target.against.replace(' (Rust)', '')}")
    if own is None or other is None:
        word = excuses.get(target.id) or "not measured, see what is left out"
        if target.id in LATER:
            word = f"feature not there yet ({LATER[target.id]})"
        return Verdict(target.id, what, limit=target.limit, word=word)
    if own.times and other.times:
        median, least, low, high = compare(own.times, other.times)
    else:
        median, least = own.ratio / other.ratio, own.least / other.least
        low = high = None
    return Verdict(target.id, what, median, least, low, high, target.limit,
                   judge(median, least, target.limit))


def count_verdict(id, what, value, limit):
    """Of an exact count."""
    return Verdict(id, what, ratio=value, limit=limit,
                   word="reached" if value <= limit else "not reached")


def memory_verdicts(records):
    limits = {"heap of each source": 0,
              "heap of a poll, registry and waker": 12288}
    return [count_verdict("M1", f"{record['what']}, bytes", record["bytes"],
                          limits[record["what"]])
            for record in records
            if "bytes" in record and record["contender"] == OURS]


def call_verdicts(records):
    """Of our servers' system calls: 2 a message, beside the waits."""
    return [count_verdict("E2", f"{record['what']}, calls beside waits",
                          round(record["beside_waits"], 2), 2)
            for record in records if record["contender"] == OURS]


def echo_servers(records, calls):
    """{(what, contender): texts of messages a second, calls a message,
    messages a wait}, of bench-echo's records and of what was counted."""
    servers = {}
    for record in records:
        if "per_second" in record:
            key = record["what"].split(", per")[0], record["contender"]
            servers[key] = [f"{record['per_second']:.0f}", "", ""]
    for record in calls:
        texts = servers.setdefault((record["what"], record["contender"]),
                                   ["", "", ""])
        texts[1] = f"{record['calls']:.2f}"
        texts[2] = f"{record['messages_a_wait']:.0f}"
    return servers


def peers_that_win(rows):
    """(row of a peer, ours / theirs) where a peer takes less. Raw calls are
    what is to be reached, not peers; 2 % are noise."""
    wins = []
    for own in rows:
        if own.contender != OURS or own.id.startswith("W"):
            continue
        for row in rows:
            is_peer = not row.contender.startswith((OURS, "epoll", "select"))
            if row.what == own.what and is_peer and \
                    max(row.ratio / own.ratio, row.least / own.least) < 0.98:
                wins.append((row, own))
    return wins
