package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.Pooling;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** What TensorFlow Serving asks of a SavedModel, and of the folder that it watches. */
class TensorFlowServingTest {
  private static final Set<String> TRAINING =
      Set.of(Export.TRAIN_STEP, Export.EVALUATE, Export.SAVE, Export.RESTORE);

  @TempDir Path folder;

  private static Map<String, Layer> layers() {
    RNN lstm = new RNN(new LSTMCell(2, 3));
    Map<String, Layer> layers = new LinkedHashMap<>();
    layers.put("for each step", lstm);
    layers.put("for each row", new Sequential(lstm.last(), new Dense(3, 2)));
    layers.put("scanned", new RNN(new MinGRUCell(2, 3)));
    layers.put("stacked", new Stacked(lstm, new RNN(new GRUCell(3, 3))));
    layers.put("bidirectional", new Bidirectional(new GRUCell(2, 3)));
    layers.put("pooled", new Sequential(new Conv1D(2, 3, 2), Pooling.mean()));
    layers.put("tokens", new Sequential(new Embedding(5, 2, 0), lstm.last()));
    layers.put("tags", new Sequential(lstm, new Dense(3, 4), new Crf(4).decoding()));
    layers.put("written", new Decoder(new GRUCell(3, 4), 5, 0, 1, 6).greedy());
    layers.put("searched", new Decoder(new GRUCell(3, 4), 5, 0, 1, 6).beam(2, 0.5));
    return layers;
  }

  @TestFactory
  Stream<DynamicTest> signaturesTakeAndGiveBatches() {
    return layers().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> batches(e.getValue())));
  }

  private void batches(Layer layer) throws IOException {
    Path place = folder.resolve("model");
    try (Model model = Model.of(layer, 42)) {
      model.export(place, Export.frozen());
    }
    Map<String, SignatureDef> signatures = signatures(place);
    try (Served served = new Served(place)) {
      for (String key : signatures.keySet()) {
        for (int rows : new int[] {1, 3}) {
          Map<String, Served.Numbers> given = zeros(signatures.get(key), rows);
          served
              .call(key, given)
              .values()
              .forEach(y -> assertThat(y.shape().get(0)).isEqualTo(rows));
        }
      }
    }
  }

  @Test
  void furtherTrainingStandsBesideServing() throws IOException {
    Path place = folder.resolve("model");
    try (Model model = Model.of(Toys.classifier(), 42)) {
      model.export(place, Export.variables().trainable(new Adam(0.1), Loss.softmaxCrossEntropy()));
    }
    assertThat(signatures(place)).containsKeys(TRAINING.toArray(String[]::new));
  }

  /** The signatures of a model, which must be such as a server can call and put together. */
  private static Map<String, SignatureDef> signatures(Path place) throws IOException {
    SavedModel model = SavedModel.parseFrom(Files.readAllBytes(place.resolve("saved_model.pb")));
    assertThat(model.getMetaGraphsList()).hasSize(1);
    MetaGraphDef graph = model.getMetaGraphs(0);
    assertThat(graph.getMetaInfoDef().getTagsList()).containsExactly("serve");
    Map<String, SignatureDef> all = graph.getSignatureDefMap();
    assertThat(all).containsKey("serving_default");
    all.forEach(
        (key, signature) -> {
          assertThat(signature.getMethodName()).isEqualTo("tensorflow/serving/predict");
          assertThat(signature.getInputsMap()).as(key).isNotEmpty();
          List<TensorInfo> tensors = new ArrayList<>(signature.getInputsMap().values());
          tensors.addAll(signature.getOutputsMap().values());
          for (TensorInfo tensor : tensors) {
            TensorShapeProto shape = tensor.getTensorShape();
            assertThat(shape.getUnknownRank()).as(key + " " + tensor).isFalse();
            if (!TRAINING.contains(key)) {
              assertThat(shape.getDim(0).getSize()).as(key + " " + tensor).isEqualTo(-1);
            }
          }
        });
    return all;
  }

  private static Map<String, Served.Numbers> zeros(SignatureDef signature, int rows) {
    Map<String, Served.Numbers> zeros = new LinkedHashMap<>();
    signature
        .getInputsMap()
        .forEach(
            (name, tensor) -> {
              long[] sizes =
                  tensor.getTensorShape().getDimList().stream()
                      .mapToLong(size -> size.getSize() < 0 ? 4 : size.getSize())
                      .toArray();
              sizes[0] = rows;
              Shape shape = Shape.of(sizes);
              boolean whole = tensor.getDtype() == org.tensorflow.proto.DataType.DT_INT32;
              zeros.put(name, new Served.Numbers(whole, shape, new float[(int) shape.size()]));
            });
    return zeros;
  }

  @Test
  void aNewerVersionStandsBesideTheOneThatRuns() throws IOException {
    Path models = folder.resolve("models").resolve("speaker");
    Set<String> seen = new TreeSet<>();
    Layer watching =
        (w, x) -> {
          seen.addAll(names(models));
          return new RNN(new GRUCell(2, 3)).apply(w, x);
        };
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.export(models.resolve("1"), Export.variables().labels(List.of("down", "up")));
    }
    try (Served served = new Served(models.resolve("1"));
        Model model = Model.of(watching, Inputs.vectors(2), 1)) {
      model.export(models.resolve("2"));
      assertThat(served.keys()).contains("serving_default");
    }
    // A folder whose name is a number is a version, and is loaded as soon as it is there.
    assertThat(seen).contains("1").doesNotContain("2");
    assertThat(seen).allMatch(name -> name.equals("1") || name.startsWith("."));
    assertThat(names(models)).containsExactlyInAnyOrder("1", "2");
    assertThat(names(models.resolve("1")))
        .containsExactlyInAnyOrder("saved_model.pb", "variables", "assets");
    assertThat(names(models.resolve("1").resolve("assets"))).containsExactly("labels.txt");
  }

  private static List<String> names(Path folder) {
    String[] names = folder.toFile().list();
    return names == null ? List.of() : List.of(names);
  }
}
