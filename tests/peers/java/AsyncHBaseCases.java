import java.util.*;
import org.hbase.async.*;

/**
 * asynchbase, a client that shares no code with HBase's own: it finds the cluster by ZooKeeper. One line a check; ends
 * with 1 when one failed.
 *
 *   run asynchbase AsyncHBaseCases.java HOST:PORT TABLE FAMILY       (a table that exists)
 */
public final class AsyncHBaseCases {
  private static String text(ArrayList<KeyValue> row) {
    StringJoiner out = new StringJoiner(" ");
    for (KeyValue kv : row) out.add(new String(kv.key()) + "/" + new String(kv.qualifier()) + "=" + new String(kv.value()));
    return out.toString();
  }

  public static void main(String[] args) throws Exception {
    HBaseClient client = new HBaseClient(args[0]);
    byte[] table = args[1].getBytes(), family = args[2].getBytes();
    try {
      client.ensureTableFamilyExists(table, family).join(20000);
      for (int i = 0; i < 5; i++) {
        client.put(new PutRequest(table, ("r" + i).getBytes(), family, "q".getBytes(), ("v" + i).getBytes())).join(20000);
      }
      Checks.check("get", "r3/q=v3", () -> text(client.get(new GetRequest(table, "r3".getBytes()).family(family)).join(20000)));
      Checks.check("get nothing", "", () -> text(client.get(new GetRequest(table, "x".getBytes())).join(20000)));
      Checks.check("increment", 7, () -> client.atomicIncrement(new AtomicIncrementRequest(table, "n".getBytes(), family, "n".getBytes(), 7)).join(20000));
      Checks.check("increment again", 9, () -> client.atomicIncrement(new AtomicIncrementRequest(table, "n".getBytes(), family, "n".getBytes(), 2)).join(20000));
      Checks.check("append", "r0/q=v0+", () -> text(after(client.append(new AppendRequest(table, "r0".getBytes(), family, "q".getBytes(), "+".getBytes())), client, table, "r0")));
      Checks.check("compare and set", true, () -> client.compareAndSet(new PutRequest(table, "r1".getBytes(), family, "q".getBytes(), "new".getBytes()), "v1".getBytes()).join(20000));
      Checks.check("compare and set, not", false, () -> client.compareAndSet(new PutRequest(table, "r1".getBytes(), family, "q".getBytes(), "newer".getBytes()), "v1".getBytes()).join(20000));
      Checks.check("delete", "", () -> text(after(client.delete(new DeleteRequest(table, "r2".getBytes())), client, table, "r2")));
      org.hbase.async.Scanner scanner = client.newScanner(table);
      scanner.setStartKey("r".getBytes());
      scanner.setMaxNumRows(2);
      StringJoiner seen = new StringJoiner(" | ");
      for (ArrayList<ArrayList<KeyValue>> rows; (rows = scanner.nextRows().join(20000)) != null;) {
        for (ArrayList<KeyValue> row : rows) seen.add(text(row));
      }
      Checks.check("scan", "r0/q=v0+ | r1/q=new | r3/q=v3 | r4/q=v4", () -> seen);
      scanner.close().join(20000);
      Checks.check("no table", TableNotFoundException.class, () -> {
        try {
          return client.get(new GetRequest("nosuchtable".getBytes(), "x".getBytes())).join(20000);
        } catch (TableNotFoundException e) {
          return e.getClass();
        }
      });
    } finally {
      client.shutdown().join(20000);
    }
    Checks.exit();
  }
  private static ArrayList<KeyValue> after(com.stumbleupon.async.Deferred<?> done, HBaseClient client, byte[] table, String row) throws Exception {
    done.join(20000);
    return client.get(new GetRequest(table, row.getBytes())).join(20000);
  }
}
