package kazoku.cells;

import java.util.Arrays;
import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Time mixing of RWKV-4: an average of values whose weights decay exponentially, kept in range by a
 * running maximum.
 *
 * <pre>
 * k = (μ_k⊙x + (1−μ_k)⊙p)·W_k                 key                     [H]
 * v = (μ_v⊙x + (1−μ_v)⊙p)·W_v                 value                   [H]
 * r = σ((μ_r⊙x + (1−μ_r)⊙p)·W_r)              receptance              [H]
 * o = max(q, u + k)                           maximum with this step  [H]
 * num = e^(q−o)⊙a + e^(u+k−o)⊙v               sum of values           [H]
 * den = e^(q−o)⊙b + e^(u+k−o)                 sum of weights          [H]
 * out = (r⊙num/den)·W_o                       output                  [I]
 * p' = x                                      previous input          [I]
 * q' = max(q + w, k)                          running maximum         [H]
 * a' = e^(q+w−q')⊙a + e^(k−q')⊙v              sum of values           [H]
 * b' = e^(q+w−q')⊙b + e^(k−q')                sum of weights          [H]
 * </pre>
 *
 * <p>The decay w has to stay negative. With {@code timeDecay} the weight is time_decay, and {@code
 * w = −e^time_decay} is so by itself: to be preferred for training.
 *
 * <p>W_k, W_v, W_r {@code [I,H]} and W_o {@code [H,I]} start glorot-uniform. The k-th element, from
 * 0, of μ_k and μ_v {@code [I]} starts at k/I, of μ_r {@code [I]} at √(k/I), of time_decay {@code
 * [H]} at {@code −5 + 8·(k/(H−1))^0.7} and w at −e to this power, of u {@code [H]} at ln 0.3 plus
 * 0, ½, −½ in turn: the values that the authors give the first layer of a stack. The state q starts
 * at −1e30. In the graph μ is spelled mu.
 *
 * <p>Source: B. Peng et al., "RWKV: Reinventing RNNs for the Transformer Era", Findings of EMNLP
 * 2023, <a href="https://arxiv.org/abs/2305.13048">arXiv:2305.13048</a>. The authors' code trains
 * time_decay and, to run a model, puts w in its place. It starts W_k, W_r and W_o as zeros and W_v
 * orthogonal.
 *
 * @param inputSize I, at least 1; also the width of the output
 * @param hiddenSize H, at least 1
 * @param timeDecay whether the weight is time_decay in the place of w; false by default
 */
@About(idea = "exponentially fading average of values", source = "Peng et al. 2023")
public record RWKVCell(int inputSize, int hiddenSize, boolean timeDecay) implements Cell {

  public RWKVCell {
    Checks.sizes("RWKVCell", inputSize, hiddenSize);
  }

  /**
   * The cell with w as its weight.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public RWKVCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, false);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("p", inputSize),
        Slot.of("a", hiddenSize),
        Slot.of("b", hiddenSize),
        Slot.of("q", hiddenSize).startingAt(-1e30));
  }

  @Override
  public Step step(Weights weights, Expr x, State s) {
    Expr mu_k = weights.get("mu_k", ramp(1), inputSize);
    Expr mu_v = weights.get("mu_v", ramp(1), inputSize);
    Expr mu_r = weights.get("mu_r", ramp(0.5), inputSize);
    Expr W_k = weights.input("W_k", inputSize, hiddenSize);
    Expr W_v = weights.input("W_v", inputSize, hiddenSize);
    Expr W_r = weights.input("W_r", inputSize, hiddenSize);
    Expr W_o = weights.input("W_o", hiddenSize, inputSize);
    Expr w = decay(weights);
    Expr u = weights.get("u", Initializer.computed(this::zigzag), hiddenSize);
    Expr p = s.get("p");
    Expr a = s.get("a");
    Expr b = s.get("b");
    Expr q = s.get("q");

    Expr k = mixed(mu_k, x, p).dot(W_k).as("k");
    Expr v = mixed(mu_v, x, p).dot(W_v).as("v");
    Expr r = mixed(mu_r, x, p).dot(W_r).sigmoid().as("r");
    Expr o = q.maximum(u.plus(k)).as("o");
    Expr past = q.minus(o).exp();
    Expr now = u.plus(k).minus(o).exp();
    Expr num = past.times(a).plus(now.times(v)).as("num");
    Expr den = past.times(b).plus(now).as("den");
    Expr out = r.times(num).dividedBy(den).dot(W_o).as("out");

    Expr qNext = q.plus(w).maximum(k);
    Expr keep = q.plus(w).minus(qNext).exp();
    Expr write = k.minus(qNext).exp();
    Expr aNext = keep.times(a).plus(write.times(v));
    Expr bNext = keep.times(b).plus(write);
    return new Step(out, State.of("p", x).with("a", aNext).with("b", bNext).with("q", qNext));
  }

  private static Expr mixed(Expr mu, Expr x, Expr p) {
    return mu.times(x).plus(mu.oneMinus().times(p));
  }

  private Expr decay(Weights w) {
    if (timeDecay) {
      Initializer start = Initializer.computed(this::logRates);
      return w.get("time_decay", start, hiddenSize).exp().negate();
    }
    Initializer start =
        Initializer.computed(
            shape -> Arrays.stream(logRates(shape)).map(a -> -Math.exp(a)).toArray());
    return w.get("w", start, hiddenSize);
  }

  private static Initializer ramp(double exponent) {
    return Initializer.computed(
        shape -> {
          double[] values = new double[(int) shape.size()];
          Arrays.setAll(values, k -> Math.pow((double) k / values.length, exponent));
          return values;
        });
  }

  private double[] logRates(Shape shape) {
    double[] rates = new double[hiddenSize];
    double last = Math.max(1, hiddenSize - 1);
    Arrays.setAll(rates, k -> -5 + 8 * Math.pow(k / last, 0.7));
    return rates;
  }

  private double[] zigzag(Shape shape) {
    double[] values = new double[hiddenSize];
    Arrays.setAll(values, k -> Math.log(0.3) + 0.5 * ((k + 1) % 3 - 1));
    return values;
  }
}
