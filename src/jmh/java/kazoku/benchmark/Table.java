package kazoku.benchmark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Results in Markdown, a table for each kind of case: the best of all turns, the median of their
 * medians, and the ratio of Kazoku's best to that of the fastest peer.
 */
final class Table {
  private static final String OURS = "Kazoku";

  /** What Kazoku's own calls are made of is nobody whom it is compared with. */
  private static final String BARE = "Session.run";

  private Table() {}

  /** A peer's turns in one case. */
  private record Entry(String peer, double best, double median) {
    static Entry of(Kind kind, String peer, List<Result> turns) {
      var bests = turns.stream().mapToDouble(Result::best);
      double[] medians = turns.stream().mapToDouble(Result::median).sorted().toArray();
      return new Entry(
          peer,
          (kind.isRate() ? bests.max() : bests.min()).orElseThrow(),
          medians[medians.length / 2]);
    }

    boolean isOurs() {
      return peer.startsWith(OURS);
    }

    boolean isPeer() {
      return !isOurs() && !peer.startsWith(BARE);
    }

    @Override
    public String toString() {
      return peer + " " + number(best) + " (" + number(median) + ")";
    }
  }

  /** Three digits. */
  private static String number(double value) {
    int whole = (int) Math.floor(Math.log10(value)) + 1;
    return String.format(Locale.ROOT, "%,." + Math.max(0, 3 - whole) + "f", value);
  }

  /** All tables. */
  static String of(List<Result> results) {
    Map<Kind, Map<String, List<Result>>> kinds = new EnumMap<>(Kind.class);
    for (Result result : results) {
      kinds
          .computeIfAbsent(Case.of(result.name()).kind(), kind -> new LinkedHashMap<>())
          .computeIfAbsent(
              result.name().substring(result.name().indexOf(' ') + 1)
                  + (result.threads() == 1 ? ", 1 thread" : ", " + result.threads() + " threads"),
              name -> new ArrayList<>())
          .add(result);
    }
    StringBuilder text = new StringBuilder();
    kinds.forEach((kind, cases) -> text.append(table(kind, cases)));
    return text.append("\nMeasured: ").append(versions(results)).append(".\n").toString();
  }

  private static String table(Kind kind, Map<String, List<Result>> cases) {
    StringBuilder text =
        new StringBuilder("\n### " + kind.title() + ", " + kind.unit() + "\n\n")
            .append("| case B×T×I×H | ratio | Kazoku | peers |\n|---|---|---|---|\n");
    cases.forEach((name, turns) -> text.append(row(kind, name, entries(kind, turns))));
    return text.toString();
  }

  /** The fastest first. */
  private static List<Entry> entries(Kind kind, List<Result> turns) {
    Comparator<Entry> order = Comparator.comparingDouble(Entry::best);
    return turns.stream()
        .collect(Collectors.groupingBy(Result::peer, LinkedHashMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(peer -> Entry.of(kind, peer.getKey(), peer.getValue()))
        .sorted(kind.isRate() ? order.reversed() : order)
        .toList();
  }

  private static String row(Kind kind, String name, List<Entry> entries) {
    List<Entry> ours = entries.stream().filter(Entry::isOurs).toList();
    List<Entry> peers = entries.stream().filter(Entry::isPeer).toList();
    String ratio = "";
    if (!ours.isEmpty() && !peers.isEmpty()) {
      double times = ours.get(0).best() / peers.get(0).best();
      ratio = String.format(Locale.ROOT, "%.2f", kind.isRate() ? 1 / times : times);
    }
    return "| %s | %s | %s | %s |\n"
        .formatted(
            name,
            ratio,
            joined(ours),
            joined(entries.stream().filter(entry -> !entry.isOurs()).toList()));
  }

  private static String joined(List<Entry> entries) {
    return entries.stream().map(Entry::toString).collect(Collectors.joining("<br>"));
  }

  private static String versions(List<Result> results) {
    return results.stream()
        .map(
            result ->
                (result.peer().startsWith(OURS) ? OURS + " on TensorFlow" : result.peer())
                    + " "
                    + result.version())
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining(", "));
  }
}
