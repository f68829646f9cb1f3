package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.ApplyMomentum;
import org.tensorflow.types.TFloat32;

/**
 * Stochastic gradient descent: a step against the gradient, or against a sum of past gradients in
 * which old ones fade.
 *
 * <pre>
 * m' = μ·m + g                 momentum, starts at 0; g the gradient of the batch's loss
 * θ' = θ − α·m'                θ a weight
 * θ' = θ − α·(g + μ·m')        Nesterov's form
 * </pre>
 *
 * <p>H. Robbins, S. Monro 1951; B. T. Polyak 1964; Y. Nesterov 1983 in the form of I. Sutskever et
 * al. 2013. PyTorch and {@code tensorflow-framework} have the same; Keras multiplies each gradient
 * by the rate before it enters m, which differs while the rate changes.
 *
 * <p>PyTorch's {@code ASGD} is {@code new GradientDescent(Schedule.inverseTime(a, 1, 1e-4 * a,
 * 0.75)).weightDecay(1e-4).averageFrom(t0)}.
 *
 * @param learningRate α
 * @param momentum μ, at least 0 and less than 1; default 0, and then there is no m
 * @param nesterov whether the step looks ahead; default false
 */
public record GradientDescent(Schedule learningRate, double momentum, boolean nesterov)
    implements Optimizer {

  public GradientDescent {
    Checks.given("GradientDescent", "learningRate", learningRate);
    Checks.rate("GradientDescent", "momentum", momentum);
    Checks.require(
        !nesterov || momentum > 0,
        "GradientDescent",
        "momentum must be greater than 0 for Nesterov's form",
        momentum);
  }

  /**
   * Plain gradient descent.
   *
   * @param learningRate α, greater than 0
   */
  public GradientDescent(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Plain gradient descent, with a rate that changes.
   *
   * @param learningRate α
   */
  public GradientDescent(Schedule learningRate) {
    this(learningRate, 0, false);
  }

  /**
   * The same with momentum.
   *
   * @param decay μ; 0.9 is usual
   * @return the optimizer
   */
  public GradientDescent momentum(double decay) {
    return new GradientDescent(learningRate, decay, false);
  }

  /**
   * The same with momentum in Nesterov's form.
   *
   * @param decay μ; 0.9 is usual
   * @return the optimizer
   */
  public GradientDescent nesterov(double decay) {
    return new GradientDescent(learningRate, decay, true);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate = slots.rate(learningRate);
    Operand<TFloat32> decay = tf.constant((float) momentum);
    return gradients.forEach(
        tf,
        (after, g) ->
            momentum == 0
                ? after.train.applyGradientDescent(g.weight(), rate, g.value())
                : after.train.applyMomentum(
                    g.weight(),
                    slots.like("sgd/m", g),
                    rate,
                    g.value(),
                    decay,
                    ApplyMomentum.useNesterov(nesterov)));
  }
}
