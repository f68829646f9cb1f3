package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nobody is missing from the README, from the field guide, or from the golden files. */
class CatalogueTest {

  @Test
  void theReadmeHasEveryCell() throws IOException {
    assertThat(ReadmeTable.written(Files.readString(Path.of("README.md"))))
        .as("write it anew: mvn -q test-compile exec:exec" + " -Dexample=kazoku.family.ReadmeTable")
        .isEqualTo(ReadmeTable.made());
  }

  @Test
  void theFieldGuideHasEveryCell() throws IOException {
    String guide =
        Files.readString(Path.of("src/main/java/kazoku/cells/package-info.java"))
            .replaceAll("\\s*\\*\\s*", " ");
    List<String> missing =
        Family.all().stream()
            .map(Class::getSimpleName)
            .filter(name -> !guide.contains("{@link kazoku.cells." + name + "}"))
            .toList();
    assertThat(missing).as("not in package-info of kazoku.cells").isEmpty();
  }

  @Test
  void everyGoldenFileBelongsToSomebody() throws IOException {
    Set<String> known =
        Stream.concat(Family.all().stream(), Family.allWrappers().stream())
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    known.addAll(List.of("Dense", "RNN"));
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      assertThat(files.map(f -> f.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(known);
    }
  }
}
