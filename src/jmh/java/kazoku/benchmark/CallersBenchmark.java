package kazoku.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** Counts {@link Kind#CALLERS} and {@link Kind#STREAMS}. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class CallersBenchmark {

  /** One call of one thread. */
  @Benchmark
  public void callers(Turn turn) throws Exception {
    turn.run();
  }
}
