package kazoku.cells;

import java.util.List;
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
 * The identity network: a simple network of rectifiers whose recurrent matrix starts as the
 * identity, so that the state is kept until learning says otherwise.
 *
 * <pre>
 * h' = relu(x·W + h·U + b)                    output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts normal with standard deviation 0.001, U {@code [H,H]} as {@code scale}
 * times the identity, b {@code [H]} zeros.
 *
 * <p>Source: Q. V. Le, N. Jaitly, G. E. Hinton, "A Simple Way to Initialize Recurrent Networks of
 * Rectified Linear Units", 2015, <a href="https://arxiv.org/abs/1504.00941">arXiv:1504.00941</a>.
 * The paper takes a small scale, 0.01, for tasks without long memory. The first values are the
 * paper's; they were not compared with other code.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param scale first value of the diagonal of U, no part of the step; 1 by default
 * @param useBias whether there is b; true by default
 */
@About(idea = "rectifier that starts as identity", source = "Le, Jaitly, Hinton 2015")
public record IRNNCell(int inputSize, int hiddenSize, double scale, boolean useBias)
    implements Cell {

  public IRNNCell {
    Checks.sizes("IRNNCell", inputSize, hiddenSize);
    Checks.require(Double.isFinite(scale), "IRNNCell", "scale must be finite", scale);
  }

  /**
   * The cell that starts with the whole identity.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public IRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, true);
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
    Expr W = w.get("W", Initializer.normal(0.001), inputSize, hiddenSize);
    Expr U = w.get("U", this::scaledIdentity, hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr hNext = x.dot(W).plus(h.dot(U)).plus(b).relu();
    return new Step(hNext, State.of("h", hNext));
  }

  private Operand<TNumber> scaledIdentity(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    Operand<TNumber> diagonal =
        Initializer.constant(scale).value(tf, Shape.of(hiddenSize), type, seed);
    Operand<TNumber> elsewhere = Initializer.ZEROS.value(tf, Shape.scalar(), type, seed);
    return tf.linalg.matrixDiag(
        diagonal, tf.constant(0), tf.constant(hiddenSize), tf.constant(hiddenSize), elsewhere);
  }
}
