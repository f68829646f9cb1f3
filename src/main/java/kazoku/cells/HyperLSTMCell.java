package kazoku.cells;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
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
 * HyperLSTM: a small long short-term memory looks on and, at each step, scales the terms of the
 * gates of a large one.
 *
 * <pre>
 * a_hyper = [x,h]·W_hyper + h_hat·U_hyper + b_hyper                                           [4N]
 * [i,g,f,o] = split_4(LN(rows(a_hyper; 4); γ_hyper, β_hyper))  of the hyper cell              [4N]
 * i = σ(i)                                                     its input gate                 [N]
 * g = tanh(g)                                                  its candidate                  [N]
 * f = σ(f + fb_hyper)                                          its forget gate                [N]
 * o = σ(o)                                                     its output gate                [N]
 * c_hat' = f⊙c_hat + i⊙g                                       its memory                     [N]
 * h_hat' = o⊙tanh(LN(c_hat'; γ_c_hyper, β_c_hyper))            what it shows                  [N]
 * d_x = [(h_hat'·E_qx + e_qx)·D_qx for q = i,g,f,o]            scales of the input terms      [4H]
 * d_h = [(h_hat'·E_qh + e_qh)·D_qh for q = i,g,f,o]            scales of the recurrent terms  [4H]
 * d_b = [h_hat'·E_qb·D_qb for q = i,g,f,o]                     moving bias                    [4H]
 * a = d_x⊙(x·W) + d_h⊙(h·U) + b + d_b                                                         [4H]
 * [i,g,f,o] = split_4(LN(rows(a; 4); γ, β))                    of the main cell               [4H]
 * i = σ(i)                                                     input gate                     [H]
 * g = tanh(g)                                                  candidate                      [H]
 * f = σ(f + fb)                                                forget gate                    [H]
 * o = σ(o)                                                     output gate                    [H]
 * c' = f⊙c + i⊙g                                               memory                         [H]
 * h' = o⊙tanh(LN(c'; γ_c, β_c))                                output                         [H]
 * </pre>
 *
 * <p>LN is {@code (a−mean)/√(var+ε)⊙γ + β} with biased variance; without {@code layerNorm} it is
 * left out in both cells. W_x and W_h are the first I and the last H rows of W_hyper. The hyper
 * cell's gains and shifts are gamma_hyper, beta_hyper, gamma_c_hyper and beta_c_hyper.
 *
 * <p>W {@code [I,4H]} and W_hyper {@code [I+H,4N]} start glorot-uniform, U {@code [H,4H]} and
 * U_hyper {@code [N,4N]} orthogonal, b {@code [4H]} and b_hyper {@code [4N]} as zeros. E_qx and
 * E_qh {@code [N,Z]} start as zeros, e_qx and e_qh {@code [Z]} as ones, D_qx and D_qh {@code [Z,H]}
 * at 0.1/Z, so that at first every scale is 0.1; E_qb {@code [N,Z]} starts normal with standard
 * deviation 0.01, D_qb {@code [Z,H]} as zeros. Gains gamma {@code [4H]}, gamma_c {@code [H]},
 * gamma_hyper {@code [4N]} and gamma_c_hyper {@code [N]} start as ones, the shifts as zeros.
 *
 * <p>Source: D. Ha, A. Dai, Q. V. Le, "HyperNetworks", ICLR 2017, <a
 * href="https://arxiv.org/abs/1609.09106">arXiv:1609.09106</a>; supercell, the first author's code,
 * computes the same. {@link LayerNormLSTMCell} has no mode that is the LSTM of these equations:
 * here biases are inside of the normalisation, and c' is carried un-normalised.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param hyperSize N, the width of the hyper cell, at least 1; 128 by default
 * @param embeddingSize Z, the width between h_hat' and a scale, at least 1; 16 by default
 * @param layerNorm whether both cells normalise; true by default
 * @param forgetBias fb, of the main cell, added to the forget gate after LN; 1 by default
 * @param hyperForgetBias fb_hyper, the same of the hyper cell; 1 by default
 * @param epsilon ε, more than 0; 1e-3 by default
 */
@About(idea = "small LSTM scales large one's gates", source = "Ha, Dai, Le 2017")
public record HyperLSTMCell(
    int inputSize,
    int hiddenSize,
    int hyperSize,
    int embeddingSize,
    boolean layerNorm,
    double forgetBias,
    double hyperForgetBias,
    double epsilon)
    implements Cell {

  public HyperLSTMCell {
    Checks.sizes("HyperLSTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("HyperLSTMCell", "hyperSize", hyperSize);
    Checks.atLeastOne("HyperLSTMCell", "embeddingSize", embeddingSize);
    Checks.require(epsilon > 0, "HyperLSTMCell", "epsilon must be more than 0", epsilon);
  }

  /**
   * The cell as in the authors' code, with a hyper cell of width 128.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public HyperLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 128, 16, true, 1, 1, 1e-3);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("c", hiddenSize),
        Slot.of("h", hiddenSize),
        Slot.of("c_hat", hyperSize),
        Slot.of("h_hat", hyperSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 4 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 4 * hiddenSize);
    Expr b = w.bias("b", 4 * hiddenSize);
    Parts rows =
        w.input("W_hyper", inputSize + hiddenSize, 4 * hyperSize).split(-2, inputSize, hiddenSize);
    Expr W_x = rows.get(0);
    Expr W_h = rows.get(1);
    Expr U_hyper = w.recurrent("U_hyper", hyperSize, 4 * hyperSize);
    Expr b_hyper = w.bias("b_hyper", 4 * hyperSize);
    Expr h = s.get("h");

    Expr a_hyper =
        x.dot(W_x).plus(h.dot(W_h)).plus(s.get("h_hat").dot(U_hyper)).plus(b_hyper).as("a_hyper");
    Step hyper = lstm(w, "_hyper", a_hyper, s.get("c_hat"), hyperForgetBias);
    Expr hHatNext = hyper.output();

    Expr d_x = eachGate(q -> scale(w, hHatNext, q + "x")).as("d_x");
    Expr d_h = eachGate(q -> scale(w, hHatNext, q + "h")).as("d_h");
    Expr d_b = eachGate(q -> shift(w, hHatNext, q + "b")).as("d_b");
    Expr a = d_x.times(x.dot(W)).plus(d_h.times(h.dot(U))).plus(b).plus(d_b).as("a");
    Step main = lstm(w, "", a, s.get("c"), forgetBias);
    State next =
        main.next().with("c_hat", hyper.next().get("c")).with("h_hat", hyper.next().get("h"));
    return new Step(main.output(), next);
  }

  private static Expr eachGate(Function<String, Expr> term) {
    return Expr.concat(Stream.of("i", "g", "f", "o").map(term).toArray(Expr[]::new));
  }

  private Expr scale(Weights w, Expr hHat, String term) {
    Expr E = w.get("E_" + term, Initializer.ZEROS, hyperSize, embeddingSize);
    Expr e = w.get("e_" + term, Initializer.ONES, embeddingSize);
    Initializer tenth = Initializer.constant(0.1 / embeddingSize);
    Expr D = w.get("D_" + term, tenth, embeddingSize, hiddenSize);
    return hHat.dot(E).plus(e).dot(D);
  }

  private Expr shift(Weights w, Expr hHat, String term) {
    Expr E = w.get("E_" + term, Initializer.normal(0.01), hyperSize, embeddingSize);
    Expr D = w.get("D_" + term, Initializer.ZEROS, embeddingSize, hiddenSize);
    return hHat.dot(E).dot(D);
  }

  /** The part that the two cells have in common, from the argument of the gates on. */
  private Step lstm(Weights w, String of, Expr a, Expr c, double bias) {
    Parts gates = norm(w, of, a, 4).split("i", "g", "f", "o");
    Expr i = gates.get("i").sigmoid().as("i");
    Expr g = gates.get("g").tanh().as("g");
    Expr f = gates.get("f").plus(bias).sigmoid().as("f");
    Expr o = gates.get("o").sigmoid().as("o");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr hNext = o.times(norm(w, "_c" + of, cNext, 1).tanh());
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  /** Normalises each of some equal blocks by itself: the blocks are the rows of one matrix. */
  private Expr norm(Weights w, String of, Expr a, int blocks) {
    if (!layerNorm) {
      return a;
    }
    int size = a.size();
    Expr gamma = w.gain("gamma" + of, size).reshape(blocks, size / blocks);
    Expr beta = w.bias("beta" + of, size).reshape(blocks, size / blocks);
    return a.reshape(blocks, size / blocks).layerNorm(gamma, beta, epsilon).reshape(size);
  }
}
