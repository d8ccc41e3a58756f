#!/usr/bin/env python3
"""Whether docs/hbase-tests.md has every case of HBase's own client tests, and names only tests of ours that exist.

  hbase_tests.py --check DOC LIST TESTS        LIST: `Class.case`, or `Class` for one that inherits all of its cases. TESTS: the folder of our tests
  hbase_tests.py --record FOLDER... > LIST     writes the list anew, from HBase's test sources (hbase-server's and hbase-client's artifact
                                               `test-sources`, unpacked)

In DOC each class is a section, with a table `case | what it asserts | ours`: cases between backticks, several where they share an answer. `ours` names
tests as `Suite.Test`, or files of tests/peers/java as `Name.java`; or says why there is none.
"""
import pathlib
import re
import sys

PREFIXES = ("TestFromClientSide", "TestScannersFromClientSide", "TestAsyncTable", "TestCheckAndMutate", "TestMultiParallel", "TestBufferedMutator",
            "TestAsyncBufferMutator", "TestAsyncRegionLocator")
# Whose cases those classes inherit.
BASES = ("FromClientSide3TestBase", "AbstractTestAsyncTableScan", "AbstractTestAsyncTableRegionReplicasRead", "AbstractTestRegionLocator")
CASE = re.compile(r"@Test\b[^\n]*\n(?:\s*@[^\n]*\n)*\s*(?:public )?void (\w+)")


def record(folders):
    for path in sorted({each for folder in folders for each in pathlib.Path(folder).rglob("*.java")}, key=lambda each: each.name):
        if not path.stem.startswith(PREFIXES) and path.stem not in BASES:
            continue
        cases = CASE.findall(path.read_text(encoding="utf-8"))
        print("\n".join(f"{path.stem}.{case}" for case in cases) or path.stem)


def tests_of(folder):
    """`Suite.Test` of every test in C++, and the names of the Java programs."""
    found = {path.name for path in (folder / "peers" / "java").glob("*.java")}
    for path in folder.rglob("*.cc"):
        text = path.read_text(encoding="utf-8")
        found.update(f"{suite}.{test}" for suite, test in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text, re.M))
    return found


def check(doc, path, folder):
    ours = tests_of(folder)
    wrong, section = [], None
    cases, named = {}, set()
    for number, line in enumerate(doc.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            section = line[3:].strip()
            cases.setdefault(section, set())
        elif line.startswith("| `") and section:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if len(cells) != 3 or not cells[1] or not cells[2].strip("| "):
                wrong.append(f"{doc}:{number}: not three columns, each with something in it")
                continue
            cases[section].update(re.findall(r"`(\w+)`", cells[0]))
            tests = re.findall(r"`(\w+\.\w+)`", cells[2])
            named.update(tests)
            wrong += [f"{doc}:{number}: there is no test {test}" for test in tests if test not in ours]
    listed = {}
    for line in path.read_text(encoding="utf-8").split():
        name, _, case = line.partition(".")
        listed.setdefault(name, set()).update({case} - {""})
    for name, expected in listed.items():
        if name not in cases:
            wrong.append(f"{doc}: no section {name}")
        wrong += [f"{doc}: {name} does not have {case}" for case in sorted(expected - cases.get(name, set()))]
        wrong += [f"{doc}: {name} has {case}, which HBase's does not" for case in sorted(cases.get(name, set()) - expected)]
    print("\n".join(wrong) or f"{sum(map(len, listed.values()))} cases in {len(listed)} classes; {len(named)} tests of ours named, all there")
    return 1 if wrong else 0


if len(sys.argv) == 5 and sys.argv[1] == "--check":
    sys.exit(check(*map(pathlib.Path, sys.argv[2:])))
elif len(sys.argv) > 2 and sys.argv[1] == "--record":
    record(sys.argv[2:])
else:
    sys.exit(__doc__)
