package kazoku.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import kazoku.Checks;
import kazoku.train.History;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.BarrierTaskInfo;
import org.apache.spark.SparkEnv;
import org.apache.spark.shuffle.FetchFailedException;
import org.apache.spark.sql.Row;
import scala.runtime.AbstractFunction1;

/** What each task of the barrier stage does: it is one worker, from its rows to its ending. */
final class TrainingTask
    extends AbstractFunction1<
        scala.collection.Iterator<TrainingTask.Share>, scala.collection.Iterator<byte[]>>
    implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int ROWS_AT_ONCE = 1000;

  private final Columns columns;
  private final SparkTraining.ModelSupplier model;
  private final SparkTraining.Lesson lesson;

  /**
   * What a worker is dealt; within its task alone.
   *
   * @param rows what it learns from
   * @param validation what is held out; null if nothing is
   */
  record Share(Iterator<Row> rows, Iterator<Row> validation) {}

  TrainingTask(Columns columns, SparkTraining.ModelSupplier model, SparkTraining.Lesson lesson) {
    this.columns = columns;
    this.model = model;
    this.lesson = lesson;
  }

  @Override
  public scala.collection.Iterator<byte[]> apply(scala.collection.Iterator<Share> shares) {
    BarrierTaskContext context = BarrierTaskContext.get();
    BarrierTaskInfo[] tasks = context.getTaskInfos();
    int rank = context.partitionId();
    threads(tasks, tasks[rank], context.cpus());
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    try (Ring ring =
        Ring.join(rank, tasks.length, host, context::allGather, context::isInterrupted)) {
      return scala.collection.Iterator.single(run(ring, shares.next(), context).bytes());
    }
  }

  /** As many threads as Spark has given cores to the workers in this process. */
  private static void threads(BarrierTaskInfo[] tasks, BarrierTaskInfo mine, int cores) {
    long here = Arrays.stream(tasks).filter(task -> task.address().equals(mine.address())).count();
    TensorFlowThreads.limit(Math.toIntExact(here * cores));
  }

  /**
   * What goes wrong in the lesson is told, and ends the job. What Spark can do again is thrown, and
   * Spark does it again: a worker that is gone, rows that are gone.
   */
  private Ending run(Ring ring, Share share, BarrierTaskContext context) {
    try {
      return learn(ring, share);
    } catch (Exception | LinkageError e) {
      if (ring.lost() || context.isInterrupted() || e instanceof FetchFailedException) {
        throw e;
      }
      if (ring.failedElsewhere()) {
        return Ending.silent(ring.rank());
      }
      Ending.Failure failure = Ending.Failure.of(e);
      ring.fail(failure.sentence());
      return Ending.badly(ring.rank(), failure);
    }
  }

  private Ending learn(Ring ring, Share share) {
    Sequences validation = share.validation() == null ? null : read(share.validation());
    Worker worker = new Worker(ring, read(share.rows()), validation);
    try (Model fresh = model.get()) {
      History history = lesson.fit(fresh, worker);
      Checks.given("SparkTraining", "the history that the lesson returns", history);
      Checks.require(
          worker.hasGathered() || worker.count() == 1,
          "SparkTraining",
          "the lesson must train together with the other workers, epochs.together(worker)",
          "a training of one's own");
      ring.end(new byte[0]);
      return ring.rank() == 0 ? Ending.well(0, history, fresh) : Ending.silent(ring.rank());
    }
  }

  private Sequences read(Iterator<Row> rows) {
    List<Sequences> portions = new ArrayList<>();
    List<Row> some = new ArrayList<>();
    while (rows.hasNext()) {
      some.add(rows.next());
      if (some.size() == ROWS_AT_ONCE || !rows.hasNext()) {
        portions.add(columns.read(some));
        some.clear();
      }
    }
    return Sequences.concat(portions);
  }
}
