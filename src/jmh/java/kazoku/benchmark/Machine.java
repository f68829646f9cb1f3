package kazoku.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What it was measured on. */
final class Machine {
  private Machine() {}

  /** The processor, its cores, the JVM, and what the environment says. */
  static String description() throws IOException {
    Path processor = Path.of("/proc/cpuinfo");
    String model =
        !Files.exists(processor)
            ? System.getProperty("os.arch")
            : Files.readAllLines(processor).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    String policy = System.getenv("OMP_WAIT_POLICY");
    return "\n%s, %d cores, %s; Java %s; TF_ENABLE_ONEDNN_OPTS=1%s.\n"
        .formatted(
            model,
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            Runtime.version().feature(),
            policy == null ? "" : ", OMP_WAIT_POLICY=" + policy);
  }
}
