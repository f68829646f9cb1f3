package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Optimizers as a model uses them. */
class ModelOptimizerTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();
  private static final Loss NUMBERS = Loss.meanSquaredError();

  private static List<float[]> weights(Model model) {
    return model.weights().stream().map(model::weight).toList();
  }

  private static void same(List<float[]> weights, List<float[]> expected, float tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(weights.get(i)).containsExactly(expected.get(i), within(tolerance));
    }
  }

  /** The loss is a mean over steps, and batches have different numbers of them. */
  @Test
  void twoBatchesAreAsOneOfBoth() {
    float[][][] inputs = Toys.inputs(32, 5);
    Sequences data = Sequences.of(inputs).stepTargets(Toys.sums(inputs));
    for (Optimizer optimizer :
        List.of(
            new GradientDescent(0.1).momentum(0.9),
            new Adam(0.01).clip(0.1).weightDecay(0.1, "[WU]$").average(0.9))) {
      Sequential layers = new Sequential(new RNN(new LSTMCell(2, 4)), Toys.head(4, 1));
      try (Model whole = Model.of(layers, 42);
          Model halves = Model.of(layers, 42)) {
        whole.fit(data, optimizer, NUMBERS, Toys.epochs(3).batchSize(16));
        halves.fit(data, optimizer.every(2), NUMBERS, Toys.epochs(3).batchSize(8));
        same(weights(halves), weights(whole), 1e-6f);
      }
    }
  }

  @Test
  void batchesThatAreLeftWaitForTheNextEpoch() {
    Sequences data = Toys.labelled(24, 1);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      List<float[]> first = weights(model);
      Optimizer optimizer = new GradientDescent(Schedule.linear(1, 10, 0)).every(4);
      model.fit(data, optimizer, CLASSES, Toys.epochs(1));
      same(weights(model), first, 0);
      assertThat(model.learningRate()).isEqualTo(1);
      model.fit(data, optimizer, CLASSES, Toys.epochs(1));
      assertThat(model.weight("dense/W")).isNotEqualTo(first.get(first.size() - 2));
      assertThat(model.learningRate()).isCloseTo(0.9, within(1e-7));
    }
  }

  @Test
  void averagesTakeThePlaceOfWeightsAndGoAgain(@TempDir Path folder) {
    Sequences data = Toys.labelled(40, 1);
    Optimizer plain = new Adam(0.05).clip(1);
    Optimizer averaging = plain.average(0.8);
    try (Model model = Model.of(Toys.classifier(), 42);
        Model other = Model.of(Toys.classifier(), 42)) {
      History history = model.fit(data, averaging, CLASSES, Toys.epochs(3).validation(data));
      other.fit(data, plain, CLASSES, Toys.epochs(3));
      same(weights(model), weights(other), 0);

      model.useAverages(true);
      Scores averaged = model.evaluate(data, CLASSES);
      assertThat(averaged)
          .isEqualTo(history.last().validation())
          .isNotEqualTo(other.evaluate(data, CLASSES));
      float[][] predicted = model.predict(data);
      model.save(folder.resolve("averages"));
      model.export(folder.resolve("model"));
      model.useAverages(false);
      same(weights(model), weights(other), 0);
      assertThat(model.evaluate(data, CLASSES)).isEqualTo(other.evaluate(data, CLASSES));

      model.useAverages(true);
      model.fit(data, averaging, CLASSES, Toys.epochs(2));
      other.fit(data, plain, CLASSES, Toys.epochs(2));
      same(weights(model), weights(other), 0);

      model.useAverages(true);
      model.load(folder.resolve("averages"));
      assertThat(model.predict(data)).isDeepEqualTo(predicted);
      model.fit(data, plain, CLASSES, Toys.epochs(1));
      assertThatThrownBy(() -> model.useAverages(true))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Model: its optimizer keeps no averages; train with optimizer.average(0.999)");
      exportAnswers(folder.resolve("model"), predicted[0]);
    }
  }

  private static void exportAnswers(Path folder, float[] expected) {
    float[][][] row = {Toys.inputs(40, 1)[0]};
    try (SavedModelBundle bundle = SavedModelBundle.load(folder.toString());
        TFloat32 input = TFloat32.tensorOf(StdArrays.ndCopyOf(row));
        TInt32 lengths = TInt32.vectorOf(row[0].length);
        var result =
            bundle
                .session()
                .runner()
                .feed("input", input)
                .feed("lengths", lengths)
                .fetch("output")
                .run()) {
      assertThat(Model.floats((TFloat32) result.get(0))).containsExactly(expected, within(1e-6f));
    }
  }

  @Test
  void theRateIsSetWhileTrainingRuns() throws InterruptedException {
    Sequences data = Toys.labelled(40, 1);
    List<Double> rates = new ArrayList<>();
    Schedule falling = Schedule.piecewise(new long[] {4, 9}, 0.5, 0.25, 0.125);
    try (Model model = Model.of(Toys.classifier(), 42);
        Model scheduled = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(model::learningRate)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Model: there is no optimizer yet; call fit, which brings one");
      Callback halving =
          training -> {
            rates.add(training.learningRate());
            training.learningRate(model.learningRate() / 2);
          };
      GradientDescent descent = new GradientDescent(0.5);
      model.fit(data, descent, CLASSES, Toys.epochs(3).with(halving));
      scheduled.fit(data, new GradientDescent(falling), CLASSES, Toys.epochs(3));
      assertThat(rates).containsExactly(0.5, 0.25, 0.125);
      same(weights(model), weights(scheduled), 0);

      Thread outside = new Thread(() -> model.learningRate(0.01));
      outside.start();
      outside.join();
      assertThat(model.learningRate()).isCloseTo(0.01, within(1e-9));
      model.fit(data, descent, CLASSES, Toys.epochs(1));
      assertThat(model.learningRate()).as("goes on").isCloseTo(0.01, within(1e-9));
      model.fit(data, new GradientDescent(0.25), CLASSES, Toys.epochs(1));
      assertThat(model.learningRate()).as("begins anew").isEqualTo(0.25);
      assertThatThrownBy(() -> model.learningRate(-1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Model: learningRate must be at least 0, got -1.0");
    }
  }

  @Test
  void aRateOfZeroCannotBeScaled() {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Optimizer ending = new GradientDescent(Schedule.linear(0.1, 2, 0));
      model.fit(Toys.labelled(24, 1), ending, CLASSES, Toys.epochs(1));
      assertThatThrownBy(() -> model.learningRate(0.1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Model: the schedule's rate is 0 now, and no multiple of it is 0.1; set it where the"
                  + " schedule is not 0");
    }
  }

  @Test
  void lossesShareWhatAnOptimizerRemembers() {
    Sequences data = Toys.labelled(24, 1);
    Sequences numbers = Sequences.of(Toys.inputs(24, 1)).targets(new float[24][2]);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Optimizer optimizer = new Adam(Schedule.linear(0.1, 10, 0));
      model.fit(data, optimizer, CLASSES, Toys.epochs(1));
      model.fit(numbers, optimizer, NUMBERS, Toys.epochs(1));
      assertThat(model.learningRate()).isCloseTo(0.04, within(1e-8));
      model.fit(data, new Adam(0.1), CLASSES, Toys.epochs(1));
      model.fit(data, optimizer, CLASSES, Toys.epochs(1));
      assertThat(model.learningRate()).isCloseTo(0.01, within(1e-8));
      assertThat(model.weights())
          .containsExactly("rnn/cell/W", "rnn/cell/U", "rnn/cell/b", "dense/W", "dense/b");
    }
  }

  @Test
  void everythingTogetherGivesEqualBitsAgain() {
    Optimizer optimizer =
        new NAdam(Schedule.cosine(0.05, 40, 0).warmUp(3))
            .weightDecay(0.01, "[WU]$")
            .l2(1e-4, "b$")
            .clip(1)
            .average(0.9)
            .every(3);
    List<List<float[]>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      try (Model model = Model.of(Toys.classifier(), 7)) {
        model.fit(Toys.labelled(80, 1), optimizer, CLASSES, Toys.epochs(6));
        List<float[]> all = new ArrayList<>(weights(model));
        model.useAverages(true);
        all.addAll(weights(model));
        runs.add(all);
      }
    }
    same(runs.get(1), runs.get(0), 0);
  }

  @Test
  void decayNamesTheWeightsThatThereAre() {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(
              () ->
                  model.fit(
                      Toys.labelled(8, 1),
                      new Adam(0.01).weightDecay(0.1, "kernel"),
                      CLASSES,
                      Toys.epochs(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Optimizer: the pattern of weights that decay must be found in one of [rnn/cell/W,"
                  + " rnn/cell/U, rnn/cell/b, dense/W, dense/b], got kernel");
    }
  }
}
