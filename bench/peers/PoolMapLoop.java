import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.hbase.util.PoolMap;

/**
 * HBase's own PoolMap (hbase-client), handing out from many threads:
 *
 *   run hbase-2.6 PoolMapLoop.java SECONDS THREADS...
 *
 * Prints lines as bench_pool_map does. What is measured is what comes after a warm-up.
 */
public final class PoolMapLoop {
  public static void main(String[] args) throws Exception {
    double seconds = Double.parseDouble(args[0]);
    for (int i = 1; i < args.length; i++) {
      int threads = Integer.parseInt(args[i]);
      measure("RoundRobin", PoolMap.PoolType.RoundRobin, 1, threads, seconds);
      measure("RoundRobin", PoolMap.PoolType.RoundRobin, 4, threads, seconds);
      measure("ThreadLocal", PoolMap.PoolType.ThreadLocal, 0, threads, seconds);
    }
    System.exit(0);
  }

  private static void measure(String name, PoolMap.PoolType type, int size, int threads, double seconds) throws Exception {
    loop(name, type, size, threads, seconds, false);
    loop(name, type, size, threads, seconds, true);
  }

  private static void loop(String name, PoolMap.PoolType type, int size, int threads, double seconds, boolean print)
    throws Exception {
    PoolMap<String, Object> pool = new PoolMap<>(type, Math.max(size, 1));
    String key = "server-17.example.org:16020/ada/ClientService";
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong ops = new AtomicLong();
    CountDownLatch go = new CountDownLatch(1);
    Thread[] running = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      running[t] = new Thread(() -> {
        long count = 0;
        try {
          go.await();
          while (!stop.get()) {
            for (int i = 0; i < 64; i++) {
              if (pool.getOrCreate(key, Object::new) == null) throw new AssertionError();
            }
            count += 64;
          }
        } catch (Exception e) {
          throw new RuntimeException(e);
        }
        ops.addAndGet(count);
      });
      running[t].start();
    }
    long began = System.nanoTime();
    go.countDown();
    Thread.sleep((long) (seconds * 1000));
    stop.set(true);
    for (Thread thread : running) thread.join();
    long took = System.nanoTime() - began;
    int atOnce = Math.min(threads, Runtime.getRuntime().availableProcessors());
    if (print) {
      System.out.printf("pool=hbase type=%s size=%d threads=%d ns=%.1f ops=%d%n", name, size, threads,
        (double) took * atOnce / ops.get(), ops.get());
    }
  }
}
