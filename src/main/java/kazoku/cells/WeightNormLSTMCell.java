package kazoku.cells;

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
 * Long short-term memory with weight normalisation: each column of a matrix is a direction times a
 * learnt length.
 *
 * <pre>
 * [V_x;V_h] = split(V; I,H)                   directions, in rows     [I,4H], [H,4H]
 * W  = V_x/‖V_x‖⊙q_x                          columns of length q_x   [I,4H]
 * U  = V_h/‖V_h‖⊙q_h                          columns of length q_h   [H,4H]
 * i  = σ(x·W_i + h·U_i + b_i + p_i⊙c)         input gate              [H]
 * f  = σ(x·W_f + h·U_f + b_f + fb + p_f⊙c)    forget gate             [H]
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * o  = σ(x·W_o + h·U_o + b_o + p_o⊙c')        output gate             [H]
 * h' = o⊙act(c')                              output                  [H]
 * m' = h'·(P/‖P‖⊙q_p)                         output, in place of h'  [R]
 * </pre>
 *
 * <p>‖·‖ is the length of each column, at least 1e-6. The terms with p_i, p_f and p_o are there
 * with {@code usePeepholes}; m' is the output and the state in place of h with {@code numProj}.
 *
 * <p>V {@code [I+H,4H]} ({@code [I+R,4H]}), P {@code [H,R]}, p_i, p_f and p_o {@code [H]} start
 * glorot-uniform, q_x and q_h {@code [4H]} and q_p {@code [R]} as the lengths of the columns, so
 * that the first W and U are V, and b {@code [4H]} as zeros, with the forget block at 1 where
 * {@code forgetBias} is 0. Blocks are i, g, f, o.
 *
 * <p>Source: T. Salimans, D. P. Kingma, "Weight Normalization: A Simple Reparameterization to
 * Accelerate Training of Deep Neural Networks", NIPS 2016, <a
 * href="https://arxiv.org/abs/1602.07868">arXiv:1602.07868</a>; the equations and the order of
 * blocks are those of tf.contrib's WeightNormLSTMCell, which starts q_x, q_h and q_p
 * glorot-uniform.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to the forget gate; 1 by default
 * @param usePeepholes whether the gates look at the memory; false by default
 * @param cellClip c' is cut off at ±cellClip; 0, the default, for never
 * @param numProj R, the width of m'; 0, the default, for no projection
 * @param projClip m' is cut off at ±projClip, only with {@code numProj}; 0, the default, for never
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "columns as direction times length", source = "Salimans, Kingma 2016")
public record WeightNormLSTMCell(
    int inputSize,
    int hiddenSize,
    double forgetBias,
    boolean usePeepholes,
    double cellClip,
    int numProj,
    double projClip,
    boolean useBias,
    Activation activation)
    implements Cell {

  public WeightNormLSTMCell {
    Checks.sizes("WeightNormLSTMCell", inputSize, hiddenSize);
    Checks.notNegative("WeightNormLSTMCell", "cellClip", cellClip);
    Checks.notNegative("WeightNormLSTMCell", "numProj", numProj);
    Checks.notNegative("WeightNormLSTMCell", "projClip", projClip);
    Checks.require(
        projClip == 0 || numProj > 0,
        "WeightNormLSTMCell",
        "projClip needs numProj",
        "numProj " + numProj);
    Checks.given("WeightNormLSTMCell", "activation", activation);
  }

  /**
   * The cell of tf.contrib, without its flags.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public WeightNormLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, false, 0, 0, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of(out(), outputSize()));
  }

  private String out() {
    return numProj == 0 ? "h" : "m";
  }

  private int outputSize() {
    return numProj == 0 ? hiddenSize : numProj;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Drawn start = new Drawn(Initializer.GLOROT_UNIFORM);
    Parts V =
        w.get("V", start, inputSize + outputSize(), 4 * hiddenSize)
            .split(-2, inputSize, outputSize())
            .as("V_x", "V_h");
    Initializer lengths_x = ColumnNorm.lengths(start, 0, inputSize);
    Initializer lengths_h = ColumnNorm.lengths(start, inputSize, outputSize());
    Expr W = ColumnNorm.scaled(V.get("V_x"), w.get("q_x", lengths_x, 4 * hiddenSize)).as("W");
    Expr U = ColumnNorm.scaled(V.get("V_h"), w.get("q_h", lengths_h, 4 * hiddenSize)).as("U");
    Expr c = s.get("c");
    Expr h = s.get(out());

    Parts blocks = x.dot(W).plus(h.dot(U)).plus(bias(w)).split("_i", "_g", "_f", "_o");
    Expr i = Peepholes.add(w, usePeepholes, blocks.get("_i"), "p_i", c).sigmoid().as("i");
    Expr g = activation.apply(blocks.get("_g")).as("g");
    Expr f =
        Peepholes.add(w, usePeepholes, blocks.get("_f").plus(forgetBias), "p_f", c)
            .sigmoid()
            .as("f");

    Expr cNext = f.times(c).plus(i.times(g)).clipAt(cellClip);
    Expr o = Peepholes.add(w, usePeepholes, blocks.get("_o"), "p_o", cNext).sigmoid().as("o");
    Expr hNext = o.times(activation.apply(cNext));
    if (numProj > 0) {
      Expr P = ColumnNorm.matrix(w, "P", "q_p", Initializer.GLOROT_UNIFORM, hiddenSize, numProj);
      hNext = hNext.dot(P).clipAt(projClip);
    }
    return new Step(hNext, State.of("c", cNext).with(out(), hNext));
  }

  private Expr bias(Weights w) {
    Initializer start = Initializer.blocks(0, 0, forgetBias == 0 ? 1 : 0, 0);
    return useBias ? w.get("b", start, 4 * hiddenSize) : Expr.constant(0);
  }
}
