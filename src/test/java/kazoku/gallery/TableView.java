package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.Comparator;

/** All cells in a table, from the fewest parameters to the most. */
final class TableView {
  /** A formula of more terms than this is left to the card. */
  private static final int MOST_TERMS = 4;

  private final Collection<Card> cards;

  TableView(Collection<Card> cards) {
    this.cards = cards;
  }

  String html() {
    String heads =
        head("Cell", 1, 1)
            + head("Year", 2, 1)
            + head("Parameters", 3, 2)
            + head("Multiply-adds a step", 5, 2)
            + head("State", 7, 1)
            + head("Recurrence", 8, 1);
    String rows =
        cards.stream()
            .sorted(Comparator.comparing(card -> card.value(Cost.PARAMETERS)))
            .map(TableView::row)
            .collect(joining());
    return """
        <table><thead><tr><td class="choose"></td>%s</tr></thead>
        <tbody>
        %s</tbody></table>"""
        .formatted(heads, rows);
  }

  /** The heading of one column or more; they are sorted by the one whose number it has. */
  private static String head(String title, int column, int columns) {
    String scope =
        columns == 1 ? "scope=\"col\"" : "scope=\"colgroup\" colspan=\"" + columns + "\"";
    return "<th %s><button type=\"button\" data-column=\"%d\">%s</button></th>"
        .formatted(scope, column, title);
  }

  private static String row(Card card) {
    return """
        <tr data-row="%1$s"><td class="choose"><input class="js-only" type="checkbox" data-compare="%1$s" aria-label="Compare %1$s"></td>\
        <th scope="row" data-sort="%1$s">%2$s</th><td data-sort="%3$d">%3$d</td>%4$s%5$s%6$s<td data-sort="%7$s">%7$s</td></tr>
        """
        .formatted(
            card.name(),
            Html.link(card.name()),
            card.year(),
            formula(card, Cost.PARAMETERS) + number(card, Cost.PARAMETERS),
            formula(card, Cost.PRODUCTS) + number(card, Cost.PRODUCTS),
            formula(card, Cost.STATE),
            card.kind().word());
  }

  private static String formula(Card card, String what) {
    Polynomial formula = card.sizes().formula(what);
    String written =
        formula.terms().size() > MOST_TERMS
            ? "<a href=\"#" + card.name() + "\">of several sizes</a>"
            : formula.written(Polynomial.HTML);
    return "<td class=\"formula\" data-sort=\"%d\">%s</td>".formatted(card.value(what), written);
  }

  private static String number(Card card, String what) {
    return "<td class=\"number\">" + Html.number(card.value(what)) + "</td>";
  }
}
