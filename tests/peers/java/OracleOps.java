import java.io.IOException;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.*;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.io.TimeRange;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * Random operations from a seed on a table, one a line: the operation as words, " => ", and what the Java client answers. Another client that
 * does the same on a table of its own must get the same answers (oracle_test.cc says how the words are read).
 *
 *   run hbase-2.6 OracleOps.java TABLE SEED COUNT PROPERTY=VALUE...
 *
 * The table has the families a, b and c with 1, 3 and 1000 versions. Timestamps are explicit and few, so that operations meet; those that a
 * server chooses (of increments and appends) are not printed.
 */
public final class OracleOps {
  private static final String[] QUALIFIERS = {"", "p", "q", "qq", "r"};
  private static final String[] OPS = {"<", "<=", "=", "!=", ">=", ">"};
  private static Random random;
  private static Table table;

  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private static boolean chance(int percent) { return random.nextInt(100) < percent; }
  /** Small numbers are much likelier. */
  private static String row() { return "row" + (char) ('a' + Math.min(random.nextInt(12), random.nextInt(12))); }
  private static String family() { return "" + "abc".charAt(random.nextInt(3)); }
  private static String qualifier() { return QUALIFIERS[random.nextInt(QUALIFIERS.length)]; }
  private static long timestamp() { return 1 + random.nextInt(20); }
  private static String value() { return "v" + random.nextInt(30); }

  public static void main(String[] args) throws Exception {
    random = new Random(Long.parseLong(args[1]));
    Configuration conf = HBaseConfiguration.create();
    for (int i = 3; i < args.length; i++) conf.set(args[i].substring(0, args[i].indexOf('=')), args[i].substring(args[i].indexOf('=') + 1));
    try (Connection connection = ConnectionFactory.createConnection(conf); Table t = connection.getTable(TableName.valueOf(args[0]))) {
      table = t;
      for (int i = Integer.parseInt(args[2]); i > 0; i--) {
        String line = operation();
        System.out.println(line + " => " + answer(line));
      }
    }
    System.out.println("done");
  }

  // ---------------------------------------------------------------- making operations

