import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * A ZooKeeper of one process, for clients that find a cluster by it only: it says that hbase:meta is on HOST:PORT.
 * Prints "zookeeper=127.0.0.1:PORT" and runs until its standard input ends.
 */
public final class MetaZooKeeper {
  private static final int OPEN = 3; // of RegionState.State

  public static void main(String[] args) throws Exception {
    String host = args[0].substring(0, args[0].lastIndexOf(':'));
    int port = Integer.parseInt(args[0].substring(host.length() + 1));
    File data = Files.createTempDirectory("hbmux-bench-zookeeper").toFile();
    ZooKeeperServer server = new ZooKeeperServer(data, data, 2000);
    NIOServerCnxnFactory factory = new NIOServerCnxnFactory();
    factory.configure(new InetSocketAddress("127.0.0.1", 0), 100);
    factory.startup(server);
    String address = "127.0.0.1:" + factory.getLocalPort();

    ZooKeeper client = new ZooKeeper(address, 30000, event -> {});
    create(client, "/hbase", new byte[0]);
    create(client, "/hbase/meta-region-server", metaLocation(host, port));
    client.close();
    System.out.println("zookeeper=" + address);
    while (System.in.read() >= 0) {
      // until the one who started it is gone
    }
    factory.shutdown();
    delete(data);
    System.exit(0);
  }

  private static void create(ZooKeeper client, String path, byte[] data) throws Exception {
    client.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
  }

  /** 0xff, the size and name of who wrote it, "PBUF", and a MetaRegionServer message. */
  private static byte[] metaLocation(String host, int port) throws Exception {
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    bytes(name, 1, host.getBytes(StandardCharsets.UTF_8));
    number(name, 2, port);
    number(name, 3, 1);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    bytes(message, 1, name.toByteArray());
    number(message, 2, 0);
    number(message, 3, OPEN);

    byte[] writer = "bench".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(all);
    out.writeByte(0xff);
    out.writeInt(writer.length);
    out.write(writer);
    out.writeBytes("PBUF");
    out.write(message.toByteArray());
    return all.toByteArray();
  }
  private static void varint(ByteArrayOutputStream out, long value) {
    for (; value >= 0x80; value >>>= 7) out.write((int) (value | 0x80));
    out.write((int) value);
  }
  private static void number(ByteArrayOutputStream out, int field, long value) {
    varint(out, field << 3);
    varint(out, value);
  }
  private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    varint(out, field << 3 | 2);
    varint(out, value.length);
    out.write(value, 0, value.length);
  }
  private static void delete(File file) {
    File[] inside = file.listFiles();
    if (inside != null) for (File f : inside) delete(f);
    file.delete();
  }
}
