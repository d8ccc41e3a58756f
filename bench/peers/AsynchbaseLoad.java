import com.stumbleupon.async.Callback;
import com.stumbleupon.async.Deferred;
import java.util.ArrayList;
import org.hbase.async.Config;
import org.hbase.async.GetRequest;
import org.hbase.async.HBaseClient;
import org.hbase.async.KeyValue;
import org.hbase.async.PutRequest;

/** The load of the benchmarks with asynchbase; it finds the cluster by ZooKeeper only. */
public final class AsynchbaseLoad {
  public static void main(String[] args) throws Exception {
    boolean blocking = !java.util.Arrays.asList(args).contains("async");
    Load load = new Load("asynchbase", args);
    Config config = new Config();
    load.settings.forEach(config::overrideConfig);
    HBaseClient client = new HBaseClient(config);
    client.ensureTableExists(load.table).join();
    byte[] table = load.table.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    if (blocking) {
      load.run((op, row) -> call(client, table, op, row).join(10000));
    } else {
      load.run((op, row, done) -> call(client, table, op, row).addCallbacks(
          right -> { done.accept(right); return null; },
          (Callback<Object, Exception>) e -> { done.accept(false); return null; }));
    }
    client.shutdown().join();
    System.exit(0);
  }

  private static Deferred<Boolean> call(HBaseClient client, byte[] table, String op, int row) {
    if (op.equals("get")) {
      return client.get(new GetRequest(table, Load.row(row))).addCallback(cells -> right(cells, row));
    }
    PutRequest put = new PutRequest(table, Load.row(row), Load.FAMILY, Load.QUALIFIER, Load.value(row));
    put.setBufferable(false); // else it waits for the flush interval
    return client.put(put).addCallback(ignored -> true);
  }

  private static boolean right(ArrayList<KeyValue> cells, int row) {
    if (cells.size() != 1) return false;
    byte[] value = cells.get(0).value();
    return Load.names(value, 0, value.length, row);
  }
}
