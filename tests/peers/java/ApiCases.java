import java.io.IOException;
import java.util.*;
import java.util.concurrent.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.io.TimeRange;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hadoop.hbase.util.Pair;

/**
 * The data calls of the Java client, one line a case: the answer cell by cell, or the exception's class and the first
 * line of its text.
 *
 *   run hbase-2.6 ApiCases.java hbase.zookeeper.quorum=127.0.0.1 hbase.zookeeper.property.clientPort=2181
 *
 * With expected=FILE: compares with that file (made on a real HBase), prints what differs, and exits with 1 when
 * something does. For AdminCases' part of the API see there.
 */
public final class ApiCases {
  interface Case { Object run() throws Exception; }
  private static final List<String> lines = new ArrayList<>();
  private static final TableName T = TableName.valueOf("apicases"), NONE = TableName.valueOf("apicases_none"),
      OFF = TableName.valueOf("apicases_off");
  private static Connection connection;
  private static Admin admin;
  private static Table table;
  private static AsyncConnection async;

  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private static final byte[] F = b("f"), V = b("v"), K = b("k");

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
    try (Connection c = ConnectionFactory.createConnection(conf); Admin a = c.getAdmin();
        AsyncConnection ac = ConnectionFactory.createAsyncConnection(conf).get()) {
      connection = c;
      admin = a;
      async = ac;
      for (TableName t : List.of(T, NONE, OFF)) drop(t);
      make(T);
      make(OFF);
      admin.disableTable(OFF);
      try (Table t = connection.getTable(T)) {
        table = t;
        puts();
        gets();
        deletes();
        counters();
        conditions();
        rows();
        fill();
        filters();
        comparators();
        scans();
        batches();
        asynchronous();
        buffered();
        failures();
      }
      for (TableName t : List.of(T, OFF)) drop(t);
    }
    for (String line : lines) System.out.println(line);
    if (expected != null) System.exit(Expected.compare(lines, expected));
  }

  private static void make(TableName name) throws IOException {
    admin.createTable(TableDescriptorBuilder.newBuilder(name)
        .setColumnFamily(ColumnFamilyDescriptorBuilder.of(F))
        .setColumnFamily(ColumnFamilyDescriptorBuilder.newBuilder(V).setMaxVersions(3).build())
        .setColumnFamily(ColumnFamilyDescriptorBuilder.newBuilder(K).setMaxVersions(5)
            .setKeepDeletedCells(KeepDeletedCells.TRUE).build()).build(),
        new byte[][] {b("m"), b("s3")});
  }
  private static void drop(TableName name) throws IOException {
    if (!admin.tableExists(name)) return;
    if (admin.isTableEnabled(name)) admin.disableTable(name);
    admin.deleteTable(name);
  }

  private static void say(String name, Case what) {
    String line;
    try {
      line = text(what.run());
    } catch (Throwable e) {
      line = "! " + failure(e);
    }
    lines.add(name + ": " + line);
  }
  /** The server's exception, whatever the client wraps it in; names of regions and servers do not repeat. */
  static String failure(Throwable e) {
    if (e instanceof RetriesExhaustedWithDetailsException) {
      return failure(((RetriesExhaustedWithDetailsException) e).getCause(0));
    }
    Throwable cause = e.getCause();
    boolean wrapper = e instanceof ExecutionException || e instanceof RetriesExhaustedException
        || e instanceof CompletionException || e.getClass() == RuntimeException.class
        || e instanceof java.io.UncheckedIOException;
    if (wrapper && cause != null) return failure(cause);
    String text = String.valueOf(e.getMessage()).split("\n")[0];
    text = text.replaceAll("[0-9a-f]{32}", "<region>").replaceAll("[A-Za-z0-9.-]+,[0-9]+,[0-9]{8,}", "<server>")
        .replaceAll("[0-9]{9,}", "<number>").replaceAll("at org\\.apache.*", "").replaceAll("on <server>.*", "")
        // HBase goes on with the whole descriptor of the table, and with the name of an object of its own.
        .replaceAll("in table '([^']*)'.*", "in table '$1'").replaceAll("in region .*", "in region <region>").trim();
    return e.getClass().getSimpleName() + ": " + text;
  }
  private static String text(Object o) {
    if (o instanceof Result) return text((Result) o);
    if (o instanceof CheckAndMutateResult) {
      CheckAndMutateResult r = (CheckAndMutateResult) o;
      return r.isSuccess() + (r.getResult() == null ? "" : " " + text(r.getResult()));
    }
    if (o instanceof Throwable) return "! " + failure((Throwable) o);
    if (o instanceof Object[]) return text(Arrays.asList((Object[]) o));
    if (o instanceof boolean[]) return Arrays.toString((boolean[]) o);
    if (o instanceof Iterable) {
      StringJoiner out = new StringJoiner(" | ", "[", "]");
      for (Object each : (Iterable<?>) o) out.add(text(each));
      return out.toString();
    }
    return String.valueOf(o);
  }
  private static String text(Result result) {
    if (result.isCursor()) return "cursor " + Bytes.toStringBinary(result.getCursor().getRow());
    if (result.isEmpty()) return result.getExists() == null ? "-" : "exists=" + result.getExists();
    StringBuilder out = new StringBuilder(Bytes.toStringBinary(result.getRow()));
    for (Cell cell : result.rawCells()) {
      out.append(' ').append(Bytes.toString(CellUtil.cloneFamily(cell))).append(':');
      out.append(Bytes.toStringBinary(CellUtil.cloneQualifier(cell)));
      out.append('@').append(cell.getTimestamp() > 100000 ? "now" : "" + cell.getTimestamp());
      out.append(cell.getType() == Cell.Type.Put ? "=" : "!" + cell.getType() + "=");
      String value = Bytes.toStringBinary(CellUtil.cloneValue(cell));
      out.append(value.length() > 60 ? value.length() + " bytes" : value);
    }
    if (result.mayHaveMoreCellsInRow()) out.append(" ...");
    return out.toString();
  }
  private static Object get(String row) throws IOException { return table.get(new Get(b(row)).readAllVersions()); }
  private static void put(String row, byte[] family, String qualifier, long ts, String value) throws IOException {
    table.put(new Put(b(row)).addColumn(family, b(qualifier), ts, b(value)));
  }

  private static void puts() throws Exception {
    say("put, server's time", () -> { table.put(new Put(b("p1")).addColumn(F, b("q"), b("v"))); return get("p1"); });
    say("put, own time", () -> { put("p2", V, "q", 5, "a"); put("p2", V, "q", 7, "b"); return get("p2"); });
    say("put again", () -> { put("p2", V, "q", 5, "c"); return get("p2"); });
    say("put of many columns", () -> {
      Put put = new Put(b("p3"), 9);
      for (int i = 0; i < 5; i++) put.addColumn(F, b("q" + i), b("v" + i));
      table.put(put.addColumn(V, null, b("unnamed")).addColumn(V, b("empty"), null));
      return get("p3");
    });
    say("more versions than the family keeps", () -> { for (int i = 1; i < 6; i++) put("p4", V, "q", i, "" + i); return get("p4"); });
    say("puts of many rows", () -> {
      List<Put> puts = new ArrayList<>();
      for (String row : List.of("p5", "n1", "t1")) puts.add(new Put(b(row)).addColumn(F, b("q"), 3, b(row)));
      table.put(puts);
      return table.get(List.of(new Get(b("t1")), new Get(b("p5")), new Get(b("nowhere")), new Get(b("n1"))));
    });
    say("time to live over", () -> {
      table.put(new Put(b("p6")).addColumn(F, b("q"), 5, b("v")).setTTL(1));
      return get("p6");
    });
    say("time to live", () -> { table.put(new Put(b("p6")).addColumn(F, b("q"), b("v")).setTTL(600000)); return get("p6"); });
    say("durability and id", () -> {
      table.put(new Put(b("p7")).addColumn(F, b("q"), 5, b("v")).setDurability(Durability.SKIP_WAL).setId("me"));
      return get("p7");
    });
    say("binary row", () -> {
      byte[] row = {0, -1, 7};
      table.put(new Put(row).addColumn(F, new byte[] {0}, 5, new byte[] {-1}));
      return table.get(new Get(row));
    });
    say("long row", () -> {
      byte[] row = new byte[32767];
      Arrays.fill(row, (byte) 'r');
      table.put(new Put(row).addColumn(F, b("q"), 5, b("v")));
      int length = table.get(new Get(row)).getRow().length;
      table.delete(new Delete(row));
      return length;
    });
    say("large value", () -> {
      table.put(new Put(b("p8")).addColumn(F, b("q"), 5, new byte[3 << 20]));
      int length = table.get(new Get(b("p8"))).value().length;
      table.delete(new Delete(b("p8")));
      return length;
    });
  }

  private static void gets() throws Exception {
    for (int i = 1; i <= 4; i++) { put("g", V, "q", i * 10, "" + i); put("g", F, "q" + i, i, "" + i); put("g", V, "r", i, "r" + i); }
    say("get", () -> table.get(new Get(b("g"))));
    say("get versions", () -> table.get(new Get(b("g")).readVersions(2)));
    say("get family", () -> table.get(new Get(b("g")).addFamily(V)));
    say("get columns", () -> table.get(new Get(b("g")).addColumn(F, b("q3")).addColumn(F, b("q1")).addColumn(V, b("x"))));
    say("get time range", () -> table.get(new Get(b("g")).setTimeRange(2, 30).readAllVersions()));
    say("get timestamp", () -> table.get(new Get(b("g")).setTimestamp(20)));
    say("get time range of a family", () -> table.get(new Get(b("g")).setColumnFamilyTimeRange(V, 0, 30)));
    say("get limit and offset", () -> table.get(new Get(b("g")).setMaxResultsPerColumnFamily(2).setRowOffsetPerColumnFamily(1)));
    say("get filter", () -> table.get(new Get(b("g")).setFilter(new ColumnPrefixFilter(b("q")))));
    say("get only existence", () -> table.get(new Get(b("g")).setCheckExistenceOnly(true)));
    say("exists", () -> table.exists(new Get(b("g"))));
    say("exists not", () -> table.exists(new Get(b("g")).addColumn(F, b("x"))));
    say("exists of many", () -> table.exists(List.of(new Get(b("g")), new Get(b("x")), new Get(b("p1")))));
    say("get nothing", () -> table.get(new Get(b("x"))));
    say("get many, one without its family", () -> table.get(List.of(new Get(b("g")), new Get(b("p1")).addFamily(b("none")))));
  }

  private static void deletes() throws Exception {
    Case fresh = () -> {
      table.delete(new Delete(b("d")));
      admin.flush(T);
      for (int i = 0; i < 3; i++) { put("d2", V, "q", 10 + i, "" + i); put("d2", V, "r", 10 + i, "" + i); put("d2", K, "q", 10 + i, "" + i); }
      return null;
    };
    fresh.run();
    say("delete version", () -> { table.delete(new Delete(b("d2")).addColumn(V, b("q"), 11)); return get("d2"); });
    say("delete newest version", () -> { table.delete(new Delete(b("d2")).addColumn(V, b("r"))); return get("d2"); });
    say("delete newest of nothing", () -> { table.delete(new Delete(b("d2")).addColumn(V, b("zz"))); return get("d2"); });
    say("delete column up to", () -> { table.delete(new Delete(b("d2")).addColumns(V, b("r"), 10)); return get("d2"); });
    say("delete column", () -> { table.delete(new Delete(b("d2")).addColumns(V, b("r"))); return get("d2"); });
    say("delete family version", () -> { table.delete(new Delete(b("d2")).addFamilyVersion(V, 12)); return get("d2"); });
    say("delete hides what is written later", () -> { put("d2", V, "q", 12, "again"); return get("d2"); });
    say("delete kept cells", () -> { table.delete(new Delete(b("d2")).addColumns(K, b("q"), 11)); return get("d2"); });
    say("kept cells in the past", () -> table.get(new Get(b("d2")).addFamily(K).setTimeRange(0, 11).readAllVersions()));
    say("raw scan", () -> all(new Scan().withStartRow(b("d2")).withStopRow(b("d2"), true).setRaw(true).readAllVersions()));
    say("delete family", () -> { table.delete(new Delete(b("d2")).addFamily(V)); return get("d2"); });
    say("delete row up to", () -> { put("d3", F, "q", 5, "a"); put("d3", V, "q", 9, "b"); table.delete(new Delete(b("d3"), 5)); return get("d3"); });
    say("delete row", () -> { table.delete(new Delete(b("d3"))); return get("d3"); });
    say("delete of nothing", () -> { table.delete(new Delete(b("d4"))); return get("d4"); });
    say("deletes of many", () -> {
      put("d5", F, "q", 5, "a"); put("t5", F, "q", 5, "a");
      List<Delete> deletes = new ArrayList<>(List.of(new Delete(b("d5")), new Delete(b("t5"))));
      table.delete(deletes);
      return text(get("d5")) + " " + text(get("t5")) + " " + deletes.size();
    });
  }

  private static void counters() throws Exception {
    say("increment", () -> table.increment(new Increment(b("c")).addColumn(F, b("n"), 5)));
    say("increment of two", () -> table.increment(new Increment(b("c")).addColumn(F, b("n"), -7).addColumn(V, b("m"), 1)));
    say("increment by nothing", () -> table.increment(new Increment(b("c")).addColumn(F, b("n"), 0)));
    say("incrementColumnValue", () -> table.incrementColumnValue(b("c"), F, b("n"), 44));
    say("incrementColumnValue, durability", () -> table.incrementColumnValue(b("c"), F, b("n"), 1, Durability.SYNC_WAL));
    say("increment overflow", () -> { table.increment(new Increment(b("c")).addColumn(F, b("o"), Long.MAX_VALUE)); return table.incrementColumnValue(b("c"), F, b("o"), 1); });
    say("increment without result", () -> table.increment(new Increment(b("c")).addColumn(F, b("n"), 1).setReturnResults(false)));
    say("increment of a text", () -> { put("c", F, "t", 5, "text"); return table.increment(new Increment(b("c")).addColumn(F, b("t"), 1)); });
    say("append", () -> table.append(new Append(b("c")).addColumn(F, b("s"), b("one"))));
    say("append to it", () -> table.append(new Append(b("c")).addColumn(F, b("s"), b(",two")).addColumn(V, b("s"), b("x"))));
    say("append nothing", () -> table.append(new Append(b("c")).addColumn(F, b("s"), new byte[0])));
    say("append without result", () -> table.append(new Append(b("c")).addColumn(F, b("s"), b("!")).setReturnResults(false)));
    say("counters", () -> get("c"));
    say("increment, old cells only", () -> table.increment(new Increment(b("c")).addColumn(F, b("n"), 1).setTimeRange(0, 100)));
    say("append, old cells only", () -> table.append(new Append(b("c")).addColumn(F, b("s"), b("new")).setTimeRange(0, 100)));
  }

  private static Object check(CheckAndMutate check) throws IOException { return text(table.checkAndMutate(check)) + " " + text(get("e")); }
  private static CheckAndMutate.Builder on() { return CheckAndMutate.newBuilder(b("e")); }
  private static Put mark(String value) { return new Put(b("e")).addColumn(F, b("done"), 5, b(value)); }
  private static void conditions() throws Exception {
    put("e", F, "q", 5, "m");
    put("e", F, "empty", 5, "");
    for (CompareOperator op : CompareOperator.values()) {
      if (op == CompareOperator.NO_OP) continue;
      for (String value : List.of("a", "m", "z", "")) {
        say("check " + op + " " + value, () -> table.checkAndMutate(on().ifMatches(F, b("q"), op, b(value)).build(mark(op + value))).isSuccess());
        say("check empty " + op + " " + value, () -> table.checkAndMutate(on().ifMatches(F, b("empty"), op, b(value)).build(mark(op + value))).isSuccess());
        say("check missing " + op + " " + value, () -> table.checkAndMutate(on().ifMatches(F, b("none"), op, b(value)).build(mark(op + value))).isSuccess());
      }
    }
    say("check equals null", () -> table.checkAndMutate(on().ifEquals(F, b("none"), null).build(mark("x"))).isSuccess());
    say("check not exists", () -> check(on().ifNotExists(F, b("none")).build(mark("absent"))));
    say("check exists", () -> check(on().ifNotExists(F, b("q")).build(mark("never"))));
    say("check and delete", () -> check(on().ifEquals(F, b("q"), b("m")).build(new Delete(b("e")).addColumns(F, b("done")))));
    say("check and increment", () -> table.checkAndMutate(on().ifEquals(F, b("q"), b("m")).build(new Increment(b("e")).addColumn(F, b("n"), 4))));
    say("check and append", () -> table.checkAndMutate(on().ifEquals(F, b("q"), b("m")).build(new Append(b("e")).addColumn(F, b("s"), b("x")))));
    say("check and not append", () -> table.checkAndMutate(on().ifEquals(F, b("q"), b("o")).build(new Append(b("e")).addColumn(F, b("s"), b("x")))));
    say("check and rows", () -> check(on().ifEquals(F, b("q"), b("m")).build(new RowMutations(b("e"))
        .add((Mutation) mark("rows")).add((Mutation) new Delete(b("e")).addColumns(F, b("empty"))))));
    say("check and rows with results", () -> table.checkAndMutate(on().ifEquals(F, b("q"), b("m")).build(new RowMutations(b("e"))
        .add((Mutation) new Increment(b("e")).addColumn(F, b("n"), 1)).add((Mutation) new Append(b("e")).addColumn(F, b("s"), b("y"))))));
    say("check filter", () -> check(on().ifMatches(new SingleColumnValueFilter(F, b("q"), CompareOperator.EQUAL, b("m"))).build(mark("filter"))));
    say("check filter not", () -> check(on().ifMatches(new ValueFilter(CompareOperator.EQUAL, new BinaryComparator(b("none")))).build(mark("no"))));
    say("check filter list", () -> check(on().ifMatches(new FilterList(
        new SingleColumnValueFilter(F, b("q"), CompareOperator.EQUAL, b("m")), new SingleColumnValueFilter(F, b("n"), CompareOperator.NOT_EQUAL, b("m")))).build(mark("list"))));
    say("check time range", () -> check(on().ifEquals(F, b("q"), b("m")).timeRange(TimeRange.between(0, 5)).build(mark("range"))));
    say("check time range in", () -> check(on().ifEquals(F, b("q"), b("m")).timeRange(TimeRange.at(5)).build(mark("in range"))));
    say("check many", () -> table.checkAndMutate(List.of(on().ifEquals(F, b("q"), b("m")).build(mark("1")),
        CheckAndMutate.newBuilder(b("t9")).ifNotExists(F, b("q")).build(new Put(b("t9")).addColumn(F, b("q"), 5, b("v"))))));
    say("check, other row", () -> on().ifEquals(F, b("q"), b("m")).build(new Put(b("other")).addColumn(F, b("q"), b("v"))));
    say("check, no family", () -> table.checkAndMutate(on().ifEquals(b("none"), b("q"), b("m")).build(mark("x"))));
    say("check, put without family", () -> table.checkAndMutate(on().ifEquals(F, b("q"), b("m")).build(new Put(b("e")).addColumn(b("none"), b("q"), b("v")))));
  }

  private static void rows() throws Exception {
    say("mutateRow", () -> {
      put("r", F, "gone", 5, "x");
      table.mutateRow(new RowMutations(b("r")).add((Mutation) new Put(b("r")).addColumn(F, b("a"), 5, b("1")))
          .add((Mutation) new Delete(b("r")).addColumns(F, b("gone"))).add((Mutation) new Put(b("r")).addColumn(V, b("b"), 6, b("2"))));
      return get("r");
    });
    say("mutateRow with results", () -> table.mutateRow(new RowMutations(b("r")).add((Mutation) new Increment(b("r")).addColumn(F, b("n"), 3))
        .add((Mutation) new Put(b("r")).addColumn(F, b("a"), 7, b("3"))).add((Mutation) new Append(b("r")).addColumn(F, b("s"), b("z")))));
    say("mutateRow, no family: nothing happens", () -> table.mutateRow(new RowMutations(b("r")).add((Mutation) new Put(b("r")).addColumn(F, b("x"), b("1")))
        .add((Mutation) new Put(b("r")).addColumn(b("none"), b("x"), b("1")))));
    say("mutateRow, other row", () -> new RowMutations(b("r")).add((Mutation) new Put(b("s"))));
    say("row", () -> get("r"));
  }

  private static void fill() throws Exception {
    Scan every = new Scan();
    try (ResultScanner scanner = table.getScanner(every)) {
      for (Result r : scanner) table.delete(new Delete(r.getRow()).addFamily(F).addFamily(V).addFamily(K));
    }
    Thread.sleep(5);
    String[] names = {"s0", "s1", "s2", "s3", "s4", "s5"};
    for (int i = 0; i < names.length; i++) {
      for (String q : List.of("a", "ab", "b", "c")) {
        if ((i + q.length()) % 5 != 0) table.put(new Put(b(names[i])).addColumn(F, b(q), 50000000000000L + i, b(names[i] + q)));
      }
      table.put(new Put(b(names[i])).addColumn(V, b("n"), 50000000000000L, Bytes.toBytes((long) i)).addColumn(V, b("n"), 50000000000001L, Bytes.toBytes((long) i * 10)));
    }
  }
  private static List<Result> all(Scan scan) throws IOException {
    List<Result> out = new ArrayList<>();
    try (ResultScanner scanner = table.getScanner(scan)) {
      for (Result r : scanner) out.add(r);
    }
    return out;
  }
  /** Rows with the qualifiers of their cells. */
  private static String brief(List<Result> results) {
    StringJoiner out = new StringJoiner(" ");
    for (Result r : results) {
      StringBuilder cells = new StringBuilder();
      for (Cell c : r.rawCells()) cells.append(cells.length() == 0 ? "" : ",").append(Bytes.toString(CellUtil.cloneQualifier(c)));
      out.add(Bytes.toString(r.getRow()) + "(" + cells + ")" + (r.mayHaveMoreCellsInRow() ? "+" : ""));
    }
    return out.toString();
  }

  private static void filters() throws Exception {
    Map<String, java.util.function.Supplier<Filter>> all = new LinkedHashMap<>();
    for (CompareOperator op : CompareOperator.values()) {
      all.put("Row " + op, () -> new RowFilter(op, new BinaryComparator(b("s2"))));
      all.put("Qualifier " + op, () -> new QualifierFilter(op, new BinaryComparator(b("b"))));
      all.put("Family " + op, () -> new FamilyFilter(op, new BinaryComparator(b("f"))));
      all.put("Value " + op, () -> new ValueFilter(op, new BinaryComparator(b("s3a"))));
    }
    all.put("SingleColumnValue", () -> new SingleColumnValueFilter(F, b("a"), CompareOperator.EQUAL, b("s2a")));
    all.put("SingleColumnValue missing", () -> { SingleColumnValueFilter f = new SingleColumnValueFilter(F, b("a"), CompareOperator.EQUAL, b("s2a")); f.setFilterIfMissing(true); return f; });
    all.put("SingleColumnValue all versions", () -> { SingleColumnValueFilter f = new SingleColumnValueFilter(V, b("n"), CompareOperator.EQUAL, Bytes.toBytes(3L)); f.setLatestVersionOnly(false); return f; });
    all.put("SingleColumnValueExclude", () -> new SingleColumnValueExcludeFilter(F, b("a"), CompareOperator.GREATER, b("s2a")));
    all.put("ColumnValue", () -> new ColumnValueFilter(F, b("b"), CompareOperator.NOT_EQUAL, b("s1b")));
    all.put("Prefix", () -> new PrefixFilter(b("s3")));
    all.put("Page", () -> new PageFilter(2));
    all.put("InclusiveStop", () -> new InclusiveStopFilter(b("s2")));
    all.put("ColumnPrefix", () -> new ColumnPrefixFilter(b("a")));
    all.put("MultipleColumnPrefix", () -> new MultipleColumnPrefixFilter(new byte[][] {b("a"), b("c")}));
    all.put("ColumnRange", () -> new ColumnRangeFilter(b("ab"), true, b("c"), false));
    all.put("ColumnRange open", () -> new ColumnRangeFilter(null, true, b("ab"), true));
    all.put("ColumnCountGet", () -> new ColumnCountGetFilter(2));
    all.put("ColumnPagination", () -> new ColumnPaginationFilter(2, 1));
    all.put("ColumnPagination column", () -> new ColumnPaginationFilter(2, b("ab")));
    all.put("FirstKeyOnly", FirstKeyOnlyFilter::new);
    all.put("KeyOnly", () -> new KeyOnlyFilter());
    all.put("KeyOnly length", () -> new KeyOnlyFilter(true));
    all.put("Timestamps", () -> new TimestampsFilter(List.of(50000000000001L, 50000000000003L)));
    all.put("Timestamps hints", () -> new TimestampsFilter(List.of(50000000000001L, 50000000000003L), true));
    all.put("Fuzzy", () -> new FuzzyRowFilter(List.of(new Pair<>(b("?3"), new byte[] {1, 0}), new Pair<>(b("s5"), new byte[] {0, 0}))));
    all.put("MultiRowRange", () -> new MultiRowRangeFilter(List.of(new MultiRowRangeFilter.RowRange("s1", true, "s2", true), new MultiRowRangeFilter.RowRange("s4", false, "s9", true))));
    all.put("MultiRowRange prefixes", () -> new MultiRowRangeFilter(new byte[][] {b("s1"), b("s4")}));
    all.put("DependentColumn", () -> new DependentColumnFilter(F, b("a")));
    all.put("DependentColumn value", () -> new DependentColumnFilter(F, b("a"), true, CompareOperator.GREATER, new BinaryComparator(b("s2"))));
    all.put("RandomRow always", () -> new RandomRowFilter(1.5f));
    all.put("RandomRow never", () -> new RandomRowFilter(-1));
    all.put("WhileMatch", () -> new WhileMatchFilter(new RowFilter(CompareOperator.NOT_EQUAL, new BinaryComparator(b("s2")))));
    all.put("Skip", () -> new SkipFilter(new ValueFilter(CompareOperator.NOT_EQUAL, new BinaryComparator(b("s2b")))));
    all.put("List all", () -> new FilterList(new PrefixFilter(b("s")), new ColumnPrefixFilter(b("a")), new PageFilter(3)));
    all.put("List one", () -> new FilterList(FilterList.Operator.MUST_PASS_ONE, new RowFilter(CompareOperator.EQUAL, new BinaryComparator(b("s1"))), new ColumnPrefixFilter(b("c"))));
    all.put("List nested", () -> new FilterList(FilterList.Operator.MUST_PASS_ONE,
        new FilterList(new PrefixFilter(b("s4")), new ColumnPrefixFilter(b("b"))), new FilterList(new InclusiveStopFilter(b("s1")), new KeyOnlyFilter())));
    all.put("List empty", () -> new FilterList());
    for (String parsed : List.of("PrefixFilter('s1') OR (RowFilter(>=,'binary:s4') AND ColumnPrefixFilter('a'))",
        "SKIP ValueFilter(!=,'substring:s2b')", "WHILE RowFilter(!=,'regexstring:2$')", "TimestampsFilter(50000000000002, 50000000000005)")) {
      all.put(parsed, () -> {
        try {
          return new ParseFilter().parseFilterString(parsed);
        } catch (java.nio.charset.CharacterCodingException e) {
          throw new RuntimeException(e);
        }
      });
    }
    for (Map.Entry<String, java.util.function.Supplier<Filter>> each : all.entrySet()) {
      String name = each.getKey();
      say("filter " + name, () -> brief(all(new Scan().setFilter(each.getValue().get()))));
      // HBase 2.6.4 never comes back from these two.
      if (!name.startsWith("Prefix") && !name.startsWith("Fuzzy") && !name.startsWith("List") && !name.contains("PrefixFilter(")) {
        say("filter reversed " + name, () -> brief(all(new Scan().setReversed(true).setFilter(each.getValue().get()))));
      }
      say("filter get " + name, () -> brief(List.of(table.get(new Get(b("s2")).readAllVersions().setFilter(each.getValue().get())))));
    }
  }

  private static void comparators() throws Exception {
    Map<String, ByteArrayComparable> all = new LinkedHashMap<>();
    all.put("Binary", new BinaryComparator(b("s3ab")));
    all.put("BinaryPrefix", new BinaryPrefixComparator(b("s3")));
    all.put("BinaryComponent", new BinaryComponentComparator(b("b"), 2));
    all.put("Bit and", new BitComparator(b("s3a"), BitComparator.BitwiseOp.AND));
    all.put("Bit or", new BitComparator(b("\0\0\0"), BitComparator.BitwiseOp.OR));
    all.put("Bit xor", new BitComparator(b("s3a"), BitComparator.BitwiseOp.XOR));
    all.put("Long", new LongComparator(30));
    all.put("Null", new NullComparator());
    all.put("Substring", new SubstringComparator("3A"));
    all.put("Regex", new RegexStringComparator("s[2-4](a|b)$"));
    all.put("Regex no case", new RegexStringComparator("S3.*", java.util.regex.Pattern.CASE_INSENSITIVE));
    for (Map.Entry<String, ByteArrayComparable> each : all.entrySet()) {
      for (CompareOperator op : CompareOperator.values()) {
        if (each.getValue() instanceof LongComparator) {
          say("comparator " + each.getKey() + " " + op, () -> brief(all(new Scan().addFamily(V).setFilter(new ValueFilter(op, each.getValue())))));
        } else {
          say("comparator " + each.getKey() + " " + op, () -> brief(all(new Scan().addFamily(F).setFilter(new ValueFilter(op, each.getValue())))));
        }
      }
    }
  }

  private static void scans() throws Exception {
    say("scan", () -> all(new Scan()));
    say("scan reversed", () -> brief(all(new Scan().setReversed(true))));
    say("scan from to", () -> brief(all(new Scan().withStartRow(b("s1")).withStopRow(b("s4")))));
    say("scan from to, other ends", () -> brief(all(new Scan().withStartRow(b("s1"), false).withStopRow(b("s4"), true))));
    say("scan reversed from to", () -> brief(all(new Scan().setReversed(true).withStartRow(b("s4")).withStopRow(b("s1")))));
    say("scan one row", () -> brief(all(new Scan().withStartRow(b("s1")).withStopRow(b("s1"), true))));
    say("scan nothing", () -> brief(all(new Scan().withStartRow(b("x")))));
    say("scan prefix", () -> brief(all(new Scan().setStartStopRowForPrefixScan(b("s3")))));
    say("scan families", () -> brief(all(new Scan().addFamily(V))));
    say("scan columns", () -> brief(all(new Scan().addColumn(F, b("b")).addColumn(V, b("n")))));
    say("scan versions", () -> brief(all(new Scan().readVersions(2))));
    say("scan time range", () -> brief(all(new Scan().setTimeRange(50000000000001L, 50000000000003L))));
    say("scan timestamp", () -> brief(all(new Scan().setTimestamp(50000000000003L))));
    say("scan time range of a family", () -> brief(all(new Scan().setColumnFamilyTimeRange(F, 0, 50000000000002L))));
    for (int caching : new int[] {1, 2, 100}) say("scan caching " + caching, () -> brief(all(new Scan().setCaching(caching))));
    for (int batch : new int[] {1, 2, 3}) {
      say("scan batch " + batch, () -> brief(all(new Scan().setBatch(batch))));
      say("scan batch and caching " + batch, () -> brief(all(new Scan().setBatch(batch).setCaching(2))));
    }
    say("scan limit", () -> brief(all(new Scan().setLimit(4))));
    say("scan limit reversed", () -> brief(all(new Scan().setLimit(4).setReversed(true).setCaching(3))));
    say("scan limit and batch", () -> brief(all(new Scan().setLimit(2).setBatch(2))));
    say("scan one row limit", () -> brief(all(new Scan().setOneRowLimit())));
    say("scan tiny results", () -> brief(all(new Scan().setMaxResultSize(1))));
    say("scan tiny partial results", () -> brief(all(new Scan().setMaxResultSize(1).setAllowPartialResults(true))));
    say("scan limit of a family", () -> brief(all(new Scan().setMaxResultsPerColumnFamily(2))));
    say("scan offset in a family", () -> brief(all(new Scan().setMaxResultsPerColumnFamily(2).setRowOffsetPerColumnFamily(1))));
    say("scan raw", () -> brief(all(new Scan().setRaw(true).readAllVersions().withStartRow(b("s")))));
    say("scan raw with columns", () -> brief(all(new Scan().setRaw(true).addColumn(F, b("a")))));
    say("scan batch and page", () -> brief(all(new Scan().setFilter(new PageFilter(1)).setBatch(2))));
    say("scan on demand, reversed", () -> brief(all(new Scan().setReversed(true).setLoadColumnFamiliesOnDemand(true).setFilter(new ColumnValueFilter(F, b("a"), CompareOperator.GREATER, b("s1a"))))));
    for (Scan.ReadType type : Scan.ReadType.values()) say("scan " + type, () -> brief(all(new Scan().setReadType(type).setLimit(1))));
    say("scan uncommitted", () -> brief(all(new Scan().setIsolationLevel(IsolationLevel.READ_UNCOMMITTED).setLimit(1))));
    say("scan without cache", () -> brief(all(new Scan().setCacheBlocks(false).setLimit(1))));
    say("scan by attribute", () -> brief(all(new Scan().setAttribute("x", b("y")).setId("me").setPriority(7).setLimit(1))));
    say("scan timeline", () -> brief(all(new Scan().setConsistency(Consistency.TIMELINE).setLimit(1))));
    say("scan in steps", () -> {
      try (ResultScanner scanner = table.getScanner(new Scan().setCaching(2))) {
        return scanner.next(2).length + " " + Bytes.toString(scanner.next().getRow()) + " " + scanner.renewLease() + " " + scanner.next(100).length + " " + scanner.next();
      }
    });
    say("scan metrics", () -> {
      try (ResultScanner scanner = table.getScanner(new Scan().setScanMetricsEnabled(true))) {
        while (scanner.next() != null) { }
        org.apache.hadoop.hbase.client.metrics.ScanMetrics metrics = scanner.getScanMetrics();
        return metrics.countOfRowsScanned.get() + " scanned, " + metrics.countOfRowsFiltered.get() + " filtered, regions " + metrics.countOfRegions.get();
      }
    });
    say("scan metrics, filtered", () -> {
      try (ResultScanner scanner = table.getScanner(new Scan().setScanMetricsEnabled(true).setFilter(new RowFilter(CompareOperator.EQUAL, new BinaryComparator(b("s3")))))) {
        while (scanner.next() != null) { }
        org.apache.hadoop.hbase.client.metrics.ScanMetrics metrics = scanner.getScanMetrics();
        return metrics.countOfRowsScanned.get() + " scanned, " + metrics.countOfRowsFiltered.get() + " filtered";
      }
    });
    say("scan of a family", () -> {
      try (ResultScanner scanner = table.getScanner(F, b("ab"))) { return brief(List.of(scanner.next(100))); }
    });
    say("scan cursors", () -> brief(all(new Scan().setNeedCursorResult(true))));
  }

  private static void batches() throws Exception {
    say("batch", () -> {
      List<Row> actions = List.of(new Get(b("s1")), new Put(b("s6")).addColumn(F, b("q"), 5, b("v")), new Delete(b("s7")),
          new Increment(b("s8")).addColumn(F, b("n"), 2), new Append(b("s9")).addColumn(F, b("a"), b("x")), new Get(b("nowhere")),
          new RowMutations(b("sa")).add((Mutation) new Put(b("sa")).addColumn(F, b("q"), 5, b("v"))),
          CheckAndMutate.newBuilder(b("sb")).ifNotExists(F, b("q")).build(new Put(b("sb")).addColumn(F, b("q"), 5, b("v"))),
          CheckAndMutate.newBuilder(b("sb2")).ifEquals(F, b("q"), b("x")).build(new Put(b("sb2")).addColumn(F, b("q"), 5, b("v"))));
      Object[] results = new Object[actions.size()];
      table.batch(actions, results);
      return results;
    });
    say("batch with a failure", () -> {
      List<Row> actions = List.of(new Get(b("s1")).addColumn(F, b("a")), new Get(b("s1")).addFamily(b("none")), new Put(b("s6")).addColumn(b("none"), b("q"), b("v")),
          new Put(b("s6")).addColumn(F, b("q2"), 5, b("v")), new Increment(b("s1")).addColumn(F, b("a"), 1), new Increment(b("s8")).addColumn(F, b("n"), 1));
      Object[] results = new Object[actions.size()];
      try {
        table.batch(actions, results);
      } catch (RetriesExhaustedWithDetailsException e) {
        // each result tells for itself
      }
      return results;
    });
    say("batch callback", () -> {
      List<String> seen = Collections.synchronizedList(new ArrayList<>());
      table.batchCallback(List.of(new Get(b("s1")), new Get(b("s4"))), new Object[2], (region, row, result) -> seen.add(Bytes.toString(row)));
      Collections.sort(seen);
      return seen;
    });
    say("puts, one without its family", () -> { table.put(List.of(new Put(b("s6")).addColumn(F, b("q3"), 5, b("v")), new Put(b("s6")).addColumn(b("none"), b("q"), b("v")))); return null; });
    say("batch, done", () -> get("s6"));
  }

  private static void asynchronous() throws Exception {
    AsyncTable<?> t = async.getTable(T, ForkJoinPool.commonPool());
    AsyncTable<AdvancedScanResultConsumer> raw = async.getTable(T);
    say("async get", () -> t.get(new Get(b("s1")).addFamily(F)).get());
    say("async gets", () -> { List<Object> out = new ArrayList<>(); for (CompletableFuture<Result> f : t.get(List.of(new Get(b("s1")).addColumn(F, b("a")), new Get(b("x")), new Get(b("s4")).addColumn(F, b("a"))))) out.add(f.get()); return out; });
    say("async put and delete", () -> { t.put(new Put(b("sc")).addColumn(F, b("q"), 5, b("v"))).get(); Object before = text(t.get(new Get(b("sc"))).get()); t.delete(new Delete(b("sc"))).get(); return before + " " + text(t.get(new Get(b("sc"))).get()); });
    say("async exists", () -> t.exists(new Get(b("s1"))).get());
    say("async increment and append", () -> text(t.increment(new Increment(b("sd")).addColumn(F, b("n"), 3)).get()) + " " + text(t.append(new Append(b("sd")).addColumn(F, b("s"), b("x"))).get()));
    say("async check", () -> t.checkAndMutate(CheckAndMutate.newBuilder(b("sd")).ifEquals(F, b("s"), b("x")).build(new Put(b("sd")).addColumn(F, b("s2"), 5, b("y")))).get());
    say("async mutateRow", () -> t.mutateRow(new RowMutations(b("sd")).add((Mutation) new Put(b("sd")).addColumn(F, b("s3"), 5, b("y")))).get());
    say("async scanAll", () -> brief(t.scanAll(new Scan().addFamily(V).withStopRow(b("s4"))).get()));
    say("async scanAll reversed", () -> brief(t.scanAll(new Scan().addFamily(V).setReversed(true).withStartRow(b("s4"))).get()));
    say("async scanner", () -> { try (ResultScanner scanner = t.getScanner(new Scan().addFamily(V).withStopRow(b("s4")))) { return brief(Arrays.asList(scanner.next(100))); } });
    say("async raw scan", () -> {
      StringJoiner seen = new StringJoiner(" ");
      CompletableFuture<String> done = new CompletableFuture<>();
      raw.scan(new Scan().addFamily(V).withStopRow(b("s4")).setCaching(1), new AdvancedScanResultConsumer() {
        @Override public void onNext(Result[] results, ScanController controller) {
          for (Result r : results) seen.add(Bytes.toString(r.getRow()));
          if (seen.toString().endsWith("s2")) controller.terminate();
        }
        @Override public void onError(Throwable e) { done.completeExceptionally(e); }
        @Override public void onComplete() { done.complete(seen + " end"); }
      });
      return done.get();
    });
    say("async batch", () -> { List<Object> out = new ArrayList<>(); for (CompletableFuture<Object> f : t.<Object>batch(List.of(new Get(b("s1")).addColumn(F, b("a")), new Put(b("sd")).addColumn(F, b("z"), 5, b("z")), new Get(b("s1")).addFamily(b("none"))))) { try { out.add(f.get()); } catch (ExecutionException e) { out.add(e); } } return out; });
    say("async get, no table", () -> async.getTable(NONE).get(new Get(b("x"))).get());
    say("async get, no family", () -> t.get(new Get(b("x")).addFamily(b("none"))).get());
    say("async regions", () -> async.getRegionLocator(T).getAllRegionLocations().get().size());
    say("async region of a row", () -> Bytes.toString(async.getRegionLocator(T).getRegionLocation(b("p")).get().getRegion().getStartKey()));
  }

  private static void buffered() throws Exception {
    say("buffered mutator", () -> {
      try (BufferedMutator mutator = connection.getBufferedMutator(T)) {
        for (int i = 0; i < 300; i++) mutator.mutate(new Put(b(String.format("u%03d", i))).addColumn(F, b("q"), 5, b("" + i)));
        mutator.flush();
        mutator.mutate(List.of(new Delete(b("u000")), new Increment(b("u001")).addColumn(F, b("n"), 1)));
      }
      return all(new Scan().withStartRow(b("u"))).size() + " " + text(get("u001"));
    });
    say("buffered mutator, failure", () -> {
      List<String> failed = Collections.synchronizedList(new ArrayList<>());
      BufferedMutatorParams params = new BufferedMutatorParams(T).listener((e, m) -> { for (int i = 0; i < e.getNumExceptions(); i++) failed.add(Bytes.toString(e.getRow(i).getRow()) + " " + e.getCause(i).getClass().getSimpleName()); });
      try (BufferedMutator mutator = connection.getBufferedMutator(params)) {
        mutator.mutate(new Put(b("u400")).addColumn(b("none"), b("q"), 5, b("x")));
        mutator.mutate(new Put(b("u401")).addColumn(F, b("q"), 5, b("x")));
        mutator.flush();
      }
      return failed + " " + text(get("u401"));
    });
    say("async buffered mutator", () -> {
      try (AsyncBufferedMutator mutator = async.getBufferedMutator(T)) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) all.add(mutator.mutate(new Put(b("u5" + i)).addColumn(F, b("q"), 5, b("x"))));
        mutator.flush();
        for (CompletableFuture<Void> f : all) f.get();
      }
      return all(new Scan().withStartRow(b("u5"))).size();
    });
  }

  private static void failures() throws Exception {
    say("no table", () -> { try (Table t = connection.getTable(NONE)) { return t.get(new Get(b("x"))); } });
    say("no table, put", () -> { try (Table t = connection.getTable(NONE)) { t.put(new Put(b("x")).addColumn(F, b("q"), b("v"))); return null; } });
    say("no table, scan", () -> { try (Table t = connection.getTable(NONE); ResultScanner s = t.getScanner(new Scan())) { return s.next(); } });
    say("disabled table", () -> { try (Table t = connection.getTable(OFF)) { return t.get(new Get(b("x"))); } });
    say("disabled table, put", () -> { try (Table t = connection.getTable(OFF)) { t.put(new Put(b("x")).addColumn(F, b("q"), b("v"))); return null; } });
    say("no family, get", () -> table.get(new Get(b("x")).addFamily(b("none"))));
    say("no family, put", () -> { table.put(new Put(b("x")).addColumn(b("none"), b("q"), b("v"))); return null; });
    say("no family, delete", () -> { table.delete(new Delete(b("x")).addFamily(b("none"))); return null; });
    say("no family, increment", () -> table.increment(new Increment(b("x")).addColumn(b("none"), b("q"), 1)));
    say("no family, append", () -> table.append(new Append(b("x")).addColumn(b("none"), b("q"), b("v"))));
    say("no family, scan", () -> all(new Scan().addFamily(b("none"))));
    say("put of nothing", () -> { table.put(new Put(b("x"))); return null; });
    say("increment of nothing", () -> table.increment(new Increment(b("x"))));
    say("append of nothing", () -> table.append(new Append(b("x"))));
    say("empty row", () -> new Put(new byte[0]));
    say("row too long", () -> new Put(new byte[40000]));
    say("value too large for the client", () -> { table.put(new Put(b("x")).addColumn(F, b("q"), new byte[10485761])); return null; });
    say("value too large for the server", () -> {
      // A client that allows more than hbase.server.keyvalue.maxsize.
      try (BufferedMutator m = connection.getBufferedMutator(new BufferedMutatorParams(T).maxKeyValueSize(20 << 20))) {
        m.mutate(new Put(b("x")).addColumn(F, b("q"), new byte[10485761]));
      }
      return null;
    });
    say("increment of 3 bytes", () -> { put("x1", F, "q", 5, "abc"); return table.increment(new Increment(b("x1")).addColumn(F, b("q"), 1)); });
    say("append too large", () -> {
      table.put(new Put(b("x2")).addColumn(F, b("q"), new byte[6 << 20]));
      return table.append(new Append(b("x2")).addColumn(F, b("q"), new byte[5 << 20]));
    });
    say("unknown coprocessor", () -> table.get(new Get(b("x")).setFilter(new Unknown())));
    say("region locations", () -> { StringJoiner out = new StringJoiner(" "); try (RegionLocator l = connection.getRegionLocator(T)) { for (HRegionLocation each : l.getAllRegionLocations()) out.add("'" + Bytes.toString(each.getRegion().getStartKey()) + "'"); } return out; });
  }
  /** A filter that no server has. */
  public static final class Unknown extends FilterBase {
    @Override public byte[] toByteArray() { return new byte[0]; }
    @Override public ReturnCode filterCell(Cell cell) { return ReturnCode.INCLUDE; }
  }
}
