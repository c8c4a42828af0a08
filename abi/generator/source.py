"""Cuts the boundary region out of the header: its text as the preprocessor
leaves it, and its statements with their doc comments and line numbers."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass, field

from .errors import HeaderError

BEGIN = "/* MIO_ABI_BEGIN */"
END = "/* MIO_ABI_END */"

TOKEN = re.compile(r"""
    (?P<comment> /\*.*?\*/ | //[^\n]* )
  | (?P<macro>   ^[ \t]*\#[^\n]* )
  | (?P<space>   \s+ )
  | (?P<word>    \w+ )
  | (?P<mark>    \.\.\. | . )
""", re.VERBOSE | re.DOTALL | re.MULTILINE)


@dataclass
class Token:
    kind: str
    text: str
    line: int


@dataclass
class Statement:
    """A declaration of the region, or an enumerator or field inside one."""

    line: int
    doc: Token | None
    words: list[Token] = field(default_factory=list)
    parts: list[Statement] = field(default_factory=list)


@dataclass
class Source:
    path: str
    text: str
    region: str
    first_line: int
    version: tuple[int, int, int]


def read(path, shown=None):
    """Reads a header; messages call it `shown`."""
    text = path.read_text(encoding="utf-8")
    shown = shown or str(path)
    for mark in (BEGIN, END):
        if text.count(mark) != 1:
            raise HeaderError(shown, 1, f"expected one {mark}, "
                              f"found {text.count(mark)}")
    start = text.index(BEGIN) + len(BEGIN)
    version = tuple(version_macro(shown, text, part)
                    for part in ("MAJOR", "MINOR", "PATCH"))
    return Source(shown, text, text[start:text.index(END)],
                  text[:start].count("\n") + 1, version)


def version_macro(path, text, part):
    found = re.search(rf"^#define MIO_VERSION_{part} (\d+)$", text, re.M)
    if not found:
        raise HeaderError(path, 1, f"no #define MIO_VERSION_{part} NUMBER")
    return int(found[1])


def tokens(source):
    """The region's tokens, without white space."""
    line = source.first_line
    for match in TOKEN.finditer(source.region):
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], line)
        line += match[0].count("\n")


def compiler():
    """CC may hold arguments, as in `ccache gcc`."""
    return shlex.split(os.environ.get("CC", "cc"))


def preprocess(source):
    """The region after `cc -E`: no comment, no MIO_API. Line marks stay."""
    command = [*compiler(), "-E", "-undef", "-nostdinc", "-DMIO_FFI",
               "-DMIO_API=", "-x", "c", "-"]
    text = f'#line {source.first_line} "{source.path}"\n{source.region}\n'
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    if run.returncode != 0:
        raise HeaderError(source.path, source.first_line,
                          "the preprocessor failed:\n" + run.stderr)
    return run.stdout


def tidy(preprocessed):
    """The same text laid out anew, so that every preprocessor gives the same
    bytes: a function on one line, a member or enumerator on each."""
    text = re.sub(r"^#.*$", "", preprocessed, flags=re.M)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s*;\s*", ";\n", text)
    text = re.sub(r"\{[^}]*\}", tidy_braces, text)
    return text.replace("( ", "(").replace(" )", ")").rstrip() + "\n"


def tidy_braces(match):
    lines = re.sub(r"([,;])\s*", r"\1\n", match[0][1:-1]).split("\n")
    inner = [f"  {line.strip()}" for line in lines if line.strip()]
    return "{\n" + "\n".join(inner) + "\n}"


class Scanner:
    """Splits the tokens into statements and hands each its doc comment."""

    def __init__(self, source):
        self.source = source
        self.statements = []
        self.current = None
        self.part = None
        self.doc = None
        self.braces = 0
        self.parens = 0

    def fail(self, line, message):
        raise HeaderError(self.source.path, line, message)

    def run(self):
        for token in tokens(self.source):
            if token.kind == "macro":
                self.fail(token.line, "preprocessor line in the region: "
                          "constants are enumerators")
            if token.kind == "comment":
                self.comment(token)
            else:
                self.code(token)
        if self.doc:
            self.fail(self.doc.line, "doc comment describes nothing")
        if self.current:
            self.fail(self.current.line, "declaration does not end")
        return self.statements

    def comment(self, token):
        if not token.text.startswith("/**"):
            return
        if self.doc:
            self.fail(self.doc.line, "doc comment describes nothing")
        if self.part or (self.current and not self.braces):
            self.fail(token.line, "doc comment inside a declaration")
        self.doc = token

    def code(self, token):
        if self.braces and token.text == "}":
            self.close(token)
            return
        if self.braces and self.part is None:
            self.part = self.begin(token)
            self.current.parts.append(self.part)
        elif self.current is None:
            self.current = self.begin(token)
            self.statements.append(self.current)
        self.parens += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "{":
            self.open(token)
        elif self.ends(token):
            self.end()
        else:
            (self.part or self.current).words.append(token)

    def begin(self, token):
        doc, self.doc = self.doc, None
        return Statement(token.line, doc)

    def open(self, token):
        if self.braces:
            self.fail(token.line, "nested struct or union")
        self.braces = 1

    def ends(self, token):
        mark = ";"
        if self.braces and self.current.words[0].text == "enum":
            mark = ","
        return self.parens == 0 and token.text == mark

    def end(self):
        if self.braces:
            self.part = None
        else:
            self.current = None

    def close(self, token):
        if self.doc:
            self.fail(self.doc.line, "doc comment describes nothing")
        self.braces = 0
        self.part = None
