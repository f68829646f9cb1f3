package kazoku.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import kazoku.serve.Outputs;
import kazoku.serve.Predictor;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.api.java.UDF4;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A trained model applied to the rows of a Dataset, on all machines of a Spark cluster.
 *
 * <pre>{@code
 * SparkPredictor speaker = SparkPredictor.of(spark, Path.of("speaker-model"), Columns.input("steps"));
 * Dataset<Row> scored = speaker.transform(utterances);             // a column more: output
 *
 * spark.udf().register("speaker", speaker.udf());
 * spark.sql("SELECT id, speaker(steps) FROM utterances");
 * }</pre>
 *
 * <p>The model's files are broadcast, so that no machine needs to have them. Each executor has the
 * model in memory once, and its tasks ask it at the same time; it stays there for later jobs until
 * four others have been asked since. Two models, or two versions of one, do not get in each other's
 * way: they are told apart by what is in them.
 *
 * <p>Each output is a column: {@code array<float>} of numbers for a row, {@code
 * array<array<float>>} for its steps, as many as are valid, {@code array<int>} of tokens, {@code
 * int} of one token. What a row gets does not depend on the others, but for the last digits of
 * numbers: how TensorFlow adds up depends on how many rows are run together.
 *
 * <p>As is usual in Spark, a task that fails is done again, and the rows that come out are those of
 * one attempt.
 *
 * <p>A SavedModel is a program that TensorFlow runs: load only what you trust.
 */
