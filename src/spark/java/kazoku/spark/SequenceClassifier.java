package kazoku.spark;

import java.lang.reflect.InvocationTargetException;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * Learns to tell classes of sequences apart, as a stage of a pipeline of Spark ML.
 *
 * <pre>{@code
 * public final class SpeakerNetwork implements SequenceClassifier.Network {
 *   public Layer layers() {
 *     return new Sequential(new RNN(new GRUCell(12, 64)).last(), new Dense(64, 9));
 *   }
 * }
 *
 * SequenceClassifier speakers = SequenceClassifier.of(SpeakerNetwork.class);
 * speakers.set(speakers.labelCol(), "speaker").set(speakers.epochs(), 12);
 * PipelineModel model = new Pipeline().setStages(new PipelineStage[] {speakers}).fit(utterances);
 * model.write().overwrite().save("speaker-pipeline");
 * }</pre>
 *
 * <p>It trains by {@link SparkTraining}, with Adam, gradients clipped to norm 1 and the softmax
 * cross-entropy; what needs more is a {@code SparkTraining} of its own, and a {@link
 * SequenceModel#of}.
 */
public final class SequenceClassifier extends Estimator<SequenceModel> implements MLWritable {
  private static final long serialVersionUID = 1;
  private static final String WHO = "SequenceClassifier";

  private final String uid;
  private final Param<String> network;
  private final Param<String> inputCol;
  private final Param<String> lengthsCol;
  private final Param<String> labelCol;
  private final Param<String> outputCol;
  private final Param<String> predictionCol;
  private final IntParam epochs;
  private final IntParam batchSize;
  private final DoubleParam learningRate;
  private final LongParam seed;
  private final IntParam workers;

  /** What is trained. It has a constructor without arguments, and is known to all executors. */
  @FunctionalInterface
  public interface Network {
    /**
     * Makes the layers, the same each time.
     *
     * @return layers that give a score for each class
     */
    Layer layers();
  }

  /**
   * A classifier with the defaults of its parameters, whose network is still to be set. Spark makes
   * them so.
   *
   * @param uid its name among the stages
   */
  public SequenceClassifier(String uid) {
    this.uid = uid;
    network = new Param<>(this, "network", "name of the class of the network");
    inputCol = new Param<>(this, "inputCol", "column of the sequences");
    lengthsCol =
        new Param<>(this, "lengthsCol", "column of how many steps are valid; empty for all");
    labelCol = new Param<>(this, "labelCol", "column of the classes, from 0");
    outputCol = new Param<>(this, "outputCol", "column of the scores of all classes");
    predictionCol =
        new Param<>(
            this, "predictionCol", "column of the class with the highest score; empty for none");
    epochs = new IntParam(this, "epochs", "passes over the data", ParamValidators.gtEq(1));
    batchSize =
        new IntParam(
            this, "batchSize", "rows of a batch, of all workers together", ParamValidators.gtEq(1));
    learningRate =
        new DoubleParam(this, "learningRate", "learning rate of Adam", ParamValidators.gtEq(0));
    seed = new LongParam(this, "seed", "seed of weights and of the order of rows");
    workers = new IntParam(this, "workers", "tasks that train together", ParamValidators.gtEq(1));
    setDefault(inputCol, "steps");
    setDefault(lengthsCol, "");
    setDefault(labelCol, "label");
    setDefault(outputCol, "output");
    setDefault(predictionCol, "prediction");
    setDefault(epochs, 10);
    setDefault(batchSize, 32);
    setDefault(learningRate, 1e-3);
    setDefault(seed, 42L);
    setDefault(workers, 1);
  }

  /**
   * A classifier with the defaults of its parameters.
   *
   * @param network what is trained
   * @return the classifier
   * @throws IllegalArgumentException if it has no constructor without arguments
   */
  public static SequenceClassifier of(Class<? extends Network> network) {
    Checks.given(WHO, "network", network);
    made(network.getName());
    SequenceClassifier classifier =
        new SequenceClassifier(Identifiable.randomUID("sequenceClassifier"));
    classifier.set(classifier.network, network.getName());
    return classifier;
  }

  /**
   * The name of the class of the network.
   *
   * @return the parameter
   */
  public Param<String> network() {
    return network;
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
   * The column of the classes, whole numbers from 0 of any type; {@code label} by default.
   *
   * @return the parameter
   */
  public Param<String> labelCol() {
    return labelCol;
  }

  /**
   * The column of the scores, {@link SequenceModel#outputCol}; {@code output} by default.
   *
   * @return the parameter
   */
  public Param<String> outputCol() {
    return outputCol;
  }

  /**
   * The column of the class with the highest score, {@link SequenceModel#predictionCol}; {@code
   * prediction} by default, empty for none.
   *
   * @return the parameter
   */
  public Param<String> predictionCol() {
    return predictionCol;
  }

  /**
   * How often the data is gone through; 10 by default.
   *
   * @return the parameter
   */
  public IntParam epochs() {
    return epochs;
  }

  /**
   * Rows of a batch, of all workers together; 32 by default.
   *
   * @return the parameter
   */
  public IntParam batchSize() {
    return batchSize;
  }

  /**
   * The learning rate of Adam; 0.001 by default.
   *
   * @return the parameter
   */
  public DoubleParam learningRate() {
    return learningRate;
  }

  /**
   * The seed of the weights and of the order of rows; 42 by default.
   *
   * @return the parameter
   */
  public LongParam seed() {
    return seed;
  }

  /**
   * How many tasks train together, {@link SparkTraining#workers}; 1 by default.
   *
   * @return the parameter
   */
  public IntParam workers() {
    return workers;
  }

  private static Layer made(String name) {
    try {
      return Class.forName(name, true, Thread.currentThread().getContextClassLoader())
          .asSubclass(Network.class)
          .getConstructor()
          .newInstance()
          .layers();
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(WHO + ": " + name + " fails: " + e.getCause(), e);
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalArgumentException(
          WHO
              + ": network must be a public class with a public constructor without arguments that"
              + " implements SequenceClassifier.Network, got "
              + name,
          e);
    }
  }

  private String text(Param<String> of) {
    return getOrDefault(of);
  }

  private int number(IntParam of) {
    return (int) getOrDefault(of);
  }

  private Columns inputs() {
    return Columns.input(text(inputCol)).lengths(text(lengthsCol));
  }

  private Columns columns() {
    return inputs().labels(text(labelCol));
  }

  @Override
  public SequenceModel fit(Dataset<?> data) {
    transformSchema(data.schema());
    String name = text(network);
    long drawn = (long) getOrDefault(seed);
    double rate = (double) getOrDefault(learningRate);
    int passes = number(epochs);
    int rows = number(batchSize);
    Trained trained =
        SparkTraining.of(data.toDF(), columns())
            .workers(number(workers))
            .fit(
                () -> Model.of(made(name), drawn),
                (model, worker) ->
                    model.fit(
                        worker.rows(),
                        new Adam(rate).clip(1),
                        Loss.softmaxCrossEntropy(),
                        Epochs.of(passes)
                            .batchSize(rows)
                            .progress(Progress.NONE)
                            .together(worker)));
    try (Model model = trained.model()) {
      SequenceModel stage =
          new SequenceModel(uid, SparkPredictor.of(data.sparkSession(), model, inputs()));
      stage.set(stage.inputCol(), text(inputCol));
      stage.set(stage.lengthsCol(), text(lengthsCol));
      stage.set(stage.outputCol(), text(outputCol));
      stage.set(stage.predictionCol(), text(predictionCol));
      return stage.setParent(this);
    }
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Checks.require(isDefined(network), WHO, "network must be set", "none");
    columns().check(schema);
    DataType labels = schema.apply(text(labelCol)).dataType();
    Checks.require(
        labels instanceof NumericType,
        WHO,
        "the column " + text(labelCol) + " must be one class for each row, int",
        labels.catalogString());
    DataType scores = DataTypes.createArrayType(DataTypes.FloatType, false);
    StructType scored = SequenceModel.with(schema, WHO, "outputCol", text(outputCol), scores);
    return text(predictionCol).isEmpty()
        ? scored
        : SequenceModel.with(
            scored, WHO, "predictionCol", text(predictionCol), DataTypes.DoubleType);
  }

  @Override
  public SequenceClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public MLWriter write() {
    return new DefaultParamsWriter(this);
  }

  /**
   * Reads what was saved.
   *
   * @return the reader
   */
  public static MLReader<SequenceClassifier> read() {
    return new DefaultParamsReader<>();
  }

  /**
   * Reads what was saved.
   *
   * @param path where
   * @return the classifier
   */
  public static SequenceClassifier load(String path) {
    return read().load(path);
  }
}
