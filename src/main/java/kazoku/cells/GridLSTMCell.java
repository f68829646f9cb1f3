package kazoku.cells;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Grid LSTM over time and frequency: at every position of the frequency axis there are two long
 * short-term memories, one that goes on along time and one that goes on along frequency, and both
 * see the same input.
 *
 * <pre>
 * for each block b:  cF = mF = 0;  for n = 0..N−1:
 * x_n = x[start+nS : start+nS+F]              slice of the input      [F]
 * for q = f, along frequency, and q = t, along time:
 *   a = x_n·K_qx + [m_n,mF]·K_qm + b_q                                [4H]
 *   [i,g,f,o] = split_4(a)                    gates and candidate     [4H]
 *   g = tanh(g)                             candidate               [H]
 *   i = σ(i + wiqf⊙cF + wiqt⊙c_n)             input gate              [H]
 *   f = σ(f + fb + wfqf⊙cF + wfqt⊙c_n)        forget gate             [H]
 *   f = 1 − i                                 in its place if coupled [H]
 * cF'  = f⊙cF + i⊙g, gates of q = f     memory along frequency  [H]
 * c_n' = f⊙c_n + i⊙g, gates of q = t    memory along time       [H]
 * mF'  = σ(o + woff⊙cF' + woft⊙c_n')⊙tanh(cF'), o of q = f            [H]
 * m_n' = σ(o + wotf⊙cF' + wott⊙c_n')⊙tanh(c_n'), o of q = t           [H]
 *
 * output = [m_0',mF' at 0, m_1',mF' at 1, ..], block after block      [2·N·H] a block
 * </pre>
 *
 * <p>Input and forget gates look at the memories as they were, output gates at the new ones. cF and
 * mF begin at zero at each step and in each block; c_n and m_n are the state, by the names {@code
 * c_b_n} and {@code m_b_n}.
 *
 * <p>Every block has its own weights, whose names end in its number: {@code K_f_0}. K_f and K_t
 * {@code [F+2H,4H]}, of which K_qx is the first F rows and K_qm the others, start glorot-uniform,
 * b_f and b_t {@code [4H]} as zeros; with coupled gates they have 3H columns, of i, g and o. The
 * twelve vectors wiff, wift, … wott {@code [H]} start glorot-uniform and are there with {@code
 * usePeepholes}; their letters are the gate, the memory it belongs to, and the memory it looks at.
 * With {@code shareTimeFrequencyWeights}, the weights of q = f are those of q = t too.
 *
 * <p>Source: N. Kalchbrenner, I. Danihelka, A. Graves, "Grid Long Short-Term Memory", ICLR 2016, <a
 * href="https://arxiv.org/abs/1507.01526">arXiv:1507.01526</a>; with peepholes after T. N. Sainath,
 * B. Li, "Modeling Time-Frequency Patterns with LSTM vs. Convolutional Architectures for LVCSR
 * Tasks", INTERSPEECH 2016. The equations are those of tf.contrib, which mixes up the states of
 * several blocks where the state is not a tuple.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param featureSize F, the width of a slice, at least 1
 * @param frequencySkip S, how far apart slices begin, at least 1
 * @param numFrequencyBlocks N of each block, ⌊(end−start−F)/S⌋ + 1; by default that of one block
 * @param startFreqIndexList the first column of each block; 0 by default
 * @param endFreqIndexList the column after the last one of each block; I by default
 * @param forgetBias fb, added to the forget gates; 1 by default
 * @param coupleInputForgetGates whether f = 1 − i; false by default. fb is not used then
 * @param shareTimeFrequencyWeights whether both memories have the same weights; false by default
 * @param usePeepholes whether the gates look at the memories; false by default
 * @param cellClip cF' and c_n' are cut off at ±cellClip; 0, the default, for never
 */
