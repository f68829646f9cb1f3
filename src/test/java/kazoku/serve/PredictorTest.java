package kazoku.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.cells.GRUCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TInt32;

@Timeout(120)
class PredictorTest {
  private static final Offset<Float> NEAR = Offset.offset(1e-6f);
  private static final Duration LONG = Duration.ofSeconds(50);

  @TempDir static Path shared;
  private static Model model;
  private static Model words;

  /** What they export: constants, which {@link Predictor#of} serves, too. */
  private static Path exported;

  private static Path exportedWords;

  @TempDir Path folder;

  @BeforeAll
  static void export() {
    model = Model.of(Toys.perRow(), 42);
    exported = shared.resolve("model");
    model.export(exported, Export.frozen());
    words = Model.of(Toys.words(), 42);
    exportedWords = shared.resolve("words");
    words.export(exportedWords, Export.frozen());
  }

  @AfterAll
  static void close() {
    model.close();
    words.close();
  }

  private static void near(float[] actual, float[] expected) {
    assertThat(actual).containsExactly(expected, NEAR);
  }

  private static void near(float[][] actual, float[][] expected) {
    assertThat(actual.length).isEqualTo(expected.length);
    for (int row = 0; row < actual.length; row++) {
      near(actual[row], expected[row]);
    }
  }

