package kazoku.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Compares a SavedModel with the model that it was made of: loaded again, on random input of two
 * shapes, whole, from the first states, and in parts.
 */
final class ExportCheck {
  /** Of the largest number, or of 1. */
  private static final double TOLERANCE = 1e-6;

  /** A model may be made for more rows than one usually asks, and for no others. */
  private static final int MOST_ROWS = 64;

  /** B and T: the first two are taken that the model can compute. */
  private static final List<int[]> SHAPES =
      Stream.concat(
              Stream.of(new int[][] {{2, 4}, {3, 7}, {1, 1}, {2, 16}, {1, 64}}),
              IntStream.rangeClosed(4, MOST_ROWS)
                  .boxed()
                  .flatMap(rows -> Stream.of(new int[] {rows, 4}, new int[] {rows, 7})))
          .toList();

  private final SavedModelBundle bundle;
  private final View view;
  private final Inputs inputs;
  private final boolean draws;

  /** A tensor's numbers; of one that is not float32, its bytes. */
  record Numbers(Shape shape, float[] values) {
    static Numbers of(Tensor tensor) {
      if (tensor instanceof TFloat32 numbers) {
        return new Numbers(tensor.shape(), Model.floats(numbers));
      }
      byte[] bytes = new byte[(int) tensor.numBytes()];
      tensor.asRawTensor().data().read(bytes);
      float[] values = new float[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        values[i] = bytes[i];
      }
      return new Numbers(tensor.shape(), values);
    }
  }

  /** Some steps of some rows. */
  private record Data(Map<String, Numbers> values, int[] lengths, Inputs inputs) {

    /**
     * Random numbers.
     *
     * @param any the size of inputs that say none
     */
    static Data random(Inputs inputs, int rows, int steps, int any, Random random) {
      Map<String, Numbers> values = new LinkedHashMap<>();
      inputs
          .all()
          .forEach(
              (name, input) -> {
                boolean tokens = input.kind() == Inputs.Kind.TOKENS;
                int size = input.size() < 0 ? any : input.size();
                Shape shape =
                    switch (input.kind()) {
                      case VECTORS -> Shape.of(rows, steps, size);
                      case TOKENS -> Shape.of(rows, steps);
                      case ROWS -> Shape.of(rows, size);
                    };
                float[] numbers = new float[(int) shape.size()];
                for (int i = 0; i < numbers.length; i++) {
                  numbers[i] = tokens ? random.nextInt(2) : random.nextFloat();
                }
                values.put(name, new Numbers(shape, numbers));
              });
      int[] lengths = random.ints(rows, 1, steps + 1).toArray();
      return new Data(values, lengths, inputs);
    }

    int steps() {
      return (int) values.get(Inputs.FIRST).shape.get(1);
    }

    Data fully() {
      int[] all = lengths.clone();
      Arrays.fill(all, steps());
      return new Data(values, all, inputs);
    }

    Data part(int from, int to) {
      Map<String, Numbers> parts = new LinkedHashMap<>(values);
      parts.replaceAll(
          (name, all) ->
              inputs.all().get(name).kind() == Inputs.Kind.ROWS ? all : cut(all, from, to));
      return new Data(parts, lengths, inputs);
    }

    private static Numbers cut(Numbers all, int from, int to) {
      int rows = (int) all.shape.get(0);
      int steps = (int) all.shape.get(1);
      int size = all.values.length / rows / steps;
      float[] some = new float[rows * (to - from) * size];
      for (int row = 0; row < rows; row++) {
        int count = (to - from) * size;
        System.arraycopy(all.values, (row * steps + from) * size, some, row * count, count);
      }
      long[] shape = all.shape.asArray();
      shape[1] = to - from;
      return new Numbers(Shape.of(shape), some);
    }