@About(idea = "LSTMs along time and frequency", source = "Kalchbrenner, Danihelka, Graves 2016")
public record GridLSTMCell(
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
    double cellClip)
    implements Cell {

  public GridLSTMCell {
    check(
        "GridLSTMCell",
        inputSize,
        hiddenSize,
        featureSize,
        frequencySkip,
        numFrequencyBlocks,
        startFreqIndexList,
        endFreqIndexList,
        cellClip);
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
  public GridLSTMCell(int inputSize, int hiddenSize, int featureSize, int frequencySkip) {
    this(
        inputSize,
        hiddenSize,
        featureSize,
        frequencySkip,
        List.of(Slices.count("GridLSTMCell", inputSize, featureSize, frequencySkip)),
        List.of(0),
        List.of(inputSize),
        1,
        false,
        false,
        false,
        0);
  }

  /** The rules of both grids, the one-way and the two-way. */
  static void check(
      String who,
      int inputSize,
      int hiddenSize,
      int featureSize,
      int frequencySkip,
      List<Integer> numFrequencyBlocks,
      List<Integer> startFreqIndexList,
      List<Integer> endFreqIndexList,
      double cellClip) {
    Checks.sizes(who, inputSize, hiddenSize);
    Checks.given(who, "numFrequencyBlocks", numFrequencyBlocks);
    Checks.given(who, "startFreqIndexList", startFreqIndexList);
    Checks.given(who, "endFreqIndexList", endFreqIndexList);
    int blocks = numFrequencyBlocks.size();
    Checks.require(
        blocks >= 1 && startFreqIndexList.size() == blocks && endFreqIndexList.size() == blocks,
        who,
        "numFrequencyBlocks, startFreqIndexList and endFreqIndexList must have one number a block",
        numFrequencyBlocks + ", " + startFreqIndexList + " and " + endFreqIndexList);
    for (int block = 0; block < blocks; block++) {
      int start = startFreqIndexList.get(block);
      int end = endFreqIndexList.get(block);
      Checks.require(
          start >= 0 && end <= inputSize,
          who,
          "block " + block + " must lie between 0 and inputSize " + inputSize,
          start + " to " + end);
      int fitting = Slices.count(who, end - start, featureSize, frequencySkip);
      Checks.require(
          numFrequencyBlocks.get(block) == fitting,
          who,
          "numFrequencyBlocks of block " + block + " must be what fits, " + fitting,
          numFrequencyBlocks.get(block));
    }
    Checks.notNegative(who, "cellClip", cellClip);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return state("");
  }

  /** The state of one direction, whose names begin with {@code direction}. */
  List<Slot> state(String direction) {
    List<Slot> slots = new ArrayList<>();
    for (int block = 0; block < numFrequencyBlocks.size(); block++) {
      for (int n = 0; n < numFrequencyBlocks.get(block); n++) {
        String at = "_" + block + "_" + n;
        slots.add(Slot.of(direction + "c" + at, hiddenSize));
        slots.add(Slot.of(direction + "m" + at, hiddenSize));
      }
    }
    return slots;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    return sweep(w, x, s, "", false);
  }

  /** One pass along the frequency axis of each block; all names begin with {@code direction}. */
  Step sweep(Weights w, Expr x, State s, String direction, boolean lastSliceFirst) {
    List<Expr> shown = new ArrayList<>();
    State next = State.of(Map.of());
    for (int block = 0; block < numFrequencyBlocks.size(); block++) {
      Memory F = new Memory(w, direction, "f", block);
      Memory T = shareTimeFrequencyWeights ? F : new Memory(w, direction, "t", block);
      int count = numFrequencyBlocks.get(block);
      Expr cF = Slices.zeros(hiddenSize);
      Expr mF = Slices.zeros(hiddenSize);
      for (int n = 0; n < count; n++) {
        String at = "_" + block + "_" + n;
        Expr c = s.get(direction + "c" + at);
        Expr m = s.get(direction + "m" + at);
        int slice = lastSliceFirst ? count - 1 - n : n;
        int start = startFreqIndexList.get(block) + slice * frequencySkip;
        Expr x_n = Slices.columns(x, start, featureSize);

        Parts gatesF = F.gates(x_n, m, mF);
        Parts gatesT = T.gates(x_n, m, mF);
        Expr cFNext = F.write(gatesF, cF, cF, c).as("cF");
        Expr cNext = T.write(gatesT, c, cF, c);
        mF = F.show(gatesF, cFNext, cFNext, cNext).as("mF");
        Expr mNext = T.show(gatesT, cNext, cFNext, cNext);
        cF = cFNext;

        shown.add(mNext);
        shown.add(mF);
        next = next.with(direction + "c" + at, cNext).with(direction + "m" + at, mNext);
      }
    }
    return new Step(Expr.concat(shown.toArray(Expr[]::new)), next);
  }

  /** One of the two memories of a block, with its weights: q is f or t. */
  private final class Memory {
    private final Weights w;
    private final String direction;
    private final String q;
    private final int block;

    Memory(Weights w, String direction, String q, int block) {
      this.w = w;
      this.direction = direction;
      this.q = q;
      this.block = block;
    }

    private String name(String symbol) {
      return direction + symbol + "_" + block;
    }

    Parts gates(Expr x_n, Expr m, Expr mF) {
      int size = (coupleInputForgetGates ? 3 : 4) * hiddenSize;
      Parts K =
          w.input(name("K_" + q), featureSize + 2 * hiddenSize, size)
              .split(-2, featureSize, 2 * hiddenSize);
      Expr K_x = K.get(0);
      Expr K_m = K.get(1);
      Expr b = w.bias(name("b_" + q), size);
      Expr a = x_n.dot(K_x).plus(Expr.concat(m, mF).dot(K_m)).plus(b);
      return coupleInputForgetGates ? a.split("i", "g", "o") : a.split("i", "g", "f", "o");
    }

    Expr write(Parts gates, Expr memory, Expr cF, Expr cT) {
      Expr i = gates.get("i").plus(peepholes("i", cF, cT)).sigmoid().as("i");
      Expr f =
          coupleInputForgetGates
              ? i.oneMinus().as("f")
              : gates.get("f").plus(forgetBias).plus(peepholes("f", cF, cT)).sigmoid().as("f");
      return f.times(memory).plus(i.times(gates.get("g").tanh().as("g"))).clipAt(cellClip);
    }

    Expr show(Parts gates, Expr memory, Expr cF, Expr cT) {
      Expr o = gates.get("o").plus(peepholes("o", cF, cT)).sigmoid().as("o");
      return o.times(memory.tanh());
    }

    private Expr peepholes(String gate, Expr cF, Expr cT) {
      if (!usePeepholes) {
        return Expr.constant(0);
      }
      Expr toF = w.input(name("w" + gate + q + "f"), hiddenSize);
      Expr toT = w.input(name("w" + gate + q + "t"), hiddenSize);
      return toF.times(cF).plus(toT.times(cT));
    }
  }
}
