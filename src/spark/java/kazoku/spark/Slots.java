package kazoku.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kazoku.Checks;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * How many tasks can run at once at most, as far as the settings say. Where a barrier stage needs
 * more, Spark waits for minutes before it says so.
 *
 * @param number how many
 * @param why what says so
 */
record Slots(int number, String why) {
  private static final Pattern LOCAL = Pattern.compile("local(\\[(\\d+|\\*)(,\\s*\\d+)?])?");

  static Slots of(SparkContext spark) {
    SparkConf conf = spark.conf();
    int each = conf.getInt("spark.task.cpus", 1);
    Matcher local = LOCAL.matcher(spark.master());
    if (local.matches()) {
      return new Slots(cores(local.group(2)) / each, "master " + spark.master());
    }
    if (spark.master().startsWith("spark:") && conf.contains("spark.cores.max")) {
      int most = conf.getInt("spark.cores.max", Integer.MAX_VALUE);
      return new Slots(most / each, "spark.cores.max " + most);
    }
    return new Slots(Integer.MAX_VALUE, "");
  }

  private static int cores(String text) {
    if (text == null) {
      return 1;
    }
    return text.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(text);
  }

  void require(int workers) {
    Checks.require(
        workers <= number,
        "SparkTraining",
        "all workers must run at once, and with %s %d can at most; take fewer workers, or a larger cluster"
            .formatted(why, number),
        workers);
  }
}
