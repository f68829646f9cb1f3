package kazoku.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Threads;

/** Counts {@link Kind#CALLERS}. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(Cases.CALLERS)
public class CallersBenchmark {

  /** One call of one thread. */
  @Benchmark
  public void callers(Turn turn) throws Exception {
    turn.run();
  }
}
