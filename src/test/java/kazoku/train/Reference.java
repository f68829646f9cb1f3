package kazoku.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Numbers that other libraries computed, in src/test/resources/training. */
final class Reference {
  private Reference() {}

  static JsonNode read(String file) {
    try (InputStream in = Reference.class.getResourceAsStream("/training/" + file)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static double[] doubles(JsonNode node) {
    JsonNode values = node.has("values") ? node.get("values") : node;
    return IntStream.range(0, values.size()).mapToDouble(i -> values.get(i).asDouble()).toArray();
  }

  static int[] ints(JsonNode node) {
    JsonNode values = node.has("values") ? node.get("values") : node;
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }

  /** A matrix, of some rows of a number of columns. */
  static float[][] matrix(JsonNode node, int columns) {
    double[] all = doubles(node);
    float[][] matrix = new float[all.length / columns][columns];
    for (int i = 0; i < all.length; i++) {
      matrix[i / columns][i % columns] = (float) all[i];
    }
    return matrix;
  }

  /** Sequences, of the first steps of each row. */
  static float[][][] sequences(JsonNode node, int[] lengths) {
    int steps = node.get("shape").get(1).asInt();
    float[][] all = matrix(node, node.get("shape").get(2).asInt());
    return IntStream.range(0, lengths.length)
        .mapToObj(
            row ->
                IntStream.range(0, lengths[row])
                    .mapToObj(t -> all[row * steps + t])
                    .toArray(float[][]::new))
        .toArray(float[][][]::new);
  }

  /** Labels of the first steps of each row. */
  static int[][] labels(JsonNode node, int[] lengths) {
    int[] all = Reference.ints(node);
    int steps = all.length / lengths.length;
    int[][] labels = new int[lengths.length][];
    for (int row = 0; row < lengths.length; row++) {
      labels[row] = Arrays.copyOfRange(all, row * steps, row * steps + lengths[row]);
    }
    return labels;
  }
}
