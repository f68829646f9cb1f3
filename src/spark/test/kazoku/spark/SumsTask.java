package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.History;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Scores;
import kazoku.train.Sequences;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Something small to learn: how large the sum of a sequence is. */
final class SumsTask {
  static final Columns COLUMNS = Columns.input("steps").labels("the.class");

  private SumsTask() {}

  static Layer layers() {
    return new Sequential(
        new RNN(new GRUCell(3, 8)).last(),
        new Dense(8, 4, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
  }

  static Model model() {
    return Model.of(layers(), 42);
  }

  static History fit(Model model, Sequences rows, Epochs epochs) {
    return model.fit(rows, new Adam(3e-3), Loss.softmaxCrossEntropy(), epochs);
  }

  static List<Row> rows(int count, long seed) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      float[][] steps = new float[3 + random.nextInt(6)][3];
      double sum = 0;
      for (float[] step : steps) {
        for (int i = 0; i < step.length; i++) {
          step[i] = (float) random.nextGaussian();
          sum += step[i];
        }
      }
      rows.add(RowFactory.create(steps, sum < -3 ? 0 : sum < 0 ? 1 : sum < 3 ? 2 : 3));
    }
    return rows;
  }

  static Dataset<Row> dataset(SparkSession spark, List<Row> rows) {
    StructType schema =
        new StructType()
            .add("steps", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType)))
            .add("the.class", DataTypes.IntegerType);
    return spark.createDataFrame(rows, schema);
  }

  /** What was trained on Spark is what was trained on one machine. */
  static void assertAlike(Trained trained, History history, Model alone) {
    List<History.Epoch> epochs = trained.history().epochs();
    assertThat(epochs).hasSameSizeAs(history.epochs());
    for (int k = 0; k < epochs.size(); k++) {
      assertThat(epochs.get(k).number()).isEqualTo(k + 1);
      assertAlike(epochs.get(k).training(), history.epochs().get(k).training());
      assertAlike(epochs.get(k).validation(), history.epochs().get(k).validation());
    }
    assertThat(trained.weights().keySet()).containsExactlyElementsOf(alone.weights());
    for (String name : alone.weights()) {
      assertThat(trained.weights().get(name))
          .as(name)
          .containsExactly(alone.weight(name), within(1e-5f));
    }
  }

  private static void assertAlike(Scores scores, Scores expected) {
    assertThat(scores.values().keySet()).isEqualTo(expected.values().keySet());
    for (Map.Entry<String, Double> score : expected.values().entrySet()) {
      assertThat(scores.value(score.getKey()))
          .as(score.getKey())
          .isCloseTo(score.getValue(), within(1e-5));
    }
  }
}
