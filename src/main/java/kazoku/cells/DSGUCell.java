package kazoku.cells;

import java.util.List;
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
 * Deep simple gated unit: an {@link SGUCell} with one more layer on the path of its multiplicative
 * gate.
 *
 * <pre>
 * [p,z] = split_2(x·W + b_x)                  projection, part of gate  [2H]
 * q  = tanh((p⊙h)·U_g + b_hg)                 multiplicative gate       [H]
 * n  = σ((q⊙h)·V)                             candidate                 [H]
 * z  = hs(z + h·U_z + b_hz)                   update gate               [H]
 * h' = (1−z)⊙h + z⊙n                          output                    [H]
 * </pre>
 *
 * <p>The function hs is a hard sigmoid. W {@code [I,2H]} starts glorot-uniform, U {@code [H,2H]}
 * and V {@code [H,H]} orthogonal, b_x and b_h {@code [2H]} as zeros; V has no bias. Blocks are g,
 * z. A state of zeros begins to move by n = σ(0) = 1/2 alone.
 *
 * <p>Source: Y. Gao, D. Glowacka, "Deep Gate Recurrent Neural Network", ACML 2016, <a
 * href="https://arxiv.org/abs/1604.02910">arXiv:1604.02910</a>; the equations are those of
 * torchrecurrent, which has PyTorch's hard sigmoid. The libraries of the paper's time had the other
 * one, {@link HardSigmoid#FIFTH}.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param hardSigmoid hs; SIXTH by default
 * @param useBias whether there are b_x and b_h; true by default
 */
@About(idea = "SGU with one more gate layer", source = "Gao, Glowacka 2016")
public record DSGUCell(int inputSize, int hiddenSize, HardSigmoid hardSigmoid, boolean useBias)
    implements Cell {

  public DSGUCell {
    Checks.sizes("DSGUCell", inputSize, hiddenSize);
    Checks.given("DSGUCell", "hardSigmoid", hardSigmoid);
  }

  /**
   * The cell with PyTorch's hard sigmoid.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public DSGUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, HardSigmoid.SIXTH, true);
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
    int width = 2 * hiddenSize;
    Expr W = w.input("W", inputSize, width);
    Expr U = w.recurrent("U", hiddenSize, width);
    Expr b_x = w.biasIf(useBias, "b_x", width);
    Expr b_h = useBias ? w.bias("b_h", width) : Expr.constant(new double[width], width);
    Expr V = w.recurrent("V", hiddenSize, hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b_x).split("p", "z");
    Parts blocks = U.split("_g", "_z");
    Parts biases = b_h.split("_g", "_z");
    Expr p = terms.get("p");
    Expr q = p.times(h).dot(blocks.get("_g")).plus(biases.get("_g")).tanh().as("q");
    Expr n = q.times(h).dot(V).sigmoid().as("n");
    Expr z =
        hardSigmoid
            .apply(terms.get("z").plus(h.dot(blocks.get("_z"))).plus(biases.get("_z")))
            .as("z");

    Expr hNext = UpdateConvention.WRITE.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
