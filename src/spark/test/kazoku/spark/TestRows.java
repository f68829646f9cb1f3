package kazoku.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import spark.Sessions;

/** Datasets for tests, and what comes back. */
final class TestRows {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("steps", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType)))
          .add("name", DataTypes.StringType);

  private TestRows() {}

  /** A session in this process. */
  static SparkSession local(String master) {
    return Sessions.local(master).config("spark.sql.shuffle.partitions", 2).getOrCreate();
  }

  /** Rows of 1 to 9 steps of two numbers, in the order of their ids. */
  static Dataset<Row> of(SparkSession spark, int count, int partitions) {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      float[][] steps = new float[1 + random.nextInt(9)][2];
      for (float[] step : steps) {
        step[0] = (float) random.nextGaussian();
        step[1] = (float) random.nextGaussian();
      }
      rows.add(RowFactory.create((long) id, steps, "row " + id));
    }
    Dataset<Row> all = spark.createDataFrame(rows, SCHEMA).coalesce(1);
    return partitions == 1 ? all : all.repartition(partitions);
  }

  static float[] floats(Row row, String column) {
    return floats(row.<Float>getList(row.fieldIndex(column)));
  }

  static float[][] steps(Row row, String column) {
    return row.<scala.collection.Seq<Float>>getList(row.fieldIndex(column)).stream()
        .map(step -> floats(scala.jdk.javaapi.CollectionConverters.asJava(step)))
        .toArray(float[][]::new);
  }

  private static float[] floats(List<Float> numbers) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.get(i);
    }
    return floats;
  }
}
