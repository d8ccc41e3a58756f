import java.util.*;
import java.util.concurrent.*;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * What the Java Admin is answered, one line a case: the result, or the exception's class and text. Names of regions and
 * servers and large numbers are replaced, so that two clusters that behave alike print the same.
 *
 *   run hbase-2.6 AdminCases.java hbase.zookeeper.quorum=127.0.0.1 hbase.zookeeper.property.clientPort=2181
 *
 * With expected=FILE: compares with that file (made on a real HBase), prints what differs, and exits with 1 when
 * something does.
 */
public final class AdminCases {
  interface Case { Object run() throws Exception; }

  private static final List<String> lines = new ArrayList<>();
  private static Admin admin;
  private static final TableName T = TableName.valueOf("admincases"), U = TableName.valueOf("admincases_u"),
      NONE = TableName.valueOf("admincases_none");
  private static final byte[] F = Bytes.toBytes("f"), G = Bytes.toBytes("g");

  public static void main(String[] args) throws Exception {
    Configuration conf = HBaseConfiguration.create();
    conf.setInt("hbase.client.retries.number", 2);
    conf.setInt("hbase.client.pause", 20);
    String expected = null;
    for (String arg : args) {
      int eq = arg.indexOf('=');
      if (arg.startsWith("expected=")) expected = arg.substring(eq + 1);
      else conf.set(arg.substring(0, eq), arg.substring(eq + 1));
    }
    try (Connection c = ConnectionFactory.createConnection(conf); Admin a = c.getAdmin()) {
      admin = a;
      cleanUp();
      tables();
      families();
      regions();
      namespaces();
      switches();
      servers();
      absent();
      cleanUp();
    }
    for (String line : lines) System.out.println(line);
    if (expected != null) System.exit(Expected.compare(lines, expected));
  }

  private static void say(String name, Case what) {
    String line;
    try {
      line = String.valueOf(what.run());
    } catch (Throwable e) {
      Throwable cause = e;
      while ((cause instanceof ExecutionException || cause.getClass() == RuntimeException.class) && cause.getCause() != null) {
        cause = cause.getCause();
      }
      String text = String.valueOf(cause.getMessage()).split("\n")[0];
      line = "! " + cause.getClass().getSimpleName() + ": " + text;
    }
    lines.add(name + ": " + line.replaceAll("[0-9a-f]{32}", "<region>")
        .replaceAll("[A-Za-z0-9.-]+,[0-9]+,[0-9]{8,}", "<server>").replaceAll("[0-9]{9,}", "<number>"));
  }
  private static void drop(TableName t) throws Exception {
    if (!admin.tableExists(t)) return;
    if (!admin.isTableDisabled(t)) admin.disableTable(t);
    admin.deleteTable(t);
  }
  private static void cleanUp() throws Exception {
    drop(T);
    drop(U);
    for (String ns : List.of("admincases_a", "admincases_b")) {
      if (!Arrays.asList(admin.listNamespaces()).contains(ns)) continue;
      for (TableName t : admin.listTableNamesByNamespace(ns)) drop(t);
      admin.deleteNamespace(ns);
    }
  }
  private static TableDescriptor table(TableName t, byte[]... families) {
    TableDescriptorBuilder b = TableDescriptorBuilder.newBuilder(t);
    for (byte[] f : families) b.setColumnFamily(ColumnFamilyDescriptorBuilder.of(f));
    return b.build();
  }
  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private static String starts(TableName t) throws Exception {
    return admin.getRegions(t).stream().map(r -> Bytes.toString(r.getStartKey()) + "-" + Bytes.toString(r.getEndKey()))
        .sorted().collect(Collectors.joining(" "));
  }
  private static Object done(Future<Void> f) throws Exception { f.get(60, TimeUnit.SECONDS); return "done"; }

