package kazoku.cells;

import java.util.List;
import kazoku.Activation;
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
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * Echo state network: a fixed random pool of units that echoes its input; only what reads it
 * learns.
 *
 * <pre>
 * h̃  = act(x·W + h·U + b)                     echo                    [H]
 * h' = (1−leaky)·h + leaky·h̃                  output                  [H]
 * </pre>
 *
 * <p>All weights are fixed: no optimizer is given them. W {@code [I,H]} is glorot-uniform, b {@code
 * [H]} zeros. U {@code [H,H]} is drawn glorot-uniform; each element stays with the probability
 * {@code connectivity} and is 0 otherwise; then U is multiplied so that its spectral radius, the
 * largest absolute value of its eigenvalues, is {@code spectralRadius}. With {@code useNorm2} it is
 * multiplied so that its Frobenius norm, which is never less than that, is {@code spectralRadius}:
 * this is cheaper. A small pool may keep no connections that form a circle. All eigenvalues are 0
 * then, and U becomes zeros (its norm is 0 only where no connection is left).
 *
 * <p>Source: H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural
 * networks", GMD Report 148, 2001; equations and first values are those of ESNCell in tf-addons,
 * which does not train b either. It computes the eigenvalues; those of a pool without circles are
 * rounding errors, by which it multiplies U by any large number. Here the radius is {@code
 * ‖Uⁿ‖^(1/n)} with n = 2³⁰, which is 0 for such a pool.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param leaky what the state takes of the echo, more than 0 and at most 1; 1 by default
 * @param connectivity the part of U that is not 0, more than 0 and at most 1; 0.1 by default
 * @param spectralRadius of U after scaling, at least 0; 0.9 by default
 * @param useNorm2 whether U is scaled by its norm and not by its eigenvalues; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "fixed random pool, trained read-out", source = "Jaeger 2001")
public record ESNCell(
    int inputSize,
    int hiddenSize,
    double leaky,
    double connectivity,
    double spectralRadius,
    boolean useNorm2,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ESNCell {
    Checks.sizes("ESNCell", inputSize, hiddenSize);
    Checks.require(
        leaky > 0 && leaky <= 1, "ESNCell", "leaky must be more than 0 and at most 1", leaky);
    Checks.require(
        connectivity > 0 && connectivity <= 1,
        "ESNCell",
        "connectivity must be more than 0 and at most 1",
        connectivity);
    Checks.notNegative("ESNCell", "spectralRadius", spectralRadius);
    Checks.given("ESNCell", "activation", activation);
  }

  /**
   * The cell with tanh, a tenth of all connections and a spectral radius of 0.9.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public ESNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, 0.1, 0.9, false, true, Activation.TANH);
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
    Expr W = w.fixed("W", Initializer.GLOROT_UNIFORM, inputSize, hiddenSize);
    Expr U = w.fixed("U", this::reservoir, hiddenSize, hiddenSize);
    Expr b = useBias ? w.fixed("b", Initializer.ZEROS, hiddenSize) : Expr.constant(0);
    Expr h = s.get("h");

    Expr echo = activation.apply(x.dot(W).plus(h.dot(U)).plus(b)).as("h̃");
    Expr hNext = leaky == 1 ? echo : h.times(1 - leaky).plus(echo.times(leaky));
    return new Step(hNext, State.of("h", hNext));
  }

  private Operand<TNumber> reservoir(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    Operand<TNumber> full = Initializer.GLOROT_UNIFORM.value(tf, shape, type, seed);
    Operand<TNumber> draw = Initializer.uniform(0, 1).value(tf, shape, type, seed + 1);
    Operand<TNumber> bound =
        Initializer.constant(connectivity).value(tf, Shape.scalar(), type, seed);
    Operand<TNumber> kept = Initializer.cast(tf, tf.math.lessEqual(draw, bound), type);
    Operand<TFloat64> U = tf.dtypes.cast(tf.math.mul(full, kept), TFloat64.class);
    Operand<TFloat64> size = useNorm2 ? norm(tf, U) : radius(tf, U);
    Operand<TFloat64> factor = tf.math.divNoNan(tf.constant(spectralRadius), size);
    return Initializer.cast(tf, tf.math.mul(U, factor), type);
  }

  private static Operand<TFloat64> norm(Ops tf, Operand<TFloat64> U) {
    return tf.math.sqrt(tf.reduceSum(tf.math.square(U), tf.constant(new int[] {0, 1})));
  }

  /**
   * The n-th root of the norm of the n-th power of U, for a large n. Powers of a U without circles
   * are exact zeros, where a computation of eigenvalues gives its rounding errors.
   */
  private static Operand<TFloat64> radius(Ops tf, Operand<TFloat64> U) {
    Operand<TFloat64> radius = tf.constant(1.0);
    Operand<TFloat64> power = U;
    for (int squarings = 0; squarings <= 30; squarings++) {
      Operand<TFloat64> norm = norm(tf, power);
      Operand<TFloat64> root = tf.math.pow(norm, tf.constant(Math.pow(0.5, squarings)));
      radius = tf.math.mul(radius, root);
      Operand<TFloat64> unit = tf.math.divNoNan(power, norm);
      power = tf.linalg.matMul(unit, unit);
    }
    return radius;
  }
}
