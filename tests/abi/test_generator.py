"""What the generator writes, and that what is checked in is what it writes."""

import ast
import json
import re
import subprocess
import sys

import pytest
from generator import emit, rules

import small_header
from abi_paths import ABI, HEADER

GENERATE = ABI / "generate.py"


def generate(*arguments, **environment):
    command = [sys.executable, str(GENERATE), *map(str, arguments)]
    return subprocess.run(command, text=True, capture_output=True,
                          **environment)


@pytest.fixture
def good(tmp_path):
    """The small header, read."""
    return rules.load(small_header.write(tmp_path, small_header.GOOD))


@pytest.fixture(scope="module")
def real():
    return rules.load(HEADER)


def test_checked_in_files_are_fresh():
    run = generate("--check")
    assert run.returncode == 0, run.stderr


def test_check_says_what_is_stale_and_what_to_do(tmp_path):
    header = small_header.write(tmp_path, small_header.GOOD)
    out = tmp_path / "out"
    assert generate("--header", header, "--out", out).returncode == 0
    assert generate("--check", "--header", header,
                    "--out", out).returncode == 0
    header.write_text(header.read_text().replace("ONE = 1", "ONE = 2"))
    run = generate("--check", "--header", header, "--out", out)
    assert run.returncode == 1
    assert "+  MIO_THING_ONE = 2," in run.stderr
    assert run.stderr.endswith("run: python abi/generate.py\n")


def test_check_notices_missing_and_strange_files(tmp_path):
    header = small_header.write(tmp_path, small_header.GOOD)
    out = tmp_path / "out"
    generate("--header", header, "--out", out)
    (out / "miopoll.def").unlink()
    (out / "old.txt").write_text("")
    run = generate("--check", "--header", header, "--out", out)
    assert run.returncode == 1
    assert "miopoll.def (from the header)" in run.stderr
    assert "old.txt: nothing generates it" in run.stderr


def test_regenerating_touches_nothing_that_is_fresh(tmp_path):
    header = small_header.write(tmp_path, small_header.GOOD)
    out = tmp_path / "out"
    generate("--header", header, "--out", out)
    times = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    generate("--header", header, "--out", out)
    assert times == {path: path.stat().st_mtime_ns for path in out.iterdir()}


def test_refusal_is_one_line_and_no_traceback(tmp_path):
    header = small_header.write(tmp_path, "MIO_API void mio_a(long n);\n")
    run = generate("--header", header, "--out", tmp_path / "out")
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert f"{header}:5: long: " in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_output_is_the_same_under_every_compiler(compiler, real, monkeypatch):
    monkeypatch.setenv("CC", compiler)
    again = rules.load(HEADER)
    assert emit.generated(again) == emit.generated(real)


def test_every_file_says_where_it_comes_from(real):
    for name, text in emit.generated(real).items():
        assert ("generated from abi/miopoll.h by abi/generate.py; do not edit"
                in text), name


def test_cdef_has_no_comment_macro_or_blank_line(good):
    lines = good.cdef.splitlines()
    assert lines[0] == "typedef struct mio_thing mio_thing_t;"
    assert "  MIO_THING_LAST = 1 << 30" in lines
    assert lines[-1] == ("int32_t mio_thing_new(mio_thing_t **out, "
                         "uint32_t size);")
    assert not re.search(r"/\*|^#|MIO_API|^\n", good.cdef, re.M)


def test_linker_lists_name_every_function(real):
    files = emit.generated(real)
    names = sorted(f.name for f in real.functions)
    assert re.findall(r"^    (mio_\w+);$", files["miopoll.map"], re.M) == names
    assert re.findall(r"^  (mio_\w+)$", files["miopoll.def"], re.M) == names
    assert re.findall(r"^_(mio_\w+)$", files["miopoll.exports"], re.M) == names


def test_one_node_before_1_0(good):
    text = emit.generated(good)["miopoll.map"].split("\n", 1)[1]
    assert text == ("MIO_0 {\n  global:\n    mio_thing_new;\n"
                    "  local:\n    *;\n};\n")


def test_a_node_for_each_release_from_1_0(tmp_path):
    later = small_header.GOOD.replace("@threadsafe yes\n * @since 0.1",
                                      "@threadsafe yes\n * @since 1.10")
    early = "/** Early. @errors none @threadsafe yes @since 0.2 */\n"
    region = f"{later}{early}MIO_API void mio_early(void);\n"
    path = small_header.write(tmp_path, region)
    text = path.read_text().replace("MAJOR 0", "MAJOR 1")
    path.write_text(text.replace("MINOR 1", "MINOR 10"))
    abi = rules.load(path)
    assert abi.nodes() == {"MIO_1.0": ["mio_early"],
                           "MIO_1.10": ["mio_thing_new"]}
    assert emit.generated(abi)["miopoll.map"].endswith(
        "MIO_1.10 {\n  global:\n    mio_thing_new;\n} MIO_1.0;\n")


