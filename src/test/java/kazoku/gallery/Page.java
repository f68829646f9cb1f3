package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The gallery as one page of HTML: {@code page.html} with its places filled. */
final class Page {
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private final List<Guide.Chapter> chapters = Guide.chapters();
  private final Map<String, Card> cards = new LinkedHashMap<>();
  private final Tree tree;

  /**
   * A page.
   *
   * @param cards of all cells
   */
  Page(List<Card> cards) {
    cards.forEach(card -> this.cards.put(card.name(), card));
    this.tree = new Tree(this.cards.keySet());
  }

  /** The whole text. */
  String html() {
    Map<String, String> places =
        Map.ofEntries(
            Map.entry("count", Integer.toString(cards.size())),
            Map.entry("first", Integer.toString(years().min(Integer::compare).orElseThrow())),
            Map.entry("last", Integer.toString(years().max(Integer::compare).orElseThrow())),
            Map.entry("width", Integer.toString(Card.WIDTH)),
            Map.entry("css", Resources.text("page.css")),
            Map.entry("js", Resources.text("page.js")),
            Map.entry("filters", filters()),
            Map.entry("contents", chapters.stream().map(Page::contents).collect(joining("\n"))),
            Map.entry("tree", new TreeView(tree, cards).html()),
            Map.entry("table", new TableView(cards.values()).html()),
            Map.entry("chapters", chapters.stream().map(this::chapter).collect(joining("\n"))),
            Map.entry("reading", Resources.text("reading.html")));
    return PLACE
        .matcher(Resources.text("page.html"))
        .replaceAll(place -> Matcher.quoteReplacement(places.get(place.group(1))));
  }

  private Stream<Integer> years() {
    return cards.values().stream().flatMap(card -> card.years().stream());
  }

  static String decade(int year) {
    return year / 10 + "0";
  }

  private String filters() {
    Map<String, String> branches = new LinkedHashMap<>();
    chapters.forEach(chapter -> branches.put(chapter.id(), chapter.title()));
    Map<String, String> kinds = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      kinds.put(Html.key(kind), kind.word());
    }
    Map<String, String> decades = new LinkedHashMap<>();
    years().sorted().map(Page::decade).forEach(decade -> decades.put(decade, decade + "s"));
    Map<String, String> peers = new LinkedHashMap<>();
    for (Peer peer : Peer.values()) {
      peers.put(Html.key(peer), peer.label());
    }
    return select("chapter", "Branch", branches)
        + select("kind", "Recurrence", kinds)
        + select("decade", "Decade", decades)
        + select("peers", "Agrees with", peers);
  }

  private static String select(String name, String label, Map<String, String> options) {
    return """
        <label><span class="visually-hidden">%1$s</span><select name="%2$s"><option value="">%1$s: any</option>%3$s</select></label>
        """
        .formatted(
            label,
            name,
            options.entrySet().stream()
                .map(o -> "<option value=\"%s\">%s</option>".formatted(o.getKey(), o.getValue()))
                .collect(joining()));
  }

  private static String contents(Guide.Chapter chapter) {
    return "<li data-chapter-entry><a href=\"#%s\">%s</a>\n<ul>%s</ul></li>"
        .formatted(
            chapter.id(),
            chapter.title(),
            chapter.cells().stream()
                .map(name -> "<li data-row=\"" + name + "\">" + Html.link(name) + "</li>")
                .collect(joining("\n")));
  }

  private String chapter(Guide.Chapter chapter) {
    return """
        <section class="chapter" id="%1$s" aria-labelledby="%1$s-title">
        <h2 id="%1$s-title">%2$s</h2>
        <p class="about">%3$s</p>
        %4$s</section>"""
        .formatted(
            chapter.id(),
            chapter.title(),
            chapter.about(),
            chapter.cells().stream()
                .map(name -> CardView.html(cards.get(name), chapter, tree))
                .collect(joining()));
  }
}
