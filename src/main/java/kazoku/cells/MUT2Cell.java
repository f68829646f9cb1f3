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
 * The second mutant, a GRU found by a search: as printed, its reset gate sees the input without a
 * matrix.
 *
 * <pre>
 * [z,r] = σ(split_2(x·W_zr + h·U_zr + b_zr))  update and reset gate   [2H]
 * n  = act((r⊙h)·U_n + x·W_n + b_n)           candidate               [H]
 * h' = (1−z)⊙h + z⊙n                          output                  [H]
 * </pre>
 *
 * <p>With {@code rawInput}, {@code r = σ(x + h·U_r + b_r)}.
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal, b {@code [3H]} zeros.
 * Blocks are z, r, n; W has no block r with {@code rawInput}.
 *
 * <p>Source: R. Jozefowicz, W. Zaremba, I. Sutskever, "An Empirical Exploration of Recurrent
 * Network Architectures", ICML 2015, <a
 * href="https://proceedings.mlr.press/v37/jozefowicz15.html">PMLR 37</a>. The paper prints x in the
 * reset gate, which needs as many inputs as units; RecurrentLayers.jl and torchrecurrent put a
 * matrix before it, and so does this cell unless {@code rawInput} is set. With the matrix it is
 * {@link GRUCell} with {@code updateConvention} WRITE.
 *
 * @param inputSize I, at least 1; equal to {@code hiddenSize} with {@code rawInput}
 * @param hiddenSize H, at least 1
 * @param rawInput whether the reset gate sees the input without a matrix; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "mutant: reset gate sees raw input", source = "Jozefowicz, Zaremba, Sutskever 2015")
public record MUT2Cell(
    int inputSize, int hiddenSize, boolean rawInput, boolean useBias, Activation activation)
    implements Cell {

  public MUT2Cell {
    Checks.sizes("MUT2Cell", inputSize, hiddenSize);
    Checks.require(
        !rawInput || inputSize == hiddenSize,
        "MUT2Cell",
        "inputSize must equal hiddenSize " + hiddenSize + " with rawInput",
        inputSize);
    Checks.given("MUT2Cell", "activation", activation);
  }

  /**
   * The cell with a matrix on every input.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MUT2Cell(int inputSize, int hiddenSize) {
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
    Parts U =
        w.recurrent("U", hiddenSize, 3 * hiddenSize)
            .split(-1, 2 * hiddenSize, hiddenSize)
            .as("_zr", "_n");
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr h = s.get("h");

    Expr xW = rawInput ? withRaw(x, x.dot(W).split("_z", "_n")) : x.dot(W);
    Parts terms = xW.plus(b).split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts gates = terms.get("_zr").plus(h.dot(U.get("_zr"))).sigmoid().split("z", "r");
    Expr z = gates.get("z");
    Expr r = gates.get("r");
    Expr n = activation.apply(r.times(h).dot(U.get("_n")).plus(terms.get("_n"))).as("n");

    Expr hNext = UpdateConvention.WRITE.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }

  private static Expr withRaw(Expr x, Parts xW) {
    return Expr.concat(xW.get("_z"), x, xW.get("_n"));
  }
}
