package kazoku.cells;

import java.util.List;
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
 * Neural Turing machine: a controller reads from and writes to an external memory through
 * differentiable addressing.
 *
 * <pre>
 * where t = 0: r_i = tanh(r_0[i]), w_j = softmax(w_0[j]), M = M_0;   t' = t + 1
 * (y, s') = controller([x, r_1..r_R], s)                controller           [C]
 * p = clip(y·P + b)                                     one block a head, then erase and add
 * for every head:
 *   k = tanh(p[:D])   β = softplus(p[D])   g = σ(p[D+1])
 *   shift = softmax(p[D+2 : D+3+2s])       γ = softplus(p[last]) + 1
 *   K_n = ⟨M_n,k⟩/(‖M_n‖‖k‖ + 1e-8)                     similarity           [N]
 *   w_c = softmax(β·K)                                  by content           [N]
 *   w_g = g⊙w_c + (1−g)⊙w                               or as before         [N]
 *   w~_n = Σ_m w_g[m]·shift[(n−m) mod N]                shifted              [N]
 *   w' = w~^γ / Σ w~^γ                                  sharpened            [N]
 * r_i' = Σ_n w'_i[n]·M_n                                read heads           [D]
 * erase = σ(erase)                                      of a write head      [D]
 * add = tanh(add)                                       of a write head      [D]
 * M' = M⊙(1 − w'ᵀ·erase) + w'ᵀ·add                      write heads in turn  [N,D]
 * out = clip([y, r_1'..r_R']·P_o + b_o)                 output               [O]
 * </pre>
 *
 * <p>Heads read the memory as it was before this step's writes; read heads come first. {@code
 * shift} has the offsets 0, 1..s, −s..−1 in this order. P {@code [C, (D+2s+4)(R+W)+2DW]} and P_o
 * {@code [C+DR, O]} start truncated-normal with standard deviation 1/√rows, b and b_o as zeros, r_0
 * {@code [R,D]} and w_0 {@code [R+W,N]} uniform in ±√(6/(1+D)) and ±√(6/(1+N)), M_0 {@code [N,D]}
 * at 1e-6.
 *
 * <p>Source: A. Graves, G. Wayne, I. Danihelka, "Neural Turing Machines", <a
 * href="https://arxiv.org/abs/1410.5401">arXiv:1410.5401</a>, 2014; implementation after M.
 * Collier, J. Beel, <a href="https://arxiv.org/abs/1807.08518">arXiv:1807.08518</a>, and
 * tf.contrib's NTMCell, which has one step counter for the whole batch where this cell has one a
 * row ({@code t}).
 *
 * @param inputSize I, at least 1
 * @param hiddenSize C, the controller's output width, at least 1
 * @param controller a cell of input I+R·D and output C
 * @param memorySize N, rows of the memory, more than 2s
 * @param wordSize D, columns of the memory, at least 1
 * @param readHeads R, at least 1
 * @param writeHeads W, at least 1
 * @param outputSize O, at least 1; I by default
 * @param shiftRange s, at least 1; 1 by default
 * @param clip bound of the controller's words and of the output, positive; 20 by default
 */
