package kazoku;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.internal.Recurrence;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReverseSequence;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
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
    implements RecurrentLayer {

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

  @Override
  public Shape input() {
    return cell.input();
  }

  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    return runAt(w.in("cell"), x, initialState);
  }

  /**
   * Builds the recurrence with the cell's weights at the path itself, and not under {@code cell/}.
   *
   * @param w the cell's weights
   * @param x the input
   * @param initialState the state to begin with, by slot
   * @return outputs and final states
   * @throws IllegalArgumentException as {@link #run}
   */
  public Result runAt(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Ops tf = w.tf();
    Trace trace = Trace.of(cell, w.recorder());
    checkInput(w, x);
    checkBeside(trace, x);
    checkState(w, trace, initialState);
    w.adopt(trace.weights());

    Operand<TNumber> steps = major(who(), w, x.value());
    Operand<TInt32> length = size(tf, steps, 0);
    Operand<TInt32> rows = size(tf, steps, 1);
    Operand<TInt32> lengths = x.lengths() == null ? null : checked(tf, x.lengths(), length, rows);
    Operand<TBool> valid = valid(tf, x, lengths, length);

    boolean outputIsState = trace.next().containsValue(trace.output());
    boolean remembers =
        lastOnly ? !outputIsState : valid != null && maskedOutput == MaskedOutput.REPEAT;
    Map<String, Operand<TNumber>> initial = new LinkedHashMap<>();
    initialState.forEach((slot, value) -> initial.put(slot, Vocabulary.number(value)));
    Map<Expr, Operand<TNumber>> inputs = new LinkedHashMap<>();
    inputs.put(trace.input(), reversed(tf, steps, lengths));
    trace
        .requests()
        .beside()
        .forEach(
            (name, leaf) ->
                inputs.put(
                    leaf,
                    reversed(tf, major(who() + ": " + name, w, x.beside(name).value()), lengths)));
    Map<Expr, Operand<TNumber>> perRow = new LinkedHashMap<>();
    trace.requests().perRow().forEach((name, leaves) -> bindRow(w, x, name, leaves, perRow));
    Checks.require(
        loop.form() != Loop.Form.SCAN || Recurrence.isLinear(trace),
        who(),
        "a scan needs a cell that is linear in its state; use Loop.DEFAULT",
        "loop " + loop);
    Recurrence.Results results =
        new Recurrence(trace, w, loop, valid != null, remembers)
            .build(inputs, perRow, valid, initial, knownSteps(x));

    if (lastOnly) {
      return new Result(last(tf, trace, results, valid, length), results.states());
    }
    Operand<TNumber> outputs = results.outputs();
    if (valid != null && maskedOutput == MaskedOutput.ZERO) {
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
    if (x.lengths() != null) {
      Shape given = x.lengths().asOutput().shape();
      Shape one = Shape.of(shape.get(timeMajor ? 1 : 0));
      Checks.require(
          given.isUnknown() || given.isCompatibleWith(one),
          who(),
          "lengths must have one number a row, " + Checks.text(one),
          given);
    }
    if (x.mask() != null) {
      Shape given = x.mask().asOutput().shape();
      Checks.require(
          given.isUnknown() || given.isCompatibleWith(shape.take(2)),
          who(),
          "a mask must have one value a step, " + Checks.text(shape.take(2)),
          given);
    }
    Checks.require(
        !loop.unrolls(w.differentiable()) || knownSteps(x) >= 0,
        who(),
        "the unrolled form (which training takes on Windows) needs to know the number of steps"
            + " while building; give the input a fixed T",
        shape);
  }

  private void checkBeside(Trace trace, Signal x) {
    Shape steps = x.value().asOutput().shape().take(2);
    trace
        .requests()
        .beside()
        .forEach((name, leaf) -> requireBeside(x, name, steps.append(leaf.shape())));
    Shape row = Shape.of(steps.get(timeMajor ? 1 : 0), Shape.UNKNOWN_SIZE);
    trace
        .requests()
        .perRow()
        .forEach(
            (name, leaves) -> {
              Shape asked = leaves.value().shape();
              requireBeside(x, name, row.append(asked.takeLast(asked.numDimensions() - 1)));
              long present = x.beside(name).value().asOutput().shape().get(1);
              Checks.require(
                  present <= asked.get(0),
                  who(),
                  name + " must have at most " + asked.get(0) + " steps, as the cell is made for",
                  present);
            });
  }

  private void requireBeside(Signal x, String name, Shape needed) {
    String rule =
        name
            + " must stand beside the input, "
            + Checks.text(needed)
            + "; give it with Signal.beside(\""
            + name
            + "\", …)";
    Checks.require(x.beside().containsKey(name), who(), rule, null);
    Shape given = x.beside(name).value().asOutput().shape();
    Checks.require(given.isUnknown() || given.isCompatibleWith(needed), who(), rule, given);
  }

  /** A sequence that stands beside rows, as long as the cell asks for, and what is valid of it. */
  private void bindRow(
      Weights w,
      Signal x,
      String name,
      Requests.PerRow leaves,
      Map<Expr, Operand<TNumber>> perRow) {
    Ops tf = w.tf();
    Signal given = x.beside(name).zeroPadded(tf);
    Operand<TNumber> value = Walk.numbers(who() + ": " + name, w, given.value());
    Operand<TBool> valid = given.valid(tf);
    Operand<TInt32> present = tf.slice(tf.shape(value), tf.array(0), tf.array(2));
    Operand<TNumber> ones =
        valid == null
            ? tf.fill(present, Vocabulary.number(tf.dtypes.cast(tf.constant(1), w.type())))
            : Vocabulary.number(tf.dtypes.cast(valid, w.type()));
    perRow.put(leaves.value(), padded(tf, name, value, leaves.value().shape()));
    perRow.put(leaves.valid(), padded(tf, name, ones, leaves.valid().shape()));
  }

  /** Fails in a run where there are more steps. */
  private static Operand<TNumber> padded(Ops tf, String name, Operand<TNumber> value, Shape row) {
    Operand<TInt32> missing = tf.math.sub(tf.array((int) row.get(0)), size(tf, value, 1));
    Operand<TInt32> rest =
        tf.constant(Arrays.stream(row.asArray()).skip(1).mapToInt(n -> (int) n).toArray());
    Operand<TInt32> shape = tf.concat(List.of(size(tf, value, 0), missing, rest), tf.constant(0));
    Operand<TNumber> zero = Vocabulary.number(tf.dtypes.cast(tf.constant(0), value.type()));
    String rule = name.replaceAll("[^A-Za-z0-9]", "_") + "_has_too_many_steps";
    return tf.concat(List.of(value, tf.withName(rule).fill(shape, zero)), tf.constant(1));
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

  /** Which steps are valid, in the order in which they are read, {@code [T, B]}; null for all. */
  private Operand<TBool> valid(Ops tf, Signal x, Operand<TInt32> lengths, Operand<TInt32> length) {
    Operand<TBool> valid = null;
    if (lengths != null) {
      Operand<TInt32> time =
          tf.range(tf.constant(0), tf.reshape(length, tf.constant(new int[0])), tf.constant(1));
      valid =
          tf.math.less(tf.expandDims(time, tf.constant(1)), tf.expandDims(lengths, tf.constant(0)));
    }
    if (x.mask() != null) {
      // In numbers: oneDNN complains of truth values in a transposition.
      Operand<TFloat32> given = tf.dtypes.cast(x.mask(), TFloat32.class);
      Operand<TFloat32> major = reversed(tf, timeMajor ? given : exchanged(tf, given), lengths);
      Operand<TBool> mask = tf.math.equal(major, tf.constant(1f));
      valid = valid == null ? mask : tf.math.logicalAnd(valid, mask);
    }
    return valid;
  }

  /**
   * Each row from its last valid step to its first. Where only a mask says what is valid, all of
   * the row is turned round: what is not valid is passed over, at the end or at the beginning.
   */
  private <T extends TType> Operand<T> reversed(Ops tf, Operand<T> steps, Operand<TInt32> lengths) {
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
      Operand<TBool> valid,
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
    Operand<TBool> stepped =
        valid == null
            ? tf.math.greater(length, tf.constant(0))
            : tf.reduceAny(valid, tf.constant(0));
    for (int k = 0; k < trace.outputShape().numDimensions(); k++) {
      stepped = tf.expandDims(stepped, tf.constant(-1));
    }
    return tf.select(stepped, state, tf.zerosLike(state));
  }

  /** A sequence in the weights' type, time-major. */
  private Operand<TNumber> major(String who, Weights w, Operand<? extends TNumber> value) {
    Operand<TNumber> numbers = Walk.numbers(who, w, value);
    return timeMajor ? numbers : exchanged(w.tf(), numbers);
  }

  /** Batch-major to time-major, and back. */
  private static <T extends TType> Operand<T> exchanged(Ops tf, Operand<T> value) {
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
