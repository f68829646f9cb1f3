package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A card: a cell's name and idea, equations, figure, facts, Java, and what it unfolds. */
final class CardView {
  private static final Pattern LINK = Pattern.compile("<a href=\"http[^>]*>.*?</a>");
  private static final Pattern SENTENCE_END = Pattern.compile("(?<!\\b\\p{Lu})\\. ");
  private static final Pattern FIGURE_STYLE = Pattern.compile("<style>.*?</style>\n?");
  private static final Pattern FIGURE_WIDTH = Pattern.compile(" width=\"([\\d.]+)\" height=");

  private CardView() {}

  static String html(Card card, Guide.Chapter chapter, Tree tree) {
    return """
        <article class="card" id="%1$s" aria-labelledby="%1$s-name" %2$s>
        <header>
        <h3 id="%1$s-name"><a href="#%1$s">%1$s</a></h3>
        <label class="choose js-only"><input type="checkbox" data-compare="%1$s">Compare<span class="visually-hidden"> %1$s</span></label>
        <p class="tag">%3$s · %4$s%5$s</p>
        </header>
        <p class="idea">%6$s</p>
        %7$s%8$s%9$s%10$s%11$s</article>
        """
        .formatted(
            card.name(),
            found(card, chapter),
            Html.escape(card.idea()),
            Html.escape(card.source()),
            papers(card),
            card.comment().idea(),
            equations(card),
            figure(card),
            Facts.html(card, tree),
            code(card),
            Notes.html(card));
  }

  /** By what search and filters find it. */
  private static String found(Card card, Guide.Chapter chapter) {
    String decades = card.years().stream().map(Page::decade).distinct().collect(joining(" "));
    String peers =
        card.agreements().stream()
            .map(agreement -> Html.key(Peer.of(agreement.library())))
            .distinct()
            .collect(joining(" "));
    String text =
        Stream.of(
                card.name(),
                card.idea(),
                card.source(),
                card.comment().idea(),
                card.comment().source())
            .map(part -> part.replaceAll("<[^>]*>", "").replace("\"", "&quot;"))
            .collect(joining(" "));
    return "data-chapter=\"%s\" data-kind=\"%s\" data-decade=\"%s\" data-peers=\"%s\" data-text=\"%s\""
        .formatted(chapter.id(), Html.key(card.kind()), decades, peers, text);
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
        <div class="head"><h4>Equations</h4><span class="js-only">\
        <button class="copy" type="button" data-copy="%2$s" aria-label="Copy the equations of %1$s as LaTeX">Copy LaTeX</button> \
        <button class="copy" type="button" data-copy="%3$s" aria-label="Copy the equations of %1$s as text">Copy text</button></span></div>
        <div class="math">
        %4$s</div>
        </section>
        """
        .formatted(
            card.name(),
            Html.attribute(card.equations().latex()),
            Html.attribute(card.equations().text()),
            Setting.html(card.equations().text()));
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

  private static String code(Card card) {
    return """
        <section class="code">
        <div class="head"><h4>In Java</h4><button class="copy js-only" type="button" aria-label="Copy the Java of %1$s">Copy</button></div>
        <pre tabindex="0" role="region" aria-label="Java of %1$s"><code>new RNN(%2$s)</code></pre>
        </section>
        """
        .formatted(card.name(), card.sizes().code());
  }
}
