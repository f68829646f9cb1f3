package kazoku.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A golden file: float64 numbers that something other than this library computed. Read from the
 * class path, or from the folder that {@code -Dkazoku.golden} names.
 */
record Golden(String name, List<Case> cases) {

  /** Values in row-major order. */
  record Values(long[] shape, double[] values) {

    /** Each value moved by some part of a distance. */
    Values moved(double distance) {
      double[] moved = values.clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += distance * Math.cos(2.1 * i + values.length);
      }
      return new Values(shape, moved);
    }

    /** With one column more. */
    Values besideColumn(double[] column) {
      long[] wider = shape.clone();
      int width = (int) ++wider[wider.length - 1];
      double[] all = new double[column.length * width];
      for (int i = 0; i < all.length; i++) {
        int row = i / width;
        all[i] = i % width == width - 1 ? column[row] : values[i - row];
      }
      return new Values(wider, all);
    }

    static Values of(JsonNode node) {
      return new Values(
          doubles(node.get("shape")).length == 0 ? new long[0] : longs(node.get("shape")),
          doubles(node.get("values")));
    }

    private static long[] longs(JsonNode node) {
      long[] all = new long[node.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = node.get(i).asLong();
      }
      return all;
    }

    private static double[] doubles(JsonNode node) {
      double[] all = new double[node.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = node.get(i).asDouble();
      }
      return all;
    }
  }

  /** One configuration with its numbers. */
  record Case(
      String name,
      JsonNode config,
      Map<String, Values> weights,
      Values input,
      Map<String, Values> initialState,
      Values output,
      Map<String, Values> finalState,
      Map<String, Values> lossWeights,
      double loss,
      Map<String, Values> gradients) {

    /** Whether the numbers are those of training, with the masks and the noise that are given. */
    boolean training() {
      return config.path("training").asBoolean()
          || config.has("masks")
          || config.path("epsilon").isObject();
    }

    /** Where a wrapper's memory ends in each row; null where it is all of it. */
    int[] memoryLengths() {
      List<Integer> lengths = new ArrayList<>();
      config.path("memoryLengths").forEach(n -> lengths.add(n.asInt()));
      return lengths.isEmpty() ? null : lengths.stream().mapToInt(n -> n).toArray();
    }

    double[] gradient(String name) {
      return gradients.get(name).values();
    }
  }

  /** The first case that is not computed as in training. */
  Case evaluated() {
    return cases.stream().filter(c -> !c.config().path("training").asBoolean()).findFirst().get();
  }

  static Golden read(String name) {
    JsonNode file = json(name + ".json");
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : file.get("cases")) {
      JsonNode config = node.get("config");
      Values input = Values.of(node.get("input"));
      Map<String, Values> gradients = all(node.get("gradients"));
      if (config.has("reset")) {
        Values reset = Values.of(config.get("reset"));
        input = input.besideColumn(reset.values());
        gradients.computeIfPresent(
            "input", (n, g) -> g.besideColumn(new double[reset.values().length]));
      }
      cases.add(
          new Case(
              node.get("name").asText(),
              config,
              all(node.get("weights")),
              input,
              all(node.get("initialState")),
              Values.of(node.get("output")),
              all(node.get("finalState")),
              all(node.get("lossWeights")),
              Values.of(node.get("loss")).values()[0],
              gradients));
    }
    return new Golden(name, cases);
  }

  private static Map<String, Values> all(JsonNode node) {
    Map<String, Values> all = new LinkedHashMap<>();
    node.fields().forEachRemaining(e -> all.put(e.getKey(), Values.of(e.getValue())));
    return all;
  }

  private static JsonNode json(String file) {
    String folder = System.getProperty("kazoku.golden", "");
    try (InputStream in =
        folder.isBlank()
            ? Golden.class.getResourceAsStream("/golden/" + file)
            : Files.newInputStream(Path.of(folder, file))) {
      if (in == null) {
        throw new AssertionError("src/test/resources/golden/" + file + ": missing golden file");
      }
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("missing golden file " + folder + "/" + file, e);
    }
  }
}
