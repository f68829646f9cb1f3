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
 * The first mutant, a GRU found by a search: the update gate sees only the input, and the input is
 * squashed before it enters the candidate.
 *
 * <pre>
 * z  = σ(x·W_z + b_z)                         update gate             [H]
 * r  = σ(x·W_r + h·U_r + b_r)                 reset gate              [H]
 * n  = act((r⊙h)·U_n + tanh(x·W_n) + b_n)     candidate               [H]
 * h' = (1−z)⊙h + z⊙n                          output                  [H]
 * </pre>
 *
 * <p>With {@code rawInput}, {@code n = act((r⊙h)·U_n + tanh(x) + b_n)}.
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,2H]} orthogonal, b {@code [3H]} zeros.
 * Blocks are z, r, n; U has no block z, and W no block n with {@code rawInput}.
 *
 * <p>Source: R. Jozefowicz, W. Zaremba, I. Sutskever, "An Empirical Exploration of Recurrent
 * Network Architectures", ICML 2015, <a
 * href="https://proceedings.mlr.press/v37/jozefowicz15.html">PMLR 37</a>. The paper prints tanh(x),
 * which needs as many inputs as units; RecurrentLayers.jl and torchrecurrent put a matrix before
 * it, and so does this cell unless {@code rawInput} is set.
 *
 * @param inputSize I, at least 1; equal to {@code hiddenSize} with {@code rawInput}
 * @param hiddenSize H, at least 1
 * @param rawInput whether the candidate sees the input without a matrix; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "mutant: update gate sees input only", source = "Jozefowicz, Zaremba, Sutskever 2015")
public record MUT1Cell(
    int inputSize, int hiddenSize, boolean rawInput, boolean useBias, Activation activation)
    implements Cell {

  public MUT1Cell {
    Checks.sizes("MUT1Cell", inputSize, hiddenSize);
    Checks.require(
        !rawInput || inputSize == hiddenSize,
        "MUT1Cell",
        "inputSize must equal hiddenSize " + hiddenSize + " with rawInput",
        inputSize);
    Checks.given("MUT1Cell", "activation", activation);
  }

  /**
   * The cell with a matrix on every input.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MUT1Cell(int inputSize, int hiddenSize) {
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
    Expr W = w.input("W", inputSize, (rawInput ? 2 : 3) * hiddenSize);
    Parts U = w.recurrent("U", hiddenSize, 2 * hiddenSize).split("_r", "_n");
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr h = s.get("h");

    Expr xW = rawInput ? Expr.concat(x.dot(W), x) : x.dot(W);
    Parts inputs = xW.split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts terms =
        Expr.concat(inputs.get("_zr"), inputs.get("_n").tanh()).plus(b).split("_z", "_r", "_n");
    Expr z = terms.get("_z").sigmoid().as("z");
    Expr r = terms.get("_r").plus(h.dot(U.get("_r"))).sigmoid().as("r");
    Expr n = activation.apply(r.times(h).dot(U.get("_n")).plus(terms.get("_n"))).as("n");

    Expr hNext = UpdateConvention.WRITE.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
