package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The loop of training: sources, epochs, callbacks, early stopping. */
class FitTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  private static Map<String, float[]> weights(Model model) {
    Map<String, float[]> all = new java.util.LinkedHashMap<>();
    model.weights().forEach(name -> all.put(name, model.weight(name)));
    return all;
  }

  private static void same(Map<String, float[]> actual, Map<String, float[]> expected) {
    expected.forEach(
        (name, values) -> assertThat(actual.get(name)).as(name).containsExactly(values));
  }

  /** Rows of labelled data in portions. */
  private static Source portions(int... sizes) {
    return () -> IntStream.range(0, sizes.length).mapToObj(i -> Toys.labelled(sizes[i], i + 1));
  }

  private static Scores scores(double loss) {
    return new Scores(loss, "accuracy", 1 - loss);
  }

  private static List<History.Epoch> history(double... losses) {
    return IntStream.range(0, losses.length)
        .mapToObj(i -> new History.Epoch(i + 1, scores(losses[i]), null, 1))
        .toList();
  }

  @Test
  void aSourceIsReadPortionByPortionInEachPass() {
    AtomicInteger opened = new AtomicInteger();
    AtomicInteger closed = new AtomicInteger();
    Source source =
        () -> {
          opened.incrementAndGet();
          return portions(20, 9, 8).portions().onClose(closed::incrementAndGet);
        };
    List<String> heard = new ArrayList<>();
    Callback hears =
        new Callback() {
          @Override
          public void batch(Training training) {
            heard.add(training.epoch() + ":" + training.batch() + "/" + training.batches());
          }

          @Override
          public void epoch(Training training) {
            heard.add("end of " + training.epoch());
          }
        };
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history = model.fit(source, new Adam(0.01), CLASSES, Toys.epochs(2).with(hears));
      assertThat(history.epochs()).hasSize(2);
      assertThat(history.losses()[1]).isLessThan(history.losses()[0]);
      assertThat(heard)
          .containsExactly(
              "1:1/-1",
              "1:2/-1",
              "1:3/-1",
              "1:4/-1",
              "1:5/-1",
              "1:6/-1",
              "end of 1",
              "2:1/6",
              "2:2/6",
              "2:3/6",
              "2:4/6",
              "2:5/6",
              "2:6/6",
              "end of 2");
      assertThat(opened).hasValue(2);
      assertThat(closed).hasValue(2);
      Scores whole = model.evaluate(source, CLASSES, Metric.f1(1));
      assertThat(whole.value("accuracy"))
          .isCloseTo(
              (20 * model.evaluate(Toys.labelled(20, 1), CLASSES).metric()
                      + 9 * model.evaluate(Toys.labelled(9, 2), CLASSES).metric()
                      + 8 * model.evaluate(Toys.labelled(8, 3), CLASSES).metric())
                  / 37,
              within(1e-9));
      assertThat(closed).as("evaluate closes, too").hasValue(3);
    }
  }

  @Test
  void onePortionIsTheSameAsTheSequencesThemselves() {
    try (Model one = Model.of(Toys.classifier(), 42);
        Model other = Model.of(Toys.classifier(), 42)) {
      History history = one.fit(Toys.labelled(20, 1), new Adam(0.1), CLASSES, Toys.epochs(2));
      assertThat(other.fit(portions(20), new Adam(0.1), CLASSES, Toys.epochs(2)))
          .isEqualTo(history);
      same(weights(other), weights(one));
    }
  }

  @Test
  void sourcesThatFailOrAreEmptySaySo() {
    AtomicInteger closed = new AtomicInteger();
    Source breaking =
        () ->
            Stream.of(1, 2)
                .map(
                    i -> {
                      if (i == 2) {
                        throw new IllegalStateException("the disk is gone");
                      }
                      return Toys.labelled(8, i);
                    })
                .onClose(closed::incrementAndGet);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(() -> model.fit(breaking, new Adam(0.1), CLASSES, Toys.epochs(2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the disk is gone");
      assertThat(closed).hasValue(1);
      String none = "Source: there must be at least one row, got none";
      assertThatThrownBy(() -> model.fit(Stream::of, new Adam(0.1), CLASSES, Toys.epochs(2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(none);
      assertThatThrownBy(() -> model.evaluate(Stream::of, CLASSES)).hasMessage(none);
      Epochs epochs = Toys.epochs(1).validation(Stream::of);
      assertThatThrownBy(() -> model.fit(portions(8), new Adam(0.1), CLASSES, epochs))
          .hasMessage(none);
      Source wrong = () -> Stream.of(Toys.labelled(8, 1), Sequences.of(Toys.inputs(8, 2)));
      assertThatThrownBy(() -> model.fit(wrong, new Adam(0.1), CLASSES, Toys.epochs(1)))
          .hasMessageContaining("portion 2 must have vectors of 2 numbers; targets labels");
    }
  }

  @Test
  void anEpochOfSomeBatchesGoesOnWhereTheLastOneEnded() {
    // 20 rows are 3 batches: two passes are three epochs of 2 batches.
    try (Model passes = Model.of(Toys.classifier(), 42);
        Model some = Model.of(Toys.classifier(), 42)) {
      passes.fit(Toys.labelled(20, 1), new Adam(0.1), CLASSES, Toys.epochs(2));
      History history =
          some.fit(Toys.labelled(20, 1), new Adam(0.1), CLASSES, Toys.epochs(3).batches(2));
      assertThat(history.epochs()).hasSize(3);
      same(weights(some), weights(passes));
    }
  }

  @Test
  void rowsAreTakenInOrderIfAsked() {
    // By itself each batch of one row tells its loss; a rate of nearly 0 leaves weights alone.
    Sequences data = Toys.labelled(6, 1);
    List<Float> losses = new ArrayList<>();
    Callback hears =
        new Callback() {
          @Override
          public void batch(Training training) {
            losses.add(training.loss());
          }

          @Override
          public void epoch(Training training) {}
        };
    try (Model model = Model.of(Toys.classifier(), 42)) {
      float[][][] inputs = Toys.inputs(6, 1);
      List<Float> expected =
          IntStream.range(0, 6)
              .mapToObj(
                  row ->
                      Sequences.of(new float[][][] {inputs[row]}).labels(Toys.signs(inputs)[row]))
              .map(row -> (float) model.evaluate(row, CLASSES).loss())
              .toList();
      Epochs one = Toys.epochs(1).batchSize(1).with(hears);
      model.fit(data, new GradientDescent(1e-9), CLASSES, one.inOrder());
      assertThat(losses)
          .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-5 ? 0 : 1)
          .containsExactlyElementsOf(expected);
      losses.clear();
      model.fit(data, new GradientDescent(1e-9), CLASSES, one);
      assertThat(losses).isNotEqualTo(expected);
    }
  }

  @Test
  void earlyStoppingLeavesTheBestWeights() {
    Sequences data = Toys.labelled(24, 1);
    Sequences validation = Toys.labelled(10, 2);
    // So high a rate that the loss goes up and down.
    Optimizer wild = new Adam(0.5);
    Epochs epochs = Toys.epochs(12).validation(validation);
    try (Model model = Model.of(Toys.classifier(), 42);
        Model again = Model.of(Toys.classifier(), 42)) {
      EarlyStopping rule = EarlyStopping.after(3);
      History history = model.fit(data, wild, CLASSES, epochs.stopEarly(rule));
      int best = rule.goal().best(history.epochs());
      assertThat(history.epochs()).hasSize(best + 4).hasSizeLessThan(12);
      assertThat(model.evaluate(validation, CLASSES))
          .isEqualTo(history.epochs().get(best).validation());
      again.fit(data, wild, CLASSES, Epochs.of(best + 1).batchSize(8).progress(Progress.NONE));
      same(weights(model), weights(again));
    }
  }

  @Test
  void theBestWeightsAreRestoredHoweverTrainingEnds() {
    Sequences data = Toys.labelled(24, 1);
    Epochs epochs =
        Toys.epochs(9).validation(Toys.labelled(10, 2)).stopEarly(EarlyStopping.after(100));
    Optimizer wild = new Adam(0.5);
    try (Model model = Model.of(Toys.classifier(), 42);
        Model thrown = Model.of(Toys.classifier(), 42)) {
      List<Map<String, float[]>> after = new ArrayList<>();
      Callback keeps = training -> after.add(weights(training.model()));
      History history = model.fit(data, wild, CLASSES, epochs.with(keeps));
      int best = Goal.smallest("loss").best(history.epochs());
      assertThat(best).as("the last is not the best").isLessThan(8);
      same(weights(model), after.get(best));

      Callback throwing =
          training -> {
            if (training.epoch() == 9) {
              throw new UnsupportedOperationException("enough");
            }
          };
      assertThatThrownBy(() -> thrown.fit(data, wild, CLASSES, epochs.with(throwing)))
          .hasMessage("enough");
      same(weights(thrown), after.get(best));
    }
  }

  @Test
  void theBestAveragesAreRestoredWithTheWeights() {
    Sequences data = Toys.labelled(24, 1);
    Sequences validation = Toys.labelled(10, 2);
    Epochs epochs = Toys.epochs(8).validation(validation).stopEarly(EarlyStopping.after(2));
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history = model.fit(data, new Adam(0.5).average(0.5), CLASSES, epochs);
      int best = Goal.smallest("loss").best(history.epochs());
      model.useAverages(true);
      assertThat(model.evaluate(validation, CLASSES))
          .isEqualTo(history.epochs().get(best).validation());
    }
  }

  @Test
  void goalsCompareEpochs() {
    List<History.Epoch> epochs = history(Double.NaN, 0.9, 0.5, 0.45, 0.6, 0.45);
    assertThat(Goal.smallest("loss").best(epochs)).isEqualTo(3);
    assertThat(Goal.largest("accuracy").best(epochs)).isEqualTo(3);
    assertThat(Goal.smallest("loss").by(0.1).best(epochs)).isEqualTo(2);
    assertThat(Goal.smallest("loss").best(epochs.subList(0, 1))).isEqualTo(-1);
    History.Epoch both = new History.Epoch(1, scores(0.5), scores(0.25), 1);
    assertThat(Goal.smallest("loss").value(both)).isEqualTo(0.25);
  }

  @Test
  void aPlateauLowersTheRateAsKerasDoes() {
    // keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.2, min_delta=0).
    double[] losses = {0.9, 0.8, 0.85, 0.81, 0.82, 0.83, 0.7, 0.71, 0.72, 0.73, 0.74};
    double[] rates = {1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2};
    OnPlateau plateau = OnPlateau.after(2).least(0.2);
    double rate = 1;
    for (int epoch = 1; epoch <= losses.length; epoch++) {
      List<History.Epoch> epochs = history(Arrays.copyOf(losses, epoch));
      rate = plateau.lowered(epochs, rate);
      assertThat(rate).as("after epoch " + epoch).isEqualTo(rates[epoch - 1]);
    }
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Epochs epochs = Toys.epochs(4).with(OnPlateau.after(1).goal(Goal.smallest("loss").by(100)));
      History history = model.fit(Toys.labelled(8, 1), new Adam(0.01), CLASSES, epochs);
      assertThat(history.epochs())
          .extracting(History.Epoch::learningRate)
          .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : 1)
          .containsExactly(0.01, 0.01, 0.005, 0.0025);
      assertThat(model.learningRate()).isCloseTo(0.00125, within(1e-9));
    }
  }

  @Test
  void aCallbackEndsTraining() {
    List<String> heard = new ArrayList<>();
    Callback stops =
        new Callback() {
          @Override
          public void begin(Training training) {
            assertThat(training.scoreNames()).containsExactly("loss", "accuracy", "macro f1");
            assertThat(training.epoch()).isZero();
            heard.add("begin");
          }

          @Override
          public void batch(Training training) {
            if (training.epoch() == 2 && training.batch() == 1) {
              training.stop();
            }
          }

          @Override
          public void epoch(Training training) {
            heard.add(training.history().last().training().values().keySet().toString());
          }

          @Override
          public void end(Training training) {
            heard.add("end");
          }
        };
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Epochs epochs = Toys.epochs(9).metrics(Metric.f1(Metric.Average.MACRO)).with(stops);
      History history = model.fit(Toys.labelled(20, 1), new Adam(0.1), CLASSES, epochs);
      assertThat(history.epochs()).hasSize(2);
      assertThat(heard)
          .containsExactly(
              "begin", "[loss, accuracy, macro f1]", "[loss, accuracy, macro f1]", "end");
    }
  }

  @Test
  void metricsOfTrainingDataAreThoseOfTheBatchesAsTheyWereLearnt() {
    Sequences data = Toys.labelled(20, 1);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Scores before = model.evaluate(data, CLASSES, Metric.accuracy());
      Epochs epochs = Toys.epochs(1).batchSize(20).metrics(Metric.accuracy());
      History history = model.fit(data, new Adam(0.1), CLASSES, epochs);
      assertThat(history.last().training().value("accuracy")).isEqualTo(before.value("accuracy"));
    }
  }

  @Test
  void refusesWhatCannotBe() {
    Sequences data = Toys.labelled(8, 1);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Epochs other = Toys.epochs(1).stopEarly(EarlyStopping.after(1).goal(Goal.largest("mae")));
      assertThatThrownBy(() -> model.fit(data, new Adam(0.1), CLASSES, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Goal: a score must be one of [loss, accuracy], got mae");
      Epochs plateau = Toys.epochs(1).with(OnPlateau.after(1).goal(Goal.largest("mae")));
      assertThatThrownBy(() -> model.fit(data, new Adam(0.1), CLASSES, plateau))
          .hasMessage("Goal: a score must be one of [loss, accuracy], got mae");
    }
    assertThatThrownBy(() -> EarlyStopping.after(0))
        .hasMessage("EarlyStopping: patience must be at least 1, got 0");
    assertThatThrownBy(() -> OnPlateau.after(1).factor(1))
        .hasMessage("OnPlateau: factor must be greater than 0 and less than 1, got 1.0");
    assertThatThrownBy(() -> Epochs.of(1).batches(0))
        .hasMessage("Epochs: batches must be at least 1, got 0");
  }
}
