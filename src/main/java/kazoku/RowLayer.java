package kazoku;

import kazoku.internal.Rows;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * A layer that treats every row alike, be it a sample or a step, and is given by its equation. It
 * works on any number of leading axes: {@code [B, I]}, {@code [B, T, I]}.
 */
public interface RowLayer extends Layer {

  /**
   * The shape of one row of the input.
   *
   * @return for example {@code [I]}; unknown where a row may be a vector of any size, and the
   *     output is of the same size
   */
  @Override
  Shape input();

  /**
   * The layer's equation. What stands {@linkplain Weights#beside beside} the input is a row of the
   * same sample and step.
   *
   * @param w the weights, asked for by symbol
   * @param x one row of the input
   * @return one row of the output
   */
  Expr equation(Weights w, Expr x);

  @Override
  default Signal apply(Weights w, Signal x) {
    String who = getClass().getSimpleName();
    Weights asked = w.recorder();
    Shape shape = input().isUnknown() ? Rows.lastAxis(who, x.value()) : input();
    Expr row = Vocabulary.leaf("x", shape, Level.SEQUENCE);
    Expr output = equation(asked, row);
    w.adopt(asked);
    Signal y = x.with(Rows.build(who, asked, row, output, w, x));
    w.built(this, x, y);
    return y;
  }
}
