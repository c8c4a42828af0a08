"""Manual pages in mdoc(7): one of section 3 for each function, and
miopoll(7), which is the comment at the top of the header."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from .emit_symbols import NOTICE
from .tags import ERRNO

# mdoc(7) wants a date: that of the draft, not that of a build.
DATE = "November 25, 2026"

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 78
OBJECTS = ("poll", "registry", "waker", "selector", "err")


def files(abi):
    pages = {f"man/man3/{item.name}.3": Page(abi, item).text()
             for item in abi.functions}
    found = chapters(read(abi))
    if found:
        pages["man/man7/miopoll.7"] = model_page(abi, found)
    return pages


def read(abi):
    """The header's text; `abi.path` is as messages show it."""
    inside = ROOT / abi.path
    path = inside if inside.exists() else Path(abi.path)
    return path.read_text(encoding="utf-8")


# ------------------------------------------------------------ the chapters

def chapters(header):
    """[(title, blocks)] of the comment at the top; the part before the first
    chapter has no title. Blocks are ("text", lines), ("item", lines) and
    ("code", lines). How to read the header itself is left out."""
    comment = re.match(r"/\*(.*?)\*/", header, re.DOTALL)
    if comment is None:
        return []
    lines = [re.sub(r"^ \* ?", "", line).rstrip()
             for line in comment[1].split("\n")]
    found = [("", [])]
    reader = Blocks(found[0][1])
    for line in lines:
        title = re.match(r"(\d+\. [A-Z].*)", line)
        if title:
            found.append((title[1], []))
            reader = Blocks(found[-1][1])
        else:
            reader.take(line)
    if found[-1][1] and found[-1][1][-1][1][0].startswith("How to read"):
        del found[-1][1][-1]
    return found


class Blocks:
    """Sorts lines into blocks, by how far they are indented."""

    def __init__(self, blocks):
        self.blocks = blocks
        self.fresh = True  # After a blank line.

    def take(self, line):
        indent = len(line) - len(line.lstrip())
        kind = self.blocks[-1][0] if self.blocks else None
        if not line:
            if kind == "code":
                self.blocks[-1][1].append("")
            self.fresh = True
            return
        if re.match(r"  - ", line):
            self.blocks.append(("item", [line[4:]]))
        elif kind == "code" and indent >= 2:
            self.blocks[-1][1].append(line)
        elif indent >= 2 and self.fresh:
            self.blocks.append(("code", [line]))
        elif self.fresh or kind == "code" or (indent == 4 and kind != "item"):
            self.blocks.append(("text", [line.strip()]))
        else:
            self.blocks[-1][1].append(line.strip())
        self.fresh = False


def code_lines(lines):
    """The lines of a code block as they are shown."""
    return textwrap.dedent("\n".join(lines)).strip("\n").split("\n")


# -------------------------------------------------------------------- mdoc

SPECIAL = {"\\": r"\e", "^": r"\(ha", "~": r"\(ti", "`": r"\(ga"}


def escape(text):
    text = "".join(SPECIAL.get(letter, letter) for letter in text)
    # A hyphen that begins a word is a minus, not a dash.
    return re.sub(r"(?<!\w)-(?=\w)", r"\\-", text)


def escape_code(line):
    line = "".join(SPECIAL.get(letter, letter) for letter in line)
    line = line.replace("-", r"\-").replace("'", r"\(aq")
    return r"\&" + line if line[:1] in (".", "'") else line


def quote(text):
    """An argument of a macro."""
    return '"' + escape(text).replace('"', r"\(dq") + '"'


