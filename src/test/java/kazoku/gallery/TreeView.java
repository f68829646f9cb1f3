package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The family tree as nested lists, with a line through time beside each cell. */
final class TreeView {
  /** The years between which lines are drawn; the style sheet has them too. */
  private static final int FROM = 1984;

  private static final int TO = 2028;

  private final Tree tree;
  private final Map<String, Card> cards;

  TreeView(Tree tree, Map<String, Card> cards) {
    this.tree = tree;
    this.cards = cards;
  }

  String html() {
    String legend =
        Stream.of(Kind.values())
            .map(kind -> "<span class=\"kind-" + Html.key(kind) + "\">" + kind.word() + "</span>")
            .collect(joining());
    String decades =
        Stream.iterate(1990, year -> year < TO, year -> year + 10)
            .map(TreeView::decade)
            .collect(joining());
    return """
        <div class="tree-scale" aria-hidden="true"><span class="legend">%s</span><span class="years">%s</span></div>
        <ul class="tree">
        %s</ul>"""
        .formatted(legend, decades, tree.roots().stream().map(r -> node(r, r)).collect(joining()));
  }

  private static String decade(int year) {
    double place = 100.0 * (year - FROM) / (TO - FROM);
    return String.format(Locale.ROOT, "<span style=\"left:%.1f%%\">%d</span>", place, year);
  }

  /** From the oldest to the youngest. */
  private String children(Tree.Node parent) {
    List<Tree.Node> children = parent.children();
    return children.isEmpty()
        ? ""
        : children.stream()
            .sorted(Comparator.comparing(child -> cards.get(child.name()).year()))
            .map(child -> node(child, parent))
            .collect(joining("", "<ul>\n", "</ul>"));
  }

  private String node(Tree.Node node, Tree.Node parent) {
    if (!node.isCell()) {
      return "<li><div class=\"node\"><span class=\"who work\">%s</span></div>%s</li>\n"
          .formatted(node.name(), children(node));
    }
    Card card = cards.get(node.name());
    int from = parent.isCell() ? cards.get(parent.name()).year() : card.year();
    return """
        <li data-node="%1$s"><div class="node kind-%2$s"><span class="who">%3$s <span class="note">%4$s</span>%5$s</span>\
        <span class="year">%6$d</span><span class="time" style="--p:%7$d;--y:%6$d" aria-hidden="true"></span></div>%8$s</li>
        """
        .formatted(
            card.name(),
            Html.key(card.kind()),
            Html.link(card.name()),
            Html.escape(card.idea()),
            others(node),
            card.year(),
            Math.min(from, card.year()),
            children(node));
  }

  private static String others(Tree.Node node) {
    return node.others().isEmpty()
        ? ""
        : node.others().stream()
            .map(Html::link)
            .collect(joining(", ", " <span class=\"plus\">", "</span>"));
  }
}
