package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The area under the receiver operating characteristic, by ranks (Mann and Whitney's U). */
record RocAuc() implements Metric {
  @Override
  public String name() {
    return "roc auc";
  }

  @Override
  public Tally begin() {
    return new Classes();
  }

  private static final class Classes implements Tally {
    private final List<Scores> all = new ArrayList<>();

    @Override
    public void add(Outcome o) {
      for (int i = 0; i < o.size(); i++) {
        float[] y = o.output(i);
        if (!o.hasLabels()) {
          for (int k = 0; k < y.length; k++) {
            of(k).add(y[k], o.yes(i, k));
          }
        } else if (y.length == 2) {
          of(0).add((double) y[1] - y[0], o.label(i) == 1);
        } else {
          double sum = Metrics.logSumExp(y);
          for (int k = 0; k < y.length; k++) {
            of(k).add(Math.exp(y[k] - sum), o.label(i) == k);
          }
        }
      }
    }

    private Scores of(int k) {
      while (k >= all.size()) {
        all.add(new Scores());
      }
      return all.get(k);
    }

    /** For each class how many others there are, how many of it, and the scores of both. */
    @Override
    public double[] numbers() {
      return all.stream().flatMapToDouble(Scores::numbers).toArray();
    }

    @Override
    public void merge(double[] numbers) {
      int at = 0;
      for (int k = 0; at < numbers.length; k++) {
        int others = at + 2 + (int) numbers[at];
        int end = others + (int) numbers[at + 1];
        for (int i = at + 2; i < end; i++) {
          of(k).add(numbers[i], i >= others);
        }
        at = end;
      }
    }

    @Override
    public double value() {
      return all.stream()
          .mapToDouble(Scores::area)
          .filter(area -> !Double.isNaN(area))
          .average()
          .orElse(Double.NaN);
    }
  }

  /** The scores of one class, of pairs that are of the class and of others. */
  private static final class Scores {
    private final double[][] scores = {new double[16], new double[16]};
    private final int[] counts = new int[2];

    void add(double score, boolean of) {
      int side = of ? 1 : 0;
      if (counts[side] == scores[side].length) {
        scores[side] = Arrays.copyOf(scores[side], 2 * counts[side]);
      }
      scores[side][counts[side]++] = score;
    }

    DoubleStream numbers() {
      return DoubleStream.concat(
          DoubleStream.of(counts[0], counts[1]),
          IntStream.range(0, 2)
              .mapToObj(side -> Arrays.stream(scores[side], 0, counts[side]))
              .flatMapToDouble(own -> own));
    }

    /** NaN if there are none of a side. */
    double area() {
      double[] others = sorted(0);
      double[] own = sorted(1);
      int lower = 0;
      int notHigher = 0;
      double wins = 0;
      for (double score : own) {
        while (lower < others.length && others[lower] < score) {
          lower++;
        }
        while (notHigher < others.length && others[notHigher] <= score) {
          notHigher++;
        }
        wins += (lower + notHigher) / 2.0;
      }
      return wins / own.length / others.length;
    }

    private double[] sorted(int side) {
      double[] sorted = Arrays.copyOf(scores[side], counts[side]);
      Arrays.sort(sorted);
      return sorted;
    }
  }
}
