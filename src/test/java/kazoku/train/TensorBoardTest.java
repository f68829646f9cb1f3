package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dropout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.HistogramProto;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;

class TensorBoardTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  /** All events of a run, file after file. */
  private static List<Event> events(Path run) throws IOException {
    List<Event> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(run)) {
      // They end with the numbers of the process and of the file, which have no leading zeros.
      Comparator<Path> byNumber = Comparator.comparing(file -> file.toString().length());
      for (Path file : files.sorted(byNumber.thenComparing(file -> file)).toList()) {
        assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
        DataInputStream in =
            new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)));
        while (in.available() > 0) {
          byte[] record = new byte[(int) Long.reverseBytes(in.readLong())];
          in.readInt();
          in.readFully(record);
          in.readInt();
          events.add(Event.parseFrom(record));
        }
      }
    }
    return events;
  }

  private static Map<String, Map<Long, Float>> scalars(List<Event> events) {
    Map<String, Map<Long, Float>> scalars = new TreeMap<>();
    for (Event event : events) {
      for (Summary.Value value : event.getSummary().getValueList()) {
        if (value.hasSimpleValue()) {
          Float before =
              scalars
                  .computeIfAbsent(value.getTag(), tag -> new LinkedHashMap<>())
                  .put(event.getStep(), value.getSimpleValue());
          assertThat(before).as(value.getTag() + " is written once").isNull();
        }
      }
    }
    return scalars;
  }

  private static Map<String, Map<Long, HistogramProto>> histograms(List<Event> events) {
    Map<String, Map<Long, HistogramProto>> histograms = new TreeMap<>();
    for (Event event : events) {
      for (Summary.Value value : event.getSummary().getValueList()) {
        if (value.hasHisto()) {
          histograms
              .computeIfAbsent(value.getTag(), tag -> new TreeMap<>())
              .put(event.getStep(), value.getHisto());
        }
      }
    }
    return histograms;
  }

  private static List<Long> starts(List<Event> events) {
    return events.stream()
        .filter(e -> e.getSessionLog().getStatus() == SessionLog.SessionStatus.START)
        .map(Event::getStep)
        .toList();
  }

  @Test
  void scoresAreThoseOfTheHistory(@TempDir Path folder) throws IOException {
    Epochs epochs =
        Toys.epochs(3)
            .validation(Toys.labelled(20, 2))
            .metrics(Metric.f1(Metric.Average.MACRO))
            .with(TensorBoard.in(folder));
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history = model.fit(Toys.labelled(40, 1), new Adam(0.01), CLASSES, epochs);

      assertThat(folder.toFile().list()).containsExactlyInAnyOrder("train", "validation");
      Map<String, Map<Long, Float>> training = scalars(events(folder.resolve("train")));
      Map<String, Map<Long, Float>> validation = scalars(events(folder.resolve("validation")));
      List<String> tags =
          history.last().training().values().keySet().stream().map(n -> "epoch/" + n).toList();
      assertThat(validation).containsOnlyKeys(tags);
      assertThat(training).containsKeys(tags.toArray(String[]::new)).hasSize(tags.size() + 1);
      for (History.Epoch epoch : history.epochs()) {
        long step = epoch.number();
        epoch
            .training()
            .values()
            .forEach(
                (n, v) ->
                    assertThat(training.get("epoch/" + n).get(step)).isEqualTo(v.floatValue()));
        epoch
            .validation()
            .values()
            .forEach(
                (n, v) ->
                    assertThat(validation.get("epoch/" + n).get(step)).isEqualTo(v.floatValue()));
        assertThat(training.get("epoch/learning rate").get(step))
            .isEqualTo((float) epoch.learningRate());
      }
      assertThat(training.get("epoch/loss")).containsOnlyKeys(1L, 2L, 3L);
    }
  }

  @Test
  void eachBatchIsToldIfAskedFor(@TempDir Path folder) throws IOException {
    List<Float> losses = new ArrayList<>();
    Callback listener =
        new Callback() {
          @Override
          public void epoch(Training training) {}

          @Override
          public void batch(Training training) {
            losses.add(training.loss());
          }
        };
    try (Model model = Model.of(Toys.classifier(), 42)) {
      model.fit(
          Toys.labelled(40, 1),
          new Adam(Schedule.linear(0.01, 100, 0)),
          CLASSES,
          Toys.epochs(2).with(listener, TensorBoard.in(folder).batches()));
      Map<String, Map<Long, Float>> batches = scalars(events(folder.resolve("batches")));
      assertThat(batches).containsOnlyKeys("batch/loss", "batch/learning rate");
      assertThat(batches.get("batch/loss").values()).containsExactlyElementsOf(losses).hasSize(10);
      assertThat(batches.get("batch/loss").keySet())
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
      assertThat(batches.get("batch/learning rate").get(10L)).isEqualTo(0.009f);
    }
  }

  @Test
  void weightsHaveHistograms(@TempDir Path folder) throws IOException {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Map<String, float[]> first = new TreeMap<>();
      model.weights().forEach(name -> first.put(name, model.weight(name)));
      model.fit(
          Toys.labelled(40, 1),
          new Adam(0.01),
          CLASSES,
          Toys.epochs(5).with(TensorBoard.in(folder).histograms(2)));
      Map<String, Map<Long, HistogramProto>> histograms =
          histograms(events(folder.resolve("train")));
      assertThat(histograms)
          .containsOnlyKeys(model.weights().stream().map(name -> "weights/" + name).toList());
      histograms.values().forEach(all -> assertThat(all).containsOnlyKeys(0L, 2L, 4L));
      first.forEach(
          (name, values) -> {
            HistogramProto histogram = histograms.get("weights/" + name).get(0L);
            double[] doubles =
                IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
            assertThat(histogram.getNum()).isEqualTo(values.length);
            assertThat(histogram.getMin()).isEqualTo(Arrays.stream(doubles).min().getAsDouble());
            assertThat(histogram.getMax()).isEqualTo(Arrays.stream(doubles).max().getAsDouble());
            double sum = 0;
            for (double value : doubles) {
              sum += value;
            }
            assertThat(histogram.getSum()).isEqualTo(sum);
          });
    }
  }

  /** Plain gradient descent, one batch an epoch: weights move by the rate times the gradients. */
  @Test
  void gradientsHaveHistograms(@TempDir Path folder) throws IOException {
    Sequences data = Toys.labelled(8, 1);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      float[] before = model.weight("dense/W");
      GradientNorms norms = model.gradients(data, CLASSES);
      model.fit(
          data,
          new GradientDescent(1),
          CLASSES,
          Toys.epochs(1).with(TensorBoard.in(folder).histograms(1, data, CLASSES)));
      float[] after = model.weight("dense/W");
      Map<String, Map<Long, HistogramProto>> histograms =
          histograms(events(folder.resolve("train")));
      assertThat(histograms).hasSize(2 * model.weights().size());
      for (String name : model.weights()) {
        HistogramProto first = histograms.get("gradients/" + name).get(0L);
        assertThat(Math.sqrt(first.getSumSquares()))
            .isCloseTo(norms.weights().get(name), withinPercentage(1e-3));
        assertThat(histograms.get("gradients/" + name)).containsOnlyKeys(0L, 1L);
      }
      double largest =
          IntStream.range(0, before.length).mapToDouble(i -> before[i] - after[i]).max().orElse(0);
      assertThat(histograms.get("gradients/dense/W").get(0L).getMax())
          .isCloseTo(largest, withinPercentage(0.01));
    }
  }

  @Test
  void theGraphIsTheModelsAndItsTableIsThere(@TempDir Path folder) throws IOException {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      model.fit(
          Toys.labelled(8, 1),
          new Adam(0.01),
          CLASSES,
          Toys.epochs(1).with(TensorBoard.in(folder)));
      List<Event> events = events(folder.resolve("train"));
      byte[] bytes =
          events.stream()
              .filter(e -> !e.getGraphDef().isEmpty())
              .findFirst()
              .orElseThrow()
              .getGraphDef()
              .toByteArray();
      List<String> nodes =
          GraphDef.parseFrom(bytes).getNodeList().stream().map(NodeDef::getName).toList();
      assertThat(nodes).contains("input", "lengths", "output").containsAll(model.weights());
      String text =
          events.stream()
              .flatMap(e -> e.getSummary().getValueList().stream())
              .filter(v -> v.getTag().equals("model"))
              .findFirst()
              .orElseThrow()
              .getTensor()
              .getStringVal(0)
              .toStringUtf8();
      assertThat(text.replace("\n    ", "\n")).isEqualTo("    " + model.summary());
    }
  }

  @Test
  void watchingChangesNothing(@TempDir Path folder) {
    Layer layers =
        new Sequential(new RNN(new LSTMCell(2, 8)).last(), new Dropout(0.3), Toys.head(8, 2));
    Sequences data = Toys.labelled(40, 1);
    Epochs epochs = Toys.epochs(3).validation(data);
    TensorBoard board = TensorBoard.in(folder).batches().histograms(1, data, CLASSES);
    try (Model watched = Model.of(layers, 42);
        Model other = Model.of(layers, 42)) {
      assertThat(watched.fit(data, new Adam(0.01), CLASSES, epochs.with(board)))
          .isEqualTo(other.fit(data, new Adam(0.01), CLASSES, epochs));
      assertThat(watched.predict(data)).isDeepEqualTo(other.predict(data));
    }
  }

  /** In the same second, too. */
  @Test
  void aTrainingInTheSameFolderBeginsNewFiles(@TempDir Path folder) throws IOException {
    TensorBoard board = TensorBoard.in(folder).batches();
    try (Model model = Model.of(Toys.classifier(), 42)) {
      for (int i = 0; i < 3; i++) {
        model.fit(Toys.labelled(8, 1), new Adam(0.01), CLASSES, Toys.epochs(2).with(board));
      }
    }
    assertThat(folder.resolve("train").toFile().list()).hasSize(3);
    assertThat(starts(events(folder.resolve("train")))).containsExactly(0L, 0L, 0L);
    assertThat(starts(events(folder.resolve("batches")))).containsExactly(1L, 3L, 5L);
    assertThat(scalars(events(folder.resolve("batches"))).get("batch/loss"))
        .containsOnlyKeys(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void aResumedTrainingGoesOnInItsRuns(@TempDir Path folder) throws IOException {
    Path logs = folder.resolve("logs");
    for (int count = 2; count <= 4; count += 2) {
      Epochs epochs =
          Toys.epochs(count)
              .checkpoints(Checkpoints.in(folder.resolve("checkpoints")).resume())
              .with(TensorBoard.in(logs).batches().histograms(1));
      try (Model model = Model.of(Toys.classifier(), 42)) {
        model.fit(Toys.labelled(40, 1), new Adam(0.01), CLASSES, epochs);
      }
    }
    List<Event> train = events(logs.resolve("train"));
    assertThat(starts(train))
        .as("what is there from there on does not count")
        .containsExactly(0L, 3L);
    assertThat(scalars(train).get("epoch/loss")).containsOnlyKeys(1L, 2L, 3L, 4L);
    assertThat(histograms(train).get("weights/dense/W")).containsOnlyKeys(0L, 1L, 2L, 3L, 4L);
    List<Event> batches = events(logs.resolve("batches"));
    assertThat(starts(batches)).containsExactly(1L, 11L);
    assertThat(scalars(batches).get("batch/loss")).hasSize(20);
  }

  @Test
  void whereItCannotWriteItSaysSo(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(
              () ->
                  model.fit(
                      Toys.labelled(8, 1),
                      new Adam(0.01),
                      CLASSES,
                      Toys.epochs(2).with(TensorBoard.in(file))))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("TensorBoard: cannot write in " + file.resolve("train"));
    }
    assertThatThrownBy(() -> TensorBoard.in(folder).histograms(0))
        .hasMessage("TensorBoard: histograms must be at least 1, got 0");
  }
}
