package kazoku;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.internal.Axes;
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

/**
 * A cell laid over time: {@code (y_t, s_t) = cell(x_t, s_{t−1})} for all steps of a batch of
 * sequences.
 *
 * <p>Input is {@code [B, T, …]}, or {@code [T, B, …]} if time-major; B and T may differ from run to
 * run, and may be zero. Where rows have lengths, the outputs of the steps past a row's length are
 * zeros and its state is copied through, so that its final state is the one after its own last
 * valid step; neither the amount of padding nor what stands in it changes anything. Lengths beyond
 * T count as T, negative ones as 0; a row of length 0 keeps its initial state. The same holds for
 * the steps that a {@linkplain Signal#masked mask} takes out, wherever they are. The initial state
 * is zero unless it is given or the cell has another.
 *
 * <p>With weights that {@linkplain Weights#carrying carry states}, the layer goes on where it ended
 * in the run before, so that a sequence can be read in parts.
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
 * @param timeMajor whether sequences are {@code [T, B, …]} in the place of {@code [B, T, …]}, and a
 *     mask {@code [T, B]}
 * @param maskedOutput what the outputs of steps that are not valid are
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

  /** TensorFlow reverses sequences of at most this many axes. */
  private static final int REVERSIBLE = 5;

  /** What stands in the outputs of steps that are not valid: past a row's length, or masked. */
  public enum MaskedOutput {
    /** Zeros, as TensorFlow's {@code dynamic_rnn} does. */
    ZERO,
    /**
     * The last valid output again, as Keras does; zeros where there is none: before a row's first
     * valid step, which in a reversed layer is all that is past the row's length.
     */
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
   * The same layer with other outputs of steps that are not valid.
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
    if (w.lowering() != null) {
      return w.lowering().run(this, w.lowered(null), x, initialState);
    }
    return w.perturbs()
        ? perturbed(w, x, initialState)
        : build(w, x, initialState, Map.of(), w.probes() ? probe(w, x, initialState) : null);
  }

  /** What the same recurrence computes at each step. */
  private Built.Probe probe(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Result all =
        new RNN(new ProbedCell(cell), reverse, timeMajor, MaskedOutput.ZERO, false, loop)
            .build(w.observed(built -> {}), x, initialState, Map.of(), null);
    Operand<TNumber> steps = timeMajor ? Axes.exchanged(w.tf(), all.outputs()) : all.outputs();
    return ProbedCell.apart(w.tf(), Trace.of(cell, w.recorder()), steps);
  }

  /** The same recurrence, with zeros added to the state after each step. */
  private Result perturbed(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Ops tf = w.tf();
    checkInput(w, x);
    Operand<TInt32> rows = Batches.size(tf, x.value(), rowAxis());
    Operand<TInt32> length = Batches.size(tf, x.value(), timeAxis());
    Operand<TNumber> zero = Vocabulary.number(tf.dtypes.cast(tf.constant(0), w.type()));
    Map<String, Operand<TNumber>> perturbations = new LinkedHashMap<>();
    Signal signal = x;
    for (Slot slot : cell.state()) {
      Operand<TInt32> shape =
          tf.concat(List.of(rows, length, Batches.sizes(tf, slot.shape())), tf.constant(0));
      Operand<TNumber> zeros = tf.fill(shape, zero);
      perturbations.put(slot.name(), zeros);
      signal =
          signal.beside(
              PerturbedCell.beside(slot.name()), timeMajor ? Axes.exchanged(tf, zeros) : zeros);
    }
    Cell moved = new PerturbedCell(cell);
    return new RNN(moved, reverse, timeMajor, maskedOutput, lastOnly, Loop.DEFAULT)
        .build(w, signal, initialState, perturbations, null);
  }

  private Result build(
      Weights w,
      Signal x,
      Map<String, ? extends Operand<?>> initialState,
      Map<String, Operand<TNumber>> perturbations,
      Built.Probe probe) {
    Ops tf = w.tf();
    Trace trace = Trace.of(cell, w.recorder());
    checkInput(w, x);
    checkWhole(w, trace, x);
    checkBeside(trace, x);
    checkState(w, trace, x, initialState);
    w.adopt(trace.weights());

    Operand<TNumber> steps = Walk.numbers(who(), w, x.value());
    Operand<TInt32> length = Batches.size(tf, steps, timeAxis());
    Operand<TInt32> rows = Batches.size(tf, steps, rowAxis());
    Operand<TInt32> lengths =
        x.lengths() == null ? null : Batches.lengths(tf, x.lengths(), length, rows);
    Operand<TBool> within = within(tf, lengths, length);
    Operand<TBool> valid = valid(tf, x, lengths, within);

    boolean outputIsState = trace.next().containsValue(trace.output());
    boolean remembers =
        lastOnly ? !outputIsState : valid != null && maskedOutput == MaskedOutput.REPEAT;
    Map<String, Operand<TNumber>> initial = new LinkedHashMap<>();
    Map<String, Operand<TNumber>> given = new LinkedHashMap<>();
    initialState.forEach((slot, value) -> given.put(slot, Vocabulary.number(value)));
    given.forEach(
        (slot, value) ->
            initial.put(slot, oneEachRow(tf, value, rows, trace.state().get(slot).shape())));
    Map<Expr, Operand<TNumber>> inputs = new LinkedHashMap<>();
    inputs.put(trace.input(), steps);
    trace
        .requests()
        .beside()
        .forEach(
            (name, leaf) ->
                inputs.put(leaf, Walk.numbers(who() + ": " + name, w, x.beside(name).value())));
    Map<Expr, Operand<TNumber>> perRow = new LinkedHashMap<>();
    trace.requests().perRow().forEach((name, leaves) -> bindRow(w, x, name, leaves, perRow));
    Checks.require(
        loop.form() != Loop.Form.SCAN || Recurrence.isLinear(trace),
        who(),
        "a scan needs a cell that is linear in its state; use Loop.DEFAULT",
        "form " + loop.form());
    Checks.require(
        loop.form() != Loop.Form.KERNEL || cell.kernel().isPresent(),
        who(),
        "there must be a kernel for the cell; use Loop.DEFAULT",
        "form " + loop.form());
    Recurrence recurrence =
        new Recurrence(
            trace,
            w,
            loop,
            timeMajor,
            valid != null,
            x.mask() == null,
            remembers,
            cell.kernel(),
            knownSteps(x));
    // What stands in padding must reach no product with a gradient of 0, and no table. A kernel
    // has neither.
    Operand<TBool> read = recurrence.choice().form() == Loop.Form.KERNEL ? null : valid;
    inputs.replaceAll(
        (leaf, value) -> Batches.zeroElsewhere(tf, read, reversed(tf, value, lengths)));
    Recurrence.Results results = recurrence.build(inputs, perRow, valid, initial);
    Signal taken = x;
    for (Map.Entry<String, Operand<TNumber>> state : given.entrySet()) {
      taken = taken.beside(state.getKey(), state.getValue());
    }
    Built.Steps built = new Built.Steps(cell.state(), recurrence.choice(), perturbations, probe);

    if (lastOnly) {
      Operand<TNumber> last = last(tf, trace, results, valid, length);
      w.built(cell, taken, x.withRows(last), built);
      Map<String, Operand<TNumber>> states = new LinkedHashMap<>(results.states());
      // A gradient by two values one of which is made of the other goes wrong without a word.
      states.replaceAll((slot, value) -> tf.identity(value));
      return new Result(last, states);
    }
    Operand<TNumber> outputs = results.outputs();
    if (maskedOutput == MaskedOutput.ZERO) {
      outputs = Batches.zeroElsewhere(tf, valid, outputs);
    } else if (reverse) {
      // Read from the end of the row, padding comes before its first valid step.
      outputs = Batches.zeroElsewhere(tf, within, outputs);
    }
    outputs = reversed(tf, outputs, lengths);
    w.built(cell, taken, x.with(outputs), built);
    return new Result(outputs, results.states());
  }

  private void checkInput(Weights w, Signal x) {
    Batches.check(who(), cell.input(), timeMajor, x);
    Checks.require(
        !loop.unrolls(w.differentiable()) || knownSteps(x) >= 0,
        who(),
        "the unrolled form (which training takes on Windows) needs to know the number of steps"
            + " while building; give the input a fixed T",
        x.value().asOutput().shape());
  }

  private void checkWhole(Weights w, Trace trace, Signal x) {
    if (reverse) {
      w.acrossSteps(who() + " reversed");
    }
    if (x.mask() != null && maskedOutput == MaskedOutput.REPEAT) {
      w.acrossSteps(who() + " with masked outputs that are repeated");
    }
    trace.requests().perRow().keySet().forEach(name -> w.acrossSteps(who() + ": " + name));
  }

  private void checkBeside(Trace trace, Signal x) {
    Shape steps = x.value().asOutput().shape().take(2);
    trace
        .requests()
        .beside()
        .forEach((name, leaf) -> requireBeside(x, name, steps.append(leaf.shape())));
    Shape row = Shape.of(steps.get(rowAxis()), Shape.UNKNOWN_SIZE);
    trace
        .requests()
        .perRow()
        .forEach(
            (name, leaves) -> {
              Shape asked = leaves.value().shape();
              Shape each = asked.takeLast(asked.numDimensions() - 1);
              requireBeside(x, name, row.append(each));
              Batches.check(who() + ": " + name, each, false, x.beside(name));
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
    Checks.require(!given.isUnknown() && given.isCompatibleWith(needed), who(), rule, given);
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
    Operand<TInt32> missing = tf.math.sub(tf.array((int) row.get(0)), Batches.size(tf, value, 1));
    Operand<TInt32> rest = Batches.sizes(tf, row.takeLast(row.numDimensions() - 1));
    Operand<TInt32> shape =
        tf.concat(List.of(Batches.size(tf, value, 0), missing, rest), tf.constant(0));
    Operand<TNumber> zero = Vocabulary.number(tf.dtypes.cast(tf.constant(0), value.type()));
    String rule = name.replaceAll("[^A-Za-z0-9]", "_") + "_has_too_many_steps";
    return tf.concat(List.of(value, tf.withName(rule).fill(shape, zero)), tf.constant(1));
  }

  private void checkState(
      Weights w, Trace trace, Signal x, Map<String, ? extends Operand<?>> initialState) {
    long rows = x.value().asOutput().shape().get(rowAxis());
    initialState.forEach(
        (slot, value) -> {
          Expr declared = trace.state().get(slot);
          Checks.require(
              declared != null, who(), "a slot must be one of " + trace.state().keySet(), slot);
          Shape shape = value.asOutput().shape();
          Shape needed = declared.shape().prepend(rows);
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
    return x.value().asOutput().shape().get(timeAxis());
  }

  private String who() {
    return "RNN(" + cell.getClass().getSimpleName() + ")";
  }

  /** A state for each row: the reshape fails in a run where there is not. */
  private static Operand<TNumber> oneEachRow(
      Ops tf, Operand<TNumber> state, Operand<TInt32> rows, Shape row) {
    Operand<TInt32> shape = tf.concat(List.of(rows, Batches.sizes(tf, row)), tf.constant(0));
    return tf.withName("initial_state_must_have_one_entry_a_row").reshape(state, shape);
  }

  /** Which steps are within the lengths, in the order of the input's axes; null for all. */
  private Operand<TBool> within(Ops tf, Operand<TInt32> lengths, Operand<TInt32> length) {
    if (lengths == null) {
      return null;
    }
    Operand<TInt32> time =
        tf.range(tf.constant(0), tf.reshape(length, tf.constant(new int[0])), tf.constant(1));
    return tf.math.less(
        tf.expandDims(time, tf.constant(rowAxis())),
        tf.expandDims(lengths, tf.constant(timeAxis())));
  }

  /** Which steps are valid, in the order in which they are read; null for all. */
  private Operand<TBool> valid(Ops tf, Signal x, Operand<TInt32> lengths, Operand<TBool> within) {
    if (x.mask() == null) {
      return within;
    }
    Operand<TNumber> given = Axes.numbers(tf, x.mask(), TFloat32.class);
    Operand<TBool> mask =
        tf.math.equal(reversed(tf, given, lengths), Vocabulary.number(tf.constant(1f)));
    return within == null ? mask : tf.math.logicalAnd(within, mask);
  }

  /**
   * Each row from its last valid step to its first. Where only a mask says what is valid, all of
   * the row is turned round: what is not valid is passed over, at the end or at the beginning.
   */
  private Operand<TNumber> reversed(Ops tf, Operand<TNumber> steps, Operand<TInt32> lengths) {
    if (!reverse) {
      return steps;
    }
    if (lengths == null) {
      return tf.reverse(steps, tf.constant(new int[] {timeAxis()}));
    }
    Shape shape = steps.asOutput().shape();
    if (shape.numDimensions() <= REVERSIBLE) {
      return turnedRound(tf, steps, lengths);
    }
    Operand<TInt32> sizes = tf.shape(steps);
    int row = Math.toIntExact(shape.takeLast(shape.numDimensions() - 2).size());
    Operand<TInt32> flat =
        tf.concat(
            List.of(tf.slice(sizes, tf.array(0), tf.array(2)), tf.array(row)), tf.constant(0));
    return tf.reshape(turnedRound(tf, tf.reshape(steps, flat), lengths), sizes);
  }

  private Operand<TNumber> turnedRound(Ops tf, Operand<TNumber> steps, Operand<TInt32> lengths) {
    return tf.reverseSequence(
        steps, lengths, (long) timeAxis(), ReverseSequence.batchDim((long) rowAxis()));
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
            : tf.reduceAny(valid, tf.constant(timeAxis()));
    for (int k = 0; k < trace.outputShape().numDimensions(); k++) {
      stepped = tf.expandDims(stepped, tf.constant(-1));
    }
    return tf.select(stepped, state, tf.zerosLike(state));
  }

  private int timeAxis() {
    return timeMajor ? 0 : 1;
  }

  private int rowAxis() {
    return timeMajor ? 1 : 0;
  }
}
