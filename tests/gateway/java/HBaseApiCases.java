// HBase's Java API. Run twice on one cluster: by HBase's own client, and by Bigtable's implementation of the same API through the gateway. What
// is printed must be the same.
//   HBaseApiCases TABLE NAME=VALUE...     the connection's properties
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.CellUtil;
import org.apache.hadoop.hbase.CompareOperator;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.Admin;
import org.apache.hadoop.hbase.client.Append;
import org.apache.hadoop.hbase.client.BufferedMutator;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptor;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptorBuilder;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.Delete;
import org.apache.hadoop.hbase.client.Get;
import org.apache.hadoop.hbase.client.Increment;
import org.apache.hadoop.hbase.client.Put;
import org.apache.hadoop.hbase.client.Result;
import org.apache.hadoop.hbase.client.ResultScanner;
import org.apache.hadoop.hbase.client.RowMutations;
import org.apache.hadoop.hbase.client.Scan;
import org.apache.hadoop.hbase.client.Table;
import org.apache.hadoop.hbase.client.TableDescriptorBuilder;
import org.apache.hadoop.hbase.filter.ColumnPrefixFilter;
import org.apache.hadoop.hbase.filter.FilterList;
import org.apache.hadoop.hbase.filter.FirstKeyOnlyFilter;
import org.apache.hadoop.hbase.filter.PrefixFilter;
import org.apache.hadoop.hbase.filter.SingleColumnValueFilter;
import org.apache.hadoop.hbase.filter.ValueFilter;
import org.apache.hadoop.hbase.filter.BinaryComparator;
import org.apache.hadoop.hbase.util.Bytes;

public class HBaseApiCases {
  static final byte[] F = b("f"), G = b("g");

  static byte[] b(String text) {
    return Bytes.toBytes(text);
  }

  static String text(Result result) {
    if (result == null || result.isEmpty()) return "nothing";
    StringBuilder out = new StringBuilder(Bytes.toStringBinary(result.getRow()));
    for (Cell cell : result.rawCells()) {
      out.append(' ').append(Bytes.toString(CellUtil.cloneFamily(cell))).append(':').append(Bytes.toStringBinary(CellUtil.cloneQualifier(cell)));
      out.append('@').append(cell.getTimestamp()).append('=').append(Bytes.toStringBinary(CellUtil.cloneValue(cell)));
    }
    return out.toString();
  }

  static void tell(String what, Object value) {
    System.out.println(what + ": " + value);
  }

  static void tellRows(String what, Table table, Scan scan) throws IOException {
    int count = 0;
    try (ResultScanner scanner = table.getScanner(scan)) {
      for (Result row : scanner) {
        if (count++ < 5) tell(what, text(row));
      }
    }
    tell(what, count + " rows");
  }

