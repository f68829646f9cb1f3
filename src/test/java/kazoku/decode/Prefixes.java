package kazoku.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Decoding in plain Java, from nothing but the logits that follow given tokens.
 *
 * @param start the token that all rows begin with
 * @param end the token that ends a row, or −1
 * @param maxSteps how many tokens there are at most
 * @param logits tokens {@code [N][T]} to logits {@code [N][T][V]}
 */
record Prefixes(int start, int end, int maxSteps, Function<int[][], double[][][]> logits) {

  /** Tokens without the end token, ln p with it, and how many there are with it. */
  record Hypothesis(int[] tokens, double total, int count, boolean ended) {
    double score(double alpha) {
      return total / Math.pow((5 + count) / 6.0, alpha);
    }
  }

  private static final Hypothesis NOTHING = new Hypothesis(new int[0], 0, 0, false);

  static double[] logSoftmax(double[] logits) {
    double sum = Math.log(Arrays.stream(logits).map(Math::exp).sum());
    return Arrays.stream(logits).map(l -> l - sum).toArray();
  }

  /** The logits of the token after each hypothesis. */
  private double[] next(Hypothesis hypothesis) {
    int[] read = new int[hypothesis.tokens.length + 1];
    read[0] = start;
    System.arraycopy(hypothesis.tokens, 0, read, 1, read.length - 1);
    return logits.apply(new int[][] {read})[0][read.length - 1];
  }

  private Hypothesis with(Hypothesis before, int token, double certainty) {
    double total = before.total + certainty;
    if (token == end) {
      return new Hypothesis(before.tokens, total, before.count + 1, true);
    }
    int[] longer = Arrays.copyOf(before.tokens, before.tokens.length + 1);
    longer[before.tokens.length] = token;
    return new Hypothesis(longer, total, before.count + 1, false);
  }

  Hypothesis greedy() {
    Hypothesis now = NOTHING;
    for (int t = 0; t < maxSteps && !now.ended; t++) {
      double[] certainty = logSoftmax(next(now));
      int best =
          IntStream.range(0, certainty.length)
              .reduce(0, (a, b) -> certainty[b] > certainty[a] ? b : a);
      now = with(now, best, certainty[best]);
    }
    return now;
  }

  List<Hypothesis> beam(int width, double alpha) {
    List<Hypothesis> beam = List.of(NOTHING);
    for (int t = 0; t < maxSteps; t++) {
      List<Hypothesis> all = new ArrayList<>();
      for (Hypothesis hypothesis : beam) {
        if (hypothesis.ended) {
          all.add(hypothesis);
        } else {
          double[] certainty = logSoftmax(next(hypothesis));
          for (int k = 0; k < certainty.length; k++) {
            all.add(with(hypothesis, k, certainty[k]));
          }
        }
      }
      beam = best(all, alpha).stream().limit(width).toList();
    }
    return beam;
  }

  /** All that can be written, best first. */
  List<Hypothesis> exhaustive(int vocabulary, double alpha) {
    int[][] read =
        Fed.sequences(maxSteps, vocabulary).stream()
            .map(s -> IntStream.concat(IntStream.of(start), Arrays.stream(s)).toArray())
            .toArray(int[][]::new);
    double[][][] after = logits.apply(read);
    List<Hypothesis> all = new ArrayList<>();
    for (int n = 0; n < read.length; n++) {
      Hypothesis now = NOTHING;
      for (int t = 0; t < maxSteps && !now.ended; t++) {
        int token = read[n][t + 1];
        now = with(now, token, logSoftmax(after[n][t])[token]);
      }
      int[] tokens = now.tokens;
      if (all.stream().noneMatch(h -> Arrays.equals(h.tokens, tokens))) {
        all.add(now);
      }
    }
    return best(all, alpha);
  }

  private static List<Hypothesis> best(List<Hypothesis> all, double alpha) {
    return all.stream()
        .sorted(Comparator.comparingDouble((Hypothesis h) -> -h.score(alpha)))
        .toList();
  }
}
