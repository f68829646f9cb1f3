package kazoku.layers;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.RowLayer;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Each feature is brought to mean 0 and standard deviation 1 by numbers that are known beforehand:
 * the preparation of data, as a part of the model that is saved and exported with it.
 *
 * <pre>
 * y = (x − mean)/scale        x, mean, scale, y [I]
 * </pre>
 *
 * <p>Not trained: mean and scale. {@link #of} takes them from data; give it the training data.
 *
 * <p>Keras has it as {@code Normalization}, scikit-learn as {@code StandardScaler}.
 *
 * @param mean one number a feature, at least one
 * @param scale as many, more than 0
 */
public record Normalization(List<Double> mean, List<Double> scale) implements RowLayer {

  public Normalization {
    mean = List.copyOf(mean);
    scale = List.copyOf(scale);
    Checks.atLeastOne("Normalization", "the number of features", mean.size());
    Checks.require(
        scale.size() == mean.size(),
        "Normalization",
        "scale must have one number a feature, " + mean.size(),
        scale.size());
    for (int i = 0; i < mean.size(); i++) {
      Checks.require(
          Double.isFinite(mean.get(i)), "Normalization", "mean must be finite", mean.get(i));
      Checks.require(
          scale.get(i) > 0 && scale.get(i) < Double.POSITIVE_INFINITY,
          "Normalization",
          "scale must be more than 0",
          scale.get(i));
    }
  }

  /**
   * Mean and standard deviation of each feature over all steps of all rows. A feature that is the
   * same everywhere has scale 1.
   *
   * @param sequences {@code [B][T][I]}, T may differ from row to row; one step at least
   * @return the layer
   * @throws IllegalArgumentException if there is no step, a step has another size, or a number is
   *     not finite
   */
  public static Normalization of(float[][][] sequences) {
    List<float[]> steps = Arrays.stream(sequences).flatMap(Arrays::stream).toList();
    Checks.require(!steps.isEmpty(), "Normalization", "there must be at least one step", "none");
    int size = steps.get(0).length;
    for (float[] step : steps) {
      Checks.require(
          step.length == size,
          "Normalization",
          "each step must have " + size + " numbers",
          step.length);
    }
    double[] mean =
        IntStream.range(0, size)
            .mapToDouble(i -> steps.stream().mapToDouble(step -> step[i]).average().orElseThrow())
            .toArray();
    DoubleStream deviations =
        IntStream.range(0, size)
            .mapToDouble(
                i ->
                    Math.sqrt(
                        steps.stream()
                            .mapToDouble(step -> (step[i] - mean[i]) * (step[i] - mean[i]))
                            .average()
                            .orElseThrow()));
    return new Normalization(
        Arrays.stream(mean).boxed().toList(), deviations.map(d -> d == 0 ? 1 : d).boxed().toList());
  }

  @Override
  public Shape input() {
    return Shape.of(mean.size());
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    Expr mu = w.fixed("mean", given(mean), mean.size());
    Expr sigma = w.fixed("scale", given(scale), mean.size());
    return x.minus(mu).dividedBy(sigma);
  }

  private static Initializer given(List<Double> numbers) {
    return Initializer.computed(
        shape -> numbers.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
