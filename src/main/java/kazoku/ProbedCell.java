package kazoku;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A cell that gives all quantities of its step, side by side, with a 1 before them; it goes through
 * the same states.
 *
 * @param cell the cell
 */
record ProbedCell(Cell cell) implements Cell {

  @Override
  public Shape input() {
    return cell.input();
  }

  @Override
  public List<Slot> state() {
    return cell.state();
  }

  @Override
  public State initial(Weights w) {
    return cell.initial(w);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step step = cell.step(w, x, s);
    List<Expr> all = new ArrayList<>();
    all.add(w.valid());
    new Quantities(w.requests(), x, step)
        .byName()
        .values()
        .forEach(value -> all.add(value.reshape(value.shape().size())));
    return new Step(Expr.concat(all.toArray(Expr[]::new)), step.next());
  }

  /**
   * Takes apart what the cell gives.
   *
   * @param tf operations of the graph
   * @param trace a step of the cell inside
   * @param outputs what this cell gives, {@code [B, T, N]}, zeros in steps that are not valid
   */
  static Built.Probe apart(Ops tf, Trace trace, Operand<TNumber> outputs) {
    Operand<TInt32> leading = tf.slice(tf.shape(outputs), tf.array(0), tf.array(2));
    Map<String, Operand<TNumber>> quantities = new LinkedHashMap<>();
    int from = 1;
    for (Map.Entry<String, Expr> quantity : trace.quantities().entrySet()) {
      Shape row = quantity.getValue().shape();
      int size = Math.toIntExact(row.size());
      quantities.put(quantity.getKey(), block(tf, outputs, leading, from, size, row));
      from += size;
    }
    return new Built.Probe(block(tf, outputs, leading, 0, 1, Shape.scalar()), quantities);
  }

  private static Operand<TNumber> block(
      Ops tf, Operand<TNumber> outputs, Operand<TInt32> leading, int from, int size, Shape row) {
    Operand<TNumber> flat =
        tf.slice(
            outputs, tf.constant(new int[] {0, 0, from}), tf.constant(new int[] {-1, -1, size}));
    return tf.reshape(flat, tf.concat(List.of(leading, Batches.sizes(tf, row)), tf.constant(0)));
  }
}
