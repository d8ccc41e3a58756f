import com.stumbleupon.async.Callback;
import com.stumbleupon.async.Deferred;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.hbase.async.*;

/**
 * bench_bulk's work with asynchbase: --op put|scan, --rows N, --warm-up N (rows put or scanned first, not counted), --set key=value.
 * Prints the same line.
 */
public final class AsynchbaseBulk {
  private static HBaseClient client;
  private static byte[] table;

  public static void main(String[] args) throws Exception {
    Load load = new Load("asynchbase", args);
    Config config = new Config();
    load.settings.forEach(config::overrideConfig);
    client = new HBaseClient(config);
    table = load.table.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    client.ensureTableExists(load.table).join();
    int warmUp = 300000;
    for (int i = 0; i + 1 < args.length; i++) if (args[i].equals("--bulk-warm-up")) warmUp = Integer.parseInt(args[i + 1]);
    work(load.op, Math.min(warmUp, load.rows));
    long cpu = cpuNanos(), start = System.nanoTime();
    work(load.op, load.rows);
    System.out.printf("client=asynchbase op=%s rows=%d seconds=%.2f cpu_us_per_row=%.3f%n", load.op, load.rows,
      (System.nanoTime() - start) / 1e9, (cpuNanos() - cpu) / 1e3 / load.rows);
    client.shutdown().join();
    System.exit(0);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static void work(String op, int rows) throws Exception {
    if (op.equals("put")) put(rows); else scan(rows);
  }

  private static void put(int rows) throws Exception {
    Semaphore room = new Semaphore(20000); // it has no bound of its own
    AtomicReference<Exception> failure = new AtomicReference<>();
    for (int row = 0; row < rows; row++) {
      room.acquire();
      client.put(new PutRequest(table, Load.row(row), Load.FAMILY, Load.QUALIFIER, Load.value(row))).addBoth((Callback<Object, Object>) done -> {
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
      for (ArrayList<KeyValue> row : batch) if (row.get(0).value().length == 100) ++found;
    }
    if (found < rows) throw new IOException("found " + found);
  }
}
