package kazoku.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import kazoku.train.Export;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * A trained model as a stage of a pipeline of Spark ML: what a {@link SequenceClassifier} gives, or
 * any SavedModel with one input.
 *
 * <p>It adds the model's output as a column, and beside it, unless {@link #predictionCol} is empty,
 * the class with the highest score as Spark's evaluators expect it, a double. Saved, it has the
 * SavedModel within it, on whichever file system the pipeline is saved to.
 */
public final class SequenceModel extends Model<SequenceModel> implements MLWritable {
  private static final long serialVersionUID = 1;
  private static final String WHO = "SequenceModel";
  private static final String FILES = "saved_model";

  private final String uid;
  private final transient SparkPredictor predictor;
  private final Param<String> inputCol;
  private final Param<String> lengthsCol;
  private final Param<String> outputCol;
  private final Param<String> predictionCol;
  private final IntParam batchRows;

  SequenceModel(String uid, SparkPredictor predictor) {
    this.uid = uid;
    this.predictor = predictor;
    inputCol = new Param<>(this, "inputCol", "column of the sequences");
    lengthsCol =
        new Param<>(this, "lengthsCol", "column of how many steps are valid; empty for all");
    outputCol = new Param<>(this, "outputCol", "column that the output becomes");
    predictionCol =
        new Param<>(
            this, "predictionCol", "column of the class with the highest score; empty for none");
    batchRows = new IntParam(this, "batchRows", "rows of a partition that are run together");
    setDefault(inputCol, "steps");
    setDefault(lengthsCol, "");
    setDefault(outputCol, "output");
    setDefault(predictionCol, "prediction");
    setDefault(batchRows, 256);
  }

  /**
   * A SavedModel.
   *
   * @param spark the session by which it travels
   * @param folder what {@code model.export} wrote, or another library; on the driver
   * @return the stage
   * @throws IllegalArgumentException if it cannot be loaded, or has several inputs
   */
  public static SequenceModel of(SparkSession spark, Path folder) {
    return new SequenceModel(
        Identifiable.randomUID("sequenceModel"),
        SparkPredictor.of(spark, folder, Columns.input("steps")));
  }

  /**
   * The column of the sequences, as {@link Columns} has it; {@code steps} by default.
   *
   * @return the parameter
   */
  public Param<String> inputCol() {
    return inputCol;
  }

  /**
   * The column of how many steps are valid; empty (the default) where all are.
   *
   * @return the parameter
   */
  public Param<String> lengthsCol() {
    return lengthsCol;
  }

  /**
   * The column that the model's output becomes; {@code output} by default.
   *
   * @return the parameter
   */
  public Param<String> outputCol() {
    return outputCol;
  }

  /**
   * The column of the class with the highest score, a double; {@code prediction} by default, empty
   * for none. The output must be one of numbers for each row.
   *
   * @return the parameter
   */
  public Param<String> predictionCol() {
    return predictionCol;
  }

  /**
   * How many rows of a partition are run together, {@link SparkPredictor#batchRows}; 256 by
   * default.
   *
   * @return the parameter
   */
  public IntParam batchRows() {
    return batchRows;
  }

  /** The model as it is asked with these parameters. */
  private SparkPredictor asked() {
    Columns columns = Columns.input(text(inputCol)).lengths(text(lengthsCol));
    List<String> names = predictor.outputs();
    String output = names.contains(Export.OUTPUT) ? Export.OUTPUT : names.get(0);
    return predictor
        .columns(columns)
        .outputs(Map.of(output, text(outputCol)))
        .batchRows((int) getOrDefault(batchRows));
  }

  private String text(Param<String> of) {
    return getOrDefault(of);
  }

  private boolean predicts() {
    return !text(predictionCol).isEmpty();
  }

  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    transformSchema(data.schema());
    Dataset<Row> scored = asked().transform(data.toDF());
    if (!predicts()) {
      return scored;
    }
    Column scores = scored.col("`" + text(outputCol).replace("`", "``") + "`");
    return scored.withColumn(
        text(predictionCol),
        functions
            .array_position(scores, functions.array_max(scores))
            .minus(1)
            .cast(DataTypes.DoubleType));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    StructType scored = asked().transformSchema(schema);
    if (!predicts()) {
      return scored;
    }
    String type = scored.apply(text(outputCol)).dataType().catalogString();
    Checks.require(
        type.equals("array<float>"),
        WHO,
        "the output must be numbers for each row, array<float>, for a prediction; or set"
            + " predictionCol to \"\"",
        type);
    return with(scored, WHO, "predictionCol", text(predictionCol), DataTypes.DoubleType);
  }

  /** A schema with a column more, which must not be there already. */
  static StructType with(
      StructType schema, String who, String param, String column, DataType type) {
    Checks.require(
        Arrays.stream(schema.fieldNames()).noneMatch(column::equalsIgnoreCase),
        who,
        "there must be no column %s before this stage makes it; set %s to another name"
            .formatted(column, param),
        Arrays.toString(schema.fieldNames()));
    return schema.add(column, type, true);
  }

  @Override
  public SequenceModel copy(ParamMap extra) {
    SequenceModel copy = copyValues(new SequenceModel(uid, predictor), extra);
    return copy.setParent(parent());
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  /**
   * Reads what was saved.
   *
   * @return the reader
   */
  public static MLReader<SequenceModel> read() {
    return new Reader();
  }

  /**
   * Reads what was saved.
   *
   * @param path where
   * @return the model
   */
  public static SequenceModel load(String path) {
    return read().load(path);
  }

  private static org.apache.hadoop.fs.Path files(String path) {
    return new org.apache.hadoop.fs.Path(path, FILES);
  }

  private static final class Writer extends MLWriter {
    private final SequenceModel model;

    Writer(SequenceModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      withFolder(
          folder -> {
            model.predictor.unpack(folder);
            org.apache.hadoop.fs.Path to = files(path);
            FileSystem system = to.getFileSystem(sc().hadoopConfiguration());
            system.copyFromLocalFile(new org.apache.hadoop.fs.Path(folder.toUri()), to);
            return null;
          });
      // Last: what has it is whole.
      DefaultParamsWriter.saveMetadata(model, path, sc(), Option.empty(), Option.empty());
    }
  }

  private static final class Reader extends MLReader<SequenceModel> {
    @Override
    public SequenceModel load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sc(), SequenceModel.class.getName());
      SparkPredictor predictor =
          withFolder(
              folder -> {
                org.apache.hadoop.fs.Path from = files(path);
                FileSystem system = from.getFileSystem(sc().hadoopConfiguration());
                Path local = folder.resolve(FILES);
                // Without the checksums that Hadoop puts beside files.
                system.copyToLocalFile(
                    false, from, new org.apache.hadoop.fs.Path(local.toUri()), true);
                return SparkPredictor.of(sparkSession(), local, Columns.input("steps"));
              });
      SequenceModel model = new SequenceModel(metadata.uid(), predictor);
      metadata.getAndSetParams(model, Option.empty());
      return model;
    }
  }

  /** What is done with a folder that is there for a while. */
  @FunctionalInterface
  private interface Folder<T> {
    T with(Path folder) throws IOException;
  }

  private static <T> T withFolder(Folder<T> what) {
    try {
      Path folder = Files.createTempDirectory("kazoku-spark");
      try {
        return what.with(folder);
      } finally {
        Aside.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(WHO + ": cannot read or write the model's files", e);
    }
  }
}
