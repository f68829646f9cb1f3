package kazoku.train;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import kazoku.Checks;
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
  private final Map<String, Quantity> quantities;

  /**
   * A quantity.
   *
   * @param row its shape at one step
   * @param values {@code [T][N]}, N the size of a row
   */
  record Quantity(Shape row, float[][] values) {}

  Activity(String path, int steps, Map<String, Quantity> quantities) {
    this.path = path;
    this.steps = steps;
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
