package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.LSTMCell;
import kazoku.internal.files.Aside;
import kazoku.layers.Dropout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that are saved, and go on. */
class CheckpointsTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  @TempDir private Path folder;

  private Checkpoints in() {
    return Checkpoints.in(folder.resolve("run"));
  }

  private List<String> kept() throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("run"))) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> !name.equals(".lock"))
          .sorted()
          .toList();
    }
  }

  private static Map<String, List<Float>> weights(Model model) {
    Map<String, List<Float>> all = new LinkedHashMap<>();
    for (String name : model.weights()) {
      List<Float> values = new ArrayList<>();
      for (float value : model.weight(name)) {
        values.add(value);
      }
      all.put(name, values);
    }
    return all;
  }

  /** The bits after some epochs, each number in a model of its own. */
  private static List<String> bits(UnaryOperator<Epochs> with, int... counts) {
    List<String> bits = null;
    for (int count : counts) {
      try (Model model = Everything.model()) {
        bits = Everything.bits(model, Everything.fit(model, with.apply(Everything.epochs(count))));
      }
    }
    return bits;
  }

  @Test
  void fiveAndFiveEpochsAreTen() {
    List<String> ten = bits(epochs -> epochs, 10);
    assertThat(bits(epochs -> epochs.checkpoints(in().resume()), 5, 10)).isEqualTo(ten);
    // Once more: there is nothing left to do.
    assertThat(bits(epochs -> epochs.checkpoints(in().resume()), 10)).isEqualTo(ten);
    assertThat(bits(epochs -> epochs.checkpoints(in().resume()), 3)).isEqualTo(ten);
  }

  @Test
  void aModelGoesOnAfterWhateverItDidMeanwhile() {
    List<String> ten = bits(epochs -> epochs, 10);
    try (Model model = Everything.model()) {
      Everything.fit(model, Everything.epochs(4).checkpoints(in().resume()));
      model.fit(Everything.data(), new Adam(0.1), CLASSES, Toys.epochs(2));
      model.stochastic().predict(Everything.data());
      Everything.fit(model, Everything.epochs(2));
      model.useAverages(true);
      History history = Everything.fit(model, Everything.epochs(10).checkpoints(in().resume()));
      assertThat(Everything.bits(model, history)).isEqualTo(ten);
    }
  }

  @Test
  void passesThatEndWithEpochsGoOn() {
    UnaryOperator<Epochs> wholePasses =
        epochs -> Toys.epochs(epochs.count()).validation(epochs.validation());
    List<String> six = bits(wholePasses, 6);
    UnaryOperator<Epochs> resumed = epochs -> wholePasses.apply(epochs).checkpoints(in().resume());
    assertThat(bits(resumed, 1, 2, 6)).isEqualTo(six);
  }

  private static List<List<Float>> portions(UnaryOperator<Epochs> with, AtomicInteger read) {
    Source source =
        () ->
            IntStream.of(20, 9, 8)
                .mapToObj(
                    rows -> {
                      read.incrementAndGet();
                      return Toys.labelled(rows, rows);
                    });
    List<List<Float>> last = new ArrayList<>();
    for (int count : new int[] {3, 7}) {
      try (Model model = Model.of(Everything.layer(), 3, Toys.config())) {
        model.fit(source, new Adam(0.01), CLASSES, with.apply(Toys.epochs(count)));
        last = new ArrayList<>(weights(model).values());
      }
    }
    return last;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 7})
  void sourcesOfPortionsGoOn(int batches) {
    UnaryOperator<Epochs> cut = epochs -> batches == 0 ? epochs : epochs.batches(batches);
    AtomicInteger read = new AtomicInteger();
    List<List<Float>> expected = portions(cut, new AtomicInteger());
    assertThat(portions(epochs -> cut.apply(epochs).checkpoints(in().resume()), read))
        .isEqualTo(expected);
    if (batches == 0) {
      // Three for each pass; each fit has looked at the first once more, and for the fingerprint.
      assertThat(read).hasValueLessThanOrEqualTo(3 * 7 + 2);
    }
  }

  @Test
  void statesThatGoOnAndWindowsAreRememberedToo() {
    Sequences data = Sequences.of(Toys.inputs(16, 1)).stepTargets(Toys.sums(Toys.inputs(16, 1)));
    Map<String, List<Float>> expected = null;
    for (boolean resumed : new boolean[] {false, true}) {
      for (int count : resumed ? new int[] {2, 5} : new int[] {5}) {
        Layer layer =
            new Sequential(new RNN(new LSTMCell(2, 4)), new Dropout(0.3), Toys.head(4, 1));
        try (Model model = Model.of(layer, 1, Toys.config())) {
          Epochs epochs = Toys.epochs(count).truncate(2, 3).stateful().batches(3);
          model.fit(
              data,
              new Adam(0.01),
              Loss.meanSquaredError(),
              resumed ? epochs.checkpoints(in().resume()) : epochs);
          if (resumed && count == 5) {
            assertThat(weights(model)).isEqualTo(expected);
          }
          expected = resumed ? expected : weights(model);
        }
      }
    }
  }

  @Test
  void aTrainingThatStoppedEarlyStaysAtItsBest() {
    EarlyStopping stopping = EarlyStopping.after(2).goal(Goal.smallest("loss").by(0.2));
    UnaryOperator<Epochs> early = epochs -> epochs.stopEarly(stopping);
    List<String> undisturbed = bits(early, 30);
    UnaryOperator<Epochs> resumed = epochs -> early.apply(epochs).checkpoints(in().resume());
    assertThat(bits(resumed, 1, 2, 30, 30)).isEqualTo(undisturbed);
    assertThat(undisturbed.stream().filter(line -> line.matches("\\d.*")).count()).isLessThan(30);
    // With more patience it goes on.
    try (Model model = Everything.model()) {
      Epochs more =
          Everything.epochs(30)
              .stopEarly(new EarlyStopping(4, stopping.goal()))
              .checkpoints(in().resume());
      History history = Everything.fit(model, more);
      Epochs patient = Everything.epochs(30).stopEarly(new EarlyStopping(4, stopping.goal()));
      try (Model other = Everything.model()) {
        assertThat(Everything.bits(model, history))
            .isEqualTo(Everything.bits(other, Everything.fit(other, patient)));
      }
    }
  }

  @Test
  void aTrainingThatACallbackStoppedWithinAnEpochGoesOn() {
    Callback stops =
        new Callback() {
          @Override
          public void epoch(Training training) {}

          @Override
          public void batch(Training training) {
            if (training.epoch() == 2 && training.batch() == 3) {
              training.stop();
            }
          }
        };
    try (Model model = Model.of(Toys.classifier(), 1)) {
      Epochs epochs = Toys.epochs(4).checkpoints(in().resume());
      Sequences data = Toys.labelled(40, 1);
      assertThat(model.fit(data, new Adam(0.01), CLASSES, epochs.with(stops)).epochs()).hasSize(2);
      List<Integer> batches = new ArrayList<>();
      History history =
          model.fit(
              data,
              new Adam(0.01),
              CLASSES,
              epochs.with(
                  new Callback() {
                    @Override
                    public void epoch(Training training) {}

                    @Override
                    public void batch(Training training) {
                      batches.add(training.batch());
                    }
                  }));
      assertThat(history.epochs()).hasSize(4);
      assertThat(batches).containsExactly(1, 2, 1, 2, 3, 4, 5);
    }
  }

  @Test
  void theLastOnesAndTheBestAreKept() throws IOException {
    try (Model model = Model.of(Toys.classifier(), 1)) {
      List<History.Epoch> epochs =
          model
              .fit(
                  Toys.labelled(40, 1),
                  new Adam(Schedule.piecewise(new long[] {15}, 0.01, 0.5)),
                  CLASSES,
                  Toys.epochs(8)
                      .checkpoints(in().keepLast(2).keepBest(Goal.smallest("loss")))
                      .validation(Toys.labelled(20, 2)))
              .epochs();
      int best = Goal.smallest("loss").best(epochs) + 1;
      assertThat(best).isLessThan(7);
      assertThat(kept()).containsExactly("epoch-0000" + best, "epoch-00007", "epoch-00008");
      Checkpoints checkpoints = in().keepBest(Goal.smallest("loss"));
      assertThat(checkpoints.newest()).isEqualTo(folder.resolve("run/epoch-00008"));
      model.load(checkpoints.bestSoFar());
      assertThat(model.evaluate(Toys.labelled(20, 2), CLASSES))
          .isEqualTo(epochs.get(best - 1).validation());
      assertThatThrownBy(() -> in().bestSoFar())
          .hasMessage("Checkpoints: which one is best needs a goal; give it, keepBest, got null");
      assertThatThrownBy(() -> Checkpoints.in(folder.resolve("none")).newest())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Checkpoints: there must be one in the folder, got ");
    }
  }

  @Test
  void averagesAreWhatIsServed() {
    try (Model model = Everything.model()) {
      History history = Everything.fit(model, Everything.epochs(4).checkpoints(in()));
      try (Model serving = Everything.model()) {
        serving.load(in().newest());
        assertThat(serving.evaluate(Toys.labelled(20, 2), CLASSES, Metric.rocAuc()))
            .isEqualTo(history.last().validation());
      }
    }
  }

  @Test
  void aFolderIsReadableByPeople() throws IOException {
    try (Model model = Everything.model()) {
      History history = Everything.fit(model, Everything.epochs(2).checkpoints(in()));
      Path place = folder.resolve("run/epoch-00002");
      assertThat(Files.readString(place.resolve("checkpoint.txt")))
          .contains("format: 1\nepoch: 2\n", "\nseed: 7\n", "\nshape of rnn/cell/U: [6, 24]\n")
          .contains("\nshape of slot:adam/m/rnn/cell/U: [6, 24]\n")
          .contains("\ntraining data: 53 rows, ");
      List<String> lines = Files.readAllLines(place.resolve("history.csv"));
      assertThat(lines.get(0))
          .startsWith("epoch,learning rate,training loss,training accuracy,training ")
          .contains(",validation loss,validation accuracy,");
      assertThat(lines.get(2))
          .startsWith("2," + history.last().learningRate() + "," + history.losses()[1] + ",");
      Process check =
          new ProcessBuilder("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
              .directory(place.toFile())
              .redirectErrorStream(true)
              .start();
      assertThat(new String(check.getInputStream().readAllBytes())).isEmpty();
    }
  }

  /** What can happen to a file. */
  private enum Harm {
    CUT_OFF,
    A_BYTE_SHORTER,
    A_BIT_FLIPPED,
    EMPTY,
    MISSING;

    void doTo(Path file) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      switch (this) {
        case CUT_OFF -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        case A_BYTE_SHORTER -> Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        case A_BIT_FLIPPED -> {
          bytes[bytes.length / 3] ^= 4;
          Files.write(file, bytes);
        }
        case EMPTY -> Files.write(file, new byte[0]);
        case MISSING -> Files.delete(file);
      }
    }
  }

  private static final List<String> FILES =
      List.of(
          "SHA256SUMS",
          "checkpoint.txt",
          "history.csv",
          "weights.data-00000-of-00001",
          "weights.index");

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  /** All that is logged while something is done. */
  private static List<String> warnings(Runnable what) {
    List<String> heard = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            heard.add(
                entry.getLevel()
                    + " "
                    + new java.text.MessageFormat(entry.getMessage())
                        .format(entry.getParameters()));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Checkpoints.class.getName());
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      what.run();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    return heard;
  }

  @Test
  void aDamagedOneIsPassedOverAndAllDamagedAreRefused() throws IOException {
    Path run = folder.resolve("run");
    Path copy = folder.resolve("copy");
    List<String> six = bits(epochs -> epochs, 6);
    bits(epochs -> epochs.checkpoints(in()), 4);
    try (Stream<Path> files = Files.list(run.resolve("epoch-00004"))) {
      assertThat(files.map(file -> file.getFileName().toString())).hasSameElementsAs(FILES);
    }
    try (Model model = Everything.model()) {
      Map<String, List<Float>> first = weights(model);
      for (String file : FILES) {
        for (Harm harm : Harm.values()) {
          copy(run, copy);
          harm.doTo(copy.resolve("epoch-00004").resolve(file));
          assertThatThrownBy(() -> model.load(copy.resolve("epoch-00004")))
              .as("%s %s", file, harm)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith("Model: " + copy.resolve("epoch-00004") + " is damaged: ")
              .hasMessageEndingWith("; take an undamaged copy");
          assertThat(
                  warnings(
                      () ->
                          assertThat(Checkpoints.in(copy).newest())
                              .endsWith(Path.of("epoch-00003"))))
              .singleElement()
              .asString()
              .startsWith("WARNING Checkpoints: ")
              .contains("epoch-00004 is damaged: ", file.equals("SHA256SUMS") ? "" : file);
          harm.doTo(copy.resolve("epoch-00003").resolve(file));
          Epochs epochs = Everything.epochs(6).checkpoints(Checkpoints.in(copy).resume());
          assertThat(
                  warnings(
                      () ->
                          assertThatThrownBy(() -> Everything.fit(model, epochs))
                              .isInstanceOf(IllegalArgumentException.class)
                              .hasMessageStartingWith(
                                  "Checkpoints: all in " + copy + " are damaged; ")))
              .hasSize(2);
          Aside.delete(copy);
        }
      }
      assertThat(weights(model)).isEqualTo(first);
    }
    Harm.A_BIT_FLIPPED.doTo(run.resolve("epoch-00004/weights.data-00000-of-00001"));
    assertThat(
            warnings(
                () ->
                    assertThat(bits(epochs -> epochs.checkpoints(in().resume()), 6))
                        .isEqualTo(six)))
        .hasSize(1);
    assertThat(kept()).containsExactly("epoch-00005", "epoch-00006");
  }

  private record Foreign(
      String sentence, Layer layer, long seed, Sequences data, Optimizer optimizer, Epochs epochs) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  private static Layer elman(int size, double rate) {
    return new Sequential(
        new RNN(new ElmanRNNCell(2, size)).last(), new Dropout(rate), Toys.head(size, 2));
  }

  private static Stream<Foreign> foreign() {
    Layer layer = elman(4, 0.1);
    Sequences data = Toys.labelled(20, 1);
    Sequences fewer = Toys.labelled(19, 1);
    Sequences others = Toys.labelled(20, 5);
    Optimizer adam = new Adam(0.01);
    Epochs epochs = Toys.epochs(3).validation(Toys.labelled(9, 2));
    return Stream.of(
        new Foreign(
            "must be [2, 5], as in this model, got [2, 4]", elman(5, 0.1), 1, data, adam, epochs),
        new Foreign(
            "must have a value batchNorm/gamma, as this model has, got [",
            Everything.layer(),
            1,
            data,
            adam,
            epochs),
        new Foreign("the layer Sequential", elman(4, 0.2), 1, data, adam, epochs),
        new Foreign("the seed 1; ", layer, 2, data, adam, epochs),
        new Foreign("the optimizer Adam[", layer, 1, data, new Adam(0.02), epochs),
        new Foreign("must have a value slot:lion/", layer, 1, data, new Lion(0.01), epochs),
        new Foreign("another model: it has", layer, 1, data, new GradientDescent(0.01), epochs),
        new Foreign("the training data 20 rows, ", layer, 1, fewer, adam, epochs),
        new Foreign("the training data 20 rows, ", layer, 1, others, adam, epochs),
        new Foreign("the batching Batching[", layer, 1, data, adam, epochs.batchSize(4)),
        new Foreign("the scores loss, ", layer, 1, data, adam, epochs.metrics(Metric.rocAuc())),
        new Foreign("the validation data 9 rows, ", layer, 1, data, adam, epochs.validation(null)),
        new Foreign(
            "must have a value best:",
            layer,
            1,
            data,
            adam,
            epochs.stopEarly(EarlyStopping.after(9))));
  }

  @ParameterizedTest
  @MethodSource("foreign")
  void aForeignOneIsRefusedAndTheModelStays(Foreign other) {
    Foreign own = foreign().toList().get(3);
    try (Model model = Model.of(own.layer, 1)) {
      model.fit(own.data, own.optimizer, CLASSES, own.epochs.checkpoints(in()));
    }
    try (Model model = Model.of(other.layer, other.seed)) {
      Map<String, List<Float>> first = weights(model);
      assertThatThrownBy(
              () ->
                  model.fit(
                      other.data,
                      other.optimizer,
                      CLASSES,
                      other.epochs.checkpoints(in().resume())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(other.sentence);
      assertThat(weights(model)).isEqualTo(first);
    }
  }

  @Test
  void aNewerFormatIsRefused() throws IOException {
    Path place = folder.resolve("saved");
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.save(place);
      Path facts = place.resolve("checkpoint.txt");
      Files.writeString(facts, Files.readString(facts).replace("format: 1", "format: 2"));
      Process sums =
          new ProcessBuilder("bash", "-c", "sha256sum c* w* > SHA256SUMS")
              .directory(place.toFile())
              .start();
      assertThatCode(sums::waitFor).doesNotThrowAnyException();
      assertThatThrownBy(() -> model.load(place))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith(
              "was written by a newer version of this library, which is needed to read it; the"
                  + " format must be at most 1, got 2");
    }
  }

  @Test
  void loadingChangesNothingUnlessAllFits() {
    Path place = folder.resolve("saved");
    Layer larger = new Sequential(new RNN(new LSTMCell(2, 8)).last(), Toys.head(8, 3));
    try (Model model = Model.of(Toys.classifier(), 1);
        Model other = Model.of(larger, 2)) {
      other.save(place);
      Map<String, List<Float>> first = weights(model);
      assertThatThrownBy(() -> model.load(place))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Model: dense/W in " + place + " must be [8, 2], as in this model, got [8, 3]");
      assertThat(weights(model)).isEqualTo(first);
    }
  }

  @Test
  void aFolderIsForOneTrainingAtATime() {
    Sequences data = Toys.labelled(20, 1);
    try (Model model = Model.of(Toys.classifier(), 1);
        Model other = Model.of(Toys.classifier(), 1)) {
      Epochs epochs = Toys.epochs(2).checkpoints(in().resume());
      Callback intrudes =
          training ->
              assertThatThrownBy(() -> other.fit(data, new Adam(0.01), CLASSES, epochs))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageStartingWith("Checkpoints: another training writes to the folder; ");
      model.fit(data, new Adam(0.01), CLASSES, epochs.with(intrudes));
      assertThatThrownBy(() -> model.fit(data, new Adam(0.01), CLASSES, epochs.checkpoints(in())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "Checkpoints: the folder has some already; go on from them, resume(), or take"
                  + " another folder, got ");
    }
  }

  @Test
  void whatCannotBeWrittenLeavesTheOthersAsTheyAre() throws IOException {
    Path run = folder.resolve("run");
    Callback inTheWay =
        training -> {
          if (training.epoch() == 3) {
            try {
              Files.move(run, folder.resolve("moved"));
              Files.writeString(run, "in the way");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    try (Model model = Everything.model()) {
      Epochs epochs = Everything.epochs(5).checkpoints(in());
      assertThatThrownBy(() -> Everything.fit(model, epochs.with(inTheWay)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("Checkpoints: cannot write " + run.resolve("epoch-00003"));
    }
    Files.delete(run);
    Files.move(folder.resolve("moved"), run);
    assertThat(kept()).containsExactly("epoch-00001", "epoch-00002");
    List<String> undisturbed = bits(epochs -> epochs, 5);
    assertThat(bits(epochs -> epochs.checkpoints(in().resume()), 5)).isEqualTo(undisturbed);
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> in().keepLast(0))
        .hasMessage("Checkpoints: keepLast must be at least 1, got 0");
    assertThatThrownBy(() -> Checkpoints.in(null))
        .hasMessage("Checkpoints: folder must be given, got null");
  }
}
