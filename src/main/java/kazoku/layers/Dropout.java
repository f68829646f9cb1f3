package kazoku.layers;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Weights;
import kazoku.Weights.Draw;
import org.tensorflow.ndarray.Shape;

/**
 * Drops a random part of its input in training; in evaluation it gives back what it takes.
 *
 * <pre>
 * y = x⊙m/(1 − rate)        m a mask of zeros and ones, x, y [I]
 * </pre>
 *
 * <p>The mask is drawn anew in every run, repeatable from the seed of the weights. Drawn for each
 * step ({@link Draw#EACH_STEP}, the default), every number is dropped or kept by itself. Drawn for
 * each row ({@link Draw#EACH_ROW}), all steps of a sequence share one mask of I numbers: the
 * variational drop-out of Gal and Ghahramani, and Keras' SpatialDropout1D. With {@code wholeSteps}
 * all numbers of a step are dropped or kept together, as in word drop-out. Keras' noise_shape is
 * {@code (B, 1, I)} for the second and {@code (B, T, 1)} for the third.
 *
 * <p>Source: N. Srivastava et al., "Dropout", Journal of Machine Learning Research 15, 2014; Y.
 * Gal, Z. Ghahramani, NIPS 2016, <a href="https://arxiv.org/abs/1512.05287">arXiv:1512.05287</a>.
 *
 * @param rate the part that is dropped, at least 0 and less than 1
 * @param draw for what the mask is drawn anew
 * @param wholeSteps whether the numbers of a step share their fate; false by default
 */
public record Dropout(double rate, Draw draw, boolean wholeSteps) implements RowLayer {

  public Dropout {
    Checks.require(rate >= 0 && rate < 1, "Dropout", "rate must be in [0, 1)", rate);
    Checks.given("Dropout", "draw", draw);
  }

  /**
   * Drop-out of single numbers.
   *
   * @param rate the part that is dropped
   */
  public Dropout(double rate) {
    this(rate, Draw.EACH_STEP);
  }

  /**
   * Drop-out whose masks may be shared.
   *
   * @param rate the part that is dropped
   * @param draw for what the mask is drawn anew
   */
  public Dropout(double rate, Draw draw) {
    this(rate, draw, false);
  }

  @Override
  public Shape input() {
    return Shape.unknown();
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    double keep = 1 - rate;
    if (!wholeSteps) {
      return w.dropOut("mask", keep, draw, x);
    }
    Expr one = Expr.constant(new double[] {1}, 1);
    return w.training() ? x.times(w.dropOut("mask", keep, draw, one)) : x;
  }
}
