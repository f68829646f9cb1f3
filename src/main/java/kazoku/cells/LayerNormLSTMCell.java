package kazoku.cells;

import java.util.List;
import java.util.stream.Stream;
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
 * Long short-term memory with layer normalisation: the arguments of the gates and the memory are
 * normalised, to keep the dynamics in range.
 *
 * <p>There are three forms, which are different functions: no weights move between them. LN is
 * {@code (a−mean)/√(var+ε)⊙γ + β} with biased variance.
 *
 * <pre>
 * CONTRIB (the default)
 * [i,g,f,o] = split_4(LN(rows(x·W + h·U; 4); [γ_i,γ_g,γ_f,γ_o], [β_i,β_g,β_f,β_o]))
 * i  = σ(i + p_i⊙c)                           input gate              [H]
 * g  = act(g)                                 candidate               [H]
 * f  = σ(f + fb + p_f⊙c)                      forget gate             [H]
 * c' = LN(f⊙c + i⊙g; γ_c, β_c)                memory                  [H]
 * o  = σ(o + p_o⊙c')                          output gate             [H]
 * h' = o⊙act(c')                              output                  [H]
 * m' = h'·P                                   output, in place of h'  [R]
 *
 * PAPER
 * [f,i,o,g] = split_4(LN(h·U; γ_1, β_1) + LN(x·W; γ_2, β_2) + b)
 * i  = σ(i)                                   input gate              [H]
 * g  = act(g)                                 candidate               [H]
 * f  = σ(f)                                   forget gate             [H]
 * o  = σ(o)                                   output gate             [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * h' = o⊙act(LN(c'; γ_3, β_3))                output                  [H]
 *
 * ADDONS
 * [i,f,g,o] = split_4(LN(x·W; γ_1, β_1) + LN(h·U; γ_2, β_2) + b)
 * i  = σ(i)                                   input gate              [H]
 * g  = act(g)                                 candidate               [H]
 * f  = σ(f)                                   forget gate             [H]
 * o  = σ(o)                                   output gate             [H]
 * c' = LN(f⊙c + i⊙g; γ_3, β_3)                memory                  [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>Only CONTRIB has the flags: the terms with p_i, p_f and p_o are there with {@code
 * usePeepholes}; c' is cut off after its normalisation and before the output gate looks at it; m'
 * is the output and the state in place of h with {@code numProj}.
 *
 * <p>W {@code [I,4H]} starts glorot-uniform, U {@code [H,4H]} ({@code [R,4H]}) orthogonal, p_i, p_f
 * and p_o {@code [H]} and P {@code [H,R]} glorot-uniform. Gains start as ones and shifts as zeros:
 * gamma_i, beta_i, … of i, g, f, o and c {@code [H]} in CONTRIB; gamma_1, beta_1, gamma_2 and
 * beta_2 {@code [4H]}, gamma_3 and beta_3 {@code [H]} in the others. b {@code [4H]} starts as
 * zeros, in ADDONS with the forget block at 1; CONTRIB has none.
 *
 * <p>Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", 2016, <a
 * href="https://arxiv.org/abs/1607.06450">arXiv:1607.06450</a>; LayerNormBasicLSTMCell and
 * LayerNormLSTMCell of tf.contrib; LayerNormLSTMCell of tf-addons. The paper carries c' as it is
 * and normalises what is shown, the other two carry the normalised c'. The paper names no ε: 1e-5
 * is from the Theano code of one of the authors, which has the blocks i, f, o, g and adds the bias
 * once more inside LN_2. supercell and Fast-Slow-LSTM normalise each gate by itself, but carry c'
 * as it is. tf.contrib's class makes a bias that it does not use, and its dropout on act(g) (S.
 * Semeniuta et al., <a href="https://arxiv.org/abs/1603.05118">arXiv:1603.05118</a>) is not here.
 * With an ε of 1e-12, a row with equal entries is divided by 1e-6.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param mode the form; CONTRIB by default
 * @param forgetBias fb, added to the forget gate, CONTRIB only; 1 by default there
 * @param usePeepholes whether the gates look at the memory, CONTRIB only; false by default
 * @param cellClip c' is cut off at ±cellClip, CONTRIB only; 0, the default, for never
 * @param numProj R, the width of m', CONTRIB only; 0, the default, for no projection
 * @param projClip m' is cut off at ±projClip, only with {@code numProj}; 0, the default, for never
 * @param dropoutKeepProb the part of act(g) that is kept in training, drawn anew at each step, more
 *     than 0 and at most 1; 1 by default
 * @param epsilon ε, more than 0; by default 1e-12 in CONTRIB, 1e-5 in PAPER, 1e-3 in ADDONS
 * @param activation act; tanh by default
 */
