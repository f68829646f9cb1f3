package kazoku.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Checks;

/** Precision, recall and F1. */
final class ClassRates {
  private ClassRates() {}

  /** What is made of how often a class was said and right, said, and right. */
  enum Rate {
    PRECISION {
      @Override
      double of(long hits, long said, long real) {
        return said == 0 ? 0 : (double) hits / said;
      }
    },
    RECALL {
      @Override
      double of(long hits, long said, long real) {
        return real == 0 ? 0 : (double) hits / real;
      }
    },
    F1 {
      @Override
      double of(long hits, long said, long real) {
        return said + real == 0 ? 0 : 2.0 * hits / (said + real);
      }
    };

    abstract double of(long hits, long said, long real);

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  record Averaged(Rate rate, Average average) implements Metric {
    Averaged {
      Checks.given("Metric", "average", average);
    }

    @Override
    public String name() {
      return average.name().toLowerCase(Locale.ROOT) + " " + rate;
    }

    @Override
    public Tally begin() {
      return new Hits() {
        @Override
        public double value() {
          return average == Average.MICRO ? micro(rate) : macro(rate);
        }
      };
    }
  }

  record OfClass(Rate rate, int label) implements Metric {
    OfClass {
      Checks.require(label >= 0, "Metric", "a class must be at least 0", label);
    }

    @Override
    public String name() {
      return rate + " of class " + label;
    }

    @Override
    public Tally begin() {
      return new Hits() {
        @Override
        public double value() {
          return of(rate, label);
        }
      };
    }
  }

  /** How often each class was said and right, said, and right. */
  private abstract static class Hits implements Metric.Tally {
    private long[] hits = {};
    private long[] said = {};
    private long[] real = {};

    @Override
    public final void add(Outcome o) {
      for (int i = 0; i < o.size(); i++) {
        if (o.hasLabels()) {
          boolean hit = o.predicted(i) == o.label(i);
          count(o.predicted(i), true, hit);
          if (!hit) {
            count(o.label(i), false, true);
          }
        } else {
          for (int k = 0; k < o.output(i).length; k++) {
            count(k, o.saidYes(i, k), o.yes(i, k));
          }
        }
      }
    }

    private void count(int k, boolean isSaid, boolean isReal) {
      grow(k + 1);
      hits[k] += isSaid && isReal ? 1 : 0;
      said[k] += isSaid ? 1 : 0;
      real[k] += isReal ? 1 : 0;
    }

    @Override
    public final double[] numbers() {
      return Stream.of(hits, said, real)
          .flatMapToDouble(counts -> Arrays.stream(counts).asDoubleStream())
          .toArray();
    }

    @Override
    public final void merge(double[] numbers) {
      int classes = numbers.length / 3;
      grow(classes);
      for (int k = 0; k < classes; k++) {
        hits[k] += (long) numbers[k];
        said[k] += (long) numbers[classes + k];
        real[k] += (long) numbers[2 * classes + k];
      }
    }

    private void grow(int classes) {
      if (classes > hits.length) {
        hits = Arrays.copyOf(hits, classes);
        said = Arrays.copyOf(said, classes);
        real = Arrays.copyOf(real, classes);
      }
    }

    double of(Rate rate, int k) {
      return k < hits.length ? rate.of(hits[k], said[k], real[k]) : 0;
    }

    double micro(Rate rate) {
      return rate.of(
          Arrays.stream(hits).sum(), Arrays.stream(said).sum(), Arrays.stream(real).sum());
    }

    double macro(Rate rate) {
      return IntStream.range(0, hits.length)
          .filter(k -> said[k] + real[k] > 0)
          .mapToDouble(k -> of(rate, k))
          .average()
          .orElse(Double.NaN);
    }
  }
}
