package kazoku;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Cells in levels that look back over more and more steps: the cell of a level goes on from its own
 * state d steps ago, d being the level's dilation.
 *
 * <pre>
 * y_t^0, s_t^0 = cell_0(x_t, s_{t−d_0}^0)           the lowest level
 * y_t^k, s_t^k = cell_k(y_t^{k−1}, s_{t−d_k}^k)     each above it
 * y_t = y_t^K                                       output of the highest
 * </pre>
 *
 * <p>With dilations 1, 2, 4 … the way from one step to another is short, however far apart they
 * are. A level reads its sequence as d interleaved ones, side by side in one batch, so that it also
 * takes d times fewer steps one after the other.
 *
 * <p>Weights are the cells' own, under {@code 0/}, {@code 1/} … The state of a level has d lanes,
 * {@code [B, d, …]}, slot {@code 1/h}: lane j is what step j begins with and, at the end, the state
 * after a row's last step t with t mod d = j. Steps that are not valid leave their lane as it is,
 * and outputs of zeros. What is drawn for a row ({@link Weights.Draw#EACH_ROW}) is drawn for each
 * of its lanes.
 *
 * <p>Source: S. Chang et al., "Dilated Recurrent Neural Networks", NIPS 2017, <a
 * href="https://arxiv.org/abs/1710.02224">arXiv:1710.02224</a>. The authors' code begins with zeros
 * and gives no state.
 *
 * @param cells a cell for each level, at least one, the lowest first
 * @param dilations d for each level, at least 1; 1, 2, 4 … by default
 * @param lastOnly whether the layer gives each row's last valid output only, {@code [B, …]}; zeros
 *     for a row without steps
 * @param loop how the steps of all levels are built
 */
public record DilatedLayer(List<Cell> cells, List<Integer> dilations, boolean lastOnly, Loop loop)
    implements RecurrentLayer {

  public DilatedLayer {
    Checks.given("DilatedLayer", "cells", cells);
    Checks.given("DilatedLayer", "dilations", dilations);
    Checks.given("DilatedLayer", "loop", loop);
    cells = List.copyOf(cells);
    dilations = List.copyOf(dilations);
    Checks.require(!cells.isEmpty(), "DilatedLayer", "there must be at least one cell", cells);
    Checks.require(
        dilations.size() == cells.size(),
        "DilatedLayer",
        "there must be as many dilations as cells, " + cells.size(),
        dilations);
    Checks.require(
        dilations.stream().allMatch(d -> d >= 1),
        "DilatedLayer",
        "dilations must be at least 1",
        dilations);
    for (int k = 1; k < cells.size(); k++) {
      Shape below = Trace.of(cells.get(k - 1)).outputShape();
      Checks.require(
          cells.get(k).input().equals(below),
          "DilatedLayer",
          "the input of cell " + k + " must be the output of the one below, " + Checks.text(below),
          cells.get(k).input());
    }
  }

  /**
   * Levels with dilations of one's own.
   *
   * @param cells a cell for each level, the lowest first
   * @param dilations the dilation of each level
   */
  public DilatedLayer(List<Cell> cells, List<Integer> dilations) {
    this(cells, dilations, false, Loop.DEFAULT);
  }

  /**
   * Levels with dilations 1, 2, 4 …
   *
   * @param cells a cell for each level, the lowest first
   */
  public DilatedLayer(Cell... cells) {
    this(List.of(cells), IntStream.range(0, cells.length).mapToObj(k -> 1 << k).toList());
  }

  /**
   * The same layer, giving the output of each row's last valid step only.
   *
   * @return the layer, whose output is {@code [B, …]}
   */
  public DilatedLayer last() {
    return new DilatedLayer(cells, dilations, true, loop);
  }

  /**
   * The same layer with its steps built in another way.
   *
   * @param other the way
   * @return the layer
   */
  public DilatedLayer with(Loop other) {
    return new DilatedLayer(cells, dilations, lastOnly, other);
  }

  @Override
  public Shape input() {
    return cells.get(0).input();
  }

  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    List<String> paths = IntStream.range(0, cells.size()).mapToObj(Integer::toString).toList();
    Paths.check("DilatedLayer", paths, initialState);
    Batches.check("DilatedLayer", input(), false, x);
    Map<String, Operand<TNumber>> states = new LinkedHashMap<>();
    Result level = level(0, w, x, initialState);
    Paths.put(states, "0", level.finalState());
    for (int k = 1; k < cells.size(); k++) {
      level = level(k, w, x.with(level.outputs()), initialState);
      Paths.put(states, paths.get(k), level.finalState());
    }
    Operand<TNumber> outputs = level.outputs();
    return new Result(lastOnly ? last(w.tf(), x, outputs) : outputs, states);
  }

  private Result level(int k, Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Cell cell = cells.get(k);
    String path = Integer.toString(k);
    Trace trace = Trace.of(cell, w.recorder());
    Lanes lanes = new Lanes("DilatedLayer", w, dilations.get(k), x);
    Map<String, Operand<?>> begin = Paths.under(path, initialState);
    for (Slot slot : cell.state()) {
      begin.computeIfPresent(
          slot.name(),
          (name, value) -> {
            checkState(path + "/" + name, value, x, slot.shape().prepend(dilations.get(k)));
            return lanes.cutState(value, slot.shape());
          });
    }
    Weights inner = w.in(path).carrying(lanes.carried(x));
    Result result =
        new RNN(cell)
            .with(loop)
            .runAt(
                inner.observed(
                    built ->
                        inner.built(cell, built.input(), built.output(), joined(built, lanes))),
                lanes.cut(x, cell.input(), trace.requests()),
                begin);
    Map<String, Operand<TNumber>> end = new LinkedHashMap<>();
    for (Slot slot : cell.state()) {
      end.put(slot.name(), lanes.joinedState(result.finalState().get(slot.name()), slot.shape()));
    }
    return new Result(lanes.joined(result.outputs(), trace.outputShape()), end);
  }

  /** What is told of a cell in lanes, with what it computes in the order of the input. */
  private static Built.Steps joined(Built built, Lanes lanes) {
    Built.Steps steps = built.steps();
    if (steps.probe() == null) {
      return steps;
    }
    Map<String, Operand<TNumber>> quantities = new LinkedHashMap<>(steps.probe().quantities());
    quantities.replaceAll(
        (name, value) -> {
          Shape shape = value.asOutput().shape();
          return lanes.joined(value, shape.takeLast(shape.numDimensions() - 2));
        });
    Operand<TNumber> valid = lanes.joined(steps.probe().valid(), Shape.scalar());
    return new Built.Steps(
        steps.state(), steps.loop(), steps.perturbations(), new Built.Probe(valid, quantities));
  }

  private static void checkState(String slot, Operand<?> value, Signal x, Shape lanes) {
    Shape given = value.asOutput().shape();
    Shape needed = lanes.prepend(x.value().asOutput().shape().get(0));
    Checks.require(
        given.isUnknown() || given.isCompatibleWith(needed),
        "DilatedLayer",
        "initial state " + slot + " must be " + Checks.text(needed),
        given);
  }

  /** The output of each row's last valid step. */
  private Operand<TNumber> last(Ops tf, Signal x, Operand<TNumber> outputs) {
    Operand<TInt32> end = tf.math.add(Batches.size(tf, outputs, 1), tf.constant(1));
    Operand<TInt32> number =
        tf.range(tf.constant(1), tf.reshape(end, tf.constant(new int[0])), tf.constant(1));
    Operand<TInt32> numbers = tf.expandDims(number, tf.constant(0));
    Operand<TBool> valid = x.valid(tf);
    if (valid != null) {
      numbers = tf.math.mul(numbers, tf.dtypes.cast(valid, TInt32.class));
    }
    Operand<TInt32> last = tf.reduceMax(numbers, tf.constant(1), ReduceMax.keepDims(true));
    Operand<TBool> isLast =
        tf.math.logicalAnd(tf.math.equal(numbers, last), tf.math.greater(numbers, tf.constant(0)));
    return tf.reduceSum(Batches.zeroElsewhere(tf, isLast, outputs), tf.constant(1));
  }
}
