package kazoku.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import kazoku.OwnProcess;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Serving for long, with calls of all sizes, versions and streams that come and go. */
class SoakTest {
  private static final int THREADS = 4;

  /**
   * What malloc keeps of what was freed moves by some megabytes, most in the first hundred
   * versions.
   */
  private static final double MEGABYTES = 24;

  @Test
  void memoryStaysFlat() throws IOException, InterruptedException {
    List<String> said =
        OwnProcess.run(
            SoakTest.class,
            Toys.exported(Toys.perStep(), 1).toString(),
            Toys.exported(Toys.perStep(), 2).toString(),
            "1");
    List<String> lines = said.stream().filter(line -> line.startsWith("soak ")).toList();
    lines.forEach(System.out::println);
    assertThat(lines).hasSize(3);
    assertThat(lines)
        .allSatisfy(
            line -> assertThat(Double.parseDouble(line.split(" ")[1])).isLessThan(MEGABYTES));
  }

  /** Does something for a time. */
  private interface Work {
    void times(int count) throws Exception;
  }

  /**
   * Serves, and prints by how many megabytes the process grew, for calls, versions and streams.
   * Before it is measured, memory has found its size.
   *
   * @param args two versions of a model, and how long: 1 is the shortest
   * @throws Exception if something fails
   */
  public static void main(String[] args) throws Exception {
    Path[] versions = {Path.of(args[0]), Path.of(args[1])};
    int scale = Integer.parseInt(args[2]);
    Serving gathered = Serving.DEFAULT.batching(8, Duration.ZERO);
    // The same threads all the while: malloc keeps something for each.
    try (Threads threads = new Threads();
        Predictor alone = Predictor.load(versions[0]);
        Predictor together = Predictor.load(versions[0], gathered)) {
      soak("calls", 5_000, scale, count -> calls(threads, alone, together, count));
    }
    try (Threads threads = new Threads();
        Predictor predictor = Predictor.load(versions[0], gathered)) {
      Stream stream = predictor.streams().open();
      soak(
          "versions under load",
          20,
          scale,
          count -> swaps(threads, predictor, stream, versions, count));
    }
    Limits limits = new Limits(1_000, Duration.ofMinutes(1));
    try (Streams streams = Streams.load(versions[0], gathered, limits)) {
      soak("streams opened, fed and evicted", 2_500, scale, count -> streams(streams, count));
    }
  }

  private static void soak(String what, int count, int times, Work work) throws Exception {
    long before = 0;
    long begin = 0;
    for (int time = -Math.max(2, times / 4); time < times; time++) {
      if (time == 0) {
        before = memory();
        begin = System.nanoTime();
      }
      work.times(count);
    }
    double grown = (memory() - before) / 1e6;
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "soak %.1f MB more after %,d %s in %.0f s%n",
        grown,
        count * times,
        what,
        seconds);
  }

  private static long memory() {
    System.gc();
    return Pointer.physicalBytes();
  }

  /** Of several threads, to both: one row of 1 to 30 steps, mostly of few, and now and then 20. */
  private static void calls(Threads threads, Predictor alone, Predictor together, int count)
      throws Exception {
    for (int thread = 0; thread < THREADS; thread++) {
      Random random = new Random(thread);
      threads.start(
          () -> {
            for (int call = 0; call < count / THREADS; call++) {
              Predictor predictor = call % 2 == 0 ? alone : together;
              int longest = 1 + (int) (30 * Math.pow(random.nextDouble(), 4));
              int rows = call % 50 == 0 ? 20 : 1;
              predictor.predictSteps(Toys.rows(rows, longest, random.nextLong()));
            }
            return null;
          });
    }
    threads.join();
  }

  private static void swaps(
      Threads threads, Predictor predictor, Stream stream, Path[] versions, int count)
      throws Exception {
    threads.start(
        () -> {
          for (int swap = 0; swap < count; swap++) {
            predictor.swap(versions[swap % 2]);
          }
          return null;
        });
    threads.start(
        () -> {
          for (int call = 0; call < count * 10; call++) {
            float[][] steps = Toys.steps(1 + call % 9, call);
            predictor.predictSteps(steps);
            stream.feed(steps[0]);
          }
          return null;
        });
    threads.join();
  }

  /** More than are kept, each fed alone and together with others, saved and restored. */
  private static void streams(Streams streams, int count) {
    List<Stream> some = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      Stream stream = streams.open();
      float[] x = Toys.steps(1, number)[0];
      stream.feed(x);
      some.add(streams.restore(stream.save()));
      if (some.size() == 50) {
        float[][] each = IntStream.range(0, 50).mapToObj(i -> x).toArray(float[][]::new);
        streams.feedAll(some, each);
        some.clear();
      }
    }
  }
}
