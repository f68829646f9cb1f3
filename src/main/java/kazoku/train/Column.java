package kazoku.train;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import kazoku.Checks;
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

  private static int[] lengths(Object[] arrays) {
    return Arrays.stream(arrays).mapToInt(Array::getLength).toArray();
  }

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
   * @param views of {@code [B][T · I]}, counted in steps
   * @param perRow whether there is no axis of steps, {@code [B, I]}
   * @param size I, or −1
   */
  record Vectors(Views<float[]> views, boolean perRow, int size) implements Column {
    @Override
    public Inputs.Kind kind() {
      return perRow ? Inputs.Kind.ROWS : Inputs.Kind.VECTORS;
    }

    /**
     * Copies numbers.
     *
     * @param values {@code [B][T][I]}
     * @param what a step is, for people
     */
    static Vectors of(float[][][] values, String what) {
      float[] first = Arrays.stream(values).flatMap(Arrays::stream).findFirst().orElse(null);
      int size = first == null ? -1 : first.length;
      float[][] rows = new float[values.length][];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = new float[Math.multiplyExact(values[row].length, Math.max(0, size))];
        for (int t = 0; t < values[row].length; t++) {
          put(values[row][t], rows[row], t, size, what, row);
        }
      }
      return new Vectors(Views.whole(rows, lengths(values)), false, size);
    }

    /**
     * Copies rows without steps.
     *
     * @param values {@code [B][I]}
     * @param what a row is, for people
     */
    static Vectors ofRows(float[][] values, String what) {
      int size = values.length == 0 ? -1 : values[0].length;
      float[] all = new float[Math.multiplyExact(values.length, Math.max(0, size))];
      for (int row = 0; row < values.length; row++) {
        put(values[row], all, row, size, what, row);
      }
      return new Vectors(Views.beside(all, new float[values.length][], 1), true, size);
    }

    private static void put(float[] step, float[] to, int t, int size, String what, int row) {
      if (step.length != size) {
        String rule = "every %s must have %d numbers as the first one has, but row %d has another";
        throw Checks.refusal("Sequences", rule.formatted(what, size, row), step.length);
      }
      System.arraycopy(step, 0, to, t * size, size);
    }

    /** Keeps rows of equal lengths that stand one after the other, {@code [B, T, I]}. */
    static Vectors of(float[] values, int rows, int steps) {
      return new Vectors(
          Views.beside(values, new float[rows][], steps), false, values.length / rows / steps);
    }

    float[] step(int row, int t) {
      int from = (views.starts()[row] + t) * size;
      return Arrays.copyOfRange(views.arrays()[row], from, from + size);
    }

    /** The first number of the valid steps that is not finite, or −1. */
    int notFinite(int row) {
      float[] array = views.arrays()[row];
      int from = views.starts()[row] * size;
      int to = from + views.lengths()[row] * size;
      for (int i = from; i < to; i++) {
        if (!Float.isFinite(array[i])) {
          return i - from;
        }
      }
      return -1;
    }

    /** Copies the valid steps of a row. */
    void copy(int row, float[] to, int at) {
      int from = views.starts()[row] * size;
      System.arraycopy(views.arrays()[row], from, to, at, views.lengths()[row] * size);
    }

    @Override
    public Tensor tensor(int[] rows, int steps, int columns) {
      int slots = perRow ? 1 : steps;
      float[] flat = new float[Math.multiplyExact(Math.multiplyExact(rows.length, slots), columns)];
      for (int i = 0; i < rows.length; i++) {
        copy(rows[i], flat, i * slots * columns);
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
      return new Tokens(Views.whole(values, lengths(values)), false);
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
