package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kazoku.Fuzz;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts beside a SavedModel that somebody has damaged or forged. */
class AssetsFuzzTest {
  @TempDir(factory = Fuzz.Memory.class)
  Path folder;

  private Path assets;

  @BeforeEach
  void aFolder() throws IOException {
    assets = Files.createDirectories(folder.resolve("model/assets"));
  }

  @Test
  void damagedTextsAreReadOrRefused() throws IOException {
    byte[] text = "the\nof\nЯсная Поляна\n家族\n𝄞 clef\n".getBytes(StandardCharsets.UTF_8);
    Path file = assets.resolve("vocabulary.txt");
    double refused =
        Fuzz.of("Assets: ", text).read(5, file, path -> Assets.of(model()).vocabulary());
    assertThat(refused).isBetween(0.05, 0.95);
  }

  @Test
  void nothingOutsideTheFolderIsRead() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret.txt"), "secret");
    Files.createSymbolicLink(assets.resolve("linked.txt"), secret);
    Files.createDirectory(assets.resolve("folder.txt"));
    assertThat(Assets.of(model()).names()).isEmpty();
    for (String name : new String[] {"linked", "folder", "../../secret", "/secret", "", "a\0b"}) {
      assertThatThrownBy(() -> Assets.of(model()).lines(name))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Assets: ");
    }
  }

  private Path model() {
    return folder.resolve("model");
  }
}
