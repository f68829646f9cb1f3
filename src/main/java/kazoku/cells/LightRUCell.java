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
 * Light recurrent unit: one gate, and a candidate that sees the input only.
 *
 * <pre>
 * n  = act(x·W_n + b_n)                       candidate               [H]
 * f  = σ(x·W_f + h·U + b_f)                   gate                    [H]
 * h' = (1−f)⊙h + f⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b_f {@code [H]} and, with
 * {@code candidateBias}, b_n {@code [H]} zeros. Blocks are n, f.
 *
 * <p>Source: H. Ye et al., Electronics 13(16), 3204, 2024, <a
 * href="https://doi.org/10.3390/electronics13163204">doi:10.3390/electronics13163204</a>. The
 * formula of the paper, as RecurrentLayers.jl and torchrecurrent quote it, has no b_n; both add
 * one. The paper itself was not checked.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param candidateBias whether there is b_n, only with {@code useBias}; false by default
 * @param useBias whether there is b_f; true by default
 * @param activation act; tanh by default
 */
@About(idea = "one gate, candidate sees input only", source = "Ye et al. 2024")
public record LightRUCell(
    int inputSize, int hiddenSize, boolean candidateBias, boolean useBias, Activation activation)
    implements Cell {

  public LightRUCell {
    Checks.sizes("LightRUCell", inputSize, hiddenSize);
    Checks.require(
        useBias || !candidateBias,
        "LightRUCell",
        "candidateBias needs useBias",
        "useBias " + useBias);
    Checks.given("LightRUCell", "activation", activation);
  }

  /**
   * The cell of the paper, whose candidate has no bias.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LightRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, false, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, hiddenSize);
    Expr b_f = w.biasIf(useBias, "b_f", hiddenSize);
    Expr b_n = w.biasIf(candidateBias, "b_n", hiddenSize);
    Expr h = s.get("h");

    Parts xW = x.dot(W).split("_n", "_f");
    Expr n = activation.apply(xW.get("_n").plus(b_n)).as("n");
    Expr f = xW.get("_f").plus(h.dot(U)).plus(b_f).sigmoid().as("f");

    Expr hNext = UpdateConvention.WRITE.update(f, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
