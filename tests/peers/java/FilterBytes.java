import java.math.BigDecimal;
import java.util.*;
import java.util.regex.Pattern;
import org.apache.hadoop.hbase.CompareOperator;
import org.apache.hadoop.hbase.filter.*;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hadoop.hbase.util.Pair;

/**
 * How the Java client serializes filters and comparators, a line each: a label, the class, and the bytes in hex. Given texts as arguments, it
 * prints what ParseFilter makes of each of them, with the text as the label.
 */
public final class FilterBytes {
  private static byte[] b(String s) { return Bytes.toBytes(s); }

  private static void print(String label, Class<?> type, byte[] bytes) {
    System.out.println(label + "\t" + type.getName() + "\t" + Bytes.toHex(bytes));
  }
  private static void print(String label, Filter filter) throws Exception { print(label, filter.getClass(), filter.toByteArray()); }
  private static void print(String label, ByteArrayComparable comparator) {
    print(label, comparator.getClass(), comparator.toByteArray());
  }

  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      for (String text : args) print(text, new ParseFilter().parseFilterString(text));
      return;
    }
    comparators();
    rows();
    columns();
    values();
  }

  private static void comparators() {
    print("binary", new BinaryComparator(b("abc")));
    print("binary prefix", new BinaryPrefixComparator(b("abc")));
    print("binary component", new BinaryComponentComparator(b("abc"), 7));
    print("bit and", new BitComparator(new byte[] {1, 0, -1}, BitComparator.BitwiseOp.AND));
    print("bit or", new BitComparator(new byte[] {1, 0, -1}, BitComparator.BitwiseOp.OR));
    print("bit xor", new BitComparator(new byte[] {1, 0, -1}, BitComparator.BitwiseOp.XOR));
    print("null", new NullComparator());
    print("long", new LongComparator(-5));
    for (String decimal : new String[] {"0", "0.00", "-0.5", "12.50", "127", "128", "-128", "-129", "255", "256", "-256", "-32768",
        "-32769", "123456789012345678901234567890.123", "-123456789012345678901234567890"}) {
      print("decimal " + decimal, new BigDecimalComparator(new BigDecimal(decimal)));
    }
    print("regex", new RegexStringComparator("a.*b"));
    print("regex flags", new RegexStringComparator("a.*b", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE));
    print("regex joni", new RegexStringComparator("a.*b", RegexStringComparator.EngineType.JONI));
    print("substring", new SubstringComparator("AbC"));
  }

  private static void rows() throws Exception {
    print("row", new RowFilter(CompareOperator.GREATER, new BinaryComparator(b("r"))));
    print("prefix", new PrefixFilter(b("p")));
    print("page", new PageFilter(300));
    print("inclusive stop", new InclusiveStopFilter(b("s")));
    print("random row", new RandomRowFilter(0.25f));
    print("fuzzy", new FuzzyRowFilter(Arrays.asList(new Pair<>(b("a?c"), new byte[] {0, 1, 0}), new Pair<>(b("xy"), new byte[] {0, 0}))));
    print("multi row range", new MultiRowRangeFilter(Arrays.asList(new MultiRowRangeFilter.RowRange("m", true, "p", false),
      new MultiRowRangeFilter.RowRange("a", true, "c", false), new MultiRowRangeFilter.RowRange("b", false, "d", true),
      new MultiRowRangeFilter.RowRange("z", false, "", false))));
    print("multi row range touching", new MultiRowRangeFilter(Arrays.asList(
      new MultiRowRangeFilter.RowRange("a", true, "b", false), new MultiRowRangeFilter.RowRange("b", true, "c", false),
      new MultiRowRangeFilter.RowRange("c", false, "d", false))));
    print("multi row range within", new MultiRowRangeFilter(Arrays.asList(
      new MultiRowRangeFilter.RowRange("a", true, "e", false), new MultiRowRangeFilter.RowRange("b", true, "c", true),
      new MultiRowRangeFilter.RowRange("d", true, "e", true))));
    print("multi row range prefixes", new MultiRowRangeFilter(new byte[][] {b("ab"), b("aa"), {'c', -1}}));
    print("list all", new FilterList(new PageFilter(1), new PrefixFilter(b("p"))));
    print("list one", new FilterList(FilterList.Operator.MUST_PASS_ONE, new PageFilter(1), new PrefixFilter(b("p"))));
    print("list empty", new FilterList());
    print("skip", new SkipFilter(new PageFilter(1)));
    print("while", new WhileMatchFilter(new PageFilter(1)));
  }

  private static void columns() throws Exception {
    print("family", new FamilyFilter(CompareOperator.LESS, new BinaryComparator(b("f"))));
    print("qualifier", new QualifierFilter(CompareOperator.LESS_OR_EQUAL, new NullComparator()));
    print("column prefix", new ColumnPrefixFilter(b("q")));
    print("multiple column prefix", new MultipleColumnPrefixFilter(new byte[][] {b("b"), b("a")}));
    print("column range", new ColumnRangeFilter(b("a"), true, b("b"), false));
    print("column range open", new ColumnRangeFilter(null, false, null, true));
    print("column count", new ColumnCountGetFilter(3));
    print("column pagination", new ColumnPaginationFilter(3, 4));
    print("column pagination from", new ColumnPaginationFilter(3, b("q")));
    print("first key", new FirstKeyOnlyFilter());
    print("first key matching", new FirstKeyValueMatchingQualifiersFilter(new TreeSet<>(Bytes.BYTES_COMPARATOR) {{
      add(b("q"));
      add(b("p"));
    }}));
    print("key only", new KeyOnlyFilter());
    print("key only length", new KeyOnlyFilter(true));
  }

  private static void values() throws Exception {
    print("value", new ValueFilter(CompareOperator.NOT_EQUAL, new SubstringComparator("x")));
    print("column value", new ColumnValueFilter(b("f"), b("q"), CompareOperator.GREATER_OR_EQUAL, b("v")));
    SingleColumnValueFilter single = new SingleColumnValueFilter(b("f"), b("q"), CompareOperator.EQUAL, b("v"));
    print("single", single);
    single.setFilterIfMissing(true);
    single.setLatestVersionOnly(false);
    print("single set", single);
    SingleColumnValueExcludeFilter exclude = new SingleColumnValueExcludeFilter(b("f"), b("q"), CompareOperator.EQUAL, b("v"));
    exclude.setFilterIfMissing(true);
    print("single exclude", exclude);
    print("dependent", new DependentColumnFilter(b("f"), b("q")));
    print("dependent compare", new DependentColumnFilter(b("f"), b("q"), true, CompareOperator.EQUAL, new BinaryComparator(b("v"))));
    print("timestamps", new TimestampsFilter(Arrays.asList(5L, 1L, 5L)));
    print("timestamps hint", new TimestampsFilter(Arrays.asList(5L, 1L), true));
  }
}