  private static void tables() {
    say("create", () -> { admin.createTable(table(T, F), new byte[][] {b("b"), b("d"), b("f")}); return starts(T); });
    say("create again", () -> { admin.createTable(table(T, F)); return "done"; });
    say("create in a namespace that is not there", () -> { admin.createTable(table(TableName.valueOf("nons:t"), F)); return "done"; });
    say("create without families", () -> { admin.createTable(TableDescriptorBuilder.newBuilder(U).build()); return "done"; });
    say("exists", () -> admin.tableExists(T) + " " + admin.tableExists(NONE));
    say("enabled", () -> admin.isTableEnabled(T) + " " + admin.isTableDisabled(T) + " " + admin.isTableAvailable(T));
    say("enabled, not there", () -> admin.isTableEnabled(NONE));
    say("disabled, not there", () -> admin.isTableDisabled(NONE));
    say("available, not there", () -> admin.isTableAvailable(NONE));
    say("descriptor, not there", () -> admin.getDescriptor(NONE));
    say("enable what is enabled", () -> { admin.enableTable(T); return "done"; });
    say("delete what is enabled", () -> { admin.deleteTable(T); return "done"; });
    say("truncate what is enabled", () -> { admin.truncateTable(T, true); return "done"; });
    say("enable, not there", () -> { admin.enableTable(NONE); return "done"; });
    say("disable, not there", () -> { admin.disableTable(NONE); return "done"; });
    say("delete, not there", () -> { admin.deleteTable(NONE); return "done"; });
    say("truncate, not there", () -> { admin.truncateTable(NONE, true); return "done"; });
    say("flush, not there", () -> { admin.flush(NONE); return "done"; });
    say("flush", () -> { admin.flush(T); return "done"; });
    say("modify, not there", () -> { admin.modifyTable(table(NONE, F)); return "done"; });
    say("disable", () -> { admin.disableTable(T); return admin.isTableDisabled(T); });
    say("disable again", () -> { admin.disableTable(T); return "done"; });
    say("flush what is disabled", () -> { admin.flush(T); return "done"; });
    say("enable", () -> { admin.enableTable(T); return admin.isTableEnabled(T); });
    say("names", () -> Arrays.toString(admin.listTableNames("admincases.*")));
    say("names with a bad pattern", () -> Arrays.toString(admin.listTableNames("[")));
    say("by state", () -> admin.listTableNamesByState(true).contains(T) + " " + admin.listTableNamesByState(false).contains(T));
    say("meta: disable", () -> { admin.disableTable(TableName.META_TABLE_NAME); return "done"; });
    say("meta: exists", () -> admin.tableExists(TableName.META_TABLE_NAME) + " " + admin.isTableEnabled(TableName.META_TABLE_NAME));
    say("clone schema", () -> { admin.cloneTableSchema(T, U, true); return starts(U); });
    say("clone schema onto another", () -> { admin.cloneTableSchema(T, U, true); return "done"; });
  }

  private static void families() {
    say("family: add", () -> { admin.addColumnFamily(T, ColumnFamilyDescriptorBuilder.of(G)); return admin.getDescriptor(T).getColumnFamilyNames().size(); });
    say("family: add again", () -> { admin.addColumnFamily(T, ColumnFamilyDescriptorBuilder.of(G)); return "done"; });
    say("family: modify", () -> { admin.modifyColumnFamily(T, ColumnFamilyDescriptorBuilder.newBuilder(G).setMaxVersions(4).build()); return admin.getDescriptor(T).getColumnFamily(G).getMaxVersions(); });
    say("family: modify, not there", () -> { admin.modifyColumnFamily(T, ColumnFamilyDescriptorBuilder.of("h")); return "done"; });
    say("family: delete, not there", () -> { admin.deleteColumnFamily(T, b("h")); return "done"; });
    say("family: delete", () -> { admin.deleteColumnFamily(T, G); return admin.getDescriptor(T).getColumnFamilyNames().size(); });
    say("family: delete the last one", () -> { admin.deleteColumnFamily(T, F); return "done"; });
    say("family: add, no table", () -> { admin.addColumnFamily(NONE, ColumnFamilyDescriptorBuilder.of(G)); return "done"; });
    say("table: no families left", () -> { admin.modifyTable(TableDescriptorBuilder.newBuilder(T).build()); return "done"; });
    say("table: a value", () -> { admin.modifyTable(TableDescriptorBuilder.newBuilder(admin.getDescriptor(T)).setValue("k", "v").build()); return admin.getDescriptor(T).getValue("k"); });
    say("family: versions 0", () -> { admin.modifyColumnFamily(T, ColumnFamilyDescriptorBuilder.newBuilder(F).setValue("VERSIONS", "0").build()); return "done"; });
    say("family: min over max versions", () -> { admin.modifyColumnFamily(T, ColumnFamilyDescriptorBuilder.newBuilder(F).setMaxVersions(2).setMinVersions(3).setTimeToLive(100).build()); return "done"; });
    say("family: ttl 0", () -> { admin.modifyColumnFamily(T, ColumnFamilyDescriptorBuilder.newBuilder(F).setValue("TTL", "0").build()); return "done"; });
  }

