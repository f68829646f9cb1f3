package spark;

import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Try. */
public final class ScoringExample {
  private ScoringExample() {}

  /** Runs. */
  public static void main(String[] args) {
    try (SparkSession spark =
        SparkSession.builder().master("local[2]").appName("x").getOrCreate()) {
      System.out.println(
          spark.createDataset(List.of(1, 2, 3), Encoders.INT()).filter("value > 1").count());
    }
  }
}
