package kazoku.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
import kazoku.layers.BatchNorm;
import kazoku.layers.Dropout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training by several workers beside training by one process, on the same rows. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WorkersTest {
  private static final int ROWS = 41;
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  private static final int[] TWO = {11, 30};

  /** Of batches of 8 rows, many have none of the first worker. */
  private static final int[] THREE = {1, 25, 15};

  /** A training. */
  private record Case(
      String name,
      Supplier<Layer> layer,
      Sequences data,
      Sequences heldOut,
      Optimizer optimizer,
      Loss loss,
      UnaryOperator<Epochs> plan) {

    Learnt train(Sequences rows, Sequences judged, UnaryOperator<Epochs> more) {
      try (Model model = Model.of(layer.get(), 42)) {
        Epochs epochs = plan.apply(Toys.epochs(5));
        if (judged != null) {
          epochs = epochs.validation(judged);
        }
        History history = model.fit(rows, optimizer, loss, more.apply(epochs));
        return new Learnt(weights(model), history);
      }
    }

    Learnt alone() {
      return train(data, heldOut, epochs -> epochs);
    }

    /** Of as many workers as there are shares. */
    List<Learnt> together(int[] shares) {
      return Crew.of(shares.length, workers -> train(workers, shares, epochs -> epochs));
    }

    Learnt train(Workers workers, int[] shares, UnaryOperator<Epochs> more) {
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
  private record Learnt(Map<String, List<Float>> weights, History history) {}

  private static Map<String, List<Float>> weights(Model model) {
    Map<String, List<Float>> weights = new LinkedHashMap<>();
    for (String weight : model.weights()) {
      List<Float> values = new ArrayList<>();
      for (float value : model.weight(weight)) {
        values.add(value);
      }
      weights.put(weight, values);
    }
    return weights;
  }

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
            epochs -> cut(epochs, 12).stopEarly(EarlyStopping.after(2)).with(OnPlateau.after(1))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void workersLearnWhatOneProcessLearns(Case one) {
    Learnt alone = one.alone();
    List<Learnt> all = one.together(THREE);
    assertThat(all).allMatch(all.get(0)::equals);
    assertClose(all.get(0), alone);
  }

  @Test
  void repeatsGiveTheSameBits() {
    Case one = classes("softmax", new Adam(0.02), epochs -> epochs);
    assertThat(one.together(TWO)).isEqualTo(one.together(TWO));
  }

  @Test
  void oneWorkerGivesTheBitsOfOneProcess() {
    Case one =
        new Case(
            "batch norm and drop-out",
            () ->
                new Sequential(
                    new RNN(new ElmanRNNCell(2, 8)).last(),
                    new BatchNorm(8),
                    new Dropout(0.3),
                    Toys.head(8, 2)),
            Toys.labelled(ROWS, 1),
            HELD_OUT,
            new Adam(0.02).clip(1).every(2),
            CLASSES.plus(Regularizer.l2(0.01, "W$")),
            epochs -> epochs.metrics(Metric.accuracy()));
    assertThat(one.together(new int[] {ROWS})).containsExactly(one.alone());
    List<Learnt> both = one.together(TWO);
    assertThat(both.get(0)).isEqualTo(both.get(1));
    assertThat(both.get(0).weights.toString()).doesNotContain("NaN");
  }

  @Test
  void earlyStoppingAndLowerRatesAreThoseOfAllRows() {
    Case one = cases().filter(c -> c.name.startsWith("early stopping")).findFirst().orElseThrow();
    List<History.Epoch> epochs = one.together(TWO).get(1).history.epochs();
    assertThat(epochs).hasSizeLessThan(12);
    assertThat(epochs.get(epochs.size() - 1).learningRate()).isLessThan(0.8);
  }

  @Test
  void callbacksOfTheFirstWorkerSteerAll() {
    Case one = classes("softmax", new Adam(0.02), epochs -> epochs);
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    List<Learnt> all =
        Crew.of(
            2,
            workers ->
                one.train(
                    workers,
                    TWO,
                    epochs ->
                        epochs.with(
                            new Callback() {
                              @Override
                              public void batch(Training training) {
                                if (training.epoch() == 1 && training.batch() == 2) {
                                  training.learningRate(0.001);
                                }
                                if (training.epoch() == 3 && training.batch() == 2) {
                                  training.stop();
                                }
                              }

                              @Override
                              public void epoch(Training training) {
                                heard.add(
                                    workers.rank()
                                        + " in epoch "
                                        + training.epoch()
                                        + ", learnt "
                                        + training.learnt());
                                if (training.epoch() == 2) {
                                  training.learningRate(0.01);
                                }
                              }
                            })));
    assertThat(heard)
        .containsExactly(
            "0 in epoch 1, learnt 6", "0 in epoch 2, learnt 12", "0 in epoch 3, learnt 15");
    assertThat(all.get(1)).isEqualTo(all.get(0));
    assertThat(all.get(1).history.epochs())
        .extracting(epoch -> String.format(Locale.ROOT, "%.6f", epoch.learningRate()))
        .containsExactly("0.001000", "0.001000", "0.010000");
    List<Learnt> none =
        Crew.of(
            2,
            workers ->
                one.train(
                    workers,
                    TWO,
                    epochs ->
                        epochs.with(
                            new Callback() {
                              @Override
                              public void begin(Training training) {
                                training.stop();
                              }

                              @Override
                              public void epoch(Training training) {
                                throw new AssertionError("there is none");
                              }
                            })));
    assertThat(none).allMatch(outcome -> outcome.history.epochs().isEmpty());
  }

  @Test
  void trainingGoesOnWithAnotherNumberOfWorkers(@TempDir Path folder) {
    Case one =
        classes(
            "checkpoints",
            new Adam(0.02).every(4).average(0.9),
            epochs -> epochs.batches(4).stopEarly(EarlyStopping.after(9)));
    Learnt undisturbed = one.alone();
    UnaryOperator<Epochs> saved =
        epochs -> epochs.checkpoints(Checkpoints.in(folder.resolve("run")).resume());
    UnaryOperator<Epochs> first = epochs -> saved.apply(cut(epochs, 2));
    UnaryOperator<Epochs> then = epochs -> saved.apply(cut(epochs, 4));
    Crew.of(2, workers -> one.train(workers, TWO, first));
    Crew.of(3, workers -> one.train(workers, THREE, then));
    assertClose(one.train(one.data, one.heldOut, saved), undisturbed);
    List<Learnt> over = Crew.of(2, workers -> one.train(workers, TWO, saved));
    assertThat(over).allMatch(over.get(0)::equals);
    assertClose(over.get(0), undisturbed);
  }

  private static Epochs cut(Epochs epochs, int count) {
    return new Epochs(
        count,
        epochs.batching(),
        epochs.validation(),
        epochs.metrics(),
        epochs.stopping(),
        epochs.checkpoints(),
        epochs.progress(),
        epochs.others(),
        epochs.workers());
  }

  /** Of two workers; a model has 8·(2 + 8 + 1) + 2·(8 + 1) weights. */
  @Test
  void anUpdateSendsFourBytesForEachWeight() {
    Case one = classes("softmax", new Adam(0.02), epochs -> epochs.inOrder());
    UnaryOperator<Epochs> few = epochs -> cut(epochs, 1).batches(2);
    UnaryOperator<Epochs> more = epochs -> cut(epochs, 1).batches(5);
    int[] halves = {4, ROWS - 4}; // Only the first batch has rows of both.
    long bytes =
        Crew.bytes(2, workers -> one.train(workers, halves, more))
            - Crew.bytes(2, workers -> one.train(workers, halves, few));
    int weights = 8 * (2 + 8 + 1) + 2 * (8 + 1);
    assertThat(bytes).isBetween(3L * 4 * weights, 3L * (4 * weights + 100));
  }

  @Test
  void aNumberThatIsNotFiniteEndsTheTrainingOfAll() {
    float[][][] inputs = Toys.inputs(ROWS, 1);
    int[] labels = Toys.signs(inputs);
    inputs[30][0][1] = Float.NaN;
    Case one =
        new Case(
            "NaN",
            WorkersTest::classifier,
            Sequences.of(inputs).labels(labels),
            null,
            new Adam(0.02),
            CLASSES,
            Epochs::inOrder);
    List<Map<String, List<Float>>> weights = Collections.synchronizedList(new ArrayList<>());
    List<String> failures =
        Crew.failures(
            3,
            workers ->
                one.train(
                    workers,
                    THREE,
                    epochs ->
                        epochs.with(
                            new Callback() {
                              @Override
                              public void epoch(Training training) {
                                throw new AssertionError("there is none");
                              }

                              @Override
                              public void end(Training training) {
                                weights.add(WorkersTest.weights(training.model()));
                              }
                            })));
    assertThat(failures.get(2))
        .isEqualTo(
            "Model: in epoch 1, batch 4, the input is NaN in row 4, step 0; correct the data; the"
                + " update was not made");
    assertThat(failures.subList(0, 2))
        .containsOnly(
            "Model: in epoch 1, batch 4, the loss or a gradient of the rows of worker 2 is not"
                + " finite, and its error says what was the first; the update was not made");
    assertThat(weights.toString()).doesNotContain("NaN");
  }

  /** What differs between workers, and what both say of it. */
  static Stream<Arguments> differences() {
    return Stream.of(
        Arguments.of(
            (Function<Workers, Object>) workers -> fit(workers, 42 + workers.rank(), e -> e),
            "worker 1 must have the seed of worker 0, 42"),
        Arguments.of(
            (Function<Workers, Object>)
                workers -> fit(workers, 42, epochs -> epochs.batchSize(8 + workers.rank())),
            "worker 1 must have the batching of worker 0, Batching[size=8"),
        Arguments.of(
            (Function<Workers, Object>)
                workers -> fit(workers, 42, e -> workers.rank() == 0 ? e : e.validation(HELD_OUT)),
            "worker 1 must have the use of validation data of worker 0, false"));
  }

  private static History fit(Workers workers, long seed, UnaryOperator<Epochs> plan) {
    try (Model model = Model.of(classifier(), seed)) {
      return model.fit(
          HELD_OUT, new Adam(0.02), CLASSES, plan.apply(Toys.epochs(1)).together(workers));
    }
  }

  @ParameterizedTest
  @MethodSource("differences")
  void allMustTrainTheSame(Function<Workers, Object> work, String sentence) {
    assertThat(Crew.failures(2, work))
        .allSatisfy(
            said ->
                assertThat(said)
                    .startsWith("Workers: " + sentence)
                    .contains("; give both the same model and call fit alike, got "));
  }

  @Test
  void modelsThatHaveLearntApartAreRefused() {
    List<String> failures =
        Crew.failures(
            2,
            workers -> {
              try (Model model = Model.of(classifier(), 42)) {
                Epochs one = Toys.epochs(1);
                Sequences rows = Toys.labelled(13, workers.rank());
                model.fit(rows, new Adam(0.02), CLASSES, one);
                return model.fit(rows, new Adam(0.02), CLASSES, one.together(workers));
              }
            });
    assertThat(failures)
        .allSatisfy(
            said ->
                assertThat(said)
                    .startsWith(
                        "Workers: worker 1 must have the weights and optimizer's state of worker 0,"
                            + " CRC-32 "));
  }

  @Test
  void workersThatHaveComeApartSayIt() {
    List<String> failures =
        Crew.failures(
            2,
            workers ->
                fit(
                    new Workers() {
                      private int calls;

                      @Override
                      public int count() {
                        return workers.count();
                      }

                      @Override
                      public int rank() {
                        return workers.rank();
                      }

                      @Override
                      public List<byte[]> gather(byte[] mine) {
                        boolean other = rank() == 1 && ++calls == 5;
                        return workers.gather(other ? "garbage".getBytes(UTF_8) : mine);
                      }
                    },
                    42,
                    epochs -> epochs));
    assertThat(failures.get(0))
        .isEqualTo(
            "Workers: all must be at the same step, and worker 1 is at: a message that is not of"
                + " this library's training; begin all again, from a checkpoint, got update 1");
  }

  @Test
  void whatCannotBeTrainedTogetherIsRefusedAtOnce() {
    Workers alone = Crew.of(1, workers -> workers).get(0);
    assertThatThrownBy(() -> Toys.epochs(1).together(alone).truncate(2))
        .hasMessageStartingWith(
            "Workers: training together is of whole sequences; leave out truncate and stateful");
    assertThatThrownBy(() -> Toys.epochs(1).stateful().together(alone))
        .hasMessageContaining("leave out truncate and stateful, got Batching[");
    assertThatThrownBy(
            () -> {
              try (Model model = Model.of(classifier(), 42)) {
                model.fit(
                    Source.of(List.of(HELD_OUT)),
                    new Adam(0.02),
                    CLASSES,
                    Toys.epochs(1).together(alone));
              }
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Workers: data must be rows in memory")
        .hasMessageContaining("source.read()");
    assertThat(Crew.failures(1, workers -> fit(workers, 42, e -> e.metrics(new Own()))))
        .containsExactly(
            "Metric: own cannot be put together from several workers; give its tally numbers and"
                + " merge, or leave it out");
  }

  /** A metric whose tally is an island. */
  private record Own() implements Metric {
    @Override
    public String name() {
      return "own";
    }

    @Override
    public Tally begin() {
      return new Tally() {
        @Override
        public void add(kazoku.train.Outcome outcome) {
          // It does not matter here.
        }

        @Override
        public double value() {
          return 0;
        }
      };
    }
  }

  private static void assertClose(Learnt actual, Learnt expected) {
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