class Prose:
    """Text to lines of mdoc: names of functions, constants, errors and pages
    become macros, which stand on lines of their own."""

    WORD = re.compile(r"`[^`]+`\S*|\S+")
    PARTS = re.compile(r"([\[(]*)(`[^`]+`|\w+\(\d?\)|.+?)"
                       r"([\])]*[.,:;?!]*[\])]*)$")

    def __init__(self, abi, inside=None):
        self.functions = {item.name for item in abi.functions}
        self.inside = inside
        self.params = {p.name for p in inside.params} if inside else ()

    def lines(self, text):
        lines, plain = [], []

        def flush():
            if plain:
                lines.extend(textwrap.wrap(
                    " ".join(plain), WIDTH, break_long_words=False,
                    break_on_hyphens=False))
                plain.clear()

        for word in self.words(text):
            before, core, after = self.PARTS.match(word).groups()
            macro = self.macro(core)
            if macro is None:
                plain.append(escape(word))
            else:
                flush()
                marks = "".join(f" {mark}" for mark in after)
                start = rf".No \&{before} Ns " if before else "."
                lines.append(f"{start}{macro}{marks}")
            if re.search(r"[.?!][)\]]*$", after) and macro is None:
                flush()  # mdoc(7): a new sentence, a new line.
        flush()
        return [r"\&" + line if line.startswith("'") else line
                for line in lines]

    def words(self, text):
        """Chapters are of miopoll(7), as the pages of section 3 have to say.
        """
        if self.inside:
            text = re.sub(r"\b(chapter \d+)\b", r"\1 of miopoll(7)", text)
        return self.WORD.findall(text)

    def macro(self, core):
        """The macro for what a word is, or None."""
        if core.startswith("`"):
            inner = core[1:-1]
            kind = "Fa" if inner.lstrip("*") in self.params else "Ql"
            return f"{kind} {quote(inner)}"
        function = re.fullmatch(r"(mio_\w+)\(\)", core)
        if function and function[1] in self.functions:
            if self.inside and self.inside.name == function[1]:
                return f"Fn {function[1]}"
            return f"Xr {function[1]} 3"
        page = re.fullmatch(r"([a-z_]\w*)\((\d)\)", core)
        if page:
            return f"Xr {page[1]} {page[2]}"
        if re.fullmatch(r"MIO_[A-Z0-9_]+", core):
            return f"Dv {core}"
        if core == "MIOPOLL_SELECTOR":
            return f"Ev {core}"
        return f"Er {core}" if core in ERRNO else None


def head(abi, name, section):
    release = ".".join(map(str, abi.version[:2]))
    return [f'.\\" {NOTICE}', f".Dd {DATE}", f".Dt {name.upper()} {section}",
            f".Os libmiopoll {release}", ".Sh NAME"]


LIBRARY = [".Sh LIBRARY", "miopoll", ".Pq libmiopoll , Fl l Ns Ar miopoll"]


def finish(lines):
    return "\n".join(lines) + "\n"


# --------------------------------------------------------------- section 3

class Page:
    """The page of a function."""

    def __init__(self, abi, item):
        self.abi = abi
        self.item = item
        self.doc = item.doc
        self.prose = Prose(abi, item)

    def text(self):
        lines = head(self.abi, self.item.name, 3)
        summary = self.doc.summary
        lines += [f".Nm {self.item.name}",
                  f".Nd {lower(escape(summary.rstrip('.')))}", *LIBRARY,
                  *self.synopsis(), *self.description(), *self.results(),
                  *self.errors()]
        if self.doc.ownership:
            lines += [".Sh OWNERSHIP",
                      *self.prose.lines(upper(self.doc.ownership))]
        lines += [".Sh THREADS", *self.threads(), *self.see_also(),
                  ".Sh HISTORY", f".Fn {self.item.name}",
                  f"first appeared in libmiopoll {self.doc.since}."]
        return finish(lines)

    def synopsis(self):
        lines = [".Sh SYNOPSIS", ".In miopoll.h", f".Ft {self.item.result}",
                 f".Fo {self.item.name}"]
        lines += [f'.Fa "{p.type.declare(p.name)}"' for p in self.item.params]
        if not self.item.params:
            lines.append(".Fa void")
        return [*lines, ".Fc"]

    def description(self):
        lines = [".Sh DESCRIPTION", *self.prose.lines(self.doc.text)]
        if not self.item.params:
            return lines
        longest = max((p.name for p in self.item.params), key=len)
        lines += [".Pp", "The arguments:", f".Bl -tag -width {longest}"]
        for param in self.item.params:
            lines += [f".It Fa {param.name}",
                      *self.prose.lines(upper(self.doc.params[param.name]))]
        return [*lines, ".El"]

    def results(self):
        lines = [".Sh RETURN VALUES"]
        if self.doc.returns is None:
            return [*lines, f".Fn {self.item.name}", "returns nothing."]
        if not self.doc.errors:
            return lines + self.prose.lines(upper(self.doc.returns))
        return [*lines, "When all went well:",
                *self.prose.lines(self.doc.returns), "Otherwise a negative",
                ".Va errno ,", "as listed below;",
                ".Xr mio_err_name 3", "gives its name."]

    def errors(self):
        if not self.doc.errors:
            return [".Sh ERRORS", "None."]
        lines = [".Sh ERRORS", ".Bl -tag -width Er"]
        for name, when in self.doc.errors:
            lines += [f".It Bq Er {name}",
                      *self.prose.lines(upper(when) + ".")]
        return [*lines, ".El"]

    def threads(self):
        """`yes` or `no`, then under what condition."""
        word, _, rest = self.doc.threadsafe.partition(" ")
        plain = word.rstrip(",:")
        answer = {"yes": "Any thread may call it at any time",
                  "no": "Not every thread may call it at any time"}[plain]
        joint = word[len(plain):] + (" " if rest else "")
        return self.prose.lines(f"{answer}{joint}{rest}.")

    def see_also(self):
        kind = self.item.name.split("_")[1]
        group = {f.name for f in self.abi.functions
                 if f.name.split("_")[1] == kind and kind in OBJECTS}
        text = " ".join([self.doc.text, *self.doc.params.values(),
                         *(when for _, when in self.doc.errors or ())])
        group |= set(re.findall(r"\b(mio_\w+)\(\)", text))
        if self.doc.errors:
            group.add("mio_err_name")
        known = {f.name for f in self.abi.functions} - {self.item.name}
        return [".Sh SEE ALSO",
                *(f".Xr {name} 3 ," for name in sorted(group & known)),
                ".Xr miopoll 7"]


