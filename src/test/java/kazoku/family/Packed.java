package kazoku.family;

import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Golden files have one input tensor: what stands beside the input are its last columns, in the
 * order in which the cell asks for it; but PhasedLSTMCell's time is the first one, as in
 * tf.contrib.
 */
final class Packed {
  private Packed() {}

  static Signal unpack(
      Ops tf, Cell cell, Operand<? extends TNumber> packed, Operand<TInt32> lengths) {
    Map<String, Expr> beside = Trace.of(cell).requests().beside();
    if (beside.isEmpty()) {
      return new Signal(packed, lengths);
    }
    Map<String, Long> sizes = new LinkedHashMap<>();
    beside.forEach((name, leaf) -> sizes.put(name, leaf.shape().size()));
    boolean first = cell.getClass().getSimpleName().equals("PhasedLSTMCell");
    int at = first ? (int) sizes.values().stream().mapToLong(n -> n).sum() : 0;
    int width = (int) cell.input().get(-1);
    Signal signal = new Signal(columns(tf, packed, at, width), lengths);
    at = first ? 0 : width;
    for (Map.Entry<String, Long> entry : sizes.entrySet()) {
      int size = entry.getValue().intValue();
      signal = signal.beside(entry.getKey(), columns(tf, packed, at, size));
      at += size;
    }
    return signal;
  }

  /** The memory that a case has among its weights, for the rows of the input. */
  static Signal remember(Ops tf, Signal x, Golden.Case golden, Operand<? extends TNumber> memory) {
    if (!golden.config().has("memoryTime")) {
      return x;
    }
    int rows = (int) x.value().asOutput().shape().get(0);
    Operand<TNumber> kept =
        tf.slice(Vocabulary.number(memory), tf.array(0, 0, 0), tf.array(rows, -1, -1));
    int[] lengths = golden.memoryLengths();
    return x.beside(
        "memory",
        new Signal(
            kept,
            lengths == null ? null : tf.slice(tf.constant(lengths), tf.array(0), tf.array(rows))));
  }

  private static Operand<TNumber> columns(
      Ops tf, Operand<? extends TNumber> packed, int from, int count) {
    Shape shape = packed.asOutput().shape();
    int[] begin = new int[shape.numDimensions()];
    int[] size = new int[shape.numDimensions()];
    java.util.Arrays.fill(size, -1);
    begin[begin.length - 1] = from;
    size[size.length - 1] = count;
    return tf.slice(Vocabulary.number(packed), tf.constant(begin), tf.constant(size));
  }
}
