package kazoku.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import kazoku.draw.Chart;

/**
 * How large the gradient of a loss is, by each weight and by the states after each step: whether
 * what the loss has to say of a step reaches the steps before it.
 *
 * <pre>
 * g_θ = ‖∂L/∂θ‖                  each weight θ
 * g_t = ‖∂L/∂s_t‖                each slot s of a recurrent layer's state, after each step t, of all
 *                                rows together
 * </pre>
 *
 * <p>L is the mean loss of the data, as it is trained; norms are Euclidean. ∂L/∂s_t is the whole
 * derivative by what step t hands on: through all steps after it, and where the slot is the output
 * (h of an LSTM, not its c) through that as well. Where the loss looks at the last step only,
 * {@code g_{t−1}/g_t} is the factor by which the recurrence shrinks or stretches what comes back
 * through it. If the numbers fall towards the first step by the same factor again and again,
 * gradients vanish, and the network cannot learn what long ago steps mean; if they grow, gradients
 * explode, and {@link Optimizer#clip} keeps the steps of the optimizer in bounds. A {@linkplain
 * kazoku.RNN#reversed() reversed} layer reads from the last step to the first, and its gradients
 * come back the other way. Rows that are shorter add nothing past their end; rows of one length
 * show most.
 *
 * <p>R. Pascanu, T. Mikolov, Y. Bengio 2013, <a
 * href="https://arxiv.org/abs/1211.5063">arXiv:1211.5063</a>.
 *
 * @param weights the norm for each weight, by full name, {@code rnn/cell/U}; 0 for one that does
 *     not reach the loss
 * @param steps the norm after each step, counted from 0, for each slot, {@code rnn/cell/h}
 */
public record GradientNorms(Map<String, Double> weights, Map<String, double[]> steps) {

  public GradientNorms {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
  }

  /**
   * The norm for the weights of each layer or cell together.
   *
   * @return norms by path, {@code rnn/cell}
   */
  public Map<String, Double> layers() {
    Map<String, Double> layers = new LinkedHashMap<>();
    weights.forEach(
        (name, norm) ->
            layers.merge(name.substring(0, Math.max(0, name.lastIndexOf('/'))), norm, Math::hypot));
    return layers;
  }

  /**
   * The norm for all weights together: what {@link Optimizer#clip} limits.
   *
   * @return the norm
   */
  public double total() {
    return weights.values().stream().reduce(0.0, Math::hypot);
  }

  /**
   * Draws the norms after each step as lines, on a logarithmic axis: {@code
   * norms.chart().write(Path.of("gradients.svg"))}. Where a norm is 0, the line ends.
   *
   * @return the picture
   * @throws IllegalStateException if no recurrent layer has steps
   */
  public Chart chart() {
    int longest = steps.values().stream().mapToInt(norms -> norms.length).max().orElse(0);
    if (longest == 0) {
      throw new IllegalStateException(
          "GradientNorms: there are no steps to draw; the model has no recurrent layer that is"
              + " trained on one");
    }
    float[][] lines = new float[longest][steps.size()];
    int k = 0;
    for (double[] norms : steps.values()) {
      for (int t = 0; t < longest; t++) {
        lines[t][k] = t < norms.length ? (float) norms[t] : Float.NaN;
      }
      k++;
    }
    return Chart.overSteps("gradient of the loss by the state after each step")
        .logarithmicLines("", "norm", lines, steps.keySet().toArray(String[]::new));
  }

  /**
   * The numbers as tables.
   *
   * @return a line for each weight, and for each slot with the first, the middle and the last step
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    weights.forEach((name, norm) -> line(text, name, norm));
    line(text, "all weights", total());
    if (!steps.isEmpty()) {
      text.append("%-40s %10s %10s %10s%n".formatted("", "first step", "middle", "last step"));
    }
    steps.forEach(
        (slot, norms) -> {
          if (norms.length > 0) {
            line(text, slot, norms[0], norms[norms.length / 2], norms[norms.length - 1]);
          }
        });
    return text.toString();
  }

  private static void line(StringBuilder text, String name, double... norms) {
    text.append("%-40s".formatted(name));
    for (double norm : norms) {
      text.append(String.format(Locale.ROOT, " %10.3g", norm));
    }
    text.append(System.lineSeparator());
  }
}
