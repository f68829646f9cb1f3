package kazoku.benchmark;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * A library in a JVM of its own: a fork of JMH, or a {@link FreshProcess}.
 *
 * @param library the library
 */
record InJvm(Library library) implements Contender {

  @Override
  public String title() {
    return library.title();
  }

  @Override
  public Result turn(Case what, Settings settings) throws Exception {
    double[] best = what.kind().needsProcess() ? once(what, settings) : many(what, settings);
    return new Result(
        what.toString(), title(), library.version(), settings.threads(), best[0], best[1]);
  }

  private double[] once(Case what, Settings settings) throws Exception {
    if (what.kind() == Kind.START) {
      FreshProcess.measure(what, library, settings); // The first one also exports the model.
    }
    double measured = FreshProcess.measure(what, library, settings);
    return new double[] {measured, measured};
  }

  /** The best and the median. */
  private double[] many(Case what, Settings settings) throws RunnerException {
    Statistics times =
        new Runner(
                new OptionsBuilder()
                    .include("\\." + benchmark(what.kind()).getSimpleName() + "\\.")
                    .param("name", what.toString())
                    .param("library", library.name())
                    .param("threads", Integer.toString(settings.threads()))
                    .param("folder", settings.folder().toString())
                    .forks(1)
                    .threads(what.callers())
                    .warmupIterations(1)
                    .warmupTime(time(settings.warmUpSeconds()))
                    .measurementIterations(what.kind().isRate() ? 3 : 1)
                    .measurementTime(time(settings.seconds() / (what.kind().isRate() ? 3 : 1)))
                    .shouldFailOnError(true)
                    .output(settings.folder().resolve("log.txt").toString())
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run()
            .iterator()
            .next()
            .getPrimaryResult()
            .getStatistics();
    return new double[] {
      what.kind().isRate() ? times.getMax() : times.getMin(), times.getPercentile(50)
    };
  }

  private static TimeValue time(double seconds) {
    return TimeValue.milliseconds(Math.round(seconds * 1000));
  }

  private static Class<?> benchmark(Kind kind) {
    return switch (kind) {
      case TRAINING -> TrainingBenchmark.class;
      case INFERENCE -> InferenceBenchmark.class;
      case STEP -> StepBenchmark.class;
      case CALLERS, STREAMS -> CallersBenchmark.class;
      case START, FIRST, MEMORY ->
          throw new IllegalArgumentException("InJvm: " + kind + " needs a process");
    };
  }
}
