"""The generated pages: the model, from the comment at the top of the header;
functions, types and constants, from abi.json."""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "abi"))

from generator import emit_man  # noqa: E402
from generator.tags import ERRNO  # noqa: E402

GROUPS = [("Version and errors", ("version", "err", "clock")),
          ("Selectors", ("selector",)), ("Poll", ("poll",)),
          ("Registry", ("registry",)), ("Waker", ("waker",)),
          ("Addresses", ("addr",)),
          ("Sources: making them", ("tcp", "udp", "unix", "pipe")),
          ("Sources", ("source",))]

WORD = re.compile(r"`([^`]+)`|\b(mio_\w+\(\))|\b(MIO(?:POLL)?_[A-Z0-9_]+)\b"
                  r"|\b(E[A-Z0-9]{2,})\b|(chapter \d+)|(https?://[^\s)]+)")


def pages(root):
    abi = json.loads((root / "abi/generated/abi.json").read_text())
    header = (root / "abi/miopoll.h").read_text(encoding="utf-8")
    words = Words(abi, emit_man.chapters(header))
    return {"model.md": model(words), "functions.md": functions(abi, words),
            "types.md": types(abi, words)}


def anchor(title):
    """What the table of contents makes of a title."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title).lower())


def escape(text):
    text = re.sub(r"([\\*_|#\[\]])", r"\\\1", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


class Words:
    """Plain text of the header to Markdown, with links to what it names."""

    def __init__(self, abi, chapters):
        self.chapters = chapters
        self.functions = {item["name"] for item in abi["functions"]}
        self.constants = {item["name"] for item in abi["constants"]}
        self.titles = {title.split(".")[0]: title for title, _ in chapters}

    def markdown(self, text, cell=False):
        parts, at = [], 0
        for match in WORD.finditer(text):
            parts += [escape(text[at:match.start()]), self.link(match)]
            at = match.end()
        text = "".join([*parts, escape(text[at:])])
        return text.replace("`IN|", "`IN\\|") if cell else text

    def link(self, match):
        code, function, constant, error, chapter, address = match.groups()
        if function and function[:-2] in self.functions:
            return f"[`{function}`](functions.md#{function[:-2]})"
        if constant in self.constants:
            return f"[`{constant}`](types.md#{constant})"
        if chapter and chapter.split()[1] in self.titles:
            title = self.titles[chapter.split()[1]]
            return f"[{chapter}](model.md#{anchor(title)})"
        if address:
            return f"<{address}>"
        if error and error not in ERRNO:
            return error
        return f"`{code or match[0]}`"


def capital(text):
    return text[:1].upper() + text[1:]


# ---------------------------------------------------------------- the model

def model(words):
    lines = ["# The model", "",
             "What the header says before its declarations; it is also "
             "`man 7 miopoll`. The [functions](functions.md) and the "
             "[types and constants](types.md) have pages of their own.", ""]
    for title, blocks in words.chapters:
        if title:
            lines += [f"## {title}", ""]
        # The first block of all is the header's title.
        for kind, text in blocks if title else blocks[1:]:
            lines += block(words, kind, text)
    return "\n".join(lines) + "\n"


def block(words, kind, text):
    if kind == "code":
        code = emit_man.code_lines(text)
        language = "c" if any(line.endswith(";") for line in code) else "text"
        return [f"```{language}", *code, "```", ""]
    flow = words.markdown(" ".join(text).replace("This file", "The header"))
    return ["", f"- {flow}"] if kind == "item" else ["", flow, ""]


# ------------------------------------------------------------ the functions

def functions(abi, words):
    lines = ["# Functions", "",
             "Each has a manual page too, as `man 3 mio_poll_wait`. A result "
             "below 0 is an error; its name is what "
             "[`mio_err_name()`](functions.md#mio_err_name) gives.", ""]
    for title, kinds in GROUPS:
        lines += [f"## {title}", ""]
        for item in abi["functions"]:
            if item["name"].split("_")[1] in kinds:
                lines += function(item, words)
    return "\n".join(lines) + "\n"


def function(item, words):
    lines = [f"### `{item['name']}` {{#{item['name']}}}", "", "```c",
             prototype(item), "```", "", words.markdown(item["text"]), ""]
    if item["params"]:
        lines += ["| argument | |", "|---|---|"]
        lines += [f"| `{p['name']}` | "
                  f"{words.markdown(capital(p['doc']), True)} |"
                  for p in item["params"]]
        lines.append("")
    facts = [("Returns", item["result"]["doc"]),
             ("Ownership", item["ownership"]),
             ("Any thread", item["threadsafe"])]
    lines += [f"**{name}:** {words.markdown(text)}  "
              for name, text in facts if text]
    lines += [f"**Since:** {item['since']}", ""]
    if item["errors"]:
        lines += ["| error | when |", "|---|---|"]
        lines += [f"| `{e['name']}` | "
                  f"{words.markdown(capital(e['when']), True)} |"
                  for e in item["errors"]]
        lines.append("")
    return lines


def prototype(item):
    params = [declare(p["type"], p["name"]) for p in item["params"]]
    first = declare(item["result"]["type"], item["name"]) + "("
    line = first + (", ".join(params) or "void") + ");"
    if len(line) <= 79:
        return line
    return first + (",\n" + " " * len(first)).join(params) + ");"


def declare(type_, name):
    return type_ + ("" if type_.endswith("*") else " ") + name


# ------------------------------------------------------ types and constants

def types(abi, words):
    lines = ["# Types and constants", "", "## Types", ""]
    for item in abi["types"]:
        lines += type_(item, words)
    lines += ["## Constants", ""]
    values = {item["name"]: item for item in abi["constants"]}
    for enum in abi["enums"]:
        lines += [f"### `enum {enum['tag']}` {{#{enum['tag']}}}", "",
                  words.markdown(enum["text"]), "",
                  "| constant | value | |", "|---|---|---|"]
        lines += [constant(values[name], words) for name in enum["constants"]]
        lines.append("")
    return "\n".join(lines) + "\n"


def type_(item, words):
    name = item["name"]
    lines = [f"### `{name}` {{#{name}}}", "", words.markdown(item["text"]),
             ""]
    if "fields" in item:
        lines += ["| field | type | offset | |", "|---|---|---|---|"]
        lines += [f"| `{f['name']}` | `{f['type']}` | {f['offset']} | "
                  f"{words.markdown(f['text'], True)} |"
                  for f in item["fields"]]
        lines.append("")
    return lines


def constant(item, words):
    name = item["name"]
    return (f'| <span id="{name}"></span>`{name}` | {item["value"]} | '
            f"{words.markdown(item['text'], True)} |")
