#!/usr/bin/env python3
"""Makes a test of each page of a guide: its C++ blocks, one after the other, are one program, which prints what the page says.

    examples.py OUT.cc PAGE.md...

A block begins with ```cpp. In a block a comment `// -> text` says what is printed until there: the next line of the output. `#include` lines
move to the beginning. A page's blocks share their variables, and have a `connection` and a Table `users` (tests/docs/page.h).
"""

import pathlib
import re
import sys


def blocks(text):
    """(line of the first line of code, lines) of each C++ block."""
    inside, begin, lines = False, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if not inside and line == "```cpp":
            inside, begin, lines = True, number + 1, []
        elif inside and line == "```":
            inside = False
            yield begin, lines
        elif inside:
            lines.append(line)
    if inside:
        sys.exit("a block does not end")


def test_of(page, includes):
    text = page.read_text()
    expected, body = [], []
    for begin, lines in blocks(text):
        body.append(f'#line {begin} "{page}"')
        for line in lines:
            if line.startswith("#include"):
                includes.add(line)
                body.append("")
                continue
            body.append("  " + line if line else "")
            said = re.search(r"// -> (.*)$", line)
            if said:
                expected.append(said.group(1))
    if not body:
        sys.exit(f"{page} has no examples")
    name = "".join(word.capitalize() for word in re.split(r"\W+", page.stem))
    strings = ", ".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in expected)
    return "\n".join([f"TEST_F(Page, {name}) {{", *body, f'#line 1 "expectations of {page.name}"', f"  expect_printed({{{strings}}});", "}", ""])


def main():
    out, *pages = map(pathlib.Path, sys.argv[1:])
    includes = set()
    tests = [test_of(page, includes) for page in sorted(pages)]
    out.write_text("\n".join(['#include "tests/docs/page.h"', "", *sorted(includes), "", "namespace hbmux::docs {", "namespace {", "", *tests,
                              "}  // namespace", "}  // namespace hbmux::docs", ""]))


if __name__ == "__main__":
    main()