  private static String operation() {
    int kind = random.nextInt(100);
    if (kind < 25) return put(row());
    if (kind < 37) return delete(row());
    if (kind < 57) return get();
    if (kind < 75) return scan();
    if (kind < 81) return count(row());
    if (kind < 89) return check();
    if (kind < 93) return rowMutations(row());
    StringBuilder batch = new StringBuilder("batch");
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int part = random.nextInt(6);
      // One row each: servers may apply a batch's mutations of one row in any order.
      String own = "row" + (char) ('a' + i * 2);
      batch.append(" ; ").append(part < 2 ? put(own) : part < 3 ? delete(own) : part < 4 ? count(own) : part < 5 ? getOf(own) : "rowmut-" + put(own));
    }
    return batch.toString();
  }

  private static String put(String row) {
    StringBuilder line = new StringBuilder("put " + row);
    for (int i = 1 + random.nextInt(3); i > 0; i--) line.append(" " + family() + ":" + qualifier() + " " + timestamp() + " " + value());
    return line.toString();
  }

  private static String delete(String row) {
    StringBuilder line = new StringBuilder("delete " + row);
    String[] kinds = {"column", "columns", "family", "familyversion"};
    if (chance(10)) return line.append(" row : " + timestamp()).toString();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      String kind = kinds[random.nextInt(4)];
      line.append(" " + kind + " " + family() + ":" + (kind.startsWith("family") ? "" : qualifier()) + " " + timestamp());
    }
    return line.toString();
  }

  private static String count(String row) {
    if (chance(50)) return "incr " + row + " " + family() + ":n" + random.nextInt(2) + " " + (random.nextInt(100) - 50);
    return "append " + row + " " + family() + ":s" + random.nextInt(2) + " +" + random.nextInt(10);
  }

  private static String query() {
    StringBuilder line = new StringBuilder();
    if (chance(40)) line.append(" fam=" + family());
    if (chance(40)) line.append(" col=" + family() + ":" + qualifier());
    if (chance(50)) line.append(" ver=" + (1 + random.nextInt(5)));
    if (chance(25)) {
      long min = timestamp();
      line.append(" tr=" + min + ":" + (min + random.nextInt(10)));
    }
    if (chance(15)) {
      long min = timestamp();
      line.append(" ftr=" + family() + ":" + min + ":" + (min + random.nextInt(10)));
    }
    if (chance(10)) line.append(" limit-in-family=" + (1 + random.nextInt(3)));
    if (chance(10)) line.append(" offset-in-family=" + random.nextInt(3));
    return line.toString();
  }

  private static String get() { return getOf(row()) + (chance(35) ? " filter=" + filter(false) : ""); }
  private static String getOf(String row) { return (chance(15) ? "exists " : "get ") + row + query(); }

  private static String scan() {
    StringBuilder line = new StringBuilder("scan");
    boolean reversed = chance(30);
    String start = row(), stop = row();
    if (start.compareTo(stop) > 0 != reversed) {
      String other = start;
      start = stop;
      stop = other;
    }
    if (chance(60)) line.append(" start=" + start + ":" + chance(70));
    if (chance(60)) line.append(" stop=" + stop + ":" + chance(40));
    if (reversed) line.append(" reversed");
    if (chance(30)) line.append(" rows=" + (1 + random.nextInt(5)));
    if (chance(40)) line.append(" caching=" + (1 + random.nextInt(4)));
    if (chance(20)) line.append(" bytes=" + (1 + random.nextInt(400)));
    boolean filtered = chance(35);
    // With a limit of rows, too, the Java client counts a row twice where a region ends, and stops too early.
    if (!filtered && line.indexOf(" rows=") < 0 && chance(20)) line.append(" batch=" + (1 + random.nextInt(3)));
    boolean raw = !filtered && !reversed && chance(10);
    if (raw) return line + " raw" + (chance(50) ? " ver=3" : "");
    return line + query() + (filtered ? " filter=" + filter(reversed) : "");
  }

  private static String operator() { return OPS[random.nextInt(OPS.length)]; }
  private static String quoted(String kind, String value) { return "'" + kind + ":" + value + "'"; }

  /** Filters that ask for the next column loop for ever in HBase 2.6.4 when a scan is reversed. */
  private static String filter(boolean reversed) {
    if (chance(15)) return "(" + filter(reversed) + (chance(50) ? ") AND (" : ") OR (") + filter(reversed) + ")";
    switch (random.nextInt(reversed ? 9 : 14)) {
      case 0: return "RowFilter(" + operator() + ", " + quoted("binary", row()) + ")";
      case 1: return "PrefixFilter('" + row() + "')";
      case 2: return "ValueFilter(" + operator() + ", " + quoted("binary", value()) + ")";
      case 3: return "ValueFilter(" + (chance(50) ? "=" : "!=") + ", " + quoted("substring", "" + random.nextInt(10)) + ")";
      case 4: return "QualifierFilter(" + operator() + ", " + quoted("binary", qualifier()) + ")";
      case 5: return "FamilyFilter(" + operator() + ", " + quoted("binary", family()) + ")";
      case 6: return "SingleColumnValueFilter('" + family() + "', '" + qualifier() + "', " + operator() + ", " + quoted("binary", value())
          + ", " + chance(50) + ", " + chance(50) + ")";
      case 7: return "KeyOnlyFilter(" + chance(50) + ")";
      case 8: return "ValueFilter(" + (chance(50) ? "=" : "!=") + ", " + quoted("regexstring", "v[" + random.nextInt(5) + "-9]$") + ")";
      case 9: return "ColumnPrefixFilter('q')";
      case 10: return "ColumnRangeFilter('p', " + chance(50) + ", 'qq', " + chance(50) + ")";
      case 11: return "FirstKeyOnlyFilter()";
      case 12: return "ColumnPaginationFilter(" + (1 + random.nextInt(3)) + ", " + random.nextInt(3) + ")";
      default: return "TimestampsFilter(" + timestamp() + ", " + timestamp() + ", " + timestamp() + ")";
    }
  }

  private static String rowMutations(String row) {
    StringBuilder line = new StringBuilder("rowmut " + row);
    for (int i = 1 + random.nextInt(3); i > 0; i--) line.append(" ; " + (chance(60) ? put(row) : chance(60) ? delete(row) : count(row)));
    return line.toString();
  }

  private static String check() {
    String row = row(), line = "check " + row;
    if (chance(20)) line += " " + family() + ":" + qualifier() + " missing";
    else line += " " + family() + ":" + qualifier() + " " + operator() + " " + value();
    if (chance(30)) {
      long min = timestamp();
      line += " tr=" + min + ":" + (min + random.nextInt(10));
    }
    return line + " ; " + (chance(50) ? put(row) : chance(40) ? delete(row) : chance(50) ? count(row) : rowMutations(row).replace(" ; ", " , "));
  }

  // ---------------------------------------------------------------- doing them

  private static String answer(String line) {
    try {
      return run(line.split(" ; "));
    } catch (RetriesExhaustedWithDetailsException e) {
      return "error " + e.getCause(0).getClass().getSimpleName();
    } catch (IOException e) {
      return "error " + e.getClass().getSimpleName();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String run(String[] parts) throws IOException, InterruptedException {
    String[] words = parts[0].split(" ");
    switch (words[0]) {
      case "put": table.put(putOf(words)); return "ok";
      case "delete": table.delete(deleteOf(words)); return "ok";
      case "get": return text(table.get(getOfWords(parts[0])), true);
      case "exists": return "" + table.exists(getOfWords(parts[0]));
      case "incr": return text(table.increment((Increment) countOf(words)), false);
      case "append": return text(table.append((Append) countOf(words)), false);
      case "rowmut": return text(table.mutateRow(mutationsOf(words[1], parts, 1)), false);
      case "scan": return scanned(scanOf(parts[0]));
      case "check": {
        CheckAndMutateResult result = table.checkAndMutate(checkOf(words, parts[1]));
        return result.isSuccess() + " " + (result.getResult() == null ? "" : text(result.getResult(), false));
      }
      default: return batch(parts);
    }
  }

  private static String batch(String[] parts) throws IOException, InterruptedException {
    List<Row> actions = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      String[] words = parts[i].split(" ");
      switch (words[0]) {
        case "put": actions.add(putOf(words)); break;
        case "delete": actions.add(deleteOf(words)); break;
        case "get": actions.add(getOfWords(parts[i])); break;
        case "exists": actions.add(getOfWords(parts[i]).setCheckExistenceOnly(true)); break;
        case "rowmut-put": actions.add(new RowMutations(b(words[1])).add((Mutation) putOf(words))); break;
        default: actions.add(countOf(words));
      }
    }
    Object[] results = new Object[actions.size()];
    table.batch(actions, results);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < results.length; i++) {
      boolean exists = parts[i + 1].startsWith("exists"), timed = parts[i + 1].startsWith("get");
      Result result = (Result) results[i];
      text.append(i > 0 ? " || " : "").append(exists ? "" + result.getExists() : text(result, timed));
    }
    return text.toString();
  }

  private static String[] column(String word) { return new String[] {word.substring(0, word.indexOf(':')), word.substring(word.indexOf(':') + 1)}; }

  private static Put putOf(String[] words) {
    Put put = new Put(b(words[1]));
    for (int i = 2; i < words.length; i += 3) {
      String[] c = column(words[i]);
      put.addColumn(b(c[0]), b(c[1]), Long.parseLong(words[i + 1]), b(words[i + 2]));
    }
    return put;
  }

  private static Delete deleteOf(String[] words) {
    if (words[2].equals("row")) return new Delete(b(words[1]), Long.parseLong(words[4]));
    Delete delete = new Delete(b(words[1]));
    for (int i = 2; i < words.length; i += 3) {
      String[] c = column(words[i + 1]);
      long at = Long.parseLong(words[i + 2]);
      switch (words[i]) {
        case "column": delete.addColumn(b(c[0]), b(c[1]), at); break;
        case "columns": delete.addColumns(b(c[0]), b(c[1]), at); break;
        case "family": delete.addFamily(b(c[0]), at); break;
        default: delete.addFamilyVersion(b(c[0]), at);
      }
    }
    return delete;
  }

  private static Mutation countOf(String[] words) {
    String[] c = column(words[2]);
    if (words[0].equals("incr")) return new Increment(b(words[1])).addColumn(b(c[0]), b(c[1]), Long.parseLong(words[3]));
    return new Append(b(words[1])).addColumn(b(c[0]), b(c[1]), b(words[3]));
  }

  private static Mutation mutationOf(String part) {
    String[] words = part.split(" ");
    return words[0].equals("put") ? putOf(words) : words[0].equals("delete") ? deleteOf(words) : countOf(words);
  }

  private static RowMutations mutationsOf(String row, String[] parts, int from) throws IOException {
    RowMutations mutations = new RowMutations(b(row));
    for (int i = from; i < parts.length; i++) mutations.add(mutationOf(parts[i]));
    return mutations;
  }

  private static CheckAndMutate checkOf(String[] words, String then) throws IOException {
    String[] c = column(words[2]);
    CheckAndMutate.Builder builder = CheckAndMutate.newBuilder(b(words[1]));
    CompareOperator[] operators = {CompareOperator.LESS, CompareOperator.LESS_OR_EQUAL, CompareOperator.EQUAL, CompareOperator.NOT_EQUAL,
      CompareOperator.GREATER_OR_EQUAL, CompareOperator.GREATER};
    if (words[3].equals("missing")) builder.ifNotExists(b(c[0]), b(c[1]));
    else builder.ifMatches(b(c[0]), b(c[1]), operators[Arrays.asList(OPS).indexOf(words[3])], b(words[4]));
    String last = words[words.length - 1];
    if (last.startsWith("tr=")) {
      String[] range = last.substring(3).split(":");
      builder.timeRange(TimeRange.between(Long.parseLong(range[0]), Long.parseLong(range[1])));
    }
    if (then.startsWith("rowmut")) {
      String[] parts = then.split(" , ");
      return builder.build(mutationsOf(words[1], parts, 1));
    }
    Mutation mutation = mutationOf(then);
    if (mutation instanceof Put) return builder.build((Put) mutation);
    if (mutation instanceof Delete) return builder.build((Delete) mutation);
    if (mutation instanceof Increment) return builder.build((Increment) mutation);
    return builder.build((Append) mutation);
  }

  private static Get getOfWords(String part) throws IOException {
    Get get = new Get(b(part.split(" ")[1]));
    int at = part.indexOf(" filter=");
    if (at >= 0) get.setFilter(new ParseFilter().parseFilterString(part.substring(at + 8)));
    for (String word : (at < 0 ? part : part.substring(0, at)).split(" ")) {
      String value = word.substring(word.indexOf('=') + 1);
      String[] c = value.contains(":") ? value.split(":", -1) : null;
      if (word.startsWith("fam=")) get.addFamily(b(value));
      else if (word.startsWith("col=")) get.addColumn(b(c[0]), b(c[1]));
      else if (word.startsWith("ver=")) get.readVersions(Integer.parseInt(value));
      else if (word.startsWith("tr=")) get.setTimeRange(Long.parseLong(c[0]), Long.parseLong(c[1]));
      else if (word.startsWith("ftr=")) get.setColumnFamilyTimeRange(b(c[0]), Long.parseLong(c[1]), Long.parseLong(c[2]));
      else if (word.startsWith("limit-in-family=")) get.setMaxResultsPerColumnFamily(Integer.parseInt(value));
      else if (word.startsWith("offset-in-family=")) get.setRowOffsetPerColumnFamily(Integer.parseInt(value));
    }
    return get;
  }

  private static Scan scanOf(String part) throws IOException {
    Scan scan = new Scan();
    int at = part.indexOf(" filter=");
    if (at >= 0) scan.setFilter(new ParseFilter().parseFilterString(part.substring(at + 8)));
    for (String word : (at < 0 ? part : part.substring(0, at)).split(" ")) {
      String value = word.substring(word.indexOf('=') + 1);
      String[] c = value.contains(":") ? value.split(":", -1) : null;
      if (word.startsWith("start=")) scan.withStartRow(b(c[0]), Boolean.parseBoolean(c[1]));
      else if (word.startsWith("stop=")) scan.withStopRow(b(c[0]), Boolean.parseBoolean(c[1]));
      else if (word.equals("reversed")) scan.setReversed(true);
      else if (word.equals("raw")) scan.setRaw(true);
      else if (word.startsWith("rows=")) scan.setLimit(Integer.parseInt(value));
      else if (word.startsWith("caching=")) scan.setCaching(Integer.parseInt(value));
      else if (word.startsWith("bytes=")) scan.setMaxResultSize(Long.parseLong(value));
      else if (word.startsWith("batch=")) scan.setBatch(Integer.parseInt(value));
      else if (word.startsWith("fam=")) scan.addFamily(b(value));
      else if (word.startsWith("col=")) scan.addColumn(b(c[0]), b(c[1]));
      else if (word.startsWith("ver=")) scan.readVersions(Integer.parseInt(value));
      else if (word.startsWith("tr=")) scan.setTimeRange(Long.parseLong(c[0]), Long.parseLong(c[1]));
      else if (word.startsWith("ftr=")) scan.setColumnFamilyTimeRange(b(c[0]), Long.parseLong(c[1]), Long.parseLong(c[2]));
      else if (word.startsWith("limit-in-family=")) scan.setMaxResultsPerColumnFamily(Integer.parseInt(value));
      else if (word.startsWith("offset-in-family=")) scan.setRowOffsetPerColumnFamily(Integer.parseInt(value));
    }
    return scan;
  }

  private static String scanned(Scan scan) throws IOException {
    StringBuilder text = new StringBuilder();
    try (ResultScanner scanner = table.getScanner(scan)) {
      for (Result result; (result = scanner.next()) != null;) {
        text.append(text.length() > 0 ? " | " : "").append(Bytes.toString(result.getRow())).append(' ').append(text(result, true));
      }
    }
    return text.toString();
  }

  /** "family:qualifier/timestamp/type=value" a cell; counters and what was appended have no timestamps worth printing. */
  private static String text(Result result, boolean timed) {
    StringBuilder text = new StringBuilder();
    if (result.rawCells() == null) return "";
    for (Cell cell : result.rawCells()) {
      String qualifier = Bytes.toString(CellUtil.cloneQualifier(cell));
      boolean counted = qualifier.startsWith("n") || qualifier.startsWith("s");
      if (text.length() > 0) text.append(' ');
      text.append(Bytes.toString(CellUtil.cloneFamily(cell))).append(':').append(qualifier);
      if (timed && !counted) text.append('/').append(cell.getTimestamp());
      text.append('/').append((int) cell.getTypeByte()).append('=').append(Bytes.toStringBinary(CellUtil.cloneValue(cell)));
    }
    return text.toString();
  }
}
