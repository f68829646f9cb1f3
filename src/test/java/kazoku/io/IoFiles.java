package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.data.Offset;

/** Files that other libraries wrote. */
final class IoFiles {
  private static final Offset<Float> CLOSE = Offset.offset(1e-5f);

  private IoFiles() {}

  static Path path(String name) {
    try {
      return Path.of(IoFiles.class.getResource("/io/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(path(name).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Outputs of all rows and steps, to 1e-5. */
  static void requireEqual(float[][][] actual, float[][][] expected) {
    assertThat(actual.length).isEqualTo(expected.length);
    for (int row = 0; row < expected.length; row++) {
      assertThat(actual[row].length).as("steps of row %d", row).isEqualTo(expected[row].length);
      for (int t = 0; t < expected[row].length; t++) {
        assertThat(actual[row][t])
            .as("row %d, step %d", row, t)
            .containsExactly(expected[row][t], CLOSE);
      }
    }
  }

  /** All arrays of a file, exactly: shapes, and values as Python prints them. */
  static void requireEqual(Tensors actual, JsonNode expected) {
    for (Map.Entry<String, JsonNode> each : expected.properties()) {
      Values values = actual.values(each.getKey());
      JsonNode shape = each.getValue().get("shape");
      JsonNode numbers = each.getValue().get("values");
      float[] floats = new float[numbers.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = number(numbers.get(i).asText());
      }
      assertThat(values.shape().asArray())
          .as(each.getKey())
          .isEqualTo(new ObjectMapper().convertValue(shape, long[].class));
      assertThat(values.numbers()).as(each.getKey()).isEqualTo(floats);
    }
  }

  private static float number(String python) {
    return switch (python) {
      case "True" -> 1;
      case "False" -> 0;
      case "inf" -> Float.POSITIVE_INFINITY;
      default -> (float) Double.parseDouble(python);
    };
  }
}
