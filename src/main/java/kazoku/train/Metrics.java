package kazoku.train;

import java.util.stream.IntStream;
import kazoku.Checks;

/** Metrics that are means of what each pair gives. */
final class Metrics {
  private Metrics() {}

  /** A metric of another output. */
  record OfOutput(Metric metric, String output) implements Metric {
    @Override
    public String name() {
      return output + " " + metric.name();
    }

    @Override
    public Tally begin() {
      return metric.begin();
    }
  }

  /** A mean of numbers that pairs give. */
  private abstract static class Mean implements Metric.Tally {
    private double sum;
    private long count;

    @Override
    public final void add(Outcome outcome) {
      for (int i = 0; i < outcome.size(); i++) {
        add(outcome, i);
      }
    }

    abstract void add(Outcome outcome, int index);

    void count(double value) {
      sum += value;
      count++;
    }

    @Override
    public double value() {
      return sum / count;
    }

    @Override
    public final double[] numbers() {
      return new double[] {sum, count};
    }

    @Override
    public final void merge(double[] numbers) {
      sum += numbers[0];
      count += (long) numbers[1];
    }
  }

  record Accuracy() implements Metric {
    @Override
    public String name() {
      return "accuracy";
    }

    @Override
    public Tally begin() {
      return new Mean() {
        @Override
        void add(Outcome o, int i) {
          count(o.predicted(i) == o.label(i) ? 1 : 0);
        }
      };
    }
  }

  record BinaryAccuracy() implements Metric {
    @Override
    public String name() {
      return "binary accuracy";
    }

    @Override
    public Tally begin() {
      return new Mean() {
        @Override
        void add(Outcome o, int i) {
          for (int k = 0; k < o.output(i).length; k++) {
            count(o.yes(i, k) == o.saidYes(i, k) ? 1 : 0);
          }
        }
      };
    }
  }

  record TopK(int k) implements Metric {
    TopK {
      Checks.atLeastOne("Metric", "k", k);
    }

    @Override
    public String name() {
      return "top-" + k + " accuracy";
    }

    @Override
    public Tally begin() {
      return new Mean() {
        @Override
        void add(Outcome o, int i) {
          float[] y = o.output(i);
          int label = o.label(i);
          long before =
              IntStream.range(0, y.length)
                  .filter(c -> y[c] > y[label] || y[c] == y[label] && c < label)
                  .count();
          count(before < k ? 1 : 0);
        }
      };
    }
  }

  record Perplexity() implements Metric {
    @Override
    public String name() {
      return "perplexity";
    }

    @Override
    public Tally begin() {
      return new Mean() {
        @Override
        void add(Outcome o, int i) {
          float[] y = o.output(i);
          count(logSumExp(y) - y[o.label(i)]);
        }

        @Override
        public double value() {
          return Math.exp(super.value());
        }
      };
    }
  }

  /** {@code ln Σ e^y}. */
  static double logSumExp(float[] y) {
    float largest = y[Outcome.largest(y)];
    double sum = 0;
    for (float value : y) {
      sum += Math.exp((double) value - largest);
    }
    return largest + Math.log(sum);
  }

  /** A mean of how far each number is from its target. */
  private abstract static class Error extends Mean {
    @Override
    final void add(Outcome o, int i) {
      float[] y = o.output(i);
      float[] t = o.target(i);
      for (int k = 0; k < y.length; k++) {
        count(of(Math.abs((double) y[k] - t[k]), t[k]));
      }
    }

    abstract double of(double error, double target);
  }

  record MeanAbsoluteError() implements Metric {
    @Override
    public String name() {
      return "mae";
    }

    @Override
    public Tally begin() {
      return new Error() {
        @Override
        double of(double error, double target) {
          return error;
        }
      };
    }
  }

  record RootMeanSquaredError() implements Metric {
    @Override
    public String name() {
      return "rmse";
    }

    @Override
    public Tally begin() {
      return new Error() {
        @Override
        double of(double error, double target) {
          return error * error;
        }

        @Override
        public double value() {
          return Math.sqrt(super.value());
        }
      };
    }
  }

  record MeanAbsolutePercentageError() implements Metric {
    @Override
    public String name() {
      return "mape";
    }

    @Override
    public Tally begin() {
      return new Error() {
        @Override
        double of(double error, double target) {
          return error / Math.max(Math.abs(target), Math.ulp(1.0));
        }
      };
    }
  }
}
