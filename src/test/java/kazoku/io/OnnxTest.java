package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.DilatedLayer;
import kazoku.Expr;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Stacked;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.JANETCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.cells.PeepholeLSTMCell;
import kazoku.cells.UpdateConvention;
import kazoku.family.Family;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;
import kazoku.layers.Pooling;
import kazoku.layers.Repeat;
import kazoku.layers.Residual;
import kazoku.layers.TimeDistributed;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.wrap.StackedCell;
import kazoku.wrap.TrainableInitialState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

class OnnxTest {
  @TempDir Path folder;

  /**
   * Where files are kept for {@code src/test/python/io/onnx_check.py}, or a folder of this test.
   */
  private Path kept(String name) {
    String place = System.getProperty("kazoku.onnx");
    try {
      return place == null ? folder : Files.createDirectories(Path.of(place, name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyCell() {
    Map<String, String> wrong = new TreeMap<>();
    for (Cell cell : Family.examples()) {
      try (Model model = Model.of(new RNN(cell), inputs(cell), 42);
          OnnxRun run = new OnnxRun(model, kept(cell.getClass().getSimpleName()))) {
        run.check(5, 5, 3, 0).check(1, 1);
      } catch (RuntimeException | AssertionError e) {
        wrong.put(cell.getClass().getSimpleName(), String.valueOf(e));
      }
    }
    assertThat(wrong).isEmpty();
  }

  static Stream<Layer> operators() {
    Cell lstm = new LSTMCell(3, 4);
    Stream<Layer> forms =
        Stream.of(
            new RNN(lstm),
            new RNN(lstm).last(),
            new RNN(lstm).reversed(),
            new RNN(lstm).reversed().last(),
            new Bidirectional(lstm).with(Bidirectional.Merge.SUM),
            new Bidirectional(lstm).with(Bidirectional.Merge.AVE),
            new Bidirectional(lstm).with(Bidirectional.Merge.MUL).last());
    Stream<Layer> cells =
        Stream.of(
                new ElmanRNNCell(3, 4),
                new GRUCell(3, 4),
                new GRUResetAfterCell(3, 4),
                new LSTMCell(3, 4, 0.7, 0, 0, 0, false, Activation.RELU, Activation.SIGMOID),
                new PeepholeLSTMCell(3, 4, 1, 0, true, Activation.SOFTSIGN),
                new TrainableInitialState(lstm))
            .flatMap(cell -> Stream.of(new RNN(cell).last(), new Bidirectional(cell)));
    return Stream.concat(forms, cells);
  }

  @ParameterizedTest
  @MethodSource("operators")
  void layersOfOperatorsHaveNoScan(Layer layer) {
    try (Model model = Model.of(layer, 42);
        OnnxRun run = new OnnxRun(model, folder)) {
      run.check(5, 5, 3, 0).check(1, 1).check(5, 4);
      assertThat(run.operators()).containsAnyOf("RNN", "GRU", "LSTM").doesNotContain("Scan");
    }
  }

  static Stream<Layer> scans() {
    return Stream.of(
        new RNN(new LSTMCell(3, 4, 0, 0.5, 0, 0, true, Activation.TANH, Activation.SIGMOID)),
        new RNN(
            new GRUCell(
                3, 4, UpdateConvention.WRITE, 0, 0, true, Activation.TANH, Activation.SIGMOID)),
        new RNN(new GRUCell(3, 4)).with(RNN.MaskedOutput.REPEAT),
        new RNN(new GRUCell(3, 4)).with(RNN.MaskedOutput.REPEAT).reversed(),
        new RNN(new JANETCell(3, 4)).last(),
        new RNN(new JANETCell(3, 4)).reversed(),
        new RNN(new MinGRUCell(3, 4)).with(new Loop(Loop.Form.AUTO, 2)),
        new Bidirectional(new JANETCell(3, 4)).last(),
        new Bidirectional(new GRUCell(3, 4), new JANETCell(3, 2)),
        new RNN(new StackedCell(List.of(new GRUCell(3, 4), new LSTMCell(4, 2)))),
        new RNN(new TrainableInitialState(new JANETCell(3, 4))),
        new DilatedLayer(new MinGRUCell(3, 4), new GRUCell(4, 3)));
  }

  @ParameterizedTest
  @MethodSource("scans")
  void theOthersDo(Layer layer) {
    try (Model model = Model.of(layer, 42);
        OnnxRun run = new OnnxRun(model, folder)) {
      run.check(5, 5, 3, 0).check(1, 1);
      assertThat(run.operators()).contains("Scan");
    }
  }

  static Stream<Layer> layers() {
    return Stream.of(
        new Sequential(
            new Embedding(5, 6),
            new Dropout(0.5),
            Stacked.bidirectional(new LSTMCell(6, 4), new LSTMCell(8, 3)).withDropOut(0.5),
            new LayerNorm(6),
            new RNN(new GRUResetAfterCell(6, 5)).last(),
            new Dense(5, 4, Activation.GELU),
            new Dense(4, 3, Activation.SOFTMAX).named("classes")),
        new Sequential(
            new Embedding(5, 6, 0),
            new RNN(new GRUCell(6, 4)).named("low"),
            new RNN(new JANETCell(4, 3)).last()),
        new Sequential(new Embedding(5, 6, 0), new Bidirectional(new LSTMCell(6, 3))),
        new Sequential(
            new Conv1D(3, 4, 3, Conv1D.Padding.SAME, Activation.RELU),
            new RNN(new GRUCell(4, 2)).last()),
        new Sequential(new Dense(3, 4), new BatchNorm(4), Pooling.max()),
        new Sequential(new RNN(new GRUCell(3, 3)).named("first"), Pooling.mean()),
        new Stacked(new RNN(new GRUCell(3, 3)), new RNN(new JANETCell(3, 3))).withResiduals(),
        new Sequential(
            new Dense(3, 3).named("first"),
            new TimeDistributed(new Dense(3, 2)),
            new RNN(new GRUCell(2, 2)).last(),
            new Repeat(3)),
        new Sequential(new Bidirectional(new GRUCell(3, 2)).with(Bidirectional.Merge.NONE)),
        new Sequential(new Residual(new RNN(new LSTMCell(3, 3))), Pooling.last()));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void layersInARow(Layer layer) {
    try (Model model = Model.of(layer, 42);
        OnnxRun run = new OnnxRun(model, folder)) {
      run.check(5, 5, 3, 1).check(1, 1).check(5, 4);
    }
  }

  @Test
  void weightsThatAreUsedAsTheyAreKeepTheirNames() {
    Layer layer =
        new Sequential(new Embedding(5, 3), new RNN(new JANETCell(3, 4)).last(), new Dense(4, 2));
    try (Model model = Model.of(layer, 42);
        OnnxRun run = new OnnxRun(model, folder)) {
      assertThat(run.arrays()).contains("embedding/E", "rnn/cell/W", "dense/W", "dense/b");
    }
  }

  @Test
  void whatAModelPredictsIsWhatTheFileGives() throws Exception {
    float[][][] rows = {{{1, 2, 3}, {-1, 0, 1}}, {{0.5f, -2, 1}}};
    Path file = folder.resolve("new.onnx");
    Layer layer = new Sequential(new RNN(new LSTMCell(3, 4)).last(), new Dense(4, 2));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (Model model = Model.of(layer, 42)) {
      Onnx.write(file, model);
      float[][][] padded = {rows[0], {rows[1][0], {Float.NaN, 7, 7}}};
      try (OrtSession session = environment.createSession(file.toString());
          OnnxTensor input = OnnxTensor.createTensor(environment, padded);
          OnnxTensor lengths = OnnxTensor.createTensor(environment, new int[] {2, 1});
          OrtSession.Result result = session.run(Map.of("input", input, "lengths", lengths))) {
        float[][] outputs = (float[][]) result.get(0).getValue();
        float[][] expected = model.predict(Sequences.of(rows));
        for (int row = 0; row < 2; row++) {
          assertThat(outputs[row]).containsExactly(expected[row], within(1e-5f));
        }
      }
    }
  }

  @Test
  void nothingButTheFileIsLeft() throws IOException {
    try (Model model = Model.of(new Dense(2, 3), 42)) {
      Path file = folder.resolve("dense.onnx");
      Onnx.write(file, model);
      Onnx.write(file, model);
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).containsExactly(file);
      }
      assertThatThrownBy(() -> Onnx.write(file.resolve("below.onnx"), model))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("Onnx: cannot write " + file.resolve("below.onnx"));
    }
  }

  /** TensorFlow has more functions than ONNX. */
  private record LogGammaLayer() implements Layer {
    @Override
    public Signal apply(Weights w, Signal x) {
      return x.with(w.tf().math.lgamma(x.value().asOutput().expect(TFloat32.class)));
    }

    @Override
    public Shape input() {
      return Shape.of(3);
    }
  }

  @Test
  void whatOnnxHasNotIsNamedWithItsLayer() {
    Layer layer = new Sequential(new Dense(3, 3), new LogGammaLayer(), new Dropout(0.5));
    try (Model model = Model.of(layer, 42)) {
      assertThatThrownBy(() -> Onnx.write(folder.resolve("model.onnx"), model))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("logGammaLayer (LogGammaLayer)")
          .hasMessageContaining("Lgamma");
      assertThat(folder).isEmptyDirectory();
    }
  }

  /** What a model of a cell is fed with. */
  private static Inputs inputs(Cell cell) {
    Inputs inputs = Inputs.vectors(cell.input().asArray());
    for (Map.Entry<String, Expr> beside : Trace.of(cell).requests().beside().entrySet()) {
      inputs = inputs.vectors(beside.getKey(), beside.getValue().shape().asArray());
    }
    return inputs;
  }
}
