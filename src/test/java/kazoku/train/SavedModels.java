package kazoku.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.DilatedLayer;
import kazoku.Expr;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.Trace;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.family.Family;
import kazoku.family.Sessions;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.Merge;
import kazoku.layers.Normalization;
import kazoku.layers.Pooling;
import org.tensorflow.ndarray.Shape;

/**
 * Exports a small model of every cell, and of every kind of network, with some calls of their
 * signatures and what they answer here: {@code NAME/}, {@code NAME.json}. {@code
 * src/test/python/io/saved_models.py} makes the same calls in Python.
 */
public final class SavedModels {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 3;
  private static final int STEPS = 5;

  private final Path folder;
  private final Map<String, Callable<Void>> models = new LinkedHashMap<>();

  private SavedModels(Path folder) {
    this.folder = folder;
  }

  /**
   * Exports.
   *
   * @param args the folder
   * @throws Exception if it cannot be written
   */
  public static void main(String[] args) throws Exception {
    write(Path.of(args[0]));
  }

  static void write(Path folder) throws Exception {
    SavedModels all = new SavedModels(Files.createDirectories(folder));
    all.add();
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      for (Future<Void> model : threads.invokeAll(all.models.values())) {
        model.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void add() {
    for (Cell cell : Family.examples()) {
      Inputs inputs = Inputs.of(new RNN(cell));
      for (Map.Entry<String, Expr> beside : Trace.of(cell).requests().beside().entrySet()) {
        inputs = inputs.vectors(beside.getKey(), beside.getValue().shape().asArray());
      }
      add(cell.getClass().getSimpleName(), new RNN(cell), inputs, Export.variables());
    }
    RNN lstm = new RNN(new LSTMCell(2, 3));
    add("bidirectional", new Bidirectional(new LSTMCell(2, 3)));
    add("bidirectional_stack", Stacked.bidirectional(new GRUCell(2, 3), new GRUCell(6, 2)));
    add("stack", new Stacked(lstm, new RNN(new GRUCell(3, 4))));
    add("dilated", new DilatedLayer(new LSTMCell(2, 3), new GRUCell(3, 4)));
    add("last_output", lstm.last());
    add("embedding", new Sequential(new Embedding(5, 2, 0), lstm.last(), new Dense(3, 2)));
    add("crf", new Sequential(lstm, new Dense(3, 4), new Crf(4).decoding()));
    add(
        "convolution",
        new Sequential(
            new Normalization(List.of(0.5, 0.4), List.of(0.3, 0.2)),
            new Conv1D(2, 3, 3),
            new BatchNorm(3),
            new RNN(new GRUCell(3, 4)),
            Pooling.mean()));
    add("decoder", new Decoder(new GRUCell(3, 4), 5, 0, 1, 6));
    add("greedy", new Decoder(new GRUCell(3, 4), 5, 0, 1, 6).greedy());
    add("beam", new Decoder(new GRUCell(3, 4), 5, 0, 1, 6).beam(2, 0.5));
    add("rows", new Dense(2, 3));
    add("two_inputs", two(), Inputs.vectors(2).rows("speaker", 3), Export.variables());
    add("frozen", lstm, Inputs.vectors(2), Export.frozen().labels(List.of("a", "b", "c")));
    Layer unrolled = lstm.with(new Loop(Loop.Form.UNROLLED, 1));
    add("unrolled", () -> Model.ofSteps(unrolled, 7, STEPS), Export.variables());
    add(
        "trained_further",
        new Sequential(new BatchNorm(2), new Dropout(0.2), lstm.last(), new Dense(3, 2)),
        Inputs.vectors(2),
        Export.variables().trainable(new Adam(0.05).clip(1), Loss.softmaxCrossEntropy()));
  }

  private static Layer two() {
    return (w, x) -> {
      var last = new RNN(new GRUCell(2, 3)).last().apply(w.in("rnn"), x);
      var speaker = new Dense(3, 3).apply(w.in("dense"), x.beside("speaker"));
      return Merge.sum(w.tf(), last, speaker);
    };
  }

  private void add(String name, Layer layer) {
    add(name, layer, Inputs.of(layer), Export.variables());
  }

  private void add(String name, Layer layer, Inputs inputs, Export form) {
    add(name, () -> Model.of(layer, inputs, 7, Sessions.plain()), form);
  }

  private void add(String name, Supplier<Model> made, Export form) {
    models.put(
        name,
        () -> {
          try (Model model = made.get()) {
            write(name, model, form);
          }
          return null;
        });
  }

  private void write(String name, Model model, Export form) throws IOException {
    model.export(folder.resolve(name), form);
    Map<String, Served.Numbers> given = new LinkedHashMap<>();
    Random random = new Random(name.hashCode());
    model.inputs().all().forEach((input, kind) -> given(given, input, kind, random));
    ArrayNode calls = JSON.createArrayNode();
    try (Served served = new Served(folder.resolve(name), Sessions.plain())) {
      call(calls, served, Export.SERVING_DEFAULT, given);
      if (served.keys().contains(Export.UNPADDED)) {
        call(calls, served, Export.UNPADDED, given);
      }
      if (served.keys().contains(Export.SEQUENCE)) {
        given.putAll(call(calls, served, Export.INITIAL_STATE, given));
        Map<String, Served.Numbers> end = call(calls, served, Export.SEQUENCE, given);
        given
            .keySet()
            .forEach(key -> given.computeIfPresent(key, (k, v) -> end.getOrDefault(k, v)));
        call(calls, served, Export.SEQUENCE, given);
      }
      if (served.keys().contains(Export.STEP)) {
        Shape step =
            Shape.of(served.signature(Export.STEP).getInputs().get(Export.INPUT).shape.asArray());
        for (Map.Entry<String, Inputs.Input> input : model.inputs().all().entrySet()) {
          if (step.get(1) == 1 && input.getValue().kind() != Inputs.Kind.ROWS) {
            given.computeIfPresent(input.getKey(), (k, v) -> v.steps(0, 1));
          }
        }
        given.putAll(call(calls, served, Export.STEP, given));
        call(calls, served, Export.STEP, given);
      }
      if (form.isTrainable()) {
        given.put("target", Served.Numbers.whole(1, 0, 1));
        for (int k = 0; k < 5; k++) {
          call(calls, served, Export.TRAIN_STEP, given);
        }
        call(calls, served, Export.EVALUATE, given);
      }
    }
    JSON.writeValue(folder.resolve(name + ".json").toFile(), calls);
  }

  private static void given(
      Map<String, Served.Numbers> all, String name, Inputs.Input input, Random random) {
    boolean tokens = input.kind() == Inputs.Kind.TOKENS;
    boolean steps = input.kind() != Inputs.Kind.ROWS;
    Shape shape = steps ? Shape.of(ROWS, STEPS) : Shape.of(ROWS);
    shape = tokens ? shape : shape.append(input.size() < 0 ? 2 : input.size());
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tokens ? random.nextInt(5) : random.nextFloat();
    }
    all.put(name, new Served.Numbers(tokens, shape, values));
    if (steps) {
      String lengths = name.equals(Inputs.FIRST) ? Export.LENGTHS : name + "_lengths";
      all.put(lengths, Served.Numbers.whole(STEPS, 2, 4));
    }
  }

  private static Map<String, Served.Numbers> call(
      ArrayNode calls, Served served, String key, Map<String, Served.Numbers> given) {
    Map<String, Served.Numbers> answers = served.call(key, given);
    ObjectNode call = calls.addObject().put("signature", key);
    ObjectNode inputs = call.putObject("inputs");
    served.signature(key).inputNames().forEach(name -> put(inputs, name, given.get(name)));
    ObjectNode outputs = call.putObject("outputs");
    answers.forEach((name, value) -> put(outputs, name, value));
    return answers;
  }

  private static void put(ObjectNode all, String name, Served.Numbers numbers) {
    ObjectNode node = all.putObject(name).put("dtype", numbers.whole() ? "int32" : "float32");
    ArrayNode shape = node.putArray("shape");
    for (long size : numbers.shape().asArray()) {
      shape.add(size);
    }
    ArrayNode values = node.putArray("values");
    for (float value : numbers.values()) {
      values.add(value);
    }
  }
}
