package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import kazoku.Fuzz;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;

/** Folders of a training that somebody has damaged, or forged with sums that are right. */
class SavedFuzzTest {
  @TempDir(factory = Fuzz.Memory.class)
  Path folder;

  @BeforeEach
  void aTraining() throws IOException {
    Scores scores = new Scores(0.5, "accuracy", 0.75, Map.of("f1", 0.5));
    History history =
        new History(
            List.of(
                new History.Epoch(1, scores, scores, 1e-3),
                new History.Epoch(2, scores, scores, 1e-4)));
    Saved.write(
        folder,
        Map.of("dense/W", Shape.of(3, 2)),
        prefix -> Files.write(prefix.resolveSibling("weights.index"), new byte[] {1, 2, 3}),
        Map.of(
            "epoch", "2",
            "pass over the data", "1",
            "batches of this pass", "7",
            "pass is over", "false",
            "batches learnt", "20"),
        history);
    read();
  }

  @Test
  void damagedSumsAreNoticed() throws IOException {
    Path sums = folder.resolve(Saved.SUMS);
    double refused =
        Fuzz.of("damaged: ", Files.readAllBytes(sums)).read(1, sums, damaged -> read());
    assertThat(refused).isGreaterThan(0.99);
  }

  /** What the sums are of is what they say. */
  @ParameterizedTest
  @ValueSource(strings = {"checkpoint.txt", "history.csv"})
  void forgedFilesAreReadOrRefused(String name) throws IOException {
    Path file = folder.resolve(name);
    Path sums = folder.resolve(Saved.SUMS);
    String others =
        Files.readString(sums, StandardCharsets.UTF_8).replaceAll("[0-9a-f]+  " + name + "\n", "");
    Fuzz fuzz = Fuzz.of("damaged: |Checkpoints: |Model: ", Files.readAllBytes(file));
    double refused =
        fuzz.read(
            2,
            damaged -> {
              try {
                Files.write(file, damaged);
                Files.writeString(sums, others + sum(damaged) + "  " + name + "\n");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              read();
            });
    assertThat(refused).isBetween(0.1, 0.99);
  }

  /** Sums are of files in the folder, and no others are looked at. */
  @Test
  void sumsOfOtherFilesAreRefused() throws IOException {
    Path other = Files.write(folder.resolveSibling(folder.getFileName() + ".txt"), new byte[] {7});
    Path sums = folder.resolve(Saved.SUMS);
    String before = Files.readString(sums);
    for (String name : List.of("../" + other.getFileName(), other.toString(), "a\0b", "..", ".")) {
      Files.writeString(sums, before + sum(new byte[] {7}) + "  " + name + "\n");
      assertThatThrownBy(this::read).as(name).hasMessageContaining(" is missing");
    }
    Files.delete(other);
  }

  private void read() {
    try {
      Saved saved = Saved.ofTraining(folder);
      assertThat(saved.history().epochs()).isNotEmpty();
      assertThat(Recorder.position(saved).taken()).isNotNegative();
      assertThat(Recorder.learnt(saved)).isNotNegative();
      saved.requireValues(Map.of("dense/W", Shape.of(3, 2)));
    } catch (Saved.Damage e) {
      throw new IllegalArgumentException("damaged: " + e.getMessage(), e);
    }
  }

  private static String sum(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
