"""The site builds without a warning, and its links lead somewhere."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from blocks import ROOT

sys.path.insert(0, str(ROOT / "docs/site"))

import pages  # noqa: E402


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[key] for key in ("id", "name") if key in found}
        self.links += [found[key] for key in ("href", "src") if key in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run([ROOT / "tools/docs.sh", folder], text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "WARNING" not in (folder / "mkdocs.log").read_text()
    return folder / "site"


def copy_of_the_project(folder):
    """Its pages are copies, which can be changed; the rest are links."""
    for path in ROOT.iterdir():
        if path.name not in ("docs", "build"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs", folder / "docs")
    (folder / "build/docs").mkdir(parents=True)
    (folder / "build/docs/venv").symlink_to(ROOT / "build/docs/venv")


@pytest.mark.parametrize("link, complaint", [
    ("[x](semantics.md#nowhere)", "does not contain an anchor '#nowhere'"),
    ("[x](nowhere.md)", "docs/faq.md: nowhere.md is not there"),
])
def test_a_link_that_leads_nowhere_fails(site, tmp_path, link, complaint):
    """`site` is for the venv, which building it makes."""
    copy_of_the_project(tmp_path)
    with (tmp_path / "docs/faq.md").open("a") as page:
        page.write(f"\n{link}\n")
    done = subprocess.run([tmp_path / "tools/docs.sh"], text=True,
                          capture_output=True, timeout=300)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_every_link_leads_somewhere(site):
    read = {path: Page(path.read_text(encoding="utf-8"))
            for path in site.rglob("*.html")}
    assert len(read) > 20
    for path, page in read.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link) or path.name == "404.html":
                continue
            target, _, anchor = link.partition("#")
            there = (path.parent / unquote(target)).resolve() if target \
                else path
            there = there / "index.html" if there.is_dir() else there
            assert there.exists(), f"{path.relative_to(site)}: {link}"
            if anchor and there in read:
                assert unquote(anchor) in read[there].anchors, (
                    f"{path.relative_to(site)}: {link}")


def test_nothing_is_fetched_from_elsewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|link)[^>]*(?:src|href)="https?:',
                             text), path


def test_every_function_has_an_entry_and_its_errors(site):
    text = (site / "functions.html").read_text(encoding="utf-8")
    functions = json.loads((ROOT / "abi/generated/abi.json").read_text())
    for function in functions["functions"]:
        assert f'id="{function["name"]}"' in text
    assert text.count("<code>EBADF</code>") >= 4


def test_links_go_to_where_things_are_in_the_site(tmp_path):
    site = pages.Site(tmp_path)
    text = "[`a`](abi/miopoll.h), [b](src/poll.c), [c](docs/faq.md)"
    assert pages.LINK.sub(
        lambda match: site.link("README.md", "index.md", match), text) == (
        "[`a`](model.md), [b](source/src/poll.c.md), [c](faq.md)")
    assert site.broken == []


def test_links_keep_their_anchors(tmp_path):
    site = pages.Site(tmp_path)
    match = pages.LINK.search("[x](../semantics.md#row)")
    assert site.link("docs/selectors/epoll.md", "selectors/epoll.md",
                     match) == "[x](../semantics.md#row)"
