package kazoku.train;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.draw.Chart;
import org.tensorflow.ndarray.Shape;

/**
 * What a recurrent cell computes at each step of one sequence: how open its gates are, what it
 * proposes, what it keeps, by the names of its equations.
 *
 * <pre>{@code
 * Activity activity = model.activity("rnn", test.select(7));
 * float[][] f = activity.get("f");                              // [T][H]
 * }</pre>
 *
 * <p>The names are those of {@link kazoku.Trace#quantities}: {@code x}, what the equations name
 * ({@code i}, {@code f}, {@code o} of an LSTM), the state <em>after</em> each step by slot ({@code
 * c}, {@code h}), and the output ({@code y} if it is nothing of these). Everything is computed as
 * in evaluation, from the weights that the model has now.
 */
public final class Activity {
  private final String path;
  private final int steps;
  private final Shape output;
  private final Map<String, Quantity> quantities;

  /**
   * A quantity.
   *
   * @param row its shape at one step
   * @param values {@code [T][N]}, N the size of a row
   */
  record Quantity(Shape row, float[][] values) {}

  /**
   * What a cell has done.
   *
   * @param path where it is
   * @param steps T
   * @param output the shape of its output at one step
   * @param quantities by name
   */
  Activity(String path, int steps, Shape output, Map<String, Quantity> quantities) {
    this.path = path;
    this.steps = steps;
    this.output = output;
    this.quantities = Collections.unmodifiableMap(new LinkedHashMap<>(quantities));
  }

  /**
   * Where the cell is.
   *
   * @return the path of its weights, {@code rnn/cell}
   */
  public String path() {
    return path;
  }

  /**
   * The number of steps.
   *
   * @return T, as many as are valid
   */
  public int steps() {
    return steps;
  }

  /**
   * What is computed.
   *
   * @return names, in the order in which a step computes them
   */
  public Set<String> names() {
    return quantities.keySet();
  }

  /**
   * A quantity at each step. In a {@linkplain kazoku.RNN#reversed() reversed} layer, which reads
   * from the last step to the first, steps are in the order of the input all the same. Steps that a
   * mask takes out are zeros.
   *
   * @param name one of {@link #names}
   * @return a copy, {@code [T][N]}; for images, the elements of a step in row-major order
   * @throws IllegalArgumentException if there is no such quantity
   */
  public float[][] get(String name) {
    return Arrays.stream(quantity(name).values).map(float[]::clone).toArray(float[][]::new);
  }

  /**
   * The shape of a quantity at one step.
   *
   * @param name one of {@link #names}
   * @return {@code [H]} as a rule
   * @throws IllegalArgumentException if there is no such quantity
   */
  public Shape shape(String name) {
    return quantity(name).row;
  }

  /**
   * Draws the quantities as heat maps, units by steps: {@code activity.chart("i", "f",
   * "o").write(Path.of("gates.svg"))}.
   *
   * @param names which, from top to bottom; all where none is named
   * @return the picture
   * @throws IllegalArgumentException if there is no such quantity
   * @throws IllegalStateException if the sequence has no step
   */
  public Chart chart(String... names) {
    requireSteps();
    Chart chart = Chart.overSteps(path);
    for (String name : names.length == 0 ? quantities.keySet() : List.of(names)) {
      Quantity quantity = quantity(name);
      chart = chart.heat(name, Checks.text(quantity.row), quantity.values);
    }
    return chart;
  }

  /**
   * Draws what one unit does as lines: in one plot what is between 0 and 1, as gates are, and in
   * another the rest.
   *
   * @param unit which one, counted from 0
   * @param names which quantities; where none is named all but {@code x} that have the shape of the
   *     output
   * @return the picture
   * @throws IllegalArgumentException if there is no such quantity, or if one has no such unit
   * @throws IllegalStateException if the sequence has no step
   */
  public Chart unit(int unit, String... names) {
    requireSteps();
    Map<String, float[]> shares = new LinkedHashMap<>();
    Map<String, float[]> others = new LinkedHashMap<>();
    for (String name : names.length == 0 ? likeOutput() : List.of(names)) {
      Quantity quantity = quantity(name);
      Checks.require(
          unit >= 0 && unit < quantity.row.size(),
          "Activity",
          "a unit of " + name + " must be in 0.." + (quantity.row.size() - 1),
          unit);
      boolean share = all(quantity).allMatch(value -> value >= 0 && value <= 1);
      (share ? shares : others).put(name, column(quantity, unit));
    }
    Chart chart = Chart.overSteps(path + ", unit " + unit);
    chart = lines(chart, "from 0 to 1", shares);
    return lines(chart, shares.isEmpty() ? "" : "others", others);
  }

  private Chart lines(Chart chart, String words, Map<String, float[]> lines) {
    return lines.isEmpty()
        ? chart
        : chart.lines("", words, steps(lines.values()), lines.keySet().toArray(String[]::new));
  }

  private List<String> likeOutput() {
    return names().stream()
        .filter(name -> !name.equals("x") && quantity(name).row.equals(output))
        .toList();
  }

  private float[][] steps(Collection<float[]> lines) {
    float[][] all = new float[steps][lines.size()];
    int k = 0;
    for (float[] line : lines) {
      for (int t = 0; t < steps; t++) {
        all[t][k] = line[t];
      }
      k++;
    }
    return all;
  }

  private static float[] column(Quantity quantity, int unit) {
    float[] column = new float[quantity.values.length];
    for (int t = 0; t < column.length; t++) {
      column[t] = quantity.values[t][unit];
    }
    return column;
  }

  private void requireSteps() {
    if (steps == 0) {
      throw new IllegalStateException("Activity: there is nothing to draw; the sequence is empty");
    }
  }

  private Quantity quantity(String name) {
    Quantity quantity = quantities.get(name);
    Checks.require(
        quantity != null, "Activity", "a quantity of " + path + " must be one of " + names(), name);
    return quantity;
  }

  /**
   * The quantities as a table.
   *
   * @return a line for each: its shape, the mean of all units at the first step, the middle one and
   *     the last, and the smallest and largest number of all
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    line(text, path, steps + " steps", "first", "middle", "last", "smallest", "largest");
    quantities.forEach(
        (name, quantity) ->
            line(
                text,
                name,
                Checks.text(quantity.row),
                number(mean(quantity, 0)),
                number(mean(quantity, steps / 2)),
                number(mean(quantity, steps - 1)),
                number(all(quantity).min().orElse(Double.NaN)),
                number(all(quantity).max().orElse(Double.NaN))));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String shape, String... numbers) {
    text.append("%-20s %-12s".formatted(name, shape));
    for (String number : numbers) {
      text.append("%9s".formatted(number));
    }
    text.append(System.lineSeparator());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.3f", value);
  }

  private double mean(Quantity quantity, int step) {
    return steps == 0 ? Double.NaN : numbers(quantity.values[step]).average().orElse(Double.NaN);
  }

  private static DoubleStream all(Quantity quantity) {
    return Arrays.stream(quantity.values).flatMapToDouble(Activity::numbers);
  }

  private static DoubleStream numbers(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
  }
}
