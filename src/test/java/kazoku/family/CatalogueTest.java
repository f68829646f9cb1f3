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
import kazoku.Cell;
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
  void theFieldGuidesHaveEveryCellAndEveryWrapper() throws IOException {
    assertThat(missing("cells", Family.all())).as("not in package-info of kazoku.cells").isEmpty();
    assertThat(missing("wrap", Family.allWrappers()))
        .as("not in package-info of kazoku.wrap")
        .isEmpty();
  }

  private static List<String> missing(String folder, List<Class<? extends Cell>> all)
      throws IOException {
    String guide =
        Files.readString(Path.of("src/main/java/kazoku/" + folder + "/package-info.java"))
            .replaceAll("\\s*\\*\\s*", " ");
    return all.stream()
        .map(Class::getName)
        .filter(name -> !guide.contains("{@link " + name + "}"))
        .toList();
  }

  @Test
  void everyGoldenFileBelongsToSomebody() throws IOException {
    Set<String> known =
        Stream.concat(Family.all().stream(), Family.allWrappers().stream())
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    known.addAll(List.of("Dense", "RNN"));
    known.addAll(StructureGoldenTest.MAKERS.keySet());
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      assertThat(files.map(f -> f.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(known);
    }
  }
}
