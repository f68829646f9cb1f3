package kazoku.cells;

import java.util.Arrays;
import java.util.List;
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
 * Time-frequency LSTM: within each step one long short-term memory slides along the frequency axis,
 * and each position sees what it and its lower neighbour have shown.
 *
 * <pre>
 * r = 0;  for n = 0..N−1:
 * x_n = x[nS : nS+F]                          slice of the input      [F]
 * [i,g,f,o] = split_4(x_n·K_x + [m_n,r]·K_m + b)                      [4H]
 * i  = σ(i + p_i⊙c_n)                         input gate              [H]
 * f  = σ(f + fb + p_f⊙c_n)                    forget gate             [H]
 * g  = tanh(g)                                candidate               [H]
 * c_n' = f⊙c_n + i⊙g                          memory                  [H]
 * o  = σ(o + p_o⊙c_n')                        output gate             [H]
 * m_n' = o⊙tanh(c_n')                         shown at this position  [H]
 * r  = m_n'                                   seen by the next one    [H]
 *
 * output = [m_0'..m_N−1']                                             [N·H]
 * state' = [c_0',m_0',c_1',m_1'..]                                    [2·N·H]
 * </pre>
 *
 * <p>There are N = ⌊(I−F)/S⌋ + 1 positions; all use the same weights. The terms with p_i, p_f and
 * p_o are there with {@code usePeepholes}.
 *
 * <p>K {@code [F+2H,4H]}, of which K_x is the first F rows and K_m the others, starts
 * glorot-uniform, p_i, p_f and p_o {@code [H]} glorot-uniform, b {@code [4H]} as zeros.
 *
 * <p>Source: T. N. Sainath, B. Li, "Modeling Time-Frequency Patterns with LSTM vs. Convolutional
 * Architectures for LVCSR Tasks", INTERSPEECH 2016, <a
 * href="https://doi.org/10.21437/Interspeech.2016-84">doi:10.21437/Interspeech.2016-84</a>; the
 * equations are those of tf.contrib. tf.contrib declares a state of 2H numbers but uses 2·N·H, as
 * here. Along the frequency axis only m is handed on, not c.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param featureSize F, the width of a slice, at least 1 and at most I
 * @param frequencySkip S, how far apart slices begin, at least 1; columns that fill no slice are
 *     not seen
 * @param forgetBias fb, added to the forget gate; 1 by default
 * @param usePeepholes whether the gates look at the memory; false by default
 * @param cellClip c_n' is cut off at ±cellClip; 0, the default, for never
 */
@About(idea = "one LSTM slides along frequency", source = "Sainath, Li 2016")
public record TimeFreqLSTMCell(
    int inputSize,
    int hiddenSize,
    int featureSize,
    int frequencySkip,
    double forgetBias,
    boolean usePeepholes,
    double cellClip)
    implements Cell {

  public TimeFreqLSTMCell {
    Checks.sizes("TimeFreqLSTMCell", inputSize, hiddenSize);
    Slices.count("TimeFreqLSTMCell", inputSize, featureSize, frequencySkip);
    Checks.notNegative("TimeFreqLSTMCell", "cellClip", cellClip);
  }

  /**
   * The cell without peepholes.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param featureSize F
   * @param frequencySkip S
   */
  public TimeFreqLSTMCell(int inputSize, int hiddenSize, int featureSize, int frequencySkip) {
    this(inputSize, hiddenSize, featureSize, frequencySkip, 1, false, 0);
  }

  private int positions() {
    return Slices.count("TimeFreqLSTMCell", inputSize, featureSize, frequencySkip);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("state", 2L * positions() * hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Parts K =
        w.input("K", featureSize + 2 * hiddenSize, 4 * hiddenSize)
            .split(-2, featureSize, 2 * hiddenSize);
    Expr K_x = K.get(0);
    Expr K_m = K.get(1);
    Expr b = w.bias("b", 4 * hiddenSize);
    int[] sizes = new int[2 * positions()];
    Arrays.fill(sizes, hiddenSize);
    Parts cm = s.get("state").split(-1, sizes);

    Expr r = Slices.zeros(hiddenSize);
    Expr[] shown = new Expr[positions()];
    Expr[] next = new Expr[2 * positions()];
    for (int n = 0; n < positions(); n++) {
      Expr c = cm.get(2 * n);
      Expr m = cm.get(2 * n + 1);
      Expr x_n = Slices.columns(x, n * frequencySkip, featureSize);

      Expr a = x_n.dot(K_x).plus(Expr.concat(m, r).dot(K_m)).plus(b);
      Parts gates = a.split("i", "g", "f", "o");
      Expr i = Peepholes.add(w, usePeepholes, gates.get("i"), "p_i", c).sigmoid().as("i");
      Expr g = gates.get("g").tanh().as("g");
      Expr f =
          Peepholes.add(w, usePeepholes, gates.get("f").plus(forgetBias), "p_f", c)
              .sigmoid()
              .as("f");

      Expr cNext = f.times(c).plus(i.times(g)).clipAt(cellClip).as("c_" + n + "'");
      Expr o = Peepholes.add(w, usePeepholes, gates.get("o"), "p_o", cNext).sigmoid().as("o");
      r = o.times(cNext.tanh()).as("m_" + n + "'");
      shown[n] = r;
      next[2 * n] = cNext;
      next[2 * n + 1] = r;
    }
    return new Step(Expr.concat(shown), State.of("state", Expr.concat(next)));
  }
}
