package kazoku.layers;

import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import kazoku.Checks;
import kazoku.Signal;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Several signals become one. Networks with several inputs or outputs are lambdas over signals:
 *
 * <pre>{@code
 * Layer network = (w, x) -> {
 *   Signal words = new Embedding(20_000, 64, 0).apply(w.in("words"), x);
 *   Signal shapes = new Embedding(12, 8).apply(w.in("shapes"), x.beside("shapes"));
 *   Signal both = Merge.concat(w.tf(), words, shapes);
 *   Signal steps = new RNN(new GRUCell(72, 64)).apply(w.in("rnn"), both);
 *   Signal intent = new Dense(64, 7).apply(w.in("intent"), Pooling.max().apply(w, steps));
 *   return new Dense(64, 30).apply(w.in("tags"), steps).beside("intent", intent);
 * };
 * }</pre>
 *
 * <p>What is merged has the lengths, the mask and the neighbours of the first signal.
 */
public final class Merge {
  private Merge() {}

  /**
   * Side by side on the last axis.
   *
   * @param tf operations of the graph
   * @param signals at least one, of one shape but for the last axis
   * @return {@code [.., a, b, …]}
   * @throws IllegalArgumentException if they do not fit
   */
  public static Signal concat(Ops tf, Signal... signals) {
    check("concat", "but for the last axis", 1, signals);
    List<Operand<TNumber>> values =
        Arrays.stream(signals).map(s -> Vocabulary.number(s.value())).toList();
    return signals.length == 1 ? signals[0] : signals[0].with(tf.concat(values, tf.constant(-1)));
  }

  /**
   * The sum, element by element.
   *
   * @param tf operations of the graph
   * @param signals at least one, of one shape
   * @return their sum
   * @throws IllegalArgumentException if they do not fit
   */
  public static Signal sum(Ops tf, Signal... signals) {
    return reduced("sum", tf.math::add, signals);
  }

  /**
   * The product, element by element.
   *
   * @param tf operations of the graph
   * @param signals at least one, of one shape
   * @return their product
   * @throws IllegalArgumentException if they do not fit
   */
  public static Signal product(Ops tf, Signal... signals) {
    return reduced("product", tf.math::mul, signals);
  }

  private static Signal reduced(
      String who, BinaryOperator<Operand<TNumber>> operation, Signal... signals) {
    check(who, "", 0, signals);
    return signals[0].with(
        Arrays.stream(signals)
            .<Operand<TNumber>>map(s -> Vocabulary.number(s.value()))
            .reduce(operation)
            .orElseThrow());
  }

  /**
   * A row at each step of a sequence, to be merged with it.
   *
   * @param tf operations of the graph
   * @param rows {@code [B, …]}
   * @param steps the sequence, {@code [B, T, …]}
   * @return {@code [B, T, …]}, with the lengths and the mask of the sequence and the neighbours of
   *     the row
   * @throws IllegalArgumentException if there are no axes of rows and steps
   */
  public static Signal atEachStep(Ops tf, Signal rows, Signal steps) {
    Shape row = rows.value().asOutput().shape();
    Shape sequence = Steps.shape("Merge.atEachStep", steps, 2);
    Checks.require(
        row.numDimensions() > 0, "Merge.atEachStep", "the first signal must be rows [B, …]", row);
    Operand<TNumber> each =
        Steps.repeated(tf, Vocabulary.number(rows.value()), Steps.size(tf, steps.value(), 1));
    return new Signal(each, steps.lengths(), steps.mask(), rows.beside());
  }

  private static void check(String who, String except, int free, Signal... signals) {
    String name = "Merge." + who;
    Checks.require(signals.length > 0, name, "there must be at least one signal", "none");
    Operand<? extends TNumber> first = signals[0].value();
    Shape shape = first.asOutput().shape();
    for (Signal signal : signals) {
      Shape other = signal.value().asOutput().shape();
      boolean fits =
          shape.isUnknown()
              || other.isUnknown()
              || shape.numDimensions() == other.numDimensions()
                  && shape.numDimensions() >= free
                  && shape
                      .take(shape.numDimensions() - free)
                      .isCompatibleWith(other.take(other.numDimensions() - free));
      Checks.require(
          fits,
          name,
          ("all signals must have one shape " + except).strip()
              + ", "
              + Checks.text(shape)
              + "; bring rows to steps with Merge.atEachStep",
          other);
      Checks.require(
          signal.value().type() == first.type(),
          name,
          "all signals must be " + first.type().getSimpleName(),
          signal.value().type().getSimpleName());
    }
  }
}
