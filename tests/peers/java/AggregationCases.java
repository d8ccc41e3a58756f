import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.client.coprocessor.*;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * HBase's AggregationClient: numbers over rows in several regions, reckoned by the servers. One line a check; ends with 1
 * when one failed.
 *
 *   run endpoint-2.6 AggregationCases.java hbase.zookeeper.quorum=127.0.0.1:2181
 */
public final class AggregationCases {
  public static void main(String[] args) throws Throwable {
    Configuration conf = HBaseConfiguration.create();
    conf.setInt("hbase.client.retries.number", 2);
    for (String arg : args) conf.set(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    TableName name = TableName.valueOf("aggregated");
    byte[] f = Bytes.toBytes("f"), q = Bytes.toBytes("q"), w = Bytes.toBytes("w"), d = Bytes.toBytes("d");
    try (Connection connection = ConnectionFactory.createConnection(conf); Admin admin = connection.getAdmin();
        AggregationClient client = new AggregationClient(conf)) {
      admin.createTable(TableDescriptorBuilder.newBuilder(name).setColumnFamily(ColumnFamilyDescriptorBuilder.of(f))
          .setColumnFamily(ColumnFamilyDescriptorBuilder.of("g")).build(), new byte[][] {Bytes.toBytes("r3"), Bytes.toBytes("r7")});
      try (Table table = connection.getTable(name)) {
        for (int i = 0; i < 10; i++) {
          table.put(new Put(Bytes.toBytes("r" + i)).addColumn(f, q, Bytes.toBytes((long) i * i - 5)).addColumn(f, w, Bytes.toBytes(1L))
              .addColumn(Bytes.toBytes("g"), d, Bytes.toBytes(i * 0.5)));
        }
      }
      LongColumnInterpreter longs = new LongColumnInterpreter();
      Scan scan = new Scan().addColumn(f, q);
      Checks.check("max", 76, () -> client.max(name, longs, scan));
      Checks.check("min", -5, () -> client.min(name, longs, scan));
      Checks.check("sum", 235, () -> client.sum(name, longs, scan));
      Checks.check("row count", 10, () -> client.rowCount(name, longs, scan));
      Checks.check("average", 23.5, () -> client.avg(name, longs, scan));
      Checks.check("deviation", "26.85", () -> String.format(Locale.ROOT, "%.2f", client.std(name, longs, scan)));
      Checks.check("median", 20, () -> client.median(name, longs, new Scan().addColumn(f, q)));
      Scan part = new Scan().addColumn(f, q).withStartRow(Bytes.toBytes("r2")).withStopRow(Bytes.toBytes("r8"));
      Checks.check("sum of a part", 109, () -> client.sum(name, longs, part));
      Checks.check("row count, filtered", 2, () -> client.rowCount(name, longs, new Scan().addFamily(f).setFilter(new PrefixFilter(Bytes.toBytes("r4")))) * 2);
      Checks.check("max of nothing", "null", () -> client.max(name, longs, new Scan().addColumn(f, Bytes.toBytes("none"))));
      DoubleColumnInterpreter doubles = new DoubleColumnInterpreter();
      Scan ofDoubles = new Scan().addColumn(Bytes.toBytes("g"), d);
      Checks.check("max of doubles", 4.5, () -> client.max(name, doubles, ofDoubles));
      Checks.check("sum of doubles", 22.5, () -> client.sum(name, doubles, ofDoubles));
      admin.disableTable(name);
      admin.deleteTable(name);
    }
    Checks.exit();
  }
}
