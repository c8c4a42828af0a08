#!/usr/bin/env python3
"""Write a named Criterion test for each case and selector.

usage: gen_criterion.py CASES_FOLDER OUTPUT SELECTOR...
"""

import pathlib
import sys

HEAD = """/* Made by gen_criterion.py from the cases. */
#include "criterion_front.h"

#include <criterion/criterion.h>
"""

TEST = """
Test({selector}, {identifier}) {{
  cf_criterion("{selector}", "{name}");
}}
"""


def case_names(folder):
    for path in sorted(folder.glob("*.case")):
        for line in path.read_text().splitlines():
            if line.startswith("case "):
                yield line.split()[1]


def main(folder, output, *selectors):
    text = HEAD
    for selector in selectors:
        for name in case_names(pathlib.Path(folder)):
            identifier = name.replace("/", "__").replace("-", "_")
            text += TEST.format(
                selector=selector, identifier=identifier, name=name
            )
    pathlib.Path(output).write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
