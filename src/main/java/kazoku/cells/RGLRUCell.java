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
 * Real-gated linear recurrent unit: a diagonal linear recurrence whose decay the input gates, and
 * whose input is scaled so that the state keeps its size.
 *
 * <pre>
 * r  = σ(x·W_a + b_a)                         recurrence gate         [H]
 * i  = σ(x·W_i + b_i)                         input gate              [H]
 * a  = exp(−8·r⊙softplus(Λ))                  decay                   [H]
 * m  = √(1 − a²)                              scale of the input      [H]
 * a  = 0 where t = 0, else a                  a sequence begins       [H]
 * m  = 1 where t = 0, else m                  a sequence begins       [H]
 * h' = a⊙h + m⊙(i⊙x)                          output                  [H]
 * t' = t + 1                                  steps done              []
 * </pre>
 *
 * <p>Without {@code resetAtStart} there is no t, and the first step is like the others.
 *
 * <p>W_a and W_i {@code [heads,d,d]} with d = H/heads are block-diagonal, block j sees slice j of
 * x. They start normal with variance 1/d, b_a and b_i {@code [H]} zeros, Λ {@code [H]} so that
 * a^(1/8r) lies between 0.9 and 0.999, its square uniformly. In the graph Λ is spelled Lambda.
 *
 * <p>Source: S. De et al., "Griffin: Mixing Gated Linear Recurrences with Local Attention for
 * Efficient Language Models", 2024, <a
 * href="https://arxiv.org/abs/2402.19427">arXiv:2402.19427</a>. The slope of the square root, which
 * is infinite where a is 1, is cut off at 1000 in the gradient, as in the authors' recurrentgemma.
 * The convolution and the second branch belong to the block around the cell.
 *
 * @param inputSize I, equal to H
 * @param hiddenSize H, at least 1
 * @param heads blocks of W_a and W_i, divides H; 1 by default
 * @param resetAtStart whether the first step of a sequence takes its input unscaled; true by
 *     default
 */
@About(idea = "gated real diagonal recurrence", source = "De et al. 2024")
public record RGLRUCell(int inputSize, int hiddenSize, int heads, boolean resetAtStart)
    implements Cell {

  public RGLRUCell {
    Checks.sizes("RGLRUCell", inputSize, hiddenSize);
    Checks.require(
        inputSize == hiddenSize,
        "RGLRUCell",
        "inputSize must equal hiddenSize " + hiddenSize,
        inputSize);
    Heads.check("RGLRUCell", hiddenSize, heads);
  }

  /**
   * The cell with full gate matrices.
   *
   * @param inputSize I
   * @param hiddenSize H, equal to I
   */
  public RGLRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, true);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    Slot h = Slot.of("h", hiddenSize);
    return resetAtStart ? List.of(h, Slot.of("t")) : List.of(h);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int width = hiddenSize / heads;
    Initializer start = Initializer.normal(1 / Math.sqrt(width));
    Expr W_a = w.get("W_a", start, heads, width, width);
    Expr W_i = w.get("W_i", start, heads, width, width);
    Expr b_a = w.bias("b_a", hiddenSize);
    Expr b_i = w.bias("b_i", hiddenSize);
    Expr Lambda = w.get("Lambda", RGLRUCell::ring, hiddenSize);
    Expr h = s.get("h");

    Expr r = Expr.concat(Heads.products(x, W_a)).plus(b_a).sigmoid().as("r");
    Expr i = Expr.concat(Heads.products(x, W_i)).plus(b_i).sigmoid().as("i");
    Expr a = r.times(-8).times(Lambda.softplus()).exp().as("a");
    Expr m = root(a.square().oneMinus()).as("m");
    if (resetAtStart) {
      Expr first = s.get("t").reshape(1).equalTo(0);
      a = first.where(Expr.constant(0), a).as("a");
      m = first.where(Expr.constant(1), m).as("m");
    }
    Expr hNext = a.times(h).plus(m.times(i.times(x)));
    State next = State.of("h", hNext);
    return new Step(hNext, resetAtStart ? next.with("t", s.get("t").plus(1)) : next);
  }

  /** The square root, with a slope of at most 1000. */
  private static Expr root(Expr a) {
    Expr slope = a.rsqrt().times(0.5).minimum(Expr.constant(1000)).stopGradient();
    return a.sqrt().stopGradient().plus(slope.times(a.minus(a.stopGradient())));
  }

  /** ln(e^−m − 1) with e^m, the decay for r = 1/8, between 0.9 and 0.999. */
  private static Operand<TNumber> ring(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    Operand<TNumber> squares =
        Initializer.uniform(0.9 * 0.9 + 1e-8, 0.999 * 0.999 + 1e-8).value(tf, shape, type, seed);
    return tf.math.log(tf.math.expm1(tf.math.neg(tf.math.log(tf.math.sqrt(squares)))));
  }
}
