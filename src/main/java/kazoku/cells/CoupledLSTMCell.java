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
 * Long short-term memory with coupled gates: what is written is exactly what is forgotten.
 *
 * <pre>
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * f  = σ(x·W_f + h·U_f + b_f + fb + p_f⊙c)    forget gate             [H]
 * c' = f⊙c + (1−f)⊙g                          memory                  [H]
 * o  = σ(x·W_o + h·U_o + b_o + p_o⊙c')        output gate             [H]
 * h' = o⊙act(c')                              output                  [H]
 * m' = h'·P                                   output, in place of h'  [R]
 * </pre>
 *
 * <p>The terms with p_f and p_o are there with {@code usePeepholes}; m' is the output and the state
 * in place of h with {@code numProj}. With {@code layerNorm} there is no b, and LN is {@code
 * (a−mean)/√(var+ε)⊙γ + β} with biased variance; without, it is nothing.
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} ({@code [R,3H]}) orthogonal, p_f and
 * p_o {@code [H]} and P {@code [H,R]} glorot-uniform, b {@code [3H]} zeros, with the forget block
 * at 1 where {@code forgetBias} is 0. Blocks are g, f, o. gamma_g, gamma_f, gamma_o and gamma_c
 * {@code [H]} start as ones, beta_g, beta_f, beta_o and beta_c {@code [H]} as zeros.
 *
 * <p>Source: K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: A
 * Search Space Odyssey", IEEE TNNLS 28(10), 2017, <a
 * href="https://arxiv.org/abs/1503.04069">arXiv:1503.04069</a>, where it is called CIFG. The flags
 * and the order of blocks are those of tf.contrib's CoupledInputForgetGateLSTMCell, which has no
 * clip of the memory. There, and so here, the normalised memory is carried and is what the output
 * gate looks at; in the paper on layer normalisation the memory is carried as it is. tf.contrib
 * takes an initialiser and does not use it.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to the forget gate; 1 by default
 * @param usePeepholes whether the gates look at the memory; false by default
 * @param numProj R, the width of m'; 0, the default, for no projection
 * @param projClip m' is cut off at ±projClip, only with {@code numProj}; 0, the default, for never
 * @param layerNorm whether gates, candidate and memory are normalised; false by default
 * @param epsilon ε, more than 0 with {@code layerNorm} and 0 without; tf.contrib has 1e-12
 * @param useBias whether there is b, which {@code layerNorm} never has; true by default
 * @param activation act; tanh by default
 */
@About(idea = "writes exactly what it forgets", source = "Greff et al. 2017")
public record CoupledLSTMCell(
    int inputSize,
    int hiddenSize,
    double forgetBias,
    boolean usePeepholes,
    int numProj,
    double projClip,
    boolean layerNorm,
    double epsilon,
    boolean useBias,
    Activation activation)
    implements Cell {

  public CoupledLSTMCell {
    Checks.sizes("CoupledLSTMCell", inputSize, hiddenSize);
    Checks.notNegative("CoupledLSTMCell", "numProj", numProj);
    Checks.notNegative("CoupledLSTMCell", "projClip", projClip);
    Checks.require(
        projClip == 0 || numProj > 0,
        "CoupledLSTMCell",
        "projClip needs numProj",
        "numProj " + numProj);
    Checks.notNegative("CoupledLSTMCell", "epsilon", epsilon);
    Checks.require(
        layerNorm == epsilon > 0,
        "CoupledLSTMCell",
        "epsilon must be more than 0 with layerNorm, and 0 without",
        epsilon);
    Checks.given("CoupledLSTMCell", "activation", activation);
  }

  /**
   * The cell of tf.contrib, without its flags.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public CoupledLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, false, 0, 0, false, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of(out(), outputSize()));
  }

  private String out() {
    return numProj == 0 ? "h" : "m";
  }

  private int outputSize() {
    return numProj == 0 ? hiddenSize : numProj;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr U = w.recurrent("U", outputSize(), 3 * hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get(out());

    Parts blocks = x.dot(W).plus(h.dot(U)).plus(bias(w)).split("_g", "_f", "_o");
    Expr g = activation.apply(norm(w, blocks.get("_g"), "g")).as("g");
    Expr f = norm(w, blocks.get("_f"), "f").plus(forgetBias);
    f = Peepholes.add(w, usePeepholes, f, "p_f", c).sigmoid().as("f");

    Expr cNext = norm(w, f.times(c).plus(f.oneMinus().times(g)), "c");
    Expr o =
        Peepholes.add(w, usePeepholes, norm(w, blocks.get("_o"), "o"), "p_o", cNext)
            .sigmoid()
            .as("o");
    Expr hNext = o.times(activation.apply(cNext));
    if (numProj > 0) {
      hNext = hNext.dot(w.input("P", hiddenSize, numProj)).clipAt(projClip);
    }
    return new Step(hNext, State.of("c", cNext).with(out(), hNext));
  }

  private Expr bias(Weights w) {
    Initializer start = Initializer.blocks(0, forgetBias == 0 ? 1 : 0, 0);
    return useBias && !layerNorm ? w.get("b", start, 3 * hiddenSize) : Expr.constant(0);
  }

  private Expr norm(Weights w, Expr a, String of) {
    if (!layerNorm) {
      return a;
    }
    return a.layerNorm(
        w.gain("gamma_" + of, hiddenSize), w.bias("beta_" + of, hiddenSize), epsilon);
  }
}
