import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.List;

/** Lines of cases beside those that were recorded. */
final class Expected {
  /** Prints what differs, and a line of counts; the program's exit status: 0 when nothing does. */
  static int compare(List<String> lines, String file) throws Exception {
    List<String> wanted = Files.readAllLines(Paths.get(file));
    int differences = 0;
    for (int i = 0; i < Math.max(wanted.size(), lines.size()); i++) {
      String want = i < wanted.size() ? wanted.get(i) : "(nothing)", got = i < lines.size() ? lines.get(i) : "(nothing)";
      if (want.equals(got)) continue;
      differences++;
      System.out.println("DIFFERS  expected: " + want + "\n              got: " + got);
    }
    System.out.println(lines.size() + " cases, " + differences + " differ");
    return differences == 0 ? 0 : 1;
  }

  private Expected() {}
}
