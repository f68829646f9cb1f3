package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.train.Metric.Average;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;

/** Metrics beside scikit-learn's, by models that give their input back. */
class MetricTest {
  private static final JsonNode GOLDEN = Reference.read("metrics.json");
  private static final Layer SAME = ((Layer) Toys::ignoring).named("same");
  private static final Layer ROWS =
      ((Layer)
              (w, x) ->
                  Toys.ignoring(w, x)
                      .withRows(w.tf().squeeze(x.value(), Squeeze.axis(List.of(1L)))))
          .named("rows");

  private static final List<Metric> ALL =
      List.of(
          Metric.accuracy(),
          Metric.binaryAccuracy(),
          Metric.topK(2),
          Metric.precision(Average.MICRO),
          Metric.precision(Average.MACRO),
          Metric.recall(Average.MICRO),
          Metric.recall(Average.MACRO),
          Metric.f1(Average.MICRO),
          Metric.f1(Average.MACRO),
          Metric.rocAuc(),
          Metric.perplexity(),
          Metric.meanAbsoluteError(),
          Metric.rootMeanSquaredError(),
          Metric.meanAbsolutePercentageError(),
          Metric.r2());

  /** The metric of a name. */
  private static Metric metric(String name) {
    String[] words = name.split(" of class ");
    if (words.length == 1) {
      return ALL.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    }
    int label = Integer.parseInt(words[1]);
    return switch (words[0]) {
      case "precision" -> Metric.precision(label);
      case "recall" -> Metric.recall(label);
      default -> Metric.f1(label);
    };
  }

