"""What users of Google's Python client do, on hbmux's gateway.

    client_cases.py HBMUX [OPTIONS...]     HBMUX is the command's path; OPTIONS say which cluster, else it is an embedded one

Both of the library's clients are used: the classic one (google.cloud.bigtable.Client) and the newer one for data
(google.cloud.bigtable.data). Nothing in them is changed: they find the gateway as they find Google's emulator.
"""

import datetime
import json
import os
import struct
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")


def start_gateway(command, options):
    process = subprocess.Popen(
        [command, "gateway", "--listen", "127.0.0.1:0", "--format", "json", "--drain", "1"]
        + (options or ["--embedded", "--region-servers", "2"]),
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())["address"]


def check(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def cells_of(row):
    """{'f:q': [(micros, value), ...]} of a row of the classic client."""
    return {
        f"{family}:{qualifier.decode()}": [(cell.timestamp_micros, cell.value) for cell in cells]
        for family, columns in row.cells.items()
        for qualifier, cells in columns.items()
    }


def at(millis):
    return datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)


def classic_client():
    from google.api_core import exceptions
    from google.cloud import bigtable
    from google.cloud.bigtable import column_family, row_filters
    from google.cloud.bigtable.row_set import RowSet

    client = bigtable.Client(project="p", admin=True)
    instance = client.instance("my-instance")
    table = instance.table("classic")
    check("exists", table.exists(), False)
    table.create(
        initial_split_keys=[b"row050"],
        column_families={"f": column_family.MaxVersionsGCRule(3), "g": column_family.MaxVersionsGCRule(1)},
    )
    check("exists", table.exists(), True)
    check("list", [t.table_id for t in instance.list_tables()], ["classic"])
    families = table.list_column_families()
    check("families", sorted(families), ["f", "g"])
    check("rule", families["f"].gc_rule.max_num_versions, 3)

    row = table.direct_row(b"one")
    row.set_cell("f", b"q", b"new", timestamp=at(2000))
    row.set_cell("f", b"q", b"old", timestamp=at(1000))
    row.set_cell("g", b"n", 7, timestamp=at(1000))
    row.commit()
    check(
        "read",
        cells_of(table.read_row(b"one")),
        {"f:q": [(2000000, b"new"), (1000000, b"old")], "g:n": [(1000000, struct.pack(">q", 7))]},
    )
    check("no such row", table.read_row(b"none"), None)

    rows = []
    for i in range(100):
        row = table.direct_row(b"row%03d" % i)
        row.set_cell("f", b"q", b"value%d" % (i % 10), timestamp=at(1000))
        rows.append(row)
    check("bulk", {status.code for status in table.mutate_rows(rows)}, {0})
    check("scan", len(list(table.read_rows())), 101)
    check("limit", len(list(table.read_rows(limit=5))), 5)
    check("range", [r.row_key for r in table.read_rows(start_key=b"row048", end_key=b"row052")], [b"row%03d" % i for i in range(48, 52)])
    keys = RowSet()
    for key in (b"row099", b"row001", b"missing", b"row050"):
        keys.add_row_key(key)
    check("keys", [r.row_key for r in table.read_rows(row_set=keys)], [b"row001", b"row050", b"row099"])

    chosen = row_filters.RowFilterChain(
        [row_filters.FamilyNameRegexFilter("f"), row_filters.ValueRegexFilter(b"value[37]"), row_filters.CellsColumnLimitFilter(1)]
    )
    check("filter", len(list(table.read_rows(filter_=chosen))), 20)
    both = row_filters.RowFilterUnion([row_filters.ApplyLabelFilter("a"), row_filters.StripValueTransformerFilter(True)])
    union = table.read_row(b"row001", filter_=both)
    check("union", sorted((cell.value, list(cell.labels)) for cell in union.cells["f"][b"q"]), [(b"", []), (b"value1", ["a"])])
    conditional = row_filters.ConditionalRowFilter(
        row_filters.ValueRegexFilter(b"value0"), true_filter=row_filters.PassAllFilter(True), false_filter=row_filters.BlockAllFilter(True)
    )
    check("condition", len(list(table.read_rows(filter_=conditional))), 10)

    append = table.append_row(b"counter")
    append.increment_cell_value("f", b"n", 5)
    append.append_cell_value("f", b"t", b"ab")
    append.commit()
    append.increment_cell_value("f", b"n", -2)
    append.append_cell_value("f", b"t", b"c")
    result = append.commit()
    check("increment", result["f"][b"n"][0][0], struct.pack(">q", 3))
    check("append", result["f"][b"t"][0][0], b"abc")

    condition = table.conditional_row(b"one", row_filters.ValueRegexFilter(b"new"))
    condition.set_cell("f", b"state", b"seen", timestamp=at(3000), state=True)
    condition.delete(state=False)
    check("condition holds", condition.commit(), True)
    check("its branch", table.read_row(b"one").cells["f"][b"state"][0].value, b"seen")
    condition = table.conditional_row(b"one", row_filters.ValueRegexFilter(b"no such value"))
    condition.set_cell("f", b"state", b"wrong", state=True)
    condition.delete_cell("f", b"state", state=False)
    check("condition does not hold", condition.commit(), False)
    check("the other branch", b"state" in table.read_row(b"one").cells["f"], False)

    row = table.direct_row(b"one")
    row.delete()
    row.set_cell("f", b"q", b"after", timestamp=at(1000))
    row.commit()
    check("delete, then put", cells_of(table.read_row(b"one")), {"f:q": [(1000000, b"after")]})
    row.delete_cells("f", [b"q"])
    row.commit()
    check("deleted", table.read_row(b"one"), None)
    row.set_cell("f", b"q", b"again", timestamp=at(1000))
    row.commit()
    check("put again", cells_of(table.read_row(b"one")), {"f:q": [(1000000, b"again")]})

    check("samples", [s.row_key for s in table.sample_row_keys()], [b"row050", b""])
    table.drop_by_prefix("row0", timeout=30)
    check("dropped", sorted(r.row_key for r in table.read_rows()), [b"counter", b"one"])
    table.truncate(timeout=30)
    check("truncated", list(table.read_rows()), [])

    row = table.direct_row(b"r")
    row.set_cell("unknown", b"q", b"v")
    try:
        status = row.commit()
        check("unknown family", status.code, 5)
    except exceptions.NotFound:
        pass
    added = table.column_family("added", column_family.MaxVersionsGCRule(2))
    added.create()
    check("added", table.list_column_families()["added"].gc_rule.max_num_versions, 2)
    added.gc_rule = column_family.MaxAgeGCRule(datetime.timedelta(hours=1))
    added.update()
    check("changed", table.list_column_families()["added"].gc_rule.max_age, datetime.timedelta(hours=1))
    added.delete()
    check("families", sorted(table.list_column_families()), ["f", "g"])
    table.delete()
    check("exists", table.exists(), False)


