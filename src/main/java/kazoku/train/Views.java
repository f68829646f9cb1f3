package kazoku.train;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows that are parts of arrays, which they may share: windows cost no copy of their steps.
 *
 * @param <A> an array of steps
 * @param arrays where each row's steps are
 * @param starts where each row begins there
 * @param lengths how many steps of each row are valid
 * @param given how many there are, with those that pad it
 */
record Views<A>(A[] arrays, int[] starts, int[] lengths, int[] given) {

  /**
   * Which parts of which rows become rows.
   *
   * @param rows their indices
   * @param starts the first step of each
   * @param lengths the number of its steps
   */
  record Cut(int[] rows, int[] starts, int[] lengths) {}

  static <A> Views<A> whole(A[] arrays, int[] lengths) {
    return new Views<>(arrays, new int[lengths.length], lengths, lengths);
  }

  /**
   * Rows that stand one after the other in one array.
   *
   * @param repeated has room for as many arrays as there are rows
   * @param steps how many each has
   */
  static <A> Views<A> beside(A array, A[] repeated, int steps) {
    Arrays.fill(repeated, array);
    int[] starts = IntStream.range(0, repeated.length).map(row -> row * steps).toArray();
    int[] lengths = new int[repeated.length];
    Arrays.fill(lengths, steps);
    return new Views<>(repeated, starts, lengths, lengths);
  }

  /** The same with other numbers of valid steps. */
  Views<A> shortened(int[] valid) {
    return new Views<>(arrays, starts, valid, given);
  }

  Views<A> select(int[] rows) {
    return new Views<>(arrays(rows), pick(starts, rows), pick(lengths, rows), pick(given, rows));
  }

  Views<A> cut(Cut cut) {
    int[] from = pick(starts, cut.rows());
    Arrays.setAll(from, i -> from[i] + cut.starts()[i]);
    return new Views<>(arrays(cut.rows()), from, cut.lengths(), cut.lengths());
  }

  private A[] arrays(int[] rows) {
    A[] some = Arrays.copyOf(arrays, rows.length);
    Arrays.setAll(some, i -> arrays[rows[i]]);
    return some;
  }

  private static int[] pick(int[] numbers, int[] rows) {
    return Arrays.stream(rows).map(row -> numbers[row]).toArray();
  }

  static <A> Views<A> concat(List<Views<A>> all) {
    A[] none = Arrays.copyOf(all.get(0).arrays, 0);
    return new Views<>(
        all.stream().flatMap(v -> Arrays.stream(v.arrays)).toList().toArray(none),
        all.stream().flatMapToInt(v -> Arrays.stream(v.starts)).toArray(),
        all.stream().flatMapToInt(v -> Arrays.stream(v.lengths)).toArray(),
        all.stream().flatMapToInt(v -> Arrays.stream(v.given)).toArray());
  }
}
