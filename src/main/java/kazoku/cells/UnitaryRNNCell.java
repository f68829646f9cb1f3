package kazoku.cells;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
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
 * Unitary recurrent network: a complex state that is turned, mirrored and Fourier-transformed, so
 * that its length does not change, before the input comes in.
 *
 * <pre>
 * h  = re + i·im                              complex state           [H]
 * D_k(h) = h⊙e^(i·θ_k)                        turned, θ_k = θ[k−1]    [H]
 * R_k(h) = h − 2/(v·v*)·(h·v)·v*              mirrored, v = R[k−1]    [H]
 * Π(h)[k] = h[permutation[k]]                 permuted                [H]
 * F(h)[k] = Σ_j h[j]·e^(−2πi·jk/H)/√H         transformed, F⁻¹: +     [H]
 * q  = D_3(R_2(F⁻¹(D_2(Π(R_1(F(D_1(h))))))))  transition              [H]
 * a  = q + x·V                                complex                 [H]
 * h' = a⊙relu(|a| + b)/(|a| + 1e-5)           state                   [H]
 * y  = [re',im']·W_o + b_o                    output                  [O]
 * </pre>
 *
 * <p>V {@code [I,2H]} and the rows of R {@code [2,2H]} are complex, first all real parts, then all
 * imaginary ones; {@code h·v} is without conjugation and {@code v*} the conjugate. V, R and W_o
 * {@code [2H,O]} start glorot-uniform, θ {@code [3,H]} (the weight {@code theta}) uniform in ±π, b
 * {@code [H]} uniform in ±0.01, b_o {@code [O]} as zeros.
 *
 * <p>Source: M. Arjovsky, A. Shah, Y. Bengio, "Unitary Evolution Recurrent Neural Networks", ICML
 * 2016, <a href="https://arxiv.org/abs/1511.06464">arXiv:1511.06464</a>; equations and the 1e-5 are
 * those of the authors' code. There the initial state is learnt, one row for all, starting uniform
 * in ±√(3/(2H)); here it is zero, or what the caller gives. Where a is 0, |a| has the gradient 0.
 * The transforms are products with constant matrices.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, complex units, at least 1
 * @param outputSize O, at least 1; H by default
 * @param permutation the numbers 0 to H−1 in any order; by default in one that is always the same
 *     for H
 */
