package spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Utterances of nine speakers, of 7 to 29 steps, as Datasets: {@code examples/data/README.md} says
 * where they are from. Their columns are {@code id} (counted from 0), {@code steps}, of 12 numbers
 * each, and {@code speaker}, counted from 0.
 *
 * @param train 270 utterances
 * @param test 370 others
 */
public record SpeakerData(Dataset<Row> train, Dataset<Row> test) {
  /** The numbers of a step. */
  public static final int COEFFICIENTS = 12;

  /** How many speak. */
  public static final int SPEAKERS = 9;

  private static final Path DATA = Path.of("examples", "data");

  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add(
              "steps",
              DataTypes.createArrayType(
                  DataTypes.createArrayType(DataTypes.FloatType, false), false),
              false)
          .add("speaker", DataTypes.IntegerType, false);

  private record Utterance(float[][] steps, int speaker) {}

  /**
   * Reads the data; makes mean 0 and standard deviation 1 of each coefficient.
   *
   * @param spark the session
   * @return the data
   * @throws IOException if it cannot be read
   */
  public static SpeakerData read(SparkSession spark) throws IOException {
    List<Utterance> train = read(DATA.resolve("JapaneseVowels_TRAIN.ts"));
    List<Utterance> test = read(DATA.resolve("JapaneseVowels_TEST.ts"));
    standardise(train, test);
    return new SpeakerData(dataset(spark, train), dataset(spark, test));
  }

  /**
   * More of the same: each row several times, with ids of their own. The copies are made where they
   * are needed, in as many partitions as the session has by default.
   *
   * @param data rows with ids from 0
   * @param copies how many of each
   * @return the rows
   */
  public static Dataset<Row> replicated(Dataset<Row> data, int copies) {
    long rows = data.count();
    return data.sparkSession()
        .range(copies)
        .withColumnRenamed("id", "copy")
        .crossJoin(functions.broadcast(data))
        .withColumn("id", functions.expr("copy * " + rows + " + id"))
        .drop("copy");
  }

  private static Dataset<Row> dataset(SparkSession spark, List<Utterance> utterances) {
    List<Row> rows = new ArrayList<>();
    for (Utterance utterance : utterances) {
      rows.add(RowFactory.create((long) rows.size(), utterance.steps, utterance.speaker));
    }
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static List<Utterance> read(Path file) throws IOException {
    List<Utterance> utterances = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank() || line.startsWith("#") || line.startsWith("@")) {
        continue;
      }
      String[] fields = line.split(":");
      float[][] steps = new float[fields[0].split(",").length][COEFFICIENTS];
      for (int i = 0; i < COEFFICIENTS; i++) {
        String[] numbers = fields[i].split(",");
        for (int t = 0; t < numbers.length; t++) {
          steps[t][i] = Float.parseFloat(numbers[t]);
        }
      }
      utterances.add(new Utterance(steps, Integer.parseInt(fields[COEFFICIENTS].strip()) - 1));
    }
    return utterances;
  }

  /** Makes mean 0 and standard deviation 1 of each coefficient, as measured in training data. */
  private static void standardise(List<Utterance> train, List<Utterance> test) {
    for (int i = 0; i < COEFFICIENTS; i++) {
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (Utterance utterance : train) {
        for (float[] step : utterance.steps) {
          sum += step[i];
          squares += step[i] * step[i];
          count++;
        }
      }
      double mean = sum / count;
      double deviation = Math.sqrt(squares / count - mean * mean);
      for (List<Utterance> set : List.of(train, test)) {
        for (Utterance utterance : set) {
          for (float[] step : utterance.steps) {
            step[i] = (float) ((step[i] - mean) / deviation);
          }
        }
      }
    }
  }
}
