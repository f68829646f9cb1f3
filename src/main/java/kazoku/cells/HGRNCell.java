package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Hierarchically gated recurrent network: a linear recurrence whose forget gate has a lower bound
 * that rises from layer to layer, so that upper layers remember for longer.
 *
 * <pre>
 * f  = ℓ + (1−ℓ)⊙σ(x·W_f)                     forget gate             [H]
 * h' = f⊙h + (1−f)⊙silu(x·W_i)                state                   [H]
 * y  = h'/√(mean(h'²) + eps)⊙γ                normalised              [H]
 * out = (y⊙silu(x·W_o))·P                     output                  [I]
 * </pre>
 *
 * <p>W_i, W_f and W_o {@code [I,H]} and P {@code [H,I]} start glorot-uniform, γ {@code [H]} ones. ℓ
 * {@code [H]}, in [0, 1), is not trained and starts at zeros, which is right for the first of
 * several layers; for the others give its Variable rising values. In the graph ℓ is spelled ell and
 * γ gamma.
 *
 * <p>Source: Z. Qin, S. Yang, Y. Zhong, "Hierarchically Gated Recurrent Neural Network for Sequence
 * Modeling", NeurIPS 2023, <a href="https://arxiv.org/abs/2311.04823">arXiv:2311.04823</a>. This is
 * the real-valued form of flash-linear-attention, with the gain before the gate; the paper's state
 * is complex.
 *
 * @param inputSize I, at least 1; also the columns of the output
 * @param hiddenSize H, at least 1
 * @param epsilon eps, added to the mean square, more than 0; 1e-5 by default
 */
@About(idea = "forget gate with lower bound", source = "Qin, Yang, Zhong 2023")
public record HGRNCell(int inputSize, int hiddenSize, double epsilon) implements Cell {

  public HGRNCell {
    Checks.sizes("HGRNCell", inputSize, hiddenSize);
    Checks.require(
        epsilon > 0 && epsilon < Double.POSITIVE_INFINITY,
        "HGRNCell",
        "epsilon must be more than 0",
        epsilon);
  }

  /**
   * The cell with an epsilon of 1e-5.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public HGRNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1e-5);
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
    Expr W_i = w.input("W_i", inputSize, hiddenSize);
    Expr W_f = w.input("W_f", inputSize, hiddenSize);
    Expr W_o = w.input("W_o", inputSize, hiddenSize);
    Expr ell = w.fixed("ell", Initializer.ZEROS, hiddenSize);
    Expr gamma = w.gain("gamma", hiddenSize);
    Expr P = w.input("P", hiddenSize, inputSize);
    Expr h = s.get("h");

    Expr f = ell.plus(ell.oneMinus().times(x.dot(W_f).sigmoid())).as("f");
    Expr hNext = f.times(h).plus(f.oneMinus().times(Activation.SILU.apply(x.dot(W_i))));
    Expr y = hNext.times(hNext.square().mean().plus(epsilon).rsqrt()).times(gamma).as("y");
    Expr out = y.times(Activation.SILU.apply(x.dot(W_o))).dot(P).as("out");
    return new Step(out, State.of("h", hNext));
  }
}
