package kazoku.draw;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Level;
import kazoku.RowLayer;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.draw.Picture.Terminal;
import kazoku.internal.Vocabulary;

/**
 * The figure of a cell or a layer, drawn from its own equations.
 *
 * <p>A thick blue line is a product with a weight, by whose symbol it is labelled; a dashed red
 * line a function applied; a plain line hands a value on. A + adds, a × multiplies element by
 * element. Inputs and states come in on the left; outputs and the next states leave on the right,
 * and a state's way through the cell is heavier than other lines.
 *
 * <pre>{@code
 * Figure.of(new GRUCell(12, 64)).theme(Theme.DARK).write(Path.of("gru.svg"));
 * }</pre>
 *
 * <p>Figures are laid out by the Eclipse Layout Kernel, which is an optional dependency.
 */
public final class Figure {
  private static final String OUTPUT = "y";

  private final String title;
  private final Map<String, Expr> inputs;
  private final Map<String, Expr> results;
  private final Theme theme;

  private Figure(String title, Map<String, Expr> inputs, Map<String, Expr> results, Theme theme) {
    this.title = title;
    this.inputs = inputs;
    this.results = results;
    this.theme = theme;
  }

  /**
   * The figure of one step of a cell.
   *
   * @param cell the cell
   * @return the figure, with the cell's name for a title
   */
  public static Figure of(Cell cell) {
    Checks.given("Figure", "cell", cell);
    return of(Trace.of(cell, Weights.symbolic().forEvaluation()))
        .titled(cell.getClass().getSimpleName());
  }

  /**
   * The figure of a recorded step.
   *
   * @param trace the trace
   * @return the figure
   */
  public static Figure of(Trace trace) {
    Checks.given("Figure", "trace", trace);
    Map<String, Expr> inputs = new LinkedHashMap<>(trace.state());
    inputs.put("x", trace.input());
    Map<String, Expr> results = new LinkedHashMap<>();
    trace.next().forEach((slot, value) -> results.put(slot + "'", value));
    results.put(OUTPUT, trace.output());
    return new Figure("Cell", inputs, results, Theme.LIGHT);
  }

  /**
   * The figure of a layer that is given by its equation.
   *
   * @param layer the layer
   * @return the figure, with the layer's name for a title
   */
  public static Figure of(RowLayer layer) {
    Checks.given("Figure", "layer", layer);
    Expr x = Vocabulary.leaf("x", layer.input(), Level.SEQUENCE);
    Expr y = layer.equation(Weights.symbolic(), x);
    return new Figure(
        layer.getClass().getSimpleName(), Map.of("x", x), Map.of(OUTPUT, y), Theme.LIGHT);
  }

  /**
   * The figure of a value that is made of others.
   *
   * @param title what it is, for people
   * @param result the value; what it is made of comes in, under its own name
   * @return the figure
   */
  public static Figure of(String title, Expr result) {
    Checks.given("Figure", "title", title);
    Checks.given("Figure", "result", result);
    return new Figure(title, Map.of(), Map.of(OUTPUT, result), Theme.LIGHT);
  }

  /**
   * The same figure under another title.
   *
   * @param title is shown where a pointer rests on the figure, and read out by screen readers
   * @return the figure
   */
  public Figure titled(String title) {
    Checks.given("Figure", "title", title);
    return new Figure(title, inputs, results, theme);
  }

  /**
   * The same figure in other colours.
   *
   * @param theme the colours; {@link Theme#LIGHT} by default
   * @return the figure
   */
  public Figure theme(Theme theme) {
    Checks.given("Figure", "theme", theme);
    return new Figure(title, inputs, results, theme);
  }

  /**
   * The figure as SVG, the same text each time. It can stand in an HTML page as it is, beside
   * others.
   *
   * @return the text of an {@code svg} element
   */
  public String svg() {
    Picture picture = picture();
    try {
      return svg(Sheet.of(picture));
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "Figure: the Eclipse Layout Kernel is missing, which places what is drawn; add"
              + " org.eclipse.elk:org.eclipse.elk.alg.layered to the dependencies",
          e);
    }
  }

  /**
   * Writes the figure to a file. It is written aside and then moved into place.
   *
   * @param file {@code gru.svg}
   */
  public void write(Path file) {
    Checks.given("Figure", "file", file);
    Checks.require(
        file.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".svg"),
        "Figure",
        "the name of a figure must end in .svg",
        file.getFileName());
    String text = svg();
    Path place = file.toAbsolutePath().normalize();
    try {
      Files.createDirectories(place.getParent());
      Path aside = Files.createTempFile(place.getParent(), ".aside", ".svg");
      try {
        Files.writeString(aside, text);
        Files.move(aside, place, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Figure: cannot write " + file, e);
    }
  }

  /** The text of a figure that is laid out. */
  String svg(Sheet sheet) {
    return sheet.svg(theme, title, content().description());
  }

  /** What is drawn, before it has places. */
  Picture picture() {
    return content().picture();
  }

  /** What the output is called: by the name that its equation gives it, or y. */
  private String called(Expr output) {
    boolean state =
        results.entrySet().stream()
            .anyMatch(result -> result.getValue() == output && !result.getKey().equals(OUTPUT));
    Optional<String> own = output.name().filter(name -> !state && !inputs.containsValue(output));
    return own.orElse(inputs.containsKey(OUTPUT) ? "out" : OUTPUT);
  }

  /** What comes in and what leaves, before it is laid out. */
  private record Content(List<Terminal> sources, List<Terminal> results) {
    Picture picture() {
      return new Picture(sources, results);
    }

    String description() {
      return Description.of(sources, results);
    }
  }

  private Content content() {
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
    return new Content(sources, leaving);
  }
}
