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
 * Quasi-recurrent network: a convolution over the last inputs makes the gates, and a pooling makes
 * the memory.
 *
 * <pre>
 * u  = [x,p]                                  the last k inputs         [k·I]
 * [z,f,o] = split_3(u·K + b)                  candidate and gates, FO   [3H]
 * [z,f] = split_2(u·K + b)                    F                         [2H]
 * [z,f,o,i] = split_4(u·K + b)                IFO                       [4H]
 * z  = act(z)                                 candidate                 [H]
 * f  = σ(f)                                   forget gate               [H]
 * f  = 1 − m⊙(1−σ(f))                         if zoned out              [H]
 * c' = f⊙c + (1−f)⊙z                          memory                    [H]
 * i  = σ(i)                                   input gate, if IFO        [H]
 * o  = σ(o)                                   output gate               [H]
 * c' = f⊙c + i⊙z                              IFO                       [H]
 * h  = o⊙c'                                   output                    [H]
 * p' = x                                      previous input, if k is 2  [1,I]
 * </pre>
 *
 * <p>This is {@code pooling} FO, which has no i. With F, {@code h' = c'} and there is neither o nor
 * i; with IFO, {@code c' = f⊙c + i⊙z}. In training m is a mask of ones with probability 1−ρ, drawn
 * for every row and step; in evaluation it is its mean 1−ρ. Zoneout leaves i alone.
 *
 * <p>K {@code [k·I,nH]} starts glorot-uniform, b {@code [nH]} zeros; n counts the blocks, whose
 * order is z, f, o, i. In p the latest input is the first; with k = 1 there is no p. h is not
 * carried.
 *
 * <p>Source: J. Bradbury, S. Merity, C. Xiong, R. Socher, "Quasi-Recurrent Neural Networks", ICLR
 * 2017, <a href="https://arxiv.org/abs/1611.01576">arXiv:1611.01576</a>. In the authors'
 * pytorch-qrnn f multiplies the candidate, {@code c' = f⊙z + (1−f)⊙c}: its f is 1−f here. Its
 * windows are of 1 or 2 steps.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param window k, how many inputs the convolution sees, at least 1; 2 by default
 * @param pooling which gates there are; FO by default
 * @param zoneout ρ, how often the memory keeps its value, at least 0 and less than 1; 0 by default
 * @param useBias whether there is b; true by default
 * @param activation act, on the candidate; tanh by default
 */
@About(idea = "convolution makes gates, pooling remembers", source = "Bradbury et al. 2017")
public record QRNNCell(
    int inputSize,
    int hiddenSize,
    int window,
    Pooling pooling,
    double zoneout,
    boolean useBias,
    Activation activation)
    implements Cell {

  /** Which gates there are. */
  public enum Pooling {
    /** A forget gate. */
    F("z", "f"),

    /** Forget and output gate. */
    FO("z", "f", "o"),

    /** Forget, output and input gate. */
    IFO("z", "f", "o", "i");

    private final String[] blocks;

    Pooling(String... blocks) {
      this.blocks = blocks;
    }
  }

  public QRNNCell {
    Checks.sizes("QRNNCell", inputSize, hiddenSize);
    Checks.atLeastOne("QRNNCell", "window", window);
    Checks.given("QRNNCell", "pooling", pooling);
    Checks.require(
        zoneout >= 0 && zoneout < 1,
        "QRNNCell",
        "zoneout must be at least 0 and less than 1",
        zoneout);
    Checks.given("QRNNCell", "activation", activation);
  }

  /**
   * The cell with a window of two inputs, forget and output gate, without zoneout.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public QRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 2, Pooling.FO, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    Slot c = Slot.of("c", hiddenSize);
    return window == 1 ? List.of(c) : List.of(c, Slot.of("p", window - 1, inputSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int width = pooling.blocks.length * hiddenSize;
    Expr K = w.input("K", window * inputSize, width);
    Expr b = w.biasIf(useBias, "b", width);
    Expr c = s.get("c");

    Expr u = x;
    if (window > 1) {
      u = Expr.concat(x, s.get("p").reshape((window - 1) * inputSize)).as("u");
    }
    Parts blocks = u.dot(K).plus(b).split(pooling.blocks);
    Expr z = activation.apply(blocks.get("z")).as("z");
    Expr f = zonedOut(w, blocks.get("f").sigmoid()).as("f");
    Expr i = pooling == Pooling.IFO ? blocks.get("i").sigmoid().as("i") : f.oneMinus();

    Expr cNext = f.times(c).plus(i.times(z));
    Expr h = pooling == Pooling.F ? cNext : blocks.get("o").sigmoid().as("o").times(cNext).as("h");
    State next = State.of("c", cNext);
    return new Step(h, window == 1 ? next : next.with("p", previous(x, s.get("p"))));
  }

  private Expr zonedOut(Weights w, Expr f) {
    if (zoneout == 0) {
      return f;
    }
    Expr m =
        w.training()
            ? w.mask("zoneout", 1 - zoneout, Weights.Draw.EACH_STEP, hiddenSize)
            : Expr.constant(1 - zoneout);
    return m.times(f.oneMinus()).oneMinus();
  }

  private Expr previous(Expr x, Expr p) {
    Expr latest = x.reshape(1, inputSize);
    return window == 2 ? latest : Expr.concat(-2, latest, p.split(-2, window - 2, 1).get(0));
  }
}
