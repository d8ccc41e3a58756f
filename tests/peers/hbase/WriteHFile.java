import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.KeyValue;
import org.apache.hadoop.hbase.io.hfile.CacheConfig;
import org.apache.hadoop.hbase.io.hfile.HFile;
import org.apache.hadoop.hbase.io.hfile.HFileContextBuilder;
import org.apache.hadoop.hbase.util.Bytes;

/**
 * Writes a file of cells that a region can take over.
 * hbase java WriteHFile.java FILE FAMILY QUALIFIER ROW=VALUE...
 */
public final class WriteHFile {
  public static void main(String[] args) throws Exception {
    Configuration conf = HBaseConfiguration.create();
    Path path = new Path(args[0]);
    FileSystem fs = path.getFileSystem(conf);
    TreeMap<String, String> rows = new TreeMap<>();
    for (int i = 3; i < args.length; i++) rows.put(args[i].substring(0, args[i].indexOf('=')), args[i].substring(args[i].indexOf('=') + 1));
    try (HFile.Writer writer = HFile.getWriterFactory(conf, new CacheConfig(conf)).withPath(fs, path)
        .withFileContext(new HFileContextBuilder().withBlockSize(4096).build()).create()) {
      for (var row : rows.entrySet()) {
        writer.append(new KeyValue(Bytes.toBytes(row.getKey()), Bytes.toBytes(args[1]), Bytes.toBytes(args[2]), 1000L, Bytes.toBytes(row.getValue())));
      }
    }
  }
}
