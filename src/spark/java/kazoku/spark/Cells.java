package kazoku.spark;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kazoku.Checks;
import org.apache.spark.sql.Row;
import scala.collection.Seq;
import scala.collection.mutable.ArraySeq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What one column has in some rows, as Java's arrays. Null is refused, with the row it is in.
 *
 * @param rows the rows
 * @param column the column's name
 * @param at its index
 * @param limits how many elements of each row's array are read
 */
record Cells(List<Row> rows, String column, int at, int[] limits) {
  private static final int LONGEST_VALUE = 60;

  Cells(List<Row> rows, String column) {
    this(rows, column, rows.get(0).fieldIndex(column), all(rows.size()));
  }

  private static int[] all(int rows) {
    int[] limits = new int[rows];
    Arrays.fill(limits, Integer.MAX_VALUE);
    return limits;
  }

  /** How many elements each row's array has. */
  int[] sizes() {
    return indices().map(row -> Array.getLength(array(row))).toArray();
  }

  /** Without what stands beyond some length, in rows whose array has a given size. */
  Cells cut(int[] sizes, int[] lengths) {
    int[] own = sizes();
    int[] cut = indices().map(row -> own[row] == sizes[row] ? lengths[row] : own[row]).toArray();
    return new Cells(rows, column, at, cut);
  }

  float[][][] steps() {
    return indices().mapToObj(this::steps).toArray(float[][][]::new);
  }

  private float[][] steps(int row) {
    Object steps = array(row);
    float[][] read = new float[Math.min(limits[row], Array.getLength(steps))][];
    for (int t = 0; t < read.length; t++) {
      read[t] = floats(row, array(row, Array.get(steps, t)), Integer.MAX_VALUE);
    }
    return read;
  }

  float[][] arrays() {
    return indices().mapToObj(row -> floats(row, array(row), limits[row])).toArray(float[][]::new);
  }

  int[][] wholeArrays() {
    return indices().mapToObj(this::wholes).toArray(int[][]::new);
  }

  private int[] wholes(int row) {
    Object values = array(row);
    int[] read = new int[Math.min(limits[row], Array.getLength(values))];
    for (int i = 0; i < read.length; i++) {
      read[i] = whole(row, Array.get(values, i));
    }
    return read;
  }

  int[] wholeNumbers() {
    return indices().map(row -> whole(row, rows.get(row).get(at))).toArray();
  }

  double[] numbers() {
    return indices().mapToDouble(row -> number(row, rows.get(row).get(at))).toArray();
  }

  /** A number alone, as an array of one. */
  float[][] singles() {
    return Arrays.stream(numbers())
        .mapToObj(number -> new float[] {(float) number})
        .toArray(float[][]::new);
  }

  private IntStream indices() {
    return IntStream.range(0, rows.size());
  }

  private Object array(int row) {
    return array(row, rows.get(row).get(at));
  }

  private Object array(int row, Object value) {
    Object array = arrayOrNull(value);
    if (array == null) {
      throw wrong(row, value, "an array");
    }
    return array;
  }

  /** Spark has arrays as sequences, but hands those of Java on where two maps follow each other. */
  private static Object arrayOrNull(Object value) {
    if (value instanceof ArraySeq<?> values) {
      return values.array();
    }
    if (value instanceof Seq<?> values) {
      return CollectionConverters.asJava(values).toArray();
    }
    return value != null && value.getClass().isArray() ? value : null;
  }

  /** Most numbers go through here. */
  private float[] floats(int row, Object values, int limit) {
    int count = Math.min(limit, Array.getLength(values));
    if (values instanceof float[] numbers) {
      return Arrays.copyOf(numbers, count);
    }
    float[] read = new float[count];
    if (values instanceof Object[] boxed) {
      for (int i = 0; i < count; i++) {
        read[i] = boxed[i] instanceof Float number ? number : (float) number(row, boxed[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        read[i] = (float) number(row, Array.get(values, i));
      }
    }
    return read;
  }

  private double number(int row, Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(row, value, "a number");
  }

  private int whole(int row, Object value) {
    double number = number(row, value);
    if (number != (int) number) {
      throw refusal(row, "must be whole numbers of 32 bits, which " + value + " is not");
    }
    return (int) number;
  }

  /** Functions of SQL are given whatever the query has. */
  private IllegalArgumentException wrong(int row, Object value, String what) {
    return refusal(
        row,
        value == null
            ? "must have no null"
            : "must have " + what + " where it has " + shortened(Checks.shown(value)));
  }

  /** What is thrown about a row. */
  IllegalArgumentException refusal(int row, String rule) {
    return Checks.refusal("Columns", "the column " + column + " " + rule, text(rows.get(row)));
  }

  /** A row for people: its columns by name, arrays by their size and their beginning. */
  static String text(Row row) {
    return Arrays.stream(row.schema().fieldNames())
        .map(name -> name + ": " + text(row.get(row.fieldIndex(name))))
        .collect(Collectors.joining(", ", "a row with ", ""));
  }

  private static String text(Object value) {
    Object values = arrayOrNull(value);
    return values == null
        ? shortened(Checks.shown(value))
        : Array.getLength(values) + " elements " + shortened(listed(values));
  }

  private static String listed(Object values) {
    StringJoiner some = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < Array.getLength(values) && some.length() <= LONGEST_VALUE; i++) {
      Object value = Array.get(values, i);
      Object inner = arrayOrNull(value);
      some.add(inner == null ? Checks.shown(value) : listed(inner));
    }
    return some.toString();
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }
}
