import java.util.*;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * Replicas of regions: where they are, what they answer, and that TIMELINE reads turn to them when the region itself is slow. One
 * line a check; ends with 1 when one failed. The cluster has three region servers, its first one ("rs0=HOST:PORT") answers gets
 * and scans of the table "slow" 3 s late, and replicas of the table "lagging" are an hour behind.
 *
 *   run hbase-2.6 ReplicaCases.java rs0=127.0.0.1:16501 hbase.zookeeper.quorum=127.0.0.1:2181
 */
public final class ReplicaCases {
  private static final byte[] F = Bytes.toBytes("f"), Q = Bytes.toBytes("q"), ROW = Bytes.toBytes("r");

  private static void waitFor(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) Thread.sleep(20);
  }

  private static String told(Result result) {
    return (result.isEmpty() ? "-" : Bytes.toString(result.getValue(F, Q))) + (result.isStale() ? " stale" : "");
  }
  private static Get timeline(int replica) {
    Get get = new Get(ROW);
    get.setConsistency(Consistency.TIMELINE);
    if (replica >= 0) get.setReplicaId(replica);
    return get;
  }
  private static Scan timelineScan(int replica) {
    Scan scan = new Scan();
    scan.setConsistency(Consistency.TIMELINE);
    if (replica >= 0) scan.setReplicaId(replica);
    return scan;
  }
  private static String scanned(Table table, Scan scan) throws Exception {
    StringBuilder rows = new StringBuilder();
    try (ResultScanner scanner = table.getScanner(scan)) {
      for (Result result : scanner) rows.append(Bytes.toString(result.getRow())).append(' ').append(told(result)).append(';');
    }
    return rows.toString();
  }

  private static Connection connection;
  private static Admin admin;

  private static Table make(String name, int replication, byte[]... splits) throws Exception {
    TableDescriptor descriptor = TableDescriptorBuilder.newBuilder(TableName.valueOf(name))
        .setColumnFamily(ColumnFamilyDescriptorBuilder.of(F)).setRegionReplication(replication).build();
    if (splits.length == 0) admin.createTable(descriptor); else admin.createTable(descriptor, splits);
    Table table = connection.getTable(TableName.valueOf(name));
    table.put(new Put(ROW).addColumn(F, Q, Bytes.toBytes("v")));
    return table;
  }
  private static List<HRegionLocation> copies(Table table, byte[] row) throws Exception {
    try (RegionLocator locator = connection.getRegionLocator(table.getName())) {
      return locator.getRegionLocations(row, true);
    }
  }
  private static String numbers(Table table, byte[] row) throws Exception {
    StringBuilder text = new StringBuilder();
    Set<ServerName> servers = new HashSet<>();
    for (HRegionLocation copy : copies(table, row)) {
      text.append(copy.getRegion().getReplicaId()).append(' ');
      servers.add(copy.getServerName());
    }
    return text + "on " + servers.size();
  }

  /** The region itself comes to the server, and its replicas to others. */
  private static void moveTo(Table table, String address) throws Exception {
    ServerName target = null;
    List<ServerName> others = new ArrayList<>();
    for (ServerName server : admin.getRegionServers()) {
      if (server.getAddress().toString().equals(address)) target = server; else others.add(server);
    }
    for (HRegionLocation copy : copies(table, ROW)) {
      int replica = copy.getRegion().getReplicaId();
      ServerName to = replica == 0 ? target : others.get((replica - 1) % others.size());
      if (!to.equals(copy.getServerName())) admin.move(copy.getRegion().getEncodedNameAsBytes(), to);
    }
  }

  public static void main(String[] args) throws Throwable {
    Configuration conf = HBaseConfiguration.create();
    String slowServer = null;
    for (String arg : args) {
      String name = arg.substring(0, arg.indexOf('=')), value = arg.substring(arg.indexOf('=') + 1);
      if (name.equals("rs0")) slowServer = value.split(",")[0]; else conf.set(name, value);
    }
    conf.setInt("hbase.client.primaryCallTimeout.get", 500_000);  // microseconds
    conf.setInt("hbase.client.primaryCallTimeout.multiget", 500_000);
    conf.setInt("hbase.client.replicaCallTimeout.scan", 500_000);
    connection = ConnectionFactory.createConnection(conf);
    admin = connection.getAdmin();

    Table fresh = make("fresh", 3, Bytes.toBytes("m"));
    Checks.check("copies are on servers of their own", "0 1 2 on 3", () -> numbers(fresh, ROW));
    Checks.check("of every region", "0 1 2 on 3", () -> numbers(fresh, Bytes.toBytes("a")));
    Checks.check("the region itself", "v", () -> told(fresh.get(new Get(ROW))));
    for (int replica = 1; replica < 3; replica++) {
      int number = replica;
      Checks.check("replica " + number, "v stale", () -> told(fresh.get(timeline(number))));
      Checks.check("scan of replica " + number, "r v stale;", () -> scanned(fresh, timelineScan(number)));
    }
    Checks.check("TIMELINE asks the region itself first", "v", () -> told(fresh.get(timeline(-1))));
    Checks.check("gets of many by TIMELINE", "v v", () -> {
      Result[] results = fresh.get(Arrays.asList(timeline(-1), timeline(-1)));
      return told(results[0]) + " " + told(results[1]);
    });
    Checks.check("a row that is not there", "- stale", () -> {
      Get get = timeline(1);
      Get other = new Get(Bytes.toBytes("none"));
      other.setConsistency(Consistency.TIMELINE);
      other.setReplicaId(1);
      return told(fresh.get(other));
    });
    Checks.check("a reversed scan of a replica", "r v stale;", () -> scanned(fresh, timelineScan(2).setReversed(true)));

    Table lagging = make("lagging", 2);
    Checks.check("a replica that is behind", "- stale", () -> told(lagging.get(timeline(1))));
    Checks.check("its region is not", "v", () -> told(lagging.get(new Get(ROW))));
    Checks.check("a scan of a replica that is behind", "", () -> scanned(lagging, timelineScan(1)));

    Table slow = make("slow", 2);
    moveTo(slow, slowServer);
    String address = slowServer;
    Checks.check("the region moved, and its replica is elsewhere", address + " true", () -> {
      List<HRegionLocation> copies = copies(slow, ROW);
      return copies.get(0).getServerName().getAddress() + " " + !copies.get(1).getServerName().equals(copies.get(0).getServerName());
    });
    Checks.check("a slow region's replica answers a TIMELINE get", "v stale in time", () -> {
      long begin = System.nanoTime();
      String text = told(slow.get(timeline(-1)));
      return text + (System.nanoTime() - begin < 2_500_000_000L ? " in time" : " late");
    });
    Checks.check("a STRONG get waits", "v late", () -> {
      long begin = System.nanoTime();
      String text = told(slow.get(new Get(ROW)));
      return text + (System.nanoTime() - begin < 2_500_000_000L ? " in time" : " late");
    });
    Checks.check("a slow region's replica answers a TIMELINE scan", "r v stale; in time", () -> {
      long begin = System.nanoTime();
      String text = scanned(slow, timelineScan(-1));
      return text + (System.nanoTime() - begin < 2_500_000_000L ? " in time" : " late");
    });

    Checks.check("split", "0 1 2 on 3, 0 1 2 on 3", () -> {
      admin.split(fresh.getName(), Bytes.toBytes("q"));
      waitFor(() -> {
        try {
          return admin.getRegions(fresh.getName()).stream().filter(r -> r.getReplicaId() == 0).count() == 3;
        } catch (Exception e) {
          return false;
        }
      });
      return numbers(fresh, Bytes.toBytes("n")) + ", " + numbers(fresh, ROW);
    });
    Checks.check("a daughter's replica", "v stale", () -> told(fresh.get(timeline(2))));
    Checks.check("off and on", "v stale", () -> {
      admin.disableTable(fresh.getName());
      admin.enableTable(fresh.getName());
      return told(fresh.get(timeline(1)));
    });
    Checks.check("fewer", "0 1 on 2", () -> {
      admin.disableTable(fresh.getName());
      admin.modifyTable(TableDescriptorBuilder.newBuilder(fresh.getDescriptor()).setRegionReplication(2).build());
      admin.enableTable(fresh.getName());
      return numbers(fresh, ROW);
    });
    Checks.check("none is asked for", "org.apache.hadoop.hbase.DoNotRetryIOException", () -> {
      try {
        make("nothing", 0);
        return "made";
      } catch (DoNotRetryIOException e) {
        return e.getClass().getName();
      }
    });
    String first = slowServer;
    Checks.check("a region server that is told to stop", "2 of 3, v", () -> {
      ServerName last = null;
      for (ServerName server : admin.getRegionServers()) if (!server.getAddress().toString().equals(first)) last = server;
      admin.stopRegionServer(last.getHostname() + ":" + last.getPort());
      for (int i = 0; i < 200 && admin.getRegionServers().size() == 3; i++) Thread.sleep(50);
      return admin.getRegionServers().size() + " of 3, " + told(fresh.get(new Get(ROW)));
    });
    connection.close();
    Checks.exit();
  }
}