  private static byte[] encoded(int i) throws Exception { return admin.getRegions(T).get(i).getEncodedNameAsBytes(); }

  private static void regions() {
    say("split", () -> { done(admin.splitRegionAsync(encoded(0), b("a"))); return starts(T); });
    say("split outside", () -> done(admin.splitRegionAsync(encoded(0), b("x"))));
    say("split at the start", () -> done(admin.splitRegionAsync(encoded(1), b("a"))));
    say("split, not there", () -> done(admin.splitRegionAsync(b("0123456789abcdef0123456789abcdef"), b("x"))));
    say("split an empty one in the middle", () -> done(admin.splitRegionAsync(encoded(0))));
    say("merge", () -> { done(admin.mergeRegionsAsync(new byte[][] {encoded(0), encoded(1)}, false)); return starts(T); });
    say("merge neighbours of neighbours", () -> done(admin.mergeRegionsAsync(new byte[][] {encoded(0), encoded(2)}, false)));
    say("merge one", () -> done(admin.mergeRegionsAsync(new byte[][] {encoded(0)}, false)));
    say("merge with itself", () -> done(admin.mergeRegionsAsync(new byte[][] {encoded(0), encoded(0)}, false)));
    say("merge, not there", () -> done(admin.mergeRegionsAsync(new byte[][] {encoded(0), b("0123456789abcdef0123456789abcdef")}, false)));
    say("move, not there", () -> { admin.move(b("0123456789abcdef0123456789abcdef")); return "done"; });
    say("move to nowhere", () -> { admin.move(encoded(0), ServerName.valueOf("127.0.0.1", 1, 1234567890123L)); return "done"; });
    say("assign what is open", () -> { admin.assign(admin.getRegions(T).get(0).getRegionName()); return "done"; });
    say("assign, not there", () -> { admin.assign(b("nosuch,,1.0123456789abcdef0123456789abcdef.")); return "done"; });
    say("unassign, not there", () -> { admin.unassign(b("nosuch,,1.0123456789abcdef0123456789abcdef."), false); return "done"; });
    say("flush a region", () -> { admin.flushRegion(encoded(0)); return "done"; });
    say("flush a region, not there", () -> { admin.flushRegion(b("0123456789abcdef0123456789abcdef")); return "done"; });
    say("compact", () -> { admin.compact(T); admin.majorCompact(T); return "done"; });
    say("compact, not there", () -> { admin.compact(NONE); return "done"; });
    say("compaction state", () -> { admin.getCompactionState(T); return "some"; });
    say("compact a family, not there", () -> { admin.compact(T, b("nofamily")); return "done"; });
    say("regions of none", () -> admin.getRegions(NONE));
    say("region loads", () -> { int n = 0; for (ServerName s : admin.getRegionServers()) n += admin.getRegionMetrics(s, T).size(); return n == admin.getRegions(T).size(); });
  }

  private static void namespaces() {
    NamespaceDescriptor a = NamespaceDescriptor.create("admincases_a").addConfiguration("k", "v").build();
    say("namespace: create", () -> { admin.createNamespace(a); return admin.getNamespaceDescriptor("admincases_a"); });
    say("namespace: create again", () -> { admin.createNamespace(a); return "done"; });
    say("namespace: modify", () -> { admin.modifyNamespace(NamespaceDescriptor.create("admincases_a").addConfiguration("k", "w").build()); return admin.getNamespaceDescriptor("admincases_a"); });
    say("namespace: modify, not there", () -> { admin.modifyNamespace(NamespaceDescriptor.create("admincases_b").build()); return "done"; });
    say("namespace: get, not there", () -> admin.getNamespaceDescriptor("admincases_b"));
    say("namespace: delete, not there", () -> { admin.deleteNamespace("admincases_b"); return "done"; });
    say("namespace: delete default", () -> { admin.deleteNamespace("default"); return "done"; });
    say("namespace: delete hbase", () -> { admin.deleteNamespace("hbase"); return "done"; });
    say("namespace: bad name", () -> { admin.createNamespace(NamespaceDescriptor.create("a-b").build()); return "done"; });
    say("namespace: two tables", () -> { for (String t : List.of("x", "y")) admin.createTable(table(TableName.valueOf("admincases_a", t), F)); return Arrays.toString(admin.listTableNamesByNamespace("admincases_a")); });
    say("namespace: delete with tables", () -> { admin.deleteNamespace("admincases_a"); return "done"; });
    say("namespace: tables of none", () -> Arrays.toString(admin.listTableNamesByNamespace("admincases_b")));
    say("namespace: descriptors of none", () -> admin.listTableDescriptorsByNamespace(b("admincases_b")));
    say("namespaces", () -> { List<String> all = new ArrayList<>(Arrays.asList(admin.listNamespaces())); Collections.sort(all); return all; });
  }

