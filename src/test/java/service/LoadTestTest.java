package service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import kazoku.train.Assets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class LoadTestTest {

  @Test
  void theModelOfSpeakersIsServedAndMeasured(@TempDir Path folder) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream console = System.out;
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      SpeakerModel.export(folder.resolve("1"), 1, 1);
      String model = folder.toString();
      assertThat(run("--seconds=0.2", "--rounds=1", "--callers=4", "--streams=5", model)).isZero();
      assertThat(run("--callers=1000")).isEqualTo(CommandLine.ExitCode.USAGE);
    } finally {
      System.setOut(console);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.matches("test: loss .*, accuracy 0\\.[5-9].*"))
        .anyMatch(line -> line.matches("4 callers, each a run +[1-9]\\d*( +[0-9.]+){4} +0"))
        .anyMatch(line -> line.matches("4 callers, up to 32 a run +[1-9]\\d*( +[0-9.]+){4} +0"))
        .anyMatch(line -> line.matches("5 streams, steps +[1-9]\\d*( +[0-9.]+){4} +0"));
    assertThat(Assets.of(folder.resolve("1")).labels()).hasSize(9).startsWith("speaker 1");
    assertThat(Assets.of(folder.resolve("1")).lines("examples")).hasSize(36);
  }

  private static int run(String... args) {
    return new CommandLine(new LoadTest()).execute(args);
  }
}