@About(idea = "gates and memory are normalised", source = "Ba, Kiros, Hinton 2016")
public record LayerNormLSTMCell(
    int inputSize,
    int hiddenSize,
    Mode mode,
    double forgetBias,
    boolean usePeepholes,
    double cellClip,
    int numProj,
    double projClip,
    double dropoutKeepProb,
    double epsilon,
    Activation activation)
    implements Cell {

  /** The three forms of the cell. */
  public enum Mode {
    /** That of tf.contrib: each gate is normalised by itself, and c' is carried normalised. */
    CONTRIB(1, 1e-12),

    /** That of the paper: all gates are normalised together, and c' is carried as it is. */
    PAPER(0, 1e-5),

    /** That of tf-addons: all gates are normalised together, and c' is carried normalised. */
    ADDONS(0, 1e-3);

    private final double forgetBias;
    private final double epsilon;

    Mode(double forgetBias, double epsilon) {
      this.forgetBias = forgetBias;
      this.epsilon = epsilon;
    }
  }

  public LayerNormLSTMCell {
    Checks.sizes("LayerNormLSTMCell", inputSize, hiddenSize);
    Checks.given("LayerNormLSTMCell", "mode", mode);
    Checks.notNegative("LayerNormLSTMCell", "cellClip", cellClip);
    Checks.notNegative("LayerNormLSTMCell", "numProj", numProj);
    Checks.notNegative("LayerNormLSTMCell", "projClip", projClip);
    Checks.require(
        dropoutKeepProb > 0 && dropoutKeepProb <= 1,
        "LayerNormLSTMCell",
        "dropoutKeepProb must be more than 0 and at most 1",
        dropoutKeepProb);
    Checks.require(epsilon > 0, "LayerNormLSTMCell", "epsilon must be more than 0", epsilon);
    Checks.given("LayerNormLSTMCell", "activation", activation);
    Checks.require(
        mode == Mode.CONTRIB
            || forgetBias == 0 && !usePeepholes && cellClip == 0 && numProj == 0 && projClip == 0,
        "LayerNormLSTMCell",
        "forgetBias, usePeepholes, cellClip, numProj and projClip need mode CONTRIB",
        "mode " + mode);
    Checks.require(
        projClip == 0 || numProj > 0,
        "LayerNormLSTMCell",
        "projClip needs numProj",
        "numProj " + numProj);
  }

  /**
   * The cell of a mode, with the defaults of that mode.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param mode the form
   */
  public LayerNormLSTMCell(int inputSize, int hiddenSize, Mode mode) {
    this(
        inputSize,
        hiddenSize,
        mode,
        mode.forgetBias,
        false,
        0,
        0,
        0,
        1,
        mode.epsilon,
        Activation.TANH);
  }

  /**
   * The cell of tf.contrib.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LayerNormLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Mode.CONTRIB);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("c", hiddenSize), numProj == 0 ? Slot.of("h", hiddenSize) : Slot.of("m", numProj));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    String out = numProj == 0 ? "h" : "m";
    Expr c = s.get("c");
    Expr h = s.get(out);
    Expr xW = x.dot(w.input("W", inputSize, 4 * hiddenSize));
    Expr hU = h.dot(w.recurrent("U", h.size(), 4 * hiddenSize));
    return switch (mode) {
      case CONTRIB -> contrib(w, xW.plus(hU), c, out);
      case PAPER -> paper(w, xW, hU, c);
      case ADDONS -> addons(w, xW, hU, c);
    };
  }

  private Step contrib(Weights w, Expr a, Expr c, String out) {
    Parts gates = normEach(w, a, "i", "g", "f", "o");
    Expr i = Peepholes.add(w, usePeepholes, gates.get("i"), "p_i", c).sigmoid().as("i");
    Expr g = candidate(w, gates.get("g"));
    Expr f =
        Peepholes.add(w, usePeepholes, gates.get("f").plus(forgetBias), "p_f", c).sigmoid().as("f");

    Expr cNext = norm(w, f.times(c).plus(i.times(g)), "c").clipAt(cellClip);
    Expr o = Peepholes.add(w, usePeepholes, gates.get("o"), "p_o", cNext).sigmoid().as("o");
    Expr hNext = o.times(activation.apply(cNext));
    if (numProj > 0) {
      hNext = hNext.dot(w.input("P", hiddenSize, numProj)).clipAt(projClip);
    }
    return new Step(hNext, State.of("c", cNext).with(out, hNext));
  }

  private Step paper(Weights w, Expr xW, Expr hU, Expr c) {
    Expr z = norm(w, hU, "1").plus(norm(w, xW, "2")).plus(w.bias("b", 4 * hiddenSize));
    Parts gates = z.split("f", "i", "o", "g");
    Expr f = gates.get("f").sigmoid().as("f");
    Expr i = gates.get("i").sigmoid().as("i");
    Expr o = gates.get("o").sigmoid().as("o");
    Expr g = candidate(w, gates.get("g"));

    Expr cNext = f.times(c).plus(i.times(g));
    Expr hNext = o.times(activation.apply(norm(w, cNext, "3")));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  private Step addons(Weights w, Expr xW, Expr hU, Expr c) {
    Expr b = w.get("b", Initializer.blocks(0, 1, 0, 0), 4 * hiddenSize);
    Expr z = norm(w, xW, "1").plus(norm(w, hU, "2")).plus(b);
    Parts gates = z.split("i", "f", "g", "o");
    Expr i = gates.get("i").sigmoid().as("i");
    Expr f = gates.get("f").sigmoid().as("f");
    Expr g = candidate(w, gates.get("g"));
    Expr o = gates.get("o").sigmoid().as("o");

    Expr cNext = norm(w, f.times(c).plus(i.times(g)), "3");
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  private Expr candidate(Weights w, Expr g) {
    double rate = 1 - dropoutKeepProb;
    return w.dropOut("g", 1 - rate, Weights.Draw.EACH_STEP, activation.apply(g)).as("g");
  }

  private Expr norm(Weights w, Expr a, String of) {
    return a.layerNorm(w.gain("gamma_" + of, a.size()), w.bias("beta_" + of, a.size()), epsilon);
  }

  /** Normalises each block by itself: the blocks are the rows of one matrix. */
  private Parts normEach(Weights w, Expr a, String... blocks) {
    int n = blocks.length;
    Expr gains = rows(Stream.of(blocks).map(k -> w.gain("gamma_" + k, hiddenSize)));
    Expr shifts = rows(Stream.of(blocks).map(k -> w.bias("beta_" + k, hiddenSize)));
    Expr rows = a.reshape(n, hiddenSize).layerNorm(gains, shifts, epsilon);
    return rows.reshape(n * hiddenSize).split(blocks);
  }

  private Expr rows(Stream<Expr> vectors) {
    Expr[] all = vectors.toArray(Expr[]::new);
    return Expr.concat(all).reshape(all.length, hiddenSize);
  }
}
