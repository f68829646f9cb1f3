package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings in processes of their own that end without warning; {@code -Dkazoku.kills=200} for more
 * than the 20 of an ordinary run.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class KilledTrainingTest {
  private static final int KILLS = Integer.getInteger("kazoku.kills", 20);
  private static final int EPOCHS = 3 * KILLS;

  @TempDir private Path folder;

  private Path run() {
    return folder.resolve("run");
  }

  private Process start(Path where, int epochs, String before) throws IOException {
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            Everything.class.getName(),
            where.toString(),
            String.valueOf(epochs),
            folder.resolve("bits").toString());
    List<String> command = new ArrayList<>(List.of("bash", "-c", before + "exec \"$0\" \"$@\""));
    command.addAll(java);
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private void awaitTraining(Process process) throws IOException, InterruptedException {
    await(process, () -> Files.size(folder.resolve("out")) > 0);
  }

  private List<String> finish(Path where, int epochs) throws IOException, InterruptedException {
    Process process = start(where, epochs, "");
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(folder.resolve("err"))).doesNotContain("Checkpoints", "Exception");
    assertThat(process.exitValue()).isZero();
    return Files.readAllLines(folder.resolve("bits"));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Process process, Condition condition)
      throws IOException, InterruptedException {
    while (process.isAlive() && !condition.holds()) {
      TimeUnit.MICROSECONDS.sleep(100);
    }
  }

  private List<Path> aside() throws IOException {
    return list(".aside");
  }

  private List<Path> epochs() throws IOException {
    return list("epoch-");
  }

  private List<Path> list(String prefix) throws IOException {
    try (Stream<Path> all = Files.exists(run()) ? Files.list(run()) : Stream.empty()) {
      return all.filter(path -> path.getFileName().toString().startsWith(prefix)).sorted().toList();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aTrainingThatIsKilledAgainAndAgainGivesWhatAnUndisturbedOneGives()
      throws IOException, InterruptedException {
    Random random = new Random(KILLS);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3L * KILLS);
    int inTheMiddleOfWriting = 0;
    int kills = 0;
    boolean over = false;
    while (kills < KILLS && !over && (kills < 6 || System.nanoTime() < end)) {
      Process process = start(run(), EPOCHS, "");
      awaitTraining(process);
      List<Path> before = epochs();
      switch (kills % 4) {
        case 0 -> Thread.sleep(random.nextInt(1000));
        case 1, 2 -> await(process, () -> !aside().isEmpty());
        default -> await(process, () -> !epochs().equals(before));
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(kills % 2 == 0 ? 20_000 : 200_000));
      process.destroyForcibly().waitFor();
      assertThat(Files.readString(folder.resolve("err")))
          .doesNotContain("Checkpoints", "Exception");
      over = process.exitValue() == 0;
      kills += over ? 0 : 1;
      inTheMiddleOfWriting += aside().isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "killed %d times, %d of them while it wrote; then at %s of %d%n",
        kills, inTheMiddleOfWriting, new Checkpoints(run(), 1, null, true).newest(), EPOCHS);
    assertThat(inTheMiddleOfWriting).isPositive();
    List<String> killed = finish(run(), EPOCHS);
    assertThat(aside()).isEmpty();
    assertThat(killed).isEqualTo(finish(folder.resolve("undisturbed"), EPOCHS));
  }

  /** The shell's limit is what a full disk is: no file may be larger than 1 KiB. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFullDiskEndsATrainingThatGoesOnLater() throws IOException, InterruptedException {
    finish(run(), 3);
    Process full = start(run(), 6, "ulimit -f 1; ");
    assertThat(full.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(full.exitValue()).isOne();
    assertThat(Files.readString(folder.resolve("err")))
        .contains("UncheckedIOException: Checkpoints: cannot write", "epoch-00004");
    assertThat(aside()).isEmpty();
    assertThat(finish(run(), 6)).isEqualTo(finish(folder.resolve("undisturbed"), 6));
  }
}
