package kazoku.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An implementation by others that the golden numbers of a cell were compared with.
 *
 * @param library its name and version
 * @param cases the modes that were compared
 * @param what which of the results
 * @param difference the largest absolute difference
 */
record Agreement(String library, Set<String> cases, Set<String> what, double difference) {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** All of them for a cell, in the order of its golden file. */
  static List<Agreement> of(Class<?> cell) {
    JsonNode file;
    try {
      file = JSON.readTree(GOLDEN.resolve(cell.getSimpleName() + ".json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Agreement> all = new LinkedHashMap<>();
    for (JsonNode check : file.get("checkedAgainst")) {
      String library = check.get("library").asText();
      Agreement agreement =
          all.computeIfAbsent(
              library,
              name -> new Agreement(name, new LinkedHashSet<>(), new LinkedHashSet<>(), 0));
      agreement.cases.add(check.get("case").asText());
      agreement.what.add(check.get("what").asText());
      double difference = Math.max(agreement.difference, check.get("maxAbsDifference").asDouble());
      all.put(library, new Agreement(library, agreement.cases, agreement.what, difference));
    }
    return new ArrayList<>(all.values());
  }
}
