package kazoku.cells;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
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
 * A recurrent network with a complex state and a unitary transition, built of cheap factors:
 * rotations of phases, Fourier transforms, two reflections and a permutation.
 *
 * <pre>
 * q  = D_3(R_2(F⁻¹(D_2(Π(R_1(F(D_1(h))))))))                    rotated state   complex [H]
 * a  = q + x·V                                                  before act      complex [H]
 * h' = a⊙relu(|a| + b)/(|a| + 1e-5)                             state           complex [H]
 * out = [re', im']·W_o + b_o                                    output                  [O]
 * </pre>
 *
 * <p>{@code D_k(h) = h⊙exp(i·θ_k)} turns phases, {@code R_k(h) = h − 2/(v·v*)·(h·v)·v*} reflects at
 * v = row k of R as a complex row ((h·v) without conjugation), {@code Π(h)[k] = h[permutation[k]]},
 * and {@code F(h)_k = Σ_j h_j·exp(−2πi·jk/H)/√H} with its inverse. The state's real and imaginary
 * parts are the slots re and im.
 *
 * <p>V {@code [I,2H]} (columns re, then im), R {@code [2,2H]} and W_o {@code [2H,O]} start
 * glorot-uniform, θ {@code [3,H]} uniform in ±π, b {@code [H]} uniform in ±0.01, b_o {@code [O]}
 * zeros. In the graph θ is spelled theta.
 *
 * <p>Source: M. Arjovsky, A. Shah, Y. Bengio, "Unitary Evolution Recurrent Neural Networks", ICML
 * 2016, <a href="https://arxiv.org/abs/1511.06464">arXiv:1511.06464</a>. The 1e-5 is of the
 * authors' code, which also learns the initial state, one row for all.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param outputSize O, at least 1; H by default
 * @param permutation each of 0 to H−1 once; a fixed random order by default
 */
@About(idea = "unitary transition of cheap factors", source = "Arjovsky, Shah, Bengio 2016")
public record UnitaryRNNCell(
    int inputSize, int hiddenSize, int outputSize, List<Integer> permutation) implements Cell {

  public UnitaryRNNCell {
    Checks.sizes("UnitaryRNNCell", inputSize, hiddenSize);
    Checks.atLeastOne("UnitaryRNNCell", "outputSize", outputSize);
    permutation = List.copyOf(permutation);
    Checks.require(
        permutation.stream()
            .sorted()
            .toList()
            .equals(IntStream.range(0, hiddenSize).boxed().toList()),
        "UnitaryRNNCell",
        "permutation must have each of 0 to " + (hiddenSize - 1) + " once",
        permutation);
  }

  /**
   * The cell with as many columns out as units.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public UnitaryRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, hiddenSize, shuffled(hiddenSize));
  }

  private static List<Integer> shuffled(int size) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
    Collections.shuffle(order, new Random(size));
    return order;
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("re", hiddenSize), Slot.of("im", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr V = w.input("V", inputSize, 2 * hiddenSize);
    Expr theta = w.get("theta", Initializer.uniform(-Math.PI, Math.PI), 3, hiddenSize);
    Expr R = w.input("R", 2, 2 * hiddenSize);
    Expr b = w.get("b", Initializer.uniform(-0.01, 0.01), hiddenSize);
    Expr W_o = w.input("W_o", 2 * hiddenSize, outputSize);
    Expr b_o = w.bias("b_o", outputSize);

    Parts turns = theta.split(-2, 1, 1, 1);
    Parts mirrors = R.split(-2, 1, 1);
    Complex q = new Complex(s.get("re"), s.get("im"));
    q = turned(q, turns.get(0)).dot(fourier(-1));
    q = reflected(q, mirrors.get(0)).dot(permuted());
    q = turned(q, turns.get(1)).dot(fourier(1));
    q = turned(reflected(q, mirrors.get(1)), turns.get(2));
    Parts input = x.dot(V).split("re", "im");
    Expr re = q.re().plus(input.get("re"));
    Expr im = q.im().plus(input.get("im"));
    Expr size = re.square().plus(im.square()).maximum(Expr.constant(1e-30)).sqrt();
    Expr scale = size.plus(b).relu().dividedBy(size.plus(1e-5));
    Expr reNext = re.times(scale);
    Expr imNext = im.times(scale);
    Expr out = Expr.concat(reNext, imNext).dot(W_o).plus(b_o);
    return new Step(out, State.of("re", reNext).with("im", imNext));
  }

  /** A complex row, or a constant matrix. */
  private record Complex(Expr re, Expr im) {
    Complex dot(Complex matrix) {
      return new Complex(
          re.dot(matrix.re).minus(im.dot(matrix.im)), re.dot(matrix.im).plus(im.dot(matrix.re)));
    }
  }

  private Complex turned(Complex h, Expr angles) {
    Expr cos = angles.reshape(hiddenSize).cos();
    Expr sin = angles.reshape(hiddenSize).sin();
    return new Complex(
        h.re.times(cos).minus(h.im.times(sin)), h.re.times(sin).plus(h.im.times(cos)));
  }

  private Complex reflected(Complex h, Expr mirror) {
    Parts parts = mirror.reshape(2 * hiddenSize).split("re", "im");
    Expr re = parts.get("re");
    Expr im = parts.get("im");
    Expr twice = Expr.constant(2).dividedBy(mirror.square().sum().reshape(1));
    Expr along = h.re.times(re).minus(h.im.times(im)).sum().times(twice);
    Expr across = h.re.times(im).plus(h.im.times(re)).sum().times(twice);
    return new Complex(
        h.re.minus(along.times(re)).minus(across.times(im)),
        h.im.minus(across.times(re)).plus(along.times(im)));
  }

  private Complex fourier(int sign) {
    return new Complex(wave(Math::cos, 1), wave(Math::sin, sign));
  }

  private Expr wave(DoubleUnaryOperator function, int sign) {
    double[] values = new double[hiddenSize * hiddenSize];
    for (int k = 0; k < values.length; k++) {
      long turns = (long) (k / hiddenSize) * (k % hiddenSize) % hiddenSize;
      values[k] =
          sign * function.applyAsDouble(2 * Math.PI * turns / hiddenSize) / Math.sqrt(hiddenSize);
    }
    return Expr.constant(values, hiddenSize, hiddenSize);
  }

  private Complex permuted() {
    double[] values = new double[hiddenSize * hiddenSize];
    for (int k = 0; k < hiddenSize; k++) {
      values[permutation.get(k) * hiddenSize + k] = 1;
    }
    Expr zero = Expr.constant(new double[values.length], hiddenSize, hiddenSize);
    return new Complex(Expr.constant(values, hiddenSize, hiddenSize), zero);
  }
}