  @Test
  void givesWhatTheModelGives() {
    float[][][] rows = Toys.rows(5, 9, 1);
    float[][] expected = model.predict(Sequences.of(rows));
    try (Predictor live = Predictor.of(model);
        Predictor loaded = Predictor.load(exported)) {
      near(live.predict(rows), expected);
      near(loaded.predict(rows), expected);
      near(loaded.predict(Sequences.of(rows)), expected);
      near(loaded.run(Map.of("input", Sequences.of(rows))).rows("output"), expected);
      near(loaded.predict(rows[3]), expected[3]);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> loaded.predictSteps(rows))
          .withMessage("Predictor: the output output is for each row; use rows");
    }
  }

  @Test
  void givesStepsAsManyAsEachRowHas() {
    float[][][] rows = Toys.rows(5, 9, 1);
    rows[2] = new float[0][];
    try (Model model = Model.of(Toys.perStep(), 42);
        Predictor predictor = Predictor.of(model)) {
      float[][][] expected = model.predictSteps(Sequences.of(rows));
      float[][][] actual = predictor.predictSteps(rows);
      for (int row = 0; row < rows.length; row++) {
        near(actual[row], expected[row]);
        near(predictor.predictSteps(rows[row]), expected[row]);
      }
    }
  }

  @Test
  void takesAndGivesNumbersOneAfterTheOther() {
    float[][][] rows = {
      {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {1, 0, 1}}, {{2, 1, 0}, {3, 1, 4}, {1, 5, 9}, {2, 6, 5}}
    };
    try (Model model = Model.of(Toys.perStep(), 42);
        Predictor predictor = Predictor.of(model)) {
      float[][][] expected = predictor.predictSteps(rows);
      Outputs outputs = predictor.run(Sequences.of(flat(rows), 2, 4));
      near(outputs.flat("output"), flat(expected));
      assertThat(outputs.steps("output")).isDeepEqualTo(expected);

      float[][][] shorter = {rows[0], Arrays.copyOf(rows[1], 1)};
      float[] padded = predictor.run(Sequences.of(shorter)).flat("output");
      near(Arrays.copyOf(padded, 10), flat(new float[][][] {expected[0], {expected[1][0]}}));
      assertThat(padded).hasSize(2 * 4 * 2).endsWith(0, 0, 0, 0, 0, 0);
    }
  }

  private static float[] flat(float[][][] rows) {
    List<Float> all =
        Arrays.stream(rows)
            .flatMap(Arrays::stream)
            .flatMap(step -> IntStream.range(0, step.length).mapToObj(i -> step[i]))
            .toList();
    float[] flat = new float[all.size()];
    IntStream.range(0, flat.length).forEach(i -> flat[i] = all.get(i));
    return flat;
  }

  @Test
  void manyRowsAreAnsweredInPartsOfDifferentLengths() {
    float[][][] rows = new float[300][][];
    Arrays.setAll(rows, row -> Toys.rows(1, row < 256 ? 2 : 5, row)[0]);
    try (Model model = Model.of(Toys.perStep(), 42);
        Predictor predictor = Predictor.of(model)) {
      Outputs outputs = predictor.run(Sequences.of(rows));
      assertThat(outputs.flat("output")).hasSize(300 * 5 * 2);
      float[][][] steps = outputs.steps("output");
      for (int row : new int[] {0, 255, 256, 299}) {
        near(steps[row], predictor.predictSteps(rows[row]));
      }
    }
  }

  @Test
  void takesTokens() {
    int[][] rows = {{1, 2, 19}, {4}, {7, 7, 7, 0, 3}};
    try (Predictor predictor = Predictor.load(exportedWords)) {
      float[][] expected = words.predict(Sequences.tokens(rows));
      near(predictor.predict(rows), expected);
      near(predictor.predict(rows[2]), expected[2]);
      assertThatThrownBy(() -> predictor.predict(new int[] {1, 20}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("20 is not in [0, 20)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> predictor.predict(new int[] {1, -1}))
          .withMessage("Sequences: tokens must be 0 or more, but row 0 has another, got -1");
    }
  }

  @Test
  void takesSeveralInputsAndGivesSeveralOutputs() {
    Layer cell = new RNN(new PhasedLSTMCell(3, 5));
    Layer both =
        (w, x) -> {
          Signal steps = cell.apply(w.in("rnn"), x);
          return new RNN(new GRUCell(5, 2)).last().apply(w.in("last"), steps).beside("all", steps);
        };
    Sequences data =
        Sequences.of(new float[][][] {{{1, 2, 3}, {2, 3, 4}}, {{3, 4, 5}}})
            .beside("time", Sequences.of(new float[][][] {{{1}, {2}}, {{1}}}));
    try (Model model = Model.of(both, Inputs.vectors(3).vectors("time", 1), 42);
        Predictor predictor = Predictor.of(model)) {
      Outputs outputs = predictor.run(data);
      assertThat(outputs.names()).containsExactlyInAnyOrder("output", "all");
      assertThat(predictor.inputs().toString())
          .isEqualTo("{input=vectors [?, ?, 3], time=vectors [?, ?, 1]}");
      assertThat(predictor.outputs().toString())
          .isEqualTo("{all=vectors [?, ?, 5], output=rows [?, 2]}");
      assertThat(predictor.outputs().get("all").size()).isEqualTo(5);
      assertThat(predictor.outputs().get("output").perStep()).isFalse();
      near(outputs.rows("output"), model.predict(data));
      float[][][] steps = model.view().predictSteps("all", data);
      near(outputs.steps("all")[0], steps[0]);
      near(outputs.steps("all")[1], steps[1]);
      near(predictor.predict(data), model.predict(data));
      near(predictor.run(data.inputs()).rows("output"), model.predict(data));
      refused(
          predictor,
          "there must be the inputs [input, time]; give those beside the first with"
              + " sequences.beside(name, …), got [input]",
          Sequences.of(new float[1][2][3]));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> outputs.rows("scores"))
          .withMessage("Predictor: an output must be one of [all, output], got scores");
    }
  }

  @Test
  void takesInputsByNameWhereNoneIsTheFirst() throws Exception {
    Sequences marks = Sequences.of(new float[][][] {{{1, 2}, {3, 4}}, {{5, 6}}});
    Sequences bias = Sequences.rows(new float[][] {{10, 20}, {30, 40}});
    try (Predictor predictor = Predictor.load(Toys.foreign(folder.resolve("foreign")))) {
      assertThat(predictor.inputs().toString())
          .isEqualTo("{bias=rows [?, 2], marks=vectors [?, ?, 2]}");
      float[][] sums = predictor.run(Map.of("marks", marks, "bias", bias)).rows("sum");
      assertThat(sums).isDeepEqualTo(new float[][] {{14, 26}, {35, 46}});
      refused(
          predictor,
          "none of the inputs is called input; give each by its name, run(Map.of(…)), got [bias,"
              + " marks]",
          marks.beside("bias", bias));
      refusedByName(
          predictor,
          "Predictor: there must be the inputs [bias, marks], got [marks]",
          Map.of("marks", marks));
      refusedByName(
          predictor,
          "Predictor: bias must be rows, got vectors",
          Map.of("marks", marks, "bias", marks));
      refusedByName(
          predictor,
          "Predictor: bias must have 2 numbers, got 3",
          Map.of("marks", marks, "bias", Sequences.rows(new float[2][3])));
      refusedByName(
          predictor,
          "Sequences: marks must have 1 rows, as the first input has, got 2",
          Map.of("marks", marks, "bias", Sequences.rows(new float[1][2])));
    }
  }

  private static void refusedByName(
      Predictor predictor, String message, Map<String, Sequences> inputs) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> predictor.run(inputs))
        .withMessage(message);
  }

  @Test
  void manyRowsAreRunInParts() {
    float[][][] rows = Toys.rows(600, 4, 1);
    try (Predictor predictor = Predictor.load(exported)) {
      near(predictor.predict(rows), model.predict(Sequences.of(rows)));
    }
  }

  @Test
  void checksInput() {
    try (Predictor predictor = Predictor.load(exported)) {
      refused(predictor, "input must be vectors, got tokens", Sequences.tokens(new int[1][2]));
      refused(
          predictor, "input must have 3 numbers a step, got 4", Sequences.of(new float[1][2][4]));
      float[][][] infinite = Toys.rows(3, 9, 1);
      infinite[1] = new float[][] {{1, 2, 3}, {1, Float.POSITIVE_INFINITY, 3}};
      refused(
          predictor,
          "input must have finite numbers only, but row 1 at step 1 has another, got Infinity",
          Sequences.of(infinite));
    }
    try (Model model = Model.ofSteps(Toys.perRow(), 42, 4);
        Predictor predictor = Predictor.of(model)) {
      refused(
          predictor,
          "input must have at most 4 steps, as the model has, got 5",
          Sequences.of(new float[1][5][3]));
      assertThat(predictor.predict(new float[2][3])).hasSize(2);
    }
  }

  /** Signatures of what the graph has not. */
  @ParameterizedTest
  @ValueSource(strings = {"nothing", "nobody:0", "NAME:7", "NAME:-1", "NAME:x", ":"})
  void forgedSignaturesAreRefused(String name) throws Exception {
    Path model = renamed("forged", name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictor.load(model))
        .withMessageStartingWith("Predictor: TensorFlow cannot load " + model + ": ");
  }

  /** A model whose signature says another name of its input; NAME is that of the operation. */
  private Path renamed(String to, String name) throws Exception {
    Path model = folder.resolve(to);
    try (Model toy = Model.of(Toys.perRow(), 1)) {
      toy.export(model);
    }
    Path file = model.resolve("saved_model.pb");
    SavedModel.Builder saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    MetaGraphDef.Builder graph = saved.getMetaGraphsBuilder(0);
    SignatureDef.Builder signature = graph.getSignatureDefOrThrow("serving_default").toBuilder();
    TensorInfo.Builder input = signature.getInputsOrThrow("input").toBuilder();
    input.setName(name.replace("NAME", input.getName().split(":")[0]));
    graph.putSignatureDef("serving_default", signature.putInputs("input", input.build()).build());
    Files.write(file, saved.build().toByteArray());
    return model;
  }

  private static void refused(Predictor predictor, String message, Sequences rows) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> predictor.run(rows))
        .withMessage("Predictor: " + message);
  }

  @Test
  void saysWhatCannotBeLoaded() throws Exception {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictor.load(exported, Serving.DEFAULT.signature("sequences")))
        .withMessageMatching(
            "Predictor: the signature must be one of \\[.*serving_default.*] of .*model, got"
                + " sequences");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictor.load(folder.resolve("none")))
        .withMessageMatching(
            "Predictor: there is no saved_model.pb in .*none; write it with model.export");
    byte[] graph = Files.readAllBytes(exported.resolve("saved_model.pb"));
    Files.write(folder.resolve("saved_model.pb"), Arrays.copyOf(graph, 100));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictor.load(folder))
        .withMessageMatching("Predictor: TensorFlow cannot load .*: .*");
  }

  /** TensorFlow takes an operation's name for its first output. */
  @Test
  void signaturesMayNameOperations() throws Exception {
    Path model = Toys.exported(Toys.perRow(), 1);
    float[] scores;
    try (Predictor predictor = Predictor.load(model)) {
      scores = predictor.predict(new float[2][3]);
    }
    Path renamed = renamed("named", "NAME");
    try (Predictor predictor = Predictor.load(renamed)) {
      assertThat(predictor.predict(new float[2][3])).isEqualTo(scores);
    }
  }

  @Test
  void theFastestSessionTakesConstantsOnly() {
    Path variables = Toys.exported(Toys.perRow(), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictor.load(variables, Serving.DEFAULT.session(Serving.ONE_THREAD)))
        .withMessageMatching(
            "Predictor: TensorFlow cannot load .*: Single-threaded executor does not"
                + " support reference-typed edges.*");
    try (Predictor predictor =
        Predictor.load(exported, Serving.DEFAULT.batching(4, Duration.ZERO))) {
      float[][][] rows = Toys.rows(40, 9, 1);
      float[][] expected = model.predict(Sequences.of(rows));
      near(predictor.predict(rows), expected);
      near(predictor.predict(Arrays.copyOf(rows, 5)), Arrays.copyOf(expected, 5));
      near(predictor.predict(rows[4]), expected[4]);
    }
  }

  @Test
  void aVersionThatTakesSomethingElseIsRefused() {
    try (Predictor predictor = Predictor.load(exported)) {
      float[] before = predictor.predict(new float[2][3]);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> predictor.swap(exportedWords))
          .withMessage(
              "Predictor: a new version must take what the old one takes and give what it gives,"
                  + " input vectors [?, ?, 3] → output rows [?, 2], got input tokens [?, ?] →"
                  + " output rows [?, 2]");
      near(predictor.predict(new float[2][3]), before);
    }
  }

  @Test
  void aClosedOneSaysSo() {
    Predictor predictor = Predictor.load(exported);
    predictor.close();
    predictor.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> predictor.predict(new float[2][3]))
        .withMessage("Predictor: is closed; load another one");
    assertThatIllegalStateException().isThrownBy(() -> predictor.swap(exported));
    assertThatIllegalStateException().isThrownBy(predictor::streams);
    assertThat(predictor).hasToString("Predictor (closed)");
  }

  @Test
  void anotherModelTakesItsPlaceUnderLoad() throws Exception {
    swapsUnderLoad(Serving.DEFAULT);
  }

  @Test
  void anotherModelTakesItsPlaceUnderLoadWhileCallsAreGathered() throws Exception {
    swapsUnderLoad(Serving.DEFAULT.batching(8, Duration.ofMillis(1)));
  }

  private void swapsUnderLoad(Serving serving) throws Exception {
    Path[] versions = {Toys.exported(Toys.perRow(), 1), exported};
    float[][][] rows = Toys.rows(16, 12, 1);
    float[][][] expected = new float[2][][];
    for (int i = 0; i < 2; i++) {
      try (Predictor alone = Predictor.load(versions[i])) {
        expected[i] = alone.predict(rows);
      }
    }
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    try (Predictor predictor = Predictor.load(versions[0], serving);
        Threads threads = new Threads()) {
      for (int thread = 0; thread < 8; thread++) {
        int row = thread;
        threads.start(
            () -> {
              while (!stop.get()) {
                Outputs one = predictor.run(Sequences.of(new float[][][] {rows[row]}));
                int version = one.folder().equals(versions[0]) ? 0 : 1;
                near(one.rows("output")[0], expected[version][row]);
                float[][] some = predictor.predict(Arrays.copyOfRange(rows, row, row + 5));
                oneVersion(some, expected, row);
                calls.addAndGet(2);
              }
              return null;
            });
      }
      for (int swap = 1; swap <= 6; swap++) {
        predictor.swap(versions[swap % 2]);
        Outputs outputs = predictor.run(Sequences.of(rows));
        near(outputs.rows("output"), expected[swap % 2]);
        assertThat(outputs.folder()).isEqualTo(versions[swap % 2]);
      }
      stop.set(true);
      threads.join();
    }
    assertThat(calls.get()).isGreaterThan(100);
  }

  private static void oneVersion(float[][] actual, float[][][] expected, int from) {
    int version = Math.abs(actual[0][0] - expected[0][from][0]) < 1e-6 ? 0 : 1;
    near(actual, Arrays.copyOfRange(expected[version], from, from + actual.length));
  }

  @Test
  void aFullRunDoesNotWait() throws Exception {
    float[][][] rows = new float[4][][];
    for (int row = 0; row < 4; row++) {
      rows[row] = new float[][] {{1, 2, 3}, {row, 1, 2}};
    }
    try (Predictor predictor = Predictor.load(exported, Serving.DEFAULT.batching(4, LONG));
        Threads threads = new Threads()) {
      float[][] expected = model.predict(Sequences.of(rows));
      List<Future<float[]>> answers = new ArrayList<>();
      long begin = System.nanoTime();
      for (float[][] row : rows) {
        answers.add(threads.start(() -> predictor.predict(row)));
      }
      for (int row = 0; row < 4; row++) {
        near(Threads.get(answers.get(row)), expected[row]);
      }
      assertThat(System.nanoTime() - begin).isLessThan(LONG.toNanos() / 2);
    }
  }

  @Test
  void aLoneCallWaitsNoLongerThanItMay() {
    try (Predictor predictor =
        Predictor.load(exported, Serving.DEFAULT.batching(4, Duration.ofMillis(200)))) {
      long begin = System.nanoTime();
      predictor.predict(new float[2][3]);
      assertThat(System.nanoTime() - begin).isBetween(200_000_000L, 10_000_000_000L);
    }
  }

  @Test
  void gatheredCallsAreAnsweredAsIfAlone() throws Exception {
    float[][][] rows = Toys.rows(200, 40, 1);
    try (Model model = Model.of(Toys.perStep(), 42);
        Predictor predictor =
            Predictor.of(model, Serving.DEFAULT.batching(16, Duration.ofMillis(2)));
        Threads threads = new Threads()) {
      float[][][] expected = model.predictSteps(Sequences.of(rows));
      for (int thread = 0; thread < 16; thread++) {
        int first = thread;
        threads.start(
            () -> {
              for (int row = first; row < rows.length; row += 16) {
                near(predictor.predictSteps(rows[row]), expected[row]);
              }
              return null;
            });
      }
      threads.join();
    }
  }

  @Test
  void aFailureIsItsCallersAlone() throws Exception {
    try (Predictor predictor = Predictor.load(exportedWords, Serving.DEFAULT.batching(3, LONG));
        Threads threads = new Threads()) {
      float[] expected = words.predict(Sequences.tokens(new int[][] {{1, 2}}))[0];
      Future<float[]> one = threads.start(() -> predictor.predict(new int[] {1, 2}));
      Future<float[]> wrong = threads.start(() -> predictor.predict(new int[] {1, 77}));
      Future<float[]> other = threads.start(() -> predictor.predict(new int[] {1, 2}));
      near(Threads.get(one), expected);
      near(Threads.get(other), expected);
      assertThatThrownBy(() -> Threads.get(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("77 is not in [0, 20)");
    }
  }

  @Test
  void moreThanMayWaitAreRejectedAndClosingAnswersThoseWhoWait() throws Exception {
    try (Threads threads = new Threads()) {
      Predictor predictor = Predictor.load(exported, Serving.DEFAULT.batching(64, LONG).queue(5));
      AtomicInteger rejected = new AtomicInteger();
      CountDownLatch refusals = new CountDownLatch(3);
      List<Future<float[]>> answers = new ArrayList<>();
      for (int call = 0; call < 8; call++) {
        answers.add(
            threads.start(
                () -> {
                  try {
                    return predictor.predict(new float[2][3]);
                  } catch (RejectedExecutionException e) {
                    assertThat(e)
                        .hasMessage(
                            "Predictor: at most 5 calls may wait, and they do; try again later");
                    rejected.incrementAndGet();
                    refusals.countDown();
                    return null;
                  }
                }));
      }
      refusals.await();
      long begin = System.nanoTime();
      predictor.close();
      threads.join();
      assertThat(System.nanoTime() - begin).isLessThan(LONG.toNanos() / 2);
      assertThat(rejected).hasValue(3);
      assertThatIllegalStateException().isThrownBy(() -> predictor.predict(new float[2][3]));
    }
  }

  @Test
  void closingWaitsForCallsUnderWay() throws Exception {
    for (Serving serving :
        List.of(Serving.DEFAULT, Serving.DEFAULT.batching(4, Duration.ofMillis(1)))) {
      try (Threads threads = new Threads()) {
        float[][] row = Toys.rows(1, 1, 1)[0];
        float[] expected = model.predict(Sequences.of(new float[][][] {row}))[0];
        Predictor predictor = Predictor.load(exported, serving);
        CountDownLatch answered = new CountDownLatch(20);
        for (int thread = 0; thread < 6; thread++) {
          threads.start(
              () -> {
                while (true) {
                  float[] actual;
                  try {
                    actual = predictor.predict(row);
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("Predictor: is closed; load another one");
                    return null;
                  }
                  near(actual, expected);
                  answered.countDown();
                }
              });
        }
        answered.await();
        predictor.close();
        threads.join();
      }
    }
  }

  @Test
  void anInterruptedCallerIsTold() throws Exception {
    try (Predictor predictor = Predictor.load(exported, Serving.DEFAULT.batching(2, LONG))) {
      AtomicBoolean still = new AtomicBoolean();
      Thread caller =
          new Thread(
              () -> {
                try {
                  predictor.predict(new float[2][3]);
                } catch (CancellationException e) {
                  still.set(Thread.currentThread().isInterrupted());
                }
              });
      caller.start();
      caller.interrupt();
      caller.join();
      assertThat(still).isTrue();
    }
  }

  /** What the garbage collector need not find: the process keeps its size. */
  @Test
  void nothingIsLeftOpen() {
    float[][][] rows = Toys.rows(20, 30, 1);
    Path version = Toys.exported(Toys.perStep(), 1);
    Serving serving = Serving.DEFAULT.batching(4, Duration.ZERO);
    try (Predictor predictor = Predictor.load(version, serving)) {
      predictor.predictSteps(rows);
      long open = Pointer.totalCount();
      try (TInt32 tensor = TInt32.scalarOf(1)) {
        assertThat(tensor.getInt()).isOne();
        assertThat(Pointer.totalCount()).isGreaterThan(open);
      }
      for (int call = 0; call < 100; call++) {
        predictor.predictSteps(rows);
        predictor.predictSteps(rows[call % 20]);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> predictor.predictSteps(new float[1][1]));
      }
      for (int swap = 0; swap < 3; swap++) {
        predictor.swap(version);
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(open);
    }
  }
}