    /** By the names that signatures have for them. */
    Map<String, Tensor> tensors() {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      values.forEach(
          (name, numbers) -> {
            Inputs.Kind kind = inputs.all().get(name).kind();
            tensors.put(name, tensor(numbers, kind == Inputs.Kind.TOKENS));
            if (kind != Inputs.Kind.ROWS) {
              tensors.put(Export.lengths(name), TInt32.vectorOf(lengths));
            }
          });
      return tensors;
    }
  }

  private static Tensor tensor(Numbers numbers, boolean tokens) {
    if (!tokens) {
      return TFloat32.tensorOf(numbers.shape, DataBuffers.of(numbers.values));
    }
    int[] whole = new int[numbers.values.length];
    Arrays.setAll(whole, i -> (int) numbers.values[i]);
    return TInt32.tensorOf(numbers.shape, DataBuffers.of(whole));
  }

  private ExportCheck(SavedModelBundle bundle, View view, boolean draws) {
    this.bundle = bundle;
    this.view = view;
    this.inputs = view.inputs();
    this.draws = draws;
  }

  /**
   * Compares.
   *
   * @param folder the SavedModel
   * @param view what it was made of
   * @param steps T, or −1 for any
   * @param weights shapes of the weights, one of whose sizes is that of an input that says none
   * @param draws whether what is computed is random, and cannot be compared
   * @throws IllegalStateException if it does not answer as the model does
   */
  static void run(
      Path folder,
      ConfigProto config,
      View view,
      long steps,
      Collection<Shape> weights,
      boolean draws) {
    Set<Integer> sizes = new LinkedHashSet<>();
    boolean any = view.inputs().all().values().stream().anyMatch(input -> input.size() < 0);
    for (Shape weight : any ? weights : List.<Shape>of()) {
      Arrays.stream(weight.asArray()).forEach(size -> sizes.add((int) size));
    }
    sizes.add(1);
    try (SavedModelBundle bundle = loaded(folder, config)) {
      new ExportCheck(bundle, view, draws).run(steps, sizes);
    }
  }

  private static SavedModelBundle loaded(Path folder, ConfigProto config) {
    try {
      return SavedModelBundle.loader(folder.toString())
          .withTags(SavedModelBundle.DEFAULT_TAG)
          .withConfigProto(config)
          .load();
    } catch (RuntimeException e) { // TensorFlow's have no other type in common.
      throw failed("be loaded", e);
    }
  }

  private static IllegalStateException failed(String what, RuntimeException e) {
    return new IllegalStateException(
        "Model: what was exported cannot " + what + ", " + e.getMessage() + "; nothing was written",
        e);
  }

  private void run(long steps, Collection<Integer> sizes) {
    Random random = new Random(7);
    RuntimeException failure = null;
    int compared = 0;
    for (int size : sizes) {
      for (int k = 0; k < SHAPES.size() && compared < 2; k++) {
        int[] shape = SHAPES.get(k);
        int longest = steps < 0 ? shape[1] : (int) steps;
        Data data = Data.random(inputs, shape[0], longest, size, random);
        Map<String, Numbers> expected;
        try {
          expected = ofModel(data);
        } catch (RuntimeException e) {
          failure = e;
          continue;
        }
        compare(data, expected);
        compareUnpadded(data.fully());
        compareParts(data.fully(), steps < 0 ? longest : 1);
        compared++;
      }
    }
    if (compared == 0) {
      throw new IllegalStateException(
          "Model: what is exported must compute something for 1 to "
              + MOST_ROWS
              + " random rows of 1 to 64 steps, got "
              + failure.getMessage()
              + "; nothing was written",
          failure);
    }
  }

