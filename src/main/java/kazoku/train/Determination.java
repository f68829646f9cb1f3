package kazoku.train;

import java.util.ArrayList;
import java.util.List;

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
            if (k == all.size()) {
              all.add(new Output());
            }
            all.get(k).add(y[k], o.target(i)[k]);
          }
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

    double value() {
      if (variance == 0) {
        return unexplained == 0 ? 1 : 0;
      }
      return 1 - unexplained / variance;
    }
  }
}
