package kazoku;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link HostileCases} in a JVM of their own, which may hang or crash without harm to others.
 */
class HostileTest {
  private static final int SECONDS = 240;

  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicTest> allCases() throws Exception {
    List<String> names = List.copyOf(HostileCases.ALL.keySet());
    String output = run(names);
    return names.stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name, () -> assertThat(output).contains("passed " + name + "\n")));
  }

  private static String run(List<String> names) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HostileCases.class.getName()));
    command.addAll(names);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    return Files.readString(output).replace("\r\n", "\n")
        + (ended ? "" : "\nkilled after " + SECONDS + " s");
  }
}
