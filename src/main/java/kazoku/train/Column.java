package kazoku.train;

import java.util.Arrays;
import java.util.List;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** One input for all rows of a data set, or what is to be learnt about them. */
sealed interface Column {

  /** Where the rows are. */
  Views<?> views();

  /** Whether a row has no axis of steps: it is one step. */
  boolean perRow();

  /** What it is, for people. */
  Inputs.Kind kind();

  /** How many numbers a step has; −1 if no row has a step. */
  int size();

  /**
   * Some rows, padded with zeros.
   *
   * @param rows their indices
   * @param steps to which number of steps
   * @param size how many numbers a step has, where no row has a step
   */
  Tensor tensor(int[] rows, int steps, int size);

  /** Some rows. */
  Column select(int[] rows);

  /** Parts of rows; whole ones where rows have no steps. */
  Column cut(Views.Cut cut);

  /** The same with other numbers of valid steps. */
  Column shortened(int[] lengths);

  /** The one step of each row, without an axis of steps. */
  Column withoutSteps();

  /** The rows of columns that are like this one. */
  Column concat(List<Column> all);

  /** B. */
  default int rows() {
    return views().lengths().length;
  }

  /** How many steps of a row are valid. */
  default int length(int row) {
    return perRow() ? 0 : views().lengths()[row];
  }

  /** The number of steps of the longest of some rows. */
  default int longest(int[] rows) {
    return Arrays.stream(rows).map(this::length).max().orElse(0);
  }

  /** Whether rows of another column can stand among those of this one. */
  default boolean like(Column other) {
    return kind() == other.kind()
        && perRow() == other.perRow()
        && (size() < 0 || other.size() < 0 || size() == other.size());
  }

  /**
   * Steps of several numbers.
   *
   * @param views of {@code [B][T][I]}
   * @param perRow whether there is no axis of steps, {@code [B, I]}
   * @param size I, or −1
   */
  record Vectors(Views<float[][]> views, boolean perRow, int size) implements Column {
    @Override
    public Inputs.Kind kind() {
      return perRow ? Inputs.Kind.ROWS : Inputs.Kind.VECTORS;
    }

    static Vectors of(float[][][] values) {
      float[] first = Arrays.stream(values).flatMap(Arrays::stream).findFirst().orElse(null);
      Views<float[][]> views = Views.whole(values, row -> row.length);
      return new Vectors(views, false, first == null ? -1 : first.length);
    }

    /** Rows without steps, {@code [B][I]}. */
    static Vectors ofRows(float[][] values) {
      int size = values.length == 0 ? -1 : values[0].length;
      return new Vectors(Views.single(values, new float[values.length][][]), true, size);
    }

    float[] step(int row, int t) {
      return views.arrays()[row][views.starts()[row] + t];
    }

    @Override
    public Tensor tensor(int[] rows, int steps, int columns) {
      int slots = perRow ? 1 : steps;
      float[] flat = new float[Math.multiplyExact(Math.multiplyExact(rows.length, slots), columns)];
      for (int i = 0; i < rows.length; i++) {
        for (int t = 0; t < views.lengths()[rows[i]]; t++) {
          System.arraycopy(step(rows[i], t), 0, flat, (i * slots + t) * columns, columns);
        }
      }
      Shape shape = perRow ? Shape.of(rows.length) : Shape.of(rows.length, steps);
      return TFloat32.tensorOf(shape.append(columns), DataBuffers.of(flat));
    }

    @Override
    public Column select(int[] rows) {
      return new Vectors(views.select(rows), perRow, size);
    }

    @Override
    public Column cut(Views.Cut cut) {
      return perRow ? select(cut.rows()) : new Vectors(views.cut(cut), false, size);
    }

    @Override
    public Column shortened(int[] lengths) {
      return new Vectors(views.shortened(lengths), perRow, size);
    }

    @Override
    public Column withoutSteps() {
      return new Vectors(views, true, size);
    }

    @Override
    public Column concat(List<Column> all) {
      return new Vectors(
          Views.concat(all.stream().map(column -> ((Vectors) column).views).toList()),
          perRow,
          all.stream().mapToInt(Column::size).max().orElse(-1));
    }
  }

  /**
   * Steps of one whole number.
   *
   * @param views of {@code [B][T]}
   * @param perRow whether there is no axis of steps, {@code [B]}
   */
  record Tokens(Views<int[]> views, boolean perRow) implements Column {
    @Override
    public Inputs.Kind kind() {
      return Inputs.Kind.TOKENS;
    }

    @Override
    public int size() {
      return 1;
    }

    static Tokens of(int[][] values) {
      return new Tokens(Views.whole(values, row -> row.length), false);
    }

    int step(int row, int t) {
      return views.arrays()[row][views.starts()[row] + t];
    }

    @Override
    public Tensor tensor(int[] rows, int steps, int columns) {
      int slots = perRow ? 1 : steps;
      int[] flat = new int[Math.multiplyExact(rows.length, slots)];
      for (int i = 0; i < rows.length; i++) {
        int row = rows[i];
        int[] array = views.arrays()[row];
        System.arraycopy(array, views.starts()[row], flat, i * slots, views.lengths()[row]);
      }
      Shape shape = perRow ? Shape.of(rows.length) : Shape.of(rows.length, steps);
      return TInt32.tensorOf(shape, DataBuffers.of(flat));
    }

    @Override
    public Column select(int[] rows) {
      return new Tokens(views.select(rows), perRow);
    }

    @Override
    public Column cut(Views.Cut cut) {
      return perRow ? select(cut.rows()) : new Tokens(views.cut(cut), false);
    }

    @Override
    public Column shortened(int[] lengths) {
      return new Tokens(views.shortened(lengths), perRow);
    }

    @Override
    public Column withoutSteps() {
      return new Tokens(views, true);
    }

    @Override
    public Column concat(List<Column> all) {
      return new Tokens(
          Views.concat(all.stream().map(column -> ((Tokens) column).views).toList()), perRow);
    }
  }
}
