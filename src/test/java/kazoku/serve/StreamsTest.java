package kazoku.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Fuzz;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Stacked;
import kazoku.cells.GRUCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.wrap.TrainableInitialState;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.ConfigProto;

@Timeout(120)
class StreamsTest {
  private static final Offset<Float> NEAR = Offset.offset(1e-6f);
  private static final int STEPS = 12;
  private static final int ROWS = 40;

  @TempDir static Path folder;
  private static Path exported;
  private static Path newer;
  private static float[][][] rows;
  private static float[][][] expected;

  @BeforeAll
  static void export() {
    rows = new float[ROWS][][];
    for (int row = 0; row < ROWS; row++) {
      rows[row] = Toys.steps(STEPS, row);
    }
    exported = Toys.exported(Toys.perStep(), 1);
    newer = Toys.exported(Toys.perStep(), 2);
    try (Model model = Model.of(Toys.perStep(), 1)) {
      expected = model.predictSteps(Sequences.of(rows));
    }
  }

  private static void near(float[] actual, float[] expected) {
    assertThat(actual).containsExactly(expected, NEAR);
  }

  @Test
  void oneStepAfterTheOtherIsTheWholeSequence() {
    try (Streams streams = Streams.load(exported)) {
      Stream stream = streams.open();
      for (int t = 0; t < STEPS; t++) {
        near(stream.feed(rows[0][t]), expected[0][t]);
      }
    }
  }

