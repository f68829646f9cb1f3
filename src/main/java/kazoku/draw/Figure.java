package kazoku.draw;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Built;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.RowLayer;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Structure;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The figure of a cell, a layer or a network: of one step, of three, or of all layers as blocks.
 *
 * <p>A step is drawn from the equations themselves. A thick blue line is a product with a weight,
 * by whose symbol it is labelled; a dashed red line a function applied; a plain line hands a value
 * on. A + adds, a × multiplies element by element. Inputs and states come in on the left; outputs
 * and the next states leave on the right, and a state's way through the cell is heavier than other
 * lines. What is too wide for a page is folded into rows: a value on a grey ground goes on in a row
 * below, where it comes in under the same name or number. What is done several times in a row is
 * drawn once, with a line back that says how many times.
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
   * The figure of a layer. One that is given by its equation is drawn as a cell is. An {@link RNN},
   * a {@link kazoku.Bidirectional} or a {@link kazoku.Stacked} of them is drawn over three steps:
   * its cells with their state, which goes from step to step, layers above each other, both
   * directions; with all shapes. Any other is a {@link #network}.
   *
   * @param layer the layer
   * @return the figure, with the layer's name for a title
   * @throws IllegalArgumentException as {@link #network}
   */
  public static Figure of(Layer layer) {
    Checks.given("Figure", "layer", layer);
    if (layer instanceof RowLayer row) {
      return new Figure(title(layer), new StepDrawing(WrittenStep.of(row)), Theme.LIGHT);
    }
    if (Floor.draws(layer)) {
      return new Figure(title(layer), new Unrolled((RecurrentLayer) layer), Theme.LIGHT);
    }
    return network(layer);
  }

  /**
   * The figure of a layer as a network, as it computes in evaluation: see {@link
   * #network(Structure)}. A network with several inputs is drawn from its model, {@link
   * kazoku.train.Model#figure}.
   *
   * @param layer the layer, which {@linkplain Layer#input says} what it takes
   * @return the figure, with the layer's name for a title
   * @throws IllegalArgumentException if the layer does not say what it takes, or cannot be built on
   *     one input
   */
  public static Figure network(Layer layer) {
    Checks.given("Figure", "layer", layer);
    Shape row = layer.input();
    Checks.require(
        !row.isUnknown(),
        "Figure",
        "the layer must say what it takes, Layer.input(); draw one that does not from a model,"
            + " Model.of(layer, inputs, seed).figure()",
        layer.name());
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Signal x = input(tf, Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE).append(row));
      List<Built> built = new ArrayList<>();
      Weights w = Weights.variables(tf, 0).forInference().observed(built::add);
      Signal y;
      try {
        y = (layer instanceof Sequential ? layer : new Sequential(layer)).apply(w, x);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "Figure: the layer must be one that can be built on a single input "
                + Structure.axes(x.value())
                + "; draw one with several from a model, Model.of(layer, inputs, seed).figure(),"
                + " got "
                + e.getMessage(),
            e);
      }
      Map<String, Signal> outputs = new LinkedHashMap<>(Map.of("", y));
      outputs.putAll(y.beside());
      return network(Structure.of(w, built, Map.of("input", x), outputs)).titled(title(layer));
    }
  }

  private static Signal input(Ops tf, Shape shape) {
    Operand<? extends TNumber> value =
        shape.numDimensions() == 2
            ? tf.placeholder(TInt32.class, Placeholder.shape(shape))
            : tf.placeholder(TFloat32.class, Placeholder.shape(shape));
    return new Signal(
        value, tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE))));
  }

  private static String title(Layer layer) {
    String simple = layer.getClass().getSimpleName();
    return simple.matches("\\w+") && !(layer instanceof Layer.Named) ? simple : layer.name();
  }

  /**
   * The figure of a network, from what it takes at the top to what it gives at the bottom. Each
   * layer is a block, with its name, what it is, how many numbers its weights have, and whether its
   * steps are a loop or a scan; below it stands the shape of what it gives, {@code [B, T, 100]}: B
   * rows, T steps. Layers that consist of others are frames around them; four or more equal ones in
   * a row are drawn once. A circle or a capsule is where values meet outside of layers: a + of a
   * skip, a <em>concat</em> of two directions.
   *
   * <p>All is read off the graph that was built, and so are the lines.
   *
   * @param structure the network, whose graph is open; the figure needs the graph no more
   * @return the figure, with the title <em>Model</em>
   */
  public static Figure network(Structure structure) {
    Checks.given("Figure", "structure", structure);
    return new Figure("Model", new ModelDrawing(structure), Theme.LIGHT);
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
