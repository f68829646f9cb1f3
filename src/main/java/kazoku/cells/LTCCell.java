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
 * Liquid time-constant network: neurons whose time constants depend on the input, by a few implicit
 * solver steps for each input.
 *
 * <pre>
 * x  ← x⊙w_in + b_in                                            sensed             [I]
 * S_n = Σ_i ψ_s(x_i)⊙e_s                                        sensory drive      [H]
 * S_d = Σ_i ψ_s(x_i)                                            sensory conductance [H]
 * repeat K times:
 *   num = K/τ·c⊙v + g⊙v_leak + Σ_i ψ(v_i)⊙e + S_n                                  [H]
 *   den = K/τ·c + g + Σ_i ψ(v_i) + S_d                                             [H]
 *   v ← num/(den + 1e-8)                                        potential          [H]
 * out = v'⊙w_out + b_out                                        output             [H]
 * </pre>
 *
 * <p>{@code ψ(a_i)_j = w_ij·σ(s_ij·(a_i − μ_ij))}, ψ_s with w_s, s_s and μ_s. w, w_s, g and c are
 * kept positive where they are read: by {@code max(·, 0)}, or with {@code implicitConstraints} by
 * softplus.
 *
 * <p>τ is 1, or with {@code elapsedTime} the time since the last step, which stands beside the
 * input: {@code Signal.of(x).beside("elapsed", t)} with t {@code [B,T,1]}, more than 0.
 *
 * <p>w, μ, s and e {@code [H,H]} and w_s, μ_s, s_s and e_s {@code [I,H]} start uniform in (0.001,
 * 1), (0.3, 0.8), (3, 8) and at ±1; g, v_leak and c {@code [H]} in (0.001, 1), ±0.2 and (0.4, 0.6);
 * w_in {@code [I]} and w_out {@code [H]} ones, b_in and b_out zeros. In the graph μ is spelled mu.
 *
 * <p>Source: R. Hasani et al., "Liquid Time-constant Networks", AAAI 2021, <a
 * href="https://arxiv.org/abs/2006.04439">arXiv:2006.04439</a>; the form is that of the authors'
 * ncps library, which also masks the synapses, and clips at 0 after each update.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param odeUnfolds K, solver steps for each input, at least 1; 6 by default
 * @param implicitConstraints whether softplus keeps weights positive; false by default
 * @param elapsedTime whether τ is given beside the input; false by default
 */
@About(idea = "time constants depend on input", source = "Hasani et al. 2021")
public record LTCCell(
    int inputSize, int hiddenSize, int odeUnfolds, boolean implicitConstraints, boolean elapsedTime)
    implements Cell {

  public LTCCell {
    Checks.sizes("LTCCell", inputSize, hiddenSize);
    Checks.atLeastOne("LTCCell", "odeUnfolds", odeUnfolds);
  }

  /**
   * The cell with six solver steps for each input.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LTCCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 6, false, false);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("v", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr g = positive(w.get("g", Initializer.uniform(0.001, 1), hiddenSize));
    Expr v_leak = w.get("v_leak", Initializer.uniform(-0.2, 0.2), hiddenSize);
    Expr c = positive(w.get("c", Initializer.uniform(0.4, 0.6), hiddenSize));
    Expr w_in = w.gain("w_in", inputSize);
    Expr b_in = w.bias("b_in", inputSize);
    Expr w_out = w.gain("w_out", hiddenSize);
    Expr b_out = w.bias("b_out", hiddenSize);

    Synapses sensory = synapses(w, "_s", inputSize);
    Expr sensed = sensory.conductance(x.times(w_in).plus(b_in));
    Expr S_n = sensory.drive(sensed);
    Expr S_d = sensory.sum(sensed);
    Expr rate = c.times(odeUnfolds);
    if (elapsedTime) {
      rate = rate.dividedBy(w.beside("elapsed", 1));
    }
    Synapses own = synapses(w, "", hiddenSize);
    Expr v = s.get("v");
    for (int k = 0; k < odeUnfolds; k++) {
      Expr psi = own.conductance(v);
      Expr num = rate.times(v).plus(g.times(v_leak)).plus(own.drive(psi)).plus(S_n);
      Expr den = rate.plus(g).plus(own.sum(psi)).plus(S_d);
      v = num.dividedBy(den.plus(1e-8));
    }
    Expr out = v.times(w_out).plus(b_out);
    return new Step(out, State.of("v", v));
  }

  private Expr positive(Expr weight) {
    return implicitConstraints ? weight.softplus() : weight.relu();
  }

  private Synapses synapses(Weights w, String suffix, int rows) {
    return new Synapses(
        positive(w.get("w" + suffix, Initializer.uniform(0.001, 1), rows, hiddenSize)),
        w.get("mu" + suffix, Initializer.uniform(0.3, 0.8), rows, hiddenSize),
        w.get("s" + suffix, Initializer.uniform(3, 8), rows, hiddenSize),
        w.get("e" + suffix, LTCCell::signs, rows, hiddenSize),
        rows,
        hiddenSize);
  }

  /** From {@code rows} sources to H neurons. */
  private record Synapses(Expr w, Expr mu, Expr s, Expr e, int rows, int columns) {

    /** ψ, {@code [rows,H]}. */
    Expr conductance(Expr a) {
      return w.times(s.times(a.reshape(rows, 1).minus(mu)).sigmoid());
    }

    Expr drive(Expr psi) {
      return sum(psi.times(e));
    }

    Expr sum(Expr psi) {
      return psi.transpose().sum().reshape(columns);
    }
  }

  private static Operand<TNumber> signs(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    return tf.math.sign(Initializer.uniform(-1, 1).value(tf, shape, type, seed));
  }
}
