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
 * Simple recurrent unit: all matrix products act on the input; the memory is a gated average, with
 * a highway from the input to the output.
 *
 * <pre>
 * [x̃,a,k] = split(x·W; H,2H,H)                content, gates, highway  [4H]
 * a  = a + [v_f⊙c,v_r⊙c]                      if version is 2          [2H]
 * [f,r] = σ(split_2(a + b))                   forget and reset gate    [2H]
 * c' = f⊙c + (1−f)⊙x̃                          memory                   [H]
 * h  = r⊙act(c') + (1−r)⊙k                    output                   [H]
 * </pre>
 *
 * <p>In version 2, where I = H, W has no block k: {@code k = α·x} with {@code α = √(1 +
 * 2·e^highwayBias)} if {@code rescale}, else 1. The memory is linear in its past in version 1 only.
 *
 * <p>W {@code [I,4H]}, blocks x̃, f, r, k, starts glorot-uniform in version 1. In version 2 it is
 * {@code [I,4H]} or {@code [I,3H]} and starts uniform in ±√(3/I), the blocks f and r times √½, the
 * block k times α; v_f and v_r {@code [H]} start uniform in ±√1.5. b {@code [2H]} starts at zeros,
 * its block r at {@code highwayBias}. h is not carried.
 *
 * <p>Source: T. Lei, Y. Zhang, S. I. Wang, H. Dai, Y. Artzi, "Simple Recurrent Units for Highly
 * Parallelizable Recurrence", EMNLP 2018, <a
 * href="https://arxiv.org/abs/1709.02755">arXiv:1709.02755</a>. Version 1 is the paper's first
 * version and tf.contrib's; version 2 is the authors' later code. They store W interleaved, as
 * {@code [I,H,4]}; in their stacked class {@code rescale} is off by default, in their cell on.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param version 1, whose gates see the input only, or 2, whose gates also see the old memory; 1 by
 *     default
 * @param rescale whether the highway is scaled by α; needs version 2, where it is true by default
 * @param highwayBias the first value of b's block r, also in α; 0 by default; needs version 2
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default in version 1, IDENTITY in version 2
 */
@About(idea = "all products on the input", source = "Lei et al. 2018")
public record SRUCell(
    int inputSize,
    int hiddenSize,
    int version,
    boolean rescale,
    double highwayBias,
    boolean useBias,
    Activation activation)
    implements Cell {

  public SRUCell {
    Checks.sizes("SRUCell", inputSize, hiddenSize);
    Checks.require(version == 1 || version == 2, "SRUCell", "version must be 1 or 2", version);
    Checks.require(
        version == 2 || !rescale, "SRUCell", "rescale needs version 2", "version " + version);
    Checks.require(
        Double.isFinite(highwayBias), "SRUCell", "highwayBias must be finite", highwayBias);
    Checks.require(
        version == 2 || highwayBias == 0,
        "SRUCell",
        "highwayBias needs version 2",
        "version " + version);
    Checks.given("SRUCell", "activation", activation);
  }

  /**
   * Version 1, as in tf.contrib.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1);
  }

  /**
   * A version with its defaults: 1 with tanh as in tf.contrib, 2 without activation and with a
   * scaled highway as in the authors' cell.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param version 1 or 2
   */
  public SRUCell(int inputSize, int hiddenSize, int version) {
    this(
        inputSize,
        hiddenSize,
        version,
        version == 2,
        0,
        true,
        version == 2 ? Activation.IDENTITY : Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr b =
        useBias ? w.get("b", Initializer.blocks(0, highwayBias), 2 * hiddenSize) : Expr.constant(0);
    Expr c = s.get("c");

    Expr xW = x.dot(W(w));
    Parts blocks =
        direct()
            ? xW.split(-1, hiddenSize, 2 * hiddenSize).as("x̃", "a")
            : xW.split(-1, hiddenSize, 2 * hiddenSize, hiddenSize).as("x̃", "a", "k");
    Expr xt = blocks.get("x̃");
    Expr a = blocks.get("a");
    Expr k = direct() ? x.times(alpha()) : blocks.get("k");
    if (version == 2) {
      Expr v_f = w.get("v_f", within(Math.sqrt(1.5)), hiddenSize);
      Expr v_r = w.get("v_r", within(Math.sqrt(1.5)), hiddenSize);
      a = a.plus(Expr.concat(v_f.times(c), v_r.times(c))).as("a");
    }
    Parts gates = a.plus(b).sigmoid().split("f", "r");
    Expr f = gates.get("f");
    Expr r = gates.get("r");

    Expr cNext = f.times(c).plus(f.oneMinus().times(xt));
    Expr h = r.times(activation.apply(cNext)).plus(r.oneMinus().times(k)).as("h");
    return new Step(h, State.of("c", cNext));
  }

  private Expr W(Weights w) {
    if (version == 1) {
      return w.input("W", inputSize, 4 * hiddenSize);
    }
    double limit = Math.sqrt(3.0 / inputSize);
    Initializer content = within(limit);
    Initializer gate = within(limit * Math.sqrt(0.5));
    return direct()
        ? w.get("W", Initializer.columns(content, gate, gate), inputSize, 3 * hiddenSize)
        : w.get(
            "W",
            Initializer.columns(content, gate, gate, within(limit * alpha())),
            inputSize,
            4 * hiddenSize);
  }

  /** Whether the highway is the input itself. */
  private boolean direct() {
    return version == 2 && inputSize == hiddenSize;
  }

  private double alpha() {
    return rescale ? Math.sqrt(1 + 2 * Math.exp(highwayBias)) : 1;
  }

  private static Initializer within(double limit) {
    return Initializer.uniform(-limit, limit);
  }
}
