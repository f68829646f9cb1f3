package kazoku.gallery;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Trace;
import kazoku.internal.Axes;
import kazoku.internal.Convolution;
import kazoku.internal.Recurrence;
import kazoku.internal.Vocabulary;

/** How the state after a step depends on the state before it, as the recorded step says. */
enum Kind {
  /** Units see each other, through a function. */
  DENSE("dense", "step by step: units see each other, through a function"),

  /** No unit sees another. */
  ELEMENTWISE("unit by unit", "step by step, unit by unit: no unit sees another"),

  /** A scan. */
  LINEAR("linear", "as a scan: it is linear in its state");

  private static final Set<Object> MIXING =
      Set.of(Vocabulary.DOT, Vocabulary.MATMUL, Axes.SUM, Axes.MEAN, Axes.MAX, Axes.SOFTMAX);

  private final String word;
  private final String runs;

  Kind(String word, String runs) {
    this.word = word;
    this.runs = runs;
  }

  /** In a word. */
  String word() {
    return word;
  }

  /** How a layer runs it. */
  String runs() {
    return runs;
  }

  static Kind of(Cell cell) {
    Trace trace = Trace.of(cell);
    if (Recurrence.isLinear(trace)) {
      return LINEAR;
    }
    Set<Expr> seen = new LinkedHashSet<>(trace.next().values());
    List<Expr> open = new ArrayList<>(seen);
    while (!open.isEmpty()) {
      Expr expr = open.remove(open.size() - 1);
      boolean mixes = MIXING.contains(expr.primitive()) || expr.primitive() instanceof Convolution;
      if (mixes && expr.level() == Level.STEP) {
        return DENSE;
      }
      expr.inputs().stream().filter(seen::add).forEach(open::add);
    }
    return ELEMENTWISE;
  }
}
