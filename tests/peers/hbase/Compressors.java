import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.hadoop.conf.Configurable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hadoop.io.compress.CompressionCodec;

/**
 * Which compressor classes does a server take for cell blocks, and what do their streams look like?
 * hbase java Compressors.java
 */
public final class Compressors {
  private static final String HADOOP = "org.apache.hadoop.io.compress.";
  private static final String HBASE = "org.apache.hadoop.hbase.io.compress.";
  private static final String[] CLASSES = {HADOOP + "GzipCodec", HADOOP + "DefaultCodec", HADOOP + "SnappyCodec",
      HADOOP + "Lz4Codec", HADOOP + "ZStandardCodec", HADOOP + "BZip2Codec", HBASE + "xerial.SnappyCodec",
      HBASE + "lz4.Lz4Codec", HBASE + "zstd.ZstdCodec", HBASE + "aircompressor.SnappyCodec",
      HBASE + "aircompressor.Lz4Codec", HBASE + "aircompressor.LzoCodec", HBASE + "aircompressor.ZstdCodec"};

  public static void main(String[] args) throws Exception {
    TableName name = TableName.valueOf("compressors");
    byte[] f = Bytes.toBytes("f");
    try (Connection c = ConnectionFactory.createConnection(HBaseConfiguration.create()); Admin admin = c.getAdmin()) {
      if (!admin.tableExists(name)) {
        admin.createTable(
            TableDescriptorBuilder.newBuilder(name).setColumnFamily(ColumnFamilyDescriptorBuilder.of(f)).build());
      }
    }
    for (String codec : CLASSES) {
      System.out.println(codec + "\n    server: " + roundTrip(codec, name, f) + "\n    stream: " + stream(codec));
    }
    System.exit(0);
  }

  /** 300 kB that compress to about half, the same each time. */
  private static byte[] sample() {
    byte[] bytes = new byte[300_000];
    Random random = new Random(7);
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i % 64 < 32 ? 'x' : random.nextInt());
    return bytes;
  }

  private static String roundTrip(String codec, TableName name, byte[] f) {
    Configuration conf = HBaseConfiguration.create();
    conf.set("hbase.client.rpc.compressor", codec);
    conf.setInt("hbase.client.retries.number", 0);
    for (String time : new String[] {"hbase.client.operation.timeout", "hbase.client.meta.operation.timeout",
        "hbase.client.scanner.timeout.period", "hbase.rpc.timeout"}) conf.setInt(time, 5_000);
    try (Connection c = ConnectionFactory.createConnection(conf); Table t = c.getTable(name)) {
      byte[] row = Bytes.toBytes(codec);
      t.put(new Put(row).addColumn(f, f, sample()));
      return Bytes.equals(sample(), t.get(new Get(row)).getValue(f, f)) ? "put and get work" : "WRONG VALUE";
    } catch (Throwable e) {
      Throwable cause = e;
      while (cause.getCause() != null) cause = cause.getCause();
      return "refused: " + cause.toString().split("\n")[0];
    }
  }

  private static String stream(String className) {
    try {
      CompressionCodec codec = (CompressionCodec) Class.forName(className).getDeclaredConstructor().newInstance();
      if (codec instanceof Configurable) ((Configurable) codec).setConf(HBaseConfiguration.create());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (OutputStream out = codec.createOutputStream(bytes, codec.createCompressor())) { out.write(sample()); }
      ByteBuffer in = ByteBuffer.wrap(bytes.toByteArray());
      String head = Bytes.toHex(in.array(), 0, 12);
      // Hadoop's blocks: the size of the plain bytes, then chunks, each with its size, until these are complete.
      if (in.getInt() != 300_000) return "no blocks, begins " + head;
      StringBuilder out = new StringBuilder("one block of 300000 plain bytes in chunks of");
      while (in.remaining() >= 4) {
        int size = in.getInt();
        if (size == 0 && !in.hasRemaining()) return out + ", then an empty block; begins " + head;
        if (size <= 0 || size > in.remaining()) return "not understood after: " + out;
        out.append(" ").append(size);
        in.position(in.position() + size);
      }
      return out + "; begins " + head;
    } catch (Throwable e) {
      return e.toString().split("\n")[0];
    }
  }
}
