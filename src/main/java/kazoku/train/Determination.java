package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** R², of each output. */
record Determination() implements Metric {
  @Override
  public String name() {
    return "r2";
  }

  @Override
  public Tally begin() {
    return new Tally() {
      private final List<Output> all = new ArrayList<>();

      @Override
      public void add(Outcome o) {
        for (int i = 0; i < o.size(); i++) {
          float[] y = o.output(i);
          for (int k = 0; k < y.length; k++) {
            of(k).add(y[k], o.target(i)[k]);
          }
        }
      }

      private Output of(int k) {
        if (k == all.size()) {
          all.add(new Output());
        }
        return all.get(k);
      }

      @Override
      public double[] numbers() {
        return all.stream().flatMapToDouble(Output::numbers).toArray();
      }

      @Override
      public void merge(double[] numbers) {
        for (int k = 0; k < numbers.length / Output.NUMBERS; k++) {
          of(k).merge(numbers, k * Output.NUMBERS);
        }
      }

      @Override
      public double value() {
        return all.stream().mapToDouble(Output::value).average().orElse(Double.NaN);
      }
    };
  }

  /** One output; the targets' variance in one pass (B. P. Welford 1962). */
  private static final class Output {
    static final int NUMBERS = 4;

    private long count;
    private double mean;
    private double variance;
    private double unexplained;

    void add(double y, double t) {
      double before = t - mean;
      mean += before / ++count;
      variance += before * (t - mean);
      unexplained += (y - t) * (y - t);
    }

    DoubleStream numbers() {
      return DoubleStream.of(count, mean, variance, unexplained);
    }

    /** Puts two parts together (T. Chan, G. Golub, R. LeVeque 1979). */
    void merge(double[] numbers, int at) {
      long more = (long) numbers[at];
      if (more > 0) {
        double apart = numbers[at + 1] - mean;
        long both = count + more;
        variance += numbers[at + 2] + apart * apart * count * more / both;
        mean += apart * ((double) more / both);
        unexplained += numbers[at + 3];
        count = both;
      }
    }

    double value() {
      if (variance == 0) {
        return unexplained == 0 ? 1 : 0;
      }
      return 1 - unexplained / variance;
    }
  }
}
