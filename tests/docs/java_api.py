#!/usr/bin/env python3
"""Whether docs/coming-from-java.md has every public method of HBase's Java client.

  java_api.py --check DOC LIST HEADERS         each line of LIST must stand in DOC's section of its class, between backticks; what DOC calls in its
                                               second columns must be declared in the folder HEADERS
  java_api.py --record JAR > LIST              writes the list anew, from the classes in JAR (org.apache.hbase:hbase-client)

A line of LIST is `Class.method(Parameter, Parameter)`, with simple names of types. Methods that a class inherits count for the class that
declares them.
"""
import pathlib
import re
import sys
import zipfile

PACKAGE = "org/apache/hadoop/hbase/client/"
CLASSES = [
    "ConnectionFactory", "Connection", "AsyncConnection", "Table", "AsyncTable", "TableBuilder", "AsyncTableBuilder", "Query", "Get", "Scan",
    "ResultScanner", "ScanResultConsumer", "ScanResultConsumerBase", "AdvancedScanResultConsumer", "Cursor", "Result", "OperationWithAttributes",
    "Operation", "Mutation", "Put", "Delete", "Append", "Increment", "Row", "RowMutations", "CheckAndMutate", "CheckAndMutate.Builder",
    "Table.CheckAndMutateBuilder", "Table.CheckAndMutateWithFilterBuilder", "AsyncTable.CheckAndMutateBuilder",
    "AsyncTable.CheckAndMutateWithFilterBuilder", "CheckAndMutateResult", "BufferedMutator", "BufferedMutatorParams", "AsyncBufferedMutator",
    "RegionLocator", "AsyncTableRegionLocator",
]
# Classes that share a section.
SECTIONS = {"ScanResultConsumerBase": "ScanResultConsumer", "AdvancedScanResultConsumer": "ScanResultConsumer"}
# Of the standard library, or of Boost.
STANDARD = {"has_value", "value_or", "at", "empty", "size", "string"}


class ClassFile:
    """As much of a .class file (JVM specification, chapter 4) as tells its methods."""

    SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
    PUBLIC, BRIDGE, ABSTRACT, SYNTHETIC = 0x0001, 0x0040, 0x0400, 0x1000

    def __init__(self, data):
        self.data, self.at, self.texts = data, 8, {}
        number, count = 1, self.u2()
        while number < count:
            tag = self.take(1)[0]
            if tag == 1:
                self.texts[number] = self.take(self.u2()).decode("utf-8", "replace")
            else:
                self.take(self.SIZES[tag])
            number += 2 if tag in (5, 6) else 1
        abstract = self.u2() & self.ABSTRACT
        self.take(4)  # this class and its superclass
        self.take(2 * self.u2())
        self.members()  # fields
        self.methods = [(name, descriptor) for flags, name, descriptor in self.members()
                        if flags & self.PUBLIC and not flags & (self.BRIDGE | self.SYNTHETIC) and not (abstract and name == "<init>")]

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def u2(self):
        return int.from_bytes(self.take(2), "big")

    def members(self):
        found = []
        for _ in range(self.u2()):
            found.append((self.u2(), self.texts[self.u2()], self.texts[self.u2()]))
            for _ in range(self.u2()):
                self.take(2)
                self.take(int.from_bytes(self.take(4), "big"))
        return found


PRIMITIVES = {"B": "byte", "C": "char", "D": "double", "F": "float", "I": "int", "J": "long", "S": "short", "Z": "boolean"}


def parameters_of(descriptor):
    """`(Lorg/x/Get;[B)V` as `Get, byte[]`."""
    found = []
    for arrays, name in re.findall(r"(\[*)([BCDFIJSZ]|L[^;]*;)", descriptor[1:descriptor.index(")")]):
        simple = PRIMITIVES.get(name) or re.split(r"[/$]", name[1:-1])[-1]
        found.append(simple + "[]" * len(arrays))
    return ", ".join(found)


def record(jar):
    with zipfile.ZipFile(jar) as classes:
        for name in CLASSES:
            methods = ClassFile(classes.read(PACKAGE + name.replace(".", "$") + ".class")).methods
            constructor = name.rpartition(".")[2]
            for method, descriptor in dict.fromkeys(methods):
                print(f"{name}.{constructor if method == '<init>' else method}({parameters_of(descriptor)})")


def sections_of(path):
    """Heading -> what stands between backticks in the tables' first column."""
    sections, current = {}, None
    with open(path, encoding="utf-8") as doc:
        for line in doc:
            if line.startswith("## "):
                current = sections.setdefault(line[3:].strip(), set())
            elif line.startswith("| ") and current is not None:
                current.update(re.findall(r"`([^`]*)`", line.split(" | ")[0]))
    return sections


def unknown_calls(doc, headers):
    """What the second columns call that no header declares."""
    declared = set(STANDARD)
    for header in pathlib.Path(headers).rglob("*.h"):
        declared.update(re.findall(r"\w+(?=\()|(?<=class )\w+|(?<=struct )\w+", header.read_text(encoding="utf-8")))
    wrong = []
    with open(doc, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.startswith("| "):
                continue
            for code in re.findall(r"`([^`]*)`", "".join(line.split(" | ")[1:])):
                wrong += [f"{doc}:{number}: nothing is called {call}()" for call in re.findall(r"(\w+)\(", code) if call not in declared]
    return wrong


def check(doc, path, headers):
    sections = sections_of(doc)
    wrong, count, listed = [], 0, {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, _, signature = line.strip().partition("(")
            owner, _, method = name.rpartition(".")
            section = SECTIONS.get(owner, owner)
            signature = f"{method}({signature}"
            listed.setdefault(section, set()).add(signature)
            count += 1
            if signature not in sections.get(section, set()):
                wrong.append(f"{doc}: section '{section}' does not have `{signature}`")
    for section, signatures_listed in listed.items():
        for extra in sorted(sections.get(section, set()) - signatures_listed):
            wrong.append(f"{doc}: section '{section}' has `{extra}`, which Java's {section} does not")
    for owner in CLASSES:
        if SECTIONS.get(owner, owner) not in listed:
            wrong.append(f"{path}: nothing of {owner}")
    wrong += unknown_calls(doc, headers)
    print("\n".join(wrong) or f"{count} methods, all there")
    return 1 if wrong else 0


if len(sys.argv) == 5 and sys.argv[1] == "--check":
    sys.exit(check(*sys.argv[2:]))
elif len(sys.argv) == 3 and sys.argv[1] == "--record":
    record(sys.argv[2])
else:
    sys.exit(__doc__)