  /** Once, and again of so many copies of each row that they do not go through at once. */
  @TestFactory
  Stream<DynamicTest> metricsAreThoseOfScikitLearn() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : GOLDEN.get("cases")) {
      for (int copies : new int[] {1, 30}) {
        String name = golden.get("name").asText() + (copies > 1 ? ", over batches" : "");
        tests.add(DynamicTest.dynamicTest(name, () -> check(golden, copies)));
      }
    }
    return tests.stream();
  }

  private static void check(JsonNode golden, int copies) {
    Map<String, Double> expected = new LinkedHashMap<>();
    golden
        .get("values")
        .fields()
        .forEachRemaining(e -> expected.put(e.getKey(), e.getValue().asDouble()));
    Metric[] metrics = expected.keySet().stream().map(MetricTest::metric).toArray(Metric[]::new);
    Sequences data = data(golden, copies);
    try (Model model = model(golden)) {
      Map<String, Double> actual = model.view().measure(data, metrics);
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
      expected.forEach(
          (name, value) ->
              assertThat(actual.get(name))
                  .as(name)
                  .isCloseTo(value, within(1e-9 * Math.max(1, value))));
      boolean labels = golden.has("confusion") || golden.get("target").get("shape").size() == 1;
      Loss loss = labels ? Loss.softmaxCrossEntropy() : Loss.meanSquaredError();
      Scores scores = model.evaluate(data, loss, metrics);
      assertThat(scores.others()).isEqualTo(actual);
      assertThat(scores.loss()).isEqualTo(model.evaluate(data, loss).loss());
      if (expected.containsKey("perplexity")) {
        assertThat(scores.loss()).isCloseTo(Math.log(actual.get("perplexity")), within(1e-5));
        assertThat(scores.metric()).isCloseTo(actual.get("accuracy"), within(1e-6));
      }
      if (golden.has("confusion")) {
        long[][] counts = model.view().confusion(data).counts();
        for (int k = 0; k < counts.length; k++) {
          int[] row = Reference.ints(golden.get("confusion").get(k));
          assertThat(counts[k])
              .containsExactly(Arrays.stream(row).mapToLong(n -> (long) n * copies).toArray());
        }
      }
    }
  }

  /** Rows of 0 to 3 pairs: labels of 3 classes, yes and no, numbers, or tokens. */
  private static Outcome outcome(String form, Random random) {
    int pairs = random.nextInt(4);
    float[][] outputs = new float[pairs][3];
    float[][] targets = new float[pairs][3];
    int[] labels = random.ints(pairs, 0, 3).toArray();
    for (int i = 0; i < pairs; i++) {
      for (int k = 0; k < 3; k++) {
        outputs[i][k] = (float) random.nextGaussian();
        targets[i][k] =
            form.equals("numbers") ? (float) random.nextGaussian() + 5 : random.nextInt(2);
      }
    }
    boolean tokens = form.equals("tokens");
    boolean labelled = tokens || form.equals("labels");
    return new Outcome(
        form,
        tokens ? null : outputs,
        tokens ? random.ints(1 + pairs, 0, 3).toArray() : null,
        labelled ? labels : null,
        labelled ? null : targets);
  }

  private static List<Metric> metrics(String form) {
    return switch (form) {
      case "labels" ->
          ALL.stream().filter(m -> !m.name().matches("binary.*|mae|rmse|mape|r2")).toList();
      case "yes and no" -> List.of(Metric.binaryAccuracy(), Metric.f1(1), Metric.rocAuc());
      case "numbers" -> ALL.stream().filter(m -> m.name().matches("mae|rmse|mape|r2")).toList();
      default -> List.of(Metric.tokenErrorRate());
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"labels", "yes and no", "numbers", "tokens"})
  void talliesPutTogetherAreThatOfAllRows(String form) {
    for (Metric metric : metrics(form)) {
      Random random = new Random(7);
      Metric.Tally all = metric.begin();
      List<Metric.Tally> parts = Stream.generate(metric::begin).limit(3).toList();
      for (int row = 0; row < 20; row++) {
        Outcome outcome = outcome(form, random);
        all.add(outcome);
        parts.get(row < 4 ? 2 : 0).add(outcome); // The second has none.
      }
      Metric.Tally together = metric.begin();
      parts.forEach(part -> together.merge(part.numbers()));
      assertThat(together.value()).as(metric.name()).isCloseTo(all.value(), within(1e-12));
    }
  }

  private static int outputs(JsonNode golden) {
    JsonNode shape = golden.get("output").get("shape");
    return shape.get(shape.size() - 1).asInt();
  }

  private static Model model(JsonNode golden) {
    Layer layer = golden.has("lengths") ? SAME : ROWS;
    return Model.of(layer, Inputs.vectors(outputs(golden)), 1);
  }

  private static Sequences data(JsonNode golden, int copies) {
    JsonNode output = golden.get("output");
    JsonNode target = golden.get("target");
    boolean labels = target.get("shape").size() < output.get("shape").size();
    if (golden.has("lengths")) {
      int[] lengths = Reference.ints(golden.get("lengths"));
      Sequences inputs =
          Sequences.of(
              copied(Reference.sequences(output, lengths), copies).toArray(float[][][]::new));
      return labels
          ? inputs.stepLabels(
              copied(Reference.labels(target, lengths), copies).toArray(int[][]::new))
          : inputs.stepTargets(
              copied(Reference.sequences(target, lengths), copies).toArray(float[][][]::new));
    }
    float[][] rows = Reference.matrix(output, outputs(golden));
    Sequences inputs =
        Sequences.of(
            copied(rows, copies).stream()
                .map(row -> new float[][] {row})
                .toArray(float[][][]::new));
    int[] all = labels ? Reference.ints(target) : null;
    return labels
        ? inputs.labels(IntStream.range(0, copies).flatMap(c -> Arrays.stream(all)).toArray())
        : inputs.targets(
            copied(Reference.matrix(target, outputs(golden)), copies).toArray(float[][]::new));
  }

  private static <T> List<T> copied(T[] rows, int copies) {
    return Collections.nCopies(copies, Arrays.asList(rows)).stream().flatMap(List::stream).toList();
  }

  @Test
  void editsAreThoseOfTensorFlow() {
    JsonNode golden = GOLDEN.get("edits");
    int[] distances = Reference.ints(golden.get("distances"));
    int[][] given = new int[distances.length][];
    int[][] right = new int[distances.length][];
    for (int row = 0; row < distances.length; row++) {
      given[row] = Reference.ints(golden.get("pairs").get(row).get(0));
      right[row] = Reference.ints(golden.get("pairs").get(row).get(1));
      assertThat(TokenErrorRate.distance(given[row], right[row])).isEqualTo(distances[row]);
    }
    Layer spelling = (w, x) -> x;
    try (Model model = Model.of(SAME, Inputs.tokens(), 1)) {
      Sequences data = Sequences.tokens(given).labelSequences(right);
      Map<String, Double> measured =
          model.view(spelling.named("spelling")).measure(data, Metric.tokenErrorRate());
      assertThat(measured.get("token error rate"))
          .isCloseTo(golden.get("token error rate").asDouble(), within(1e-12));
    }
  }

  /** Only steps count that lengths and mask leave. */
  @Test
  void stepsThatAMaskLeavesOutDoNotCount() {
    Layer positive =
        ((Layer)
                (w, x) -> {
                  Ops tf = w.tf();
                  Operand<TFloat32> values = Numbers.of(Toys.ignoring(w, x));
                  Operand<TFloat32> first =
                      tf.squeeze(
                          tf.slice(values, tf.array(0, 0, 0), tf.array(-1, -1, 1)),
                          Squeeze.axis(2L));
                  return x.masked(tf.math.greater(first, tf.constant(0f)));
                })
            .named("positive");
    Sequences data =
        Sequences.of(new float[][][] {{{1, 0}, {-5, 0}, {3, 4}}, {{-2, 9}}, {{2, 1}}})
            .stepLabels(new int[][] {{0, 0, 0}, {1}, {1}});
    try (Model model = Model.of(positive, Inputs.vectors(2), 1)) {
      Scores scores =
          model.evaluate(data, Loss.softmaxCrossEntropy(), Metric.accuracy(), Metric.recall(1));
      assertThat(scores.value("accuracy")).isEqualTo(1 / 3.0);
      assertThat(scores.value("recall of class 1")).isZero();
      assertThat(model.view().confusion(data)).hasToString("     0  1\n  0  1  1\n  1  1  0");
    }
  }

  @Test
  void otherOutputsHaveMetricsToo() {
    Layer both =
        ((Layer)
                (w, x) ->
                    Toys.ignoring(w, x)
                        .beside(
                            "first",
                            w.tf()
                                .squeeze(
                                    w.tf()
                                        .slice(
                                            Numbers.of(x),
                                            w.tf().array(0, 0, 0),
                                            w.tf().array(-1, 1, -1)),
                                    Squeeze.axis(1L))))
            .named("both");
    Sequences data =
        Sequences.of(new float[][][] {{{1, 0}, {0, 2}}, {{4, 3}}})
            .stepLabels(new int[][] {{0, 0}, {1}})
            .target("first", Targets.ofRows(new float[][] {{1, 1}, {3, 3}}));
    try (Model model = Model.of(both, Inputs.vectors(2), 1)) {
      Map<String, Double> measured =
          model
              .view()
              .measure(
                  data,
                  Metric.accuracy(),
                  Metric.meanAbsoluteError().of("first"),
                  Metric.r2().of("first"));
      assertThat(measured)
          .containsExactly(
              Map.entry("accuracy", 1 / 3.0),
              Map.entry("first mae", 0.5),
              Map.entry("first r2", 1 - (0.0 / 2 + 1 / 2.0 + 1 / 2.0 + 0.0 / 2) / 2));
    }
  }

  @Test
  void validationShowsThemEachEpoch() {
    Sequences data = Toys.labelled(30, 1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history =
          model.fit(
              data,
              new Adam(0.01),
              Loss.softmaxCrossEntropy(),
              Epochs.of(2)
                  .validation(data)
                  .metrics(Metric.f1(Average.MACRO), Metric.accuracy())
                  .progress(Progress.lines(out)));
      Scores last = history.last().validation();
      assertThat(last.values().keySet()).containsExactly("loss", "accuracy", "macro f1");
      assertThat(last)
          .isEqualTo(
              model.evaluate(
                  data, Loss.softmaxCrossEntropy(), Metric.f1(Average.MACRO), Metric.accuracy()));
      assertThat(bytes.toString(StandardCharsets.UTF_8).lines().toList().get(1))
          .startsWith("epoch 2/2: loss ")
          .containsPattern(
              "; validation: loss 0\\.\\d{4}, accuracy 0\\.\\d{4}, macro f1 0\\.\\d{4}$");
    }
  }

  @Test
  void nothingGivesNaN() {
    Sequences none = Sequences.of(new float[][][] {{}, {}}).stepLabels(new int[][] {{}, {}});
    try (Model model = Model.of(SAME, Inputs.vectors(2), 1)) {
      model
          .view()
          .measure(none, Metric.accuracy(), Metric.f1(Average.MACRO), Metric.rocAuc())
          .forEach((name, value) -> assertThat(value).as(name).isNaN());
    }
  }

  @Test
  void aConfusionMatrixKnowsItsRates() {
    ConfusionMatrix matrix =
        ConfusionMatrix.of(new int[] {0, 0, 0, 1, 1, 2}, new int[] {0, 0, 1, 1, 0, 0});
    assertThat(matrix.classes()).isEqualTo(3);
    assertThat(matrix.count(0, 1)).isEqualTo(1);
    assertThat(matrix.accuracy()).isEqualTo(0.5);
    assertThat(matrix.precision(0)).isEqualTo(0.5);
    assertThat(matrix.recall(0)).isEqualTo(2 / 3.0);
    assertThat(matrix.f1(0)).isEqualTo(4 / 7.0);
    assertThat(matrix.precision(2)).isZero();
    assertThat(matrix.f1(2)).isZero();
  }

  @Test
  void refusesWhatDoesNotFit() {
    Sequences steps = Sequences.of(new float[][][] {{{1, 0}, {0, 2}}, {{4, 3}}});
    Sequences labels = steps.stepLabels(new int[][] {{0, 0}, {1}});
    Sequences numbers = steps.stepTargets(new float[][][] {{{0, 0}, {0, 2}}, {{1, 1}}});
    try (Model model = Model.of(SAME, Inputs.vectors(2), 1)) {
      View view = model.view();
      refuses(
          () -> view.measure(steps, Metric.accuracy()),
          "Sequences: there are no targets; give them, Sequences.of(inputs).labels(labels)");
      refuses(
          () -> view.measure(labels, Metric.accuracy(), Metric.accuracy()),
          "Metric: each must have a name of its own, got accuracy");
      refuses(
          () -> view.measure(labels, Metric.meanAbsoluteError()),
          "mae: targets must be numbers, got labels");
      refuses(
          () -> view.measure(numbers, Metric.accuracy()),
          "accuracy: targets must be labels, got numbers");
      refuses(
          () -> view.measure(numbers, Metric.f1(1)),
          "f1 of class 1: targets must be 0 or 1, got 2.0");
      refuses(
          () -> view.measure(labels, Metric.tokenErrorRate()),
          "token error rate: outputs must be tokens, of a layer that decodes:"
              + " model.view(decoding).measure(…), got numbers");
      refuses(
          () -> view.measure(steps.labels(0, 1), Metric.accuracy()),
          "Model: targets are labels for each row, but the output is for each step, [B, T, O]; use"
              + " rnn.last()");
      refuses(
          () -> view.measure(steps.stepLabels(new int[][] {{0, 2}, {1}}), Metric.accuracy()),
          "Sequences: labels must be in 0..1 for a model with 2 outputs, but row 0 has another, got"
              + " 2");
      refuses(
          () -> view.measure(steps.labelSequences(new int[][] {{0}, {1}}), Metric.accuracy()),
          "accuracy: a row must have as many outputs as targets, got 2 and 1; a token error rate"
              + " compares such sequences");
      refuses(
          () -> view.measure(labels, Metric.accuracy().of("kind")),
          "Model: an output beside the first must be one of [], got kind");
      refuses(
          () -> model.evaluate(labels, Loss.softmaxCrossEntropy()).value("f1"),
          "Scores: a score must be one of [loss, accuracy], got f1");
    }
    refuses(() -> Metric.topK(0), "Metric: k must be at least 1, got 0");
    refuses(() -> Metric.f1(-1), "Metric: a class must be at least 0, got -1");
  }

  /** Before any weight has changed. */
  @Test
  void metricsThatDoNotFitAreRefusedBeforeTraining() {
    Sequences data = Toys.labelled(10, 1);
    Loss loss = Loss.softmaxCrossEntropy();
    try (Model model = Model.of(Toys.classifier(), 42)) {
      float[] before = model.weight("dense/W");
      Epochs metrics = Toys.epochs(1).metrics(Metric.r2());
      refuses(
          () -> model.fit(data, new Adam(1), loss, metrics),
          "r2: targets must be numbers, got labels");
      refuses(
          () -> model.fit(data, new Adam(1), loss, metrics.validation(data)),
          "r2: targets must be numbers, got labels");
      assertThat(model.weight("dense/W")).isEqualTo(before);
    }
  }

  private static void refuses(Runnable what, String sentence) {
    assertThatThrownBy(what::run).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