def data_client():
    from google.cloud import bigtable
    from google.cloud.bigtable import column_family
    from google.cloud.bigtable.data import (
        BigtableDataClient,
        DeleteRangeFromColumn,
        ReadRowsQuery,
        RowMutationEntry,
        RowRange,
        SetCell,
    )
    from google.cloud.bigtable.data import row_filters
    from google.cloud.bigtable.data.read_modify_write_rules import IncrementRule

    admin = bigtable.Client(project="p", admin=True).instance("my-instance").table("data")
    admin.create(column_families={"f": column_family.MaxVersionsGCRule(5)})
    client = BigtableDataClient(project="p")
    with client.get_table("my-instance", "data") as table:
        table.mutate_row(b"r", [SetCell("f", b"q", b"now"), SetCell("f", b"q", b"then", timestamp_micros=1000)])
        row = table.read_row(b"r")
        check("read", [cell.value for cell in row.get_cells("f", b"q")], [b"now", b"then"])
        table.mutate_row(b"r", [DeleteRangeFromColumn("f", b"q", start_timestamp_micros=2000)])
        check("time range", [cell.value for cell in table.read_row(b"r")], [b"then"])
        with table.mutations_batcher() as batcher:
            for i in range(2000):
                batcher.append(RowMutationEntry(b"k%04d" % i, [SetCell("f", b"q", b"x" * 100, timestamp_micros=1000)]))
        query = ReadRowsQuery(row_ranges=[RowRange(b"k0500", b"k1500")], limit=300)
        rows = table.read_rows(query)
        check("limit", (len(rows), rows[0].row_key, rows[-1].row_key), (300, b"k0500", b"k0799"))
        check("rows", len(table.read_rows(ReadRowsQuery(row_ranges=[RowRange(b"k", b"l")]))), 2000)
        check("exists", (table.row_exists(b"k0001"), table.row_exists(b"none")), (True, False))
        result = table.read_modify_write_row(b"c", IncrementRule("f", b"n", 4))
        check("increment", int(result.get_cells("f", b"n")[0]), 4)
        matched = table.check_and_mutate_row(
            b"once", None, false_case_mutations=SetCell("f", b"q", b"first"), true_case_mutations=SetCell("f", b"q", b"second")
        )
        check("was there", matched, False)
        check("value", table.read_row(b"once", row_filter=row_filters.CellsColumnLimitFilter(1)).cells[0].value, b"first")
        sharded = table.read_rows_sharded([ReadRowsQuery(row_ranges=[RowRange(b"k0000", b"k0010")]), ReadRowsQuery(row_keys=[b"r"])])
        check("sharded", len(sharded), 11)
    client.close()
    admin.delete()
    sums()


