package kazoku.train;

import java.util.Arrays;
import kazoku.Checks;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/**
 * A learning rate that changes with the number of updates: {@code new Adam(Schedule.cosine(1e-3,
 * 10_000, 0).warmUp(500))}.
 *
 * <p>It is part of the graph, and counts updates, not epochs: an epoch has as many as it has
 * batches, or {@code optimizer.every(n)}-th parts of them. Below, k is the number of updates
 * already made, 0 for the first one. What a schedule says can be scaled from outside while training
 * runs, {@link Model#learningRate(double)}.
 *
 * <p>A schedule of one's own is a record that builds a formula, so that equal ones are equal.
 */
@FunctionalInterface
public interface Schedule {

  /**
   * Builds the rate of an update.
   *
   * @param tf operations of the graph
   * @param k how many updates were made before
   * @return a number, not negative
   */
  Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k);

  /**
   * The rate of one update.
   *
   * @param k how many updates were made before, at least 0
   * @return the rate
   */
  default double at(long k) {
    Checks.notNegative("Schedule", "k", k);
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      return rate(tf, tf.constant((double) k)).asTensor().getDouble();
    }
  }

  /**
   * Always the same rate.
   *
   * @param rate the rate, greater than 0
   * @return the schedule
   */
  static Schedule constant(double rate) {
    return new Schedules.Constant(rate);
  }

  /**
   * A rate that is multiplied by a factor again and again: {@code α·f^⌊k/n⌋}. PyTorch's {@code
   * StepLR}.
   *
   * @param initial α, greater than 0
   * @param every n, how many updates have the same rate, at least 1
   * @param factor f, greater than 0
   * @return the schedule
   */
  static Schedule step(double initial, long every, double factor) {
    return exponential(initial, every, factor).staircase(every);
  }

  /**
   * One rate after the other: the first up to k = the first boundary, and so on. Keras's {@code
   * PiecewiseConstantDecay}; PyTorch's {@code MultiStepLR} changes one update earlier.
   *
   * @param boundaries the last k of each rate but the last one, rising
   * @param rates the rates, one more than boundaries
   * @return the schedule
   */
  static Schedule piecewise(long[] boundaries, double... rates) {
    return new Schedules.Piecewise(
        Arrays.stream(boundaries).boxed().toList(), Arrays.stream(rates).boxed().toList());
  }

  /**
   * A rate that shrinks, or grows, by the same factor in equal times: {@code α·f^(k/n)}.
   *
   * @param initial α, greater than 0
   * @param steps n, in how many updates it is multiplied by the factor, at least 1
   * @param factor f, greater than 0; more than 1 to look for a good rate
   * @return the schedule
   */
  static Schedule exponential(double initial, long steps, double factor) {
    return new Schedules.Exponential(initial, steps, factor);
  }

  /**
   * A rate that shrinks as one over time: {@code α/(1 + d·k/n)}.
   *
   * @param initial α, greater than 0
   * @param steps n, at least 1
   * @param decay d, greater than 0
   * @return the schedule
   */
  static Schedule inverseTime(double initial, long steps, double decay) {
    return inverseTime(initial, steps, decay, 1);
  }

  /**
   * A rate that shrinks as one over a power of time: {@code α/(1 + d·k/n)^p}.
   *
   * @param initial α, greater than 0
   * @param steps n, at least 1
   * @param decay d, greater than 0
   * @param power p, greater than 0; 0.5 for the root
   * @return the schedule
   */
  static Schedule inverseTime(double initial, long steps, double decay, double power) {
    return new Schedules.InverseTime(initial, steps, decay, power);
  }

  /**
   * A straight line, and its end from then on.
   *
   * @param initial the rate for k = 0, at least 0
   * @param steps in how many updates the end is reached, at least 1
   * @param end the rate at the end, at least 0
   * @return the schedule
   */
  static Schedule linear(double initial, long steps, double end) {
    return polynomial(initial, steps, end, 1);
  }

  /**
   * A power of the time that is left: {@code (α − e)·(1 − k/n)^p + e}, and e from then on.
   *
   * @param initial α, at least 0
   * @param steps n, at least 1
   * @param end e, at least 0
   * @param power p, greater than 0
   * @return the schedule
   */
  static Schedule polynomial(double initial, long steps, double end, double power) {
    return new Schedules.Polynomial(initial, steps, end, power);
  }

  /**
   * Half a wave of a cosine: {@code e + (α − e)·(1 + cos(π·k/n))/2}, and e from then on (I.
   * Loshchilov, F. Hutter 2017, <a href="https://arxiv.org/abs/1608.03983">arXiv:1608.03983</a>).
   * Keras gives the end as a part of the first rate.
   *
   * @param initial α, at least 0
   * @param steps n, at least 1
   * @param end e, at least 0
   * @return the schedule
   */
  static Schedule cosine(double initial, long steps, double end) {
    return new Schedules.Cosine(initial, steps, end);
  }

  /**
   * Half waves of a cosine, one after the other: the i-th (from 0) takes {@code n·t^i} updates and
   * begins at {@code e + (α − e)·m^i}. As Keras's {@code CosineDecayRestarts}, which gives the end
   * as a part of the first rate.
   *
   * @param initial α, at least 0
   * @param steps n, updates in the first wave, at least 1
   * @param longer t, by how much each wave is longer than the one before, at least 1
   * @param lower m, by how much each wave is lower, greater than 0
   * @param end e, at least 0
   * @return the schedule
   */
  static Schedule cosineRestarts(
      double initial, long steps, double longer, double lower, double end) {
    return new Schedules.CosineRestarts(initial, steps, longer, lower, end);
  }

  /**
   * Up and down once in the whole training (L. N. Smith, N. Topin 2018, <a
   * href="https://arxiv.org/abs/1708.07120">arXiv:1708.07120</a>): half a cosine from max/25 to max
   * in the first 0.3 of the updates, half a cosine down to max/250,000 in the others. As PyTorch's
   * {@code OneCycleLR}, which moves the momentum as well.
   *
   * @param max the highest rate, greater than 0
   * @param steps how many updates there will be; later ones have the last rate
   * @return the schedule
   */
  static Schedule oneCycle(double max, long steps) {
    return oneCycle(max, steps, 0.3, 25, 1e4);
  }

  /**
   * Up and down once in the whole training.
   *
   * @param max the highest rate, greater than 0
   * @param steps how many updates there will be; later ones have the last rate
   * @param rise in which part of them the rate goes up, more than 1/steps and less than 1
   * @param first the first rate is {@code max/first}; at least 1
   * @param last the last rate is {@code max/(first·last)}; greater than 0
   * @return the schedule
   */
  static Schedule oneCycle(double max, long steps, double rise, double first, double last) {
    return new Schedules.OneCycle(max, steps, rise, first, last);
  }

  /**
   * A straight line from 0 to this schedule's first rate, and then this schedule from its
   * beginning.
   *
   * @param steps how many updates the line takes, at least 1; the first one has rate 0
   * @return the schedule
   */
  default Schedule warmUp(long steps) {
    return new Schedules.WarmUp(this, steps);
  }

  /**
   * This schedule, whose rate changes only now and then: {@code rate(n·⌊k/n⌋)}. With the number of
   * batches in an epoch, the rate stays the same in each epoch.
   *
   * @param every n, at least 1
   * @return the schedule
   */
  default Schedule staircase(long every) {
    return new Schedules.Staircase(this, every);
  }
}
