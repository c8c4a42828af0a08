"""Writes miopoll/_miopoll.pyi, the types of the extension module: what the
generator knows of the library, and what the extension adds. `--check` only
tells whether it is fresh."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
GENERATED = HERE.parent.parent / "abi/generated/miopoll_lib.pyi"
ADDED = HERE / "extension/guard.pyi"
STUB = HERE / "miopoll/_miopoll.pyi"
BUFFER = "from typing_extensions import Buffer  # Type checkers have it."
END = "\nffi: Any\nlib: Lib\n"


def composed() -> str:
    generated = GENERATED.read_text()
    if not generated.endswith(END):
        raise SystemExit(f"{GENERATED.name} does not end as expected")
    imports = "from typing import Any, Iterable, SupportsFloat,"
    generated = generated.replace("from typing import Any,", imports)
    generated = generated.replace("\n\n", f"\n{BUFFER}\n\n", 1)
    return generated[: -len(END)] + "\n" + ADDED.read_text()


def main() -> None:
    if "--check" not in sys.argv[1:]:
        STUB.write_text(composed())
    elif STUB.read_text() != composed():
        raise SystemExit("stale: run bindings/python/stub.py")


if __name__ == "__main__":
    main()
