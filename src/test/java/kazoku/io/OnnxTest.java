package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;

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
import kazoku.Stacked;
import kazoku.Trace;
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
import kazoku.layers.Residual;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.wrap.StackedCell;
import kazoku.wrap.TrainableInitialState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxTest {
  @TempDir Path folder;

  @Test
  void everyCell() {
    Map<String, String> wrong = new TreeMap<>();
    for (Cell cell : Family.examples()) {
      try (Model model = Model.of(new RNN(cell), inputs(cell), 42)) {
        new OnnxRun(model, folder).check(5, 5, 3, 0).check(1, 1);
      } catch (RuntimeException | AssertionError e) {
        wrong.put(cell.getClass().getSimpleName(), String.valueOf(e));
      }
    }
    assertThat(wrong).isEmpty();
  }

  static Stream<Layer> operators() {
    return Stream.of(
            new ElmanRNNCell(3, 4),
            new GRUCell(3, 4),
            new GRUResetAfterCell(3, 4),
            new LSTMCell(3, 4),
            new LSTMCell(3, 4, 0.7, 0, 0, 0, false, Activation.RELU, Activation.SIGMOID),
            new PeepholeLSTMCell(3, 4, 1, 0, true, Activation.SOFTSIGN),
            new TrainableInitialState(new LSTMCell(3, 4)))
        .flatMap(
            cell ->
                Stream.of(
                    new RNN(cell),
                    new RNN(cell).last(),
                    new RNN(cell).reversed(),
                    new RNN(cell).reversed().last(),
                    new Bidirectional(cell),
                    new Bidirectional(cell).with(Bidirectional.Merge.AVE),
                    new Bidirectional(cell).with(Bidirectional.Merge.MUL).last()));
  }

  @ParameterizedTest
  @MethodSource("operators")
  void layersOfOperatorsHaveNoScan(Layer layer) {
    try (Model model = Model.of(layer, 42)) {
      OnnxRun run = new OnnxRun(model, folder).check(5, 5, 3, 0).check(1, 1).check(5, 4);
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
    try (Model model = Model.of(layer, 42)) {
      OnnxRun run = new OnnxRun(model, folder).check(5, 5, 3, 0).check(1, 1);
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
        new Sequential(new Residual(new RNN(new LSTMCell(3, 3))), Pooling.last()));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void layersInARow(Layer layer) {
    try (Model model = Model.of(layer, 42)) {
      new OnnxRun(model, folder).check(5, 5, 3, 1).check(1, 1).check(5, 4);
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
