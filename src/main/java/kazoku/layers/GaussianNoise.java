package kazoku.layers;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Weights;
import kazoku.Weights.Draw;
import org.tensorflow.ndarray.Shape;

/**
 * Adds normal noise in training; in evaluation it gives back what it takes.
 *
 * <pre>
 * y = x + σ·n        n normal, of mean 0 and standard deviation 1, x, y [I]
 * </pre>
 *
 * <p>The noise is drawn anew for every number and in every run, repeatable from the seed of the
 * weights.
 *
 * @param standardDeviation σ, at least 0
 */
public record GaussianNoise(double standardDeviation) implements RowLayer {

  public GaussianNoise {
    Checks.notNegative("GaussianNoise", "standardDeviation", standardDeviation);
  }

  @Override
  public Shape input() {
    return Shape.unknown();
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    return standardDeviation == 0 || !w.training()
        ? x
        : x.plus(w.noise("noise", Draw.EACH_STEP, x.size()).times(standardDeviation));
  }
}
