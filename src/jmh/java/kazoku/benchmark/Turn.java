package kazoku.benchmark;

import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A library that is ready for a case, and has been found to compute what the others do. */
@State(Scope.Benchmark)
public class Turn {
  /** The case's name. */
  @Param("training LSTMCell 32x100x64x128")
  public String name;

  /** Whose turn it is. */
  @Param("KAZOKU")
  public Library library;

  /** How many threads it has. */
  @Param("2")
  public int threads;

  /** Where results and exported models are. */
  @Param("target/benchmarks")
  public String folder;

  private Peer peer;

  /** Makes it ready. */
  @Setup(Level.Trial)
  public void ready() throws Exception {
    Case what = Case.of(name);
    Path place = Path.of(folder);
    peer = library.ready(what, threads, place);
    Agreement.check(place, what, library.title(), peer.results(), library.tolerance());
  }

  /** Does the work once. */
  void run() throws Exception {
    peer.run();
  }

  /** Lets go of its memory. */
  @TearDown(Level.Trial)
  public void close() {
    peer.close();
  }
}
