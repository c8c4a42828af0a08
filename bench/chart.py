"""Draws results.json as bars by workload and contender.

    chart.py RESULTS.json FOLDER

Writes bench.png and bench.svg. Each panel is a workload, each bar a contender:
its time against raw epoll, from 0, so that half the length is half the time.
Bars that would leave the panel are cut and say how long they are.
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

LONGEST = 2.4
BAR, HEAD = 0.27, 0.95  # Inches, of a bar and of what is above a panel.
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
COLUMNS = 4
OURS, PEER, RAW, LINE = "#d1495b", "#8fa6b8", "#5c6b77", "#222222"
HIDDEN = "W1", "W2", "W3", "W4", "Y", "L"  # For those who ask why; side lines.
LUA = "L1", "L2"
TITLES = {
    "P1": "Look, nothing ready of 1000",
    "P2": "Wait, 1 ready of 1000",
    "P3": "Wait, 64 ready of 10 000",
    "P4": "Wait, 1024 ready of 10 000",
    "K1": "Wake, nobody waits",
    "K2": "Wake + wait, one thread",
    "E2": "Echo, 100 TCP connections",
}


def title(row):
    if row["id"] in TITLES:
        return TITLES[row["id"]]
    text = workload(row).split(", per")[0]
    text = text.replace(", each", "").replace(": wait,", ":")
    return text[0].upper() + text[1:]


def workload(row):
    """The key of a panel. Those of the two Luas go into one."""
    if row["id"] in LUA:
        return "Lua: " + row["what"].split(": ")[1]
    return row["what"]


def is_shown(row):
    if row["id"] in LUA:
        return "ready" in row["what"] and \
            row["contender"].startswith(("raw", "miopoll", "luv"))
    return row["id"] not in HIDDEN


def panels(results):
    """[(title, unit, [(contender, ratio, text)])], as they are drawn."""
    drawn = {}
    for row in filter(is_shown, results["rows"]):
        drawn.setdefault(workload(row), []).append(row)
    result = [panel(rows) for rows in drawn.values()]
    result.append(memory_panel(results))
    return [shown for shown in result if shown[2]]


def panel(rows):
    bars, seen = [], set()
    for row in rows:
        if row["contender"] not in seen:  # Raw epoll is there for each Lua.
            digits = 3 if row["ratio"] < 0.1 else 2
            bars.append((row["contender"], row["ratio"],
                         f"{row['ratio']:.{digits}f}"))
        seen.add(row["contender"])
    return (title(rows[0]),
            f"1 = {rows[0]['baseline']}, {nice_time(rows)}", bars)


def nice_time(rows):
    base = next(row for row in rows if row["contender"] == row["baseline"])
    ns = base["ns"]
    return f"{ns / 1000:.1f} µs" if ns >= 1000 else f"{ns:.0f} ns"


def memory_panel(results):
    bars = [(record["contender"], record["bytes"], f"{record['bytes']:.0f}")
            for record in results["memory"]
            if record["what"] == "heap of each source"]
    return "Heap of each descriptor", "bytes", bars


def colour(contender):
    if contender.startswith("miopoll"):
        return OURS
    raw = contender.startswith(("epoll", "select.epoll", "raw"))
    return RAW if raw else PEER


def draw_bar(axes, at, bar, longest):
    contender, value, text = bar
    cut = value > longest
    length = longest if cut else value
    axes.barh(at, length, height=0.72, color=colour(contender))
    weight = "bold" if contender.startswith("miopoll") else "normal"
    if cut:
        text = f"{value:.0f} »" if value >= 10 else f"{value:.1f} »"
        axes.text(length - 0.02 * longest, at, text, va="center", ha="right",
                  fontsize=9, color="white", weight=weight)
    else:
        axes.text(length + 0.015 * longest, at, text, va="center", ha="left",
                  fontsize=9, color=LINE, weight=weight, bbox=BEHIND)


def draw_panel(axes, panel, room):
    """`room` is how many bars the panel has place for."""
    name, unit, bars = panel
    memory = unit == "bytes"
    longest = max(value for _, value, _ in bars) if memory else LONGEST
    for at, bar in enumerate(bars):
        draw_bar(axes, at, bar, longest)
    if not memory:
        axes.plot([1, 1], [-0.5, len(bars) - 0.5], color=LINE, linewidth=0.9,
                  linestyle=(0, (4, 3)), zorder=0.5)
    axes.set_title(name.replace("10000", "10 000"), fontsize=11.5, weight="bold", loc="left", pad=16)
    axes.text(0, 1.02, unit, transform=axes.transAxes, fontsize=9,
              color="#555555")
    axes.set_yticks(range(len(bars)), [contender for contender, _, _ in bars],
                    fontsize=9)
    for label in axes.get_yticklabels():
        if label.get_text().startswith("miopoll"):
            label.set_color(OURS)
            label.set_weight("bold")
    # Bars are as thick in every panel.
    axes.set_ylim(room - 0.5, -0.5)
    axes.set_xlim(0, longest * 1.16)
    axes.set_xticks([])
    axes.tick_params(left=False)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_bounds(len(bars) - 0.5, -0.5)


def draw(results):
    shown = panels(results)
    lines = [shown[at:at + COLUMNS] for at in range(0, len(shown), COLUMNS)]
    rooms = [max(len(bars) for _, _, bars in line) for line in lines]
    heights = [HEAD + BAR * room for room in rooms]
    figure, grid = pyplot.subplots(
        len(lines), COLUMNS, figsize=(17, 0.9 + sum(heights)), squeeze=False,
        layout="constrained", height_ratios=rooms)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.14)
    for axes, panel, at in zip(grid.flat, shown, range(len(shown))):
        draw_panel(axes, panel, rooms[at // COLUMNS])
    for axes in grid.flat[len(shown):]:
        axes.set_axis_off()
    machine = results["machine"]
    figure.suptitle(
        "libmiopoll and its peers: time against raw epoll, shorter is better\n\n",
        fontsize=16, weight="bold", x=0.01, ha="left")
    figure.text(0.01, 1 - 0.5 / figure.get_figheight(),
                f"{machine['system']}, {machine['architecture']}, "
                f"{machine['processors']} processors; medians of contenders "
                "that took turns"
                + ("; QUICK RUN, TIMES SAY NOTHING"
                   if results["quick"] else ""),
                fontsize=10.5, color="#555555", va="top")
    return figure


def main():
    results = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    # The same data give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "miopoll"
    figure = draw(results)
    figure.savefig(folder / "bench.png", dpi=110)
    figure.savefig(folder / "bench.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
