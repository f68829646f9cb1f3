package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.cells.BatchNormLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.LayerNormLSTMCell;
import kazoku.cells.LiGRUCell;
import kazoku.cells.MinGRUCell;
import kazoku.cells.UpdateConvention;
import kazoku.layers.BatchNorm;
import kazoku.layers.Dense;
import kazoku.layers.LayerNorm;
import kazoku.layers.Pooling;
import kazoku.layers.Residual;
import kazoku.wrap.ResidualWrapper;
import kazoku.wrap.StackedCell;
import kazoku.wrap.ZoneoutWrapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class ModelTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();
  private static final Loss NUMBERS = Loss.meanSquaredError();

  @Test
  void learnsClassesOfRows() {
    Sequences test = Toys.labelled(100, 2);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      double before = model.evaluate(test, CLASSES).loss();
      History history =
          model.fit(
              Toys.labelled(200, 1), new Adam(0.01), CLASSES, Toys.epochs(20).validation(test));

      assertThat(history.losses()).hasSize(20);
      assertThat(history.last().training().loss()).isLessThan(history.losses()[0] / 2);
      assertThat(history.last().validation()).isEqualTo(model.evaluate(test, CLASSES));
      assertThat(history.last().validation().loss()).isLessThan(before / 2);
      assertThat(history.last().validation().metric()).isGreaterThan(0.85);
    }
  }

  /** As on Windows, where loops have no gradient. */
  @Test
  void everyStepWrittenOutLearnsTheSame(@TempDir Path folder) {
    Sequences data = Toys.labelled(60, 1);
    RNN rnn = new RNN(new LSTMCell(2, 4)).last();
    Sequential loop = new Sequential(rnn, Toys.head(4, 2));
    Sequential unrolled = new Sequential(rnn.with(Loop.UNROLLED), Toys.head(4, 2));
    try (Model one = Model.of(loop, 42);
        Model other = Model.ofSteps(unrolled, 42, 7)) {
      one.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      other.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      float[][] expected = one.predict(data);
      float[][] actual = other.predict(data);
      other.export(folder.resolve("unrolled"));
      try (SavedModelBundle bundle = SavedModelBundle.load(folder.resolve("unrolled").toString())) {
        assertThat(bundle.function("serving_default").signature().inputNames())
            .containsExactlyInAnyOrder("input", "lengths");
      }
      for (int row = 0; row < expected.length; row++) {
        assertThat(actual[row]).containsExactly(expected[row], within(1e-4f));
      }
    }
    try (Model small = Model.ofSteps(unrolled, 42, 3)) {
      assertThatThrownBy(() -> small.predict(data))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Model: rows must have at most 3 steps, as the model was made for, got 6");
    }
  }

  @Test
  void segmentsOfStepsLearnTheSame(@TempDir Path folder) {
    Sequences data = Toys.labelled(60, 1);
    RNN lstm =
        new RNN(new LSTMCell(2, 4, 0, 0, 0.2, 0.2, true, Activation.TANH, Activation.SIGMOID));
    RNN norms = new RNN(new BatchNormLSTMCell(4, 4, 6, 1e-5)).last();
    Loop loop = Loop.DEFAULT.segments();
    Layer whole = new Sequential(lstm, norms.named("norms"), Toys.head(4, 2));
    Layer segments =
        new Sequential(lstm.with(loop), norms.with(loop).named("norms"), Toys.head(4, 2));
    try (Model one = Model.of(whole, 42);
        Model other = Model.of(segments, 42)) {
      one.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      other.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      for (String name : one.weights()) {
        assertThat(other.weight(name)).as(name).containsExactly(one.weight(name), within(1e-5f));
      }
      other.export(
          folder.resolve("segments"), Export.variables().trainable(new Adam(0.01), CLASSES));
      assertThat(other.summary())
          .contains("loop in segments of √T steps, since it is not linear in its state")
          .contains("loop in segments of √T steps, since rows see each other");
    }
  }

  @Test
  void learnsNumbersOfSteps() {
    float[][][] inputs = Toys.inputs(100, 1);
    Sequences data = Sequences.of(inputs).stepTargets(Toys.sums(inputs));
    try (Model model = Model.of(new Sequential(new RNN(new LSTMCell(2, 8)), Toys.head(8, 1)), 42)) {
      double before = model.evaluate(data, NUMBERS).loss();
      model.fit(data, new Adam(0.01).clip(1), NUMBERS, Toys.epochs(20));
      assertThat(model.evaluate(data, NUMBERS).loss()).isLessThan(before / 4);

      float[][][] predicted = model.predictSteps(data);
      for (int row = 0; row < predicted.length; row++) {
        assertThat(predicted[row]).hasDimensions(inputs[row].length, 1);
      }
    }
  }

  @Test
  void gradientDescentGoesDown() {
    Sequences data = Toys.labelled(50, 1);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      double[] losses =
          model.fit(data, new GradientDescent(0.5), CLASSES, Toys.epochs(10)).losses();
      assertThat(losses[9]).isLessThan(losses[0]);
    }
  }

  @Test
  void aWeightThatDoesNotReachTheLossIsNamed() {
    Layer last = new Sequential(new RNN(new LSTMCell(2, 4)).last(), Toys.head(4, 2));
    Layer spare =
        (w, x) -> {
          w.in("spare").gain("g", 3);
          w.in("stopped").gain("g", 2);
          Operand<TFloat32> gain = w.tf().dtypes.cast(w.operand("stopped/g"), TFloat32.class);
          return last.apply(w, x.with(w.tf().math.mul(Numbers.of(x), w.tf().stopGradient(gain))));
        };
    Sequences data = Toys.labelled(20, 1);
    try (Model model = Model.of(spare.named("both"), 42)) {
      refuses(
          () -> model.fit(data, new Adam(0.01), CLASSES, Toys.epochs(1)),
          "Model: both/spare/g does not reach the loss; leave the layer out, or train others only"
              + " (optimizer.only)");
      refuses(
          () -> model.fit(data, new Adam(0.01).only("stopped"), CLASSES, Toys.epochs(1)),
          "Model: both/stopped/g does not reach the loss;");
      float[] before = model.weight("both/dense/W");
      for (Optimizer optimizer : List.of(new Adam(0.01), new Adam(0.01).every(1).average(0.9))) {
        model.fit(data, optimizer.only("^both/dense/").clip(1), CLASSES, Toys.epochs(1));
      }
      assertThat(model.weight("both/spare/g")).containsExactly(1, 1, 1);
      assertThat(model.weight("both/dense/W")).isNotEqualTo(before);
      refuses(
          () -> model.fit(data, new Adam(0.01).only("head"), CLASSES, Toys.epochs(1)),
          "Optimizer: the pattern of weights that are trained must be found in one of [both/");
    }
  }

  @Test
  void runningStatisticsMoveInTrainingAndAreNotTrained() {
    float[][][] inputs = Toys.inputs(60, 1);
    Sequences data = Sequences.of(inputs).labels(Toys.signs(inputs));
    for (Cell cell : List.of(new LiGRUCell(2, 8), new BatchNormLSTMCell(2, 8, 4, 1e-5))) {
      String mean = cell instanceof LiGRUCell ? "rnn/cell/mean" : "rnn/cell/mean_x";
      String variance = mean.replace("mean", "variance");
      try (Model model = Model.of(new Sequential(new RNN(cell).last(), new Dense(8, 2)), 42)) {
        assertThat(model.weights()).contains(mean, variance);
        float[] untouched = model.weight(mean);
        assertThat(untouched).containsOnly(0);
        model.evaluate(data, Loss.softmaxCrossEntropy());
        assertThat(model.weight(mean)).containsExactly(untouched);
        History history =
            model.fit(data, new Adam(1e-2), Loss.softmaxCrossEntropy(), Epochs.of(10));
        assertThat(history.last().training().loss()).isLessThan(history.losses()[0]);
        assertThat(model.weight(mean)).isNotEqualTo(untouched);
        for (float v : model.weight(variance)) {
          assertThat(v).isPositive();
        }
      }
    }
  }

  @Test
  void dropOutIsRepeatableAndOffInEvaluation() {
    float[][][] inputs = Toys.inputs(40, 1);
    Sequences data = Sequences.of(inputs).labels(Toys.signs(inputs));
    LayerNormLSTMCell.Mode mode = LayerNormLSTMCell.Mode.CONTRIB;
    List<Cell> cells =
        List.of(
            new LiGRUCell(2, 16, LiGRUCell.Norm.NONE, false, 1e-5, 0.5, Activation.RELU),
            new LSTMCell(2, 16, 0, 0, 0.3, 0, true, Activation.TANH, Activation.SIGMOID),
            new LSTMCell(2, 16, 0, 0, 0, 0.3, true, Activation.TANH, Activation.SIGMOID),
            new ElmanRNNCell(2, 16, false, Integration.ADD, false, 0.3, 0, true, Activation.TANH),
            new ElmanRNNCell(2, 16, false, Integration.ADD, false, 0, 0.3, true, Activation.TANH),
            gru(0.3, 0),
            gru(0, 0.3),
            new GRUResetAfterCell(2, 16, 0.3, 0, true, Activation.TANH, Activation.SIGMOID),
            new GRUResetAfterCell(2, 16, 0, 0.3, true, Activation.TANH, Activation.SIGMOID),
            new LayerNormLSTMCell(2, 16, mode, 1, false, 0, 0, 0, 0.5, 1e-5, Activation.TANH));
    for (Cell dropping : cells) {
      List<double[]> losses = new ArrayList<>();
      for (int run = 0; run < 2; run++) {
        try (Model model =
            Model.of(new Sequential(new RNN(dropping).last(), new Dense(16, 2)), 42)) {
          // With hardly any learning rate only the masks differ from epoch to epoch.
          GradientDescent still = new GradientDescent(1e-30);
          losses.add(model.fit(data, still, Loss.softmaxCrossEntropy(), Epochs.of(3)).losses());
          double once = model.evaluate(data, Loss.softmaxCrossEntropy()).loss();
          assertThat(model.evaluate(data, Loss.softmaxCrossEntropy()).loss()).isEqualTo(once);
        }
      }
      assertThat(losses.get(1)).as(dropping.toString()).containsExactly(losses.get(0));
      double change = Math.abs(losses.get(0)[0] - losses.get(0)[1]);
      assertThat(change).as(dropping.toString()).isGreaterThan(1e-4);
    }
  }

  private static GRUCell gru(double dropout, double recurrentDropout) {
    return new GRUCell(
        2,
        16,
        UpdateConvention.KEEP,
        dropout,
        recurrentDropout,
        true,
        Activation.TANH,
        Activation.SIGMOID);
  }

  @Test
  void oneSeedGivesEqualBitsAndAnotherOthers() {
    List<float[]> first = trained(1);
    List<float[]> again = trained(1);
    List<float[]> other = trained(2);
    for (int i = 0; i < first.size(); i++) {
      assertThat(again.get(i)).containsExactly(first.get(i));
      assertThat(other.get(i)).isNotEqualTo(first.get(i));
    }
  }

  @Test
  void aLayerMoreDoesNotChangeTheFirstValuesOfTheOthers() {
    Layer rnn = new RNN(new LSTMCell(2, 8)).last();
    Layer more =
        new Sequential(new LayerNorm(2), rnn, new Dense(8, 8).named("hidden"), Toys.head(8, 2));
    try (Model few = Model.of(Toys.classifier(), 42);
        Model many = Model.of(more, 42)) {
      assertThat(many.weights()).containsAll(few.weights()).contains("hidden/W");
      for (String name : few.weights()) {
        assertThat(many.weight(name)).as(name).containsExactly(few.weight(name));
      }
    }
  }

  private static List<float[]> trained(long seed) {
    try (Model model = Model.of(Toys.classifier(), seed)) {
      model.fit(Toys.labelled(60, 1), new Adam(0.01).clip(1), CLASSES, Toys.epochs(4));
      return model.weights().stream().map(model::weight).toList();
    }
  }

  @Test
  void twoTrainingsAreAsOneOfBothLengths() {
    Sequences data = Toys.labelled(30, 1);
    try (Model once = Model.of(Toys.classifier(), 1);
        Model twice = Model.of(Toys.classifier(), 1)) {
      once.fit(data, new Adam(0.01), CLASSES, Toys.epochs(4));
      twice.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      twice.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      assertThat(twice.weight("dense/W")).containsExactly(once.weight("dense/W"));
    }
  }

  @Test
  void paddingChangesNothing() {
    float[][][] inputs = Toys.inputs(20, 3);
    Sequences plain = Sequences.of(inputs);
    Sequences padded = Sequences.of(Toys.padded(inputs, 3, Float.NaN), Toys.lengths(inputs));
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThat(model.predict(padded)).isDeepEqualTo(model.predict(plain));
      float[][] all = model.predict(plain);
      for (int row = 0; row < inputs.length; row++) {
        float[] alone = model.predict(Sequences.of(new float[][][] {inputs[row]}))[0];
        assertThat(alone).containsExactly(all[row], within(1e-6f));
      }
    }
    try (Model model = Model.of(new Sequential(new RNN(new LSTMCell(2, 4)), Toys.head(4, 1)), 42)) {
      Sequences data = plain.stepTargets(Toys.sums(inputs));
      double mean = 0;
      int steps = 0;
      for (int row = 0; row < inputs.length; row++) {
        float[][][] one = {inputs[row]};
        double loss = model.evaluate(Sequences.of(one).stepTargets(Toys.sums(one)), NUMBERS).loss();
        mean += loss * inputs[row].length;
        steps += inputs[row].length;
      }
      assertThat(model.evaluate(data, NUMBERS).loss()).isCloseTo(mean / steps, within(1e-6));
    }
  }

  @Test
  void classifiesByTheLargestOutput() {
    Sequences data = Toys.labelled(20, 1);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      float[][] outputs = model.predict(data);
      int[] classes = model.classify(data);
      for (int row = 0; row < classes.length; row++) {
        assertThat(classes[row]).isEqualTo(outputs[row][1] > outputs[row][0] ? 1 : 0);
      }
    }
  }

  @Test
  void savedWeightsGiveTheSameOutputs(@TempDir Path folder) {
    Sequences data = Toys.labelled(20, 1);
    Path place = folder.resolve("checkpoint");
    float[][] expected;
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.save(place);
      model.fit(data, new Adam(0.01), CLASSES, Toys.epochs(2));
      model.save(place);
      expected = model.predict(data);
    }
    try (Model model = Model.of(Toys.classifier(), 2)) {
      assertThat(model.predict(data)).isNotEqualTo(expected);
      model.load(place);
      assertThat(model.predict(data)).isDeepEqualTo(expected);
      assertThatThrownBy(() -> model.load(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("there is no weights.index");
    }
    try (Model other = Model.of(new Sequential(new RNN(new LSTMCell(2, 4)).last()), 1)) {
      assertThatThrownBy(() -> other.load(place))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be [2, 16], as in this model, got [2, 32]");
    }
    assertThat(folder)
        .isDirectoryContaining("glob:**checkpoint")
        .isDirectoryNotContaining("glob:**aside*");
  }

  @Test
  void layersWithoutWeightsAreRefused() {
    assertThatThrownBy(() -> Model.of(Pooling.mean(), Inputs.vectors(2), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Model: the layer must have weights, which a model trains and saves; apply one without"
                + " in a graph, or behind others, got pooling");
  }

  @Test
  void exportsASavedModelThatAnswersAsTheModelDoes(@TempDir Path folder) throws Exception {
    float[][][] inputs = Toys.inputs(5, 1);
    Path place = folder.resolve("model");
    float[][] expected;
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.fit(Toys.labelled(20, 1), new Adam(0.01), CLASSES, Toys.epochs(1));
      expected = model.predict(Sequences.of(inputs));
      model.export(place);
      model.export(place);
      assertThatThrownBy(() -> model.export(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("choose another folder");
    }
    int[] lengths = Toys.lengths(inputs);
    float[][][] padded = new float[5][8][2];
    for (int row = 0; row < 5; row++) {
      System.arraycopy(inputs[row], 0, padded[row], 0, lengths[row]);
    }
    try (SavedModelBundle bundle = SavedModelBundle.load(place.toString());
        TFloat32 input = TFloat32.tensorOf(StdArrays.ndCopyOf(padded));
        TInt32 length = TInt32.tensorOf(StdArrays.ndCopyOf(lengths));
        Result result =
            bundle.function("serving_default").call(Map.of("input", input, "lengths", length))) {
      TFloat32 output = (TFloat32) result.get("output").orElseThrow();
      float[][] served = new float[5][2];
      StdArrays.copyFrom(output, served);
      for (int row = 0; row < 5; row++) {
        assertThat(served[row]).containsExactly(expected[row], within(1e-6f));
      }
      assertThat(bundle.graph().operation("dense/W")).isNotNull();
      List<String> types = new ArrayList<>();
      bundle.graph().operations().forEachRemaining((GraphOperation op) -> types.add(op.type()));
      assertThat(types).doesNotContain("ApplyAdam", "StatelessRandomUniformV2", "Qr");
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(place);
    }
  }

  @Test
  void exportAsksForLengthsOnlyIfSomeLayerDoes(@TempDir Path folder) {
    try (Model model = Model.of(Toys.head(2, 3), 1)) {
      model.export(folder.resolve("model"));
      assertThat(model.weights()).containsExactly("dense/W", "dense/b");
    }
    try (SavedModelBundle bundle = SavedModelBundle.load(folder.resolve("model").toString())) {
      assertThat(bundle.function("serving_default").signature().inputNames())
          .containsExactly("input");
    }
  }

  @Test
  void aClosedModelSaysSo(@TempDir Path folder) {
    Sequences data = Toys.labelled(5, 1);
    Model model = Model.of(Toys.classifier(), 42);
    model.close();
    model.close();
    List<Runnable> uses =
        List.of(
            () -> model.fit(data, new Adam(0.01), CLASSES, Toys.epochs(1)),
            () -> model.evaluate(data, CLASSES),
            () -> model.predict(data),
            () -> model.predictSteps(data),
            () -> model.weight("dense/W"),
            () -> model.save(folder.resolve("x")),
            () -> model.load(folder),
            () -> model.export(folder.resolve("x")));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Model: is closed");
    }
  }

  @Test
  void refusesDataThatDoesNotFit() {
    float[][][] inputs = Toys.inputs(5, 1);
    Sequences data = Sequences.of(inputs);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      refuses(() -> model.evaluate(data, CLASSES), "there are no targets");
      refuses(
          () -> model.evaluate(data.labels(0, 1, 2, 0, 1), CLASSES),
          "labels must be in 0..1 for a model with 2 outputs, but row 2 has another, got 2");
      refuses(
          () -> model.evaluate(data.labels(0, 1, 1, 0, 1), NUMBERS),
          "mean squared error needs numbers as targets, got labels for each row");
      refuses(
          () -> model.evaluate(data.targets(new float[5][2]), CLASSES),
          "softmax cross-entropy needs labels as targets, got numbers for each row");
      refuses(
          () -> model.evaluate(data.targets(new float[5][3]), NUMBERS),
          "targets must have 2 numbers, as the model's output has, got 3");
      refuses(
          () -> model.evaluate(data.stepTargets(Toys.sums(inputs)), NUMBERS),
          "targets are numbers for each step, but the output is for each row");
      refuses(() -> model.predictSteps(data), "the output is for each row; use predict");
      refuses(
          () -> model.predict(Sequences.of(new float[2][3][4])),
          "steps must have 2 numbers, as the first layer takes, got 4");
      refuses(() -> model.weight("dense/V"), "dense/V: no such weight");
    }
    try (Model model = Model.of(new RNN(new LSTMCell(2, 2)), 42)) {
      refuses(
          () -> model.evaluate(data.labels(0, 1, 1, 0, 1), CLASSES),
          "the output is for each step, [B, T, O]; use rnn.last()");
      refuses(() -> model.predict(data), "the output is for each step; use predictSteps");
    }
  }

  @Test
  void refusesLayersThatDoNotFit() {
    refuses(() -> Model.of(new Sequential(new Dense(2, 3), new Dense(3, 1)), 1), "dense\" twice");
    refuses(
        () -> Model.of(new Sequential(new Dense(2, 3), new Dense(4, 1).named("head")), 1),
        "Dense: input must be [.., 4]");
  }

  @Test
  void rowsWithoutStepsArePossible() {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      float[][] none = model.predict(Sequences.of(new float[2][0][]));
      assertThat(none).hasDimensions(2, 2);
      float[][] one = model.predict(Sequences.of(new float[][][] {{}, {{1, 1}, {0.5f, 1}}}));
      assertThat(one[0]).containsExactly(none[0], within(1e-6f));
      assertThat(one[1]).isNotEqualTo(one[0]);
    }
  }

  @Test
  void linesTellTheEpochsWithoutControlCharacters() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Model model = Model.of(Toys.classifier(), 42);
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      model.fit(
          Toys.labelled(20, 1),
          new Adam(0.01),
          CLASSES,
          Toys.epochs(2).validation(Toys.labelled(5, 2)).progress(Progress.lines(out)));
      model.fit(
          Toys.labelled(20, 1), new Adam(0.01), CLASSES, Toys.epochs(1).progress(Progress.bar()));
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .allMatch(
            line ->
                line.matches(
                    "epoch [12]/2: loss \\d\\.\\d{4}, accuracy \\d\\.\\d{4};"
                        + " validation: loss \\d\\.\\d{4}, accuracy \\d\\.\\d{4}"));
  }

  @Test
  void weightsAreSetByName() {
    Sequences data = Toys.labelled(20, 1);
    try (Model model = Model.of(Toys.classifier(), 42);
        Model other = Model.of(Toys.classifier(), 43)) {
      Map<String, float[]> all = new LinkedHashMap<>();
      model.weights().forEach(name -> all.put(name, model.weight(name)));
      other.weights(all);
      assertThat(other.predict(data)).isDeepEqualTo(model.predict(data));
      other.weights(Map.of("dense/b", new float[] {3, 4}));
      assertThat(other.weight("dense/b")).containsExactly(3, 4);
      assertThat(other.weight("dense/W")).containsExactly(model.weight("dense/W"));

      refuses(
          () -> other.weights(Map.of("dense/b", new float[] {1, 2}, "dense/c", new float[1])),
          "dense/c: no such weight");
      refuses(
          () -> other.weights(Map.of("dense/b", new float[1])),
          "Model: dense/b must have 2 numbers, got 1");
      refuses(
          () -> other.weights(Map.of("dense/b", new float[] {1, Float.NaN})),
          "Model: dense/b must have finite numbers only, got NaN");
      assertThat(other.weight("dense/b")).containsExactly(3, 4);
    }
  }

  @Test
  void summaryIsATableOfTheLayers() {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThat(model.summary().lines())
          .containsExactly(
              "name         layer                output     trained",
              "----------------------------------------------------",
              "rnn          RNN(LSTMCell(2, 8))  [B, 8]         352",
              "    weights  cell/W [2, 32], cell/U [8, 32], cell/b [32]",
              "    state    c [8], h [8]",
              "    steps    loop, since it is not linear in its state",
              "dense        Dense(8, 2)          [B, 2]          18",
              "    weights  W [8, 2], b [2]",
              "----------------------------------------------------",
              "all weights                                      370");
    }
  }

  @Test
  void summaryShowsWhatStandsInLayersAndHowTheirStepsAreBuilt() {
    Cell wrapped =
        new ResidualWrapper(
            new StackedCell(new LSTMCell(8, 8), new ZoneoutWrapper(new GRUCell(8, 8), Map.of())));
    Layer layers =
        new Sequential(
            new Stacked(
                new RNN(new GRUCell(2, 8)).with(Loop.UNROLLED),
                new RNN(new MinGRUCell(8, 8)).with(Loop.DEFAULT.shards(2).segments(3))),
            new BatchNorm(8),
            new Bidirectional(new BatchNormLSTMCell(8, 4, 4, 1e-5)).named("both"),
            new Residual(new RNN(wrapped).reversed()),
            ((Layer) (w, x) -> new Dense(8, 2).apply(w.in("inside"), x)).named("own"));
    try (Model model = Model.ofSteps(layers, 42, 7)) {
      String summary = model.summary();
      assertThat(summary.lines()).allMatch(line -> line.length() <= 100);
      String flat = summary.replaceAll("\\s+", " ");
      assertThat(flat)
          .contains(
              "stacked Stacked [B, T, 8]",
              " 0 RNN(GRUCell(2, 8)) [B, 7, 8]",
              "scan in 2 shards and segments of 3 steps, since it is linear in its state",
              " 1 RNN(MinGRUCell(8, 8)) [B, T, 8]",
              "unrolled, as asked for",
              "batchNorm BatchNorm(8) [B, T, 8] 16 16",
              "gamma [8], beta [8], mean [8] fixed, variance [8] fixed",
              "both Bidirectional [B, T, 8]",
              " forward BatchNormLSTMCell(8, 4, 4) [B, T, 4]",
              "loop, since rows see each other",
              " layer RNN(ResidualWrapper(StackedCell(",
              "GRUCell(8, 8))))).reversed()",
              "cell/0/c [8], cell/0/h [8], cell/1/cell/h [8]",
              "own layer [B, T, 2] 18",
              " inside Dense(8, 2) [B, T, 2] 18");
      assertThat(flat).containsPattern("all weights [0-9,]+ [0-9,]+ $");
    }
  }

  private static void refuses(Runnable use, String sentence) {
    assertThatThrownBy(use::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
