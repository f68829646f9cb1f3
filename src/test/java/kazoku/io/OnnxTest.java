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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import kazoku.RecurrentLayer;
import kazoku.Requests;
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
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
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
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.DropoutWrapper;
import kazoku.wrap.EmbeddingWrapper;
import kazoku.wrap.HighwayWrapper;
import kazoku.wrap.ResidualWrapper;
import kazoku.wrap.StackedCell;
import kazoku.wrap.TrainableInitialState;
import kazoku.wrap.ZoneoutWrapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
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
    Set<Class<?>> seen = new HashSet<>();
    Stream.concat(Family.examples().stream(), Family.wrapped().stream())
        .filter(cell -> seen.add(cell.getClass()))
        // Tokens are not random numbers.
        .filter(cell -> !(cell instanceof EmbeddingWrapper))
        .forEach(
            cell -> {
              String name = cell.getClass().getSimpleName();
              try (Model model = Model.of(new RNN(cell), inputs(cell), 42);
                  OnnxRun run = new OnnxRun(model, kept(name))) {
                run.check(5, 5, 3, 0).check(1, 1);
              } catch (RuntimeException | AssertionError e) {
                wrong.put(name, String.valueOf(e));
              }
            });
    assertThat(wrong).isEmpty();
  }

  /**
   * A layer.
   *
   * @param recurrences what its recurrences are in the file, in the order in which they are built
   */
  private record Case(Layer layer, String... recurrences) {}

  private void check(Inputs inputs, Stream<Case> cases) {
    cases.forEach(
        each -> {
          try (Model model = Model.of(each.layer, inputs, 42);
              OnnxRun run = new OnnxRun(model, folder)) {
            run.check(5, 5, 3, 0).check(1, 1).check(5, 4);
            assertThat(run.recurrences()).as("%s", each.layer).containsExactly(each.recurrences);
          }
        });
  }

  private static final Cell LSTM = new LSTMCell(3, 3);
  private static final Cell GRU = new GRUCell(3, 3);
  private static final Cell JANET = new JANETCell(3, 3);

  @Test
  void cellsThatOnnxHas() {
    List<Case> cases = new ArrayList<>();
    Map<Cell, String> operators = new LinkedHashMap<>();
    operators.put(LSTM, "LSTM");
    operators.put(GRU, "GRU");
    operators.put(new ElmanRNNCell(3, 4), "RNN");
    operators.put(new GRUResetAfterCell(3, 4), "GRU");
    operators.put(
        new LSTMCell(3, 4, 0.7, 0, 0, 0, false, Activation.RELU, Activation.SIGMOID), "LSTM");
    operators.put(new PeepholeLSTMCell(3, 4, 1, 0, true, Activation.SOFTSIGN), "LSTM");
    operators.forEach(
        (cell, operator) -> {
          cases.add(new Case(new RNN(cell).last(), operator));
          cases.add(new Case(new Bidirectional(cell), operator, operator));
        });
    cases.add(new Case(new RNN(LSTM), "LSTM"));
    cases.add(new Case(new RNN(LSTM).reversed(), "LSTM"));
    cases.add(new Case(new RNN(LSTM).reversed().last(), "LSTM"));
    cases.add(new Case(new RNN(LSTM).with(RNN.MaskedOutput.REPEAT), "LSTM"));
    cases.add(new Case(new RNN(LSTM).with(RNN.MaskedOutput.REPEAT).reversed(), "LSTM"));
    cases.add(new Case(new Bidirectional(GRU).with(Bidirectional.Merge.SUM), "GRU", "GRU"));
    cases.add(new Case(new Bidirectional(GRU).with(Bidirectional.Merge.AVE), "GRU", "GRU"));
    cases.add(new Case(new Bidirectional(GRU).with(Bidirectional.Merge.MUL).last(), "GRU", "GRU"));
    cases.add(new Case(new Bidirectional(GRU).with(Bidirectional.Merge.NONE), "GRU", "GRU"));
    check(Inputs.vectors(3), cases.stream());
  }

  @Test
  void cellsThatItHasNot() {
    Cell clipped = new LSTMCell(3, 4, 0, 0.5, 0, 0, true, Activation.TANH, Activation.SIGMOID);
    Cell written =
        new GRUCell(3, 4, UpdateConvention.WRITE, 0, 0, true, Activation.TANH, Activation.SIGMOID);
    check(
        Inputs.vectors(3),
        Stream.of(
            new Case(new RNN(clipped), "Scan"),
            new Case(new RNN(written), "Scan"),
            new Case(new RNN(JANET).last(), "Scan"),
            new Case(new RNN(JANET).reversed(), "Scan"),
            new Case(new RNN(JANET).with(RNN.MaskedOutput.REPEAT), "Scan"),
            new Case(new RNN(new MinGRUCell(3, 4)).with(new Loop(Loop.Form.AUTO, 2)), "Scan"),
            new Case(new Residual(new RNN(new MinGRUCell(3, 3))).named("scanned"), "Scan"),
            new Case(new Bidirectional(JANET).last(), "Scan", "Scan"),
            new Case(new RNN(new TrainableInitialState(JANET)), "Scan"),
            new Case(new RNN(new ZoneoutWrapper(LSTM, Map.of("h", 0.1))), "Scan"),
            new Case(new RNN(new StackedCell(GRU, JANET)), "Scan")));
  }

  @Test
  void whereverTheyStand() {
    Layer letters = new Sequential(new Dense(3, 3), new Repeat(2), new RNN(LSTM).last());
    Layer blind = new Blind(new RNN(LSTM), true);
    Functional.Node first =
        new Functional.Node("one", blind, List.of(new Functional.Tensor(-1, "")));
    Functional.Node second =
        new Functional.Node("two", blind, List.of(new Functional.Tensor(0, "")));
    check(
        Inputs.vectors(3),
        Stream.of(
            new Case(new Sequential(new RNN(GRU).named("first"), Pooling.mean()), "GRU"),
            new Case(new Sequential(new Residual(new RNN(LSTM)), Pooling.last()), "LSTM"),
            new Case(new Stacked(new RNN(GRU), new RNN(JANET)).withResiduals(), "GRU", "Scan"),
            new Case(Stacked.bidirectional(GRU, new LSTMCell(6, 2)), "GRU", "GRU", "LSTM", "LSTM"),
            new Case(new Bidirectional(GRU, LSTM), "GRU", "LSTM"),
            new Case(new Bidirectional(GRU, JANET), "GRU", "Scan"),
            new Case(new DilatedLayer(new MinGRUCell(3, 3), GRU), "Scan", "GRU"),
            new Case(new TimeDistributed(letters), "LSTM"),
            new Case(OnnxTest::timeMajor, "LSTM"),
            new Case(new WithStates(new Bidirectional(LSTM), false, true, false), "LSTM", "LSTM"),
            new Case(
                new Functional(
                    List.of(first, second), List.of(new Functional.Tensor(1, "")), List.of("")),
                "LSTM",
                "LSTM"),
            new Case(new RNN(new TrainableInitialState(LSTM)).last(), "LSTM"),
            new Case(new RNN(new ResidualWrapper(new DropoutWrapper(LSTM, 0.9, 1, 0.8))), "LSTM"),
            new Case(new RNN(new HighwayWrapper(GRU)).last(), "GRU"),
            new Case(new RNN(new HighwayWrapper(GRU)).reversed().last(), "GRU"),
            new Case(new RNN(new ResidualWrapper(GRU)).with(RNN.MaskedOutput.REPEAT), "GRU"),
            new Case(new Bidirectional(new ResidualWrapper(LSTM)), "LSTM", "LSTM"),
            new Case(new RNN(new StackedCell(GRU, new ResidualWrapper(LSTM))), "GRU", "LSTM"),
            new Case(
                new Sequential(
                    new Conv1D(3, 4, 3, Conv1D.Padding.SAME, Activation.RELU),
                    new RNN(new GRUCell(4, 2)).last()),
                "GRU"),
            new Case(new Sequential(new Dense(3, 4), new BatchNorm(4), Pooling.max()))));
  }

  /** A table inside the cell must not see what stands in padding. */
  private static Signal letters(Weights w, Signal x) {
    Ops tf = w.tf();
    Operand<TFloat32> numbers = tf.dtypes.cast(x.value(), TFloat32.class);
    Operand<TBool> valid = x.valid(tf);
    Operand<TFloat32> spoiled = tf.select(valid, numbers, tf.constant(99f));
    Signal read = x.with(tf.expandDims(spoiled, tf.constant(-1)));
    return new RNN(new EmbeddingWrapper(LSTM, 5)).last().apply(w.in("rnn"), read);
  }

  private static Signal timeMajor(Weights w, Signal x) {
    Ops tf = w.tf();
    Signal turned = new Signal(tf.linalg.transpose(x.value(), tf.array(1, 0, 2)), x.lengths());
    RecurrentLayer.Result result = new RNN(LSTM).onTimeMajor().run(w.in("rnn"), turned);
    return x.with(tf.linalg.transpose(result.outputs(), tf.array(1, 0, 2)));
  }

  private static final Decoder DECODER = new Decoder(new LSTMCell(3, 4), 5, 0, 1, 4);

  @Test
  void tokens() {
    Decoder stack = new Decoder(new StackedCell(GRU, GRU), 5, 0, 1, 4);
    check(
        Inputs.tokens(),
        Stream.of(
            new Case(
                new Sequential(
                    new Embedding(5, 6),
                    new Dropout(0.5),
                    Stacked.bidirectional(new LSTMCell(6, 4), new LSTMCell(8, 3)).withDropOut(0.5),
                    new LayerNorm(6),
                    new RNN(new GRUResetAfterCell(6, 5)).last(),
                    new Dense(5, 4, Activation.GELU),
                    new Dense(4, 3, Activation.SOFTMAX).named("classes")),
                "LSTM",
                "LSTM",
                "LSTM",
                "LSTM",
                "GRU"),
            // Masks may have holes.
            new Case(
                new Sequential(new Embedding(5, 3, 0), new RNN(GRU).named("low"), new RNN(JANET)),
                "Scan",
                "Scan"),
            new Case(
                new Sequential(new Embedding(5, 3), new Dense(3, 3), new Crf(3).decoding()),
                "Scan",
                "Scan"),
            new Case(OnnxTest::letters, "LSTM"),
            new Case(DECODER, "LSTM"),
            new Case(DECODER.greedy("h"), "LSTM", "Scan"),
            new Case(DECODER.beam(3, 0.6), "LSTM", "Scan"),
            new Case(stack.beam(2, 0), "GRU", "GRU", "Scan")));
  }

  @Test
  void whatATrainedModelWrites() {
    Cell attending =
        new AttentionDecoderWrapper(
            new GRUCell(3 + 4, 4), AttentionDecoderWrapper.Attention.LUONG, 5, 4, 4);
    EncoderDecoder adder =
        new EncoderDecoder(
            new Embedding(5, 3), new RNN(new GRUCell(3, 4)), new Decoder(attending, 5, 0, 1, 4));
    try (Model model = Model.of(adder, Inputs.tokens().tokens("target"), 42)) {
      for (Layer writer : List.of(adder.greedy("w"), adder.beam(3, 1))) {
        try (OnnxRun run = new OnnxRun(model, model.view(writer, Inputs.tokens()), folder)) {
          run.check(5, 5, 3, 1).check(1, 1);
          assertThat(run.recurrences()).containsExactly("GRU", "Scan");
        }
      }
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
    try (Model model = Model.of(DECODER.sample(1), Inputs.tokens(), 42)) {
      assertThatThrownBy(() -> Onnx.write(folder.resolve("model.onnx"), model))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("decoder (OneByOneCell)")
          .hasMessageContaining("RandomUniformInt");
      assertThat(folder).isEmptyDirectory();
    }
  }

  /** What a model of a cell is fed with. */
  private static Inputs inputs(Cell cell) {
    Inputs inputs = Inputs.vectors(cell.input().asArray());
    Requests requests = Trace.of(cell).requests();
    for (Map.Entry<String, Expr> beside : requests.beside().entrySet()) {
      inputs = inputs.vectors(beside.getKey(), beside.getValue().shape().asArray());
    }
    for (Map.Entry<String, Requests.PerRow> row : requests.perRow().entrySet()) {
      Shape all = row.getValue().value().shape();
      inputs = inputs.vectors(row.getKey(), all.takeLast(all.numDimensions() - 1).asArray());
    }
    return inputs;
  }
}
