package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;

/**
 * Attention over a window of a cell's own past outputs.
 *
 * <pre>
 * x~ = [x,a]·P_in + b_in                      what the cell sees      [I]
 * y, s' = cell(x~, s)                         the cell's output       [O]
 * q  = [all parts of s']·P_q + b_q            query                   [V]
 * e_l = Σ v⊙tanh(M_l·K + q)                   scores                  [L]
 * a' = Σ_l softmax(e)_l·M_l                   attention               [A]
 * y' = [y,a']·P_out + b_out                   output                  [A]
 * M' = [M_2..M_L, y']                         window                  [L,A]
 * </pre>
 *
 * <p>P_in {@code [I+A,I]}, P_q {@code [S,V]}, S being the size of all parts of the cell's state
 * together, P_out {@code [O+A,A]}, K {@code [A,V]} and v {@code [V]} start glorot-uniform, the
 * biases as zeros; the cell's weights are under {@code cell/}. The window starts as zeros, which
 * take part in the softmax until outputs have pushed them out.
 *
 * <p>Source: after J. Cheng, L. Dong, M. Lapata, "Long Short-Term Memory-Networks for Machine
 * Reading", EMNLP 2016, <a href="https://arxiv.org/abs/1601.06733">arXiv:1601.06733</a>, in the
 * form of tf.contrib's AttentionCellWrapper, which keeps the window flat, {@code [L·A]}. The parts
 * of the state are put together in the order in which the cell names them; an LSTM's are c, h.
 *
 * @param cell the cell inside, whose input and output are vectors
 * @param attnLength L, outputs in the window, at least 1
 * @param attnSize A, the width of attention and output, at least 1; that of the cell's output by
 *     default
 * @param attnVecSize V, the width in which the scores are formed, at least 1; A by default
 */
public record AttentionCellWrapper(Cell cell, int attnLength, int attnSize, int attnVecSize)
    implements Wrapper {

  public AttentionCellWrapper {
    Checks.given("AttentionCellWrapper", "cell", cell);
    Inner.vector("AttentionCellWrapper", "the cell's input", cell.input());
    outputSize(cell);
    Checks.atLeastOne("AttentionCellWrapper", "attnLength", attnLength);
    Checks.atLeastOne("AttentionCellWrapper", "attnSize", attnSize);
    Checks.atLeastOne("AttentionCellWrapper", "attnVecSize", attnVecSize);
  }

  /**
   * The wrapper with everything as wide as the cell's output.
   *
   * @param cell the cell inside
   * @param attnLength L
   */
  public AttentionCellWrapper(Cell cell, int attnLength) {
    this(cell, attnLength, outputSize(cell), outputSize(cell));
  }

  private static int outputSize(Cell cell) {
    Checks.given("AttentionCellWrapper", "cell", cell);
    return Inner.vector("AttentionCellWrapper", "the cell's output", Trace.of(cell).outputShape());
  }

  @Override
  public List<Slot> own() {
    return List.of(Slot.of("a", attnSize), Slot.of("M", attnLength, attnSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr a = s.get("a");
    Expr M = s.get("M");

    Expr seen = dense(w, Expr.concat(x, a), "in", x.size());
    Step inner = w.in("cell").step(cell, seen, s.in("cell"));
    Expr q = dense(w, flat(inner.next()), "q", attnVecSize);
    Expr K = w.input("K", attnSize, attnVecSize);
    Expr v = w.input("v", attnVecSize);
    Expr e = v.times(M.dot(K).plus(q.reshape(1, attnVecSize)).tanh()).sum();
    Expr aNext = e.reshape(1, attnLength).softmax().matmul(M).reshape(attnSize);

    Expr output = dense(w, Expr.concat(inner.output(), aNext), "out", attnSize);
    Expr newest = output.reshape(1, attnSize);
    Expr MNext =
        attnLength == 1 ? newest : Expr.concat(-2, M.split(-2, 1, attnLength - 1).get(1), newest);
    State next = Inner.state("cell", inner.next()).with("a", aNext).with("M", MNext);
    return new Step(output, next);
  }

  /** All parts of a state side by side. */
  private static Expr flat(State state) {
    return Expr.concat(
        state.values().values().stream()
            .map(part -> part.reshape(part.shape().size()))
            .toArray(Expr[]::new));
  }

  private static Expr dense(Weights w, Expr value, String name, int size) {
    Expr P = w.input("P_" + name, value.size(), size);
    return value.dot(P).plus(w.bias("b_" + name, size));
  }
}
