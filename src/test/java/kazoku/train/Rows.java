package kazoku.train;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rows of a column, for people. */
final class Rows {
  private Rows() {}

  /** {@code [1, 2] [3]} for tokens, {@code [1.0, 2.0] [3.0, 4.0] | [5.0, 6.0]} for vectors. */
  static String text(Column column) {
    boolean tokens = column instanceof Column.Tokens;
    return IntStream.range(0, column.rows())
        .mapToObj(row -> tokens ? tokens((Column.Tokens) column, row) : vectors(column, row))
        .collect(Collectors.joining(tokens ? " " : " | "));
  }

  private static String tokens(Column.Tokens column, int row) {
    return Arrays.toString(steps(column, row).map(t -> column.step(row, t)).toArray());
  }

  private static String vectors(Column column, int row) {
    return steps(column, row)
        .mapToObj(t -> Arrays.toString(((Column.Vectors) column).step(row, t)))
        .collect(Collectors.joining(" "));
  }

  private static IntStream steps(Column column, int row) {
    return IntStream.range(0, column.views().lengths()[row]);
  }
}
