package kazoku.cells;

import java.util.List;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Clockwork network: the hidden layer is cut in modules that are updated at their own periods only;
 * slow modules feed fast ones, and not the reverse.
 *
 * <pre>
 * M  = 0 where T > T[:,None], else 1          from slow to fast only  [H,H]
 * a  = x·W + h·(U⊙M) + b                      argument of act         [H]
 * h' = act(a) where mod(t, T) = 0, else h     output                  [H]
 * t' = t + 1                                  number of the step      []
 * </pre>
 *
 * <p>T {@code [H]} is each unit's period: of g modules of H/g units, the first has the shortest.
 * The first step has the number 0, so that it updates all modules; the paper does not say. With
 * {@code fullRecurrence} M is all ones.
 *
 * <p>W {@code [I,H]} and U {@code [H,H]} start glorot-uniform, b {@code [H]} zeros. Elements of U
 * where M is 0 have no effect and no gradient.
 *
 * <p>Source: J. Koutník, K. Greff, F. Gomez, J. Schmidhuber, "A Clockwork RNN", ICML 2014, <a
 * href="https://arxiv.org/abs/1402.3511">arXiv:1402.3511</a>. The paper's matrix is block upper
 * triangular and stands before a column; with rows, as here, it is block lower triangular.
 * tomrunia/ClockworkRNN has rows and an upper triangle, by which fast modules feed slow ones,
 * triangles of elements and not of modules, and updates columns where it should update modules.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, a multiple of the number of periods
 * @param periods of each module, in steps, at least 1 and increasing; 1, 2, 4, 8 by default
 * @param fullRecurrence whether fast modules feed slow ones as well; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "modules tick at own periods", source = "Koutník et al. 2014")
public record ClockworkRNNCell(
    int inputSize,
    int hiddenSize,
    List<Integer> periods,
    boolean fullRecurrence,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ClockworkRNNCell {
    Checks.sizes("ClockworkRNNCell", inputSize, hiddenSize);
    Checks.given("ClockworkRNNCell", "periods", periods);
    Checks.given("ClockworkRNNCell", "activation", activation);
    periods = List.copyOf(periods);
    Checks.require(
        !periods.isEmpty() && increasing(periods),
        "ClockworkRNNCell",
        "periods must be at least 1 and increasing",
        periods);
    Checks.require(
        hiddenSize % periods.size() == 0,
        "ClockworkRNNCell",
        "hiddenSize must be a multiple of the number of periods, " + periods.size(),
        hiddenSize);
  }

  /**
   * The cell with four modules, of periods 1, 2, 4 and 8.
   *
   * @param inputSize I
   * @param hiddenSize H, a multiple of 4
   */
  public ClockworkRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, List.of(1, 2, 4, 8));
  }

  /**
   * The cell of the paper.
   *
   * @param inputSize I
   * @param hiddenSize H, a multiple of the number of periods
   * @param periods one for each module
   */
  public ClockworkRNNCell(int inputSize, int hiddenSize, List<Integer> periods) {
    this(inputSize, hiddenSize, periods, false, true, Activation.TANH);
  }

  private static boolean increasing(List<Integer> periods) {
    return IntStream.range(0, periods.size())
        .allMatch(k -> periods.get(k) > (k == 0 ? 0 : periods.get(k - 1)));
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize), Slot.of("t"));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.input("U", hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");
    Expr t = s.get("t");

    int units = hiddenSize / periods.size();
    double[] period =
        IntStream.range(0, hiddenSize).mapToDouble(q -> periods.get(q / units)).toArray();
    Expr T = Expr.constant(period, hiddenSize).as("T");
    if (!fullRecurrence) {
      Expr fromFastToSlow = T.reshape(1, hiddenSize).greaterThan(T.reshape(hiddenSize, 1));
      Expr M = fromFastToSlow.where(Expr.constant(0), Expr.constant(1)).as("M");
      U = U.times(M);
    }
    Expr updated = t.reshape(1).mod(T).equalTo(0);
    Expr a = x.dot(W).plus(h.dot(U)).plus(b).as("a");
    Expr hNext = updated.where(activation.apply(a), h);
    return new Step(hNext, State.of("h", hNext).with("t", t.plus(1)));
  }
}
