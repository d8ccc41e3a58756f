import com.stumbleupon.async.Callback;
import com.stumbleupon.async.Deferred;
import java.io.IOException;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.hbase.async.*;

/**
 * bench_bulk's work with asynchbase: --op put|scan|multiget, --rows N, --value BYTES, --bulk-warm-up N (rows of a first turn, which does not
 * count), --set key=value. It has no call for many gets: a hundred are begun, which go to the server in one write, and waited for.
 * Prints the same line.
 */
public final class AsynchbaseBulk {
  private static HBaseClient client;
  private static byte[] table;
  private static int valueSize;

  public static void main(String[] args) throws Exception {
    Load load = new Load("asynchbase", args);
    Config config = new Config();
    load.settings.forEach(config::overrideConfig);
    client = new HBaseClient(config);
    table = load.table.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    client.ensureTableExists(load.table).join();
    Bulk bulk = new Bulk(args);
    valueSize = bulk.valueSize;
    work(load.op, load.op.equals("scan") ? load.rows : Math.min(bulk.warmUp, load.rows));
    Bulk.measure("asynchbase", load, () -> work(load.op, load.rows));
    client.shutdown().join();
    System.exit(0);
  }

  private static void work(String op, int rows) throws Exception {
    switch (op) {
      case "put": put(rows); break;
      case "scan": scan(rows); break;
      default: multiget(rows);
    }
  }

  private static void put(int rows) throws Exception {
    Semaphore room = new Semaphore(20000); // it has no bound of its own
    AtomicReference<Exception> failure = new AtomicReference<>();
    for (int row = 0; row < rows; row++) {
      room.acquire();
      client.put(new PutRequest(table, Load.row(row), Load.FAMILY, Load.QUALIFIER, Bulk.value(row, valueSize))).addBoth((Callback<Object, Object>) done -> {
        if (done instanceof Exception) failure.set((Exception) done);
        room.release();
        return null;
      });
    }
    client.flush().join();
    room.acquire(20000);
    if (failure.get() != null) throw failure.get();
  }

  private static void scan(int rows) throws Exception {
    Scanner scanner = client.newScanner(table);
    scanner.setMaxNumRows(10000);
    int found = 0;
    for (ArrayList<ArrayList<KeyValue>> batch; (batch = scanner.nextRows().join()) != null;) {
      for (ArrayList<KeyValue> row : batch) if (row.get(0).value().length == valueSize) ++found;
    }
    if (found < rows) throw new IOException("found " + found);
  }

  private static void multiget(int rows) throws Exception {
    for (int first = 0; first < rows; first += 100) {
      ArrayList<Deferred<ArrayList<KeyValue>>> gets = new ArrayList<>(100);
      for (int i = 0; i < 100; i++) gets.add(client.get(new GetRequest(table, Load.row((int) ((first + i) * 7919L % rows)))));
      for (ArrayList<KeyValue> row : Deferred.group(gets).join()) if (row.size() != 1) throw new IOException("a row that is not there");
    }
  }
}