@About(idea = "a controller with external memory", source = "Graves, Wayne, Danihelka 2014")
public record NTMCell(
    int inputSize,
    int hiddenSize,
    Cell controller,
    int memorySize,
    int wordSize,
    int readHeads,
    int writeHeads,
    int outputSize,
    int shiftRange,
    double clip)
    implements Cell {

  public NTMCell {
    Checks.sizes("NTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("NTMCell", "wordSize", wordSize);
    Checks.atLeastOne("NTMCell", "readHeads", readHeads);
    Checks.atLeastOne("NTMCell", "writeHeads", writeHeads);
    Checks.atLeastOne("NTMCell", "outputSize", outputSize);
    Checks.atLeastOne("NTMCell", "shiftRange", shiftRange);
    Checks.require(
        memorySize > 2 * shiftRange,
        "NTMCell",
        "memorySize must exceed twice the shiftRange " + shiftRange,
        memorySize);
    Checks.require(clip > 0, "NTMCell", "clip must be positive", clip);
    Controllers.check("NTMCell", controller, inputSize, readHeads, wordSize);
  }

  /**
   * The machine with an LSTM as its controller, and as many columns out as in.
   *
   * @param inputSize I
   * @param hiddenSize C
   * @param memorySize N
   * @param wordSize D
   * @param readHeads R
   * @param writeHeads W
   */
  public NTMCell(
      int inputSize, int hiddenSize, int memorySize, int wordSize, int readHeads, int writeHeads) {
    this(
        inputSize,
        hiddenSize,
        new LSTMCell(inputSize + readHeads * wordSize, hiddenSize),
        memorySize,
        wordSize,
        readHeads,
        writeHeads,
        inputSize,
        1,
        20);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    List<Slot> slots = Controllers.slots(controller);
    slots.add(Slot.of("r", readHeads, wordSize));
    slots.add(Slot.of("w", heads(), memorySize));
    slots.add(Slot.of("M", memorySize, wordSize));
    slots.add(Slot.of("t"));
    return slots;
  }

  private int heads() {
    return readHeads + writeHeads;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr first = s.get("t").reshape(1, 1).equalTo(0);
    Expr r_0 = w.get("r_0", eachRowGlorot(wordSize), readHeads, wordSize);
    Expr w_0 = w.get("w_0", eachRowGlorot(memorySize), heads(), memorySize);
    Expr M_0 = w.get("M_0", Initializer.constant(1e-6), memorySize, wordSize);
    Expr r = first.where(r_0.tanh(), s.get("r")).as("r");
    Expr before = first.where(w_0.softmax(), s.get("w")).as("w");
    Expr M = first.where(M_0, s.get("M")).as("M");

    Expr seen = Expr.concat(x, r.reshape(readHeads * wordSize));
    Step controlled = w.in("controller").step(controller, seen, s.in("controller"));
    Expr y = controlled.output();

    int width = wordSize + 2 * shiftRange + 4;
    int words = 2 * wordSize * writeHeads;
    Expr P = w.get("P", scaled(hiddenSize), hiddenSize, width * heads() + words);
    Expr b = w.bias("b", width * heads() + words);
    Parts p = y.dot(P).plus(b).clipAt(clip).split(-1, width * heads(), words).as("p", "words");
    Expr addresses = address(p.get("p").reshape(heads(), width), before, M);

    Parts byHead = addresses.split(-2, readHeads, writeHeads);
    Expr rNext = byHead.get(0).matmul(M);
    Expr MNext = write(M, byHead.get(1), p.get("words").reshape(writeHeads, 2 * wordSize));

    Expr shown = Expr.concat(y, rNext.reshape(readHeads * wordSize));
    int shownSize = hiddenSize + wordSize * readHeads;
    Expr P_o = w.get("P_o", scaled(shownSize), shownSize, outputSize);
    Expr b_o = w.bias("b_o", outputSize);
    Expr output = shown.dot(P_o).plus(b_o).clipAt(clip).as("out");
    State next =
        State.of("r", rNext)
            .with("w", addresses)
            .with("M", MNext)
            .with("t", s.get("t").plus(1))
            .with("controller", controlled.next());
    return new Step(output, next);
  }

  /** Where each head looks: by content, or as before, shifted and sharpened; {@code [R+W, N]}. */
  private Expr address(Expr p, Expr before, Expr M) {
    Parts parts =
        p.split(-1, wordSize, 1, 1, 2 * shiftRange + 1, 1).as("k", "beta", "g", "shift", "gamma");
    Expr k = parts.get("k").tanh().as("k");
    Expr beta = parts.get("beta").softplus().as("beta");
    Expr g = parts.get("g").sigmoid().as("g");
    Expr shift = parts.get("shift").softmax().as("shift");
    Expr gamma = parts.get("gamma").softplus().plus(1).as("gamma");

    Expr lengths = norm(k).matmul(norm(M).transpose());
    Expr K = k.matmul(M.transpose()).dividedBy(lengths.plus(1e-8)).as("K");
    Expr byContent = beta.times(K).softmax().as("w_c");
    Expr gated = g.times(byContent).plus(g.oneMinus().times(before)).as("w_g");
    Expr shifted = shifted(gated, shift).as("w̃");
    Expr sharpened = shifted.pow(gamma);
    return sharpened.dividedBy(sharpened.sum());
  }

  private Expr shifted(Expr gated, Expr shift) {
    int[] ones = new int[2 * shiftRange + 1];
    java.util.Arrays.fill(ones, 1);
    Parts weights = shift.split(-1, ones);
    Expr sum = weights.get(0).times(gated);
    for (int k = 1; k < ones.length; k++) {
      int offset = k <= shiftRange ? k : k - ones.length;
      sum = sum.plus(weights.get(k).times(gated.roll(offset)));
    }
    return sum;
  }

  /** The write heads, one after the other. */
  private Expr write(Expr M, Expr addresses, Expr words) {
    int[] ones = new int[writeHeads];
    java.util.Arrays.fill(ones, 1);
    Parts heads = addresses.split(-2, ones);
    Parts eraseAndAdd = words.split(-2, ones);
    for (int head = 0; head < writeHeads; head++) {
      Expr column = heads.get(head).transpose();
      Parts word = eraseAndAdd.get(head).split("erase", "add");
      Expr erase = column.times(word.get("erase").sigmoid().as("erase"));
      Expr add = column.times(word.get("add").tanh().as("add"));
      M = M.times(erase.oneMinus()).plus(add);
    }
    return M;
  }

  /** The length of each row; a row of zeros has no direction, and gets no gradient. */
  private static Expr norm(Expr rows) {
    return rows.square().sum().maximum(Expr.constant(1e-30)).sqrt();
  }

  private static Initializer scaled(int rows) {
    return Initializer.truncatedNormal(1 / Math.sqrt(rows));
  }

  /** Glorot-uniform for every row on its own, as a matrix of one row. */
  private static Initializer eachRowGlorot(int columns) {
    double limit = Math.sqrt(6.0 / (1 + columns));
    return Initializer.uniform(-limit, limit);
  }
}
