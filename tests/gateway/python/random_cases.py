"""The same random operations on Google's emulator and on hbmux's gateway, with Google's Python client, must be answered the same.

    random_cases.py HBMUX EMULATOR FIRST-LAST OPERATIONS [OPTIONS...]

Seeds FIRST to LAST, so many operations each. OPTIONS say which cluster is behind the gateway, else it is an embedded one.

Timestamps are explicit. Cells of one column and time have an unspecified order in the API: they are compared sorted. What the emulator is
known not to do (sinks; cells counted over several families, whose order is random there) is not asked for.
"""

import datetime
import json
import os
import random
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

FAMILIES = ["f", "g"]
SUMS = "s"  # an aggregate family
QUALIFIERS = [b"", b"a", b"b", b"\xff\x00"]
KEYS = [b"r%d" % i for i in range(12)] + [b"\x00", b"r\xff"]
VALUES = [b"", b"x", b"xyz", b"line\nend", b"\xff\xfe", b"0123456789"]


def start(command, read_address, **options):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    return process, read_address(process.stdout.readline())


def connect(address):
    from google.cloud import bigtable
    from google.cloud.bigtable import column_family
    from google.cloud.bigtable.data import BigtableDataClient

    os.environ["BIGTABLE_EMULATOR_HOST"] = address
    admin = bigtable.Client(project="p", admin=True).instance("i").table("random")
    if admin.exists():
        admin.delete()
    admin.create(column_families={name: column_family.MaxVersionsGCRule(1000) for name in FAMILIES}, initial_split_keys=[b"r3", b"r7"])
    create_sums(bigtable.Client(project="p", admin=True).table_admin_client)
    return BigtableDataClient(project="p").get_table("i", "random")


def create_sums(api):
    from google.cloud.bigtable_admin_v2.types import ColumnFamily, ModifyColumnFamiliesRequest, Type

    kind = Type(aggregate_type=Type.Aggregate(input_type=Type(int64_type=Type.Int64()), sum=Type.Aggregate.Sum()))
    change = ModifyColumnFamiliesRequest.Modification(id=SUMS, create=ColumnFamily(value_type=kind))
    api.modify_column_families(ModifyColumnFamiliesRequest(name="projects/p/instances/i/tables/random", modifications=[change]))


def date(micros):
    return micros and datetime.datetime.fromtimestamp(micros / 1000000, datetime.timezone.utc)


