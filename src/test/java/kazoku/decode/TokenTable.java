package kazoku.decode;

import kazoku.Expr;
import kazoku.Initializer;
import kazoku.RowLayer;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/** A row of a table for each token. */
record TokenTable(int tokens, int size) implements RowLayer {
  @Override
  public Shape input() {
    return Shape.scalar();
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    return x.lookup(w.get("E", Initializer.uniform(-1, 1), tokens, size));
  }
}