def test_json_has_all_of_a_function(good):
    described = json.loads(emit.generated(good)["abi.json"])
    assert described["meta"]["token_portable_max"] == 2**53 - 1
    assert described["functions"] == [{
        "name": "mio_thing_new",
        "node": "MIO_0",
        "since": "0.1",
        "summary": "Makes a thing.",
        "text": "Makes a thing. It is made of nothing.",
        "params": [
            {"name": "out", "type": "mio_thing_t **",
             "doc": "set to the thing."},
            {"name": "size", "type": "uint32_t",
             "doc": "how large, in things."}],
        "result": {"type": "int32_t", "doc": "0."},
        "errors": [
            {"name": "ENOMEM", "when": "no memory"},
            {"name": "EINVAL", "when": "`out` is NULL, or size is 0"}],
        "threadsafe": "yes",
        "ownership": "`*out` is the caller's.",
    }]


def test_json_has_layouts_and_constants(good):
    described = json.loads(emit.generated(good)["abi.json"])
    news = described["types"][1]
    assert (news["name"], news["size"], news["align"]) == ("mio_news_t", 16, 8)
    assert [(f["name"], f["offset"], f["size"], f["length"])
            for f in news["fields"]] == [("time", 0, 8, None),
                                         ("what", 8, 8, 2)]
    assert described["types"][2]["kind"] == "options"
    assert described["constants"][1] == {
        "name": "MIO_THING_LAST", "value": 1 << 30, "enum": "mio_thing_bits",
        "since": "0.1", "text": "The last that fits."}


def test_python_constants_are_a_dict(real):
    found = {}
    exec(emit.generated(real)["constants.py"], found)
    wanted = {c.name: c.value for c in real.constants}
    assert found["CONSTANTS"] == wanted | {"MIO_TOKEN_PORTABLE_MAX": 2**53 - 1}


def test_lua_constants_are_the_same(real):
    text = emit.generated(real)["constants.lua"]
    found = dict(re.findall(r"^  (MIO_\w+) = (\d+),$", text, re.M))
    assert text.count("=") == len(found)
    wanted = {c.name: str(c.value) for c in real.constants}
    assert found == wanted | {"MIO_TOKEN_PORTABLE_MAX": str(2**53 - 1)}


def test_stub_parses_and_has_every_name(real):
    tree = ast.parse(emit.generated(real)["miopoll_lib.pyi"])
    lib = next(node for node in tree.body
               if isinstance(node, ast.ClassDef) and node.name == "Lib")
    names = [node.name if isinstance(node, ast.FunctionDef)
             else node.target.id for node in lib.body]
    assert names == [c.name for c in real.constants] + [
        f.name for f in real.functions]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_assertions_hold(compiler, tmp_path):
    out = tmp_path / "assert.o"
    subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-pedantic",
                    "-Werror", f"-I{ABI}", "-c", "-o", out,
                    ABI / "generated" / "abi_assert.c"], check=True)


def test_record_of_the_present_release_is_fresh(real):
    """Once the record of 0.N exists, the header of 0.N says the same."""
    release = ".".join(map(str, real.version[:2]))
    folder = ABI / "frozen" / release
    for name, text in emit.frozen(real, HEADER.read_text(), release).items():
        if folder.exists() and name != "miopoll.h":
            assert (folder / name).read_text() == text, (
                f"{name}: if {release} is not released yet, "
                f"run: python abi/generate.py freeze {release}")


def test_freeze_writes_the_three_files(tmp_path):
    header = small_header.write(tmp_path, small_header.GOOD)
    out = tmp_path / "out"
    assert generate("--header", header, "--out", out, "freeze",
                    "0.1").returncode == 0
    assert (out / "miopoll.h").read_bytes() == header.read_bytes()
    assert (out / "symbols.txt").read_text() == "mio_thing_new@MIO_0\n"
    text = (out / "assertions.c").read_text()
    assert "sizeof(mio_news_t) == 16" in text
    assert "sizeof(mio_thing_options_t) >= 4" in text
    assert "VERSION" not in text


def test_freeze_refuses_another_release(tmp_path):
    header = small_header.write(tmp_path, small_header.GOOD)
    run = generate("--header", header, "--out", tmp_path / "out", "freeze",
                   "0.2")
    assert run.returncode == 1
    assert "the header is 0.1" in run.stderr
