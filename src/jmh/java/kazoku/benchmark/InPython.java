package kazoku.benchmark;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A library in a Python of its own: a turn of {@code peers.py}.
 *
 * @param python of the environment that the script has made
 * @param title what the script calls the library
 */
record InPython(String python, String title) implements Contender {
  private static final String SCRIPT = Path.of("src", "jmh", "python", "peers.py").toString();
  private static final int MINUTES_TO_INSTALL = 45;

  /** The Python that has the libraries; they are installed if they are not there. */
  static String environment() throws IOException, InterruptedException {
    return run(MINUTES_TO_INSTALL, "python3", "--environment").get(0);
  }

  /** Those that do a case. */
  static List<InPython> of(String python, Case what) throws IOException, InterruptedException {
    return run(1, python, "--list", what.toString()).stream()
        .map(title -> new InPython(python, title))
        .toList();
  }

  @Override
  public Result turn(Case what, Settings settings) throws Exception {
    List<String> lines =
        run(
            5,
            python,
            "--turn",
            what.toString(),
            title,
            "--threads",
            Integer.toString(settings.threads()),
            "--warm-up",
            String.format(Locale.ROOT, "%f", settings.warmUpSeconds()),
            "--seconds",
            String.format(Locale.ROOT, "%f", settings.seconds()),
            "--folder",
            settings.folder().toString());
    return Result.read(new StringReader(lines.get(lines.size() - 1))).get(0);
  }

  /** What the script prints. */
  private static List<String> run(int minutes, String python, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(python, SCRIPT));
    command.addAll(List.of(args));
    Path said = Files.createTempFile("peers", ".txt");
    Path log = Files.createTempFile("peers", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(said.toFile())
              .redirectError(log.toFile())
              .start();
      if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + Files.readString(log));
      }
      return Files.readAllLines(said);
    } finally {
      Files.delete(said);
      Files.delete(log);
    }
  }
}
