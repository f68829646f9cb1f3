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
import kazoku.cells.GRUCell;
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
      Optimizer optimizer,
      Loss loss,
      UnaryOperator<Epochs> plan) {

    Case with(UnaryOperator<Epochs> more) {
      return new Case(name, layer, data, optimizer, loss, epochs -> more.apply(plan.apply(epochs)));
    }

    Outcome train(Sequences rows, Sequences heldOut, UnaryOperator<Epochs> more) {
      try (Model model = Model.of(layer.get(), 42, Toys.config())) {
        Epochs epochs = plan.apply(Toys.epochs(4));
        if (heldOut != null) {
          epochs = epochs.validation(heldOut);
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
      return train(data, HELD_OUT, epochs -> epochs);
    }

    /** Of as many workers as there are shares. */
    List<Outcome> together(int[] shares) {
      return Crew.of(shares.length, workers -> train(workers, shares, epochs -> epochs));
    }

    Outcome train(Workers workers, int[] shares, UnaryOperator<Epochs> more) {
      return train(
          share(data, shares, workers.rank()),
          share(HELD_OUT, heldOut(shares), workers.rank()),
          epochs -> more.apply(epochs.together(workers)));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** What has been learnt. */
  private record Outcome(Map<String, List<Float>> weights, History history) {}

  private static final Sequences HELD_OUT = heldOut();

  private static Sequences heldOut() {
    float[][][] inputs = Toys.inputs(13, 9);
    return Sequences.of(inputs).labels(Toys.signs(inputs));
  }

  private static int[] heldOut(int[] shares) {
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
    return new Case(name, Toys::classifier, Toys.labelled(ROWS, 1), optimizer, CLASSES, plan);
  }

  static Stream<Case> cases() {
    Sequences data = Toys.labelled(ROWS, 1);
    double[] counts = IntStream.range(0, ROWS).mapToDouble(row -> row % 4).toArray();
    return Stream.of(
        classes("softmax", new Adam(0.02), epochs -> epochs),
        classes("clip", new GradientDescent(0.5).clip(0.05), epochs -> epochs),
        classes(
            "every and average", new Adam(0.02).every(2).average(0.9), epochs -> epochs.batches(5)),
        classes("weight decay", new Adam(0.02).weightDecay(0.01).l2(0.01), epochs -> epochs),
        classes("by length", new RMSprop(0.01), Epochs::byLength),
        classes("in order", new Adagrad(0.05), Epochs::inOrder),
        new Case(
            "sample weights",
            Toys::classifier,
            data.sampleWeights(counts),
            new Adam(0.02),
            CLASSES,
            epochs -> epochs),
        new Case(
            "penalty",
            Toys::classifier,
            data,
            new Adam(0.02),
            CLASSES.plus(Regularizer.l2(0.01, "/[WU]$")),
            epochs -> epochs),
        classes(
            "metrics",
            new Adam(0.02),
            epochs ->
                epochs.metrics(
                    Metric.accuracy(),
                    Metric.f1(Metric.Average.MACRO),
                    Metric.rocAuc(),
                    Metric.perplexity())),
        classes(
            "early stopping",
            new Adam(0.5),
            epochs ->
                new Epochs(
                        12,
                        epochs.batching(),
                        null,
                        List.of(),
                        EarlyStopping.after(1),
                        null,
                        Progress.NONE,
                        List.of(),
                        null)));
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
