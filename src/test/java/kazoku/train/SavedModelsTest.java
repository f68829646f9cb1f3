package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Python loads what is exported, and computes the same. It is done where Python has TensorFlow
 * 2.18: {@code python3}, or what {@code -Dkazoku.python} names.
 */
class SavedModelsTest {
  private static final String PYTHON = System.getProperty("kazoku.python", "python3");

  @Test
  @Timeout(900)
  void pythonComputesTheSame(@TempDir Path folder) throws Exception {
    String version = "import tensorflow as t; assert t.__version__.startswith('2.18.')";
    assumeTrue(
        run(folder.resolve("version"), 120, PYTHON, "-c", version) == 0,
        PYTHON
            + " cannot import TensorFlow 2.18: exports are not compared; name a Python that can,"
            + " -Dkazoku.python=…, or run src/test/python/io/saved_models.py");
    Path models = folder.resolve("models");
    SavedModels.write(models);
    Path table = folder.resolve("table");
    String script = Path.of("src/test/python/io/saved_models.py").toString();
    int code = run(table, 600, PYTHON, script, models.toString());
    String text = Files.readString(table);
    System.out.println(text);
    assertThat(code).as(text).isZero();
  }

  /** Gives the code with which it ends; −1 if there is no such command, or if it does not end. */
  private static int run(Path output, int seconds, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "2");
    builder.environment().put("CUDA_VISIBLE_DEVICES", "");
    try {
      Process process = builder.redirectOutput(output.toFile()).start();
      if (process.waitFor(seconds, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      process.destroyForcibly();
      return -1;
    } catch (IOException e) {
      return -1;
    }
  }
}
