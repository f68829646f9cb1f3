package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.DilatedLayer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.Weights;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.cells.SLSTMCell;
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.Normalization;
import kazoku.layers.Pooling;
import kazoku.layers.Residual;
import kazoku.wrap.TrainableInitialState;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** SavedModels, as somebody uses them who has nothing but the folder. */
class ExportTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();
  private static final Loss NUMBERS = Loss.meanSquaredError();

  @TempDir Path folder;

  private static Map<String, Served.Numbers> with(
      Map<String, Served.Numbers> all, String name, Served.Numbers value) {
    Map<String, Served.Numbers> more = new LinkedHashMap<>(all);
    more.put(name, value);
    return more;
  }

  private static Map<String, Served.Numbers> with(
      Map<String, Served.Numbers> all, Map<String, Served.Numbers> states) {
    Map<String, Served.Numbers> more = new LinkedHashMap<>(all);
    more.putAll(states);
    return more;
  }

  private static final int ROWS = 3;
  private static final int STEPS = 7;

  private static float[] random(int count, int tokens) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = tokens > 0 ? random.nextInt(tokens) : random.nextFloat() * 2 - 1;
    }
    return values;
  }

  private static Map<String, Layer> streams() {
    RNN lstm = new RNN(new LSTMCell(2, 3));
    Map<String, Layer> layers = new LinkedHashMap<>();
    layers.put("LSTM", lstm);
    layers.put("last output", lstm.last());
    layers.put("one slot", new RNN(new ElmanRNNCell(2, 3)));
    layers.put("several slots", new RNN(new SLSTMCell(2, 4)));
    layers.put("a start of its own", new RNN(new TrainableInitialState(new GRUCell(2, 3))));
    layers.put("scanned", new RNN(new LRUCell(2, 3)));
    layers.put("in shards", lstm.with(new Loop(Loop.Form.AUTO, 2)));
    layers.put("stacked", new Stacked(lstm, new RNN(new GRUCell(3, 3))).withResiduals());
    layers.put("dilated", new DilatedLayer(new LSTMCell(2, 3), new GRUCell(3, 4)));
    layers.put(
        "among others",
        new Sequential(
            new Dense(2, 3),
            new Residual(new RNN(new GRUCell(3, 3))),
            new BatchNorm(3),
            new RNN(new GRUCell(3, 4)).named("second"),
            new Dense(4, 2).named("head")));
    layers.put("tokens", new Sequential(new Embedding(5, 2, 0), lstm));
    return layers;
  }

  @TestFactory
  Stream<DynamicTest> aStreamInPartsIsAsGoodAsTheWhole() {
    return streams().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> streams(e.getKey(), e.getValue())));
  }

  private void streams(String name, Layer layer) {
    boolean tokens = layer.input().numDimensions() == 0;
    Served.Numbers x =
        tokens
            ? new Served.Numbers(true, Shape.of(ROWS, STEPS), random(ROWS * STEPS, 5))
            : new Served.Numbers(false, Shape.of(ROWS, STEPS, 2), random(ROWS * STEPS * 2, 0));
    Path place = folder.resolve(name);
    try (Model model = Model.of(layer, 42)) {
      model.export(place);
    }
    try (Served served = new Served(place)) {
      assertThat(served.keys())
          .containsExactlyInAnyOrder(
              "serving_default", "unpadded", "initial_state", "sequence", "step");
      Map<String, Served.Numbers> given =
          Map.of("input", x, "lengths", Served.Numbers.whole(STEPS, STEPS, STEPS));
      Map<String, Served.Numbers> states = served.call("initial_state", given);
      assertThat(served.signature("step").inputNames())
          .containsAll(states.keySet())
          .hasSize(states.size() + 1);
      Served.Numbers whole = served.call("serving_default", given).get("output");
      Map<String, Served.Numbers> carried = served.call("sequence", with(given, states));
      carried.get("output").isCloseTo(whole);

      Map<String, Served.Numbers> now = states;
      int[] cuts = {0, 1, 2, 5, STEPS};
      for (int k = 1; k < cuts.length; k++) {
        Served.Numbers part = x.steps(cuts[k - 1], cuts[k]);
        Map<String, Served.Numbers> answers = served.call("step", with(now, "input", part));
        Served.Numbers output = answers.remove("output");
        if (output.shape().numDimensions() == 3) {
          output.isCloseTo(whole.steps(cuts[k - 1], cuts[k]));
        } else if (cuts[k] == STEPS) {
          output.isCloseTo(whole);
        }
        assertThat(answers.keySet()).isEqualTo(now.keySet());
        now = answers;
      }
      now.forEach((state, value) -> value.isCloseTo(carried.get(state)));

      // One row alone, by sequences that end early and go on.
      Map<String, Served.Numbers> one = new LinkedHashMap<>();
      states.forEach((state, value) -> one.put(state, value.rows(1, 2)));
      one.put("input", x.rows(1, 2).steps(0, 5));
      one.put("lengths", Served.Numbers.whole(3));
      Map<String, Served.Numbers> half = served.call("sequence", one);
      half.remove("output");
      half.put("input", x.rows(1, 2).steps(3, STEPS));
      half.put("lengths", Served.Numbers.whole(STEPS - 3));
      Map<String, Served.Numbers> rest = served.call("sequence", half);
      carried.forEach(
          (key, value) -> {
            if (!key.equals("output")) {
              rest.get(key).isCloseTo(value.rows(1, 2));
            }
          });
    }
  }

  @Test
  void statesAreNamedByPathAndSlot() {
    try (Model model =
        Model.of(
            new Stacked(new RNN(new LSTMCell(2, 3)), new RNN(new GRUCell(3, 4))).named("up-1"),
            1)) {
      model.export(folder.resolve("x"));
    }
    try (Served served = new Served(folder.resolve("x"))) {
      String[] states = {"up_1_0_cell_h", "up_1_0_cell_c", "up_1_1_cell_h"};
      assertThat(served.signature("initial_state").outputNames()).containsExactlyInAnyOrder(states);
      assertThat(served.signature("step").outputNames()).contains(states).contains("output");
      Signature.TensorDescription h = served.signature("step").getInputs().get("up_1_1_cell_h");
      assertThat(h.shape.asArray()).containsExactly(-1, 4);
      Signature.TensorDescription x = served.signature("step").getInputs().get("input");
      assertThat(x.shape.asArray()).containsExactly(-1, -1, 2);
    }
  }

  @Test
  void statesOfAnotherNumberOfRowsAreRefused() {
    try (Model model = Model.of(new RNN(new GRUCell(2, 3)), 1)) {
      model.export(folder.resolve("x"));
    }
    try (Served served = new Served(folder.resolve("x"))) {
      Map<String, Served.Numbers> given =
          Map.of(
              "input", new Served.Numbers(false, Shape.of(2, 1, 2), new float[4]),
              "rnn_cell_h", new Served.Numbers(false, Shape.of(1, 3), new float[3]));
      assertThatThrownBy(() -> served.call("step", given))
          .hasMessageContaining("a_state_must_have_one_entry_a_row");
    }
  }

  @Test
  void twoStatesOfOneNameAreRefused() {
    Layer layer =
        new Sequential(
            new RNN(new GRUCell(2, 2)).named("a-b"), new RNN(new GRUCell(2, 2)).named("a_b"));
    try (Model model = Model.of(layer, 1)) {
      assertThatThrownBy(() -> model.export(folder.resolve("x")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Export: each input, output and state must have a name of its own, but two are"
                  + " called a_b_cell_h; give a layer another name, layer.named(…)");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void layersThatLookAcrossStepsHaveNoStep() {
    RNN gru = new RNN(new GRUCell(2, 3));
    Map<Layer, Set<String>> expected = new LinkedHashMap<>();
    Set<String> whole = Set.of("unpadded", "initial_state", "sequence");
    expected.put(new Bidirectional(new GRUCell(2, 3)), whole);
    expected.put(new Sequential(gru, new Crf(3).decoding()), whole);
    expected.put(new Sequential(gru, Pooling.mean()), whole);
    expected.put(new Sequential(new Dense(2, 3)), Set.of());
    expected.put(new Sequential(new Conv1D(2, 3, 2)), Set.of("unpadded"));
    int number = 0;
    for (Map.Entry<Layer, Set<String>> e : expected.entrySet()) {
      Path place = folder.resolve("x" + number++);
      try (Model model = Model.of(e.getKey(), 1)) {
        model.export(place);
      }
      try (Served served = new Served(place)) {
        Set<String> keys = served.keys();
        assertThat(keys.remove("serving_default")).isTrue();
        assertThat(keys).isEqualTo(e.getValue());
      }
    }
  }

  @Test
  void whatADecoderWritesHasLengthsOfItsOwn() {
    Decoder decoder = new Decoder(new GRUCell(3, 4), 5, 0, 1, 6);
    try (Model model = Model.of(decoder, 1)) {
      model.view(decoder.greedy()).export(folder.resolve("greedy"));
      model.view(decoder.beam(2, 0)).export(folder.resolve("beam"), Export.frozen());
      model.view(decoder.sample(1)).export(folder.resolve("sample"));
      model.export(folder.resolve("logits"));
    }
    for (String way : List.of("greedy", "beam", "sample")) {
      try (Served served = new Served(folder.resolve(way))) {
        assertThat(served.keys()).containsExactlyInAnyOrder("serving_default", "unpadded");
        assertThat(served.signature("serving_default").outputNames())
            .contains("output", "output_lengths", "scores");
        Map<String, Served.Numbers> given =
            Map.of(
                "input",
                new Served.Numbers(true, Shape.of(2, 1), new float[2]),
                "lengths",
                Served.Numbers.whole(1, 1));
        assertThat(served.call("serving_default", given).get("output_lengths").shape().get(0))
            .isEqualTo(2);
      }
    }
    try (Served served = new Served(folder.resolve("logits"))) {
      assertThat(served.keys()).contains("step");
    }
  }

  @Test
  void imagesAndSeveralInputs() {
    Layer images = new RNN(new ConvLSTMCell(1, 2, List.of(4, 4), List.of(3, 3)));
    try (Model model = Model.of(images, 1)) {
      model.export(folder.resolve("images"));
    }
    try (Served served = new Served(folder.resolve("images"))) {
      assertThat(served.keys()).contains("step");
    }
    Layer phased = new RNN(new PhasedLSTMCell(2, 3));
    try (Model model = Model.of(phased, Inputs.vectors(2).vectors("time", 1), 1)) {
      model.export(folder.resolve("phased"));
    }
    try (Served served = new Served(folder.resolve("phased"))) {
      assertThat(served.signature("step").inputNames())
          .containsExactlyInAnyOrder("input", "time", "rnn_cell_h", "rnn_cell_c");
      assertThat(served.signature("sequence").inputNames())
          .containsExactlyInAnyOrder("input", "lengths", "time", "rnn_cell_h", "rnn_cell_c");
    }
  }

  @Test
  void aModelForSomeStepsTakesThemOneByOne() {
    RNN unrolled = new RNN(new GRUCell(2, 3)).with(new Loop(Loop.Form.UNROLLED, 1));
    try (Model model = Model.ofSteps(unrolled, 1, 4)) {
      model.export(folder.resolve("x"));
    }
    try (Served served = new Served(folder.resolve("x"))) {
      assertThat(served.signature("step").getInputs().get("input").shape.asArray())
          .containsExactly(-1, 1, 2);
      assertThat(served.signature("sequence").getInputs().get("input").shape.asArray())
          .containsExactly(-1, 4, 2);
    }
  }

  @Test
  void frozenModelsGiveTheSameAndHaveNoVariables() {
    Layer layer =
        new Sequential(
            new Embedding(5, 2),
            new RNN(new LSTMCell(2, 3)),
            new BatchNorm(3),
            new Dense(3, 4),
            new Crf(4).decoding());
    float[][][] inputs = Toys.inputs(6, 1);
    Path variables = folder.resolve("variables");
    Path frozen = folder.resolve("frozen");
    try (Model model = Model.of(Toys.classifier(), 42)) {
      model.fit(Toys.labelled(20, 1), new Adam(0.01), CLASSES, Toys.epochs(2));
      model.export(variables);
      model.export(frozen, Export.frozen());
    }
    try (Model model = Model.of(layer, 42)) {
      model.export(folder.resolve("crf"), Export.frozen());
    }
    assertThat(frozen.toFile().list()).containsExactly("saved_model.pb");
    ConfigProto single =
        ConfigProto.newBuilder()
            .setExperimental(
                ConfigProto.Experimental.newBuilder().setExecutorType("SINGLE_THREADED_EXECUTOR"))
            .build();
    Map<String, Served.Numbers> given =
        Map.of(
            "input",
            Served.Numbers.padded(inputs),
            "lengths",
            Served.Numbers.whole(Toys.lengths(inputs)));
    try (Served one = new Served(variables);
        Served other = new Served(frozen);
        Served third = new Served(frozen, single)) {
      assertThat(other.keys()).isEqualTo(one.keys());
      for (String key : List.of("serving_default", "sequence", "step")) {
        Map<String, Served.Numbers> all = with(given, one.call("initial_state", given));
        Map<String, Served.Numbers> expected = one.call(key, all);
        Map<String, Served.Numbers> actual = other.call(key, all);
        Map<String, Served.Numbers> again = third.call(key, all);
        expected.forEach((name, value) -> actual.get(name).isCloseTo(value));
        expected.forEach((name, value) -> again.get(name).isCloseTo(value));
      }
    }
    try (Served served = new Served(folder.resolve("crf"))) {
      assertThat(served.signature("serving_default").outputNames()).containsExactly("output");
    }
  }

  @Test
  void whatDataIsPreparedByIsAPartOfTheModel() {
    float[][][] inputs = Toys.inputs(6, 1);
    Normalization first = Normalization.of(inputs);
    Layer rest = new Sequential(new RNN(new GRUCell(2, 3)).last());
    float[][][] prepared =
        Arrays.stream(inputs)
            .map(row -> Arrays.stream(row).map(x -> prepared(first, x)).toArray(float[][]::new))
            .toArray(float[][][]::new);
    Path place = folder.resolve("x");
    try (Model model = Model.of(new Sequential(first, new RNN(new GRUCell(2, 3)).last()), 1);
        Model plain = Model.of(rest, 1)) {
      model.export(place);
      assertThat(model.weight("normalization/scale")[0])
          .isEqualTo(first.scale().get(0).floatValue());
      float[][] expected = plain.predict(Sequences.of(prepared));
      Map<String, Served.Numbers> given =
          Map.of(
              "input", Served.Numbers.padded(inputs),
              "lengths", Served.Numbers.whole(Toys.lengths(inputs)));
      try (Served served = new Served(place)) {
        float[] flat = served.call("serving_default", given).get("output").values();
        for (int row = 0; row < expected.length; row++) {
          assertThat(Arrays.copyOfRange(flat, 3 * row, 3 * row + 3))
              .containsExactly(expected[row], within(1e-6f));
        }
      }
    }
  }

  private static float[] prepared(Normalization by, float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) ((x[i] - by.mean().get(i)) / by.scale().get(i));
    }
    return y;
  }

  // Training further

  private static Map<String, Served.Numbers> batch(float[][][] inputs, int[] labels) {
    return Map.of(
        "input", Served.Numbers.padded(inputs),
        "lengths", Served.Numbers.whole(Toys.lengths(inputs)),
        "target", Served.Numbers.whole(labels));
  }

  private static Epochs whole(int count) {
    return Epochs.of(count).batchSize(1000).inOrder().progress(Progress.NONE);
  }

  private static float loss(Map<String, Served.Numbers> answers) {
    return answers.get("loss").values()[0];
  }

  @TestFactory
  Stream<DynamicTest> trainsAsFitDoes() {
    Layer moving =
        new Sequential(
            new Dense(2, 3),
            new BatchNorm(3),
            new Dropout(0.3, Weights.Draw.EACH_STEP),
            new RNN(new GRUCell(3, 4)).last(),
            Toys.head(4, 2).named("head"));
    Map<String, Optimizer> optimizers = new LinkedHashMap<>();
    optimizers.put("Adam", new Adam(Schedule.cosine(0.05, 10, 0)).weightDecay(0.01).clip(1));
    optimizers.put("for several batches", new GradientDescent(0.5).every(2));
    optimizers.put("with averages", new RMSprop(0.01).average(0.9));
    return optimizers.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> trains(moving, e.getValue())));
  }

  /** From the beginning, and from the third step of a training. */
  private void trains(Layer layer, Optimizer optimizer) {
    float[][][] inputs = Toys.inputs(12, 1);
    int[] labels = Toys.signs(inputs);
    Sequences data = Sequences.of(inputs).labels(labels);
    Path fresh = folder.resolve("fresh");
    Path later = folder.resolve("later");
    Export form = Export.variables().trainable(optimizer, CLASSES);
    try (Model model = Model.of(layer, 42)) {
      model.export(fresh, form);
      double[] first = model.fit(data, optimizer, CLASSES, whole(3)).losses();
      model.export(later, form);
      double[] second = model.fit(data, optimizer, CLASSES, whole(3)).losses();
      try (Served served = new Served(fresh)) {
        trains(served, batch(inputs, labels), first);
        trains(served, batch(inputs, labels), second);
        sameWeights(model, served);
      }
      try (Served served = new Served(later)) {
        trains(served, batch(inputs, labels), second);
        sameWeights(model, served);
        Scores scores = model.evaluate(data, CLASSES);
        Map<String, Served.Numbers> answers = served.call("evaluate", batch(inputs, labels));
        assertThat(loss(answers)).isCloseTo((float) scores.loss(), within(1e-5f));
        assertThat(answers.get("metric").values()[0])
            .isCloseTo((float) scores.metric(), within(1e-6f));
        assertThat(answers.get("loss_count").values()).containsExactly(12);
        assertThat(answers.get("metric_count").values()).containsExactly(12);
      }
    }
  }

  private static void trains(Served served, Map<String, Served.Numbers> batch, double[] losses) {
    for (double expected : losses) {
      assertThat(loss(served.call("train_step", batch))).isCloseTo((float) expected, within(1e-5f));
    }
  }

  private static void sameWeights(Model model, Served served) {
    for (String name : model.weights()) {
      assertThat(served.variable(name)).as(name).containsExactly(model.weight(name), within(1e-5f));
    }
  }

  @Test
  void stepsWithTargetsThatSeveralOutputsHaveAreTrained() {
    float[][][] inputs = Toys.inputs(10, 2);
    Layer both =
        (w, x) -> {
          var h = new RNN(new GRUCell(2, 4)).apply(w.in("rnn"), x);
          var sums = Toys.head(4, 1).apply(w.in("sums"), h);
          return sums.beside("sign", new Dense(4, 2).apply(w.in("sign"), h));
        };
    Loss loss = NUMBERS.and("sign", CLASSES, 0.5);
    int[][] signs =
        Arrays.stream(inputs)
            .map(row -> Arrays.stream(row).mapToInt(x -> x[0] > 0 ? 1 : 0).toArray())
            .toArray(int[][]::new);
    Sequences data =
        Sequences.of(inputs).stepTargets(Toys.sums(inputs)).target("sign", Targets.ofSteps(signs));
    Served.Numbers lengths = Served.Numbers.whole(Toys.lengths(inputs));
    int longest = (int) Served.Numbers.padded(inputs).shape().get(1);
    float[] labels = new float[inputs.length * longest];
    for (int row = 0; row < signs.length; row++) {
      for (int t = 0; t < signs[row].length; t++) {
        labels[row * longest + t] = signs[row][t];
      }
    }
    Map<String, Served.Numbers> batch = new LinkedHashMap<>();
    batch.put("input", Served.Numbers.padded(inputs));
    batch.put("lengths", lengths);
    batch.put("target", Served.Numbers.padded(Toys.sums(inputs)));
    batch.put("target_lengths", lengths);
    batch.put("sign_target", new Served.Numbers(true, Shape.of(inputs.length, longest), labels));
    batch.put("sign_target_lengths", lengths);
    try (Model model = Model.of(both, 3)) {
      model.export(folder.resolve("x"), Export.variables().trainable(new Adam(0.05), loss));
      double[] losses = model.fit(data, new Adam(0.05), loss, whole(4)).losses();
      try (Served served = new Served(folder.resolve("x"))) {
        assertThat(served.signature("train_step").inputNames())
            .containsExactlyInAnyOrderElementsOf(batch.keySet());
        trains(served, batch, losses);
        sameWeights(model, served);
      }
    }
  }

  @Test
  void whatIsTrainedFurtherIsSavedAndRead() {
    float[][][] inputs = Toys.inputs(30, 4);
    Map<String, Served.Numbers> batch = batch(inputs, Toys.signs(inputs));
    Path place = folder.resolve("x");
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.export(place, Export.variables().trainable(new Adam(0.05), CLASSES));
    }
    Path saved = folder.resolve("further");
    float[] trained;
    float next;
    try (Served served = new Served(place)) {
      assertThat(served.keys()).contains("train_step", "evaluate", "save", "restore", "step");
      float first = loss(served.call("train_step", batch));
      for (int k = 0; k < 15; k++) {
        served.call("train_step", batch);
      }
      assertThat(loss(served.call("evaluate", batch))).isLessThan(first / 2);
      assertThat(served.path("save", saved)).isEqualTo(saved.toString());
      trained = served.variable("rnn/cell/U");
      next = loss(served.call("train_step", batch));
    }
    try (Served served = new Served(place)) {
      assertThat(served.variable("rnn/cell/U")).isNotEqualTo(trained);
      served.path("restore", saved);
      assertThat(served.variable("rnn/cell/U")).isEqualTo(trained);
      assertThat(loss(served.call("train_step", batch))).isEqualTo(next);
      served.bundle.session().save(folder.resolve("by-session").toString());
      served.bundle.session().restore(saved.toString());
      assertThat(served.variable("rnn/cell/U")).isEqualTo(trained);
    }
  }

  @Test
  void aBatchWithoutAFiniteLossFailsAndChangesNothing() {
    float[][][] inputs = Toys.inputs(4, 4);
    Map<String, Served.Numbers> batch = batch(inputs, Toys.signs(inputs));
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.export(folder.resolve("x"), Export.variables().trainable(new Adam(0.05), CLASSES));
    }
    batch.get("input").values()[0] = Float.NaN;
    try (Served served = new Served(folder.resolve("x"))) {
      float[] before = served.variable("rnn/cell/U");
      assertThatThrownBy(() -> served.call("train_step", batch)).hasMessageContaining("the loss");
      assertThat(served.variable("rnn/cell/U")).isEqualTo(before);
    }
  }

  @Test
  void whatCannotBeTrainedIsRefused() {
    assertThatThrownBy(() -> Export.frozen().trainable(new Adam(1), CLASSES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Export: what is trained must be Variables; use Export.variables(), got frozen");
    Optimizer optimizer = new Adam(0.01).average(0.9);
    Export form = Export.variables().trainable(optimizer, CLASSES);
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.fit(Toys.labelled(5, 1), optimizer, CLASSES, Toys.epochs(1));
      model.useAverages(true);
      assertThatThrownBy(() -> model.export(folder.resolve("x"), form))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("call useAverages(false)");
      model.useAverages(false);
      model.export(folder.resolve("x"), form);
      refuses(
          () -> model.stochastic().export(folder.resolve("y")),
          "Model: what is exported must compute as in inference; export model.view()");
    }
  }

  // Texts

  @Test
  void textsTravelWithTheModel() throws Exception {
    List<String> tokens = List.of("", "é", "a b", "\u2028", "日本");
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.export(
          folder.resolve("x"),
          Export.frozen()
              .vocabulary(tokens)
              .labels(List.of("down", "up"))
              .asset("read-me", List.of()));
    }
    Assets assets = Assets.of(folder.resolve("x"));
    assertThat(assets.vocabulary()).isEqualTo(tokens);
    assertThat(assets.labels()).containsExactly("down", "up");
    assertThat(assets.lines("read-me")).isEmpty();
    assertThat(assets.names()).containsExactly("labels", "read-me", "vocabulary");
    assertThat(Assets.of(folder).names()).isEmpty();
    try (Served served = new Served(folder.resolve("x"))) {
      assertThat(served.bundle.metaGraphDef().getAssetFileDefList())
          .extracting(asset -> asset.getFilename())
          .containsExactlyInAnyOrder("vocabulary.txt", "labels.txt", "read-me.txt");
    }

    refuses(() -> assets.lines("../x"), "Assets: a name must have letters, digits, _ and - only");
    refuses(() -> assets.lines("none"), "Assets: there must be a file");
    Path text = folder.resolve("x/assets/labels.txt");
    Files.write(text, new byte[] {'a', (byte) 0xff});
    refuses(assets::labels, "must be UTF-8, and is not");
    Files.delete(text);
    Files.writeString(folder.resolve("secret"), "secret");
    Files.createSymbolicLink(text, folder.resolve("secret"));
    refuses(assets::labels, "Assets: there must be a file");
    assertThat(assets.names()).containsExactly("read-me", "vocabulary");
    refuses(() -> Export.frozen().labels(List.of("a\nb")), "must be text without a line break");
    refuses(() -> Export.frozen().labels(List.of("\ud800")), "must be text without a line break");
    refuses(() -> Export.frozen().asset("a/b", List.of()), "a name must have letters");
  }

  private static void refuses(Runnable what, String why) {
    assertThatThrownBy(what::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  // What is not as it should be

  @Test
  void anExportThatDoesNotAnswerAsTheModelDoesIsNotLeftBehind() {
    AtomicInteger builds = new AtomicInteger();
    Layer unlike =
        (w, x) -> {
          float number = builds.incrementAndGet() * 1e-3f;
          var value = Toys.head(2, 2).apply(w, x);
          return value.with(
              w.tf()
                  .math
                  .add(w.tf().dtypes.cast(value.value(), TFloat32.class), w.tf().constant(number)));
        };
    try (Model model = Model.of(unlike, Inputs.vectors(2), 1)) {
      for (Export form : List.of(Export.variables(), Export.frozen())) {
        assertThatThrownBy(() -> model.export(folder.resolve("x"), form))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith(
                "Model: what was exported must answer as the model does, but serving_default"
                    + " gives ")
            .hasMessageEndingWith("; nothing was written");
        assertThat(folder).isEmptyDirectory();
      }
    }
  }

  @Test
  void anExportThatFailsLeavesTheOlderOne() throws Exception {
    Path place = folder.resolve("x");
    AtomicInteger builds = new AtomicInteger();
    Layer once =
        (w, x) -> {
          if (builds.incrementAndGet() == 4) {
            throw new IllegalArgumentException("built too often");
          }
          return new RNN(new GRUCell(2, 3)).apply(w, x);
        };
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.export(place);
    }
    byte[] before = Files.readAllBytes(place.resolve("saved_model.pb"));
    try (Model model = Model.of(once, Inputs.vectors(2), 1)) {
      assertThatThrownBy(() -> model.export(place)).hasMessage("built too often");
    }
    assertThat(Files.readAllBytes(place.resolve("saved_model.pb"))).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(place);
    }
  }

  @Test
  void aModelForSomeRowsTakesNoOthers() {
    Layer five = (w, x) -> x.with(w.tf().reshape(x.value(), w.tf().array(5, -1, 2)));
    Layer layer = new Sequential(new Embedding(4, 2), five, new RNN(new GRUCell(2, 3)));
    try (Model model = Model.of(layer, Inputs.tokens(), 1)) {
      model.export(folder.resolve("x"));
    }
    try (Served served = new Served(folder.resolve("x"))) {
      Map<String, Served.Numbers> given =
          Map.of(
              "input",
              new Served.Numbers(true, Shape.of(5, 3), random(15, 4)),
              "lengths",
              Served.Numbers.whole(3, 2, 1, 3, 3));
      assertThat(served.call("serving_default", given).get("output").shape())
          .isEqualTo(Shape.of(5, 3, 3));
    }
  }

  @Test
  void whatCannotComputeAnythingIsNotExported() {
    Layer five = (w, x) -> x.with(w.tf().reshape(x.value(), w.tf().array(5, 11, 2)));
    Layer layer = new Sequential(five, Toys.head(2, 2));
    try (Model model = Model.of(layer, Inputs.vectors(2), 1)) {
      assertThatThrownBy(() -> model.export(folder.resolve("x")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "Model: what is exported must compute something for 1 to 64 random rows of 1 to 64"
                  + " steps, got ");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void nothingButWhatIsNeededIsInTheGraph() {
    Path place = folder.resolve("x");
    try (Model model = Model.of(Toys.classifier(), 1)) {
      model.export(place, Export.variables().trainable(new Adam(0.01), CLASSES));
    }
    try (Served served = new Served(place)) {
      Set<String> types = new LinkedHashSet<>();
      served.bundle.graph().operations().forEachRemaining(op -> types.add(op.type()));
      assertThat(types)
          .contains("VariableV2", "SaveV2", "RestoreV2")
          .doesNotContain("Qr", "StatelessRandomUniformV2", "RandomUniformInt");
    }
  }
}
