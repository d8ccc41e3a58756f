import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the load programs share: arguments, rows and values as the C++ benchmarks have them, threads or calls in flight, and the line that is
 * printed. A client only says how it makes one call.
 *
 *   --mode blocking|async --op get|put --n 1,8,64 [--seconds 5] [--warm-up 5] [--rows 10000] [--table bench] [--server-pid PID]
 *   [--set key=value ...]
 *
 * With --op - it prints "ready" and obeys lines "OP N SECONDS" on standard input, so that several programs can take turns.
 */
final class Load {
  static final byte[] FAMILY = {'f'};
  static final byte[] QUALIFIER = {'q'};
  private static final int SUB_BITS = 6; // of histograms
  private static final int ROW_SIZE = 10;
  private static final int VALUE_SIZE = 100;

  /** Makes one call; a blocking client calls it from n threads. Returns whether the reply was the right one. */
  interface Blocking {
    boolean call(String op, int row) throws Exception;
  }
  /** Starts one call, and runs done with whether the reply was the right one. */
  interface Async {
    void call(String op, int row, Done done);
  }
  interface Done {
    void accept(boolean right);
  }

  final String mode, op, table;
  final int rows;
  final Map<String, String> settings = new HashMap<>();
  private final String client;
  private final List<Integer> counts = new ArrayList<>();
  private final double seconds, warmUp;
  private final String serverPid;

