package kazoku.train;

import java.util.List;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/** The formulas of {@link Schedule}, in float64. */
final class Schedules {
  private static final String WHO = "Schedule";

  private Schedules() {}

  private static void positive(String what, double value) {
    Checks.require(
        value > 0 && value < Double.POSITIVE_INFINITY,
        WHO,
        what + " must be greater than 0",
        value);
  }

  private static Value<TFloat64> value(Ops tf, Operand<TFloat64> k) {
    return new Value<>(tf, k);
  }

  /** From one value to another by half a wave. */
  private static Value<TFloat64> halfWave(Value<TFloat64> part, double from, double to) {
    return part.times(Math.PI).cos().plus(1).times((from - to) / 2).plus(to);
  }

  record Constant(double rate) implements Schedule {
    Constant {
      positive("the rate", rate);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      return tf.constant(rate);
    }
  }

  record Piecewise(List<Long> boundaries, List<Double> rates) implements Schedule {
    Piecewise {
      Checks.require(
          rates.size() == boundaries.size() + 1,
          WHO,
          "there must be one rate more than there are boundaries",
          rates.size() + " rates and " + boundaries.size() + " boundaries");
      for (int i = 1; i < boundaries.size(); i++) {
        Checks.require(
            boundaries.get(i - 1) < boundaries.get(i), WHO, "boundaries must rise", boundaries);
      }
      rates.forEach(rate -> Checks.notNegative(WHO, "each rate", rate));
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      Value<TFloat64> rate = value(tf, tf.constant(rates.get(boundaries.size())));
      for (int i = boundaries.size() - 1; i >= 0; i--) {
        rate = rate.orIf(value(tf, k).atMost(boundaries.get(i)), rates.get(i));
      }
      return rate.operand();
    }
  }

  record Exponential(double initial, long steps, double factor) implements Schedule {
    Exponential {
      positive("the first rate", initial);
      Checks.atLeastOne(WHO, "steps", steps);
      positive("the factor", factor);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      return value(tf, k).over(steps).exponentOf(factor).times(initial).operand();
    }
  }

  record InverseTime(double initial, long steps, double decay, double power) implements Schedule {
    InverseTime {
      positive("the first rate", initial);
      Checks.atLeastOne(WHO, "steps", steps);
      positive("the decay", decay);
      positive("the power", power);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      return value(tf, k).times(decay / steps).plus(1).pow(power).under(initial).operand();
    }
  }

  record Polynomial(double initial, long steps, double end, double power) implements Schedule {
    Polynomial {
      ends(initial, steps, end);
      positive("the power", power);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      Value<TFloat64> left = value(tf, k).min(steps).over(steps).from(1);
      return left.pow(power).times(initial - end).plus(end).operand();
    }
  }

  private static void ends(double initial, long steps, double end) {
    Checks.notNegative(WHO, "the first rate", initial);
    Checks.atLeastOne(WHO, "steps", steps);
    Checks.notNegative(WHO, "the last rate", end);
  }

  record Cosine(double initial, long steps, double end) implements Schedule {
    Cosine {
      ends(initial, steps, end);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      return halfWave(value(tf, k).min(steps).over(steps), initial, end).operand();
    }
  }

  record CosineRestarts(double initial, long steps, double longer, double lower, double end)
      implements Schedule {
    CosineRestarts {
      ends(initial, steps, end);
      Checks.require(
          longer >= 1 && longer < Double.POSITIVE_INFINITY,
          WHO,
          "each wave must be at least as long as the one before, 1 or more",
          longer);
      positive("by how much waves are lower", lower);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      Value<TFloat64> waves = value(tf, k).over(steps);
      // A logarithm of a whole number of waves may fall short of it by a rounding error.
      Value<TFloat64> number =
          longer == 1
              ? waves.floor()
              : waves.times(longer - 1).plus(1).log().over(Math.log(longer)).plus(1e-12).floor();
      Value<TFloat64> length = number.exponentOf(longer);
      Value<TFloat64> before = longer == 1 ? number : length.plus(-1).over(longer - 1);
      Value<TFloat64> height = halfWave(waves.minus(before).over(length), 1, 0);
      return height.times(number.exponentOf(lower)).times(initial - end).plus(end).operand();
    }
  }

  record OneCycle(double max, long steps, double rise, double first, double last)
      implements Schedule {
    OneCycle {
      positive("the highest rate", max);
      Checks.atLeastOne(WHO, "steps", steps);
      Checks.require(
          rise * steps > 1 && rise < 1,
          WHO,
          "the part of the updates in which the rate rises must be more than 1 of "
              + steps
              + " and less than all",
          rise);
      Checks.require(first >= 1, WHO, "the first divisor must be at least 1", first);
      positive("the last divisor", last);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      double top = rise * steps - 1;
      double low = max / first;
      Value<TFloat64> down = value(tf, k).min(steps - 1).plus(-top).over(steps - 1 - top);
      Value<TFloat64> up = halfWave(value(tf, k).over(top), low, max);
      return halfWave(down, max, low / last).orIf(value(tf, k).atMost(top), up).operand();
    }
  }

  record WarmUp(Schedule schedule, long warm) implements Schedule {
    WarmUp {
      Checks.atLeastOne(WHO, "the updates of a warm-up", warm);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      Operand<TFloat64> first = schedule.rate(tf, tf.constant(0.0));
      Value<TFloat64> line = value(tf, k).over(warm).times(value(tf, first));
      Operand<TFloat64> later = schedule.rate(tf, value(tf, k).plus(-warm).max(0).operand());
      return value(tf, later).orIf(value(tf, k).atMost(warm), line).operand();
    }
  }

  record Staircase(Schedule schedule, long every) implements Schedule {
    Staircase {
      Checks.atLeastOne(WHO, "the updates of a stair", every);
    }

    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      return schedule.rate(tf, value(tf, k).over(every).floor().times(every).operand());
    }
  }
}
