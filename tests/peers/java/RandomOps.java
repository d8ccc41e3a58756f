import java.io.IOException;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * Random operations with explicit timestamps, from seeds. Every answer is printed, cell by cell, so that the outputs of
 * two clusters can be compared (see compare):
 *
 *   run hbase-2.6 RandomOps.java SEEDS COUNT PROPERTY=VALUE...     SEEDS: 7, or 1-20, or 3,5,8-9
 *
 * HBMUX_RANDOM_SEEDS in the environment stands in for SEEDS.
 *
 * Rows, columns and timestamps are few, so that operations meet. Timestamps that a server chooses (of increments and
 * appends) are printed as "now". The seed also chooses the families' settings; tables of even seeds are flushed now and
 * then. Left out on purpose, because HBase 2.6.4 loops for ever over them on flushed tables: reversed scans with
 * filters that skip columns, and raw scans that skip versions; on all tables, reversed scans with PrefixFilter or
 * FuzzyRowFilter.
 */
public final class RandomOps {
  /** Settings of column families; a seed takes three. */
  private static final String[] FAMILIES = {"one", "three", "many", "kept", "keptTtl", "least", "aged"};
  private final Random random;
  private final RandomFilters filters;
  private final String[] families = new String[3];
  private final boolean flushes;
  private Admin admin;
  private Table table;
  private TableName name;

  private RandomOps(long seed) {
    random = new Random(seed * 7919);
    List<String> all = new ArrayList<>(List.of(FAMILIES));
    Collections.shuffle(all, random);
    for (int i = 0; i < 3; i++) families[i] = all.get(i);
    Arrays.sort(families);
    flushes = seed % 2 == 0;
    filters = new RandomFilters(random, families, flushes);
    name = TableName.valueOf("randomops" + seed);
  }

  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private byte[] row() { return filters.row(); }
  private byte[] family() { return filters.family(); }
  private byte[] qualifier() { return filters.qualifier(); }
  private long timestamp() { return filters.timestamp(); }
  private byte[] value() { return chance(10) ? new byte[0] : b("v" + random.nextInt(1000)); }
  private boolean chance(int percent) { return random.nextInt(100) < percent; }

  public static void main(String[] args) throws Exception {
    Configuration conf = HBaseConfiguration.create();
    conf.setInt("hbase.client.retries.number", 2);
    conf.setInt("hbase.rpc.timeout", 5_000);
    conf.setInt("hbase.client.scanner.timeout.period", 5_000);
    for (int i = 2; i < args.length; i++) {
      int eq = args[i].indexOf('=');
      conf.set(args[i].substring(0, eq), args[i].substring(eq + 1));
    }
    int count = Integer.parseInt(args[1]);
    try (Connection connection = ConnectionFactory.createConnection(conf); Admin admin = connection.getAdmin()) {
      String seeds = System.getenv().getOrDefault("HBMUX_RANDOM_SEEDS", args[0]);
      for (String part : seeds.split(",")) {
        String[] ends = part.split("-");
        for (long seed = Long.parseLong(ends[0]); seed <= Long.parseLong(ends[ends.length - 1]); seed++) {
          new RandomOps(seed).run(connection, admin, seed, count);
        }
      }
    }
    System.out.println("done");
  }

  private static ColumnFamilyDescriptor family(String name) {
    ColumnFamilyDescriptorBuilder family = ColumnFamilyDescriptorBuilder.newBuilder(b(name));
    switch (name) {
      case "one": return family.build();
      case "three": return family.setMaxVersions(3).build();
      case "many": return family.setMaxVersions(1000).build();
      case "kept": return family.setMaxVersions(2).setKeepDeletedCells(KeepDeletedCells.TRUE).build();
      case "keptTtl": return family.setMaxVersions(3).setKeepDeletedCells(KeepDeletedCells.TTL).build();
      case "least": return family.setMaxVersions(4).setMinVersions(2).setTimeToLive(86400).build(); // all are older
      default: return family.setMaxVersions(2).setTimeToLive(HConstants.FOREVER).build();
    }
  }

