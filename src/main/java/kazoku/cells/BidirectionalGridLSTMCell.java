package kazoku.cells;

import java.util.ArrayList;
import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Grid LSTM in two ways: at each step one {@link GridLSTMCell} goes up the frequency axis and a
 * second one, with weights and states of its own, goes down.
 *
 * <pre>
 * x_hat[j] = x[j + offset], zero beyond the edges        shifted input      [I]
 * (y_fwd, s_fwd') = grid_fwd(x, s_fwd)                   first slice first  [2·N·H]
 * (y_bwd, s_bwd') = grid_bwd(x_hat, s_bwd)               last slice first   [2·N·H]
 * output = [y_fwd, y_bwd]                                                   [4·N·H]
 * </pre>
 *
 * <p>N counts the positions of all blocks. The backward grid takes the blocks in their order, and
 * the slices of each from the last to the first; its outputs and states stay in the order of its
 * visits, so that {@code bwd_c_0_0} belongs to the last slice of block 0.
 *
 * <p>Weights and states are those of {@link GridLSTMCell}, with the same first values and with
 * {@code fwd_} or {@code bwd_} before their names: {@code fwd_K_f_0}, {@code bwd_m_0_1}.
 *
 * <p>Source: BidirectionalGridLSTMCell of tf.contrib, 2016; the grid is that of N. Kalchbrenner, I.
 * Danihelka, A. Graves, "Grid Long Short-Term Memory", ICLR 2016, <a
 * href="https://arxiv.org/abs/1507.01526">arXiv:1507.01526</a>.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param featureSize F, the width of a slice, at least 1
 * @param frequencySkip S, how far apart slices begin, at least 1
 * @param numFrequencyBlocks positions of each block, ⌊(end−start−F)/S⌋ + 1; by default that of one
 *     block
 * @param startFreqIndexList the first column of each block; 0 by default
 * @param endFreqIndexList the column after the last one of each block; I by default
 * @param forgetBias added to the forget gates; 1 by default
 * @param coupleInputForgetGates whether forget gates are 1 minus input gates; false by default
 * @param shareTimeFrequencyWeights whether the memories along time and along frequency have the
 *     same weights; false by default
 * @param usePeepholes whether the gates look at the memories; false by default
 * @param cellClip memories are cut off at ±cellClip; 0, the default, for never
 * @param backwardSliceOffset offset, by how many columns the backward slices lie higher, negative
 *     for lower; between −I and I, both excluded; 0 by default
 */
@About(idea = "grid up and down the frequencies", source = "tf.contrib 2016")
public record BidirectionalGridLSTMCell(
    int inputSize,
    int hiddenSize,
    int featureSize,
    int frequencySkip,
    List<Integer> numFrequencyBlocks,
    List<Integer> startFreqIndexList,
    List<Integer> endFreqIndexList,
    double forgetBias,
    boolean coupleInputForgetGates,
    boolean shareTimeFrequencyWeights,
    boolean usePeepholes,
    double cellClip,
    int backwardSliceOffset)
    implements Cell {

  public BidirectionalGridLSTMCell {
    GridLSTMCell.check(
        "BidirectionalGridLSTMCell",
        inputSize,
        hiddenSize,
        featureSize,
        frequencySkip,
        numFrequencyBlocks,
        startFreqIndexList,
        endFreqIndexList,
        cellClip);
    Checks.require(
        backwardSliceOffset > -inputSize && backwardSliceOffset < inputSize,
        "BidirectionalGridLSTMCell",
        "backwardSliceOffset must be less than inputSize " + inputSize + " on either side",
        backwardSliceOffset);
    numFrequencyBlocks = List.copyOf(numFrequencyBlocks);
    startFreqIndexList = List.copyOf(startFreqIndexList);
    endFreqIndexList = List.copyOf(endFreqIndexList);
  }

  /**
   * The cell with one block, the whole input, and without peepholes.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param featureSize F
   * @param frequencySkip S
   */
  public BidirectionalGridLSTMCell(
      int inputSize, int hiddenSize, int featureSize, int frequencySkip) {
    this(
        inputSize,
        hiddenSize,
        featureSize,
        frequencySkip,
        List.of(Slices.count("BidirectionalGridLSTMCell", inputSize, featureSize, frequencySkip)),
        List.of(0),
        List.of(inputSize),
        1,
        false,
        false,
        false,
        0,
        0);
  }

  /** The grid of either direction. */
  private GridLSTMCell grid() {
    return new GridLSTMCell(
        inputSize,
        hiddenSize,
        featureSize,
        frequencySkip,
        numFrequencyBlocks,
        startFreqIndexList,
        endFreqIndexList,
        forgetBias,
        coupleInputForgetGates,
        shareTimeFrequencyWeights,
        usePeepholes,
        cellClip);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    List<Slot> slots = new ArrayList<>(grid().state("fwd_"));
    slots.addAll(grid().state("bwd_"));
    return slots;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step up = grid().sweep(w, x, s, "fwd_", false);
    Step down = grid().sweep(w, shifted(x), s, "bwd_", true);
    State next = up.next();
    for (Slot slot : grid().state("bwd_")) {
      next = next.with(slot.name(), down.next().get(slot.name()));
    }
    return new Step(Expr.concat(up.output(), down.output()), next);
  }

  private Expr shifted(Expr x) {
    if (backwardSliceOffset == 0) {
      return x;
    }
    int lost = Math.abs(backwardSliceOffset);
    int kept = inputSize - lost;
    return backwardSliceOffset > 0
        ? Expr.concat(Slices.columns(x, lost, kept), Slices.zeros(lost))
        : Expr.concat(Slices.zeros(lost), Slices.columns(x, 0, kept));
  }
}
