import java.io.IOException;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.io.TimeRange;
import org.apache.hadoop.hbase.regionserver.NoSuchColumnFamilyException;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * The Java client, unmodified, against a cluster: one line a check, then "N passed, M failed" and an exit code.
 *
 *   run hbase-2.6 MiniSmoke.java hbase.zookeeper.quorum=127.0.0.1:2181
 *   run hbase-3.0 MiniSmoke.java hbase.client.bootstrap.servers=127.0.0.1:16020 \
 *       hbase.client.registry.impl=org.apache.hadoop.hbase.client.RpcConnectionRegistry
 *
 * Every argument is a property of the client. Own properties: minismoke.only and minismoke.skip, regular expressions
 * over the names of checks, "group: what" (those of the group "setup" always run), and minismoke.table, the name of the
 * table, which is dropped first.
 */
public final class MiniSmoke {
  interface Check { void run() throws Exception; }

  private static final byte[] A = Bytes.toBytes("a"), B = Bytes.toBytes("b"), Q = Bytes.toBytes("q");
  private static int passed, failed;
  private static Pattern only, skip;
  private static Connection connection;
  private static Admin admin;
  private static TableName name;
  private static Table table;

  public static void main(String[] args) throws Exception {
    Configuration conf = HBaseConfiguration.create();
    conf.setInt("hbase.client.pause", 50);
    conf.setInt("hbase.client.retries.number", 8);
    conf.setInt("hbase.client.operation.timeout", 30_000);
    conf.setInt("hbase.client.meta.operation.timeout", 30_000);
    conf.setInt("hbase.rpc.timeout", 15_000);
    for (String arg : args) {
      int eq = arg.indexOf('=');
      if (eq <= 0) throw new IllegalArgumentException("not key=value: " + arg);
      conf.set(arg.substring(0, eq), arg.substring(eq + 1));
    }
    only = Pattern.compile(conf.get("minismoke.only", ""));
    skip = Pattern.compile(conf.get("minismoke.skip", "(?!)"));
    name = TableName.valueOf(conf.get("minismoke.table", "minismoke"));
    long began = System.nanoTime();
    try (Connection c = ConnectionFactory.createConnection(conf); Admin a = c.getAdmin(); Table t = c.getTable(name)) {
      connection = c;
      admin = a;
      table = t;
      drop(name);
      create();
      fill();
      reads();
      writes();
      deletes();
      conditions();
      batches();
      scans();
      filters();
      async();
      large();
      exceptions();
      regions();
      schema();
      lifecycle();
      namespaces();
    }
    System.out.printf("%d passed, %d failed (%d ms)%n", passed, failed, (System.nanoTime() - began) / 1_000_000);
    System.exit(failed == 0 ? 0 : 1);
  }

