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
 * The third mutant, a GRU found by a search: the update gate sees a squashed state.
 *
 * <pre>
 * z  = σ(x·W_z + tanh(h)·U_z + b_z)           update gate             [H]
 * r  = σ(x·W_r + h·U_r + b_r)                 reset gate              [H]
 * n  = act((r⊙h)·U_n + x·W_n + b_n)           candidate               [H]
 * h' = (1−z)⊙h + z⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal, b {@code [3H]} zeros.
 * Blocks are z, r, n.
 *
 * <p>Source: R. Jozefowicz, W. Zaremba, I. Sutskever, "An Empirical Exploration of Recurrent
 * Network Architectures", ICML 2015, <a
 * href="https://proceedings.mlr.press/v37/jozefowicz15.html">PMLR 37</a>. The formula in
 * torchrecurrent's documentation is that of the second mutant; its code is right.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(
    idea = "mutant: update gate sees squashed state",
    source = "Jozefowicz, Zaremba, Sutskever 2015")
public record MUT3Cell(int inputSize, int hiddenSize, boolean useBias, Activation activation)
    implements Cell {

  public MUT3Cell {
    Checks.sizes("MUT3Cell", inputSize, hiddenSize);
    Checks.given("MUT3Cell", "activation", activation);
  }

  /**
   * The cell of the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MUT3Cell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.TANH);
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
    Parts U = w.recurrent("U", hiddenSize, 3 * hiddenSize).split("_z", "_r", "_n");
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split("_z", "_r", "_n");
    Expr z = terms.get("_z").plus(h.tanh().dot(U.get("_z"))).sigmoid().as("z");
    Expr r = terms.get("_r").plus(h.dot(U.get("_r"))).sigmoid().as("r");
    Expr n = activation.apply(r.times(h).dot(U.get("_n")).plus(terms.get("_n"))).as("n");

    Expr hNext = UpdateConvention.WRITE.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
