package kazoku.family;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the checks of golden files have shown, for a table that is printed in the end. */
final class Tallies {
  private final Map<String, Tally> all = new TreeMap<>();

  /** One cell or layer. */
  static final class Tally {
    private final Set<String> cases = new LinkedHashSet<>();
    private final Set<String> forms = new LinkedHashSet<>();
    private int checks;
    private double worst;

    void check(double worstDifference) {
      checks++;
      worst = Math.max(worst, worstDifference);
    }
  }

  Tally of(String name, String golden, String form) {
    Tally tally = all.computeIfAbsent(name, n -> new Tally());
    tally.cases.add(golden);
    tally.forms.add(form);
    return tally;
  }

  void print() {
    System.out.printf("%n%-28s %5s %7s %10s  %s%n", "cell", "cases", "checks", "worst", "forms");
    all.forEach(
        (name, t) ->
            System.out.printf(
                "%-28s %5d %7d %10.1e  %s%n",
                name, t.cases.size(), t.checks, t.worst, String.join(" ", t.forms)));
    System.out.printf(
        "%d cells and layers, %d cases, %d checks, worst difference %.1e%n%n",
        all.size(),
        all.values().stream().mapToInt(t -> t.cases.size()).sum(),
        all.values().stream().mapToInt(t -> t.checks).sum(),
        all.values().stream().mapToDouble(t -> t.worst).max().orElse(0));
  }
}
