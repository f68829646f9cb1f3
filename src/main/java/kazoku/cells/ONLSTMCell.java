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
 * Long short-term memory with ordered neurons: two master gates that only rise or only fall along
 * the units order these from long to short memory.
 *
 * <pre>
 * [z_i,z_f,z_g] = split(x·W + h·U + b; H/C,H/C,4H)  all gates            [2n+4H]
 * [o,g,i,f] = split_4(z_g)                          gates, candidate     [4H]
 * o  = σ(o)                                         output gate          [n,C]
 * g  = act(g)                                       candidate            [n,C]
 * i  = σ(i)                                         input gate           [n,C]
 * f  = σ(f)                                         forget gate          [n,C]
 * ĩ  = 1 − cumsum(softmax(z_i))                     master input gate    [n]
 * f̃  = cumsum(softmax(z_f))                        master forget gate   [n]
 * ω  = f̃[:,None]⊙ĩ[:,None]                         where both are open  [n,1]
 * f̂  = f⊙ω + (f̃[:,None] − ω)                      what is kept         [n,C]
 * î  = i⊙ω + (ĩ[:,None] − ω)                        what is written      [n,C]
 * c' = f̂⊙c + î⊙g                                   memory               [n,C]
 * h' = o⊙act(c')                                    output               [H]
 * y  = [h', 1−mean(f̃), mean(ĩ)]                    if distances         [H+2]
 * </pre>
 *
 * <p>The units are n chunks of C; the C units of a chunk share their master gates. As ĩ always ends
 * with 0 and f̃ with 1, the last chunk keeps the memory that it starts with. In training, a weight
 * of U is zero with probability p, drawn once for all rows and steps, and the others stay as they
 * are; otherwise U is {@code U·(1−p)}. y is the output with {@code distances}; the state is h' all
 * the same.
 *
 * <p>W {@code [I,2n+4H]} starts glorot-uniform, U {@code [H,2n+4H]} orthogonal, b {@code [2n+4H]}
 * zeros.
 *
 * <p>Source: Y. Shen, S. Tan, A. Sordoni, A. Courville, "Ordered Neurons: Integrating Tree
 * Structures into Recurrent Neural Networks", ICLR 2019, <a
 * href="https://arxiv.org/abs/1810.09536">arXiv:1810.09536</a>; order of blocks, drop-connect and
 * distances as in the authors' code, whose two biases are one here: their sum.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, two or more times C
 * @param chunkSize C, the units of a chunk, at least 1
 * @param dropConnect p, at least 0 and less than 1; 0 by default
 * @param distances whether the means of the master gates are put behind the output; false by
 *     default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "units ordered by memory length", source = "Shen et al. 2019")
public record ONLSTMCell(
    int inputSize,
    int hiddenSize,
    int chunkSize,
    double dropConnect,
    boolean distances,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ONLSTMCell {
    Checks.sizes("ONLSTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("ONLSTMCell", "chunkSize", chunkSize);
    Checks.require(
        hiddenSize % chunkSize == 0 && chunkSize < hiddenSize,
        "ONLSTMCell",
        "chunkSize must cut hiddenSize " + hiddenSize + " in two or more equal chunks",
        chunkSize);
    Checks.require(
        dropConnect >= 0 && dropConnect < 1,
        "ONLSTMCell",
        "dropConnect must be at least 0 and less than 1",
        dropConnect);
    Checks.given("ONLSTMCell", "activation", activation);
  }

  /**
   * The cell of the paper, without drop-connect.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param chunkSize C
   */
  public ONLSTMCell(int inputSize, int hiddenSize, int chunkSize) {
    this(inputSize, hiddenSize, chunkSize, 0, false, true, Activation.TANH);
  }

  private int chunks() {
    return hiddenSize / chunkSize;
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", chunks(), chunkSize), Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int width = 2 * chunks() + 4 * hiddenSize;
    Expr W = w.input("W", inputSize, width);
    Expr U = dropped(w, w.recurrent("U", hiddenSize, width));
    Expr b = w.biasIf(useBias, "b", width);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr z = x.dot(W).plus(h.dot(U)).plus(b);
    Parts blocks = z.split(-1, chunks(), chunks(), 4 * hiddenSize).as("z_i", "z_f", "z_g");
    Expr masterI = blocks.get("z_i").softmax().cumulativeSum().oneMinus().as("ĩ");
    Expr masterF = blocks.get("z_f").softmax().cumulativeSum().as("f̃");
    Expr i_m = masterI.reshape(chunks(), 1);
    Expr f_m = masterF.reshape(chunks(), 1);
    Parts gates = blocks.get("z_g").split("o", "g", "i", "f");
    Expr o = inChunks(gates.get("o")).sigmoid().as("o");
    Expr g = activation.apply(inChunks(gates.get("g"))).as("g");
    Expr i = inChunks(gates.get("i")).sigmoid().as("i");
    Expr f = inChunks(gates.get("f")).sigmoid().as("f");

    Expr omega = f_m.times(i_m).as("omega");
    Expr fHat = f.times(omega).plus(f_m.minus(omega)).as("f̂");
    Expr iHat = i.times(omega).plus(i_m.minus(omega)).as("î");
    Expr cNext = fHat.times(c).plus(iHat.times(g));
    Expr hNext = o.times(activation.apply(cNext)).reshape(hiddenSize);
    Expr y = distances ? Expr.concat(hNext, masterF.mean().oneMinus(), masterI.mean()) : hNext;
    return new Step(y, State.of("c", cNext).with("h", hNext));
  }

  private Expr inChunks(Expr a) {
    return a.reshape(chunks(), chunkSize);
  }

  private Expr dropped(Weights w, Expr U) {
    if (dropConnect == 0) {
      return U;
    }
    double keep = 1 - dropConnect;
    return w.training()
        ? U.times(w.mask("U", keep, Weights.Draw.ONCE, U.shape().asArray()))
        : U.times(keep);
  }
}
