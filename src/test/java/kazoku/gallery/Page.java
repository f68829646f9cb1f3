package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The gallery as one page of HTML. */
final class Page {
  /** The width of input and state for which formulas are worked out. */
  private static final int WIDTH = 64;

  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
  private static final Pattern LINK = Pattern.compile("<a href=\"http[^>]*>.*?</a>");
  private static final Pattern SENTENCE_END = Pattern.compile("(?<!\\b\\p{Lu})\\. ");
  private static final Pattern FIGURE_STYLE = Pattern.compile("<style>.*?</style>\n?");
  private static final Pattern FIGURE_WIDTH = Pattern.compile(" width=\"([\\d.]+)\" height=");

  private final List<Guide.Chapter> chapters;
  private final Map<String, Card> cards = new LinkedHashMap<>();
  private final Tree tree;

  /**
   * A page.
   *
   * @param cards of all cells
   */
  Page(List<Card> cards) {
    cards.forEach(card -> this.cards.put(card.name(), card));
    this.chapters = Guide.chapters();
    this.tree = new Tree(this.cards.keySet());
  }

  /** The whole text. */
  String html() {
    Map<String, String> places =
        Map.ofEntries(
            Map.entry("count", Integer.toString(cards.size())),
            Map.entry("first", Integer.toString(years().min(Integer::compare).orElseThrow())),
            Map.entry("last", Integer.toString(years().max(Integer::compare).orElseThrow())),
            Map.entry("width", Integer.toString(WIDTH)),
            Map.entry("css", Resources.text("page.css")),
            Map.entry("js", Resources.text("page.js")),
            Map.entry("filters", filters()),
            Map.entry("contents", chapters.stream().map(this::contents).collect(joining("\n"))),
            Map.entry("tree", tree()),
            Map.entry("table", table()),
            Map.entry("chapters", chapters.stream().map(this::chapter).collect(joining("\n"))),
            Map.entry("reading", Resources.text("reading.html")));
    return filled(filled(Resources.text("page.html"), places), places);
  }

  private static String filled(String text, Map<String, String> places) {
    return PLACE
        .matcher(text)
        .replaceAll(place -> Matcher.quoteReplacement(places.get(place.group(1))));
  }

  private Stream<Integer> years() {
    return cards.values().stream().flatMap(card -> card.years().stream());
  }

  // Filters and contents

