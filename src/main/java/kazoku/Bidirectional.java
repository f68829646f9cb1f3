package kazoku;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Two cells that read a sequence in both directions, so that each step knows what comes before it
 * and what comes after it.
 *
 * <pre>
 * f_t, s_t = forward(x_t, s_{t−1})            from the first step to the last
 * b_t, r_t = backward(x_t, r_{t+1})           from the last valid step to the first
 * y_t = merge(f_t, b_t)                       output
 * </pre>
 *
 * <p>Each cell has weights and state of its own, under {@code forward/} and {@code backward/}:
 * {@code encoder/forward/U}, slot {@code backward/h}. Lengths and masks hold for both directions as
 * they do in {@link RNN}; the backward cell begins at each row's own last valid step. Its final
 * state is that of the first step.
 *
 * <p>Of {@link #last()} outputs, those are merged that each cell computes last: the forward one at
 * a row's last valid step, the backward one at its first, which both have seen the whole row. They
 * are not the outputs of one step: PyTorch's {@code output[-1]} has, for the backward cell, the
 * output that has seen one step only.
 *
 * <p>With {@link Merge#NONE} the layer gives a pair. {@link #run} gives it stacked on a new first
 * axis, {@code [2, B, T, …]}, the forward outputs first; as a layer among others it gives the
 * forward outputs, with the backward ones {@linkplain Signal#beside(String) beside} them under the
 * name {@code backward}.
 *
 * <p>Source: M. Schuster, K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions
 * on Signal Processing 45(11), 1997, <a
 * href="https://doi.org/10.1109/78.650093">doi:10.1109/78.650093</a>. TensorFlow's
 * bidirectional_dynamic_rnn and PyTorch only concatenate; Keras has the five ways to merge, and
 * puts zeros in the outputs of masked steps, as here by default. Two stacks of cells side by side
 * are a {@code Bidirectional} of {@link kazoku.wrap.StackedCell}s; layers each of which sees both
 * directions of the one below are {@link Stacked#bidirectional}.
 *
 * @param forward the cell that reads from the first step to the last
 * @param backward the cell that reads from the last step to the first; by default like the other
 * @param merge how the outputs of both become one; {@link Merge#CONCAT} by default
 * @param timeMajor whether sequences are {@code [T, B, …]} in the place of {@code [B, T, …]}, and a
 *     mask {@code [T, B]}
 * @param maskedOutput what the outputs of both cells are in steps that are not valid
 * @param lastOnly whether the layer merges the outputs that each cell computes last, and gives no
 *     others, {@code [B, …]}
 * @param loop how the steps of both are built
 */
public record Bidirectional(
    Cell forward,
    Cell backward,
    Merge merge,
    boolean timeMajor,
    RNN.MaskedOutput maskedOutput,
    boolean lastOnly,
    Loop loop)
    implements RecurrentLayer {

  /** How the outputs of both directions become one. */
  public enum Merge {
    /** Side by side on the last axis, the forward ones first. */
    CONCAT,
    /** Their sum. */
    SUM,
    /** Half their sum. */
    AVE,
    /** Their product, element by element. */
    MUL,
    /** Not at all: both, apart. */
    NONE
  }

  public Bidirectional {
    Checks.given("Bidirectional", "forward", forward);
    Checks.given("Bidirectional", "backward", backward);
    Checks.given("Bidirectional", "merge", merge);
    Checks.given("Bidirectional", "maskedOutput", maskedOutput);
    Checks.given("Bidirectional", "loop", loop);
    Checks.require(
        forward.input().equals(backward.input()),
        "Bidirectional",
        "both cells must take the same input, " + Checks.text(forward.input()),
        backward.input());
    Shape ahead = Trace.of(forward).outputShape();
    Shape back = Trace.of(backward).outputShape();
    Checks.require(
        ahead.equals(back) || merge == Merge.CONCAT && allButLast(ahead).equals(allButLast(back)),
        "Bidirectional",
        (merge == Merge.CONCAT
                ? "both cells must have outputs that differ in the last axis only, "
                : merge + " needs outputs of one shape, ")
            + Checks.text(ahead),
        back);
  }

  /**
   * A cell in both directions, with weights for each, whose outputs stand side by side.
   *
   * @param cell the cell
   */
  public Bidirectional(Cell cell) {
    this(cell, cell);
  }

  /**
   * Two cells whose outputs stand side by side.
   *
   * @param forward the cell that reads from the first step to the last
   * @param backward the cell that reads from the last step to the first
   */
  public Bidirectional(Cell forward, Cell backward) {
    this(forward, backward, Merge.CONCAT, false, RNN.MaskedOutput.ZERO, false, Loop.DEFAULT);
  }

  /**
   * The same layer with outputs merged in another way.
   *
   * @param other the way
   * @return the layer
   */
  public Bidirectional with(Merge other) {
    return new Bidirectional(forward, backward, other, timeMajor, maskedOutput, lastOnly, loop);
  }

  /**
   * The same layer, giving what each cell computes last only.
   *
   * @return the layer, whose output is {@code [B, …]}
   */
  public Bidirectional last() {
    return new Bidirectional(forward, backward, merge, timeMajor, maskedOutput, true, loop);
  }

  /**
   * The same layer on sequences {@code [T, B, …]}.
   *
   * @return the layer
   */
  public Bidirectional onTimeMajor() {
    return new Bidirectional(forward, backward, merge, true, maskedOutput, lastOnly, loop);
  }

  /**
   * The same layer with other outputs of steps that are not valid.
   *
   * @param other what the outputs are
   * @return the layer
   */
  public Bidirectional with(RNN.MaskedOutput other) {
    return new Bidirectional(forward, backward, merge, timeMajor, other, lastOnly, loop);
  }

  /**
   * The same layer with its steps built in another way.
   *
   * @param other the way
   * @return the layer
   */
  public Bidirectional with(Loop other) {
    return new Bidirectional(forward, backward, merge, timeMajor, maskedOutput, lastOnly, other);
  }

  @Override
  public Shape input() {
    return forward.input();
  }

  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Pair pair = pair(w, x, initialState);
    Map<String, Operand<TNumber>> states = new LinkedHashMap<>();
    Paths.put(states, "forward", pair.forward.finalState());
    Paths.put(states, "backward", pair.backward.finalState());
    return new Result(merged(w, pair.forward.outputs(), pair.backward.outputs()), states);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    if (merge != Merge.NONE) {
      return RecurrentLayer.super.apply(w, x);
    }
    Pair pair = pair(w, x, Map.of());
    Operand<TNumber> ahead = pair.forward.outputs();
    Signal back = new Signal(pair.backward.outputs(), x.lengths(), x.mask(), Map.of());
    return lastOnly
        ? x.withRows(ahead).beside("backward", back.withRows(back.value()))
        : x.with(ahead).beside("backward", back);
  }

  private record Pair(Result forward, Result backward) {}

  private Pair pair(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Paths.check("Bidirectional", List.of("forward", "backward"), initialState);
    w.acrossSteps("Bidirectional");
    RNN ahead = new RNN(forward, false, timeMajor, maskedOutput, lastOnly, loop);
    RNN back = new RNN(backward, true, timeMajor, maskedOutput, lastOnly, loop);
    return new Pair(
        ahead.runAt(w.in("forward"), x, Paths.under("forward", initialState)),
        back.runAt(w.in("backward"), x, Paths.under("backward", initialState)));
  }

  private Operand<TNumber> merged(Weights w, Operand<TNumber> ahead, Operand<TNumber> back) {
    Ops tf = w.tf();
    return switch (merge) {
      case CONCAT -> tf.concat(List.of(ahead, back), tf.constant(-1));
      case SUM -> tf.math.add(ahead, back);
      case AVE -> {
        Operand<TNumber> two = Vocabulary.number(tf.dtypes.cast(tf.constant(2), w.type()));
        yield tf.math.div(tf.math.add(ahead, back), two);
      }
      case MUL -> tf.math.mul(ahead, back);
      case NONE -> tf.stack(List.of(ahead, back));
    };
  }

  private static Shape allButLast(Shape shape) {
    return shape.take(Math.max(0, shape.numDimensions() - 1));
  }
}
