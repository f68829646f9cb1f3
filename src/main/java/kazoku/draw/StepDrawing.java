package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Expr;
import kazoku.draw.Picture.Terminal;

/**
 * A step of a cell, or a layer's equation.
 *
 * @param inputs what comes in, by name
 * @param results what leaves, by name; next states have a prime
 */
record StepDrawing(Map<String, Expr> inputs, Map<String, Expr> results) implements Drawing {
  static final String OUTPUT = "y";

  StepDrawing {
    Rewriting rewriting = new Rewriting();
    inputs = rewriting.of(inputs);
    results = rewriting.of(results);
  }

  @Override
  public String svg(Theme theme, String title) {
    return Sheet.of(picture()).svg(theme, title);
  }

  /** What the output is called: by the name that its equation gives it, or y. */
  private String called(Expr output) {
    boolean state =
        results.entrySet().stream()
            .anyMatch(result -> result.getValue() == output && !result.getKey().equals(OUTPUT));
    Optional<String> own = output.name().filter(name -> !state && !inputs.containsValue(output));
    return own.orElse(inputs.containsKey(OUTPUT) ? "out" : OUTPUT);
  }

  /** What is drawn, before it has places. */
  Picture picture() {
    Terms terms = new Terms(results);
    Symbols symbols = terms.symbols();
    List<Terminal> sources = new ArrayList<>();
    inputs.forEach(
        (name, value) -> sources.add(new Terminal(symbols.symbol(name), name, terms.term(value))));
    List<Terminal> leaving = new ArrayList<>();
    Expr output = results.get(OUTPUT);
    String called = called(output);
    boolean shown = false;
    for (Map.Entry<String, Expr> result : results.entrySet()) {
      Term term = terms.term(result.getValue());
      String name = result.getKey();
      if (name.equals(OUTPUT)) {
        if (!shown) {
          leaving.add(new Terminal(symbols.symbol(called), "", term));
        }
        continue;
      }
      String slot = name.substring(0, name.length() - 1);
      Lettering label = symbols.symbol(slot).then("′");
      if (result.getValue() == output && !shown) {
        label = label.then(" = ").then(Lettering.symbol(called));
        shown = true;
      }
      leaving.add(new Terminal(label, slot, term));
    }
    return new Picture(sources, leaving);
  }
}