def lower(text):
    return text[:1].lower() + text[1:]


def upper(text):
    """A capital at the beginning, unless a name stands there."""
    word = text.split()[0]
    return text[:1].upper() + text[1:] if word.rstrip(",.:;").isalpha() \
        else text


# --------------------------------------------------------------- section 7

def model_page(abi, found):
    prose = Prose(abi)
    lines = head(abi, "miopoll", 7)
    lines += [".Nm miopoll", ".Nd readiness polling with the model of mio",
              ".Sh SYNOPSIS", ".In miopoll.h", ".Sh DESCRIPTION"]
    for title, blocks in found:
        if title:
            lines.append(f".Sh {escape(title)}")
        lines += chapter(prose, blocks, bool(title))
    lines += [*constants(abi, prose), *structs(abi, prose),
              *functions(abi, prose)]
    return finish(lines)


def chapter(prose, blocks, titled):
    """The first block of all is the title of the header."""
    lines, before = [], None
    for kind, text in blocks if titled else blocks[1:]:
        if before == "item" and kind != "item":
            lines.append(".El")
        if kind == "code":
            lines += literal(text)
        elif kind == "item":
            if before != "item":
                lines.append(".Bl -dash -compact")
            lines += [".It", *prose.lines(" ".join(text))]
        else:
            words = " ".join(text).replace("This file", "The header")
            paragraph = [".Pp"] if before else []
            lines += paragraph + prose.lines(words)
        before = kind
    return [*lines, ".El"] if before == "item" else lines


def literal(lines):
    return [".Bd -literal -offset indent",
            *(escape_code(line) for line in code_lines(lines)), ".Ed"]


def constants(abi, prose):
    lines = [".Sh CONSTANTS"]
    for enum in abi.enums:
        longest = max((c.name for c in enum.constants), key=len)
        lines += [f".Ss enum {enum.tag}", *prose.lines(enum.doc.text),
                  f".Bl -tag -width {longest}"]
        for item in enum.constants:
            lines += [f".It Dv {item.name} No = {item.value}",
                      *prose.lines(item.doc.text)]
        lines.append(".El")
    return lines


def structs(abi, prose):
    lines = [".Sh TYPES"]
    for item in [*abi.opaques, *abi.aliases]:
        lines += [f".Ss {item.name}", *prose.lines(item.doc.text)]
    for item in abi.structs:
        lines += [f".Ss {item.name}", *prose.lines(item.doc.text),
                  ".Bl -tag -width readiness"]
        for field in item.fields:
            lines += [f'.It Fa "{field.type.declare(field.name)}"',
                      *prose.lines(field.doc.text)]
        lines.append(".El")
    return lines


def functions(abi, prose):
    lines = [".Sh FUNCTIONS", ".Bl -tag -width Ds -compact"]
    for item in abi.functions:
        lines += [f".It Xr {item.name} 3",
                  *prose.lines(lower(item.doc.summary.rstrip(".")))]
    names = sorted(item.name for item in abi.functions)
    return [*lines, ".El", ".Sh SEE ALSO",
            ".Xr poll 2 ,", *(f".Xr {name} 3 ," for name in names),
            ".Xr epoll 7", ".Sh HISTORY",
            "A release 0.N is a draft of the ABI, which 1.0 freezes."]
