package kazoku.cells;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Addition-subtraction twin-gated unit: the same two projections give both gates, by their sum and
 * by their difference.
 *
 * <pre>
 * p  = x·W + b_p                              input term              [H]
 * q  = h·U + b_q                              recurrent term          [H]
 * h' = σ(p+q)⊙p + σ(p−q)⊙h                    output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b_p and b_q {@code [H]}
 * zeros. The two biases cannot be one: they enter a sum and a difference.
 *
 * <p>Source: B. Zhang et al., "Simplifying Neural Machine Translation with Addition-Subtraction
 * Twin-Gated Recurrent Networks", EMNLP 2018, <a
 * href="https://arxiv.org/abs/1810.12546">arXiv:1810.12546</a>. Of the authors' language models the
 * one in TensorFlow has no biases; the one in PyTorch has them, and starts all weights uniform in
 * ±0.08.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there are b_p and b_q; true by default
 */
@About(idea = "twin gates by sum and difference", source = "Zhang et al. 2018")
public record ATRCell(int inputSize, int hiddenSize, boolean useBias) implements Cell {

  public ATRCell {
    Checks.sizes("ATRCell", inputSize, hiddenSize);
  }

  /**
   * The cell with both biases.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public ATRCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true);
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
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, hiddenSize);
    Expr b_p = w.biasIf(useBias, "b_p", hiddenSize);
    Expr b_q = w.biasIf(useBias, "b_q", hiddenSize);
    Expr h = s.get("h");

    Expr p = x.dot(W).plus(b_p).as("p");
    Expr q = h.dot(U).plus(b_q).as("q");
    Expr hNext = p.plus(q).sigmoid().times(p).plus(p.minus(q).sigmoid().times(h));
    return new Step(hNext, State.of("h", hNext));
  }
}
