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
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.Eig;
import org.tensorflow.op.math.ComplexAbs;
import org.tensorflow.proto.DataType;
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
 * {@code connectivity} and is 0 otherwise; then U is multiplied so that the largest absolute value
 * of its eigenvalues is {@code spectralRadius}. With {@code useNorm2} it is multiplied so that its
 * Frobenius norm, which is never less than that, is {@code spectralRadius}: this needs no
 * eigenvalues. A small pool may lose all its elements, or keep none that form a circle; all
 * eigenvalues are 0 then, and U is left at zeros.
 *
 * <p>Source: H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural
 * networks", GMD Report 148, 2001; equations and first values are those of ESNCell in tf-addons,
 * which does not train b either.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param leaky what the state takes of the echo, more than 0 and at most 1; 1 by default
 * @param connectivity the part of U that is not 0, more than 0 and at most 1; 0.1 by default
 * @param spectralRadius the size of U's largest eigenvalue, at least 0; 0.9 by default
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

    Expr echo = activation.apply(x.dot(W).plus(h.dot(U)).plus(b));
    Expr hNext = leaky == 1 ? echo : h.times(1 - leaky).plus(echo.times(leaky));
    return new Step(hNext, State.of("h", hNext));
  }

  private Operand<TNumber> reservoir(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    Operand<TNumber> full = Initializer.GLOROT_UNIFORM.value(tf, shape, type, seed);
    Operand<TNumber> draw = Initializer.uniform(0, 1).value(tf, shape, type, seed + 1);
    Operand<TNumber> bound =
        Initializer.constant(connectivity).value(tf, Shape.scalar(), type, seed);
    Operand<TNumber> kept = Vocabulary.number(tf.dtypes.cast(tf.math.lessEqual(draw, bound), type));
    Operand<TFloat64> U = tf.dtypes.cast(tf.math.mul(full, kept), TFloat64.class);
    Operand<TFloat64> size = useNorm2 ? norm(tf, U) : largestEigenvalue(tf, U);
    Operand<TFloat64> factor = tf.math.divNoNan(tf.constant(spectralRadius), size);
    return Vocabulary.number(tf.dtypes.cast(tf.math.mul(U, factor), type));
  }

  private static Operand<TFloat64> norm(Ops tf, Operand<TFloat64> U) {
    return tf.math.sqrt(tf.reduceSum(tf.math.square(U), tf.constant(new int[] {0, 1})));
  }

  /**
   * Its absolute value. TensorFlow-Java has no complex types, so the operations are made by name.
   */
  private static Operand<TFloat64> largestEigenvalue(Ops tf, Operand<TFloat64> U) {
    Operation eig =
        tf.scope()
            .env()
            .opBuilder(Eig.OP_NAME, tf.scope().makeOpName(Eig.OP_NAME), tf.scope())
            .addInput(U.asOutput())
            .setAttr("compute_v", false)
            .setAttr("Tout", DataType.DT_COMPLEX128)
            .build();
    Operation abs =
        tf.scope()
            .env()
            .opBuilder(ComplexAbs.OP_NAME, tf.scope().makeOpName(ComplexAbs.OP_NAME), tf.scope())
            .addInput(eig.output(0))
            .setAttr("Tout", DataType.DT_DOUBLE)
            .build();
    return tf.reduceMax(abs.<TFloat64>output(0), tf.constant(0));
  }
}
