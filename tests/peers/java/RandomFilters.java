import java.io.IOException;
import java.util.*;
import org.apache.hadoop.hbase.CompareOperator;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hadoop.hbase.util.Pair;

/** Filters of all kinds, nested ones too, over few rows, columns and timestamps. */
final class RandomFilters {
  private final Random random;
  private final String[] families;
  /** HBase 2.6.4 never comes back from a reversed scan when one of these sends it to the row where it is. */
  private boolean sending = true;
  /** Inside SkipFilter, HBase does not tell MultiRowRangeFilter about rows, and meets a null then. */
  private boolean ranges = true;

  /** On flushed data, HBase 2.6.4 stumbles over PrefixFilter together with columns. */
  private final boolean prefixes;

  RandomFilters(Random random, String[] families, boolean flushed) {
    this.random = random;
    this.families = families;
    prefixes = !flushed;
  }

  private static byte[] b(String s) { return Bytes.toBytes(s); }
  private boolean chance(int percent) { return random.nextInt(100) < percent; }
  byte[] row() { return b("row" + random.nextInt(8)); }
  byte[] family() { return b(families[random.nextInt(families.length)]); }
  byte[] qualifier() { return b(new String[] {"", "p", "q", "qq", "r"}[random.nextInt(5)]); }
  long timestamp() { return 1 + random.nextInt(12); }
  CompareOperator operator() { return CompareOperator.values()[random.nextInt(6)]; }

  private ByteArrayComparable comparator() {
    switch (random.nextInt(8)) {
      case 0: return new BinaryPrefixComparator(b("v" + random.nextInt(10)));
      case 1: return new SubstringComparator("" + random.nextInt(10));
      case 2: return new RegexStringComparator("^v[0-" + random.nextInt(10) + "]");
      case 3: return new NullComparator();
      case 4: return new BitComparator(b("v12"), BitComparator.BitwiseOp.values()[random.nextInt(3)]);
      default: return new BinaryComparator(b("v" + random.nextInt(1000)));
    }
  }

  /** Only filters that decide by the row, or by each cell for itself. */
  Filter ofRows() {
    switch (random.nextInt(sending && prefixes ? 7 : 6)) {
      case 6: return new PrefixFilter(b("row" + random.nextInt(8)));
      case 0: case 1: return new PageFilter(1 + random.nextInt(5));
      case 2: return new RowFilter(operator(), new BinaryComparator(row()));
      case 3: return new ValueFilter(operator(), comparator());
      case 4: return new QualifierFilter(operator(), new BinaryComparator(qualifier()));
      default: return new InclusiveStopFilter(row());
    }
  }

  private Filter ofColumns() {
    switch (random.nextInt(9)) {
      case 0: return new ColumnPrefixFilter(b(chance(50) ? "q" : "r"));
      case 1: return new MultipleColumnPrefixFilter(new byte[][] {b("p"), b("r")});
      case 2: return new ColumnRangeFilter(chance(80) ? b("p") : null, chance(50), chance(80) ? b("qq") : null, chance(50));
      case 3: return new ColumnCountGetFilter(1 + random.nextInt(4));
      case 4: return chance(50) ? new ColumnPaginationFilter(1 + random.nextInt(3), random.nextInt(3))
        : new ColumnPaginationFilter(1 + random.nextInt(3), b("q"));
      case 5: return chance(50) ? new FirstKeyOnlyFilter() : new KeyOnlyFilter(chance(50));
      case 6: return new TimestampsFilter(List.of(timestamp(), timestamp(), timestamp()), chance(50));
      case 7: return new FamilyFilter(operator(), new BinaryComparator(family()));
      default: return new ColumnValueFilter(family(), qualifier(), operator(), comparator());
    }
  }

  private Filter ofSeveral() {
    int kind = random.nextInt(4);
    if (kind == 1 && !sending || kind == 3 && !ranges) kind = 0;
    switch (kind) {
      case 0: {
        SingleColumnValueFilter filter = chance(70)
          ? new SingleColumnValueFilter(family(), qualifier(), operator(), comparator())
          : new SingleColumnValueExcludeFilter(family(), qualifier(), operator(), comparator());
        filter.setFilterIfMissing(chance(50));
        filter.setLatestVersionOnly(chance(60));
        return filter;
      }
      case 1: {
        List<Pair<byte[], byte[]>> keys = new ArrayList<>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
          keys.add(new Pair<>(row(), new byte[] {0, (byte) (chance(50) ? 1 : 0), 0, (byte) (chance(30) ? 1 : 0)}));
        }
        return new FuzzyRowFilter(keys);
      }
      case 2: return chance(50) ? new DependentColumnFilter(family(), qualifier(), chance(50))
        : new DependentColumnFilter(family(), qualifier(), chance(50), operator(), comparator());
      default: {
        List<MultiRowRangeFilter.RowRange> ranges = new ArrayList<>();
        ranges.add(new MultiRowRangeFilter.RowRange(b("row1"), chance(50), b("row2"), chance(50)));
        if (chance(70)) ranges.add(new MultiRowRangeFilter.RowRange(b("row4"), chance(50), b("row6"), chance(50)));
        if (chance(30)) ranges.add(new MultiRowRangeFilter.RowRange(b("row5"), true, b("row7"), chance(50)));
        return new MultiRowRangeFilter(ranges);
      }
    }
  }

  /** For a reversed scan. */
  Filter anyReversed(int depth, boolean flushed) throws IOException {
    sending = false;
    try {
      return flushed ? ofRows() : any(depth);
    } finally {
      sending = true;
    }
  }

  Filter any(int depth) throws IOException {
    int kind = random.nextInt(depth > 0 ? 12 : 8);
    if (kind < 3) return ofRows();
    if (kind < 6) return ofColumns();
    if (kind < 8) return ofSeveral();
    if (kind == 8) return new WhileMatchFilter(any(depth - 1));
    if (kind == 9) {
      boolean outside = ranges;
      ranges = false;
      Filter filter = new SkipFilter(any(depth - 1));
      ranges = outside;
      return filter;
    }
    List<Filter> filters = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) filters.add(any(depth - 1));
    return new FilterList(chance(50) ? FilterList.Operator.MUST_PASS_ALL : FilterList.Operator.MUST_PASS_ONE, filters);
  }
}
