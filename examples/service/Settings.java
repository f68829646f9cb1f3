package service;

import java.nio.file.Path;
import java.time.Duration;
import kazoku.serve.Limits;
import kazoku.serve.Serving;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What can be set when the service is started: the model, the address, and limits. */
final class Settings {
  static final int CORES = Runtime.getRuntime().availableProcessors();

  @Parameters(
      arity = "0..1",
      paramLabel = "FOLDER",
      description = {
        "A SavedModel, or a folder of versions 1, 2, …, the newest of which is served.",
        "Without it, a model of speakers is trained and served (some seconds)."
      })
  Path folder;

  @Option(names = "--name", description = "The model's name in addresses (${DEFAULT-VALUE}).")
  String name = "model";

  @Option(names = "--host", description = "Where it listens (${DEFAULT-VALUE}).")
  String host = "127.0.0.1";

  @Option(names = "--port", description = "0 for any that is free (${DEFAULT-VALUE}).")
  int port = 8080;

  @Option(
      names = "--batch",
      description = "How many calls of one sequence may share a run; 1: none (${DEFAULT-VALUE}).")
  int batch = 32;

  @Option(
      names = "--batch-wait",
      description = "Milliseconds that a call may wait for others (${DEFAULT-VALUE}).")
  int batchWait = 0;

  @Option(
      names = "--queue",
      description = "How many calls may wait; one more is refused (${DEFAULT-VALUE}).")
  int queue = 128;

  @Option(names = "--timeout", description = "Seconds for a call (${DEFAULT-VALUE}).")
  double timeout = 10;

  @Option(names = "--max-body", description = "Bytes of a request's body (${DEFAULT-VALUE}).")
  int maxBody = 1 << 20;

  @Option(names = "--max-sequences", description = "Sequences of a call (${DEFAULT-VALUE}).")
  int maxSequences = 256;

  @Option(names = "--max-length", description = "Steps of a sequence (${DEFAULT-VALUE}).")
  int maxLength = 2000;

  @Option(
      names = "--max-steps",
      description = "Sequences of a call times the longest one's steps (${DEFAULT-VALUE}).")
  int maxSteps = 20_000;

  @Option(names = "--max-streams", description = "Streams that are open (${DEFAULT-VALUE}).")
  int maxStreams = 5000;

  @Option(
      names = "--stream-idle",
      description = "Seconds after which a stream that says nothing is closed (${DEFAULT-VALUE}).")
  int streamIdle = 60;

  @Option(
      names = "--max-message",
      description = "Bytes of a message of a stream (${DEFAULT-VALUE}).")
  int maxMessage = 1 << 16;

  @Option(
      names = "--max-pending",
      description = "Messages of a stream that wait for their answers (${DEFAULT-VALUE}).")
  int maxPending = 16;

  @Option(
      names = "--poll",
      description = "Seconds between looks for a newer version (${DEFAULT-VALUE}).")
  double poll = 2;

  @Option(
      names = "--drain",
      description = "Seconds for what is under way when it is stopped (${DEFAULT-VALUE}).")
  int drain = 10;

  /** What is set on a command line. */
  static Settings of(String... args) {
    Settings settings = CommandLine.populateCommand(new Settings(), args);
    settings.check(new CommandLine(settings));
    return settings;
  }

  /** Raises what cannot be. */
  void check(CommandLine command) {
    atLeast(command, "--port", 0, port);
    atLeast(command, "--batch", 1, batch);
    atLeast(command, "--batch-wait", 0, batchWait);
    atLeast(command, "--queue", 1, queue);
    atLeast(command, "--timeout", 0.01, timeout);
    atLeast(command, "--max-body", 1, maxBody);
    atLeast(command, "--max-sequences", 1, maxSequences);
    atLeast(command, "--max-length", 1, maxLength);
    atLeast(command, "--max-steps", 1, maxSteps);
    atLeast(command, "--max-streams", 1, maxStreams);
    atLeast(command, "--stream-idle", 1, streamIdle);
    atLeast(command, "--max-message", 1, maxMessage);
    atLeast(command, "--max-pending", 1, maxPending);
    atLeast(command, "--poll", 0.01, poll);
    atLeast(command, "--drain", 0, drain);
  }

  private static void atLeast(CommandLine command, String option, double least, double value) {
    if (!(value >= least)) {
      throw new ParameterException(
          command, "%s must be at least %s, got %s".formatted(option, shown(least), shown(value)));
    }
  }

  /** Whole numbers without a fraction. */
  static String shown(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  /** How long a call may take. */
  Duration limit() {
    return Duration.ofMillis(Math.round(timeout * 1000));
  }

  /**
   * Calls of one sequence wait for the run that they share, each on a thread of its own: as many as
   * fill a run for each core.
   */
  int threads() {
    return Math.min(256, CORES * batch);
  }

  /** Sequences of one call share runs with those of others. */
  Serving serving() {
    return Serving.DEFAULT.batching(batch, Duration.ofMillis(batchWait)).queue(threads() + queue);
  }

  /** Steps of many streams in one run. */
  Serving stepping() {
    return Serving.DEFAULT.batching(256, Duration.ZERO).queue(maxStreams);
  }

  /**
   * More than there can be: whoever comes is counted first, so that no stream is evicted for the
   * sake of another. A socket that restores a stream has two for a moment.
   */
  Limits limits() {
    return new Limits(2 * maxStreams + queue, Duration.ofSeconds(2L * streamIdle));
  }
}