  private void run(Connection connection, Admin admin, long seed, int count) throws Exception {
    this.admin = admin;
    if (admin.tableExists(name)) drop();
    // HBase compacts behind the client's back; what that removes differs from run to run.
    TableDescriptorBuilder descriptor = TableDescriptorBuilder.newBuilder(name).setCompactionEnabled(false);
    for (String family : families) descriptor.setColumnFamily(family(family));
    admin.createTable(descriptor.build(), new byte[][] {b("row3"), b("row6")});
    System.out.println("seed " + seed + " " + String.join(",", families) + (flushes ? " flushed" : ""));
    try (Table t = connection.getTable(name)) {
      table = t;
      for (int i = 0; i < count; i++) {
        StringBuilder line = new StringBuilder(seed + "." + i + " ");
        try {
          step(line);
        } catch (Throwable e) {
          line.append("failed: ").append(failure(e));
        }
        System.out.println(line);
      }
    }
    drop();
  }

  private void drop() throws IOException {
    if (admin.isTableEnabled(name)) admin.disableTable(name);
    admin.deleteTable(name);
  }

  /** The name of the server's exception, whatever the client wraps it in. */
  static String failure(Throwable e) {
    if (e instanceof RetriesExhaustedWithDetailsException) {
      return failure(((RetriesExhaustedWithDetailsException) e).getCause(0));
    }
    Throwable cause = e.getCause();
    boolean wrapper = e instanceof java.util.concurrent.ExecutionException || e instanceof RetriesExhaustedException
      || e.getClass() == RuntimeException.class || e instanceof java.io.UncheckedIOException;
    return wrapper && cause != null ? failure(cause) : e.getClass().getSimpleName();
  }

  private void step(StringBuilder out) throws Exception {
    switch (random.nextInt(16)) {
      case 0: case 1: case 2: {
        Put put = put(row());
        out.append(put).append(' ');
        table.put(put);
        break;
      }
      case 3: {
        Delete delete = delete(row());
        out.append(delete).append(' ');
        table.delete(delete);
        break;
      }
      case 4: case 5: case 6: {
        Get get = get(row());
        out.append(get).append(" -> ");
        if (chance(10)) out.append(table.exists(get)); else text(table.get(get), out);
        break;
      }
      case 7: case 8: case 9: case 10: scan(out); break;
      case 11: {
        if (chance(50)) {
          Increment increment = increment(row());
          out.append(increment).append(" -> ");
          text(table.increment(increment), out);
        } else {
          Append append = append(row());
          out.append(append).append(" -> ");
          text(table.append(append), out);
        }
        break;
      }
      case 12: check(out); break;
      case 13: {
        RowMutations mutations = mutations(row());
        out.append("mutateRow ").append(mutations.getMutations()).append(" -> ");
        text(table.mutateRow(mutations), out);
        break;
      }
      case 14: {
        if (flushes && chance(15)) {
          out.append("flush");
          admin.flush(name);
        } else {
          List<Put> puts = new ArrayList<>();
          for (int i = 1 + random.nextInt(4); i > 0; i--) puts.add(put(row()));
          out.append(puts).append(' ');
          table.put(puts);
        }
        break;
      }
      default: batch(out);
    }
  }