  private String filters() {
    Map<String, String> kinds = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      kinds.put(key(kind), kind.word());
    }
    Map<String, String> branches = new LinkedHashMap<>();
    chapters.forEach(chapter -> branches.put(chapter.id(), chapter.title()));
    Map<String, String> decades = new LinkedHashMap<>();
    years()
        .map(Page::decade)
        .distinct()
        .sorted()
        .forEach(decade -> decades.put(decade, decade + "s"));
    Map<String, String> peers = new LinkedHashMap<>();
    for (Peer peer : Peer.values()) {
      peers.put(key(peer), peer.label());
    }
    return select("chapter", "Branch", branches)
        + select("kind", "Recurrence", kinds)
        + select("decade", "Decade", decades)
        + select("peers", "Agrees with", peers);
  }

  private static String key(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String decade(int year) {
    return year / 10 + "0";
  }

  private static String select(String name, String label, Map<String, String> options) {
    return "<label><span class=\"visually-hidden\">%s</span><select name=\"%s\">"
            .formatted(label, name)
        + "<option value=\"\">%s: any</option>".formatted(label)
        + options.entrySet().stream()
            .map(o -> "<option value=\"%s\">%s</option>".formatted(o.getKey(), o.getValue()))
            .collect(joining())
        + "</select></label>\n";
  }

  private String contents(Guide.Chapter chapter) {
    return "<li data-chapter-entry><a href=\"#%s\">%s</a>\n<ul>%s</ul></li>"
        .formatted(
            chapter.id(),
            chapter.title(),
            chapter.cells().keySet().stream()
                .map(
                    name ->
                        "<li data-row=\"%1$s\"><a href=\"#%1$s\">%2$s</a></li>"
                            .formatted(name, shortName(name)))
                .collect(joining("\n")));
  }

  private static String shortName(String cell) {
    return cell.replaceFirst("Cell$", "");
  }

  // Tree

  private String tree() {
    String decades =
        Stream.of(1990, 2000, 2010, 2020)
            .map(
                year ->
                    "<span style=\"left:%.1f%%\">%d</span>".formatted((year - 1984) / 0.44, year))
            .collect(joining());
    String legend =
        Stream.of(Kind.values())
            .map(kind -> "<span class=\"kind-%s\">%s</span>".formatted(key(kind), kind.word()))
            .collect(joining());
    return "<div class=\"tree-scale\" aria-hidden=\"true\"><span class=\"legend\">"
        + legend
        + "</span><span class=\"years\">"
        + decades
        + "</span></div>\n<ul class=\"tree\">\n"
        + nodes(tree.roots(), null)
        + "</ul>";
  }

  private String nodes(List<Tree.Node> nodes, Tree.Node parent) {
    return nodes.stream()
        .sorted(Comparator.comparingInt(node -> node.isCell() && parent != null ? year(node) : 0))
        .map(node -> node(node, parent))
        .collect(joining());
  }

  private int year(Tree.Node node) {
    return node.isCell()
        ? cards.get(node.name()).year()
        : node.children().stream().mapToInt(this::year).min().orElseThrow();
  }

  private String node(Tree.Node node, Tree.Node parent) {
    String children =
        node.children().isEmpty() ? "" : "<ul>\n" + nodes(node.children(), node) + "</ul>";
    if (!node.isCell()) {
      return "<li><div class=\"node\"><span class=\"who work\">%s</span></div>%s</li>\n"
          .formatted(node.name(), children);
    }
    Card card = cards.get(node.name());
    String others =
        node.others().stream()
            .map(name -> "<a href=\"#%s\">%s</a>".formatted(name, shortName(name)))
            .collect(joining(", "));
    int from = parent == null || !parent.isCell() ? card.year() : year(parent);
    return """
        <li data-node="%1$s"><div class="node kind-%2$s"><span class="who"><a href="#%1$s">%3$s</a> <span class="note">%5$s</span>%4$s</span>\
        <span class="year">%6$d</span><span class="time" style="--p:%7$d;--y:%6$d" aria-hidden="true"></span></div>%8$s</li>
        """
        .formatted(
            card.name(),
            key(card.kind()),
            shortName(card.name()),
            others.isEmpty() ? "" : " <span class=\"plus\">" + others + "</span>",
            card.idea(),
            card.year(),
            Math.min(from, card.year()),
            children);
  }

  // Table

  private String table() {
    return "<table><thead><tr><td class=\"choose\"></td>"
        + head("Cell", 1, 1)
        + head("Year", 2, 1)
        + head("Parameters", 3, 2)
        + head("Multiply-adds a step", 5, 2)
        + head("State", 7, 1)
        + head("Recurrence", 8, 1)
        + "</tr></thead>\n<tbody>\n"
        + cards.values().stream()
            .sorted(Comparator.comparingLong(card -> value(card, Cost.PARAMETERS)))
            .map(this::row)
            .collect(joining())
        + "</tbody></table>";
  }

  private static String head(String title, int column, int columns) {
    return "<th scope=\"%s\"%s><button type=\"button\" data-column=\"%d\">%s</button></th>"
        .formatted(
            columns == 1 ? "col" : "colgroup",
            columns == 1 ? "" : " colspan=\"" + columns + "\"",
            column,
            title);
  }

  private String row(Card card) {
    return """
        <tr data-row="%1$s"><td class="choose"><input class="js-only" type="checkbox" data-compare="%1$s" aria-label="Compare %1$s"></td><th scope="row" data-sort="%1$s"><a href="#%1$s">%2$s</a></th><td data-sort="%3$d">%3$d</td>%4$s%5$s\
        <td class="formula" data-sort="%6$d">%7$s</td><td data-sort="%8$s">%8$s</td></tr>
        """
        .formatted(
            card.name(),
            shortName(card.name()),
            card.year(),
            cells(card, Cost.PARAMETERS),
            cells(card, Cost.PRODUCTS),
            value(card, Cost.STATE),
            card.sizes().formula(Cost.STATE).written(Polynomial.HTML),
            card.kind().word());
  }

  private static String cells(Card card, String what) {
    Polynomial formula = card.sizes().formula(what);
    String written =
        formula.terms().size() > 4
            ? "<a href=\"#" + card.name() + "\">of several sizes</a>"
            : formula.written(Polynomial.HTML);
    return "<td class=\"formula\" data-sort=\"%d\">%s</td><td class=\"number\">%,d</td>"
        .formatted(value(card, what), written, value(card, what));
  }

  private static long value(Card card, String what) {
    return card.sizes().formula(what).at(card.sizes().valuesWith(WIDTH));
  }

  // Cards

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
            chapter.cells().keySet().stream()
                .map(name -> card(cards.get(name), chapter))
                .collect(joining()));
  }

  private String card(Card card, Guide.Chapter chapter) {
    String peers =
        card.agreements().stream()
            .map(agreement -> key(Peer.of(agreement.library())))
            .distinct()
            .collect(joining(" "));
    String decades = card.years().stream().map(Page::decade).distinct().collect(joining(" "));
    String text =
        Stream.of(
                card.name(),
                card.idea(),
                card.source(),
                card.comment().idea(),
                card.comment().source())
            .map(part -> part.replaceAll("<[^>]*>", "").replace("\"", "&quot;"))
            .collect(joining(" "));
    return """
        <article class="card" id="%1$s" aria-labelledby="%1$s-name" data-chapter="%2$s" data-kind="%3$s" data-decade="%4$s" data-peers="%5$s" data-text="%6$s">
        <header>
        <h3 id="%1$s-name"><a href="#%1$s">%1$s</a></h3>
        <label class="choose js-only"><input type="checkbox" data-compare="%1$s">Compare<span class="visually-hidden"> %1$s</span></label>
        <p class="tag">%7$s · %8$s%15$s</p>
        </header>
        <p class="idea">%9$s</p>
        %10$s%11$s%12$s%13$s%14$s</article>
        """
        .formatted(
            card.name(),
            chapter.id(),
            key(card.kind()),
            decades,
            peers,
            text,
            Comment.escape(card.idea()),
            Comment.escape(card.source()),
            card.comment().idea(),
            equations(card),
            figure(card),
            facts(card),
            code(card),
            notes(card),
            papers(card));
  }

  /** What the source links to where it names the papers: up to the end of that sentence. */
  private static String papers(Card card) {
    String source = card.comment().source();
    Matcher first = LINK.matcher(source);
    if (!first.find()) {
      return "";
    }
    Matcher end = SENTENCE_END.matcher(source);
    String sentence = end.find(first.end()) ? source.substring(0, end.start()) : source;
    return LINK.matcher(sentence).results().map(link -> ", " + link.group()).collect(joining());
  }

  private static String equations(Card card) {
    return """
        <section class="equations">
        <div class="head"><h4>Equations</h4></div>
        %s
        </section>
        """
        .formatted(
            card.comment().notes().stream()
                .filter(note -> note.startsWith("<pre>"))
                .findFirst()
                .orElse("")
                .replace(
                    "<pre>\n",
                    "<pre tabindex=\"0\" role=\"region\" aria-label=\"Equations of "
                        + card.name()
                        + "\">"));
  }

  private static String figure(Card card) {
    Matcher width = FIGURE_WIDTH.matcher(card.figure());
    if (!width.find()) {
      throw new IllegalStateException(card.name() + ": its figure says no width");
    }
    return """
        <section class="figure frame" role="region" aria-label="Figure of %s" tabindex="0" style="--w:%s">
        %s
        </section>
        """
        .formatted(card.name(), width.group(1), figure(card.figure()));
  }

  /** A figure without colours of its own: they are the page's. */
  static String figure(String svg) {
    return FIGURE_STYLE.matcher(svg).replaceAll("").strip();
  }

  private String facts(Card card) {
    Sizes sizes = card.sizes();
    Polynomial parameters = sizes.formula(Cost.PARAMETERS);
    Polynomial products = sizes.formula(Cost.PRODUCTS);
    StringBuilder facts = new StringBuilder();
    String fixed =
        sizes.formula(Cost.FIXED).isZero()
            ? ""
            : "and "
                + sizes.formula(Cost.FIXED).written(Polynomial.HTML)
                + " that are not trained; ";
    facts.append(
        fact(
            "Parameters",
            formula(parameters) + small(fixed + worked(value(card, Cost.PARAMETERS)))));
    facts.append(
        fact(
            "Multiply-adds a step, a row",
            formula(products) + small(worked(value(card, Cost.PRODUCTS)) + inTheLoop(card))));
    Map<String, Polynomial> functions = sizes.formulas(Cost.FUNCTION);
    facts.append(
        fact(
            "Functions a step, a row",
            functions.isEmpty()
                ? "none"
                : functions.entrySet().stream()
                    .map(f -> formula(f.getValue()) + " " + functionName(f.getKey()))
                    .collect(joining(", "))));
    facts.append(fact("State", shapes(sizes.shapes(Cost.SLOT))));
    facts.append(fact("Runs", "<span>" + card.kind().runs() + "</span>"));
    if (!card.beside().isEmpty()) {
      facts.append(
          fact(
              "Beside the input",
              card.beside().entrySet().stream()
                  .map(
                      e ->
                          "<code>"
                              + e.getKey()
                              + "</code> "
                              + kazoku.Checks.text(e.getValue().shape()))
                  .collect(joining(", "))));
    }
    Map<String, String> letters = sizes.letters();
    letters.keySet().removeIf(letter -> letters.get(letter).isEmpty());
    if (!letters.isEmpty()) {
      facts.append(
          fact(
              "Letters",
              letters.entrySet().stream()
                  .map(l -> Polynomial.HTML.letter(l.getKey()) + " " + l.getValue())
                  .collect(joining("<br>"))));
    }
    facts.append(wide("Agrees with", agreement(card)));
    String relatives =
        Stream.of(
                relatives("from", tree.from(card.name())),
                relatives("led to", tree.to(card.name())))
            .filter(text -> !text.isEmpty())
            .collect(joining("; "));
    if (!relatives.isEmpty()) {
      facts.append(wide("In the family", relatives));
    }
    return "<section aria-label=\"Sizes and costs\"><dl class=\"facts\">\n"
        + facts
        + "</dl></section>\n";
  }

  private static String wide(String name, String value) {
    return fact(name, value).replace("<div>", "<div class=\"wide\">");
  }

  /** By whom there is an implementation with the same numbers, and how near they come. */
  private static String agreement(Card card) {
    Map<String, Double> differences = new TreeMap<>();
    Map<String, String> order = new TreeMap<>();
    for (Agreement agreement : card.agreements()) {
      Peer peer = Peer.of(agreement.library());
      String name = peer == Peer.OTHERS ? shortened(agreement.library()) : peer.label();
      differences.merge(name, agreement.difference(), Math::max);
      order.put(peer.ordinal() + name, name);
    }
    return order.values().stream()
        .map(
            name ->
                Comment.escape(name)
                    + (differences.get(name) == 0
                        ? " exactly"
                        : " to " + power(differences.get(name))))
        .collect(joining("; "));
  }

  /** A library without versions and circumstances. */
  private static String shortened(String library) {
    return library.replaceFirst("^author code ", "").split(" ?[(,;@]| [0-9a-f]{7,}\\b| \\d+\\.")[0];
  }

  private static String fact(String name, String value) {
    return "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>\n";
  }

  private static String formula(Polynomial formula) {
    return "<span class=\"formula\">" + formula.written(Polynomial.HTML) + "</span>";
  }

  private static String small(String text) {
    return "<small>" + text + "</small>";
  }

  private static String worked(long value) {
    return "%,d for <var>I</var> = <var>H</var> = %d".formatted(value, WIDTH);
  }

  private static String inTheLoop(Card card) {
    Polynomial all = card.sizes().formula(Cost.PRODUCTS);
    Polynomial loop = card.sizes().formula(Cost.IN_THE_LOOP);
    if (card.kind() == Kind.LINEAR || all.isZero() || all.equals(loop)) {
      return "";
    }
    return loop.isZero()
        ? "; all before the loop"
        : "; " + loop.written(Polynomial.HTML) + " in the loop";
  }

  private static String functionName(String glyph) {
    return switch (glyph) {
      case "1/√" -> "√";
      case "^" -> "powers";
      default -> glyph;
    };
  }

  private static String shapes(Map<String, List<Polynomial>> shapes) {
    return shapes.entrySet().stream()
        .map(s -> symbols(s.getKey()) + "\u00a0" + shape(s.getValue()))
        .collect(joining(", "));
  }

  private static String shape(List<Polynomial> axes) {
    return axes.stream()
        .map(axis -> axis.expanded(Polynomial.HTML))
        .collect(joining(", ", "<span class=\"shape\">[", "]</span>"));
  }

  /** Names of weights and slots, the last part of a path as a symbol. */
  private static String symbols(String names) {
    return "<code>" + names.replace(", ", "</code>, <code>") + "</code>";
  }

  private static String relatives(String how, List<String> names) {
    return names.isEmpty()
        ? ""
        : names.stream()
            .map(name -> "<a href=\"#%s\">%s</a>".formatted(name, shortName(name)))
            .collect(joining(", ", how + " ", ""));
  }

  private static String code(Card card) {
    return """
        <section class="code">
        <div class="head"><h4>In Java</h4><button class="copy js-only" type="button" aria-label="Copy the Java of %1$s">Copy</button></div>
        <pre tabindex="0" role="region" aria-label="Java of %1$s"><code>new RNN(%2$s)</code></pre>
        </section>
        """
        .formatted(card.name(), card.sizes().code());
  }

  private static String notes(Card card) {
    String agreement =
        card.agreements().stream()
            .map(
                a ->
                    "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\n"
                        .formatted(
                            Comment.escape(a.library()),
                            Comment.escape(String.join("; ", a.what())),
                            power(a.difference())))
            .collect(joining());
    String notes =
        card.comment().notes().stream()
            .map(note -> note.startsWith("<pre>") ? note : "<p>" + note + "</p>")
            .collect(joining("\n"));
    String settings =
        card.comment().parameters().entrySet().stream()
            .map(p -> "<dt>%s</dt><dd>%s</dd>\n".formatted(p.getKey(), p.getValue()))
            .collect(joining());
    return """
        <details class="notes">
        <summary>Source, agreement, weights, first values, settings<span class="visually-hidden"> of %s</span></summary>
        <h4>Source</h4>
        <p class="source">%s</p>
        <h4>Agreement with other implementations</h4>
        <div class="frame"><table class="agreement"><thead><tr><th scope="col">Implementation</th><th scope="col">Compared</th><th scope="col">Largest difference</th></tr></thead>
        <tbody>
        %s</tbody></table></div>
        <h4>Weights</h4>
        <p>%s</p>
        <h4>Notes</h4>
        %s
        <h4>Settings</h4>
        <dl class="settings">
        %s</dl>
        </details>
        """
        .formatted(
            card.name(),
            card.comment().source(),
            agreement,
            shapes(card.sizes().shapes(Cost.WEIGHT)),
            notes,
            settings);
  }

  /** A difference with two digits. */
  private static String power(double value) {
    if (value == 0) {
      return "0";
    }
    String[] parts = "%.1e".formatted(value).split("e");
    return parts[0]
        + "·10<sup>"
        + Integer.toString(Integer.parseInt(parts[1])).replace("-", "−")
        + "</sup>";
  }
}
