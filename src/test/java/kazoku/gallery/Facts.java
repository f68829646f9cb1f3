package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kazoku.Checks;

/** What a card says of a cell's sizes and costs, how it runs, and of its relatives. */
final class Facts {
  private final Card card;
  private final Tree tree;
  private final StringBuilder html = new StringBuilder();

  private Facts(Card card, Tree tree) {
    this.card = card;
    this.tree = tree;
  }

  static String html(Card card, Tree tree) {
    Facts facts = new Facts(card, tree);
    facts.sizesAndCosts();
    facts.inputsAndLetters();
    facts.wide("Agrees with", facts.agreement());
    facts.wide("In the family", facts.relatives());
    return "<section aria-label=\"Sizes and costs\"><dl class=\"facts\">\n"
        + facts.html
        + "</dl></section>\n";
  }

  private void fact(String name, String value) {
    html.append("<div><dt>" + name + "</dt><dd>" + value + "</dd></div>\n");
  }

  private void wide(String name, String value) {
    if (!value.isEmpty()) {
      html.append("<div class=\"wide\"><dt>" + name + "</dt><dd>" + value + "</dd></div>\n");
    }
  }

  private void sizesAndCosts() {
    fact("Parameters", worked(Cost.PARAMETERS, fixed()));
    fact("Multiply-adds a step, a row", worked(Cost.PRODUCTS, inTheLoop()));
    String functions =
        card.sizes().formulas(Cost.FUNCTION).entrySet().stream()
            .map(f -> Html.formula(f.getValue()) + " " + functionName(f.getKey()))
            .collect(joining(", "));
    fact("Functions a step, a row", functions.isEmpty() ? "none" : functions);
    fact("State", Html.shapes(card.sizes().shapes(Cost.SLOT)));
    fact("Runs", card.kind().runs());
  }

  /** A formula, what it comes to, and what else there is to say of it. */
  private String worked(String what, String more) {
    String widths =
        card.sizes().widths().stream().map(Polynomial.HTML::letter).collect(joining(" = "));
    return Html.formula(card.sizes().formula(what))
        + "<small>%s for %s = %d%s</small>"
            .formatted(Html.number(card.value(what)), widths, Card.WIDTH, more);
  }

  private String fixed() {
    Polynomial fixed = card.sizes().formula(Cost.FIXED);
    return fixed.isZero() ? "" : "; " + fixed.written(Polynomial.HTML) + " more are not trained";
  }

  private String inTheLoop() {
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

  private void inputsAndLetters() {
    String beside =
        card.beside().entrySet().stream()
            .map(e -> Html.code(e.getKey()) + " " + Checks.text(e.getValue().shape()))
            .collect(joining(", "));
    if (!beside.isEmpty()) {
      fact("Beside the input", beside);
    }
    String letters =
        card.sizes().letters().entrySet().stream()
            .filter(letter -> !letter.getValue().isEmpty())
            .map(letter -> Polynomial.HTML.letter(letter.getKey()) + " " + letter.getValue())
            .collect(joining("<br>"));
    if (!letters.isEmpty()) {
      fact("Letters", letters);
    }
  }

  /** By whom there is an implementation with the same numbers, and how near they come. */
  private String agreement() {
    Map<String, Double> differences = new TreeMap<>();
    for (Agreement agreement : card.agreements()) {
      Peer peer = Peer.of(agreement.library());
      // Well-known libraries come first.
      differences.merge(
          peer.ordinal() + peer.name(agreement.library()), agreement.difference(), Math::max);
    }
    return differences.entrySet().stream()
        .map(
            peer ->
                Html.escape(peer.getKey().substring(1))
                    + (peer.getValue() == 0 ? " exactly" : " to " + Html.power(peer.getValue())))
        .collect(joining("; "));
  }

  private String relatives() {
    String from = tree.from(card.name()).stream().map(Html::link).collect(joining(", "));
    String to = tree.to(card.name()).stream().map(Html::link).collect(joining(", "));
    return Stream.of(from.isEmpty() ? "" : "from " + from, to.isEmpty() ? "" : "led to " + to)
        .filter(text -> !text.isEmpty())
        .collect(joining("; "));
  }
}
