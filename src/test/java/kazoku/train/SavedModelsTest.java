package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Python loads what is exported, and computes the same. It is done where {@code python3}, or what
 * {@code -Dkazoku.python} names, has TensorFlow 2.18, or where the script has made an environment
 * with it before. Where the environment variable CI is true, the script makes one if it can.
 */
class SavedModelsTest {
  private static final String PYTHON = System.getProperty("kazoku.python", "python3");
  private static final String SCRIPT = Path.of("src/test/python/io/saved_models.py").toString();

  @TempDir Path folder;

  @Test
  @Timeout(900)
  void pythonComputesTheSame() throws Exception {
    boolean make = Boolean.parseBoolean(System.getenv("CI"));
    Path models = folder.resolve("models");
    Run environment =
        make
            ? new Run("environment", PYTHON, SCRIPT, "--environment")
            : new Run("environment", PYTHON, SCRIPT, "--environment", "--existing");
    if (make) {
      SavedModels.write(models); // meanwhile
    }
    String python = python(environment);
    if (!make) {
      SavedModels.write(models);
    }
    Run comparison = new Run("comparison", python, SCRIPT, models.toString());
    int code = comparison.await(300);
    System.out.println(comparison.text());
    assertThat(code).as(comparison.text()).isZero();
  }

  /** The last line that the script prints; skips the test if it has found none. */
  private static String python(Run environment) throws Exception {
    if (environment.await(330) == 0) {
      String[] lines = environment.text().strip().split("\\R");
      return lines[lines.length - 1];
    }
    String why = "exports are not compared with Python: " + environment.text().strip();
    System.out.println(why);
    return abort(why);
  }

  /** A process and what it says. */
  private final class Run {
    private final Path output;
    private final Process process;

    Run(String name, String... command) throws IOException {
      output = folder.resolve(name);
      ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
      process = started(builder.redirectOutput(output.toFile()));
    }

    private Process started(ProcessBuilder builder) throws IOException {
      try {
        return builder.start();
      } catch (IOException e) {
        return abort("exports are not compared with Python: " + e.getMessage());
      }
    }

    /** The code with which it ends; −1 if it does not. */
    int await(int seconds) throws InterruptedException {
      if (process.waitFor(seconds, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      return -1;
    }

    String text() throws IOException {
      return Files.readString(output);
    }
  }
}
