package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.ElmanRNNCell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training by several workers beside training by one process, on the same rows. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WorkersTest {
  private static final int ROWS = 41;
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  /** Rows of each worker; of batches of 8 rows, many have none of the first worker. */
  private static final int[][] SHARES = {{11, 30}, {1, 25, 15}};

  /** A training. */
  private record Case(
      String name,
      Supplier<Layer> layer,
      Sequences data,
      Sequences heldOut,
      Optimizer optimizer,
      Loss loss,
      UnaryOperator<Epochs> plan) {

    Outcome train(Sequences rows, Sequences judged, UnaryOperator<Epochs> more) {
      try (Model model = Model.of(layer.get(), 42)) {
        Epochs epochs = plan.apply(Toys.epochs(5));
        if (judged != null) {
          epochs = epochs.validation(judged);
        }
        History history = model.fit(rows, optimizer, loss, more.apply(epochs));
        Map<String, List<Float>> weights = new LinkedHashMap<>();
        for (String weight : model.weights()) {
          List<Float> values = new ArrayList<>();
          for (float value : model.weight(weight)) {
            values.add(value);
          }
          weights.put(weight, values);
        }
        return new Outcome(weights, history);
      }
    }

    Outcome alone() {
      return train(data, heldOut, epochs -> epochs);
    }

    /** Of as many workers as there are shares. */
    List<Outcome> together(int[] shares) {
      return Crew.of(shares.length, workers -> train(workers, shares, epochs -> epochs));
    }

    Outcome train(Workers workers, int[] shares, UnaryOperator<Epochs> more) {
      return train(
          share(data, shares, workers.rank()),
          heldOut == null ? null : share(heldOut, heldOutShares(shares), workers.rank()),
          epochs -> more.apply(epochs.together(workers)));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** What has been learnt. */
  private record Outcome(Map<String, List<Float>> weights, History history) {}

  private static final Sequences HELD_OUT = Toys.labelled(13, 9);

  private static int[] heldOutShares(int[] shares) {
    int[] rows = new int[shares.length];
    Arrays.fill(rows, 1);
    rows[0] = HELD_OUT.size() - shares.length + 1;
    return rows;
  }

  private static Sequences share(Sequences data, int[] shares, int rank) {
    int first = Arrays.stream(shares, 0, rank).sum();
    return data.select(IntStream.range(first, first + shares[rank]).toArray());
  }

  private static Case classes(String name, Optimizer optimizer, UnaryOperator<Epochs> plan) {
    return new Case(
        name, WorkersTest::classifier, Toys.labelled(ROWS, 1), HELD_OUT, optimizer, CLASSES, plan);
  }

  private static Layer classifier() {
    return new Sequential(new RNN(new ElmanRNNCell(2, 8)).last(), Toys.head(8, 2));
  }

  private static Layer tagger() {
    return new Sequential(new RNN(new ElmanRNNCell(2, 8)), Toys.head(8, 2));
  }

  /** Every third step has no label. */
  private static Sequences tagged() {
    float[][][] inputs = Toys.inputs(ROWS, 1);
    int[][] labels =
        Arrays.stream(Toys.sums(inputs))
            .map(
                row ->
                    IntStream.range(0, row.length)
                        .map(t -> t % 3 == 2 ? -1 : row[t][0] > 0 ? 1 : 0)
                        .toArray())
            .toArray(int[][]::new);
    return Sequences.of(inputs).stepLabels(labels);
  }

  static Stream<Case> cases() {
    double[] counts = IntStream.range(0, ROWS).mapToDouble(row -> row % 4).toArray();
    return Stream.of(
        classes(
            "softmax, metrics",
            new Adam(0.02),
            epochs ->
                epochs.metrics(
                    Metric.accuracy(), Metric.f1(Metric.Average.MACRO), Metric.rocAuc())),
        classes(
            "clip, every, average, epochs that are no passes",
            new Adam(0.02).clip(0.05).every(2).average(0.9),
            epochs -> epochs.batches(5)),
        new Case(
            "sample weights, weight decay, by length",
            WorkersTest::classifier,
            Toys.labelled(ROWS, 1).sampleWeights(counts),
            HELD_OUT,
            new RMSprop(0.01).weightDecay(0.01).l2(0.01),
            CLASSES,
            Epochs::byLength),
        new Case(
            "steps of which some have no label, penalty, in order",
            WorkersTest::tagger,
            tagged(),
            null,
            new Adam(0.02),
            CLASSES.plus(Regularizer.l2(0.01, "/[WU]$")),
            Epochs::inOrder),
        classes(
            "early stopping, on a plateau",
            new GradientDescent(0.8),
            epochs -> epochs.stopEarly(EarlyStopping.after(2)).with(OnPlateau.after(1))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void workersLearnWhatOneProcessLearns(Case one) {
    Outcome alone = one.alone();
    for (int[] shares : SHARES) {
      List<Outcome> all = one.together(shares);
      assertThat(all).allMatch(all.get(0)::equals);
      assertClose(all.get(0), alone);
    }
  }

  private static void assertClose(Outcome actual, Outcome expected) {
    assertThat(actual.weights.keySet()).isEqualTo(expected.weights.keySet());
    expected.weights.forEach(
        (name, values) -> {
          for (int i = 0; i < values.size(); i++) {
            assertThat(actual.weights.get(name).get(i))
                .as("%s[%d]", name, i)
                .isCloseTo(values.get(i), within(1e-5f));
          }
        });
    List<History.Epoch> epochs = expected.history.epochs();
    assertThat(actual.history.epochs()).hasSameSizeAs(epochs);
    for (int i = 0; i < epochs.size(); i++) {
      History.Epoch epoch = actual.history.epochs().get(i);
      assertThat(epoch.learningRate()).isEqualTo(epochs.get(i).learningRate());
      assertClose(epoch.training(), epochs.get(i).training());
      if (epochs.get(i).validation() != null) {
        assertClose(epoch.validation(), epochs.get(i).validation());
      }
    }
  }

  private static void assertClose(Scores actual, Scores expected) {
    expected
        .values()
        .forEach(
            (name, value) ->
                assertThat(actual.value(name)).as(name).isCloseTo(value, within(1e-5)));
  }
}
