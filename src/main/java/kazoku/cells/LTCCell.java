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
 * Liquid time-constant network: neurons joined by synapses, whose time constants depend on what
 * comes in; each input is held for a few implicit steps of a solver.
 *
 * <pre>
 * u   = x⊙w_in + b_in                              input map                 [I]
 * ψ_s = relu(w_s)ᵀ⊙σ(s_sᵀ⊙(u − μ_sᵀ))              synapses from inputs      [H,I]
 * N   = relu(g)⊙v_leak + Σ(ψ_s⊙e_sᵀ)               leak and inputs           [H]
 * D   = relu(g) + Σ(ψ_s)                           their conductance         [H]
 * C   = K·relu(c)                                  capacity a step           [H]
 * C   = K·relu(c)/elapsed                          if elapsedTime            [H]
 * ψ   = relu(w)ᵀ⊙σ(sᵀ⊙(v − μᵀ))                    synapses, k = 1..K        [H,H]
 * v   = (C⊙v + N + Σ(ψ⊙eᵀ))/(C + D + Σ(ψ) + 1e-8)  k = 1..K, the last is v'  [H]
 * y   = v'⊙w_out + b_out                           output                    [H]
 * </pre>
 *
 * <p>Sums go over the neurons, or inputs, that a synapse comes from. The time since the previous
 * step is 1; with {@code elapsedTime} it is read beside the input: {@code
 * Signal.of(x).beside("elapsed", tau)}, {@code [B,T,1]}.
 *
 * <p>w, μ, s, e {@code [H,H]} and w_s, μ_s, s_s, e_s {@code [I,H]} (the weights {@code mu}, {@code
 * mu_s} and so on) start uniform: w in (0.001,1), μ in (0.3,0.8), s in (3,8); e is 1 or −1. Of the
 * {@code [H]} for each neuron, g starts uniform in (0.001,1), v_leak in ±0.2, c in (0.4,0.6). The
 * gains w_in {@code [I]} and w_out {@code [H]} start as ones, the shifts b_in and b_out as zeros.
 *
 * <p>w, w_s, g and c must not be negative. With {@code implicitConstraints} their softplus stands
 * in the place of relu. Otherwise they count as 0 where training makes them negative, and their
 * gradient passes as if nothing were cut off; ncps cuts the weights themselves off at 0 after each
 * update.
 *
 * <p>Source: R. Hasani, M. Lechner, A. Amini, D. Rus, R. Grosu, "Liquid Time-constant Networks",
 * AAAI 2021, <a href="https://arxiv.org/abs/2006.04439">arXiv:2006.04439</a>; equations and first
 * values are those of the authors' library ncps, which can also leave synapses out by a mask.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param odeUnfolds K, steps of the solver for one input, at least 1; 6 by default
 * @param implicitConstraints whether softplus keeps weights positive; false by default
 * @param elapsedTime whether the time since the previous step is read beside the input; false by
 *     default
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
   * The cell with six steps of the solver for each input.
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
    Expr tau = elapsedTime ? w.beside("elapsed", 1) : Expr.constant(1);
    Synapses sensory = synapses(w, inputSize, "_s");
    Synapses inner = synapses(w, hiddenSize, "");

    Expr u = x.times(w.gain("w_in", inputSize)).plus(w.bias("b_in", inputSize)).as("u");
    Expr psi = sensory.psi(u).as("psi_s");
    Expr N = g.times(v_leak).plus(sensory.current(psi)).as("N");
    Expr D = g.plus(sensory.conductance(psi)).as("D");
    Expr C = c.times(odeUnfolds).dividedBy(tau).as("C");

    Expr v = s.get("v");
    for (int k = 0; k < odeUnfolds; k++) {
      psi = inner.psi(v).as("psi");
      Expr driven = C.times(v).plus(N).plus(inner.current(psi));
      v = driven.dividedBy(C.plus(D).plus(inner.conductance(psi)).plus(1e-8)).as("v");
    }
    Expr y = v.times(w.gain("w_out", hiddenSize)).plus(w.bias("b_out", hiddenSize));
    return new Step(y, State.of("v", v));
  }

  private Expr positive(Expr weight) {
    return implicitConstraints ? weight.softplus() : Constraints.notNegative(weight);
  }

  private Synapses synapses(Weights w, int from, String kind) {
    return new Synapses(
        positive(w.get("w" + kind, Initializer.uniform(0.001, 1), from, hiddenSize)).transpose(),
        w.get("mu" + kind, Initializer.uniform(0.3, 0.8), from, hiddenSize).transpose(),
        w.get("s" + kind, Initializer.uniform(3, 8), from, hiddenSize).transpose(),
        w.get("e" + kind, LTCCell::signs, from, hiddenSize).transpose());
  }

  /** Synapses turned over, {@code [j,i]}, since sums go along rows. */
  private record Synapses(Expr w, Expr mu, Expr s, Expr e) {

    /** ψ(a). */
    Expr psi(Expr a) {
      return w.times(s.times(a.reshape(1, a.size()).minus(mu)).sigmoid());
    }

    Expr current(Expr psi) {
      return conductance(psi.times(e));
    }

    Expr conductance(Expr psi) {
      return psi.sum().reshape(psi.shape().get(0));
    }
  }

  /** 1 or −1, as likely. */
  private static Operand<TNumber> signs(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    Operand<TNumber> zeroOrOne =
        tf.math.floor(Initializer.uniform(0, 2).value(tf, shape, type, seed));
    Operand<TNumber> one = Initializer.ONES.value(tf, shape, type, seed);
    return tf.math.sub(tf.math.add(zeroOrOne, zeroOrOne), one);
  }
}
