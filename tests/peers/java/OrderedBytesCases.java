import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.hbase.util.*;

/**
 * How HBase encodes values so that they sort (OrderedBytes), and plain (Bytes): one line each, "KIND ORDER VALUE BYTES", text and bytes in
 * hexadecimal, "-" for none. What it prints is kept in tests/unit/core/ordered_bytes.txt.
 *
 *   run hbase-2.6 OrderedBytesCases.java
 */
public final class OrderedBytesCases {
  interface Encoding { void into(PositionedByteRange out); }

  static String hex(byte[] bytes) { return bytes.length == 0 ? "-" : Bytes.toHex(bytes); }

  static void line(String kind, Order order, String value, Encoding encoding) {
    SimplePositionedMutableByteRange out = new SimplePositionedMutableByteRange(200);
    encoding.into(out);
    byte[] bytes = java.util.Arrays.copyOf(out.getBytes(), out.getPosition());
    System.out.println(kind + " " + (order == Order.ASCENDING ? "ascending" : "descending") + " " + value + " " + hex(bytes));
  }

  public static void main(String[] args) {
    long[] integers = {0, 1, -1, 7, 10, 99, 100, 101, 127, -128, 128, 1000, -1000, 12345, 32767, -32768, 65536, 1000000, -1000001, 2147483647L, -2147483648L,
        1234567890123L, 100000000000000000L, 999999999999999999L, Long.MAX_VALUE, Long.MIN_VALUE};
    double[] doubles = {0, 1, -1, 0.5, -0.5, 0.1, 0.01, 0.001, -0.001, 0.0001, 1e-5, 1.5, 2.25, 10, 12.5, 99.99, 100, 123.456, -123.456, 1e10, 1e20, 1e21,
        1e22, -1e22, 1.7976931348623157e308, 1e-300, -1e-300, 3.141592653589793, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    String[] texts = {"", "a", "ab", "abc", "\u00e9t\u00e9", "row-1", "ffffffffffffffff"};
    byte[][] blobs = {{}, {1}, {-1}, {0}, {0, 0}, {1, 2, 3}, {-1, -1, -1, -1, -1, -1, -1}, {1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, 7, 8},
        "hello, world: more than seven".getBytes(StandardCharsets.UTF_8)};
    for (Order order : new Order[] {Order.ASCENDING, Order.DESCENDING}) {
      line("null", order, "-", out -> OrderedBytes.encodeNull(out, order));
      for (long i : integers) {
        String value = Long.toString(i);
        if (i == (byte) i) line("int8", order, value, out -> OrderedBytes.encodeInt8(out, (byte) i, order));
        if (i == (short) i) line("int16", order, value, out -> OrderedBytes.encodeInt16(out, (short) i, order));
        if (i == (int) i) line("int32", order, value, out -> OrderedBytes.encodeInt32(out, (int) i, order));
        line("int64", order, value, out -> OrderedBytes.encodeInt64(out, i, order));
        line("numeric_int64", order, value, out -> OrderedBytes.encodeNumeric(out, i, order));
      }
      for (double d : doubles) {
        line("float32", order, Float.toString((float) d), out -> OrderedBytes.encodeFloat32(out, (float) d, order));
        line("float64", order, Double.toString(d), out -> OrderedBytes.encodeFloat64(out, d, order));
        line("numeric_double", order, Double.toString(d), out -> OrderedBytes.encodeNumeric(out, d, order));
      }
      for (String text : texts) {
        line("text", order, hex(text.getBytes(StandardCharsets.UTF_8)), out -> OrderedBytes.encodeString(out, text, order));
      }
      for (byte[] blob : blobs) {
        line("blob", order, hex(blob), out -> OrderedBytes.encodeBlobVar(out, blob, order));
        boolean zero = false;
        for (byte b : blob) zero |= b == 0;
        if (order == Order.ASCENDING || !zero) line("blob_copy", order, hex(blob), out -> OrderedBytes.encodeBlobCopy(out, blob, order));
      }
    }
    for (long i : integers) {
      if (i == (short) i) System.out.println("plain16 - " + i + " " + hex(Bytes.toBytes((short) i)));
      if (i == (int) i) System.out.println("plain32 - " + i + " " + hex(Bytes.toBytes((int) i)));
      System.out.println("plain64 - " + i + " " + hex(Bytes.toBytes(i)));
    }
    for (double d : doubles) {
      System.out.println("plain_float - " + (float) d + " " + hex(Bytes.toBytes((float) d)));
      System.out.println("plain_double - " + d + " " + hex(Bytes.toBytes(d)));
    }
    System.out.println("plain_bool - true " + hex(Bytes.toBytes(true)));
    System.out.println("plain_bool - false " + hex(Bytes.toBytes(false)));
  }
}