  @Test
  void manyAreFedTogetherWhereverTheyAre() {
    try (Streams streams = Streams.load(exported)) {
      List<Stream> all = new ArrayList<>();
      int[] at = new int[ROWS];
      for (int row = 0; row < ROWS; row++) {
        all.add(streams.open());
      }
      Random random = new Random(1);
      for (int round = 0; round < 20; round++) {
        List<Integer> some = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
          if (at[row] < STEPS && random.nextBoolean()) {
            some.add(row);
          }
        }
        Collections.shuffle(some, random);
        if (some.isEmpty()) {
          continue;
        }
        float[][] y =
            streams.feedAll(
                some.stream().map(all::get).toList(),
                some.stream().map(row -> rows[row][at[row]]).toArray(float[][]::new));
        for (int i = 0; i < y.length; i++) {
          near(y[i], expected[some.get(i)][at[some.get(i)]++]);
        }
      }
    }
  }

  @Test
  void veryManyGoOnFromTheirOwnStates() {
    try (Streams streams = Streams.load(exported)) {
      List<Stream> all = new ArrayList<>();
      float[][] x = new float[700][];
      for (int stream = 0; stream < x.length; stream++) {
        all.add(streams.open());
      }
      for (int t = 0; t < STEPS; t++) {
        for (int stream = 0; stream < x.length; stream++) {
          x[stream] = rows[stream % ROWS][t];
        }
        float[][] y = streams.feedAll(all, x);
        for (int stream = 0; stream < x.length; stream++) {
          near(y[stream], expected[stream % ROWS][t]);
        }
      }
    }
  }

  @Test
  void concurrentFeedsShareRuns() throws Exception {
    Serving[] servings = {
      Serving.DEFAULT,
      Serving.DEFAULT.batching(256, Duration.ZERO),
      Serving.DEFAULT.batching(16, Duration.ofMillis(2))
    };
    for (Serving serving : servings) {
      try (Streams streams = Streams.load(exported, serving, Limits.DEFAULT);
          Threads threads = new Threads()) {
        for (int row = 0; row < ROWS; row++) {
          float[][] x = rows[row];
          float[][] y = expected[row];
          threads.start(
              () -> {
                Stream stream = streams.open();
                for (int t = 0; t < STEPS; t++) {
                  near(stream.feed(x[t]), y[t]);
                }
                return null;
              });
        }
        threads.join();
      }
    }
  }

  @Test
  void oneThreadAfterTheOtherFeedsAStream() throws Exception {
    float[] same = rows[0][0];
    float[][] repeated = new float[60][];
    Arrays.fill(repeated, same);
    float[] last;
    try (Model model = Model.of(Toys.perStep(), 1)) {
      last = model.predictSteps(Sequences.of(new float[][][] {repeated}))[0][59];
    }
    try (Streams streams = Streams.load(exported);
        Threads threads = new Threads()) {
      Stream stream = streams.open();
      for (int thread = 0; thread < 6; thread++) {
        threads.start(
            () -> {
              for (int t = 0; t < 10; t++) {
                stream.feed(same);
              }
              return null;
            });
      }
      threads.join();
      float[] next = stream.feed(same);
      try (Streams others = Streams.load(exported)) {
        Stream other = others.open();
        for (int t = 0; t < 59; t++) {
          other.feed(same);
        }
        near(other.feed(same), last);
        near(next, other.feed(same));
      }
    }
  }

  @Test
  void takesTokens() {
    int[] tokens = {3, 1, 19, 0, 7};
    Path words = Toys.exported(Toys.wordsPerStep(), 1);
    try (Model model = Model.of(Toys.wordsPerStep(), 1);
        Streams streams = Streams.load(words)) {
      float[][] y = model.predictSteps(Sequences.tokens(new int[][] {tokens}))[0];
      Stream one = streams.open();
      Stream other = streams.open();
      for (int t = 0; t < tokens.length; t++) {
        near(one.feed(tokens[t]), y[t]);
        near(streams.feedAll(List.of(other), new int[] {tokens[t]})[0], y[t]);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> one.feed(new float[] {1}))
          .withMessage("Streams: input must be tokens, got vectors");
      byte[] before = one.save();
      assertThatThrownBy(() -> one.feed(20))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("20 is not in [0, 20)");
      assertThat(one.save()).isEqualTo(before);
    }
  }

  @Test
  void goesOnFromSavedBytes() {
    byte[][] saved = new byte[2][];
    try (Streams streams = Streams.load(exported)) {
      saved[0] = streams.open().save();
      Stream stream = streams.open();
      for (int t = 0; t < 5; t++) {
        stream.feed(rows[3][t]);
      }
      saved[1] = stream.save();
    }
    try (Streams streams = Streams.load(exported)) {
      near(streams.restore(saved[0]).feed(rows[3][0]), expected[3][0]);
      Stream stream = streams.restore(saved[1]);
      Stream again = streams.restore(saved[1]);
      for (int t = 5; t < STEPS; t++) {
        near(stream.feed(rows[3][t]), expected[3][t]);
        near(again.feed(rows[3][t]), expected[3][t]);
      }
    }
  }

  @Test
  void goesOnInAnotherProcess() throws Exception {
    try (Streams streams = Streams.load(exported)) {
      Stream stream = streams.open();
      stream.feed(rows[3][0]);
      Path saved = folder.resolve("saved");
      Files.write(saved, stream.save());
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Elsewhere.class.getName(),
                  exported.toString(),
                  saved.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String[] lines = new String(process.getInputStream().readAllBytes()).split("\\R");
      assertThat(process.waitFor()).isZero();
      near(
          new float[] {Float.parseFloat(lines[0]), Float.parseFloat(lines[1])},
          stream.feed(new float[] {1, 2, 3}));
    }
  }

  /** Restores a stream, feeds it once, and prints what comes. */
  static final class Elsewhere {
    public static void main(String[] args) throws Exception {
      try (Streams streams = Streams.load(Path.of(args[0]))) {
        byte[] saved = Files.readAllBytes(Path.of(args[1]));
        for (float y : streams.restore(saved).feed(new float[] {1, 2, 3})) {
          System.out.println(y);
        }
      }
    }
  }

  @Test
  void bytesOfOthersAreRefused() {
    byte[] foreign;
    Path words = Toys.exported(Toys.wordsPerStep(), 1);
    try (Streams streams = Streams.load(words)) {
      foreign = streams.open().save();
    }
    try (Streams streams = Streams.load(exported)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> streams.restore(foreign))
          .withMessage(
              "Streams: a saved stream must have the states [rnn_cell_h [5]], got [rnn_cell_c [5],"
                  + " rnn_cell_h [5]]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> streams.restore(new byte[100]))
          .withMessage("Streams: the bytes are no saved stream");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> streams.restore(new byte[0]))
          .withMessage("Streams: the bytes are no saved stream");
      assertThat(streams.size()).isZero();
    }
  }

  @Test
  void damagedBytesAreRefused() {
    try (Streams streams = Streams.load(exported)) {
      Stream stream = streams.open();
      stream.feed(rows[0][0]);
      Fuzz fuzz = Fuzz.of("Streams: ", stream.save());
      Consumer<byte[]> restore =
          damaged -> {
            Stream restored = streams.restore(damaged);
            assertThat(restored.save()).isEqualTo(damaged);
            restored.close();
          };
      assertThat(fuzz.read(1, restore)).isGreaterThan(0.99);
      assertThat(fuzz.repaired(StreamsTest::sealed).read(2, restore)).isBetween(0.5, 0.95);
    }
  }

  private static byte[] sealed(byte[] bytes) {
    StateBytes.seal(bytes);
    return bytes;
  }

  @Test
  void tooManyEvictTheOneThatWasNotFedForLongest() {
    try (Streams streams =
        Streams.load(exported, Serving.DEFAULT, new Limits(3, Duration.ofHours(1)))) {
      Stream first = streams.open();
      Stream second = streams.open();
      streams.open();
      first.feed(rows[0][0]);
      byte[] saved = second.save();
      streams.open();
      assertThat(streams.size()).isEqualTo(3);
      assertThatExceptionOfType(EvictedException.class)
          .isThrownBy(() -> second.feed(rows[0][0]))
          .withMessage(
              "Stream: was evicted, as more than 3 are open; open another one, or restore saved"
                  + " bytes");
      assertThatExceptionOfType(EvictedException.class).isThrownBy(second::save);
      assertThatExceptionOfType(EvictedException.class)
          .isThrownBy(() -> streams.feedAll(List.of(first, second), new float[2][3]));
      near(first.feed(rows[0][1]), expected[0][1]);
      near(streams.restore(saved).feed(rows[0][0]), expected[0][0]);
    }
  }

  @Test
  void idleOnesAreEvicted() throws Exception {
    try (Streams streams =
        Streams.load(exported, Serving.DEFAULT, new Limits(3, Duration.ofSeconds(1)))) {
      Stream idle = streams.open();
      idle.feed(rows[0][0]);
      Thread.sleep(600);
      Stream busy = streams.open();
      Thread.sleep(600);
      busy.feed(rows[0][0]);
      assertThat(streams.size()).isEqualTo(1);
      assertThatExceptionOfType(EvictedException.class)
          .isThrownBy(() -> idle.feed(rows[0][0]))
          .withMessage(
              "Stream: was evicted, as it was not fed for PT1S; open another one, or restore saved"
                  + " bytes");
    }
  }

  @Test
  void checksWhatItIsFed() {
    try (Streams streams = Streams.load(exported);
        Streams others = Streams.load(exported)) {
      Stream stream = streams.open();
      wrong("input must have 3 numbers a step, got 2", () -> stream.feed(new float[2]));
      wrong(
          "input must have finite numbers only, but row 0 at step 0 has another, got NaN",
          () -> stream.feed(new float[] {1, Float.NaN, 1}));
      wrong("input must be vectors, got tokens", () -> stream.feed(3));
      wrong(
          "a stream must be fed one row, got 2",
          () -> stream.feed(Sequences.of(new float[2][1][3])));
      wrong(
          "each stream must be fed once, got one twice",
          () -> streams.feedAll(List.of(stream, stream), new float[2][3]));
      wrong(
          "there must be a step for each of the 1 streams, got 2",
          () -> streams.feedAll(List.of(stream), new float[2][3]));
      wrong(
          "streams must be of those that feed them, got others",
          () -> others.feedAll(List.of(stream), new float[1][3]));
      near(stream.feed(rows[0][0]), expected[0][0]);
    }
  }

  private static void wrong(String message, Runnable call) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage("Streams: " + message);
  }

  @Test
  void isOfALiveModelWithTheWeightsThatItHas() {
    try (Model model = Model.of(Toys.perStep(), 1);
        Streams streams = Streams.of(model)) {
      near(streams.open().feed(rows[0][0]), expected[0][0]);
      streams.swap(model);
      near(streams.open().feed(rows[0][0]), expected[0][0]);
    }
  }

  @Test
  void aModelThatLooksAheadHasNoSteps() {
    Path ahead = Toys.exported(new Bidirectional(new GRUCell(3, 5)), 1);
    String message =
        "Streams: the signature must be one of \\[initial_state, sequence, serving_default,"
            + " unpadded] of .*, got step";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Streams.load(ahead))
        .withMessageMatching(message);
    try (Predictor predictor = Predictor.load(ahead)) {
      assertThatIllegalArgumentException()
          .isThrownBy(predictor::streams)
          .withMessageMatching(message);
      predictor.swap(exported);
      Stream stream = predictor.streams().open();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> predictor.swap(ahead))
          .withMessageMatching(message);
      near(stream.feed(rows[0][0]), expected[0][0]);
      near(predictor.predictSteps(rows[0])[STEPS - 1], expected[0][STEPS - 1]);
    }
  }

  @Test
  void thoseOfAPredictorShareItsModelAndItsSwapsUnderLoad() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Serving serving = Serving.DEFAULT.batching(8, Duration.ZERO);
    try (Predictor predictor = Predictor.load(exported, serving);
        Threads threads = new Threads()) {
      Streams streams = predictor.streams();
      for (int thread = 0; thread < 4; thread++) {
        float[][] x = rows[thread];
        float[] last = expected[thread][STEPS - 1];
        threads.start(
            () -> {
              while (!stop.get()) {
                Outputs outputs = predictor.run(Sequences.of(new float[][][] {x}));
                if (outputs.folder().equals(exported)) {
                  near(outputs.steps("output")[0][STEPS - 1], last);
                }
              }
              return null;
            });
        threads.start(
            () -> {
              Stream stream = streams.open();
              for (int t = 0; !stop.get(); t++) {
                assertThat(stream.feed(x[t % STEPS])).hasSize(2);
              }
              return null;
            });
      }
      for (int swap = 0; swap < 4; swap++) {
        Path version = swap % 2 == 0 ? newer : exported;
        if (swap < 2) {
          predictor.swap(version);
        } else {
          streams.swap(version);
        }
        Sequences step = Sequences.of(new float[][][] {{rows[0][0]}});
        Outputs fed = streams.open().feed(step);
        Outputs asked = predictor.run(step);
        assertThat(List.of(fed.folder(), asked.folder())).containsOnly(version);
        near(fed.steps("output")[0][0], asked.steps("output")[0][0]);
      }
      stop.set(true);
      threads.join();
    }
  }

  @Test
  void thoseOfAPredictorCloseWithItOrBefore() {
    Predictor predictor = Predictor.load(exported);
    Streams before = predictor.streams();
    Stream ended = before.open();
    Streams others = predictor.streams(Serving.DEFAULT, new Limits(1, Duration.ofHours(1)));
    Stream stream = others.open();
    before.close();
    before.close();
    assertThat(before).hasToString("Streams (closed)");
    assertThatIllegalStateException().isThrownBy(() -> ended.feed(rows[0][0]));
    assertThatIllegalStateException()
        .isThrownBy(before::open)
        .withMessage("Streams: is closed; load another one");
    assertThatIllegalStateException().isThrownBy(() -> before.swap(newer));
    near(stream.feed(rows[0][0]), expected[0][0]);
    near(predictor.predictSteps(rows[0])[0], expected[0][0]);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                predictor.streams(
                    Serving.DEFAULT.session(ConfigProto.getDefaultInstance()), Limits.DEFAULT))
        .withMessage(
            "Streams: the session must be the predictor's, which they share; leave it out, got"
                + " another");
    predictor.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> stream.feed(rows[0][0]))
        .withMessage("Streams: is closed; load another one");
    assertThatIllegalStateException().isThrownBy(others::open);
  }

  @Test
  void takesSeveralStepsAtATime() {
    try (Streams streams = Streams.load(exported)) {
      Stream stream = streams.open();
      float[][] y =
          stream.feed(Sequences.of(new float[][][] {Arrays.copyOf(rows[0], 7)})).steps("output")[0];
      for (int t = 0; t < 7; t++) {
        near(y[t], expected[0][t]);
      }
      near(stream.feed(rows[0][7]), expected[0][7]);
      wrong(
          "input must have as many steps for each stream, at least 1, got 0",
          () -> stream.feed(Sequences.of(new float[1][0][3])));
      wrong(
          "input must have as many steps for each stream, at least 1, got 2",
          () ->
              streams.feedAll(
                  List.of(stream, streams.open()),
                  Sequences.of(new float[][][] {new float[1][3], new float[2][3]})));
    }
  }

  @Test
  void takesWhatStandsBesideAndBeginsAsTheCellDoes() {
    Cell begun = new TrainableInitialState(new GRUCell(5, 2));
    Layer layer = new Stacked(new RNN(new PhasedLSTMCell(3, 5)), new RNN(begun));
    Sequences data =
        Sequences.of(new float[][][] {{{1, 2, 3}, {2, 3, 4}}})
            .beside("time", Sequences.of(new float[][][] {{{1}, {2.5f}}}));
    try (Model model = Model.of(layer, Inputs.vectors(3).vectors("time", 1), 42);
        Streams streams = Streams.of(model)) {
      float[] zeros = model.predictSteps(data)[0][1];
      model.weights(Map.of("stacked/1/cell/initial/h", new float[] {0.5f, -0.5f}));
      streams.swap(model);
      float[][] y = model.predictSteps(data)[0];
      assertThat(y[1]).isNotEqualTo(zeros);
      Stream stream = streams.open();
      float[] first =
          stream.feed(
                  Sequences.of(new float[][][] {{{1, 2, 3}}})
                      .beside("time", Sequences.of(new float[][][] {{{1}}})))
              .steps("output")[0][0];
      float[] second =
          stream.feed(
                  Sequences.of(new float[][][] {{{2, 3, 4}}})
                      .beside("time", Sequences.of(new float[][][] {{{2.5f}}})))
              .steps("output")[0][0];
      near(first, y[0]);
      near(second, y[1]);
    }
  }

  @Test
  void saysWhatIsMissing() {
    Path rows = Toys.exported(Toys.perRow(), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Streams.load(rows, Serving.DEFAULT.signature("steps"), Limits.DEFAULT))
        .withMessageContaining("the signature must be one of [");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Streams.load(rows, Serving.DEFAULT.signature("serving_default"), Limits.DEFAULT))
        .withMessage(
            "Streams: the signature serving_default must take and give each state of"
                + " initial_state, got no rnn_cell_c");
  }

  @Test
  void closedOnesSaySo() {
    Streams streams = Streams.load(exported);
    Stream stream = streams.open();
    Stream other = streams.open();
    stream.close();
    stream.close();
    assertThat(streams.size()).isEqualTo(1);
    assertThatIllegalStateException()
        .isThrownBy(() -> stream.feed(rows[0][0]))
        .withMessage("Stream: is closed; open another one");
    streams.close();
    streams.close();
    assertThatIllegalStateException().isThrownBy(() -> other.feed(rows[0][0]));
    assertThatIllegalStateException()
        .isThrownBy(other::save)
        .withMessage("Stream: its streams are closed; load others");
    assertThatIllegalStateException()
        .isThrownBy(streams::open)
        .withMessage("Streams: is closed; load another one");
  }

  @Test
  void streamsGoOnWithANewerVersionUnderLoad() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (Streams streams = Streams.load(exported);
        Threads threads = new Threads()) {
      List<Future<Integer>> fed = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        float[][] x = rows[thread];
        fed.add(
            threads.start(
                () -> {
                  Stream stream = streams.open();
                  int steps = 0;
                  while (!stop.get()) {
                    assertThat(stream.feed(x[steps++ % STEPS])).hasSize(2);
                  }
                  return steps;
                }));
      }
      for (int swap = 0; swap < 6; swap++) {
        streams.swap(swap % 2 == 0 ? newer : exported);
      }
      near(streams.open().feed(rows[0][0]), expected[0][0]);
      Outputs outputs = streams.open().feed(Sequences.of(new float[][][] {{rows[0][0]}}));
      assertThat(outputs.folder()).isEqualTo(exported);
      assertThat(streams.inputs().get("input").size()).isEqualTo(3);
      assertThat(streams.outputs()).containsOnlyKeys("output");
      stop.set(true);
      threads.join();
      for (Future<Integer> steps : fed) {
        assertThat(Threads.get(steps)).isPositive();
      }
    }
  }

  @Test
  void thousandsAtOnceLeaveNothingOpen() {
    try (Streams streams = Streams.load(exported)) {
      List<Stream> all = new ArrayList<>();
      float[][] x = new float[5000][];
      for (int i = 0; i < x.length; i++) {
        all.add(streams.open());
        x[i] = rows[i % ROWS][0];
      }
      streams.feedAll(all, x);
      long open = Pointer.totalCount();
      for (int t = 1; t < STEPS; t++) {
        for (int i = 0; i < x.length; i++) {
          x[i] = rows[i % ROWS][t];
        }
        float[][] y = streams.feedAll(all, x);
        near(y[4321], expected[4321 % ROWS][t]);
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(open);
    }
  }
}
