package kazoku.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kazoku.Checks;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Sequences;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Which columns of a Dataset are what: the inputs of a model, and what is to be learnt.
 *
 * <pre>{@code
 * Columns.input("steps").labels("speaker")
 * Columns.input("words").beside("time", "seconds").lengths("length").labels("tags")
 * }</pre>
 *
 * <p>The type of a column says what it is made of. Numbers may be of any type of Spark's; null is
 * refused everywhere.
 *
 * <table>
 *   <caption>Types of columns</caption>
 *   <tr><th>an input</th><th>is</th></tr>
 *   <tr><td>{@code array<array<float>>}</td><td>steps of several numbers, [T][I]</td></tr>
 *   <tr><td>{@code array<int>}, {@code array<bigint>}</td><td>tokens, [T]</td></tr>
 *   <tr><td>{@code array<float>}, {@code array<double>}</td><td>a row without steps, [I]</td></tr>
 * </table>
 *
 * @param input the column of the first input
 * @param beside the columns of further inputs, by the names that the model has for them
 * @param lengths the column that says how many steps of the first input are valid; empty for all
 * @param labels the column of classes; empty for none
 * @param targets the column of numbers to be learnt; empty for none
 * @param sampleWeights the column of what each row counts in the loss; empty for 1
 */
public record Columns(
    String input,
    Map<String, String> beside,
    String lengths,
    String labels,
    String targets,
    String sampleWeights)
    implements Serializable {
  private static final String WHO = "Columns";

  public Columns {
    Checks.given(WHO, "beside", beside);
    requireName("input", input, false);
    beside.forEach((name, column) -> requireName("the column of " + name, column, false));
    Checks.require(
        !beside.containsKey(Export.INPUT),
        WHO,
        "the input that is called input must be the first, Columns.input(column)",
        beside);
    requireName("lengths", lengths, true);
    requireName("labels", labels, true);
    requireName("targets", targets, true);
    requireName("sampleWeights", sampleWeights, true);
    Checks.require(
        labels.isEmpty() || targets.isEmpty(),
        WHO,
        "there must be labels or targets, not both",
        labels + " and " + targets);
    beside = Collections.unmodifiableMap(new LinkedHashMap<>(beside));
  }

  private static void requireName(String what, String column, boolean mayLack) {
    Checks.given(WHO, what, column);
    Checks.require(
        mayLack || !column.isEmpty(), WHO, what + " must be the name of a column", "an empty one");
  }

  /**
   * One input, and nothing to be learnt.
   *
   * @param column the column of the first input
   * @return the columns
   */
  public static Columns input(String column) {
    return new Columns(column, Map.of(), "", "", "", "");
  }

  /**
   * One input more.
   *
   * @param name the name by which the model knows it
   * @param column its column; its arrays have valid steps only
   * @return the columns
   */
  public Columns beside(String name, String column) {
    Checks.given(WHO, "the name of the input", name);
    Map<String, String> more = new LinkedHashMap<>(beside);
    more.put(name, column);
    return new Columns(input, more, lengths, labels, targets, sampleWeights);
  }

  /**
   * How many steps of the first input are valid, where its arrays are padded at their ends. Labels
   * or targets for each step may be padded along.
   *
   * @param column a column of whole numbers, from 0 to the steps that the row has
   * @return the columns
   */
  public Columns lengths(String column) {
    return new Columns(input, beside, column, labels, targets, sampleWeights);
  }

  /**
   * Classes, counted from 0.
   *
   * @param column a column of one for each row, of whole numbers of any type (so as {@code
   *     StringIndexer} has them, too), or {@code array<int>}: one for each step, −1 for none
   * @return the columns
   */
  public Columns labels(String column) {
    return new Columns(input, beside, lengths, column, targets, sampleWeights);
  }

  /**
   * Numbers to be learnt.
   *
   * @param column a column {@code array<float>} for each row, or a number alone, or {@code
   *     array<array<float>>}: for each step, NaN for none
   * @return the columns
   */
  public Columns targets(String column) {
    return new Columns(input, beside, lengths, labels, column, sampleWeights);
  }

  /**
   * What each row counts in the loss.
   *
   * @param column a column of numbers, at least 0
   * @return the columns
   */
  public Columns sampleWeights(String column) {
    return new Columns(input, beside, lengths, labels, targets, column);
  }

  /**
   * The inputs alone, for data about which nothing is to be learnt.
   *
   * @return the columns
   */
  public Columns inputsOnly() {
    return new Columns(input, beside, lengths, "", "", "");
  }

  /**
   * Looks whether a Dataset has these columns, of types that fit: on the driver, before anything
   * runs.
   *
   * @param schema what {@code dataset.schema()} says
   * @throws IllegalArgumentException if a column is missing, or of another type
   */
  public void check(StructType schema) {
    Checks.given(WHO, "schema", schema);
    kind(schema, input);
    beside.values().forEach(column -> kind(schema, column));
    if (!lengths.isEmpty()) {
      require(schema, lengths, type -> type.depth() == 0 && type.whole(), "whole numbers, int");
      Checks.require(
          kind(schema, input) != Inputs.Kind.ROWS,
          WHO,
          "lengths are for an input with steps, array<array<float>> or array<int>, of which "
              + input
              + " is none",
          schema.apply(input).dataType().catalogString());
    }
    if (!labels.isEmpty()) {
      require(
          schema,
          labels,
          type -> type.depth() == 0 || type.depth() == 1 && type.whole(),
          "int for each row, or array<int> for each step");
    }
    if (!targets.isEmpty()) {
      require(
          schema,
          targets,
          type -> type.depth() <= 2,
          "array<float> for each row, or array<array<float>> for each step");
    }
    if (!sampleWeights.isEmpty()) {
      require(schema, sampleWeights, type -> type.depth() == 0, "float");
    }
  }

  /** What an input is made of. */
  static Inputs.Kind kind(StructType schema, String column) {
    NumberType type =
        require(
            schema,
            column,
            some -> some.depth() == 1 || some.depth() == 2,
            "array<array<float>>, array<int> or array<float>");
    if (type.depth() == 2) {
      return Inputs.Kind.VECTORS;
    }
    return type.whole() ? Inputs.Kind.TOKENS : Inputs.Kind.ROWS;
  }

  private static NumberType require(
      StructType schema, String column, Predicate<NumberType> rule, String what) {
    Checks.require(
        Arrays.asList(schema.fieldNames()).contains(column),
        WHO,
        "there must be a column " + column,
        Arrays.toString(schema.fieldNames()));
    NumberType type = NumberType.of(schema.apply(column).dataType());
    Checks.require(
        type != null && rule.test(type),
        WHO,
        "the column " + column + " must be " + what,
        schema.apply(column).dataType().catalogString());
    return type;
  }

  /** All of them, each once. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(List.of(input));
    names.addAll(beside.values());
    names.addAll(List.of(lengths, labels, targets, sampleWeights));
    names.remove("");
    return names;
  }

  /**
   * Reads rows into memory.
   *
   * @param rows rows of a Dataset, with their schema; at least one
   * @return the same rows in the same order, with what is to be learnt
   * @throws IllegalArgumentException as {@link #check}, or if a value is null or out of range: the
   *     message names the column and the row
   */
  public Sequences read(List<Row> rows) {
    Checks.given(WHO, "rows", rows);
    Checks.require(!rows.isEmpty(), WHO, "there must be at least one row", 0);
    StructType schema = rows.get(0).schema();
    Checks.require(schema != null, WHO, "rows must have a schema, as those of a Dataset", "none");
    check(schema);
    Cells first = new Cells(rows, input);
    UnaryOperator<Cells> valid = lengths.isEmpty() ? cells -> cells : valid(first.sizes(), rows);
    Sequences data = read(kind(schema, input), valid.apply(first));
    for (Map.Entry<String, String> other : beside.entrySet()) {
      Cells cells = new Cells(rows, other.getValue());
      data = data.beside(other.getKey(), read(kind(schema, other.getValue()), cells));
    }
    if (!labels.isEmpty()) {
      Cells cells = new Cells(rows, labels);
      data =
          depth(schema, labels) == 0
              ? data.labels(cells.wholeNumbers())
              : data.stepLabels(valid.apply(cells).wholeArrays());
    }
    if (!targets.isEmpty()) {
      Cells cells = new Cells(rows, targets);
      data =
          switch (depth(schema, targets)) {
            case 0 -> data.targets(cells.singles());
            case 1 -> data.targets(cells.arrays());
            default -> data.stepTargets(valid.apply(cells).steps());
          };
    }
    return sampleWeights.isEmpty()
        ? data
        : data.sampleWeights(new Cells(rows, sampleWeights).numbers());
  }

  private static Sequences read(Inputs.Kind kind, Cells cells) {
    return switch (kind) {
      case VECTORS -> Sequences.of(cells.steps());
      case TOKENS -> Sequences.tokens(cells.wholeArrays());
      case ROWS -> Sequences.rows(cells.arrays());
    };
  }

  private static int depth(StructType schema, String column) {
    return NumberType.of(schema.apply(column).dataType()).depth();
  }

  /** Cuts off the padding of a column that has as many steps as the first input. */
  private UnaryOperator<Cells> valid(int[] steps, List<Row> rows) {
    Cells column = new Cells(rows, lengths);
    int[] valid = column.wholeNumbers();
    for (int row = 0; row < valid.length; row++) {
      if (valid[row] < 0 || valid[row] > steps[row]) {
        throw column.refusal(row, "must be in 0.." + steps[row] + ", the steps of " + input);
      }
    }
    return cells -> cells.cut(steps, valid);
  }
}
