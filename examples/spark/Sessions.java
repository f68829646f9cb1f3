package spark;

import org.apache.spark.sql.SparkSession;

/** Sessions of the examples. */
public final class Sessions {
  private Sessions() {}

  /**
   * A session whose driver is on this machine, without Spark's pages.
   *
   * @param master Spark's master
   * @return its builder
   */
  public static SparkSession.Builder local(String master) {
    return SparkSession.builder()
        .master(master)
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1");
  }
}
