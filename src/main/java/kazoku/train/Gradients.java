package kazoku.train;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import kazoku.Checks;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * The gradients of a batch's loss by all weights that reach it.
 *
 * @param each one for each weight
 * @param count how many rows or steps the loss is a mean of; where batches are put together, each
 *     weighs as much as it has
 */
public record Gradients(List<Gradient> each, Operand<TFloat32> count) {

  public Gradients {
    each = List.copyOf(each);
    Checks.given("Gradients", "count", count);
  }

  /**
   * Differentiates a loss in a graph. The gradients wait for the loss.
   *
   * @param tf operations of the graph
   * @param loss a number
   * @param weights float32 Variables by name: {@code weights.trainable()}
   * @return the gradients, all batches of one weight
   * @throws IllegalArgumentException if a weight does not reach the loss
   */
  public static Gradients of(
      Ops tf, Operand<TFloat32> loss, Map<String, ? extends Operand<? extends TNumber>> weights) {
    return of(tf, loss, weights, tf.constant(1f));
  }

  /**
   * Differentiates a loss in a graph. The gradients wait for the loss.
   *
   * @param tf operations of the graph
   * @param loss a number
   * @param weights float32 Variables by name: {@code weights.trainable()}
   * @param count how many rows or steps the loss is a mean of
   * @return the gradients
   * @throws IllegalArgumentException if a weight does not reach the loss
   */
  public static Gradients of(
      Ops tf,
      Operand<TFloat32> loss,
      Map<String, ? extends Operand<? extends TNumber>> weights,
      Operand<TFloat32> count) {
    return of(tf, loss, weights, count, List.of());
  }

  /**
   * Differentiates the loss of a network.
   *
   * @param silent its outputs that have no loss
   */
  @SuppressWarnings("unchecked") // Weights that are trained, and so their gradients, are float32.
  static Gradients of(
      Ops tf,
      Operand<TFloat32> loss,
      Map<String, ? extends Operand<? extends TNumber>> weights,
      Operand<TFloat32> count,
      Collection<String> silent) {
    Graph graph = (Graph) tf.scope().env();
    Set<GraphOperation> before = graph.subgraphTo(Set.of(loss));
    requireNone(weights.keySet(), silent, name -> !before.contains(weights.get(name).op()));
    Output<?>[] values =
        graph.addGradients(
            loss.asOutput(),
            weights.values().stream().map(Operand::asOutput).toArray(Output<?>[]::new));
    Map<String, Output<?>> gradients = new LinkedHashMap<>();
    for (String name : weights.keySet()) {
      gradients.put(name, values[gradients.size()]);
    }
    requireNone(
        weights.keySet(),
        silent,
        name -> gradients.get(name) == null || gradients.get(name).isClosed());
    List<Gradient> each = new ArrayList<>();
    gradients.forEach(
        (name, value) ->
            each.add(
                new Gradient(
                    name, (Operand<TFloat32>) weights.get(name), (Output<TFloat32>) value)));
    return new Gradients(each, count).waitingFor(tf, loss);
  }

  private static void requireNone(
      Collection<String> names, Collection<String> silent, Predicate<String> lost) {
    List<String> all = names.stream().filter(lost).toList();
    if (!all.isEmpty() || names.isEmpty()) {
      throw new IllegalArgumentException(
          names.isEmpty()
              ? "Model: there is no weight to train"
              : "Model: "
                  + String.join(", ", all)
                  + (all.size() == 1 ? " does" : " do")
                  + " not reach the loss; "
                  + (silent.isEmpty()
                      ? ""
                      : "give " + String.join(" or ", silent) + " a loss (loss.and), ")
                  + "leave the layer out, or train others only (optimizer.only)");
    }
  }

  /**
   * The same gradients, which are there only when something else is, too: what reads the weights
   * and must read them before they change.
   *
   * @param tf operations of the graph
   * @param others what is waited for
   * @return the gradients
   */
  public Gradients waitingFor(Ops tf, Op... others) {
    Ops after = tf.withControlDependencies(others);
    return with(g -> after.identity(g.value()));
  }

  /**
   * The same gradients, which are there only if the loss and all of them are finite. If not, the
   * run fails, with the name of what is not, and nothing is updated.
   *
   * @param tf operations of the graph
   * @param loss the loss
   * @return the gradients
   */
  public Gradients finite(Ops tf, Operand<TFloat32> loss) {
    return with(g -> tf.debugging.checkNumerics(g.value(), "the gradient of " + g.name()))
        .waitingFor(tf, tf.debugging.checkNumerics(loss, "the loss"));
  }

  /**
   * Other gradients by the same weights.
   *
   * @param value what is taken for each gradient
   * @return the gradients
   */
  public Gradients with(Function<Gradient, Operand<TFloat32>> value) {
    return new Gradients(
        each.stream().map(g -> new Gradient(g.name(), g.weight(), value.apply(g))).toList(), count);
  }

  /**
   * Operations that wait until all gradients are there.
   *
   * @param tf operations of the graph
   * @return the {@code Ops}
   */
  public Ops after(Ops tf) {
    List<Op> all = each.stream().<Op>map(Gradient::value).toList();
    return tf.withControlDependencies(tf.withControlDependencies(all).noOp());
  }

  /**
   * One update for each weight, which waits until all gradients are there.
   *
   * @param tf operations of the graph
   * @param update builds it, with operations that wait
   * @return what to run
   */
  public Op forEach(Ops tf, BiFunction<Ops, Gradient, Op> update) {
    Ops after = after(tf);
    List<Op> updates = new ArrayList<>();
    for (Gradient gradient : each) {
      updates.add(update.apply(after, gradient));
    }
    return tf.withControlDependencies(updates).noOp();
  }

  /**
   * The norm of all gradients together.
   *
   * @param tf operations of the graph
   * @return a number
   */
  public Operand<TFloat32> norm(Ops tf) {
    return tf.math.sqrt(
        tf.math.addN(
            each.stream().map(g -> new Value<>(tf, g.value()).square().sum().operand()).toList()));
  }
}
