#!/usr/bin/env python3
"""Collects what the site is made of: the prose pages, with their links turned
to where things are in the site; the model and the reference, from the header
and abi.json; and each source file that a page links to, as a page.

    pages.py FOLDER        writes FOLDER/pages and FOLDER/mkdocs.yml

Says what links nowhere, and then exits with 1.
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import reference

ROOT = Path(__file__).resolve().parents[2]

# Tab -> pages by their names in the site, or (title, name).
NAVIGATION = {
    "Start": [("libmiopoll", "index.md"), ("Questions", "faq.md"),
              ("Performance", "performance.md"),
              ("Changes", "changelog.md")],
    "Manual": [("The model", "model.md"), ("Functions", "functions.md"),
               ("Types and constants", "types.md"),
               ("Semantics", "semantics.md"),
               ("epoll", "selectors/epoll.md"),
               ("kqueue", "selectors/kqueue.md"),
               ("poll(2)", "selectors/poll.md"),
               ("Platforms", "platforms.md")],
    "Languages": [("Python", "python.md"), ("Lua", "lua.md"),
                  ("Porting from mio", "porting-from-mio.md"),
                  ("Bind your language", "bind-your-language.md")],
    "Inside": [("The ABI", "abi.md"), ("Conventions", "conventions.md"),
               ("Conformance", "conformance.md"),
               ("Conformance matrix", "conformance-matrix.md"),
               ("Decisions", "decisions.md"), ("Coverage", "coverage.md"),
               ("Contributing", "contributing.md"),
               ("Security", "security.md"), ("Licence", "license.md")],
}
TOP = {"README.md": "index.md", "CHANGELOG.md": "changelog.md",
       "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md",
       "LICENSE": "license.md"}
GENERATED = {"abi/miopoll.h": "model.md"}
PICTURES = {".png", ".svg", ".jpg"}
LANGUAGES = {".c": "c", ".h": "c", ".py": "python", ".lua": "lua",
             ".sh": "sh", ".json": "json", ".js": "js", ".rb": "ruby",
             ".rs": "rust", ".go": "go", ".php": "php", ".pl": "perl"}

LINK = re.compile(r"(!?\[(?:[^\]`]|`[^`]*`)*\]\()([^)\s]+)(\))"
                  r'|(<img[^>]*\ssrc=")([^"]+)(")'
                  r"|(^\[[^\]]+\]:\s+)(\S+)()", re.M)
FENCE = re.compile(r"^(```.*?^```$)", re.M | re.S)


class Site:
    def __init__(self, folder):
        self.folder = folder / "pages"
        self.broken = []
        self.sources = {}  # Of the project -> its name in the site.
        self.pages = {name: page for name, page in TOP.items()
                      if (ROOT / name).exists()}
        for path in sorted((ROOT / "docs").rglob("*.md")):
            name = path.relative_to(ROOT).as_posix()
            self.pages[name] = name.removeprefix("docs/")

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, page in self.pages.items():
            self.write(page, self.prose(name, page))
        for page, text in reference.pages(ROOT).items():
            self.write(page, text)
        self.copy("docs/site/site.css", "site.css")
        for name, page in list(self.sources.items()):
            self.write(page, self.source(name))

    def write(self, page, text):
        path = self.folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def copy(self, name, page):
        path = self.folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, path)

    def prose(self, name, page):
        text = (ROOT / name).read_text(encoding="utf-8")
        if name == "LICENSE":
            return f"# Licence\n\n```text\n{text.rstrip()}\n```\n"
        parts = FENCE.split(text)
        for i in range(0, len(parts), 2):  # What is not inside of a fence.
            parts[i] = LINK.sub(lambda m: self.link(name, page, m), parts[i])
        return "".join(parts)

    def link(self, name, page, match):
        before, target, after = [g for g in match.groups() if g is not None]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        target, mark, anchor = target.partition("#")
        found = os.path.normpath(os.path.join(os.path.dirname(name), target))
        there = self.place(found)
        if there is None:
            self.broken.append(f"{name}: {target} is not there")
            return match[0]
        there = os.path.relpath(there, os.path.dirname(page) or ".")
        return f"{before}{there}{mark}{anchor}{after}"

    def place(self, name):
        """Where something of the project is in the site; None: nowhere."""
        known = self.pages.get(name) or GENERATED.get(name)
        if known or not (ROOT / name).exists():
            return known
        if Path(name).suffix in PICTURES:
            self.copy(name, name)
            return name
        page = f"source/{name}{'/index' if (ROOT / name).is_dir() else ''}.md"
        self.sources[name] = page
        return page

    @staticmethod
    def source(name):
        path = ROOT / name
        if path.is_dir():
            names = sorted(p.name + ("/" if p.is_dir() else "")
                           for p in path.iterdir()
                           if not p.name.startswith(("_", ".")))
            return f"# {name}/\n\n" + "".join(f"- `{n}`\n" for n in names)
        text = path.read_text(encoding="utf-8").rstrip()
        language = LANGUAGES.get(path.suffix, "text")
        return f"# {name}\n\n````{language}\n{text}\n````\n"

    def navigation(self):
        exists = {path.relative_to(self.folder).as_posix()
                  for path in self.folder.rglob("*.md")}
        tabs, listed = [], set()
        for tab, entries in NAVIGATION.items():
            here = [(title, page) for title, page in entries
                    if page in exists]
            listed |= {page for _, page in here}
            tabs.append({tab: [{title: page} for title, page in here]})
        rest = sorted(page for page in exists - listed
                      if not page.startswith("source/"))
        if rest:
            tabs.append({"More": rest})
        return tabs


def configuration(site):
    """JSON is YAML."""
    return json.dumps({
        "INHERIT": str(ROOT / "docs/site/mkdocs.yml"),
        "docs_dir": "pages",
        "site_dir": "site",
        "nav": site.navigation(),
        "not_in_nav": "/source/",
    }, indent=1)


def main():
    folder = Path(sys.argv[1]).resolve()
    site = Site(folder)
    site.run()
    (folder / "mkdocs.yml").write_text(configuration(site))
    print("".join(f"pages: {line}\n" for line in site.broken), end="",
          file=sys.stderr)
    return 1 if site.broken else 0


if __name__ == "__main__":
    sys.exit(main())