  static ColumnFamilyDescriptor family(byte[] name, int versions) {
    return ColumnFamilyDescriptorBuilder.newBuilder(name).setMaxVersions(versions).build();
  }

  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration(false);
    for (String pair : Arrays.asList(arguments).subList(1, arguments.length)) {
      configuration.set(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    TableName name = TableName.valueOf(arguments[0]);
    try (Connection connection = ConnectionFactory.createConnection(configuration); Admin admin = connection.getAdmin()) {
      tell("exists", admin.tableExists(name));
      admin.createTable(TableDescriptorBuilder.newBuilder(name).setColumnFamily(family(F, 3)).setColumnFamily(family(G, 1)).build(),
          new byte[][] {b("k5")});
      tell("exists", admin.tableExists(name));
      tell("versions", admin.getDescriptor(name).getColumnFamily(F).getMaxVersions());
      try (Table table = connection.getTable(name)) {
        cases(connection, table);
      }
      admin.disableTable(name);
      admin.deleteTable(name);
      tell("exists", admin.tableExists(name));
    }
    System.exit(0);
  }

  static void cases(Connection connection, Table table) throws Exception {
    for (long time = 1; time <= 4; time++) table.put(new Put(b("r")).addColumn(F, b("q"), time, b("v" + time)).addColumn(G, b("q"), time, b("w" + time)));
    tell("newest", text(table.get(new Get(b("r")))));
    tell("versions", text(table.get(new Get(b("r")).readAllVersions())));
    // Of a family with one version HBase may still find older ones in a range of times, the gateway none: docs/gateway.md, garbage collection.
    tell("time range", text(table.get(new Get(b("r")).addFamily(F).readAllVersions().setTimeRange(2, 4))));
    tell("one column", text(table.get(new Get(b("r")).addColumn(F, b("q")))));
    tell("no row", text(table.get(new Get(b("none")))));
    tell("exist", table.exists(new Get(b("r"))) + " " + table.exists(new Get(b("none"))));

    List<Put> puts = new ArrayList<>();
    for (int i = 0; i < 200; i++) puts.add(new Put(b(String.format("k%03d", i))).addColumn(F, b("a" + i % 3), 1, b("x" + i % 7)));
    table.put(puts);
    try (BufferedMutator mutator = connection.getBufferedMutator(table.getName())) {
      for (int i = 200; i < 900; i++) mutator.mutate(new Put(b(String.format("k%03d", i))).addColumn(F, b("a" + i % 3), 1, b("x" + i % 7)));
    }
    Result[] several = table.get(Arrays.asList(new Get(b("k001")), new Get(b("none")), new Get(b("k899"))));
    for (Result one : several) tell("several", text(one));
    tellRows("scan", table, new Scan());
    tellRows("range", table, new Scan().withStartRow(b("k010")).withStopRow(b("k013")));
    tellRows("inclusive", table, new Scan().withStartRow(b("k010"), false).withStopRow(b("k013"), true));
    tellRows("limit", table, new Scan().withStartRow(b("k")).setLimit(3));
    tellRows("family", table, new Scan().addFamily(G));
    tellRows("prefix", table, new Scan().setFilter(new PrefixFilter(b("k01"))));
    tellRows("value", table, new Scan().setFilter(new ValueFilter(CompareOperator.EQUAL, new BinaryComparator(b("x3")))));
    tellRows("column prefix", table, new Scan().setFilter(new ColumnPrefixFilter(b("a1"))));
    SingleColumnValueFilter single = new SingleColumnValueFilter(F, b("a0"), CompareOperator.EQUAL, b("x0"));
    single.setFilterIfMissing(true);
    tellRows("single column", table, new Scan().setFilter(single));
    tellRows("both", table, new Scan().setFilter(new FilterList(new PrefixFilter(b("k00")), new FirstKeyOnlyFilter())));

    tell("increment", Bytes.toLong(table.increment(new Increment(b("c")).addColumn(F, b("n"), 5)).getValue(F, b("n"))));
    tell("increment", table.incrementColumnValue(b("c"), F, b("n"), -2));
    tell("append", Bytes.toString(table.append(new Append(b("c")).addColumn(G, b("t"), b("ab"))).getValue(G, b("t"))));
    tell("append", Bytes.toString(table.append(new Append(b("c")).addColumn(G, b("t"), b("c"))).getValue(G, b("t"))));

    Put put = new Put(b("r")).addColumn(F, b("checked"), 9, b("yes"));
    tell("check", table.checkAndMutate(b("r"), F).qualifier(b("q")).ifEquals(b("v4")).thenPut(put));
    tell("check", table.checkAndMutate(b("r"), F).qualifier(b("q")).ifEquals(b("other")).thenPut(put));
    tell("check", table.checkAndMutate(b("r"), F).qualifier(b("missing")).ifNotExists().thenPut(put));
    tell("checked", text(table.get(new Get(b("r")))));

    RowMutations both = new RowMutations(b("r"));
    both.add(new Put(b("r")).addColumn(F, b("more"), 5, b("1")));
    both.add(new Delete(b("r")).addColumns(G, b("q")));
    table.mutateRow(both);
    tell("mutated", text(table.get(new Get(b("r")))));
    table.delete(new Delete(b("r")).addColumn(F, b("q"), 4));
    tell("a version deleted", text(table.get(new Get(b("r")).readAllVersions())));
    table.delete(new Delete(b("r")).addFamily(F));
    tell("family deleted", text(table.get(new Get(b("r")))));
    table.delete(new ArrayList<>(Arrays.asList(new Delete(b("k000")), new Delete(b("k001")))));
    tellRows("deleted", table, new Scan().withStartRow(b("k")).withStopRow(b("k003")));
    tell("regions", connection.getRegionLocator(table.getName()).getStartKeys().length);
  }
}