@About(idea = "unitary transition of cheap factors", source = "Arjovsky, Shah, Bengio 2016")
public record UnitaryRNNCell(
    int inputSize, int hiddenSize, int outputSize, List<Integer> permutation) implements Cell {

  public UnitaryRNNCell {
    Checks.sizes("UnitaryRNNCell", inputSize, hiddenSize);
    Checks.atLeastOne("UnitaryRNNCell", "outputSize", outputSize);
    Checks.given("UnitaryRNNCell", "permutation", permutation);
    permutation = List.copyOf(permutation);
    Checks.require(
        permutation.size() == hiddenSize
            && new HashSet<>(permutation).equals(new HashSet<>(upTo(hiddenSize))),
        "UnitaryRNNCell",
        "permutation must have each of the numbers from 0 to hiddenSize − 1 = "
            + (hiddenSize - 1)
            + " once",
        permutation);
  }

  /**
   * The cell with as many outputs as units.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public UnitaryRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, hiddenSize, shuffled(hiddenSize));
  }

  private static List<Integer> upTo(int size) {
    return IntStream.range(0, size).boxed().toList();
  }

  private static List<Integer> shuffled(int size) {
    List<Integer> order = new ArrayList<>(upTo(size));
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
    Expr b = w.get("b", Initializer.uniform(-0.01, 0.01), hiddenSize);
    Expr W_o = w.input("W_o", 2 * hiddenSize, outputSize);
    Expr b_o = w.bias("b_o", outputSize);

    Complex q = transition(w, new Complex(s.get("re"), s.get("im")));
    Complex a = Complex.of(q.both().plus(x.dot(V)));
    Expr size = a.modulus();
    Complex hNext = a.times(size.plus(b).relu().dividedBy(size.plus(1e-5)));
    Expr y = hNext.both().dot(W_o).plus(b_o);
    return new Step(y, State.of("re", hNext.re()).with("im", hNext.im()));
  }

  /** The unitary matrix, applied to a state. */
  Complex transition(Weights w, Complex h) {
    Expr theta = w.get("theta", Initializer.uniform(-Math.PI, Math.PI), 3, hiddenSize);
    Parts turns = theta.reshape(3 * hiddenSize).split("_1", "_2", "_3");
    Parts mirrors = w.input("R", 2, 2 * hiddenSize).reshape(4 * hiddenSize).split("_1", "_2");

    return h.turned(turns.get("_1"))
        .transformed(-1)
        .mirrored(Complex.of(mirrors.get("_1")))
        .permuted(permutation)
        .turned(turns.get("_2"))
        .transformed(1)
        .mirrored(Complex.of(mirrors.get("_2")))
        .turned(turns.get("_3"));
  }

  /** Complex numbers as two values of one shape. */
  record Complex(Expr re, Expr im) {

    /** From {@code [re, im]}. */
    static Complex of(Expr both) {
      Parts parts = both.split("re", "im");
      return new Complex(parts.get("re"), parts.get("im"));
    }

    Expr both() {
      return Expr.concat(re, im);
    }

    /** Where the square is 0, its root has no gradient, and the modulus is given the gradient 0. */
    Expr modulus() {
      Expr square = re.square().plus(im.square());
      Expr positive = square.greaterThan(0);
      Expr root = positive.where(square, Expr.constant(1)).sqrt();
      return positive.where(root, Expr.constant(0));
    }

    Complex times(Expr real) {
      return new Complex(re.times(real), im.times(real));
    }

    Complex times(Complex other) {
      return new Complex(
          re.times(other.re).minus(im.times(other.im)),
          re.times(other.im).plus(im.times(other.re)));
    }

    Complex turned(Expr angles) {
      return times(new Complex(angles.cos(), angles.sin()));
    }

    Complex mirrored(Complex v) {
      Complex product = times(v);
      Complex along = new Complex(product.re.sum(), product.im.sum());
      Expr lengths = v.re.square().plus(v.im.square()).sum();
      Complex conjugate = new Complex(v.re, v.im.negate());
      Complex twice = along.times(conjugate.times(Expr.constant(2).dividedBy(lengths)));
      return new Complex(re.minus(twice.re), im.minus(twice.im));
    }

    Complex permuted(List<Integer> order) {
      int size = order.size();
      double[] P = new double[size * size];
      for (int k = 0; k < size; k++) {
        P[order.get(k) * size + k] = 1;
      }
      Expr matrix = Expr.constant(P, size, size).as("Pi");
      return new Complex(re.dot(matrix), im.dot(matrix));
    }

    /** The unitary Fourier transform with this sign of the exponent, {@code [re,im]} at once. */
    Complex transformed(int sign) {
      int size = re.size();
      double[] F = new double[4 * size * size];
      for (int j = 0; j < size; j++) {
        for (int k = 0; k < size; k++) {
          double angle = sign * 2 * Math.PI * ((long) j * k % size) / size;
          double cos = Math.cos(angle) / Math.sqrt(size);
          double sin = Math.sin(angle) / Math.sqrt(size);
          F[2 * j * size + k] = cos;
          F[2 * j * size + size + k] = sin;
          F[2 * (size + j) * size + k] = -sin;
          F[2 * (size + j) * size + size + k] = cos;
        }
      }
      Expr matrix = Expr.constant(F, 2L * size, 2L * size).as(sign < 0 ? "F" : "F_inv");
      return of(both().dot(matrix));
    }
  }
}
