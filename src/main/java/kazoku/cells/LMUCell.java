package kazoku.cells;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Legendre memory unit: a fixed linear system holds the last θ steps as coefficients of Legendre
 * polynomials, and a small cell reads them.
 *
 * <pre>
 * A_ij = (2i+1)·(−1 if i &lt; j, else (−1)^(i−j+1))  constant, continuous system  [Q,Q]
 * B_i  = (2i+1)·(−1)^i                            constant, its input          [Q,1]
 * Ā  = e^(A/θ),  B̄ = A⁻¹·(Ā − I)·B                constant, ZOH
 * Ā  = I + A/θ,  B̄ = B/θ                          constant, EULER
 * u  = x·E_x + h·E_h + m·E_m + b                  what is remembered           [D]
 * m' = m·Āᵀ + u[:,None]⊙B̄ᵀ                        memory                       [D,Q]
 * y  = m'                                         if there is no inner cell    [DQ]
 * y  = cell([m',x], h)                            output, if there is one      [H]
 * </pre>
 *
 * <p>The terms of h, m and b in u, and the x that the inner cell sees, are there if their flags are
 * set. The inner cell has its weights and its state under the path {@code cell}; h is its slot
 * {@code h}. It sees m' as one row, as u sees m. Without an inner cell {@code m'}, or {@code
 * [m',x]}, is the output.
 *
 * <p>E_x {@code [I,D]} and E_h {@code [H,D]} start glorot-uniform as one matrix {@code [I+H,D]},
 * E_m {@code [DQ,D]} orthogonal, b {@code [D]} as zeros. With {@code trainableTheta}, 1/θ is the
 * weight {@code thetaInv}, a number; it counts as 0 where training makes it negative, and its
 * gradient passes as if it were not cut off. Otherwise Ā and B̄ are constants, computed in double
 * precision.
 *
 * <p>Source: A. Voelker, I. Kajić, C. Eliasmith, "Legendre Memory Units: Continuous-Time
 * Representation in Recurrent Neural Networks", NeurIPS 2019, <a
 * href="https://papers.nips.cc/paper/9689">papers.nips.cc/paper/9689</a>; the defaults are those of
 * keras-lmu, with all flags off, while the paper's cell has {@code hiddenToMemory}, {@code
 * memoryToMemory} and {@code inputToHidden}.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the width of the inner cell's state h, at least 1; not used without an inner
 *     cell
 * @param memoryDimension D, signals that are remembered, at least 1
 * @param order Q, coefficients for each of them, at least 1
 * @param theta θ, how many steps are remembered, more than 0
 * @param discretizer how a step in time is made of the system; ZOH by default
 * @param hiddenToMemory whether h is remembered; false by default
 * @param memoryToMemory whether the memory is remembered; false by default
 * @param inputToHidden whether the inner cell sees x; false by default
 * @param trainableTheta whether θ is learnt, which needs EULER; false by default
 * @param cell a cell of input DQ, or DQ+I with {@code inputToHidden}; null for none; {@link
 *     ElmanRNNCell} by default
 * @param useBias whether there is b; false by default
 */
@About(idea = "window as Legendre coefficients", source = "Voelker, Kajić, Eliasmith 2019")
public record LMUCell(
    int inputSize,
    int hiddenSize,
    int memoryDimension,
    int order,
    double theta,
    Discretizer discretizer,
    boolean hiddenToMemory,
    boolean memoryToMemory,
    boolean inputToHidden,
    boolean trainableTheta,
    Cell cell,
    boolean useBias)
    implements Cell {

  /** How a step in time is made of a system in continuous time. */
  public enum Discretizer {
    /** Exactly, for an input that is held between the steps. */
    ZOH,
    /** By one Euler step, which is stable only where θ is large against Q². */
    EULER
  }

  public LMUCell {
    Checks.sizes("LMUCell", inputSize, hiddenSize);
    Checks.atLeastOne("LMUCell", "memoryDimension", memoryDimension);
    Checks.atLeastOne("LMUCell", "order", order);
    Checks.require(
        theta > 0 && theta < Double.POSITIVE_INFINITY,
        "LMUCell",
        "theta must be more than 0",
        theta);
    Checks.given("LMUCell", "discretizer", discretizer);
    Checks.require(
        !trainableTheta || discretizer == Discretizer.EULER,
        "LMUCell",
        "trainableTheta needs discretizer EULER",
        discretizer);
    Checks.require(
        cell != null || !hiddenToMemory, "LMUCell", "hiddenToMemory needs an inner cell", cell);
    int seen = memoryDimension * order + (inputToHidden ? inputSize : 0);
    Checks.require(
        cell == null || cell.input().equals(Shape.of(seen)),
        "LMUCell",
        "the inner cell's input must be [" + seen + "]",
        cell == null ? null : cell.input());
    Checks.require(
        !hiddenToMemory || cell.state().contains(Slot.of("h", hiddenSize)),
        "LMUCell",
        "hiddenToMemory needs an inner cell with a state h of [" + hiddenSize + "]",
        cell == null ? null : cell.state());
  }

  /**
   * The cell as in keras-lmu, with {@link ElmanRNNCell} inside and nothing fed back.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param memoryDimension D
   * @param order Q
   * @param theta θ
   */
  public LMUCell(int inputSize, int hiddenSize, int memoryDimension, int order, double theta) {
    this(
        inputSize,
        hiddenSize,
        memoryDimension,
        order,
        theta,
        Discretizer.ZOH,
        false,
        false,
        false,
        false,
        new ElmanRNNCell(memoryDimension * order, hiddenSize),
        false);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    List<Slot> slots = new ArrayList<>();
    slots.add(Slot.of("m", memoryDimension, order));
    if (cell != null) {
      cell.state().forEach(slot -> slots.add(slot.in("cell")));
    }
    return slots;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int flat = memoryDimension * order;
    Initializer start = encoders();
    Expr m = s.get("m");

    Expr u = x.dot(w.get("E_x", start, inputSize, memoryDimension));
    if (hiddenToMemory) {
      Expr h = s.in("cell").get("h");
      u = u.plus(h.dot(w.get("E_h", start, hiddenSize, memoryDimension)));
    }
    if (memoryToMemory) {
      u = u.plus(m.reshape(flat).dot(w.recurrent("E_m", flat, memoryDimension)));
    }
    u = u.plus(w.biasIf(useBias, "b", memoryDimension));
    Expr mNext = remember(w, m, u.as("u").reshape(memoryDimension, 1));

    Expr read = mNext.reshape(flat);
    Expr seen = inputToHidden ? Expr.concat(read, x) : read;
    if (cell == null) {
      return new Step(seen, State.of("m", mNext));
    }
    Step inner = w.in("cell").step(cell, seen, s.in("cell"));
    return new Step(inner.output(), State.of("m", mNext).with("cell", inner.next()));
  }

  /** Glorot-uniform by the fans of E_x and E_h together. */
  private Initializer encoders() {
    int rows = inputSize + (hiddenToMemory ? hiddenSize : 0);
    double limit = Math.sqrt(6.0 / (rows + memoryDimension));
    return Initializer.uniform(-limit, limit);
  }

  private Expr remember(Weights w, Expr m, Expr u) {
    double[][] system = transposedSystem();
    boolean continuous = discretizer == Discretizer.EULER;
    Expr A = rows(system, 0, order).as(continuous ? "Aᵀ" : "Āᵀ");
    Expr B = rows(system, order, order + 1).as(continuous ? "Bᵀ" : "B̄ᵀ");
    if (continuous) {
      Expr thetaInv =
          trainableTheta
              ? Constraints.notNegative(w.get("thetaInv", Initializer.constant(1 / theta)))
              : Expr.constant(1 / theta);
      A = Expr.identity(order).plus(A.times(thetaInv)).as("Āᵀ");
      B = B.times(thetaInv).as("B̄ᵀ");
    }
    return m.dot(A).plus(u.times(B));
  }

  /**
   * Aᵀ above Bᵀ, and a column of zeros. With ZOH, Āᵀ above B̄ᵀ: both are blocks of one exponential,
   * for which A need not be inverted.
   */
  private double[][] transposedSystem() {
    double rate = discretizer == Discretizer.ZOH ? 1 / theta : 1;
    double[][] system = new double[order + 1][order + 1];
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        int sign = i < j || (i - j) % 2 == 0 ? -1 : 1;
        system[j][i] = (2 * i + 1) * sign * rate;
      }
      system[order][i] = (2 * i + 1) * (i % 2 == 0 ? 1 : -1) * rate;
    }
    return discretizer == Discretizer.ZOH ? MatrixExponential.of(system) : system;
  }

  private Expr rows(double[][] system, int from, int to) {
    double[] values =
        Arrays.stream(system, from, to)
            .flatMapToDouble(row -> Arrays.stream(row, 0, order))
            .toArray();
    return Expr.constant(values, to - from, order);
  }
}
