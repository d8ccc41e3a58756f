import java.lang.reflect.Method;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.client.backoff.*;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * What the Java client makes of single regions that fail within a batch, and of the load that servers tell. One line a check; ends
 * with 1 when one failed. The cluster has one region server; the region of row "p" of the table "parts" is too busy twice, and the
 * table "loaded" has 97 % of the heap in use.
 *
 *   run hbase-2.6 RegionTroubles.java hbase.zookeeper.quorum=127.0.0.1:2181
 */
public final class RegionTroubles {
  private static final byte[] F = Bytes.toBytes("f"), Q = Bytes.toBytes("q");

  /** Without nonces, what is sent again is added again. */
  private static String countOnce(Table table) throws Exception {
    String[] rows = {"a", "h", "p", "x"};
    List<Row> actions = new ArrayList<>();
    for (String row : rows) actions.add(new Increment(Bytes.toBytes(row)).addColumn(F, Q, 1));
    Object[] results = new Object[rows.length];
    table.batch(actions, results);
    StringBuilder text = new StringBuilder();
    for (String row : rows) text.append(Bytes.toLong(table.get(new Get(Bytes.toBytes(row))).getValue(F, Q))).append(' ');
    return text.toString();
  }

  @SuppressWarnings("unchecked")
  private static ServerStatistics statistics(AsyncConnection connection, ServerName server) throws Exception {
    Method method = connection.getClass().getDeclaredMethod("getStatisticsTracker");
    method.setAccessible(true);
    return ((Optional<ServerStatisticTracker>) method.invoke(connection)).get().getStats(server);
  }

  private static long millisOf(Checks.Case what) throws Throwable {
    long begin = System.nanoTime();
    what.run();
    return (System.nanoTime() - begin) / 1_000_000;
  }

  public static void main(String[] args) throws Throwable {
    Configuration conf = HBaseConfiguration.create();
    for (String arg : args) conf.set(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    conf.setBoolean("hbase.client.nonces.enabled", false);
    conf.setBoolean("hbase.client.backpressure.enabled", true);
    conf.set("hbase.client.statistics.backoff-policy", "org.apache.hadoop.hbase.client.backoff.ExponentialClientBackoffPolicy");
    conf.setLong("hbase.client.exponential-backoff.max", 2000);
    try (Connection connection = ConnectionFactory.createConnection(conf); Admin admin = connection.getAdmin();
        AsyncConnection async = ConnectionFactory.createAsyncConnection(conf).get()) {
      TableName parts = TableName.valueOf("parts"), loaded = TableName.valueOf("loaded"), calm = TableName.valueOf("calm");
      byte[][] splits = {Bytes.toBytes("g"), Bytes.toBytes("n"), Bytes.toBytes("t")};
      for (TableName name : new TableName[] {parts, loaded, calm}) {
        TableDescriptor table = TableDescriptorBuilder.newBuilder(name).setColumnFamily(ColumnFamilyDescriptorBuilder.of(F)).build();
        if (name.equals(parts)) admin.createTable(table, splits); else admin.createTable(table);
      }
      try (Table table = connection.getTable(parts)) {
        Checks.check("one region of a batch is too busy, twice: only its part is sent again", "1 1 1 1 ", () -> countOnce(table));
        Checks.check("and then no more", "2 2 2 2 ", () -> countOnce(table));
      }
      List<Put> puts = Collections.singletonList(new Put(Bytes.toBytes("r")).addColumn(F, Q, Q));
      HRegionLocation place;
      try (RegionLocator locator = connection.getRegionLocator(loaded)) {
        place = locator.getRegionLocation(Bytes.toBytes("r"));
      }
      Checks.check("the load of a region, as the client keeps it", "97 40 7", () -> {
        async.getTable(loaded).batchAll(puts).get();
        ServerStatistics.RegionStatistics told = statistics(async, place.getServerName()).getStatsForRegion(place.getRegion().getRegionName());
        return told.getHeapOccupancyPercent() + " " + told.getMemStoreLoadPercent() + " " + told.getCompactionPressure();
      });
      Checks.check("its next writes wait (0.7 to the fourth of 2 s)", true, () -> millisOf(() -> async.getTable(loaded).batchAll(puts).get()) >= 300);
      Checks.check("those of a table without load do not", true, () -> {
        async.getTable(calm).batchAll(puts).get();
        return millisOf(() -> async.getTable(calm).batchAll(puts).get()) < 300;
      });
    }
    Checks.exit();
  }
}
