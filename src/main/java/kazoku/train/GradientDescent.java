package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Stochastic gradient descent: a step against the gradient.
 *
 * <pre>
 * θ' = θ − α·g        θ a weight, g the gradient of the batch's loss
 * </pre>
 *
 * @param learningRate α, greater than 0
 */
public record GradientDescent(double learningRate) implements Optimizer {

  public GradientDescent {
    Checks.require(
        learningRate > 0, "GradientDescent", "learningRate must be greater than 0", learningRate);
  }

  @Override
  public Op update(Ops tf, List<Operand<TFloat32>> weights, List<Operand<TFloat32>> gradients) {
    Ops after = tf.withControlDependencies(new ArrayList<>(gradients));
    Operand<TFloat32> rate = tf.constant((float) learningRate);
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      updates.add(after.train.applyGradientDescent(weights.get(i), rate, gradients.get(i)));
    }
    return tf.withControlDependencies(updates).noOp();
  }
}
