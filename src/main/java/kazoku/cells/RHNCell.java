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
 * Recurrent highway network: several highway layers between two time steps, so that a step is deep
 * and its gradient still has a short way back.
 *
 * <pre>
 * p  = act(x·W_p + s·U_1p + b_1p)             candidate of the first layer          [H]
 * t  = σ(x·W_t + s·U_1t + b_1t)               its transform gate                    [H]
 * p  = act(s·U_lp + b_lp)                     of the others, l = 2..L               [H]
 * t  = σ(s·U_lt + b_lt)                       of the others, l = 2..L               [H]
 * s  = t⊙p + (1−t)⊙s                          each layer, l = 1..L, the last is s'  [H]
 * </pre>
 *
 * <p>Without {@code coupled} there is a third block, that of the carry gate c, and {@code s = t⊙p +
 * c⊙s}. Blocks are p, t, c.
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, each U_l {@code [H,2H]} orthogonal, each b_l {@code
 * [2H]} as zeros with the block t at {@code transformBias}, so that at first a layer mostly carries
 * its input.
 *
 * <p>In training x is dropped out by {@code inputKeepProb} and s by {@code stateKeepProb}, in the
 * products only: the s that a layer carries is whole. There is one mask a row, {@code input} and
 * {@code state}, for all steps and all layers.
 *
 * <p>Source: J. Zilly, R. Srivastava, J. Koutník, J. Schmidhuber, "Recurrent Highway Networks",
 * ICML 2017, <a href="https://arxiv.org/abs/1607.03474">arXiv:1607.03474</a>. The authors' code is
 * coupled, has a matrix for each block, and starts the block t at −2 or −4; RecurrentLayers.jl has
 * the uncoupled form.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param depth L, at least 1; 3 by default
 * @param transformBias where the block t of b_l starts; −2 by default
 * @param inputKeepProb the part of x that is kept in training, in (0, 1]; 1 by default
 * @param stateKeepProb the part of s that is kept in training, in (0, 1]; 1 by default
 * @param coupled whether a layer carries what it does not transform; true by default
 * @param useBias whether there are b_l; true by default
 * @param activation act; tanh by default
 */
@About(idea = "highway layers between two steps", source = "Zilly et al. 2017")
public record RHNCell(
    int inputSize,
    int hiddenSize,
    int depth,
    double transformBias,
    double inputKeepProb,
    double stateKeepProb,
    boolean coupled,
    boolean useBias,
    Activation activation)
    implements Cell {

  public RHNCell {
    Checks.sizes("RHNCell", inputSize, hiddenSize);
    Checks.atLeastOne("RHNCell", "depth", depth);
    Checks.kept("RHNCell", "inputKeepProb", inputKeepProb);
    Checks.kept("RHNCell", "stateKeepProb", stateKeepProb);
    Checks.given("RHNCell", "activation", activation);
  }

  /**
   * The cell as in the authors' code, three layers deep, without drop-out.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public RHNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 3, -2, 1, 1, true, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("s", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State before) {
    String[] blocks = coupled ? new String[] {"_p", "_t"} : new String[] {"_p", "_t", "_c"};
    int width = blocks.length * hiddenSize;
    Expr W = w.input("W", inputSize, width);
    Expr seen = w.dropOut("input", inputKeepProb, Weights.Draw.EACH_ROW, x);
    Expr s = before.get("s");

    for (int l = 1; l <= depth; l++) {
      Expr U_l = w.recurrent("U_" + l, hiddenSize, width);
      Expr heard = w.dropOut("state", stateKeepProb, Weights.Draw.EACH_ROW, s);
      Expr a = heard.dot(U_l).plus(bias(w, "b_" + l));
      Parts parts = (l == 1 ? a.plus(seen.dot(W)) : a).split(blocks);
      Expr t = parts.get("_t").sigmoid().as("t");
      Expr c = coupled ? t.oneMinus() : parts.get("_c").sigmoid().as("c");
      Expr p = activation.apply(parts.get("_p")).as("p");
      s = t.times(p).plus(c.times(s)).as("s");
    }
    return new Step(s, State.of("s", s));
  }

  private Expr bias(Weights w, String b_l) {
    if (!useBias) {
      return Expr.constant(0);
    }
    return coupled
        ? w.get(b_l, Initializer.blocks(0, transformBias), 2 * hiddenSize)
        : w.get(b_l, Initializer.blocks(0, transformBias, 0), 3 * hiddenSize);
  }
}
