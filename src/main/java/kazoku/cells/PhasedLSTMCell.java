package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Phased long short-term memory: an oscillating gate opens each unit for a short part of its own
 * period, and between its openings a unit hardly changes; for events at irregular times.
 *
 * <pre>
 * [i,f] = σ(split_2([x,h]·K_if + b_if))       input and forget gate   [2H]
 * g  = act([x,h]·K_g + b_g)                   candidate               [H]
 * ĉ  = f⊙c + i⊙g                              memory, if open         [H]
 * o  = σ([x,h]·K_o + b_o)                     output gate             [H]
 * ĥ  = o⊙act(ĉ)                               output, if open         [H]
 * φ  = mod(time − s, τ)/τ                     phase, from 0 to 1      [H]
 * k  = 2φ/r_on where φ &lt; r_on/2,              openness: rising,       [H]
 *      else 2 − 2φ/r_on where φ &lt; r_on,       falling,
 *      else leak·φ                            closed
 * c' = k⊙ĉ + (1−k)⊙c                          memory                  [H]
 * h' = k⊙ĥ + (1−k)⊙h                          output                  [H]
 * </pre>
 *
 * <p>With {@code usePeepholes}, {@code [x,h,c]·K_if} and {@code [x,h,ĉ]·K_o}: whole matrices, and
 * not one weight a unit. The time stands beside the input: {@code Signal.of(x).beside("time", t)}
 * with t {@code [B,T,1]}. It is a number of the type of the weights; float32 has no fractions left
 * at times of ten million.
 *
 * <p>K_if {@code [I+H,2H]}, K_g {@code [I+H,H]} and K_o {@code [I+H,H]} start glorot-uniform (K_if
 * and K_o have H rows more with {@code usePeepholes}), b_if {@code [2H]}, b_g and b_o {@code [H]}
 * as zeros. The periods tau {@code [H]} start at e^u with u uniform between ln 1 and ln 1000, the
 * shifts s {@code [H]} uniform between 0 and tau, the open parts r_on {@code [H]} at {@code
 * ratioOn}.
 *
 * <p>Source: D. Neil, M. Pfeiffer, S.-C. Liu, "Phased LSTM: Accelerating Recurrent Network Training
 * for Long or Event-based Sequences", NIPS 2016, <a
 * href="https://arxiv.org/abs/1610.09513">arXiv:1610.09513</a>; the equations are those of
 * tf.contrib's PhasedLSTMCell, whose peepholes are dense and which has no forget bias. As there,
 * tau has a gradient through the division by it only: the derivative of mod by its divisor is left
 * out.
 *
 * @param inputSize I, without the time, at least 1
 * @param hiddenSize H, at least 1
 * @param leak what is let through when closed, at least 0; 0.001 by default
 * @param ratioOn the first r_on, more than 0 and at most 1; 0.1 by default
 * @param trainableRatioOn whether r_on is trained; true by default
 * @param usePeepholes whether the gates look at the memory; false by default
 * @param useBias whether there are b_if, b_g and b_o; true by default
 * @param activation act; tanh by default
 */
@About(idea = "units open by the clock", source = "Neil, Pfeiffer, Liu 2016")
public record PhasedLSTMCell(
    int inputSize,
    int hiddenSize,
    double leak,
    double ratioOn,
    boolean trainableRatioOn,
    boolean usePeepholes,
    boolean useBias,
    Activation activation)
    implements Cell {

  public PhasedLSTMCell {
    Checks.sizes("PhasedLSTMCell", inputSize, hiddenSize);
    Checks.notNegative("PhasedLSTMCell", "leak", leak);
    Checks.require(
        ratioOn > 0 && ratioOn <= 1,
        "PhasedLSTMCell",
        "ratioOn must be more than 0 and at most 1",
        ratioOn);
    Checks.given("PhasedLSTMCell", "activation", activation);
  }

  /**
   * The cell of tf.contrib, without peepholes.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public PhasedLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.001, 0.1, true, false, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr time = w.beside("time", 1);
    Parts K_if = kernel(w, "K_if", 2 * hiddenSize, usePeepholes);
    Parts K_g = kernel(w, "K_g", hiddenSize, false);
    Parts K_o = kernel(w, "K_o", hiddenSize, usePeepholes);
    Expr W = Expr.concat(K_if.get(0), K_g.get(0), K_o.get(0));
    Expr U = Expr.concat(K_if.get(1), K_g.get(1), K_o.get(1));
    Expr c = s.get("c");
    Expr h = s.get("h");

    Parts blocks =
        x.dot(W)
            .plus(h.dot(U))
            .plus(bias(w))
            .split(-1, 2 * hiddenSize, hiddenSize, hiddenSize)
            .as("_if", "_g", "_o");
    Parts gates = peephole(blocks.get("_if"), c, K_if).sigmoid().split("i", "f");
    Expr i = gates.get("i");
    Expr f = gates.get("f");
    Expr g = activation.apply(blocks.get("_g")).as("g");
    Expr cOpen = f.times(c).plus(i.times(g)).as("ĉ");
    Expr o = peephole(blocks.get("_o"), cOpen, K_o).sigmoid().as("o");
    Expr hOpen = o.times(activation.apply(cOpen)).as("ĥ");

    Expr k = openness(w, time).as("k");
    Expr cNext = k.times(cOpen).plus(k.oneMinus().times(c));
    Expr hNext = k.times(hOpen).plus(k.oneMinus().times(h));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  private Expr openness(Weights w, Expr time) {
    Drawn periods =
        new Drawn(
            (tf, shape, type, seed) ->
                tf.math.exp(Initializer.uniform(0, Math.log(1000)).value(tf, shape, type, seed)));
    Initializer withinPeriods =
        (tf, shape, type, seed) ->
            tf.math.mul(periods.value(), Initializer.uniform(0, 1).value(tf, shape, type, seed));
    Expr tau = w.get("tau", periods, hiddenSize);
    Expr shift = w.get("s", withinPeriods, hiddenSize);
    Initializer ratio = Initializer.constant(ratioOn);
    Expr r_on =
        trainableRatioOn ? w.get("r_on", ratio, hiddenSize) : w.fixed("r_on", ratio, hiddenSize);

    Expr phi = time.minus(shift).mod(tau.stopGradient()).dividedBy(tau).as("phi");
    Expr rising = phi.times(2).dividedBy(r_on);
    Expr falling = Expr.constant(2).minus(rising);
    Expr half = r_on.times(0.5);
    return half.greaterThan(phi)
        .where(rising, r_on.greaterThan(phi).where(falling, phi.times(leak)));
  }

  /** A kernel's rows for x and h, and for the memory. */
  private Parts kernel(Weights w, String symbol, int columns, boolean peepholes) {
    return peepholes
        ? w.input(symbol, inputSize + 2 * hiddenSize, columns)
            .split(-2, inputSize, hiddenSize, hiddenSize)
        : w.input(symbol, inputSize + hiddenSize, columns).split(-2, inputSize, hiddenSize);
  }

  private Expr bias(Weights w) {
    if (!useBias) {
      return Expr.constant(0);
    }
    return Expr.concat(
        w.bias("b_if", 2 * hiddenSize), w.bias("b_g", hiddenSize), w.bias("b_o", hiddenSize));
  }

  private Expr peephole(Expr a, Expr c, Parts kernel) {
    return usePeepholes ? a.plus(c.dot(kernel.get(2))) : a;
  }
}
