package kazoku.draw;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.draw.Picture.Terminal;

/** The drawing of a step of a cell, or of a layer's equation. */
record StepDrawing(WrittenStep step) implements Drawing {
  private static final String OUTPUT = "y";

  @Override
  public String svg(Theme theme, String title) {
    return Sheet.of(picture()).svg(theme, title);
  }

  /** What is drawn, before it has places; its equations are what is read out. */
  Picture picture() {
    Expr output = step.output();
    Map<String, Expr> results = new LinkedHashMap<>();
    step.next().forEach((slot, value) -> results.put(slot + "'", value));
    results.put(OUTPUT, output);
    Terms terms = new Terms(results);
    Symbols symbols = terms.symbols();
    List<Terminal> coming = new ArrayList<>();
    step.inputs()
        .forEach(
            (name, value) ->
                coming.add(new Terminal(symbols.symbol(name), name, terms.term(value))));
    List<Terminal> leaving = new ArrayList<>();
    boolean shown = false;
    for (Map.Entry<String, Expr> next : step.next().entrySet()) {
      Lettering label = symbols.symbol(next.getKey()).then("′");
      if (next.getValue() == output && !shown) {
        label = label.then(" = ").then(Lettering.symbol(outputName()));
        shown = true;
      }
      leaving.add(new Terminal(label, next.getKey(), terms.term(next.getValue())));
    }
    if (!shown) {
      leaving.add(new Terminal(symbols.symbol(outputName()), "", terms.term(output)));
    }
    return new Picture(coming, leaving, new TextNotation().lines(Script.of(step)));
  }

  /** What the output is called: by the name that its equation gives it, or y. */
  private String outputName() {
    Expr output = step.output();
    boolean other = step.next().containsValue(output) || step.inputs().containsValue(output);
    return output
        .name()
        .filter(name -> !other)
        .orElse(step.inputs().containsKey(OUTPUT) ? "out" : OUTPUT);
  }
}
