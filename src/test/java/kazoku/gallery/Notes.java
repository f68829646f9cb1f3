package kazoku.gallery;

import static java.util.stream.Collectors.joining;

/** What a card unfolds: where the cell is from, and everything that its class comment says. */
final class Notes {
  private Notes() {}

  static String html(Card card) {
    return """
        <details class="notes">
        <summary>Source, agreement, weights, first values, settings<span class="visually-hidden"> of %s</span></summary>
        <h4>Source</h4>
        <p class="source">%s</p>
        <h4>Agreement with other implementations</h4>
        <div class="frame" role="region" aria-label="What %1$s agrees with" tabindex="0"><table class="agreement">
        <thead><tr><th scope="col">Implementation</th><th scope="col">Compared</th><th scope="col">Largest difference</th></tr></thead>
        <tbody>
        %s</tbody></table></div>
        <h4>Weights</h4>
        <p>%s</p>
        <h4>Class comment</h4>
        %s
        <h4>Settings</h4>
        <dl class="settings">
        %s</dl>
        </details>
        """
        .formatted(
            card.name(),
            card.comment().source(),
            card.agreements().stream().map(Notes::row).collect(joining()),
            Html.shapes(card.sizes().shapes(Cost.WEIGHT)),
            card.comment().notes().stream().map(note -> note(card, note)).collect(joining("\n")),
            card.comment().parameters().entrySet().stream()
                .map(p -> "<dt>%s</dt><dd>%s</dd>\n".formatted(p.getKey(), p.getValue()))
                .collect(joining()));
  }

  private static String row(Agreement agreement) {
    return "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\n"
        .formatted(
            Html.escape(agreement.library()),
            Html.escape(String.join("; ", agreement.what())),
            Html.power(agreement.difference()));
  }

  private static String note(Card card, String note) {
    return note.startsWith(Comment.BLOCK)
        ? note.replace(
            Comment.BLOCK,
            "<pre tabindex=\"0\" role=\"region\" aria-label=\"Equations in the class comment of "
                + card.name()
                + "\">")
        : "<p>" + note + "</p>";
  }
}