  private static void switches() {
    say("balancer", () -> admin.balancerSwitch(false, true) + " " + admin.isBalancerEnabled() + " " + admin.balance() + " " + admin.balancerSwitch(true, true));
    say("split switch", () -> admin.splitSwitch(false, true) + " " + admin.isSplitEnabled());
    say("split while switched off", () -> done(admin.splitRegionAsync(encoded(0), b("a1"))));
    say("split switch back", () -> admin.splitSwitch(true, true) + " " + admin.isSplitEnabled());
    say("merge switch", () -> admin.mergeSwitch(false, true) + " " + admin.isMergeEnabled());
    say("merge while switched off", () -> { try { return done(admin.mergeRegionsAsync(new byte[][] {encoded(0), encoded(1)}, false)); } catch (ExecutionException e) { return e.getCause().getClass().getSimpleName(); } });
    say("merge switch back", () -> admin.mergeSwitch(true, true) + " " + admin.isMergeEnabled());
    say("normalizer", () -> admin.normalizerSwitch(false) + " " + admin.isNormalizerEnabled() + " " + admin.normalize() + " " + admin.normalizerSwitch(true));
    say("catalog janitor", () -> admin.catalogJanitorSwitch(false) + " " + admin.isCatalogJanitorEnabled() + " " + admin.catalogJanitorSwitch(true) + " " + (admin.runCatalogJanitor() >= 0));
    say("cleaner", () -> admin.cleanerChoreSwitch(false) + " " + admin.isCleanerChoreEnabled() + " " + admin.cleanerChoreSwitch(true));
    say("maintenance mode", () -> admin.isMasterInMaintenanceMode());
    say("security", () -> admin.getSecurityCapabilities());
    say("metrics", () -> admin.getClusterMetrics().getMasterName() != null && admin.getClusterMetrics().getClusterId() != null && !admin.getClusterMetrics().getLiveServerMetrics().isEmpty());
    say("backup masters", () -> admin.getBackupMasters());
    say("dead servers", () -> admin.clearDeadServers(List.of(ServerName.valueOf("127.0.0.1", 1, 1234567890123L))));
    say("decommissioned", () -> admin.listDecommissionedRegionServers());
    say("locks", () -> admin.getLocks());
  }

  private static void servers() {
    say("logs are rolled", () -> { for (ServerName s : admin.getRegionServers()) admin.rollWALWriter(s); return "done"; });
    say("configuration of all servers", () -> { admin.updateConfiguration(); return "done"; });
    say("configuration of a server", () -> { admin.updateConfiguration(admin.getRegionServers().iterator().next()); return "done"; });
    say("block cache of a table", () -> admin.clearBlockCache(T).getExceptionCount());
    say("block cache of none", () -> admin.clearBlockCache(NONE).getExceptionCount());
    say("procedures", () -> admin.getProcedures().startsWith("["));
  }

  private static void absent() {
    say("replication peers", () -> admin.listReplicationPeers());
    say("snapshots", () -> admin.listSnapshots());
    say("quota: throttle", () -> admin.isRpcThrottleEnabled());
    say("quota: set", () -> { admin.setQuota(org.apache.hadoop.hbase.quotas.QuotaSettingsFactory.throttleTable(T, org.apache.hadoop.hbase.quotas.ThrottleType.REQUEST_NUMBER, 1, TimeUnit.SECONDS)); return "done"; });
    say("access: permissions", () -> admin.hasUserPermissions(List.of()));
    say("master service, not there", () -> { org.apache.hadoop.hbase.ipc.CoprocessorRpcChannel c = admin.coprocessorService(); return c != null; });
  }
}
