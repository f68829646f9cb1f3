package kazoku.cells;

import java.util.Arrays;
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
 * Scalar LSTM of xLSTM: exponential gates, a normaliser that keeps the output an average, and a
 * running maximum that keeps the exponentials in range.
 *
 * <pre>
 * [i,f,z,o] = split_4(x·W + y·U + b)          gates and candidate     [4H]
 * z  = act(z)                                 candidate               [H]
 * o  = σ(o)                                   output gate             [H]
 * l  = ln σ(f) + m                            log of what is kept     [H]
 * m' = i where Σ(|n|) = 0, else max(i, l)     running maximum         [H]
 * I  = exp(min(i − m', 0))                    input gate              [H]
 * F  = exp(min(l − m', 0))                    forget gate             [H]
 * c' = F⊙c + I⊙z                              memory                  [H]
 * n' = F⊙n + I                                normaliser              [H]
 * y' = o⊙c'/n'                                output                  [H]
 * </pre>
 *
 * <p>With {@code forgetGate} EXP, {@code l = f + m}.
 *
 * <p>U {@code [heads,d,4d]} with d = H/heads is block-diagonal: slice j of y goes through block j
 * to slice j of i, f, z and o; inside a block the columns are those of i, f, z, o. W {@code [I,4H]}
 * starts glorot-uniform, U zeros, b {@code [4H]} zeros but for the block f: there the k-th of d
 * units of each head starts at {@code 5 − 12·(k/(d−1))^(0.3 + 1.3·ρ)}, k = 0..d−1.
 *
 * <p>Source: M. Beck et al., "xLSTM: Extended Long Short-Term Memory", NeurIPS 2024, <a
 * href="https://arxiv.org/abs/2405.04517">arXiv:2405.04517</a>. The authors' xlstm has SIGMOID
 * only, of the two forget gates in the paper, and offers evenly spread forget biases from 3 to 6
 * too. It decides for the whole batch whether n is zero; here each row decides for itself.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param heads blocks of U, divides H; 1 by default
 * @param forgetGate what F is made by; SIGMOID by default
 * @param depth ρ, where the cell stands in a stack, from 0, the first, to 1, the last; 0 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "exponential gates, running maximum", source = "Beck et al. 2024")
public record SLSTMCell(
    int inputSize,
    int hiddenSize,
    int heads,
    ForgetGate forgetGate,
    double depth,
    boolean useBias,
    Activation activation)
    implements Cell {

  /** What is added to the running maximum. */
  public enum ForgetGate {
    /** {@code log σ(f)}: the memory never grows. */
    SIGMOID {
      @Override
      Expr log(Expr f) {
        return f.negate().softplus().negate();
      }
    },

    /** {@code f}. */
    EXP {
      @Override
      Expr log(Expr f) {
        return f;
      }
    };

    abstract Expr log(Expr f);
  }

  public SLSTMCell {
    Checks.sizes("SLSTMCell", inputSize, hiddenSize);
    Heads.check("SLSTMCell", hiddenSize, heads);
    Checks.given("SLSTMCell", "forgetGate", forgetGate);
    Checks.require(depth >= 0 && depth <= 1, "SLSTMCell", "depth must be from 0 to 1", depth);
    Checks.given("SLSTMCell", "activation", activation);
  }

  /**
   * The cell with one head.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, ForgetGate.SIGMOID, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("y", hiddenSize),
        Slot.of("c", hiddenSize),
        Slot.of("n", hiddenSize),
        Slot.of("m", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int width = hiddenSize / heads;
    Initializer zeros = Initializer.ZEROS;
    Initializer start =
        Initializer.columns(zeros, Initializer.computed(this::forgetBiases), zeros, zeros);
    Expr W = w.input("W", inputSize, 4 * hiddenSize);
    Expr U = w.get("U", zeros, heads, width, 4 * width);
    Expr b = useBias ? w.get("b", start, 4 * hiddenSize) : Expr.constant(0);
    Expr y = s.get("y");
    Expr c = s.get("c");
    Expr n = s.get("n");
    Expr m = s.get("m");

    Parts gates = x.dot(W).plus(recurrent(y, U)).plus(b).split("i", "f", "z", "o");
    Expr i = gates.get("i");
    Expr z = activation.apply(gates.get("z")).as("z");
    Expr o = gates.get("o").sigmoid().as("o");
    Expr l = forgetGate.log(gates.get("f")).plus(m).as("l");
    Expr first = n.abs().sum().equalTo(0);
    Expr mNext = first.where(i, i.maximum(l));
    Expr I = i.minus(mNext).minimum(Expr.constant(0)).exp().as("I");
    Expr F = l.minus(mNext).minimum(Expr.constant(0)).exp().as("F");
    Expr cNext = F.times(c).plus(I.times(z));
    Expr nNext = F.times(n).plus(I);
    Expr yNext = o.times(cNext).dividedBy(nNext);
    return new Step(yNext, State.of("y", yNext).with("c", cNext).with("n", nNext).with("m", mNext));
  }

  /** y·U, whose blocks have the gates inside the heads, with the heads inside the gates. */
  private Expr recurrent(Expr y, Expr U) {
    Expr[] byHead =
        Arrays.stream(Heads.products(y, U))
            .map(product -> product.reshape(4, hiddenSize / heads))
            .toArray(Expr[]::new);
    return Expr.concat(byHead).reshape(4L * hiddenSize);
  }

  private double[] forgetBiases(Shape shape) {
    int width = hiddenSize / heads;
    double[] biases = new double[hiddenSize];
    double last = Math.max(1, width - 1);
    Arrays.setAll(biases, k -> 5 - 12 * Math.pow(k % width / last, 0.3 + 1.3 * depth));
    return biases;
  }
}
