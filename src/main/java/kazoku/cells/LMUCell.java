package kazoku.cells;

import java.util.ArrayList;
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
 * polynomials, and a small nonlinear cell reads it.
 *
 * <pre>
 * u  = x·E_x (+ h·E_h) (+ flatten(m)·E_m) (+ b)                 written         [D]
 * m' = m·Āᵀ + u[:,None]·B̄ᵀ                                      memory          [D,Q]
 * (out, s') = cell(flatten(m'), s)                              output          of the cell
 * </pre>
 *
 * <p>The system is {@code A_ij = (2i+1)·(−1 if i&lt;j, else (−1)^(i−j+1))} and {@code B_i =
 * (2i+1)(−1)^i}, i and j = 0..Q−1. ZOH holds the input over a step: {@code Ā = exp(A/θ)}, {@code B̄
 * = A⁻¹(Ā − I)B}; EULER: {@code Ā = I + A/θ}, {@code B̄ = B/θ}. With {@code trainableTheta}, which
 * needs EULER, 1/θ is a weight, kept at least 0 where it is read. With {@code inputToHidden} the
 * cell, and without a cell the output, sees x beside the memory: {@code [flatten(m'), x]}.
 *
 * <p>E_x {@code [I,D]} and E_h {@code [H,D]} start glorot-uniform over {@code [I,D]} or, with both,
 * {@code [I+H,D]}; E_m {@code [D·Q,D]} orthogonal, b {@code [D]} zeros, thetaInv {@code []} at 1/θ.
 * The inner cell's weights and slots stand under {@code cell/}.
 *
 * <p>Source: A. Voelker, I. Kajić, C. Eliasmith, "Legendre Memory Units: Continuous-Time
 * Representation in Recurrent Neural Networks", NeurIPS 2019, <a
 * href="https://papers.nips.cc/paper/9689-legendre-memory-units-continuous-time-representation-in-recurrent-neural-networks">paper
 * 9689</a>; the options are those of the authors' keras-lmu, which has all three connections off by
 * default, where the paper's cell has all on.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the width of the inner cell's output, at least 1
 * @param memoryDimension D, the number of signals remembered, at least 1; 1 by default
 * @param order Q, the number of coefficients of each, at least 1; 16 by default
 * @param theta θ, the length of the window, in steps, more than 0; 100 by default
 * @param discretizer how the system is cut in steps; ZOH by default
 * @param hiddenToMemory whether the inner cell's output h writes; false by default
 * @param memoryToMemory whether the memory writes; false by default
 * @param inputToHidden whether the cell sees the input as well; false by default
 * @param trainableTheta whether θ is learnt; false by default
 * @param useBias whether there is b; false by default
 * @param cell the inner cell, whose slot h is its output; null for none; ElmanRNNCell by default
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
    boolean useBias,
    Cell cell)
    implements Cell {

  /** How the continuous system is cut in steps. */
  public enum Discretizer {
    /** The input is held over a step. */
    ZOH,
    /** A step along the slope. */
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
        "trainableTheta needs the discretizer EULER",
        discretizer);
    Checks.require(
        !hiddenToMemory || cell != null, "LMUCell", "hiddenToMemory needs an inner cell", cell);
    int read = memoryDimension * order + (inputToHidden ? inputSize : 0);
    Checks.require(
        cell == null || cell.input().equals(Shape.of(read)),
        "LMUCell",
        "the inner cell's input must be [" + read + "]",
        cell == null ? null : cell.input());
    Checks.require(
        cell == null || cell.state().contains(Slot.of("h", hiddenSize)),
        "LMUCell",
        "the inner cell must have a slot h of hiddenSize " + hiddenSize,
        cell == null ? null : cell.state());
  }

  /**
   * One signal over a window of 100 steps by 16 coefficients, read by an Elman network.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LMUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, 16, 100, Discretizer.ZOH, false);
  }

  /**
   * The cell of the paper or of its library, read by an Elman network.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param memoryDimension D
   * @param order Q
   * @param theta θ
   * @param discretizer how the system is cut in steps
   * @param connected whether all three connections are on, as in the paper
   */
  public LMUCell(
      int inputSize,
      int hiddenSize,
      int memoryDimension,
      int order,
      double theta,
      Discretizer discretizer,
      boolean connected) {
    this(
        inputSize,
        hiddenSize,
        memoryDimension,
        order,
        theta,
        discretizer,
        connected,
        connected,
        connected,
        false,
        false,
        new ElmanRNNCell(memoryDimension * order + (connected ? inputSize : 0), hiddenSize));
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
    int read = memoryDimension * order;
    double limit =
        Math.sqrt(6.0 / (inputSize + (hiddenToMemory ? hiddenSize : 0) + memoryDimension));
    Initializer start = Initializer.uniform(-limit, limit);
    Expr m = s.get("m");

    Expr u = x.dot(w.get("E_x", start, inputSize, memoryDimension));
    if (hiddenToMemory) {
      Expr h = s.get("cell/h");
      u = u.plus(h.dot(w.get("E_h", start, hiddenSize, memoryDimension)));
    }
    if (memoryToMemory) {
      u = u.plus(m.reshape(read).dot(w.recurrent("E_m", read, memoryDimension)));
    }
    u = u.plus(w.biasIf(useBias, "b", memoryDimension)).reshape(memoryDimension, 1);
    Expr mNext = remembered(w, m, u);
    Expr flat = mNext.reshape(read);
    Expr seen = inputToHidden ? Expr.concat(flat, x) : flat;
    State next = State.of("m", mNext);
    if (cell == null) {
      return new Step(seen, next);
    }
    Step inner = cell.step(w.in("cell"), seen, s.in("cell"));
    return new Step(inner.output(), next.with("cell", inner.next()));
  }

  private Expr remembered(Weights w, Expr m, Expr u) {
    Legendre system = new Legendre(order);
    if (trainableTheta) {
      Expr thetaInv = w.get("thetaInv", Initializer.constant(1 / theta)).relu();
      Expr change = m.dot(system.a()).plus(u.times(system.b()));
      return m.plus(change.times(thetaInv));
    }
    boolean zoh = discretizer == Discretizer.ZOH;
    Legendre discrete = zoh ? system.held(theta) : system.euler(theta);
    return m.dot(discrete.a()).plus(u.times(discrete.b()));
  }
}
