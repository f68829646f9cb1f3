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
 * Recurrent additive network: the content is a plain linear map of the input, and the memory a
 * gated sum of contents; only the gates see the last output.
 *
 * <pre>
 * n  = x·W_n                                  content                 [H]
 * [i,f] = σ(split_2(x·W + h·U + b))           input and forget gate   [2H]
 * c' = i⊙n + f⊙c                              memory                  [H]
 * h' = tanh(c')                               output                  [H]
 * h' = h'·P + b_p                             with projectionSize     [R]
 * </pre>
 *
 * <p>Without {@code useTanh}, {@code h' = c'} in the fourth line.
 *
 * <p>W_n {@code [I,H]}, W {@code [I,2H]} and P {@code [H,R]} start glorot-uniform, U {@code [R,2H]}
 * orthogonal, b {@code [2H]} and b_p {@code [R]} zeros. Without a projection R is H.
 *
 * <p>Source: K. Lee, O. Levy, L. Zettlemoyer, "Recurrent Additive Networks", 2017, <a
 * href="https://arxiv.org/abs/1705.07393">arXiv:1705.07393</a>. As in the authors' code the content
 * has no bias; RecurrentLayers.jl adds one. There the blocks are i, f, n of one matrix, in
 * torchrecurrent n, i, f.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param projectionSize R, columns of the output; 0, the default, for no projection
 * @param useTanh whether the output is the tanh of the memory; true by default
 * @param useBias whether there are b and b_p; true by default
 */
@About(idea = "gated sum of linear contents", source = "Lee, Levy, Zettlemoyer 2017")
public record RANCell(
    int inputSize, int hiddenSize, int projectionSize, boolean useTanh, boolean useBias)
    implements Cell {

  public RANCell {
    Checks.sizes("RANCell", inputSize, hiddenSize);
    Checks.require(
        projectionSize >= 0, "RANCell", "projectionSize must be at least 0", projectionSize);
  }

  /**
   * The cell as in the paper, with tanh and without a projection.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public RANCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, true, true);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("h", outputSize()));
  }

  private int outputSize() {
    return projectionSize == 0 ? hiddenSize : projectionSize;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W_n = w.input("W_n", inputSize, hiddenSize);
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Expr U = w.recurrent("U", outputSize(), 2 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 2 * hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr n = x.dot(W_n).as("n");
    Parts gates = x.dot(W).plus(h.dot(U)).plus(b).sigmoid().split("i", "f");
    Expr i = gates.get("i");
    Expr f = gates.get("f");

    Expr cNext = i.times(n).plus(f.times(c));
    Expr hNext = useTanh ? cNext.tanh() : cNext;
    if (projectionSize > 0) {
      Expr P = w.input("P", hiddenSize, projectionSize);
      Expr b_p = w.biasIf(useBias, "b_p", projectionSize);
      hNext = hNext.dot(P).plus(b_p);
    }
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }
}