public final class SparkPredictor implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String WHO = "SparkPredictor";
  private static final int BATCH_ROWS = 256;

  private final String key;
  private final Broadcast<byte[][]> files;
  private final Columns columns;
  private final LinkedHashMap<String, ModelInput> inputs;
  private final ArrayList<ModelOutput> outputs;
  private final int batchRows;

  /**
   * An input of the model.
   *
   * @param column the column that it is read from
   * @param kind what it is made of
   * @param text for people
   */
  private record ModelInput(String column, Inputs.Kind kind, String text) implements Serializable {

    ModelInput from(String other) {
      return new ModelInput(other, kind, text);
    }

    DataType type() {
      return NumberType.typical(kind);
    }

    void check(StructType schema) {
      Inputs.Kind is = Columns.kind(schema, column);
      Checks.require(
          is == kind,
          WHO,
          "the column " + column + " must be " + type().catalogString() + " for " + text,
          schema.apply(column).dataType().catalogString());
    }
  }

  private SparkPredictor(
      String key,
      Broadcast<byte[][]> files,
      Columns columns,
      Map<String, ModelInput> inputs,
      List<ModelOutput> outputs,
      int batchRows) {
    this.key = key;
    this.files = files;
    this.columns = columns;
    this.inputs = new LinkedHashMap<>(inputs);
    this.outputs = new ArrayList<>(outputs);
    this.batchRows = batchRows;
  }

  /**
   * The signature {@code serving_default} of a SavedModel, all outputs of which become columns of
   * their own names.
   *
   * @param spark the session by which the model travels
   * @param folder what {@code model.export} wrote, or another library; on the driver
   * @param columns where the inputs are; others are not looked at. The first input is the one of
   *     the model's that none of those beside it is
   * @return the predictor
   * @throws IllegalArgumentException if the model cannot be loaded, takes what is no sequences, or
   *     has other inputs
   */
  public static SparkPredictor of(SparkSession spark, Path folder, Columns columns) {
    Checks.given(WHO, "spark", spark);
    Checks.given(WHO, "folder", folder);
    Checks.given(WHO, "columns", columns);
    Map<String, ModelInput> inputs;
    List<ModelOutput> outputs = new ArrayList<>();
    try (Predictor predictor = Predictor.load(folder)) {
      inputs = inputs(predictor, columns);
      predictor
          .outputs()
          .forEach(
              (name, spec) -> outputs.add(new ModelOutput(name, name, ModelOutput.Form.of(spec))));
    }
    PackedModel packed = PackedModel.of(folder);
    Broadcast<byte[][]> files =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(packed.parts());
    return new SparkPredictor(
        packed.key(), files, columns.inputsOnly(), inputs, outputs, BATCH_ROWS);
  }

  /**
   * A model with the weights that it has now.
   *
   * @param spark the session by which the model travels
   * @param model the model
   * @param columns where the inputs are, {@link #of(SparkSession, Path, Columns)}
   * @return the predictor
   * @throws IllegalArgumentException if the model has other inputs
   */
  public static SparkPredictor of(SparkSession spark, Model model, Columns columns) {
    try {
      Path folder = Files.createTempDirectory("kazoku-spark");
      try {
        Path exported = folder.resolve("model");
        model.export(exported, Export.frozen());
        return of(spark, exported, columns);
      } finally {
        Aside.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(WHO + ": cannot write the model aside", e);
    }
  }

  private static Map<String, ModelInput> inputs(Predictor predictor, Columns columns) {
    requireInputs(predictor.inputs().keySet(), columns);
    Map<String, ModelInput> inputs = new LinkedHashMap<>();
    predictor
        .inputs()
        .forEach(
            (name, spec) -> {
              String text = "the model's input " + name + " " + spec;
              inputs.put(name, new ModelInput(column(name, columns), spec.kind(), text));
            });
    return inputs;
  }

  private static String column(String input, Columns columns) {
    return columns.beside().getOrDefault(input, columns.input());
  }

  private static void requireInputs(Set<String> names, Columns columns) {
    Set<String> first = new LinkedHashSet<>(names);
    first.removeAll(columns.beside().keySet());
    Checks.require(
        first.size() == 1 && names.containsAll(columns.beside().keySet()),
        WHO,
        "columns must have one input, and beside it the others of the model's inputs "
            + List.copyOf(names),
        "beside it " + columns.beside().keySet());
  }

  /**
   * The same model for inputs in other columns.
   *
   * @param columns where the inputs are, {@link #of(SparkSession, Path, Columns)}
   * @return the predictor
   * @throws IllegalArgumentException if the model has other inputs
   */
  public SparkPredictor columns(Columns columns) {
    Checks.given(WHO, "columns", columns);
    requireInputs(inputs.keySet(), columns);
    Map<String, ModelInput> moved = new LinkedHashMap<>();
    inputs.forEach((name, input) -> moved.put(name, input.from(column(name, columns))));
    return new SparkPredictor(key, files, columns.inputsOnly(), moved, outputs, batchRows);
  }

  /**
   * Which outputs become which columns; no others do.
   *
   * @param columns output → the name of its column, in this order
   * @return the predictor
   * @throws IllegalArgumentException if there is no such output, or none at all
   */
  public SparkPredictor outputs(Map<String, String> columns) {
    Checks.require(
        columns != null && !columns.isEmpty(), WHO, "there must be at least one output", columns);
    List<ModelOutput> some = new ArrayList<>();
    columns.forEach((name, column) -> some.add(new ModelOutput(name, column, output(name).form())));
    long names = columns.values().stream().distinct().count();
    Checks.require(names == some.size(), WHO, "each output must have a column of its own", columns);
    return new SparkPredictor(key, files, this.columns, inputs, some, batchRows);
  }

  /** The names of all outputs that become columns. */
  List<String> outputs() {
    return outputs.stream().map(ModelOutput::name).toList();
  }

  /** Writes the model's files into an empty folder. */
  void unpack(Path folder) throws IOException {
    PackedModel.unpack(files.value(), folder);
  }

  private ModelOutput output(String name) {
    return outputs.stream()
        .filter(output -> output.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Checks.refusal(
                    WHO,
                    "an output must be one of " + outputs.stream().map(ModelOutput::name).toList(),
                    name));
  }

  /**
   * How many rows of a partition are run together. They are padded to the longest of them.
   *
   * @param rows from 1 to 256; 256 by default
   * @return the predictor
   */
  public SparkPredictor batchRows(int rows) {
    Checks.require(
        rows >= 1 && rows <= BATCH_ROWS, WHO, "batchRows must be in 1.." + BATCH_ROWS, rows);
    return new SparkPredictor(key, files, columns, inputs, outputs, rows);
  }

  /**
   * What a Dataset becomes.
   *
   * @param schema its schema
   * @return the same columns, and then those of the outputs
   * @throws IllegalArgumentException if the columns of the inputs are missing, or do not fit the
   *     model, or if those of the outputs are there already
   */
  public StructType transformSchema(StructType schema) {
    columns.check(schema);
    inputs.values().forEach(input -> input.check(schema));
    StructType all = schema;
    for (ModelOutput output : outputs) {
      boolean there =
          Arrays.stream(all.fieldNames()).anyMatch(name -> name.equalsIgnoreCase(output.column()));
      Checks.require(
          !there,
          WHO,
          "there must be no column "
              + output.column()
              + " before the model's output is; give it another name, outputs(Map.of(\""
              + output.name()
              + "\", …))",
          Arrays.toString(schema.fieldNames()));
      all = all.add(output.field());
    }
    return all;
  }

  /**
   * Applies the model to all rows, when and where Spark needs them.
   *
   * @param rows the rows
   * @return the same rows with the outputs as further columns. A row that does not fit the model
   *     (null, a step of another size, a number that is not finite, a token that the model does not
   *     know) fails its task with an {@link IllegalArgumentException} that shows it
   * @throws IllegalArgumentException as {@link #transformSchema}
   */
  public Dataset<Row> transform(Dataset<Row> rows) {
    Checks.given(WHO, "rows", rows);
    StructType given = rows.schema();
    StructType schema = transformSchema(given);
    MapPartitionsFunction<Row, Row> apply = partition -> new Scored(this, given, partition);
    return rows.mapPartitions(apply, Encoders.row(schema));
  }

  /** A partition's rows with their outputs, a batch at a time. */
  private static final class Scored implements Iterator<Row> {
    private final SparkPredictor predictor;
    private final StructType schema;
    private final Iterator<Row> rows;
    private Iterator<Row> ready = List.<Row>of().iterator();

    Scored(SparkPredictor predictor, StructType schema, Iterator<Row> rows) {
      this.predictor = predictor;
      this.schema = schema;
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return ready.hasNext() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (!ready.hasNext()) {
        List<Row> batch = new ArrayList<>();
        while (batch.size() < predictor.batchRows && rows.hasNext()) {
          batch.add(named(rows.next()));
        }
        ready = predictor.scored(batch).iterator();
      }
      return ready.next();
    }

    /** Rows that come straight from another map may not know their schema. */
    private Row named(Row row) {
      return row.schema() == null ? new GenericRowWithSchema(values(row), schema) : row;
    }
  }

  private static Object[] values(Row row) {
    Object[] values = new Object[row.size()];
    Arrays.setAll(values, row::get);
    return values;
  }

  private List<Row> scored(List<Row> batch) {
    Object[][] answers = answers(batch);
    List<Row> scored = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      Object[] given = values(batch.get(row));
      Object[] all = Arrays.copyOf(given, given.length + answers.length);
      for (int i = 0; i < answers.length; i++) {
        all[given.length + i] = answers[i][row];
      }
      scored.add(RowFactory.create(all));
    }
    return scored;
  }

  /** For each output, what each row has. */
  private Object[][] answers(List<Row> batch) {
    try {
      Outputs answered = run(batch);
      return outputs.stream().map(output -> output.values(answered)).toArray(Object[][]::new);
    } catch (IllegalArgumentException e) {
      throw batch.size() == 1 ? about(batch.get(0), e) : firstRefusal(batch, e);
    }
  }

  /** Which row it was. */
  private IllegalArgumentException firstRefusal(List<Row> batch, IllegalArgumentException of) {
    for (Row row : batch) {
      try {
        run(List.of(row));
      } catch (IllegalArgumentException e) {
        return about(row, e);
      }
    }
    return of;
  }

  private static IllegalArgumentException about(Row row, IllegalArgumentException e) {
    String text = Cells.text(row);
    return e.getMessage().contains(text)
        ? e
        : new IllegalArgumentException(e.getMessage() + "; in " + text, e);
  }

  private Outputs run(List<Row> batch) {
    Sequences read = columns.read(batch);
    Map<String, Sequences> fed = new LinkedHashMap<>();
    Map<String, Sequences> given = read.inputs();
    inputs
        .keySet()
        .forEach(
            name ->
                fed.put(name, given.get(columns.beside().containsKey(name) ? name : Export.INPUT)));
    return SharedModels.ask(key, files::value, predictor -> predictor.run(fed));
  }

  /**
   * The model as a function of SQL and of columns, {@code spark.udf().register("speaker",
   * predictor.udf())}. It takes the first input, its length where {@link Columns#lengths} are
   * given, and then the inputs beside it, in their order; it gives the output, or a struct of the
   * outputs if there are several.
   *
   * <p>Spark calls a function row by row, so that each row is a run of its own, where {@link
   * #transform} runs many together.
   *
   * @return the function
   * @throws IllegalArgumentException if there would be more than four arguments
   */
  public UserDefinedFunction udf() {
    StructType arguments = arguments();
    StructType struct =
        new StructType(outputs.stream().map(ModelOutput::field).toArray(StructField[]::new));
    DataType type = outputs.size() == 1 ? outputs.get(0).form().type() : struct;
    UserDefinedFunction function =
        switch (arguments.size()) {
          case 1 -> functions.udf((UDF1<Object, Object>) a -> call(arguments, a), type);
          case 2 ->
              functions.udf((UDF2<Object, Object, Object>) (a, b) -> call(arguments, a, b), type);
          case 3 ->
              functions.udf(
                  (UDF3<Object, Object, Object, Object>) (a, b, c) -> call(arguments, a, b, c),
                  type);
          case 4 ->
              functions.udf(
                  (UDF4<Object, Object, Object, Object, Object>)
                      (a, b, c, d) -> call(arguments, a, b, c, d),
                  type);
          default ->
              throw Checks.refusal(
                  WHO,
                  "a function must have at most 4 arguments; use transform",
                  Arrays.toString(arguments.fieldNames()));
        };
    return function.asNonNullable();
  }

  private StructType arguments() {
    Map<String, DataType> types = new LinkedHashMap<>();
    inputs.values().forEach(input -> types.put(input.column(), input.type()));
    StructType arguments = new StructType().add(columns.input(), types.get(columns.input()));
    if (!columns.lengths().isEmpty()) {
      arguments = arguments.add(columns.lengths(), DataTypes.IntegerType);
    }
    for (String column : columns.beside().values()) {
      arguments = arguments.add(column, types.get(column));
    }
    return arguments;
  }

  private Object call(StructType schema, Object... arguments) {
    Object[][] answers = answers(List.of(new GenericRowWithSchema(arguments, schema)));
    Object[] row = Arrays.stream(answers).map(answer -> answer[0]).toArray();
    return row.length == 1 ? row[0] : RowFactory.create(row);
  }
}
