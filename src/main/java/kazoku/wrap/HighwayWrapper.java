package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Gives a cell a gated shortcut: the input decides how much of itself is carried past the cell.
 *
 * <pre>
 * y, s' = cell(x, s)                          the cell's own step
 * carry = σ(x·W_c + b_c)                      what passes by          [I]
 * transform = 1 − carry                       coupled                 [I]
 *           = σ(x·W_t + b_t)                  otherwise
 * y' = x⊙carry + y⊙transform                  output                  [I]
 * </pre>
 *
 * <p>The gates see the wrapper's input and not the cell's output. W_c and W_t {@code [I,I]} start
 * glorot-uniform, b_c {@code [I]} at {@code carryBias} and b_t {@code [I]} at its opposite, so that
 * at first most is carried; the cell's weights are under {@code cell/}. On images the products are
 * those of the channels at each place.
 *
 * <p>Source: R. Srivastava, K. Greff, J. Schmidhuber, "Highway Networks", 2015, <a
 * href="https://arxiv.org/abs/1505.00387">arXiv:1505.00387</a>, in the form of tf.contrib's
 * HighwayWrapper.
 *
 * @param cell the cell inside, whose output has the shape of its input
 * @param carryBias where b_c starts; 1 by default
 * @param coupled whether what is not carried is transformed; true by default
 */
public record HighwayWrapper(Cell cell, double carryBias, boolean coupled) implements Cell {

  public HighwayWrapper {
    Inner.checkSameShape("HighwayWrapper", cell);
    Inner.checkAxis("HighwayWrapper", "the cell's input", cell.input());
  }

  /**
   * The wrapper with one gate.
   *
   * @param cell the cell inside
   */
  public HighwayWrapper(Cell cell) {
    this(cell, 1, true);
  }

  @Override
  public Shape input() {
    return cell.input();
  }

  @Override
  public List<Slot> state() {
    return Inner.slots("cell", cell);
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(w, cell);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr carry = gate(w, "c", carryBias, x);
    Expr transform = coupled ? carry.oneMinus() : gate(w, "t", -carryBias, x);
    Step inner = cell.step(w.in("cell"), x, s.in("cell"));
    Expr y = x.times(carry).plus(inner.output().times(transform));
    return new Step(y, Inner.state("cell", inner.next()));
  }

  private static Expr gate(Weights w, String name, double bias, Expr x) {
    Expr W = w.input("W_" + name, x.size(), x.size());
    Expr b = w.get("b_" + name, Initializer.constant(bias), x.size());
    return x.dot(W).plus(b).sigmoid();
  }
}
