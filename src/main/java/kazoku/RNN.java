package kazoku;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.internal.Recurrence;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReverseSequence;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * A cell laid over time: {@code (y_t, s_t) = cell(x_t, s_{t−1})} for all steps of a batch of
 * sequences.
 *
 * <p>Input is {@code [B, T, …]}, or {@code [T, B, …]} if time-major; B and T may differ from run to
 * run, and may be zero. Where rows have lengths, the outputs of the steps past a row's length are
 * zeros and its state is copied through, so that its final state is the one after its own last
 * valid step, and the amount of padding changes nothing. Lengths beyond T count as T, negative ones
 * as 0; a row of length 0 keeps its initial state. The initial state is zero unless it is given.
 *
 * <p>A cell that asks for more than one input (time stamps, intervals, masks: {@link
 * Weights#beside}) gets it from the signal, {@code rnn.run(w, Signal.of(x).beside("time", t))}, in
 * the form of the input: {@code [B, T, …]}, of the weights' type. The layer says what is missing.
 *
 * <p>The cell's weights stand under {@code cell/}: {@code encoder/cell/U}. Gradients are exact, by
 * weights, inputs and initial states, through {@code Graph.addGradients} and the framework's
 * optimizers; a second gradient through a loop cannot be taken. With weights {@linkplain
 * Weights#forInference() for inference} the loop keeps no history, and has no gradient.
 *
 * @param cell the cell
 * @param reverse whether each row is read from its last valid step to its first; outputs are put
 *     back in the order of the input
 * @param timeMajor whether sequences are {@code [T, B, …]} in the place of {@code [B, T, …]}
 * @param maskedOutput what the outputs past a row's length are
 * @param lastOnly whether the layer gives each row's last valid output only, {@code [B, …]}; zeros
 *     for a row without steps
 * @param loop how the steps are built
 */
public record RNN(
    Cell cell,
    boolean reverse,
    boolean timeMajor,
    MaskedOutput maskedOutput,
    boolean lastOnly,
    Loop loop)
    implements Layer {

  /** What stands in the outputs of steps past a row's length. */
  public enum MaskedOutput {
    /** Zeros, as TensorFlow's {@code dynamic_rnn} does. */
    ZERO,
    /** The last valid output again, as Keras does; zeros where there is none. */
    REPEAT
  }

  public RNN {
    Checks.given("RNN", "cell", cell);
    Checks.given("RNN", "maskedOutput", maskedOutput);
    Checks.given("RNN", "loop", loop);
  }

  /**
   * A cell over all steps, from the first to the last.
   *
   * @param cell the cell
   */
  public RNN(Cell cell) {
    this(cell, false, false, MaskedOutput.ZERO, false, Loop.DEFAULT);
  }

  /**
   * The same layer, giving the output of each row's last valid step only.
   *
   * @return the layer, whose output is {@code [B, …]}
   */
  public RNN last() {
    return new RNN(cell, reverse, timeMajor, maskedOutput, true, loop);
  }

  /**
   * The same layer, reading each row from its last valid step to its first.
   *
   * @return the layer
   */
  public RNN reversed() {
    return new RNN(cell, !reverse, timeMajor, maskedOutput, lastOnly, loop);
  }

  /**
   * The same layer on sequences {@code [T, B, …]}.
   *
   * @return the layer
   */
  public RNN onTimeMajor() {
    return new RNN(cell, reverse, true, maskedOutput, lastOnly, loop);
  }

  /**
   * The same layer with other outputs past a row's length.
   *
   * @param other what the outputs are
   * @return the layer
   */
  public RNN with(MaskedOutput other) {
    return new RNN(cell, reverse, timeMajor, other, lastOnly, loop);
  }

  /**
   * The same layer with its steps built in another way.
   *
   * @param other the way
   * @return the layer
   */
  public RNN with(Loop other) {
    return new RNN(cell, reverse, timeMajor, maskedOutput, lastOnly, other);
  }

  /**
   * What a recurrence gives.
   *
   * @param outputs the outputs of all steps, or of each row's last valid step if the layer is
   *     {@link #last()}
   * @param finalState each row's state after its last valid step, by slot, {@code [B, …]}
   */
  public record Result(Operand<TNumber> outputs, Map<String, Operand<TNumber>> finalState) {}

  @Override
  public Shape input() {
    return cell.input();
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Operand<TNumber> outputs = run(w, x, Map.of()).outputs();
    return lastOnly ? Signal.of(outputs) : x.with(outputs);
  }

  /**
   * Builds the recurrence from zero states.
   *
   * @param w the weights, at the layer's path
   * @param x the input, with lengths where rows end early
   * @return outputs and final states
   */
  public Result run(Weights w, Signal x) {
    return run(w, x, Map.of());
  }

  /**
   * Builds the recurrence.
   *
   * @param w the weights, at the layer's path
   * @param x the input, with lengths where rows end early
   * @param initialState the state to begin with, by slot, {@code [B, …]}; a slot that is missing
   *     begins at zero
   * @return outputs and final states
   * @throws IllegalArgumentException if a rank, size, type or slot does not fit
   */
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Ops tf = w.tf();
    Trace trace = Trace.of(cell, w.recorder());
    checkInput(w, x);
    checkBeside(w, trace, x);
    checkState(w, trace, initialState);
    Weights cellWeights = w.in("cell");
    cellWeights.adopt(trace.weights());

    Operand<TNumber> sequence = Vocabulary.number(x.value());
    Operand<TNumber> steps = timeMajor ? sequence : exchanged(tf, sequence);
    Operand<TInt32> length = size(tf, steps, 0);
    Operand<TInt32> rows = size(tf, steps, 1);
    Operand<TInt32> lengths = x.lengths() == null ? null : checked(tf, x.lengths(), length, rows);
    Operand<TBool> valid = lengths == null ? null : valid(tf, lengths, length);

    boolean outputIsState = trace.next().containsValue(trace.output());
    boolean remembers =
        lastOnly ? !outputIsState : lengths != null && maskedOutput == MaskedOutput.REPEAT;
    Map<String, Operand<TNumber>> initial = new LinkedHashMap<>();
    initialState.forEach((slot, value) -> initial.put(slot, Vocabulary.number(value)));
    Map<Expr, Operand<TNumber>> inputs = new LinkedHashMap<>();
    inputs.put(trace.input(), reversed(tf, steps, lengths));
    trace
        .weights()
        .asideInputs()
        .forEach(
            (name, leaf) -> {
              Operand<TNumber> given = Vocabulary.number(x.beside().get(name));
              Operand<TNumber> major = timeMajor ? given : exchanged(tf, given);
              inputs.put(leaf, reversed(tf, major, lengths));
            });
    Checks.require(
        loop.form() != Loop.Form.SCAN || Recurrence.isLinear(trace),
        who(),
        "a scan needs a cell that is linear in its state; use Loop.DEFAULT",
        "loop " + loop);
    Recurrence.Results results =
        new Recurrence(trace, cellWeights, loop, lengths != null, remembers)
            .build(inputs, valid, initial, knownSteps(x));

    if (lastOnly) {
      return new Result(last(tf, trace, results, lengths, length), results.states());
    }
    Operand<TNumber> outputs = results.outputs();
    if (lengths != null && maskedOutput == MaskedOutput.ZERO) {
      outputs = zeroPast(tf, valid, outputs, trace.outputShape());
    }
    outputs = reversed(tf, outputs, lengths);
    return new Result(timeMajor ? outputs : exchanged(tf, outputs), results.states());
  }

  private void checkInput(Weights w, Signal x) {
    Shape row = cell.input();
    Shape shape = x.value().asOutput().shape();
    boolean fits =
        !shape.isUnknown()
            && shape.numDimensions() == row.numDimensions() + 2
            && shape.takeLast(row.numDimensions()).isCompatibleWith(row);
    Checks.require(
        fits,
        who(),
        "input must be " + (timeMajor ? "[T, B, " : "[B, T, ") + Checks.text(row).substring(1),
        shape);
    Walk.requireType(who(), w, x.value());
    if (x.lengths() != null) {
      Shape given = x.lengths().asOutput().shape();
      Shape one = Shape.of(shape.get(timeMajor ? 1 : 0));
      Checks.require(
          given.isUnknown() || given.isCompatibleWith(one),
          who(),
          "lengths must have one number a row, " + Checks.text(one),
          given);
    }
    Checks.require(
        !loop.unrolls(w.differentiable()) || knownSteps(x) >= 0,
        who(),
        "the unrolled form (which training takes on Windows) needs to know the number of steps"
            + " while building; give the input a fixed T",
        shape);
  }

  private void checkBeside(Weights w, Trace trace, Signal x) {
    trace
        .weights()
        .asideInputs()
        .forEach(
            (name, leaf) -> {
              Operand<? extends TNumber> given = x.beside().get(name);
              Shape row = leaf.shape();
              Shape leading = x.value().asOutput().shape().take(2);
              Shape needed = leading.append(row);
              String rule =
                  name
                      + " must stand beside the input, "
                      + Checks.text(needed)
                      + "; give it with Signal.beside(\""
                      + name
                      + "\", …)";
              Checks.require(given != null, who(), rule, null);
              Checks.require(
                  given.asOutput().shape().isUnknown()
                      || given.asOutput().shape().isCompatibleWith(needed),
                  who(),
                  rule,
                  given.asOutput().shape());
              Walk.requireType(who() + ": " + name, w, given);
            });
  }

  private void checkState(Weights w, Trace trace, Map<String, ? extends Operand<?>> initialState) {
    initialState.forEach(
        (slot, value) -> {
          Expr declared = trace.state().get(slot);
          Checks.require(
              declared != null, who(), "a slot must be one of " + trace.state().keySet(), slot);
          Shape shape = value.asOutput().shape();
          Shape needed = declared.shape().prepend(Shape.UNKNOWN_SIZE);
          Checks.require(
              shape.isUnknown() || shape.isCompatibleWith(needed),
              who(),
              "initial state " + slot + " must be " + Checks.text(needed),
              shape);
          Checks.require(
              value.type() == w.type(),
              who(),
              "initial state " + slot + " must be " + w.type().getSimpleName(),
              value.type().getSimpleName());
        });
  }

  private long knownSteps(Signal x) {
    return x.value().asOutput().shape().get(timeMajor ? 0 : 1);
  }

  private String who() {
    return "RNN(" + cell.getClass().getSimpleName() + ")";
  }

  /** Lengths between 0 and T, one a row: the reshape fails in a run where there are not. */
  private static Operand<TInt32> checked(
      Ops tf, Operand<TInt32> lengths, Operand<TInt32> length, Operand<TInt32> rows) {
    Operand<TInt32> oneEach =
        tf.withName("lengths_must_have_one_number_a_row").reshape(lengths, rows);
    return tf.math.maximum(tf.math.minimum(oneEach, length), tf.constant(0));
  }

  /** Which steps of which rows are valid, {@code [T, B]}. */
  private static Operand<TBool> valid(Ops tf, Operand<TInt32> lengths, Operand<TInt32> length) {
    Operand<TInt32> time =
        tf.range(tf.constant(0), tf.reshape(length, tf.constant(new int[0])), tf.constant(1));
    return tf.math.less(
        tf.expandDims(time, tf.constant(1)), tf.expandDims(lengths, tf.constant(0)));
  }

  private Operand<TNumber> reversed(Ops tf, Operand<TNumber> steps, Operand<TInt32> lengths) {
    if (!reverse) {
      return steps;
    }
    return lengths == null
        ? tf.reverse(steps, tf.constant(new int[] {0}))
        : tf.reverseSequence(steps, lengths, 0L, ReverseSequence.batchDim(1L));
  }

  private static Operand<TNumber> zeroPast(
      Ops tf, Operand<TBool> valid, Operand<TNumber> outputs, Shape row) {
    Operand<TBool> mask = valid;
    for (int k = 0; k < row.numDimensions(); k++) {
      mask = tf.expandDims(mask, tf.constant(-1));
    }
    return tf.select(mask, outputs, tf.zerosLike(outputs));
  }

  /** The last valid output: a final state, or what was carried along; zeros without any step. */
  private Operand<TNumber> last(
      Ops tf,
      Trace trace,
      Recurrence.Results results,
      Operand<TInt32> lengths,
      Operand<TInt32> length) {
    if (results.lastOutput() != null) {
      return results.lastOutput();
    }
    String slot =
        trace.next().entrySet().stream()
            .filter(e -> e.getValue() == trace.output())
            .findFirst()
            .orElseThrow()
            .getKey();
    Operand<TNumber> state = results.states().get(slot);
    Operand<TBool> stepped = tf.math.greater(lengths == null ? length : lengths, tf.constant(0));
    for (int k = 0; k < trace.outputShape().numDimensions(); k++) {
      stepped = tf.expandDims(stepped, tf.constant(-1));
    }
    return tf.select(stepped, state, tf.zerosLike(state));
  }

  /** Batch-major to time-major, and back. */
  private Operand<TNumber> exchanged(Ops tf, Operand<TNumber> value) {
    int[] order = new int[value.asOutput().shape().numDimensions()];
    Arrays.setAll(order, i -> i);
    order[0] = 1;
    order[1] = 0;
    return tf.linalg.transpose(value, tf.constant(order));
  }

  private static Operand<TInt32> size(Ops tf, Operand<? extends TType> value, int axis) {
    return tf.slice(tf.shape(value), tf.constant(new int[] {axis}), tf.constant(new int[] {1}));
  }
}
