package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Steps of about equal size for every weight: the running mean of its gradients, divided by the
 * root of the running mean of their squares.
 *
 * <pre>
 * m' = β₁·m + (1 − β₁)·g                          mean of gradients, starts at 0
 * v' = β₂·v + (1 − β₂)·g²                         mean of squares, starts at 0
 * θ' = θ − α·√(1 − β₂^k)/(1 − β₁^k)·m'/(√v' + ε)    k counts updates from 1
 * </pre>
 *
 * <p>D. P. Kingma, J. Ba 2015, <a href="https://arxiv.org/abs/1412.6980">arXiv:1412.6980</a>, in
 * the form before its section 2.1, where ε is added to the uncorrected root.
 *
 * @param learningRate α, greater than 0; the paper's default is 0.001
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, at least 0 and less than 1; default 0.999
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (the paper has 1e-8)
 */
public record Adam(double learningRate, double beta1, double beta2, double epsilon)
    implements Optimizer {

  public Adam {
    Checks.require(learningRate > 0, "Adam", "learningRate must be greater than 0", learningRate);
    Checks.require(beta1 >= 0 && beta1 < 1, "Adam", "beta1 must be in [0, 1)", beta1);
    Checks.require(beta2 >= 0 && beta2 < 1, "Adam", "beta2 must be in [0, 1)", beta2);
    Checks.require(epsilon > 0, "Adam", "epsilon must be greater than 0", epsilon);
  }

  /**
   * Adam with the default β₁, β₂ and ε.
   *
   * @param learningRate α
   */
  public Adam(double learningRate) {
    this(learningRate, 0.9, 0.999, 1e-7);
  }

  @Override
  public Op update(Ops tf, List<Operand<TFloat32>> weights, List<Operand<TFloat32>> gradients) {
    Ops slots = tf.withSubScope("adam");
    Ops after = tf.withControlDependencies(new ArrayList<>(gradients));
    Operand<TFloat32> rate = tf.constant((float) learningRate);
    Operand<TFloat32> decay1 = tf.constant((float) beta1);
    Operand<TFloat32> decay2 = tf.constant((float) beta2);
    Operand<TFloat32> small = tf.constant((float) epsilon);
    Variable<TFloat32> power1 = slot(slots, Shape.scalar(), decay1);
    Variable<TFloat32> power2 = slot(slots, Shape.scalar(), decay2);
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      Shape shape = weights.get(i).asOutput().shape();
      Operand<TFloat32> zeros = slots.fill(slots.array(shape.asArray()), slots.constant(0f));
      updates.add(
          after.train.applyAdam(
              weights.get(i),
              slot(slots, shape, zeros),
              slot(slots, shape, zeros),
              power1,
              power2,
              rate,
              decay1,
              decay2,
              small,
              gradients.get(i)));
    }
    // The powers move last: every update reads them.
    Ops last = tf.withControlDependencies(updates);
    Op next1 = last.assign(power1, last.math.mul(power1, decay1));
    Op next2 = last.assign(power2, last.math.mul(power2, decay2));
    return last.withControlDependencies(next1, next2).noOp();
  }

  private static Variable<TFloat32> slot(Ops tf, Shape shape, Operand<TFloat32> first) {
    Variable<TFloat32> slot = tf.variable(shape, TFloat32.class);
    tf.withInitScope().assign(slot, first);
    return slot;
  }
}
