package kazoku.cells;

import java.util.List;
import java.util.stream.IntStream;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Piecewise-linear network: each unit has a linear memory of its own, and rectifiers couple it to
 * the others; made to be analysed as a dynamical system.
 *
 * <pre>
 * V  = U⊙(1 − I)                              U without its diagonal  [H,H]
 * h' = a⊙h + relu(h)·V + x·W + b              output                  [H]
 * </pre>
 *
 * <p>a {@code [H]} starts uniform between 0 and 1, W {@code [I,H]} glorot-uniform, b {@code [H]}
 * zeros. U {@code [H,H]} starts glorot-uniform, its columns shrunk where they would let the state
 * grow without bound: so that {@code a_j + Σ_i |V_ij|} is at most 1. The diagonal of U has no
 * effect and no gradient.
 *
 * <p>Source: D. Durstewitz, "A State Space Approach for Piecewise-Linear Recurrent Neural Networks
 * for Identifying Computational Dynamics from Neural Measurements", PLoS Computational Biology
 * 13(6), 2017, <a
 * href="https://doi.org/10.1371/journal.pcbi.1005542">doi:10.1371/journal.pcbi.1005542</a>; G.
 * Koppe et al., PLoS Computational Biology 15(8), 2019, <a
 * href="https://doi.org/10.1371/journal.pcbi.1007263">doi:10.1371/journal.pcbi.1007263</a>. The
 * authors' code takes the diagonal away at every step, as here; torchrecurrent does so at the start
 * only, so that it comes back in training.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 */
@About(
    idea = "piecewise linear, for dynamical analysis",
    source = "Durstewitz 2017; Koppe et al. 2019")
public record PLRNNCell(int inputSize, int hiddenSize, boolean useBias) implements Cell {

  public PLRNNCell {
    Checks.sizes("PLRNNCell", inputSize, hiddenSize);
  }

  /**
   * The cell with b.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public PLRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Drawn own = new Drawn(Initializer.uniform(0, 1));
    Expr a = w.get("a", own, hiddenSize);
    Expr U =
        w.get(
            "U",
            (tf, shape, type, seed) -> bounded(tf, shape, type, seed, own),
            hiddenSize,
            hiddenSize);
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr V = U.times(Expr.identity(hiddenSize).oneMinus()).as("V");
    Expr hNext = a.times(h).plus(h.relu().dot(V)).plus(x.dot(W).plus(b));
    return new Step(hNext, State.of("h", hNext));
  }

  /** Columns of which the absolute values off the diagonal sum to at most 1 − a. */
  private static Operand<TNumber> bounded(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed, Drawn a) {
    Operand<TNumber> full = Initializer.GLOROT_UNIFORM.value(tf, shape, type, seed);
    long size = shape.get(0);
    Operand<TNumber> offDiagonal =
        Initializer.computed(
                s ->
                    IntStream.range(0, (int) s.size())
                        .mapToDouble(i -> i / size == i % size ? 0 : 1)
                        .toArray())
            .value(tf, shape, type, seed);
    Operand<TNumber> sizes = tf.math.abs(tf.math.mul(full, offDiagonal));
    Operand<TNumber> sums = tf.reduceSum(sizes, tf.constant(new int[] {0}));
    Operand<TNumber> one = Initializer.ONES.value(tf, Shape.scalar(), type, seed);
    Operand<TNumber> room = tf.math.divNoNan(tf.math.sub(one, a.value()), sums);
    return tf.math.mul(full, tf.math.minimum(room, one));
  }
}
