package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/** A loaded model: plain arrays in and out. */
final class Served implements AutoCloseable {
  final SavedModelBundle bundle;

  Served(Path folder) {
    this(folder, Toys.config());
  }

  Served(Path folder, ConfigProto config) {
    bundle =
        SavedModelBundle.loader(folder.toString())
            .withTags(SavedModelBundle.DEFAULT_TAG)
            .withConfigProto(config)
            .load();
  }

  Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    bundle.signatures().forEach(signature -> keys.add(signature.key()));
    return keys;
  }

  Signature signature(String key) {
    return bundle.function(key).signature();
  }

  /** Leaves out what the signature does not ask for. */
  Map<String, Numbers> call(String key, Map<String, Numbers> given) {
    Map<String, Tensor> fed = new LinkedHashMap<>();
    for (String name : signature(key).inputNames()) {
      fed.put(name, given.get(name).tensor());
    }
    try (Result result = bundle.function(key).call(fed)) {
      Map<String, Numbers> answers = new LinkedHashMap<>();
      for (String name : signature(key).outputNames()) {
        answers.put(name, Numbers.of(result.get(name).orElseThrow()));
      }
      return answers;
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  float[] variable(String name) {
    try (Result result = bundle.session().runner().fetch(name).run()) {
      return Model.floats((TFloat32) result.get(0));
    }
  }

  String path(String key, Path path) {
    try (TString text = TString.scalarOf(path.toString());
        Result result = bundle.function(key).call(Map.of("checkpoint_path", text))) {
      return ((TString) result.get(0)).getObject();
    }
  }

  @Override
  public void close() {
    bundle.close();
  }

  /** A tensor of float32 or of whole numbers. */
  record Numbers(boolean whole, Shape shape, float[] values) {
    static Numbers of(Tensor tensor) {
      if (tensor instanceof TInt32 whole) {
        int[] values = new int[(int) whole.size()];
        whole.copyTo(DataBuffers.of(values, false, false));
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          floats[i] = values[i];
        }
        return new Numbers(true, whole.shape(), floats);
      }
      return new Numbers(false, tensor.shape(), Model.floats((TFloat32) tensor));
    }

    static Numbers whole(int... values) {
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = values[i];
      }
      return new Numbers(true, Shape.of(values.length), floats);
    }

    /** Padded with rubbish that has no meaning. */
    static Numbers padded(float[][][] rows) {
      int steps = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
      int size = rows[0][0].length;
      float[] values = new float[rows.length * steps * size];
      for (int row = 0; row < rows.length; row++) {
        for (int t = 0; t < rows[row].length; t++) {
          System.arraycopy(rows[row][t], 0, values, (row * steps + t) * size, size);
        }
      }
      return new Numbers(false, Shape.of(rows.length, steps, size), values);
    }

    Numbers rows(int from, int to) {
      int size = values.length / (int) shape.get(0);
      long[] sizes = shape.asArray();
      sizes[0] = to - from;
      return new Numbers(
          whole, Shape.of(sizes), Arrays.copyOfRange(values, from * size, to * size));
    }

    Numbers steps(int from, int to) {
      int rows = (int) shape.get(0);
      int steps = (int) shape.get(1);
      int size = values.length / rows / steps;
      float[] some = new float[rows * (to - from) * size];
      for (int row = 0; row < rows; row++) {
        int count = (to - from) * size;
        System.arraycopy(values, (row * steps + from) * size, some, row * count, count);
      }
      long[] sizes = shape.asArray();
      sizes[1] = to - from;
      return new Numbers(whole, Shape.of(sizes), some);
    }

    Tensor tensor() {
      if (!whole) {
        return TFloat32.tensorOf(shape, DataBuffers.of(values));
      }
      int[] numbers = new int[values.length];
      Arrays.setAll(numbers, i -> (int) values[i]);
      return TInt32.tensorOf(shape, DataBuffers.of(numbers));
    }

    void isCloseTo(Numbers expected) {
      assertThat(shape).isEqualTo(expected.shape);
      assertThat(values).containsExactly(expected.values, within(1e-6f));
    }
  }
}
