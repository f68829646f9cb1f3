package kazoku.spark;

import java.util.Iterator;
import java.util.List;
import kazoku.Checks;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/** Deals rows to workers: to each a stretch of them, in the order of the Dataset. */
final class Dealing {
  private Dealing() {}

  /**
   * The rows of each worker.
   *
   * @param what is dealt, for people
   * @param data where they are
   * @param columns what is needed of them
   * @param workers how many partitions there will be
   * @return the rows, a partition for each worker
   */
  static JavaRDD<Row> rows(String what, Dataset<Row> data, Columns columns, int workers) {
    JavaRDD<Row> given = needed(data, columns).toJavaRDD();
    List<Long> counts = given.mapPartitions(rows -> List.of(count(rows)).iterator()).collect();
    long[] first = new long[counts.size() + 1];
    for (int part = 0; part < counts.size(); part++) {
      first[part + 1] = first[part] + counts.get(part);
    }
    long total = first[counts.size()];
    Checks.require(
        total >= workers,
        "SparkTraining",
        "%s must have at least one row for each of the %d workers".formatted(what, workers),
        total);
    JavaRDD<Tuple2<Long, Row>> numbered =
        given.mapPartitionsWithIndex((part, rows) -> numbered(rows, first[part]), false);
    return JavaPairRDD.fromJavaRDD(numbered)
        .repartitionAndSortWithinPartitions(new Stretches(total, workers))
        .values();
  }

  static Dataset<Row> needed(Dataset<Row> data, Columns columns) {
    return data.select(
        columns.names().stream()
            .map(name -> data.col("`" + name.replace("`", "``") + "`")) // It may have a dot.
            .toArray(Column[]::new));
  }

  private static long count(Iterator<Row> rows) {
    long count = 0;
    for (; rows.hasNext(); rows.next()) {
      count++;
    }
    return count;
  }

  private static Iterator<Tuple2<Long, Row>> numbered(Iterator<Row> rows, long first) {
    return new Iterator<>() {
      private long next = first;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Tuple2<Long, Row> next() {
        return new Tuple2<>(next++, rows.next());
      }
    };
  }

  /** Which worker has the row of a number. */
  private static final class Stretches extends Partitioner {
    private static final long serialVersionUID = 1;
    private final long rows;
    private final int workers;

    Stretches(long rows, int workers) {
      this.rows = rows;
      this.workers = workers;
    }

    @Override
    public int numPartitions() {
      return workers;
    }

    @Override
    public int getPartition(Object number) {
      return (int) ((long) number * workers / rows);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Stretches same && same.rows == rows && same.workers == workers;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(rows) * 31 + workers;
    }
  }
}