class Plan:
    """Random operations; each is a function of a table that gives a comparable answer."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def micros(self):
        return 1000 * self.random.randrange(8)

    def time_range(self):
        start, end = sorted(self.random.sample(range(9), 2))
        return (1000 * start or None, self.random.choice([1000 * end, None]))

    def mutation(self):
        from google.cloud.bigtable.data import DeleteAllFromFamily, DeleteAllFromRow, DeleteRangeFromColumn, SetCell

        pick = self.random.random()
        family, qualifier = self.random.choice(FAMILIES), self.random.choice(QUALIFIERS)
        if pick < 0.7:
            return SetCell(family, qualifier, self.random.choice(VALUES), timestamp_micros=self.micros())
        family = self.random.choice(FAMILIES + [SUMS])
        if pick < 0.9:
            start, end = self.time_range()
            return DeleteRangeFromColumn(family, qualifier, start_timestamp_micros=start, end_timestamp_micros=end)
        return DeleteAllFromFamily(family) if pick < 0.96 else DeleteAllFromRow()

    def addition(self):
        from google.cloud.bigtable.data import AddToCell

        return AddToCell(SUMS, self.random.choice(QUALIFIERS), self.random.randrange(-3, 300), timestamp_micros=self.micros())

    def mutations(self):
        # The gateway does not take a deletion and an addition of one cell in one request.
        if self.random.random() < 0.2:
            return [self.addition() for _ in range(self.random.choice([1, 1, 3]))]
        return [self.mutation() for _ in range(self.random.choice([1, 1, 2, 3, 6]))]

    def leaf(self):
        from google.cloud.bigtable.data import row_filters as f

        r = self.random
        start, end = self.time_range()
        low, high = sorted(r.sample(QUALIFIERS, 2))
        bottom, top = sorted(r.sample(VALUES, 2))
        return r.choice(
            [
                lambda: f.FamilyNameRegexFilter(r.choice(["f", "g", ".", "none"])),
                lambda: f.ColumnQualifierRegexFilter(r.choice([b"a", b"[ab]", b".*", b"\\C*", b"\\xff\\x00"])),
                lambda: f.ValueRegexFilter(r.choice([b"x.*", b".*", b"\\C*", b"", b"line.end", b"[0-9]+"])),
                lambda: f.RowKeyRegexFilter(r.choice([b"r[1-5]", b"r.", b"r\\C", b"\\C"])),
                lambda: f.ColumnRangeFilter(
                    r.choice(FAMILIES), low or None, high, inclusive_start=None if not low else r.random() < 0.5, inclusive_end=r.random() < 0.5
                ),
                lambda: f.ValueRangeFilter(bottom or None, top, inclusive_start=None if not bottom else r.random() < 0.5, inclusive_end=r.random() < 0.5),
                lambda: f.TimestampRangeFilter(date(start), date(end)),
                lambda: f.CellsColumnLimitFilter(r.choice([1, 2, 3])),
                lambda: f.RowFilterChain([f.FamilyNameRegexFilter(r.choice(FAMILIES)), f.CellsRowLimitFilter(r.choice([1, 3]))]),
                lambda: f.StripValueTransformerFilter(True),
                lambda: f.PassAllFilter(True),
                lambda: f.BlockAllFilter(True),
            ]
        )()

    def filter(self, depth=0):
        from google.cloud.bigtable.data import row_filters as f

        pick = self.random.random()
        if depth == 3 or pick < 0.5:
            return self.leaf()
        if pick < 0.75:
            return f.RowFilterChain([self.filter(depth + 1) for _ in range(self.random.choice([2, 3]))])
        if pick < 0.88:
            return f.RowFilterUnion([self.leaf(), self.leaf()])
        return f.ConditionalRowFilter(self.leaf(), true_filter=self.leaf(), false_filter=self.random.choice([None, self.leaf()]))

    def query(self):
        from google.cloud.bigtable.data import ReadRowsQuery, RowRange

        query = ReadRowsQuery(row_filter=self.random.choice([None, self.filter()]), limit=self.random.choice([None, None, 1, 3]))
        if self.random.random() < 0.3:
            for key in self.random.sample(KEYS, 3):
                query.add_key(key)
        if self.random.random() < 0.5:
            start, end = sorted(self.random.sample(KEYS, 2))
            query.add_range(
                RowRange(start, end, start_is_inclusive=self.random.random() < 0.5, end_is_inclusive=self.random.random() < 0.5)
            )
        return query

    def operation(self):
        from google.cloud.bigtable.data import RowMutationEntry

        pick = self.random.random()
        key = self.random.choice(KEYS)
        if pick < 0.35:
            mutations = self.mutations()
            return f"mutate {key} {mutations}", lambda table: table.mutate_row(key, mutations)
        if pick < 0.5:
            entries = [RowMutationEntry(k, self.mutations()) for k in self.random.sample(KEYS, 4)]
            return "bulk " + str([(e.row_key, e.mutations) for e in entries]), lambda table: table.bulk_mutate_rows(entries)
        if pick < 0.65:
            predicate, yes, no = self.random.choice([None, self.filter(1)]), self.mutations(), self.mutations()
            return (
                f"check {key} {predicate} {yes} {no}",
                lambda table: table.check_and_mutate_row(key, predicate, true_case_mutations=yes, false_case_mutations=no),
            )
        query = self.query()
        return f"read {query}", lambda table: [rows_of(row) for row in table.read_rows(query)]


def rows_of(row):
    return row.row_key, sorted((c.family, c.qualifier, -c.timestamp_micros, c.value, c.labels) for c in row.cells)


def answer(operation, table):
    from google.api_core.exceptions import GoogleAPICallError

    try:
        return operation(table)
    except GoogleAPICallError as error:  # what kind it is must be the same too
        return type(error).__name__


def main():
    hbmux, emulator, seeds, count, *options = sys.argv[1:]
    first, _, last = seeds.partition("-")
    for seed in range(int(first), int(last or first) + 1):
        theirs, their_address = start([emulator], str.strip, stdin=subprocess.PIPE)
        ours, our_address = start(
            [hbmux, "gateway", "--listen", "127.0.0.1:0", "--format", "json", "--drain", "1"] + (options or ["--embedded"]),
            lambda line: json.loads(line)["address"],
        )
        try:
            expected_table, table = connect(their_address), connect(our_address)
            plan = Plan(seed)
            for number in range(int(count)):
                text, operation = plan.operation()
                expected, got = answer(operation, expected_table), answer(operation, table)
                if got != expected:
                    sys.exit(f"seed {seed}, operation {number}: {text}\n  emulator {expected}\n  gateway  {got}")
        finally:
            ours.terminate()
            theirs.stdin.close()
            ours.wait(20), theirs.wait(20)
    print(f"seeds {seeds}: {count} operations each, the same answers")


main()
