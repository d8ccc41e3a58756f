/** Checks that print a line each and are counted. */
final class Checks {
  interface Case { Object run() throws Throwable; }

  private static int failed;

  /** What it throws is its value. */
  static void check(String name, Object want, Case what) {
    Object got;
    try {
      got = what.run();
    } catch (Throwable e) {
      got = e;
    }
    boolean same = String.valueOf(want).equals(String.valueOf(got));
    if (!same) failed++;
    System.out.println((same ? "ok      " : "FAILED  ") + name + (same ? "" : ": " + got + " instead of " + want));
  }

  /** Ends the program: 0 when none failed. */
  static void exit() {
    System.out.println(failed + " failed");
    System.exit(failed == 0 ? 0 : 1);
  }

  private Checks() {}
}
