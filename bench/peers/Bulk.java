import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/** What the programs for many rows share beside Load: their arguments, values of any size, and the line that is printed. */
final class Bulk {
  interface Work { void run() throws Exception; }

  int warmUp = 300000, valueSize = 100;

  Bulk(String[] args) {
    for (int i = 0; i + 1 < args.length; i++) {
      if (args[i].equals("--bulk-warm-up")) warmUp = Integer.parseInt(args[i + 1]);
      if (args[i].equals("--value")) valueSize = Integer.parseInt(args[i + 1]);
    }
  }

  static byte[] value(int row, int size) {
    byte[] value = new byte[size], key = Load.row(row);
    Arrays.fill(value, (byte) '.');
    System.arraycopy(key, 0, value, 0, key.length);
    return value;
  }

  static void measure(String client, Load load, Work work) throws Exception {
    long cpu = cpuNanos(), start = System.nanoTime();
    work.run();
    System.out.printf(Locale.ROOT, "client=%s op=%s rows=%d seconds=%.2f cpu_us_per_row=%.3f%n", client, load.op, load.rows,
      (System.nanoTime() - start) / 1e9, (cpuNanos() - cpu) / 1e3 / load.rows);
  }
  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }
}
