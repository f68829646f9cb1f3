package kazoku.train;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows in orders that are drawn. */
final class Shuffling {
  /** Batches in whose rows lengths are sorted at once. */
  private static final int POOL = 50;

  private Shuffling() {}

  /** The random numbers of one pass over the data. */
  static Random random(long seed, long pass) {
    return new Random(seed * 0x9E3779B97F4A7C15L + pass);
  }

  /**
   * Rows in batches, as they are taken in one pass over the data.
   *
   * @param count how many rows
   * @param length how many steps a row has
   */
  static int[][] batches(
      int count, IntUnaryOperator length, int size, Batching.Order order, long seed, long pass) {
    Random random = random(seed, pass);
    return switch (order) {
      case AS_GIVEN -> cut(IntStream.range(0, count).toArray(), size);
      case SHUFFLED -> cut(shuffled(count, random), size);
      case BY_LENGTH -> byLength(count, length, size, random);
    };
  }

  /** The numbers from 0 to before another. */
  static int[] shuffled(int count, Random random) {
    int[] order = IntStream.range(0, count).toArray();
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  /** An order in batches; the last one may be smaller. */
  static int[][] cut(int[] order, int size) {
    return parts(order, size).toArray(int[][]::new);
  }

  private static Stream<int[]> parts(int[] order, long size) {
    return IntStream.range(0, Math.toIntExact((order.length + size - 1) / size))
        .mapToObj(
            i ->
                Arrays.copyOfRange(
                    order, (int) (i * size), (int) Math.min((i + 1) * size, order.length)));
  }

  /** Batches of rows of about one length, in an order that is drawn, too. */
  static int[][] byLength(int count, IntUnaryOperator length, int size, Random random) {
    int[][] batches =
        parts(shuffled(count, random), (long) POOL * size)
            .flatMap(pool -> parts(sorted(pool, length), size))
            .toArray(int[][]::new);
    return Arrays.stream(shuffled(batches.length, random))
        .mapToObj(i -> batches[i])
        .toArray(int[][]::new);
  }

  private static int[] sorted(int[] rows, IntUnaryOperator length) {
    return Arrays.stream(rows)
        .boxed()
        .sorted(Comparator.comparingInt(length::applyAsInt))
        .mapToInt(row -> row)
        .toArray();
  }
}