  Load(String client, String[] args) {
    this.client = client;
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      if (args[i].equals("--set")) {
        String[] pair = args[i + 1].split("=", 2);
        settings.put(pair[0], pair[1]);
      } else {
        given.put(args[i], args[i + 1]);
      }
    }
    mode = given.getOrDefault("--mode", "blocking");
    op = given.getOrDefault("--op", "get");
    table = given.getOrDefault("--table", "bench");
    serverPid = given.getOrDefault("--server-pid", "");
    rows = Integer.parseInt(given.getOrDefault("--rows", "10000"));
    seconds = Double.parseDouble(given.getOrDefault("--seconds", "5"));
    warmUp = Double.parseDouble(given.getOrDefault("--warm-up", "5"));
    for (String n : given.getOrDefault("--n", "1").split(",")) counts.add(Integer.parseInt(n));
  }

  static byte[] row(int number) {
    byte[] key = new byte[ROW_SIZE];
    writeRow(key, number);
    return key;
  }
  static byte[] value(int number) {
    byte[] value = new byte[VALUE_SIZE];
    java.util.Arrays.fill(value, (byte) '.');
    writeRow(value, number);
    return value;
  }
  private static void writeRow(byte[] at, int number) {
    at[0] = 'r';
    for (int i = ROW_SIZE - 1; i > 0; --i) {
      at[i] = (byte) ('0' + number % 10);
      number /= 10;
    }
  }
  /** Whether a value names the row that was asked for. */
  static boolean names(byte[] value, int offset, int length, int row) {
    if (length != VALUE_SIZE || value[offset] != 'r') return false;
    for (int i = ROW_SIZE - 1; i > 0; --i) {
      if (value[offset + i] != (byte) ('0' + row % 10)) return false;
      row /= 10;
    }
    return true;
  }

  void run(Blocking client) throws Exception {
    perform((op, n, time) -> blocking(client, op, n, time));
  }
  void run(Async client) throws Exception {
    perform((op, n, time) -> async(client, op, n, time));
  }

  private interface Runner {
    Part run(String op, int n, double seconds) throws Exception;
  }
  private void perform(Runner runner) throws Exception {
    if (op.equals("-")) {
      obey(runner);
      return;
    }
    for (int n : counts) {
      runner.run(op, n, warmUp);
      print(op, n, runner.run(op, n, seconds));
    }
  }
  private void obey(Runner runner) throws Exception {
    System.out.println("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      int n = Integer.parseInt(words[1]);
      print(words[0], n, runner.run(words[0], n, Double.parseDouble(words[2])));
    }
  }

  private Part blocking(Blocking client, String op, int n, double time) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Part[] parts = new Part[n];
    Thread[] threads = new Thread[n];
    Part all = new Part();
    all.begin();
    for (int i = 0; i < n; ++i) {
      Part part = parts[i] = new Part();
      Rows sequence = new Rows(i, rows);
      threads[i] = new Thread(() -> {
        long now = System.nanoTime();
        while (!stop.get()) {
          int row = sequence.next();
          boolean right;
          try {
            right = client.call(op, row);
          } catch (Exception e) {
            right = part.failed(e);
          }
          now = part.record(now, right);
        }
      });
      threads[i].start();
    }
    Thread.sleep((long) (time * 1000));
    stop.set(true);
    for (Thread t : threads) t.join();
    all.end();
    for (Part part : parts) all.add(part);
    return all;
  }

  private Part async(Async client, String op, int n, double time) throws Exception {
    AsyncRun run = new AsyncRun(client, op, n);
    Part all = new Part();
    all.begin();
    for (int i = 0; i < n; ++i) run.next(new Rows(i, rows), System.nanoTime());
    Thread.sleep((long) (time * 1000));
    run.end();
    all.end();
    for (Part part : run.parts) all.add(part);
    return all;
  }

  /** Each call in flight is a chain: its handler starts the next. Chains may be served by different threads, which count by themselves. */
  private final class AsyncRun {
    private final Async client;
    private final String op;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger running;
    final List<Part> parts = new ArrayList<>();
    private final ThreadLocal<Part> mine = ThreadLocal.withInitial(() -> {
      Part part = new Part();
      synchronized (parts) {
        parts.add(part);
      }
      return part;
    });

    AsyncRun(Async client, String op, int n) {
      this.client = client;
      this.op = op;
      running = new AtomicInteger(n);
    }
    void next(Rows sequence, long start) {
      int row = sequence.next();
      client.call(op, row, right -> {
        long now = mine.get().record(start, right);
        if (!stop.get()) {
          next(sequence, now);
        } else if (running.decrementAndGet() == 0) {
          synchronized (running) {
            running.notifyAll();
          }
        }
      });
    }
    void end() throws InterruptedException {
      stop.set(true);
      synchronized (running) {
        while (running.get() > 0) running.wait();
      }
    }
  }

  private void print(String op, int n, Part p) throws Exception {
    double calls = Math.max(1, p.calls);
    String statm = Files.readString(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII);
    long resident = Long.parseLong(statm.split(" ")[1]) * 4;
    System.out.printf(Locale.ROOT, "client=%s op=%s mode=%s n=%d rate=%.0f p50_us=%.1f p99_us=%.1f cpu_us=%.2f switches=0 "
        + "server_cpu_us=%.2f rss_kib=%d calls=%d wrong=%d%n", client, op, mode, n, p.calls / p.seconds, p.quantile(0.5),
        p.quantile(0.99), p.cpuNs / 1e3 / calls, p.serverCpuUs / calls, resident, p.calls, p.wrong);
  }

  /** The rows that a thread or a chain of calls asks for. */
  private static final class Rows {
    private final int rows;
    private long seed;

    Rows(int number, int rows) {
      this.rows = rows;
      seed = 0x9e3779b97f4a7c15L * (number + 1);
    }
    int next() {
      seed ^= seed << 13;
      seed ^= seed >>> 7;
      seed ^= seed << 17;
      return (int) ((seed >>> 32) * rows >>> 32);
    }
  }

  /** Counts of one thread. The histogram has 64 buckets for each power of two. */
  private final class Part {
    private final int[] buckets = new int[(40 - SUB_BITS) << SUB_BITS];
    long calls, wrong, cpuNs;
    double seconds, serverCpuUs;
    private long startNs, startCpu;
    private double startServer;
    private boolean told;

    boolean failed(Exception e) {
      if (!told) System.err.println(e);
      told = true;
      return false;
    }
    /** Returns the time, which is also when the next call begins. */
    long record(long start, boolean right) {
      long now = System.nanoTime();
      long ns = now - start;
      int i = (int) ns;
      if (ns >= 1 << SUB_BITS) {
        int shift = 63 - Long.numberOfLeadingZeros(ns) - SUB_BITS;
        i = (shift << SUB_BITS) + (int) (ns >>> shift);
      }
      ++buckets[Math.min(i, buckets.length - 1)];
      ++calls;
      if (!right) ++wrong;
      return now;
    }
    void add(Part other) {
      for (int i = 0; i < buckets.length; ++i) buckets[i] += other.buckets[i];
      calls += other.calls;
      wrong += other.wrong;
    }
    void begin() {
      startServer = serverCpu();
      startNs = System.nanoTime();
      startCpu = cpu();
    }
    void end() {
      seconds = (System.nanoTime() - startNs) / 1e9;
      cpuNs = cpu() - startCpu;
      serverCpuUs = serverCpu() - startServer;
    }
    /** User and system time of the server in microseconds, as fine as the kernel's clock tick (10 ms). */
    private double serverCpu() {
      if (serverPid.isEmpty()) return 0;
      try {
        String stat = Files.readString(Path.of("/proc/" + serverPid + "/stat"), StandardCharsets.US_ASCII);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) * 1e4;
      } catch (java.io.IOException e) {
        return 0;
      }
    }
    /** User and system time of all threads of this process. */
    private long cpu() {
      return ((com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean())
          .getProcessCpuTime();
    }
    private long lower(int i) {
      if (i < 2 << SUB_BITS) return i;
      int shift = (i >> SUB_BITS) - 1;
      return (long) ((i & ((1 << SUB_BITS) - 1)) | (1 << SUB_BITS)) << shift;
    }
    double quantile(double share) {
      long left = (long) (share * calls);
      for (int i = 0; i < buckets.length; ++i) {
        if (buckets[i] > left) return (lower(i) + lower(i + 1)) / 2e3;
        left -= buckets[i];
      }
      return 0;
    }
  }
}