  // ------------------------------------------------------------------------------------------------ small helpers
  private static void check(String what, Check body) {
    boolean wanted = only.matcher(what).find() && !skip.matcher(what).find();
    if (!wanted && !what.startsWith("setup:")) return;
    try {
      body.run();
      passed++;
      System.out.println("ok      " + what);
    } catch (Throwable e) {
      failed++;
      String cause = e.getCause() == null ? "" : " <- " + line(e.getCause());
      System.out.println("FAILED  " + what + ": " + line(e) + cause);
    }
  }
  private static String line(Throwable e) { return e.toString().split("\n")[0]; }
  private static void same(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) throw new AssertionError("expected " + expected + " but got " + actual);
  }
  private static void is(boolean condition) {
    if (!condition) throw new AssertionError("not so");
  }
  private static void expect(Class<? extends Throwable> type, Check body) throws Exception {
    try {
      body.run();
    } catch (Throwable e) {
      Deque<Throwable> all = new ArrayDeque<>(List.of(e));
      while (!all.isEmpty()) {
        Throwable one = all.pop();
        if (type.isInstance(one)) return;
        if (one.getCause() != null) all.push(one.getCause());
        if (one instanceof RetriesExhaustedWithDetailsException) {
          all.addAll(((RetriesExhaustedWithDetailsException) one).getCauses());
        }
      }
      throw new AssertionError("expected " + type.getSimpleName() + " but got " + e, e);
    }
    throw new AssertionError("expected " + type.getSimpleName());
  }
  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private static Put put(String row, String qualifier, String value) {
    return new Put(b(row)).addColumn(A, b(qualifier), b(value));
  }
  private static String value(Result r, String qualifier) { return Bytes.toString(r.getValue(A, b(qualifier))); }
  private static String get(String row, String qualifier) throws IOException {
    return value(table.get(new Get(b(row))), qualifier);
  }
  private static void drop(TableName t) throws IOException {
    if (!admin.tableExists(t)) return;
    if (!admin.isTableDisabled(t)) admin.disableTable(t);
    admin.deleteTable(t);
  }
  /** The rows of a scan in order, as "r0 r1 ...". */
  private static String rows(Scan scan) throws IOException {
    StringJoiner out = new StringJoiner(" ");
    try (ResultScanner results = table.getScanner(scan)) {
      for (Result r : results) out.add(Bytes.toString(r.getRow()));
    }
    return out.toString();
  }
  private static int count(Scan scan) throws IOException {
    int n = 0;
    try (ResultScanner results = table.getScanner(scan)) { for (Result ignored : results) n++; }
    return n;
  }
  private static TableDescriptor descriptor(TableName t) {
    return TableDescriptorBuilder.newBuilder(t)
        .setColumnFamily(ColumnFamilyDescriptorBuilder.newBuilder(A).setMaxVersions(5).build())
        .setColumnFamily(ColumnFamilyDescriptorBuilder.of(B)).build();
  }

  // ------------------------------------------------------------------------------------------------ the checks
  private static void create() {
    check("setup: create a table with split keys", () -> {
      admin.createTable(descriptor(name), new byte[][] {b("r3"), b("r6")});
      is(admin.tableExists(name));
      is(admin.isTableEnabled(name));
      is(admin.isTableAvailable(name));
      same(3, admin.getRegions(name).size());
    });
    check("create: the same again is TableExistsException",
        () -> expect(TableExistsException.class, () -> admin.createTable(descriptor(name))));
    check("list: table names", () -> {
      is(Arrays.asList(admin.listTableNames()).contains(name));
      is(Arrays.asList(admin.listTableNames(Pattern.compile(name.getNameAsString() + ".*"))).contains(name));
      same(0, admin.listTableNames(Pattern.compile("no-such-.*")).length);
    });
    check("list: table descriptors", () -> {
      is(admin.listTableDescriptors().stream().anyMatch(d -> d.getTableName().equals(name)));
      same(1, admin.listTableDescriptors(List.of(name)).size());
    });
    check("list: the cluster's servers", () -> {
      is(!admin.getClusterMetrics(EnumSet.of(ClusterMetrics.Option.LIVE_SERVERS)).getLiveServerMetrics().isEmpty());
      is(!admin.getRegionServers().isEmpty());
      is(admin.getClusterMetrics().getClusterId() != null);
    });
    check("describe: families and their attributes", () -> {
      TableDescriptor d = admin.getDescriptor(name);
      same(5, d.getColumnFamily(A).getMaxVersions());
      same(1, d.getColumnFamily(B).getMaxVersions());
      same(2, d.getColumnFamilyCount());
    });
    check("locate: all regions and one row", () -> {
      try (RegionLocator locator = connection.getRegionLocator(name)) {
        same(3, locator.getAllRegionLocations().size());
        same("r3", Bytes.toString(locator.getStartKeys()[1]));
        same("r6", Bytes.toString(locator.getRegionLocation(b("r5"), true).getRegion().getEndKey()));
      }
    });
  }

  /** Rows r0 to r9, three in each region but the last: a:q, a:n with three versions (10, 20, 30), b:q. */
  private static void fill() {
    check("setup: put one by one and as a list", () -> {
      List<Put> puts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Put p = put("r" + i, "q", "v" + i).addColumn(B, Q, b("b" + i));
        for (long ts = 10; ts <= 30; ts += 10) p.addColumn(A, b("n"), ts, b(i + "@" + ts));
        if (i < 5) table.put(p); else puts.add(p);
      }
      table.put(puts);
    });
  }

  private static void reads() {
    check("get: a row", () -> {
      Result r = table.get(new Get(b("r4")));
      same("v4", value(r, "q"));
      same("4@30", value(r, "n"));
      same("b4", Bytes.toString(r.getValue(B, Q)));
      same(3, r.size());
    });
    check("get: a row that is not there", () -> is(table.get(new Get(b("r44"))).isEmpty()));
    check("get: one column, one family", () -> {
      same(1, table.get(new Get(b("r4")).addColumn(A, Q)).size());
      same(2, table.get(new Get(b("r4")).addFamily(A)).size());
      is(table.get(new Get(b("r4")).addColumn(A, b("none"))).isEmpty());
    });
    check("get: versions", () -> {
      List<Cell> cells = table.get(new Get(b("r4")).addColumn(A, b("n")).readAllVersions()).getColumnCells(A, b("n"));
      same(3, cells.size());
      same(30L, cells.get(0).getTimestamp());
      same(2, table.get(new Get(b("r4")).addColumn(A, b("n")).readVersions(2)).size());
    });
    check("get: time range and exact timestamp", () -> {
      same("4@20", value(table.get(new Get(b("r4")).addColumn(A, b("n")).setTimeRange(10, 30)), "n"));
      same("4@10", value(table.get(new Get(b("r4")).addColumn(A, b("n")).setTimestamp(10)), "n"));
      is(table.get(new Get(b("r4")).setTimeRange(1, 10)).isEmpty());
    });
    check("get: several over all regions, in the order asked", () -> {
      Result[] results = table.get(List.of(new Get(b("r8")), new Get(b("r0")), new Get(b("nope")), new Get(b("r4"))));
      same("v8", value(results[0], "q"));
      same("v0", value(results[1], "q"));
      is(results[2].isEmpty());
      same("v4", value(results[3], "q"));
    });
    check("exists: one and several", () -> {
      is(table.exists(new Get(b("r1"))));
      is(!table.exists(new Get(b("r11"))));
      is(!table.exists(new Get(b("r1")).addColumn(A, b("none"))));
      same("[true, false, true]",
          Arrays.toString(table.exists(List.of(new Get(b("r1")), new Get(b("r11")), new Get(b("r9"))))));
    });
  }

  private static void writes() {
    check("increment: creates, adds, subtracts", () -> {
      same(5L, table.incrementColumnValue(b("w1"), A, b("c"), 5));
      same(42L, table.incrementColumnValue(b("w1"), A, b("c"), 37));
      same(40L, table.incrementColumnValue(b("w1"), A, b("c"), -2));
    });
    check("increment: several columns at once", () -> {
      Result r = table.increment(new Increment(b("w1")).addColumn(A, b("c"), 2).addColumn(B, b("d"), 7));
      same(42L, Bytes.toLong(r.getValue(A, b("c"))));
      same(7L, Bytes.toLong(r.getValue(B, b("d"))));
      same(42L, Bytes.toLong(table.get(new Get(b("w1"))).getValue(A, b("c"))));
    });
    check("increment: of a value that is not a number fails", () -> {
      table.put(put("w2", "c", "text"));
      expect(DoNotRetryIOException.class, () -> table.incrementColumnValue(b("w2"), A, b("c"), 1));
      same("text", get("w2", "c"));
    });
    check("append: creates, appends, returns the new value", () -> {
      table.append(new Append(b("w3")).addColumn(A, Q, b("one")));
      same("one,two", value(table.append(new Append(b("w3")).addColumn(A, Q, b(",two"))), "q"));
      same("one,two", get("w3", "q"));
    });
    check("append: without a result", () -> {
      Result r = table.append(new Append(b("w3")).addColumn(A, Q, b("!")).setReturnResults(false));
      is(r == null || r.isEmpty());
      same("one,two!", get("w3", "q"));
    });
    check("put: an empty value, an empty qualifier, bytes that are no text", () -> {
      byte[] row = {0, (byte) 0xff, 1};
      table.put(new Put(row).addColumn(A, new byte[0], new byte[0]).addColumn(A, row, row));
      Result r = table.get(new Get(row));
      same(0, r.getValue(A, new byte[0]).length);
      is(Arrays.equals(row, r.getValue(A, row)));
      table.delete(new Delete(row));
    });
    check("put: the newest timestamp wins, whatever the order", () -> {
      table.put(new Put(b("w4")).addColumn(A, Q, 200, b("new")));
      table.put(new Put(b("w4")).addColumn(A, Q, 100, b("old")));
      same("new", get("w4", "q"));
    });
    check("mutateRow: put and delete together", () -> {
      table.put(put("w5", "gone", "x"));
      RowMutations both = new RowMutations(b("w5"));
      both.add(put("w5", "q", "y"));
      both.add(new Delete(b("w5")).addColumns(A, b("gone")));
      table.mutateRow(both);
      Result r = table.get(new Get(b("w5")));
      same(1, r.size());
      same("y", value(r, "q"));
    });
    check("buffered mutator: 2000 puts and a delete", () -> {
      try (BufferedMutator m = connection.getBufferedMutator(name)) {
        for (int i = 0; i < 2000; i++) m.mutate(put(String.format("r%d/%04d", i % 10, i), "q", "" + i));
        m.flush();
        m.mutate(new Delete(b("r0/0000")));
      }
      int n = 0;
      for (int i = 0; i < 10; i++) n += count(new Scan().setStartStopRowForPrefixScan(b("r" + i + "/")));
      same(1999, n);
      List<Delete> all = new ArrayList<>();
      for (int i = 0; i < 2000; i++) all.add(new Delete(b(String.format("r%d/%04d", i % 10, i))));
      table.delete(all);
    });
  }

  private static void deletes() {
    Check fresh = () -> {
      table.delete(new Delete(b("d")).addFamily(A, 50).addFamily(B, 50));
      Put p = new Put(b("d"));
      for (long ts = 100; ts <= 300; ts += 100) {
        p.addColumn(A, Q, ts, b("q" + ts)).addColumn(A, b("o"), ts, b("o" + ts));
      }
      table.put(p.addColumn(B, Q, 100, b("b")));
    };
    check("delete: the newest version of a column", () -> {
      fresh.run();
      table.delete(new Delete(b("d")).addColumn(A, Q));
      same("q200", get("d", "q"));
      same("o300", get("d", "o"));
    });
    check("delete: one version by its timestamp", () -> {
      table.delete(new Delete(b("d")).addColumn(A, b("o"), 200));
      List<Cell> left = table.get(new Get(b("d")).addColumn(A, b("o")).readAllVersions()).listCells();
      same(2, left.size());
      same(100L, left.get(1).getTimestamp());
    });
    check("delete: all versions of a column up to a timestamp", () -> {
      table.delete(new Delete(b("d")).addColumns(A, b("o"), 250));
      same(1, table.get(new Get(b("d")).addColumn(A, b("o")).readAllVersions()).size());
      same("o300", get("d", "o"));
    });
    check("delete: all versions of a column", () -> {
      table.delete(new Delete(b("d")).addColumns(A, b("o")));
      is(table.get(new Get(b("d")).addColumn(A, b("o")).readAllVersions()).isEmpty());
      same("q200", get("d", "q"));
    });
    check("delete: an older put stays hidden, a newer one shows", () -> {
      table.put(new Put(b("d")).addColumn(A, b("o"), 150, b("late")));
      is(get("d", "o") == null);
      Thread.sleep(2); // the delete above took the clock's time, and hides what is put in the same millisecond
      table.put(put("d", "o", "again"));
      same("again", get("d", "o"));
    });
    check("delete: one version of a whole family", () -> {
      table.put(new Put(b("d2")).addColumn(A, Q, 10, b("x")).addColumn(A, b("p"), 10, b("x"))
          .addColumn(A, Q, 20, b("y")));
      table.delete(new Delete(b("d2")).addFamilyVersion(A, 10));
      Result r = table.get(new Get(b("d2")).readAllVersions());
      same(1, r.size());
      same("y", value(r, "q"));
    });
    check("delete: a family", () -> {
      table.delete(new Delete(b("d")).addFamily(A));
      Result r = table.get(new Get(b("d")));
      same(1, r.size());
      same("b", Bytes.toString(r.getValue(B, Q)));
    });
    check("delete: a row", () -> {
      table.put(put("d", "q", "x"));
      table.delete(new Delete(b("d")));
      is(!table.exists(new Get(b("d"))));
    });
    check("delete: seen by a raw scan", () -> {
      Scan raw = new Scan().withStartRow(b("d")).withStopRow(b("d"), true).setRaw(true).readAllVersions();
      try (ResultScanner results = table.getScanner(raw)) {
        is(Arrays.stream(results.next().rawCells()).anyMatch(CellUtil::isDelete));
      }
    });
    check("delete: several over all regions", () -> {
      for (int i = 0; i < 10; i++) table.put(put("r" + i + "-x", "q", "x"));
      List<Delete> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) all.add(new Delete(b("r" + i + "-x")));
      table.delete(all);
      for (int i = 0; i < 10; i++) is(!table.exists(new Get(b("r" + i + "-x"))));
    });
  }

  private static boolean check(CheckAndMutate c) throws IOException { return table.checkAndMutate(c).isSuccess(); }

  private static CheckAndMutate.Builder on(String row) { return CheckAndMutate.newBuilder(b(row)); }

  private static void conditions() {
    // A new row each time: a put in the same millisecond as a delete before it would be hidden by that.
    int[] number = {0};
    Callable<String> fresh = () -> {
      String row = "c" + ++number[0];
      table.put(put(row, "q", "5"));
      return row;
    };
    check("checkAndMutate: a put when the value is equal", () -> {
      String c = fresh.call();
      is(!check(on(c).ifEquals(A, Q, b("4")).build(put(c, "q", "no"))));
      same("5", get(c, "q"));
      c = fresh.call();
      is(check(on(c).ifEquals(A, Q, b("5")).build(put(c, "q", "6"))));
      same("6", get(c, "q"));
    });
    check("checkAndMutate: when there is no value", () -> {
      String c = fresh.call();
      is(!check(on(c).ifNotExists(A, Q).build(put(c, "q", "no"))));
      c = fresh.call();
      is(check(on(c).ifNotExists(A, b("other")).build(put(c, "other", "yes"))));
      same("yes", get(c, "other"));
    });
    check("checkAndMutate: other comparisons", () -> {
      String c = fresh.call(); // read as: the given value OP the stored one
      is(check(on(c).ifMatches(A, Q, CompareOperator.GREATER, b("6")).build(put(c, "q", "5"))));
      c = fresh.call();
      is(!check(on(c).ifMatches(A, Q, CompareOperator.LESS, b("6")).build(put(c, "q", "no"))));
      c = fresh.call();
      is(check(on(c).ifMatches(A, Q, CompareOperator.NOT_EQUAL, b("6")).build(put(c, "q", "5"))));
    });
    check("checkAndMutate: a delete", () -> {
      String c = fresh.call();
      is(check(on(c).ifEquals(A, Q, b("5")).build(new Delete(b(c)))));
      is(!table.exists(new Get(b(c))));
    });
    check("checkAndMutate: several mutations of the row", () -> {
      String c = fresh.call();
      RowMutations both = new RowMutations(b(c));
      both.add(put(c, "p", "1"));
      both.add(new Delete(b(c)).addColumns(A, Q));
      is(check(on(c).ifEquals(A, Q, b("5")).build(both)));
      same("1", get(c, "p"));
      is(get(c, "q") == null);
    });
    check("checkAndMutate: an increment, with its result", () -> {
      String c = fresh.call();
      CheckAndMutateResult r =
          table.checkAndMutate(on(c).ifEquals(A, Q, b("5")).build(new Increment(b(c)).addColumn(A, b("i"), 3)));
      is(r.isSuccess());
      same(3L, Bytes.toLong(r.getResult().getValue(A, b("i"))));
    });
    check("checkAndMutate: a filter as the condition", () -> {
      String c = fresh.call();
      Filter five = new SingleColumnValueFilter(A, Q, CompareOperator.EQUAL, b("5"));
      is(check(on(c).ifMatches(five).build(put(c, "q", "7"))));
      is(!check(on(c).ifMatches(five).build(put(c, "q", "no"))));
      same("7", get(c, "q"));
    });
    check("checkAndMutate: several over two regions", () -> {
      List<CheckAndMutateResult> results = table.checkAndMutate(List.of(
          on("r1").ifEquals(A, Q, b("v1")).build(put("r1", "m", "1")),
          on("r7").ifEquals(A, Q, b("no")).build(put("r7", "m", "1")),
          on("r2").ifNotExists(A, b("m")).build(put("r2", "m", "1"))));
      same("true false true",
          results.get(0).isSuccess() + " " + results.get(1).isSuccess() + " " + results.get(2).isSuccess());
      table.delete(new Delete(b("r1")).addColumns(A, b("m")));
      table.delete(new Delete(b("r2")).addColumns(A, b("m")));
    });
  }

  private static void batches() {
    check("batch: of all kinds over all regions", () -> {
      table.put(put("r9-b", "q", "x"));
      RowMutations row = new RowMutations(b("r5-b"));
      row.add(put("r5-b", "q", "m"));
      List<Row> actions = List.of(put("r1-b", "q", "1"), new Get(b("r8")), new Delete(b("r9-b")),
          new Increment(b("r4-b")).addColumn(A, b("c"), 9), new Append(b("r2-b")).addColumn(A, Q, b("app")),
          new Get(b("none")), row);
      Object[] results = new Object[actions.size()];
      table.batch(actions, results);
      for (Object r : results) is(r instanceof Result);
      same("v8", value((Result) results[1], "q"));
      same(9L, Bytes.toLong(((Result) results[3]).getValue(A, b("c"))));
      same("app", value((Result) results[4], "q"));
      is(((Result) results[5]).isEmpty());
      same("1", get("r1-b", "q"));
      same("m", get("r5-b", "q"));
      is(!table.exists(new Get(b("r9-b"))));
    });
    check("batch: one bad action does not spoil the others", () -> {
      List<Row> actions = List.of(put("r1-b", "q", "2"), new Put(b("r1-b")).addColumn(b("nofamily"), Q, Q),
          put("r8-b", "q", "3"));
      Object[] results = new Object[3];
      expect(NoSuchColumnFamilyException.class, () -> table.batch(actions, results));
      is(results[0] instanceof Result);
      is(results[1] instanceof Throwable);
      is(results[2] instanceof Result);
      same("2", get("r1-b", "q"));
      same("3", get("r8-b", "q"));
    });
    check("batch: 500 gets", () -> {
      List<Get> gets = new ArrayList<>();
      for (int i = 0; i < 500; i++) gets.add(new Get(b("r" + i % 10)));
      Result[] results = table.get(gets);
      for (int i = 0; i < 500; i++) same("v" + i % 10, value(results[i], "q"));
    });
    check("setup: leave only the first ten rows", () -> {
      List<Delete> all = new ArrayList<>();
      try (ResultScanner results = table.getScanner(new Scan())) {
        for (Result r : results) {
          if (!Bytes.toString(r.getRow()).matches("r[0-9]")) all.add(new Delete(r.getRow()));
        }
      }
      table.delete(all);
      same(10, count(new Scan()));
    });
  }

  private static void scans() {
    String all = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9", back = new StringBuilder(all.replace("r", "")).reverse().toString()
        .replaceAll("(\\d)", "r$1");
    check("scan: everything", () -> same(all, rows(new Scan())));
    check("scan: everything, two rows a call", () -> same(all, rows(new Scan().setCaching(2))));
    check("scan: everything, one byte a call", () -> same(all, rows(new Scan().setMaxResultSize(1))));
    check("scan: with streaming and with positional reads", () -> {
      same(all, rows(new Scan().setReadType(Scan.ReadType.STREAM)));
      same(all, rows(new Scan().setReadType(Scan.ReadType.PREAD)));
    });
    check("scan: bounds in and out", () -> {
      same("r2 r3 r4", rows(new Scan().withStartRow(b("r2")).withStopRow(b("r5"))));
      same("r3 r4 r5", rows(new Scan().withStartRow(b("r2"), false).withStopRow(b("r5"), true)));
      same("r4", rows(new Scan().withStartRow(b("r4")).withStopRow(b("r4"), true)));
      same("", rows(new Scan().withStartRow(b("x"))));
    });
    check("scan: from and to the border of a region", () -> {
      same("r3 r4 r5", rows(new Scan().withStartRow(b("r3")).withStopRow(b("r6"))));
      same("r3 r4 r5 r6", rows(new Scan().withStartRow(b("r3")).withStopRow(b("r6"), true)));
      same("r4 r5 r6", rows(new Scan().withStartRow(b("r3"), false).withStopRow(b("r6"), true)));
    });
    check("scan: reversed", () -> same(back, rows(new Scan().setReversed(true))));
    check("scan: reversed, two rows a call", () -> same(back, rows(new Scan().setReversed(true).setCaching(2))));
    check("scan: reversed with bounds", () -> {
      same("r7 r6 r5", rows(new Scan().setReversed(true).withStartRow(b("r7")).withStopRow(b("r4"))));
      same("r6 r5 r4", rows(new Scan().setReversed(true).withStartRow(b("r7"), false).withStopRow(b("r4"), true)));
      same("r5 r4 r3", rows(new Scan().setReversed(true).withStartRow(b("r6"), false).withStopRow(b("r3"), true)));
      same("r7 r6", rows(new Scan().setReversed(true).withStartRow(b("r70")).withStopRow(b("r5"))));
    });
    check("scan: limited", () -> {
      same("r0 r1 r2 r3", rows(new Scan().setLimit(4)));
      same("r4", rows(new Scan().withStartRow(b("r4")).setOneRowLimit()));
      same("r9 r8 r7 r6 r5", rows(new Scan().setLimit(5).setReversed(true)));
      same("r0 r1 r2 r3 r4", rows(new Scan().setLimit(5).setCaching(2)));
    });
    check("scan: by prefix", () -> same("r4", rows(new Scan().setStartStopRowForPrefixScan(b("r4")))));
    check("scan: column subsets", () -> {
      try (ResultScanner results = table.getScanner(new Scan().addColumn(A, Q))) {
        for (Result r : results) same(1, r.size());
      }
      try (ResultScanner results = table.getScanner(new Scan().addFamily(B).addColumn(A, b("n")))) {
        for (Result r : results) same(2, r.size());
      }
      same("", rows(new Scan().addColumn(A, b("none"))));
    });
    check("scan: time range", () -> {
      int n = 0;
      try (ResultScanner results = table.getScanner(new Scan().addFamily(A).setTimeRange(10, 21))) {
        for (Result r : results) same("@20", value(r, "n").substring(1 + 0 * n++));
      }
      same(10, n);
      same("", rows(new Scan().setTimeRange(1, 10)));
    });
    check("scan: time range of one family", () -> {
      Scan scan = new Scan().withStartRow(b("r1")).withStopRow(b("r2")).setColumnFamilyTimeRange(A, 10, 11);
      try (ResultScanner results = table.getScanner(scan)) {
        Result r = results.next();
        same("1@10", value(r, "n"));
        same("b1", Bytes.toString(r.getValue(B, Q)));
        same(2, r.size());
      }
    });
    check("scan: versions", () -> {
      int n = 0;
      try (ResultScanner results = table.getScanner(new Scan().addColumn(A, b("n")).readVersions(2))) {
        for (Result r : results) n += r.size();
      }
      same(20, n);
    });
    check("scan: rows in pieces of one cell", () -> {
      int n = 0;
      try (ResultScanner results = table.getScanner(new Scan().setBatch(1))) {
        for (Result r : results) { same(1, r.size()); n++; }
      }
      same(30, n);
    });
    check("scan: partial results to the user", () -> {
      int cells = 0;
      try (ResultScanner results = table.getScanner(new Scan().setAllowPartialResults(true).setMaxResultSize(1))) {
        for (Result r : results) cells += r.size();
      }
      same(30, cells);
    });
    check("scan: next(n)", () -> {
      try (ResultScanner results = table.getScanner(new Scan())) {
        same(7, results.next(7).length);
        same(3, results.next(7).length);
        same(0, results.next(7).length);
      }
    });
    check("scan: left in the middle", () -> {
      for (int i = 0; i < 20; i++) {
        try (ResultScanner results = table.getScanner(new Scan().setCaching(1))) { is(results.next() != null); }
      }
    });
    check("scan: renewing the lease", () -> {
      try (ResultScanner results = table.getScanner(new Scan().setCaching(1))) {
        results.next();
        results.renewLease(); // 3.0 answers false when it has rows in hand
        same("r1", Bytes.toString(results.next().getRow()));
      }
    });
    check("scan: metrics", () -> {
      try (ResultScanner results = table.getScanner(new Scan().setScanMetricsEnabled(true))) {
        while (results.next() != null) { }
        same(3L, results.getScanMetrics().countOfRegions.get());
        is(results.getScanMetrics().getMetricsMap().get("ROWS_SCANNED") >= 10); // deleted rows count too
      }
    });
  }

  private static void filters() {
    check("filter: prefix", () -> same("r5", rows(new Scan().setFilter(new PrefixFilter(b("r5"))))));
    check("filter: key only, first key only", () -> {
      try (ResultScanner results = table.getScanner(new Scan().setFilter(new KeyOnlyFilter()))) {
        same(0, results.next().rawCells()[0].getValueLength());
      }
      try (ResultScanner results = table.getScanner(new Scan().setFilter(new FirstKeyOnlyFilter()))) {
        same(1, results.next().size());
      }
    });
    check("filter: by value", () -> same("r7", rows(new Scan().setFilter(
        new SingleColumnValueFilter(A, Q, CompareOperator.EQUAL, b("v7"))))));
    check("filter: by row and regular expression", () -> same("r1 r2 r3", rows(new Scan().setFilter(
        new RowFilter(CompareOperator.EQUAL, new RegexStringComparator("r[123]"))))));
    check("filter: lists", () -> same("r2 r8", rows(new Scan().setFilter(new FilterList(
        FilterList.Operator.MUST_PASS_ONE, new PrefixFilter(b("r8")), new PrefixFilter(b("r2")))))));
    check("filter: on a get", () -> same(1,
        table.get(new Get(b("r1")).setFilter(new QualifierFilter(CompareOperator.EQUAL, new BinaryComparator(b("n")))))
            .size()));
    check("filter: page", () -> is(rows(new Scan().setFilter(new PageFilter(2))).startsWith("r0 r1")));
  }

  private static void async() throws Exception {
    try (AsyncConnection c = ConnectionFactory.createAsyncConnection(connection.getConfiguration()).get()) {
      ExecutorService pool = Executors.newFixedThreadPool(2);
      AsyncTable<?> t = c.getTable(name, pool);
      check("async: put, get, increment, delete", () -> {
        t.put(put("as", "q", "1")).get();
        same("1", value(t.get(new Get(b("as"))).get(), "q"));
        same(3L, t.incrementColumnValue(b("as"), A, b("c"), 3).get());
        same("1+", value(t.append(new Append(b("as")).addColumn(A, Q, b("+"))).get(), "q"));
        t.delete(new Delete(b("as"))).get();
        is(!t.exists(new Get(b("as"))).get());
      });
      check("async: 1000 gets at once", () -> {
        List<CompletableFuture<Result>> results = new ArrayList<>();
        for (int i = 0; i < 1000; i++) results.add(t.get(new Get(b("r" + i % 10))));
        for (int i = 0; i < 1000; i++) same("v" + i % 10, value(results.get(i).get(), "q"));
      });
      check("async: scan", () -> {
        same(10, t.scanAll(new Scan()).get().size());
        CompletableFuture<Integer> n = new CompletableFuture<>();
        c.getTable(name).scan(new Scan().setCaching(3), new AdvancedScanResultConsumer() {
          private int rows;
          @Override public void onNext(Result[] results, ScanController controller) { rows += results.length; }
          @Override public void onError(Throwable error) { n.completeExceptionally(error); }
          @Override public void onComplete() { n.complete(rows); }
        });
        same(10, n.get(30, TimeUnit.SECONDS));
      });
      check("async: batch, each with its own future", () -> {
        List<CompletableFuture<Object>> results = t.batch(List.of(new Get(b("r1")), put("as", "q", "2"),
            new Put(b("as")).addColumn(b("nofamily"), Q, Q)));
        same("v1", value((Result) results.get(0).get(), "q"));
        results.get(1).get();
        expect(NoSuchColumnFamilyException.class, () -> results.get(2).get());
        t.delete(new Delete(b("as"))).get();
      });
      check("async: checkAndMutate", () -> {
        is(t.checkAndMutate(on("r1").ifEquals(A, Q, b("v1"))
            .build(put("r1", "q", "v1"))).get().isSuccess());
      });
      check("async: admin", () -> {
        is(c.getAdmin().tableExists(name).get());
        is(c.getAdmin().listTableNames(false).get().contains(name));
        same(3, c.getAdmin().getRegions(name).get().size());
      });
      pool.shutdown();
    }
  }

  private static void large() {
    check("large: a value of 2 MiB", () -> {
      byte[] big = new byte[2 << 20];
      new Random(1).nextBytes(big);
      table.put(new Put(b("large")).addColumn(A, Q, big));
      is(Arrays.equals(big, table.get(new Get(b("large"))).getValue(A, Q)));
      table.delete(new Delete(b("large")));
    });
    check("large: a row of 5000 columns, whole and in pieces", () -> {
      Put p = new Put(b("wide"));
      for (int i = 0; i < 5000; i++) p.addColumn(A, b(String.format("%05d", i)), new byte[100]);
      table.put(p);
      same(5000, table.get(new Get(b("wide"))).size());
      Scan one = new Scan().withStartRow(b("wide")).withStopRow(b("wide"), true);
      try (ResultScanner results = table.getScanner(new Scan(one).setMaxResultSize(10_000))) {
        same(5000, results.next().size());
        is(results.next() == null);
      }
      int cells = 0, pieces = 0;
      try (ResultScanner results = table.getScanner(new Scan(one).setBatch(700))) {
        for (Result r : results) { cells += r.size(); pieces++; }
      }
      same("5000 in 8", cells + " in " + pieces);
      same(20, table.get(new Get(b("wide")).setMaxResultsPerColumnFamily(20).setRowOffsetPerColumnFamily(50)).size());
      table.delete(new Delete(b("wide")));
    });
  }

  private static void exceptions() {
    TableName none = TableName.valueOf("minismoke-none");
    check("exception: TableNotFoundException", () -> {
      try (Table t = connection.getTable(none)) {
        expect(TableNotFoundException.class, () -> t.get(new Get(b("r"))));
        expect(TableNotFoundException.class, () -> t.put(put("r", "q", "v")));
      }
      expect(TableNotFoundException.class, () -> admin.disableTable(none));
      expect(TableNotFoundException.class, () -> admin.deleteTable(none));
      expect(TableNotFoundException.class, () -> admin.getDescriptor(none));
      is(!admin.tableExists(none));
    });
    check("exception: NoSuchColumnFamilyException", () -> {
      byte[] bad = b("nofamily");
      expect(NoSuchColumnFamilyException.class, () -> table.get(new Get(b("r1")).addFamily(bad)));
      expect(NoSuchColumnFamilyException.class, () -> table.put(new Put(b("r1")).addColumn(bad, Q, Q)));
      expect(NoSuchColumnFamilyException.class, () -> table.delete(new Delete(b("r1")).addFamily(bad)));
      expect(NoSuchColumnFamilyException.class, () -> count(new Scan().addFamily(bad)));
      expect(NoSuchColumnFamilyException.class, () -> table.incrementColumnValue(b("r1"), bad, Q, 1));
    });
    check("exception: TableNotDisabledException", () -> {
      expect(TableNotDisabledException.class, () -> admin.deleteTable(name));
      expect(TableNotDisabledException.class, () -> admin.truncateTable(name, true));
      expect(TableNotDisabledException.class, () -> admin.enableTable(name));
    });
  }

  private static void regions() {
    check("region: flush", () -> {
      admin.flush(name);
      same(10, count(new Scan()));
    });
    // Not back again: each server would then remember that the region moved to the other, and once the table has been
    // truncated, this client goes from one to the other until its retries are used up.
    check("region: move to another server", () -> {
      RegionInfo region = admin.getRegions(name).get(1);
      ServerName at;
      try (RegionLocator locator = connection.getRegionLocator(name)) {
        at = locator.getRegionLocation(region.getStartKey(), true).getServerName();
      }
      for (ServerName to : admin.getRegionServers()) {
        if (to.equals(at)) continue;
        admin.move(region.getEncodedNameAsBytes(), to);
        same("v4", get("r4", "q"));
        try (RegionLocator locator = connection.getRegionLocator(name)) {
          same(to, locator.getRegionLocation(b("r4"), true).getServerName());
        }
        break;
      }
      same("v4", get("r4", "q"));
    });
    check("region: split", () -> {
      admin.splitRegionAsync(admin.getRegions(name).get(0).getRegionName(), b("r1")).get(60, TimeUnit.SECONDS);
      await(() -> same(4, admin.getRegions(name).size()));
      await(() -> same(10, count(new Scan())));
      same("v0", get("r0", "q"));
      same("v1", get("r1", "q"));
    });
  }

  private static void await(Check condition) throws Exception {
    long end = System.nanoTime() + 30_000_000_000L;
    while (true) {
      try { condition.run(); return; } catch (AssertionError e) { if (System.nanoTime() > end) throw e; }
      Thread.sleep(50);
    }
  }

  private static void schema() {
    check("schema: add, modify and delete a family", () -> {
      byte[] extra = b("extra");
      admin.addColumnFamily(name, ColumnFamilyDescriptorBuilder.of(extra));
      table.put(new Put(b("r1")).addColumn(extra, Q, b("x")));
      admin.modifyColumnFamily(name, ColumnFamilyDescriptorBuilder.newBuilder(extra).setMaxVersions(9).build());
      same(9, admin.getDescriptor(name).getColumnFamily(extra).getMaxVersions());
      admin.deleteColumnFamily(name, extra);
      is(!admin.getDescriptor(name).hasColumnFamily(extra));
      expect(NoSuchColumnFamilyException.class, () -> table.put(new Put(b("r1")).addColumn(extra, Q, b("x"))));
    });
    check("schema: modify the table", () -> {
      admin.modifyTable(TableDescriptorBuilder.newBuilder(admin.getDescriptor(name)).setMaxFileSize(1L << 30).build());
      same(1L << 30, admin.getDescriptor(name).getMaxFileSize());
      same(10, count(new Scan()));
    });
  }

  private static void lifecycle() {
    check("disable: and what then fails", () -> {
      admin.disableTable(name);
      is(admin.isTableDisabled(name));
      expect(TableNotEnabledException.class, () -> table.get(new Get(b("r1"))));
      expect(TableNotEnabledException.class, () -> table.put(put("r1", "q", "v1")));
      expect(TableNotEnabledException.class, () -> admin.disableTable(name));
    });
    check("enable: the data is still there", () -> {
      admin.enableTable(name);
      is(admin.isTableEnabled(name));
      same("v1", get("r1", "q"));
      same(10, count(new Scan()));
    });
    check("truncate: with the same regions", () -> {
      int before = admin.getRegions(name).size();
      admin.disableTable(name);
      admin.truncateTable(name, true);
      is(admin.isTableEnabled(name));
      same(0, count(new Scan()));
      same(before, admin.getRegions(name).size());
      table.put(put("r1", "q", "v1"));
    });
    check("truncate: into one region", () -> {
      admin.disableTable(name);
      admin.truncateTable(name, false);
      same(0, count(new Scan()));
      same(1, admin.getRegions(name).size());
    });
    check("delete table: and what then fails", () -> {
      drop(name);
      is(!admin.tableExists(name));
      is(!Arrays.asList(admin.listTableNames()).contains(name));
      expect(TableNotFoundException.class, () -> table.get(new Get(b("r1"))));
    });
    check("create: again under the same name, empty", () -> {
      drop(name);
      admin.createTable(descriptor(name), b("a"), b("z"), 5);
      same(5, admin.getRegions(name).size());
      same(0, count(new Scan()));
      table.put(put("k", "q", "new"));
      same("new", get("k", "q"));
      drop(name);
    });
  }

  private static void namespaces() {
    check("namespace: create, use, list, delete", () -> {
      String ns = "minismoke_ns";
      TableName t = TableName.valueOf(ns, "t");
      drop(t);
      if (Arrays.stream(admin.listNamespaceDescriptors()).anyMatch(d -> d.getName().equals(ns))) {
        admin.deleteNamespace(ns);
      }
      admin.createNamespace(NamespaceDescriptor.create(ns).build());
      is(Arrays.stream(admin.listNamespaceDescriptors()).anyMatch(d -> d.getName().equals(ns)));
      same(ns, admin.getNamespaceDescriptor(ns).getName());
      admin.createTable(descriptor(t));
      same("[" + t + "]", Arrays.toString(admin.listTableNamesByNamespace(ns)));
      try (Table in = connection.getTable(t)) {
        in.put(put("r", "q", "v"));
        same("v", value(in.get(new Get(b("r"))), "q"));
      }
      drop(t);
      admin.deleteNamespace(ns);
      expect(NamespaceNotFoundException.class, () -> admin.getNamespaceDescriptor(ns));
      expect(NamespaceNotFoundException.class, () -> admin.createTable(descriptor(t)));
    });
  }
}
