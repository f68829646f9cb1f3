package kazoku.draw;

import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Expr;
import kazoku.Level;
import kazoku.RowLayer;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * A step as people would write it: what figures and equations are made of.
 *
 * @param inputs what comes in, by name
 * @param next the state after the step, by slot
 * @param output the output
 */
record WrittenStep(Map<String, Expr> inputs, Map<String, Expr> next, Expr output) {

  static WrittenStep of(Trace trace) {
    Map<String, Expr> inputs = new LinkedHashMap<>(trace.state());
    inputs.put("x", trace.input());
    return written(inputs, trace.next(), trace.output());
  }

  /** A layer as it is evaluated. */
  static WrittenStep of(RowLayer layer) {
    Shape input = layer.input().isUnknown() ? Shape.of(2) : layer.input();
    Expr x = Vocabulary.leaf("x", input, Level.SEQUENCE);
    Expr y = layer.equation(Weights.symbolic().forEvaluation(), x);
    return written(Map.of("x", x), Map.of(), y);
  }

  /** What a value is made of; that comes in under its own name. */
  static WrittenStep of(Expr value) {
    return written(Map.of(), Map.of(), value);
  }

  private static WrittenStep written(
      Map<String, Expr> inputs, Map<String, Expr> next, Expr output) {
    Rewriting rewriting = new Rewriting();
    return new WrittenStep(rewriting.of(inputs), rewriting.of(next), rewriting.of(output));
  }
}