def sums():
    """Aggregate families, which the newer admin API makes, and a table that is protected."""
    from google.cloud import bigtable
    from google.cloud.bigtable.data import AddToCell, BigtableDataClient
    from google.cloud.bigtable_admin_v2.types import (
        ColumnFamily, CreateTableRequest, DeleteTableRequest, GetTableRequest, Table, Type, UpdateTableRequest)
    from google.protobuf import field_mask_pb2

    api = bigtable.Client(project="p", admin=True).table_admin_client
    kind = Type(aggregate_type=Type.Aggregate(input_type=Type(int64_type=Type.Int64()), sum=Type.Aggregate.Sum()))
    parent = "projects/p/instances/my-instance"
    api.create_table(CreateTableRequest(parent=parent, table_id="sums", table=Table(column_families={"s": ColumnFamily(value_type=kind)})))
    name = parent + "/tables/sums"
    told = api.get_table(GetTableRequest(name=name)).column_families["s"].value_type
    check("its type", "sum" in told.aggregate_type, True)
    client = BigtableDataClient(project="p")
    with client.get_table("my-instance", "sums") as table:
        for amount in (5, 6):
            table.mutate_row(b"r", [AddToCell("s", b"q", amount, timestamp_micros=2000)])
        table.mutate_row(b"r", [AddToCell("s", b"q", 1, timestamp_micros=1000)])
        check("sums", [(c.timestamp_micros, struct.unpack(">q", c.value)[0]) for c in table.read_row(b"r")], [(2000, 11), (1000, 1)])
    client.close()

    def protect(yes):
        mask = field_mask_pb2.FieldMask(paths=["deletion_protection"])
        return api.update_table(UpdateTableRequest(table=Table(name=name, deletion_protection=yes), update_mask=mask)).result(10)

    check("protected", protect(True).deletion_protection, True)
    try:
        api.delete_table(DeleteTableRequest(name=name))
        raise AssertionError("a protected table was deleted")
    except Exception as error:
        check("protected tables stay", type(error).__name__, "FailedPrecondition")
    protect(False)
    api.delete_table(DeleteTableRequest(name=name))


def reflection(address):
    """What grpcurl does: everything is found by asking, without definitions of one's own."""
    import grpc
    from google.protobuf import json_format, message_factory
    from google.protobuf.descriptor_pool import DescriptorPool
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = set(database.get_services())
        check("services", {"google.bigtable.v2.Bigtable", "google.bigtable.admin.v2.BigtableTableAdmin", "grpc.health.v1.Health"} <= services, True)
        pool = DescriptorPool(database)

        def call(service, method, request):
            found = pool.FindServiceByName(service).FindMethodByName(method)
            kind, answer = (message_factory.GetMessageClass(d) for d in (found.input_type, found.output_type))
            ask = channel.unary_unary(f"/{service}/{method}", request_serializer=kind.SerializeToString, response_deserializer=answer.FromString)
            return json_format.MessageToDict(ask(json_format.ParseDict(request, kind(), descriptor_pool=pool), timeout=10), descriptor_pool=pool)

        check("health", call("grpc.health.v1.Health", "Check", {}), {"status": "SERVING"})
        listed = call("google.bigtable.admin.v2.BigtableTableAdmin", "ListTables", {"parent": "projects/p/instances/i"})
        check("tables", listed, {})


def main():
    process, address = start_gateway(sys.argv[1], sys.argv[2:])
    os.environ["BIGTABLE_EMULATOR_HOST"] = address
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    try:
        classic_client()
        data_client()
        reflection(address)
    finally:
        process.terminate()
        process.wait(20)
    check("the gateway's exit status", process.returncode, 0)
    print("google-cloud-bigtable works on the gateway")


main()
