import java.io.IOException;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * Random operations with explicit timestamps, from a seed. Every answer is printed, cell by cell, so that the outputs of
 * two clusters can be compared:
 *
 *   run hbase-2.6 RandomOps.java SEED COUNT PROPERTY=VALUE...
 *
 * Timestamps that a server chooses (of increments and appends) are not printed. Rows, columns and timestamps are few, so
 * that operations meet.
 */
public final class RandomOps {
  private static final String[] FAMILIES = {"a", "b", "c"}; // one version, three, a thousand
  private static Random random;
  private static Table table;

  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private static byte[] row() { return b("row" + random.nextInt(8)); }
  private static byte[] family() { return b(FAMILIES[random.nextInt(3)]); }
  private static byte[] qualifier() { return b(new String[] {"", "p", "q", "qq", "r"}[random.nextInt(5)]); }
  private static long timestamp() { return 1 + random.nextInt(12); }
  private static boolean chance(int percent) { return random.nextInt(100) < percent; }

  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[0]);
    int count = Integer.parseInt(args[1]);
    random = new Random(seed);
    Configuration conf = HBaseConfiguration.create();
    for (int i = 2; i < args.length; i++) {
      int eq = args[i].indexOf('=');
      conf.set(args[i].substring(0, eq), args[i].substring(eq + 1));
    }
    TableName name = TableName.valueOf("randomops" + seed);
    try (Connection connection = ConnectionFactory.createConnection(conf); Admin admin = connection.getAdmin()) {
      if (admin.tableExists(name)) drop(admin, name);
      TableDescriptorBuilder descriptor = TableDescriptorBuilder.newBuilder(name);
      int[] versions = {1, 3, 1000};
      for (int i = 0; i < 3; i++) {
        descriptor.setColumnFamily(
          ColumnFamilyDescriptorBuilder.newBuilder(b(FAMILIES[i])).setMaxVersions(versions[i]).build());
      }
      admin.createTable(descriptor.build(), new byte[][] {b("row3"), b("row6")});
      try (Table t = connection.getTable(name)) {
        table = t;
        for (int i = 0; i < count; i++) {
          String line;
          try {
            line = step();
          } catch (RetriesExhaustedWithDetailsException e) {
            line = "failed: " + e.getCause(0).getClass().getSimpleName();
          } catch (IOException e) {
            line = "failed: " + e.getClass().getSimpleName();
          }
          System.out.println(i + " " + line);
        }
      }
      drop(admin, name);
    }
    System.out.println("done");
  }

  private static void drop(Admin admin, TableName name) throws IOException {
    if (admin.isTableEnabled(name)) admin.disableTable(name);
    admin.deleteTable(name);
  }

  private static String step() throws IOException {
    switch (random.nextInt(14)) {
      case 0: case 1: case 2: {
        Put put = put(row());
        table.put(put);
        return "put";
      }
      case 3: case 4: {
        table.delete(delete(row()));
        return "delete";
      }
      case 5: case 6: case 7: {
        Get get = get(row());
        return "get " + get + " -> " + text(table.get(get), false);
      }
      case 8: case 9: return "scan " + scan();
      case 10: {
        byte[] row = row();
        byte[] family = family();
        if (chance(50)) {
          Increment increment = new Increment(row).addColumn(family, b("n1"), random.nextInt(100) - 50);
          if (chance(50)) increment.addColumn(family, b("n2"), 7);
          return "increment " + text(table.increment(increment), true);
        }
        Append append = new Append(row).addColumn(family, b("s1"), b("+" + random.nextInt(10)));
        if (chance(30)) append.addColumn(family, b("s2"), b("x"));
        return "append " + text(table.append(append), true);
      }
      case 11: return "check " + check();
      case 12: {
        byte[] row = row();
        RowMutations mutations = new RowMutations(row);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          if (chance(60)) mutations.add((Mutation) put(row)); else mutations.add((Mutation) delete(row));
        }
        table.mutateRow(mutations);
        return "mutateRow";
      }
      default: return "batch " + batch();
    }
  }

  private static Put put(byte[] row) {
    Put put = new Put(row);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      put.addColumn(family(), qualifier(), timestamp(), chance(10) ? new byte[0] : b("v" + random.nextInt(1000)));
    }
    return put;
  }

  private static Delete delete(byte[] row) {
    Delete delete = chance(10) ? new Delete(row, timestamp()) : new Delete(row);
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      switch (random.nextInt(6)) {
        case 0: delete.addFamily(family(), timestamp()); break;
        case 1: delete.addFamilyVersion(family(), timestamp()); break;
        case 2: delete.addColumns(family(), qualifier(), timestamp()); break;
        case 3: delete.addColumn(family(), qualifier()); break; // the newest version, whichever that is
        default: delete.addColumn(family(), qualifier(), timestamp());
      }
    }
    return delete;
  }

  private static Get get(byte[] row) throws IOException {
    Get get = new Get(row);
    if (chance(50)) get.readVersions(1 + random.nextInt(5));
    if (chance(30)) {
      long from = timestamp();
      get.setTimeRange(from, from + 1 + random.nextInt(6));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      if (chance(40)) get.addFamily(family()); else get.addColumn(family(), qualifier());
    }
    if (chance(15)) get.setMaxResultsPerColumnFamily(1 + random.nextInt(3));
    if (chance(15)) get.setRowOffsetPerColumnFamily(1 + random.nextInt(2));
    if (chance(35)) get.setFilter(filter(2));
    return get;
  }

  private static String scan() throws IOException {
    Scan scan = new Scan();
    boolean reversed = chance(30);
    scan.setReversed(reversed);
    if (chance(60)) scan.withStartRow(row(), chance(70));
    if (chance(60)) scan.withStopRow(row(), chance(30));
    if (chance(50)) scan.readVersions(1 + random.nextInt(5));
    if (chance(15)) {
      scan.setRaw(true);
    } else {
      for (int i = random.nextInt(3); i > 0; i--) {
        if (chance(40)) scan.addFamily(family()); else scan.addColumn(family(), qualifier());
      }
    }
    if (chance(25)) {
      long from = timestamp();
      scan.setTimeRange(from, from + 1 + random.nextInt(6));
    }
    if (chance(50)) scan.setCaching(1 + random.nextInt(4));
    if (chance(20)) scan.setMaxResultSize(1 + random.nextInt(200));
    if (chance(20)) scan.setLimit(1 + random.nextInt(4));
    boolean filtered = chance(40);
    if (filtered) scan.setFilter(filter(3));
    if (chance(20) && !(filtered && scan.getFilter().hasFilterRow())) scan.setBatch(1 + random.nextInt(3));
    StringJoiner out = new StringJoiner(" | ", scan + " -> ", "");
    try (ResultScanner results = table.getScanner(scan)) {
      for (Result result : results) out.add(text(result, false));
    }
    return out.toString();
  }

  private static ByteArrayComparable comparator() {
    switch (random.nextInt(6)) {
      case 0: return new BinaryPrefixComparator(b("v" + random.nextInt(10)));
      case 1: return new SubstringComparator("" + random.nextInt(10));
      case 2: return new RegexStringComparator("^v[0-" + random.nextInt(10) + "]");
      case 3: return new NullComparator();
      default: return new BinaryComparator(b("v" + random.nextInt(1000)));
    }
  }

  private static CompareOperator operator() { return CompareOperator.values()[random.nextInt(6)]; }

  private static Filter filter(int depth) throws IOException {
    switch (random.nextInt(depth > 0 ? 22 : 18)) {
      case 0: return new PrefixFilter(b("row" + random.nextInt(8)));
      case 1: return new PageFilter(1 + random.nextInt(5));
      case 2: return new RowFilter(operator(), new BinaryComparator(row()));
      case 3: return new FamilyFilter(operator(), new BinaryComparator(family()));
      case 4: return new QualifierFilter(operator(), new BinaryComparator(qualifier()));
      case 5: return new ValueFilter(operator(), comparator());
      case 6: case 7: {
        SingleColumnValueFilter filter = chance(70)
          ? new SingleColumnValueFilter(family(), qualifier(), operator(), comparator())
          : new SingleColumnValueExcludeFilter(family(), qualifier(), operator(), comparator());
        filter.setFilterIfMissing(chance(50));
        filter.setLatestVersionOnly(chance(60));
        return filter;
      }
      case 8: return new ColumnPrefixFilter(chance(50) ? b("q") : b("r"));
      case 9: return new MultipleColumnPrefixFilter(new byte[][] {b("p"), b("r")});
      case 10: return new ColumnRangeFilter(b("p"), chance(50), b("qq"), chance(50));
      case 11: return new ColumnCountGetFilter(1 + random.nextInt(4));
      case 12: return chance(50) ? new ColumnPaginationFilter(1 + random.nextInt(3), random.nextInt(3))
        : new ColumnPaginationFilter(1 + random.nextInt(3), b("q"));
      case 13: return chance(50) ? new FirstKeyOnlyFilter() : new KeyOnlyFilter(chance(50));
      case 14: return new InclusiveStopFilter(row());
      case 15: return new TimestampsFilter(List.of(timestamp(), timestamp(), timestamp()));
      case 16: return new FuzzyRowFilter(List.of(new org.apache.hadoop.hbase.util.Pair<>(
        b("row" + random.nextInt(8)), new byte[] {0, (byte) (chance(50) ? 1 : 0), 0, (byte) (chance(30) ? 1 : 0)})));
      case 17: {
        if (chance(50)) return new DependentColumnFilter(family(), qualifier(), chance(50));
        List<MultiRowRangeFilter.RowRange> ranges = new ArrayList<>();
        ranges.add(new MultiRowRangeFilter.RowRange(b("row1"), chance(50), b("row2"), true));
        ranges.add(new MultiRowRangeFilter.RowRange(b("row5"), true, b("row7"), chance(50)));
        return new MultiRowRangeFilter(ranges);
      }
      case 18: return new WhileMatchFilter(filter(depth - 1));
      case 19: return new SkipFilter(filter(depth - 1));
      default: {
        List<Filter> filters = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) filters.add(filter(depth - 1));
        return new FilterList(
          chance(50) ? FilterList.Operator.MUST_PASS_ALL : FilterList.Operator.MUST_PASS_ONE, filters);
      }
    }
  }

  private static String check() throws IOException {
    byte[] row = row();
    CheckAndMutate.Builder builder = CheckAndMutate.newBuilder(row);
    if (chance(20)) builder.ifNotExists(family(), qualifier());
    else if (chance(25)) builder.ifMatches(new FilterList(filter(1)));
    else builder.ifMatches(family(), qualifier(), operator(), b("v" + random.nextInt(1000)));
    if (chance(20)) builder.timeRange(org.apache.hadoop.hbase.io.TimeRange.between(1, 1 + timestamp()));
    CheckAndMutate check;
    switch (random.nextInt(4)) {
      case 0: check = builder.build(delete(row)); break;
      case 1: check = builder.build(new Increment(row).addColumn(family(), b("n1"), 3)); break;
      case 2: check = builder.build(new RowMutations(row).add((List<Mutation>) List.<Mutation>of(put(row), put(row)))); break;
      default: check = builder.build(put(row));
    }
    CheckAndMutateResult result = table.checkAndMutate(check);
    return result.isSuccess() + " " + (result.getResult() == null ? "" : text(result.getResult(), true));
  }

  private static String batch() throws IOException {
    // Rows of their own, because the order of a batch is not defined.
    List<Row> actions = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) rows.add(i);
    Collections.shuffle(rows, random);
    for (int i = 0; i < 2 + random.nextInt(5); i++) {
      byte[] row = b("row" + rows.get(i));
      switch (random.nextInt(4)) {
        case 0: actions.add(put(row)); break;
        case 1: actions.add(delete(row)); break;
        case 2: actions.add(new Increment(row).addColumn(family(), b("n1"), 1)); break;
        default: actions.add(get(row));
      }
    }
    Object[] results = new Object[actions.size()];
    try {
      table.batch(actions, results);
    } catch (InterruptedException e) {
      throw new IOException(e);
    } catch (RetriesExhaustedWithDetailsException e) {
      // each result tells for itself
    }
    StringJoiner out = new StringJoiner(" | ");
    for (int i = 0; i < results.length; i++) {
      Object result = results[i];
      if (result instanceof Result) out.add(text((Result) result, actions.get(i) instanceof Increment));
      else out.add(result == null ? "null" : result.getClass().getSimpleName());
    }
    return out.toString();
  }

  /** The counters and strings that get their timestamps from the server show none. */
  private static String text(Result result, boolean fresh) {
    if (result == null || result.isEmpty()) return "-";
    StringBuilder out = new StringBuilder(Bytes.toStringBinary(result.getRow()));
    for (Cell cell : result.rawCells()) {
      String qualifier = Bytes.toStringBinary(CellUtil.cloneQualifier(cell));
      out.append(' ').append(Bytes.toString(CellUtil.cloneFamily(cell))).append(':').append(qualifier);
      out.append('@').append(cell.getTimestamp() > 1000 ? "now" : cell.getTimestamp());
      out.append(cell.getType() == Cell.Type.Put ? "=" : "!" + cell.getType() + "=");
      out.append(Bytes.toStringBinary(CellUtil.cloneValue(cell)));
    }
    return out.toString();
  }
}
