// What users of Google's Java client do, on hbmux's gateway, which BIGTABLE_EMULATOR_HOST names.
import static com.google.cloud.bigtable.admin.v2.models.GCRules.GCRULES;
import static com.google.cloud.bigtable.data.v2.models.Filters.FILTERS;

import com.google.api.gax.rpc.NotFoundException;
import com.google.cloud.bigtable.admin.v2.BigtableTableAdminClient;
import com.google.cloud.bigtable.admin.v2.BigtableTableAdminSettings;
import com.google.cloud.bigtable.admin.v2.models.CreateTableRequest;
import com.google.cloud.bigtable.admin.v2.models.ModifyColumnFamiliesRequest;
import com.google.cloud.bigtable.admin.v2.models.Type;
import com.google.cloud.bigtable.data.v2.BigtableDataClient;
import com.google.cloud.bigtable.data.v2.BigtableDataSettings;
import com.google.cloud.bigtable.data.v2.models.BulkMutation;
import com.google.cloud.bigtable.data.v2.models.ConditionalRowMutation;
import com.google.cloud.bigtable.data.v2.models.KeyOffset;
import com.google.cloud.bigtable.data.v2.models.Mutation;
import com.google.cloud.bigtable.data.v2.models.Query;
import com.google.cloud.bigtable.data.v2.models.ReadModifyWriteRow;
import com.google.cloud.bigtable.data.v2.models.Row;
import com.google.cloud.bigtable.data.v2.models.RowCell;
import com.google.cloud.bigtable.data.v2.models.RowMutation;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

public class BigtableCases {
  static void check(String what, Object got, Object wanted) {
    if (!String.valueOf(got).equals(String.valueOf(wanted))) throw new AssertionError(what + ": got " + got + ", wanted " + wanted);
  }

  /** "f:q@micros=value ..." */
  static String text(Row row) {
    if (row == null) return "nothing";
    StringBuilder out = new StringBuilder();
    for (RowCell cell : row.getCells()) {
      out.append(cell.getFamily()).append(':').append(cell.getQualifier().toStringUtf8()).append('@').append(cell.getTimestamp());
      out.append('=').append(cell.getValue().toStringUtf8()).append(' ');
    }
    return out.toString().trim();
  }

  static List<String> keys(BigtableDataClient client, Query query) {
    List<String> keys = new ArrayList<>();
    for (Row row : client.readRows(query)) keys.add(row.getKey().toStringUtf8());
    return keys;
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  static long number(Row row, String family) {
    return ByteBuffer.wrap(row.getCells(family).get(0).getValue().toByteArray()).getLong();
  }

  public static void main(String[] arguments) throws Exception {
    String[] address = System.getenv("BIGTABLE_EMULATOR_HOST").split(":");
    int port = Integer.parseInt(address[1]);
    BigtableTableAdminSettings adminSettings =
        BigtableTableAdminSettings.newBuilderForEmulator(address[0], port).setProjectId("p").setInstanceId("i").build();
    BigtableDataSettings dataSettings = BigtableDataSettings.newBuilderForEmulator(address[0], port).setProjectId("p").setInstanceId("i").build();
    try (BigtableTableAdminClient admin = BigtableTableAdminClient.create(adminSettings);
        BigtableDataClient client = BigtableDataClient.create(dataSettings)) {
      admin.createTable(CreateTableRequest.of("java").addFamily("f", GCRULES.maxVersions(5)).addFamily("g").addFamily("s", Type.int64Sum())
          .addSplit(bytes("k5")));
      check("tables", admin.listTables(), "[java]");
      check("families", admin.getTable("java").getColumnFamilies().size(), 3);

      client.mutateRow(RowMutation.create("java", "one").setCell("f", bytes("q"), 2000, bytes("new")).setCell("f", bytes("q"), 1000, bytes("old")));
      check("row", text(client.readRow("java", "one")), "f:q@2000=new f:q@1000=old");
      check("no row", text(client.readRow("java", "none")), "nothing");
      BulkMutation bulk = BulkMutation.create("java");
      for (int i = 0; i < 500; i++) {
        bulk.add(String.format("k%03d", i), Mutation.create().setCell("f", bytes("q"), 1000, bytes("v" + i % 10)));
      }
      client.bulkMutateRows(bulk);
      check("prefix", keys(client, Query.create("java").prefix("k")).size(), 500);
      check("limit", keys(client, Query.create("java").prefix("k").limit(2)), "[k000, k001]");
      check("range", keys(client, Query.create("java").range("k010", "k012")), "[k010, k011]");
      check("keys", keys(client, Query.create("java").rowKey("k499").rowKey("none").rowKey("k000")), "[k000, k499]");
      check("reversed", keys(client, Query.create("java").prefix("k").reversed(true).limit(2)), "[k499, k498]");
      check("filter", keys(client, Query.create("java").filter(
          FILTERS.chain().filter(FILTERS.value().regex("v[37]")).filter(FILTERS.limit().cellsPerColumn(1)))).size(), 100);

      ReadModifyWriteRow change = ReadModifyWriteRow.create("java", "counter").increment("f", "n", 7).append("g", "t", "ab");
      Row changed = client.readModifyWriteRow(change);
      check("increment", number(changed, "f"), 7);
      check("append", changed.getCells("g").get(0).getValue().toStringUtf8(), "ab");
      boolean matched = client.checkAndMutateRow(ConditionalRowMutation.create("java", "one").condition(FILTERS.value().exactMatch("new"))
          .then(Mutation.create().setCell("f", bytes("seen"), 1000, bytes("yes"))).otherwise(Mutation.create().deleteRow()));
      check("matched", matched, true);
      check("its branch", text(client.readRow("java", "one")), "f:q@2000=new f:q@1000=old f:seen@1000=yes");
      for (int i = 0; i < 3; i++) client.mutateRow(RowMutation.create("java", "sums").addToCell("s", "n", 1000, 5));
      check("sum", number(client.readRow("java", "sums"), "s"), 15);

      List<String> samples = new ArrayList<>();
      for (KeyOffset sample : client.sampleRowKeys("java")) samples.add(sample.getKey().toStringUtf8());
      check("samples", samples, "[k5, ]");
      admin.modifyFamilies(ModifyColumnFamiliesRequest.of("java").addFamily("h", GCRULES.maxVersions(1)).dropFamily("g")
          .updateFamily("f", GCRULES.maxVersions(1)));
      check("families", admin.getTable("java").getColumnFamilies().size(), 3);
      check("one version", text(client.readRow("java", "one")), "f:q@2000=new f:seen@1000=yes");
      admin.dropRowRange("java", "k");
      check("dropped", keys(client, Query.create("java")), "[counter, one, sums]");
      try {
        client.readRow("missing", "r");
        throw new AssertionError("a table that is not there was read");
      } catch (NotFoundException expected) {
      }
      admin.dropAllRows("java");
      check("all dropped", keys(client, Query.create("java")), "[]");
      admin.deleteTable("java");
      check("tables", admin.listTables(), "[]");
    }
    System.out.println("google-cloud-bigtable (Java) works on the gateway");
    System.exit(0);
  }
}
