package kazoku.draw;

import java.nio.file.Path;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.RecurrentLayer;
import kazoku.RowLayer;
import kazoku.Trace;
import kazoku.Weights;

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
  private final String title;
  private final Drawing drawing;
  private final Theme theme;

  private Figure(String title, Drawing drawing, Theme theme) {
    this.title = title;
    this.drawing = drawing;
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
    return new Figure("Cell", new StepDrawing(WrittenStep.of(trace)), Theme.LIGHT);
  }

  /**
   * The figure of a layer that is given by its equation, as it is evaluated.
   *
   * @param layer the layer
   * @return the figure, with the layer's name for a title
   */
  public static Figure of(RowLayer layer) {
    Checks.given("Figure", "layer", layer);
    return new Figure(
        layer.getClass().getSimpleName(), new StepDrawing(WrittenStep.of(layer)), Theme.LIGHT);
  }

  /**
   * The figure of a recurrent layer over three steps: its cells with their state, which goes from
   * step to step, layers above each other, both directions; with all shapes.
   *
   * @param layer an {@link kazoku.RNN}, {@link kazoku.Bidirectional} or {@link kazoku.Stacked}
   * @return the figure, with the layer's name for a title
   * @throws IllegalArgumentException if it is another one
   */
  public static Figure of(RecurrentLayer layer) {
    Checks.given("Figure", "layer", layer);
    return new Figure(layer.getClass().getSimpleName(), new Unrolled(layer), Theme.LIGHT);
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
    return new Figure(title, new StepDrawing(WrittenStep.of(result)), Theme.LIGHT);
  }

  /**
   * The same figure under another title.
   *
   * @param title is shown where a pointer rests on the figure, and read out by screen readers
   * @return the figure
   */
  public Figure titled(String title) {
    Checks.given("Figure", "title", title);
    return new Figure(title, drawing, theme);
  }

  /**
   * The same figure in other colours.
   *
   * @param theme the colours; {@link Theme#LIGHT} by default
   * @return the figure
   */
  public Figure theme(Theme theme) {
    Checks.given("Figure", "theme", theme);
    return new Figure(title, drawing, theme);
  }

  /**
   * The figure as SVG, the same text each time. It can stand in an HTML page as it is, beside
   * others.
   *
   * @return the text of an {@code svg} element
   */
  public String svg() {
    try {
      return drawing.svg(theme, title);
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
    Svg.write("Figure", file, this::svg);
  }

  /** What is drawn of a step, before it has places. */
  Picture picture() {
    return ((StepDrawing) drawing).picture();
  }

  /** The text of a step's figure that is laid out. */
  String svg(Sheet sheet) {
    return sheet.svg(theme, title);
  }
}
