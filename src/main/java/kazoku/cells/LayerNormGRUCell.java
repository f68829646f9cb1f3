package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A GRU in which input terms and recurrent terms are normalised separately, before they meet.
 *
 * <p>LN_k is {@code (a−mean)/√(var+ε)⊙γ_k + β_k} with biased variance.
 *
 * <pre>
 * [z,r] = σ(split_2(LN(x·W_zr; γ_1, β_1) + LN(h·U_zr; γ_2, β_2)))  gates      [2H]
 * n  = act(LN(x·W_n; γ_3, β_3) + r⊙LN(h·U_n; γ_4, β_4))            candidate  [H]
 * h' = z⊙h + (1−z)⊙n                                               output     [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal; the gains γ_1, γ_2 {@code
 * [2H]}, γ_3, γ_4 {@code [H]} start as ones and the shifts β_1, β_2 {@code [2H]}, β_3, β_4 {@code
 * [H]} as zeros. There is no other bias. Blocks are z, r, n. In the graph γ_1 is spelled gamma_1.
 *
 * <p>Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", 2016, <a
 * href="https://arxiv.org/abs/1607.06450">arXiv:1607.06450</a>, and R. Kiros's Theano code: that z
 * keeps, that both gates are normalised together, and the ε of 1e-5 are from there. The code adds a
 * bias to the input terms before they are normalised; it is left out here. With {@code
 * updateConvention} WRITE it is {@code h' = (1−σ(z))⊙h + σ(z)⊙n}. This is said to be the form of
 * the paper's supplement, which was not checked.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param updateConvention what z multiplies; KEEP, the old state, by default
 * @param epsilon ε, more than 0; 1e-5 by default
 * @param activation act; tanh by default
 */
@About(idea = "input and recurrent terms normalised", source = "Ba, Kiros, Hinton 2016")
public record LayerNormGRUCell(
    int inputSize,
    int hiddenSize,
    UpdateConvention updateConvention,
    double epsilon,
    Activation activation)
    implements Cell {

  public LayerNormGRUCell {
    Checks.sizes("LayerNormGRUCell", inputSize, hiddenSize);
    Checks.given("LayerNormGRUCell", "updateConvention", updateConvention);
    Checks.require(epsilon > 0, "LayerNormGRUCell", "epsilon must be more than 0", epsilon);
    Checks.given("LayerNormGRUCell", "activation", activation);
  }

  /**
   * The cell of the author's code: z keeps the old state, ε is 1e-5.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LayerNormGRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, UpdateConvention.KEEP, 1e-5, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 3 * hiddenSize);
    Expr h = s.get("h");

    Parts xW = x.dot(W).split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts hU = h.dot(U).split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts gates =
        norm(w, xW.get("_zr"), "1").plus(norm(w, hU.get("_zr"), "2")).sigmoid().split("z", "r");
    Expr z = gates.get("z");
    Expr r = gates.get("r");
    Expr n =
        activation
            .apply(norm(w, xW.get("_n"), "3").plus(r.times(norm(w, hU.get("_n"), "4"))))
            .as("n");

    Expr hNext = updateConvention.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }

  private Expr norm(Weights w, Expr a, String k) {
    return a.layerNorm(w.gain("gamma_" + k, a.size()), w.bias("beta_" + k, a.size()), epsilon);
  }
}
