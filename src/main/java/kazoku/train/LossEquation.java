package kazoku.train;

import java.util.Map;
import java.util.function.BinaryOperator;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A loss that is given by its equation.
 *
 * @param equation from an output and its target, a row of each, to one number
 * @param labels whether targets are labels; the equation sees them one-hot
 */
record LossEquation(BinaryOperator<Expr> equation, boolean labels) implements RowLayer, Measure {
  private static final String TARGET = "target";

  @Override
  public Shape input() {
    return Shape.unknown();
  }

  @Override
  public Expr equation(Weights w, Expr y) {
    Expr each = equation.apply(y, w.beside(TARGET, y.shape().asArray()));
    Checks.require(
        each.shape().size() == 1,
        "Loss",
        "an equation must give one number, as with mean() or sum() at its end",
        each.shape());
    return each.reshape();
  }

  @Override
  public Operand<TFloat32> each(Ops tf, Signal output, Signal target) {
    Operand<TFloat32> wanted = labels ? Numbers.oneHot(tf, output, target) : Numbers.of(target);
    Weights none = Weights.given(tf, TFloat32.class, Map.of());
    return Numbers.of(apply(none, output.beside(TARGET, wanted)));
  }
}