  private Put put(byte[] row) {
    Put put = new Put(row);
    if (chance(3)) put.addColumn(b("none"), b("q"), 1, b("v"));
    if (chance(5)) put.setTTL(1L << 50);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      put.addColumn(family(), qualifier(), timestamp(), value());
    }
    return put;
  }

  private Delete delete(byte[] row) {
    if (chance(5)) return new Delete(row, timestamp());
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

  private Increment increment(byte[] row) throws IOException {
    Increment increment = new Increment(row).addColumn(family(), b("n1"), random.nextInt(100) - 50);
    if (chance(50)) increment.addColumn(family(), b("n2"), 7);
    if (chance(5)) increment.addColumn(family(), qualifier(), 1); // hardly ever a number
    if (chance(10)) increment.setTimeRange(0, 1 + timestamp());
    if (chance(10)) increment.setReturnResults(false);
    return increment;
  }

  private Append append(byte[] row) throws IOException {
    Append append = new Append(row).addColumn(family(), b("s1"), b("+" + random.nextInt(10)));
    if (chance(30)) append.addColumn(family(), b("s2"), b("x"));
    if (chance(10)) append.addColumn(family(), qualifier(), b("y"));
    if (chance(10)) append.setTimeRange(0, 1 + timestamp());
    if (chance(10)) append.setReturnResults(false);
    return append;
  }

  private RowMutations mutations(byte[] row) throws IOException {
    RowMutations mutations = new RowMutations(row);
    // Increments and appends get the server's time, so that of two of the same column the second one would depend on
    // the clock: at most one of each.
    boolean increments = chance(20), appends = chance(20);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      if (increments && i == 1) mutations.add((Mutation) increment(row));
      else if (appends && i == 2) mutations.add((Mutation) append(row));
      else mutations.add(chance(60) ? (Mutation) put(row) : (Mutation) delete(row));
    }
    return mutations;
  }

  private Get get(byte[] row) throws IOException {
    Get get = new Get(row);
    if (chance(50)) get.readVersions(1 + random.nextInt(5)); else if (chance(10)) get.readAllVersions();
    if (chance(30)) {
      long from = timestamp();
      get.setTimeRange(from, from + 1 + random.nextInt(6));
    }
    if (chance(5)) get.setColumnFamilyTimeRange(family(), 0, timestamp());
    for (int i = random.nextInt(3); i > 0; i--) {
      if (chance(40)) get.addFamily(family()); else get.addColumn(family(), qualifier());
    }
    if (chance(15)) get.setMaxResultsPerColumnFamily(random.nextInt(4));
    if (chance(15)) get.setRowOffsetPerColumnFamily(1 + random.nextInt(2));
    if (chance(35)) get.setFilter(filters.any(2));
    if (chance(5)) get.setLoadColumnFamiliesOnDemand(true);
    return get;
  }

  private Scan scan() throws IOException {
    Scan scan = new Scan();
    boolean reversed = chance(30);
    scan.setReversed(reversed);
    if (chance(60)) scan.withStartRow(row(), chance(70));
    if (chance(60)) scan.withStopRow(row(), chance(30));
    if (chance(50)) scan.readVersions(1 + random.nextInt(5)); else if (chance(10)) scan.readAllVersions();
    boolean raw = chance(15);
    if (raw) {
      scan.setRaw(true);
      if (flushes) return scan.readAllVersions();
    } else {
      for (int i = random.nextInt(3); i > 0; i--) {
        if (chance(40)) scan.addFamily(family()); else scan.addColumn(family(), qualifier());
      }
    }
    if (chance(25)) {
      long from = timestamp();
      scan.setTimeRange(from, from + 1 + random.nextInt(6));
    }
    if (chance(5)) scan.setColumnFamilyTimeRange(family(), 0, timestamp());
    if (chance(50)) scan.setCaching(1 + random.nextInt(4));
    if (chance(20)) scan.setMaxResultSize(1 + random.nextInt(200));
    if (chance(20)) scan.setLimit(1 + random.nextInt(4));
    if (chance(10)) scan.setMaxResultsPerColumnFamily(1 + random.nextInt(3));
    if (chance(10)) scan.setRowOffsetPerColumnFamily(1 + random.nextInt(2));
    if (chance(45)) scan.setFilter(reversed ? filters.anyReversed(3, flushes) : filters.any(3));
    if (chance(20) && !scan.hasFilter()) scan.setBatch(1 + random.nextInt(3));
    else if (chance(20) && scan.hasFilter() && !scan.getFilter().hasFilterRow()) scan.setBatch(1 + random.nextInt(3));
    // What cells take on the heap, of which a limit of bytes is made, differs between memory and files.
    if (flushes && scan.getBatch() > 0) scan.setMaxResultSize(-1);
    if (chance(5) && !reversed) scan.setLoadColumnFamiliesOnDemand(true);
    if (chance(5)) scan.setIsolationLevel(IsolationLevel.READ_UNCOMMITTED);
    return scan;
  }

  private void scan(StringBuilder out) throws IOException {
    Scan scan = scan();
    out.append(scan.isRaw() ? "raw " : "").append(scan).append(" ->");
    try (ResultScanner results = table.getScanner(scan)) {
      for (Result result : results) {
        out.append(" | ");
        text(result, out);
      }
    }
  }

  private CheckAndMutate checkAndMutate(byte[] row) throws IOException {
    CheckAndMutate.Builder builder = CheckAndMutate.newBuilder(row);
    if (chance(20)) builder.ifNotExists(family(), qualifier());
    else if (chance(25)) builder.ifMatches(filters.any(1));
    else if (chance(20)) builder.ifEquals(family(), qualifier(), value());
    else builder.ifMatches(family(), qualifier(), filters.operator(), value());
    if (chance(20)) builder.timeRange(org.apache.hadoop.hbase.io.TimeRange.between(1, 1 + timestamp()));
    switch (random.nextInt(5)) {
      case 0: return builder.build(delete(row));
      case 1: return builder.build(increment(row));
      case 2: return builder.build(append(row));
      case 3: return builder.build(mutations(row));
      default: return builder.build(put(row));
    }
  }

  private void check(StringBuilder out) throws IOException {
    List<CheckAndMutate> checks = new ArrayList<>();
    List<Integer> rows = rows();
    for (int i = chance(70) ? 1 : 3; i > 0; i--) checks.add(checkAndMutate(b("row" + rows.get(i))));
    for (CheckAndMutate check : checks) describe(check, out);
    out.append("->");
    if (checks.size() == 1) text(table.checkAndMutate(checks.get(0)), out.append(' '));
    else for (CheckAndMutateResult result : table.checkAndMutate(checks)) text(result, out.append(" | "));
  }

  private List<Integer> rows() {
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) rows.add(i);
    Collections.shuffle(rows, random);
    return rows;
  }

  private void batch(StringBuilder out) throws Exception {
    // Rows of their own, because the order of a batch is not defined.
    List<Row> actions = new ArrayList<>();
    List<Integer> rows = rows();
    for (int i = 0; i < 2 + random.nextInt(5); i++) {
      byte[] row = b("row" + rows.get(i));
      switch (random.nextInt(7)) {
        case 0: actions.add(put(row)); break;
        case 1: actions.add(delete(row)); break;
        case 2: actions.add(increment(row)); break;
        case 3: actions.add(append(row)); break;
        case 4: actions.add(mutations(row)); break;
        case 5: actions.add(checkAndMutate(row)); break;
        default: actions.add(get(row));
      }
    }
    for (Row action : actions) describe(action, out);
    out.append("->");
    Object[] results = new Object[actions.size()];
    try {
      table.batch(actions, results);
    } catch (RetriesExhaustedWithDetailsException e) {
      // each result tells for itself
    }
    for (Object result : results) {
      out.append(" | ");
      if (result instanceof Result) text((Result) result, out);
      else if (result instanceof CheckAndMutateResult) text((CheckAndMutateResult) result, out);
      else if (result instanceof Throwable) out.append(failure((Throwable) result));
      else out.append(result);
    }
  }

  private void describe(Row action, StringBuilder out) {
    if (action instanceof RowMutations) {
      out.append(((RowMutations) action).getMutations());
    } else if (action instanceof CheckAndMutate) {
      CheckAndMutate check = (CheckAndMutate) action;
      if (check.hasFilter()) {
        out.append("if ").append(check.getFilter());
      } else {
        out.append("if ").append(Bytes.toString(check.getFamily())).append(':').append(Bytes.toString(check.getQualifier()));
        out.append(' ').append(check.getCompareOp()).append(' ').append(Bytes.toStringBinary(check.getValue()));
      }
      out.append(' ').append(check.getTimeRange()).append(' ');
      describe(check.getAction(), out);
    } else {
      out.append(action);
    }
    out.append(' ');
  }

  private void text(CheckAndMutateResult result, StringBuilder out) {
    out.append(result.isSuccess()).append(' ');
    if (result.getResult() != null) text(result.getResult(), out);
  }

  private void text(Result result, StringBuilder out) {
    if (result == null) {
      out.append("null");
      return;
    }
    if (result.getExists() != null) out.append(result.getExists()).append(' ');
    if (result.isEmpty()) {
      out.append('-');
      return;
    }
    out.append(Bytes.toStringBinary(result.getRow()));
    for (Cell cell : result.rawCells()) {
      out.append(' ').append(Bytes.toString(CellUtil.cloneFamily(cell)));
      out.append(':').append(Bytes.toStringBinary(CellUtil.cloneQualifier(cell)));
      out.append('@').append(cell.getTimestamp() > 1000 ? "now" : "" + cell.getTimestamp());
      out.append(cell.getType() == Cell.Type.Put ? "=" : "!" + cell.getType() + "=");
      out.append(Bytes.toStringBinary(CellUtil.cloneValue(cell)));
    }
    if (result.mayHaveMoreCellsInRow()) out.append(" ...");
  }
}
