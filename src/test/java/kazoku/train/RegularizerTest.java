package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.LSTMCell;
import kazoku.layers.ActivationRegularization;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** What is added to the loss of training. */
class RegularizerTest {
  private static final JsonNode GOLDEN = Reference.read("losses.json");
  private static final Loss NUMBERS = Loss.meanSquaredError();

  @Test
  void normsOfWeightsAreThoseOfKeras() {
    for (JsonNode golden : GOLDEN.get("regularizers")) {
      double[] values = Reference.doubles(golden.get("weight"));
      try (Graph graph = new Graph()) {
        Ops tf = Ops.create(graph);
        Weights weights = Weights.variables(tf, 1);
        weights.get("W", Initializer.computed(shape -> values), 3, 4);
        weights.get("b", Initializer.ONES, 4);
        Operand<TNumber> penalty =
            new Regularizer(golden.get("l1").asDouble(), golden.get("l2").asDouble(), "W")
                .penalty(tf, weights.trainable());
        check(graph, penalty, weights.operand("W").asOutput(), golden);
      }
    }
  }

  @Test
  void activationsAreRegularizedAsInTheAwdLstm() {
    for (JsonNode golden : GOLDEN.get("activationRegularization")) {
      try (Graph graph = new Graph()) {
        Ops tf = Ops.create(graph);
        Weights weights = Weights.variables(tf, 1);
        Placeholder<TFloat32> h =
            tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, 2)));
        Signal x = new Signal(h, tf.constant(Reference.ints(golden.get("lengths"))));
        ActivationRegularization layer =
            new ActivationRegularization(
                golden.get("alpha").asDouble(), golden.get("beta").asDouble());
        assertThat(layer.apply(weights.in("ar"), x)).isSameAs(x);
        Operand<TNumber> value = weights.penalties().get("ar/penalty");
        Output<?>[] gradient = graph.addGradients(value.asOutput(), new Output<?>[] {h.asOutput()});
        float[][] given = Reference.matrix(golden.get("output"), 24);
        padding(given[0], Reference.ints(golden.get("lengths")));
        try (Session session = new Session(graph);
            TFloat32 fed = TFloat32.tensorOf(Shape.of(3, 4, 2), DataBuffers.of(given[0]));
            Result result = session.runner().feed(h, fed).fetch(value).fetch(gradient[0]).run()) {
          check(result, golden);
        }
      }
    }
  }

  /** Nothing that counts. */
  private static void padding(float[] values, int[] lengths) {
    for (int i = 0; i < values.length; i++) {
      if (i / 2 % 4 >= lengths[i / 8]) {
        values[i] = Float.NaN;
      }
    }
  }

  @Test
  void aLayerThatIsAppliedTwiceAddsBoth() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      Layer layer = new ActivationRegularization(2, 0);
      layer.apply(weights, Signal.of(tf.constant(new float[][] {{1, 2}})));
      layer.apply(weights, Signal.of(tf.constant(new float[][] {{3}})));
      layer.apply(weights.forEvaluation(), Signal.of(tf.constant(new float[][] {{7}})));
      try (Session session = new Session(graph);
          Result result = session.runner().fetch(weights.penalties().get("penalty")).run()) {
        assertThat(((TFloat32) result.get(0)).getFloat()).isEqualTo(2 * (5 / 2f + 9));
      }
    }
  }

  /** Steps that no row has, and a batch without steps, add nothing and give no NaN. */
  @Test
  void thereMayBeNothingToRegularize() {
    Layer layers =
        new Sequential(
            new RNN(new LSTMCell(2, 3)), new ActivationRegularization(2, 1), Toys.head(3, 1));
    Sequences data = Sequences.of(new float[][][] {{}, {}}).stepTargets(new float[][][] {{}, {}});
    try (Model model = Model.of(layers, 1)) {
      History history = model.fit(data, new GradientDescent(0.1), NUMBERS, Toys.epochs(1));
      assertThat(history.last().training().loss()).isZero();
      assertThat(model.weight("dense/W")).doesNotContain(Float.NaN);
    }
  }

  @Test
  void regularizedWeightsBecomeSmall() {
    Sequences data = Toys.labelled(40, 1);
    Loss plain = Loss.softmaxCrossEntropy();
    Loss small = plain.plus(Regularizer.l2(1, "dense/W")).plus(Regularizer.l1(1, "cell/U$"));
    try (Model model = Model.of(Toys.classifier(), 42)) {
      double before = model.evaluate(data, plain).loss();
      double norms = square(model, "dense/W") + sum(model, "rnn/cell/U");
      double first = model.fit(data, new GradientDescent(1e-30), small, Toys.epochs(1)).losses()[0];
      assertThat(first).isCloseTo(before + norms, within(1e-4));
      assertThat(model.evaluate(data, small).loss()).isEqualTo(before);
      model.fit(data, new GradientDescent(0.01), small, Toys.epochs(100));
      assertThat(square(model, "dense/W")).isLessThan(0.01);
      assertThat(sum(model, "rnn/cell/U")).isLessThan(10);
      assertThat(square(model, "rnn/cell/W")).isGreaterThan(0.5);
    }
  }

  private static double square(Model model, String weight) {
    double sum = 0;
    for (float w : model.weight(weight)) {
      sum += (double) w * w;
    }
    return sum;
  }

  private static double sum(Model model, String weight) {
    double sum = 0;
    for (float w : model.weight(weight)) {
      sum += Math.abs(w);
    }
    return sum;
  }

  @Test
  void refusesWhatDoesNotFit() {
    refuses(() -> Regularizer.l1(-1, "W"), "Regularizer: l1 must be at least 0, got -1.0");
    refuses(
        () -> Regularizer.l2(1, "("), "Regularizer: pattern must be a regular expression, got (");
    refuses(
        () -> new ActivationRegularization(0, -1),
        "ActivationRegularization: beta must be at least 0, got -1.0");
    refuses(
        () -> NUMBERS.and("kind", NUMBERS.plus(Regularizer.l2(1, ".*")), 1),
        "Loss: only the first loss may have regularizers; say first.and(…).plus(regularizer), got"
            + " kind");
    try (Model model = Model.of(Toys.classifier(), 42)) {
      refuses(
          () ->
              model.fit(
                  Toys.labelled(4, 1),
                  new GradientDescent(1),
                  Loss.softmaxCrossEntropy().plus(Regularizer.l2(1, "^W")),
                  Toys.epochs(1)),
          "Regularizer: pattern must be found in one of [rnn/cell/W, rnn/cell/U, rnn/cell/b,"
              + " dense/W, dense/b], got ^W");
    }
  }

  private static void refuses(Runnable what, String sentence) {
    assertThatThrownBy(what::run).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }

  private static void check(Graph graph, Operand<TNumber> value, Output<?> by, JsonNode golden) {
    Output<?>[] gradient = graph.addGradients(value.asOutput(), new Output<?>[] {by});
    try (Session session = new Session(graph)) {
      session.initialize();
      try (Result result = session.runner().fetch(value).fetch(gradient[0]).run()) {
        check(result, golden);
      }
    }
  }

  private static void check(Result result, JsonNode golden) {
    assertThat((double) ((TFloat32) result.get(0)).getFloat())
        .isCloseTo(golden.get("value").asDouble(), within(1e-6));
    double[] expected = Reference.doubles(golden.get("gradient"));
    float[] actual = Model.floats((TFloat32) result.get(1));
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as("gradient " + i).isCloseTo(expected[i], within(1e-6));
    }
  }
}