  private Map<String, Numbers> ofModel(Data data) {
    Map<String, Tensor> fed = data.tensors();
    try {
      return view.answer(fed);
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  private void compare(Data data, Map<String, Numbers> expected) {
    Map<String, Numbers> whole = call(Export.SERVING_DEFAULT, data, Map.of());
    expected.forEach((name, value) -> same(Export.SERVING_DEFAULT, name, value, whole.get(name)));
    if (has(Export.SEQUENCE)) {
      Map<String, Numbers> begin = call(Export.INITIAL_STATE, data, Map.of());
      Map<String, Numbers> carried = call(Export.SEQUENCE, data, begin);
      whole.forEach((name, value) -> same(Export.SEQUENCE, name, value, carried.get(name)));
    }
  }

  private void compareUnpadded(Data data) {
    if (has(Export.UNPADDED)) {
      Map<String, Numbers> whole = call(Export.SERVING_DEFAULT, data, Map.of());
      Map<String, Numbers> unpadded = call(Export.UNPADDED, data, Map.of());
      unpadded.forEach((name, value) -> same(Export.UNPADDED, name, whole.get(name), value));
    }
  }

  /** All steps at once, and the first before the others. */
  private void compareParts(Data data, int rest) {
    if (!has(Export.STEP)) {
      return;
    }
    Map<String, Numbers> states = call(Export.INITIAL_STATE, data, Map.of());
    Map<String, Numbers> whole = call(Export.SEQUENCE, data, states);
    int steps = data.steps();
    for (int from = 0, to = 1; from < steps; from = to, to = Math.min(steps, to + rest)) {
      Map<String, Numbers> part = call(Export.STEP, data.part(from, to), states);
      for (Map.Entry<String, Numbers> entry : part.entrySet()) {
        String name = entry.getKey();
        Numbers all = whole.get(name);
        if (states.containsKey(name)) {
          states.put(name, entry.getValue());
        } else if (all.shape.numDimensions() > 1
            && all.shape.get(1) == steps
            && entry.getValue().shape.get(1) == to - from) {
          same(Export.STEP, name, Data.cut(all, from, to), entry.getValue());
        } else if (to == steps) {
          same(Export.STEP, name, all, entry.getValue());
        }
      }
    }
    states.forEach((name, state) -> same(Export.STEP, name, whole.get(name), state));
  }

  private boolean has(String key) {
    return bundle.signatures().stream().anyMatch(signature -> signature.key().equals(key));
  }

  private Map<String, Numbers> call(String key, Data data, Map<String, Numbers> states) {
    Signature signature = bundle.function(key).signature();
    Map<String, Tensor> fed = data.tensors();
    states.forEach((name, state) -> fed.put(name, tensor(state, false)));
    List<Tensor> all = new ArrayList<>(fed.values());
    fed.keySet().retainAll(signature.inputNames());
    try (Result result = bundle.function(key).call(fed)) {
      Map<String, Numbers> answers = new LinkedHashMap<>();
      for (String name : signature.outputNames()) {
        answers.put(name, Numbers.of(result.get(name).orElseThrow()));
      }
      return answers;
    } catch (RuntimeException e) {
      throw failed("compute " + key, e);
    } finally {
      all.forEach(Tensor::close);
    }
  }

  private void same(String key, String name, Numbers expected, Numbers actual) {
    if (draws) {
      return;
    }
    boolean equal = actual.shape.equals(expected.shape);
    double largest = 1;
    for (float value : expected.values) {
      largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    for (int i = 0; equal && i < expected.values.length; i++) {
      float one = expected.values[i];
      float other = actual.values[i];
      equal = Float.compare(one, other) == 0 || Math.abs(one - other) <= TOLERANCE * largest;
      if (!equal) {
        throw different(key, name, i, one, other);
      }
    }
    if (!equal) {
      throw different(key, name, -1, expected.shape, actual.shape);
    }
  }

  private static IllegalStateException different(
      String key, String name, int at, Object expected, Object actual) {
    return new IllegalStateException(
        "Model: what was exported must answer as the model does, but "
            + key
            + " gives "
            + actual
            + " for "
            + name
            + (at < 0 ? "" : "[" + at + "]")
            + " and not "
            + expected
            + "; nothing was written");
  }
}
