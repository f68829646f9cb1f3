package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import kazoku.Initializer;
import kazoku.Weights;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/** Against formulas in plain Java; {@link GoldenOptimizerTest} has the numbers of others. */
class OptimizerTest {
  private static final double[][] GRADIENTS = {
    {1, -2, 3}, {0.5, 1, -1}, {-1, 0.25, 2}, {2, 2, 0.5}, {0.1, -0.3, 0.7}, {-2, 1, 1}
  };
  private static final GradientDescent DESCENT = new GradientDescent(0.1);

  static List<Optimizer> all() {
    return List.of(
        DESCENT,
        DESCENT.momentum(0.9),
        new GradientDescent(Schedule.exponential(0.1, 2, 0.5)).nesterov(0.9),
        new Adam(0.1),
        new Adam(Schedule.cosine(0.1, 5, 0.01).warmUp(2)).amsgrad(true),
        new AdaMax(0.1),
        new NAdam(0.1),
        new RAdam(0.1),
        new Adagrad(0.1),
        new Adadelta(1),
        new RMSprop(0.1).momentum(0.5),
        new RMSprop(0.1).centered(true),
        new FTRL(0.1),
        new Lion(0.1),
        new LAMB(0.1),
        new Adafactor(0.1),
        new Rprop(0.1),
        new NAdam(0.1).weightDecay(0.1, "W$").l2(0.01).clip(2).average(0.9).every(2),
        new Adam(0.1).clipEach(2).averageFrom(2).every(3));
  }

  @Test
  void gradientDescentStepsAgainstTheGradient() {
    assertThat(after(DESCENT, 3))
        .containsExactly(descended(3, g -> g, g -> g, g -> g), within(1e-6f));
  }

  /** Plain descent where each number's gradient is changed first. */
  private static float[] descended(int steps, DoubleUnaryOperator... changes) {
    double[] weights = {1, 1, 2};
    for (int k = 0; k < steps; k++) {
      for (int i = 0; i < 3; i++) {
        weights[i] -= 0.1 * changes[i].applyAsDouble(GRADIENTS[k][i]);
      }
    }
    return floats(weights);
  }

  private static float[] after(Optimizer optimizer, int batches) {
    try (Updates updates = new Updates(optimizer)) {
      for (int k = 0; k < batches; k++) {
        updates.batch(1, GRADIENTS[k]);
      }
      return updates.weights();
    }
  }

  private static float[] floats(double... numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  @Test
  void adamIsThePapersFormula() {
    double[] weights = {1, 1, 2};
    for (int i = 0; i < 3; i++) {
      double m = 0;
      double v = 0;
      for (int k = 1; k <= 6; k++) {
        double g = GRADIENTS[k - 1][i];
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        double rate = 0.05 * Math.sqrt(1 - Math.pow(0.999, k)) / (1 - Math.pow(0.9, k));
        weights[i] -= rate * m / (Math.sqrt(v) + 1e-7);
      }
    }
    assertThat(after(new Adam(0.05), 6)).containsExactly(floats(weights), within(1e-6f));
  }

  @Test
  void clippingLimitsTheNormOfAllGradientsTogether() {
    double scale = 1 / Math.sqrt(1 + 4 + 9);
    assertThat(after(DESCENT.clip(1), 1))
        .containsExactly(
            descended(1, g -> g * scale, g -> g * scale, g -> g * scale), within(1e-6f));
    assertThat(after(DESCENT.clip(100), 3)).containsExactly(after(DESCENT, 3));
  }

  @Test
  void clippingLimitsTheNormOfEachGradient() {
    double scale = 2 / Math.sqrt(5);
    assertThat(after(DESCENT.clipEach(2), 1))
        .containsExactly(descended(1, g -> g * scale, g -> g * scale, g -> 2), within(1e-6f));
    assertThat(after(DESCENT.clipEach(100), 3)).containsExactly(after(DESCENT, 3));
  }

  @Test
  void clippingLimitsEachNumber() {
    DoubleUnaryOperator cut = g -> Math.max(-1.5, Math.min(1.5, g));
    assertThat(after(DESCENT.clipValue(1.5), 4))
        .containsExactly(descended(4, cut, cut, cut), within(1e-6f));
  }

  @Test
  void weightsWithANameDecayByTheRateOfTheUpdate() {
    Schedule halving = Schedule.exponential(0.1, 1, 0.5);
    double[] weights = {1, 1, 2};
    double[] penalised = {1, 1, 2};
    for (int k = 0; k < 4; k++) {
      double rate = 0.1 * Math.pow(0.5, k);
      for (int i = 0; i < 3; i++) {
        double decay = i < 2 ? 0.3 : 0;
        weights[i] = weights[i] * (1 - rate * decay) - rate * Math.signum(GRADIENTS[k][i]);
        penalised[i] -= rate * (GRADIENTS[k][i] + decay * penalised[i]);
      }
    }
    assertThat(after(new Lion(halving, 0, 0).weightDecay(0.3, "/W$"), 4))
        .containsExactly(floats(weights), within(1e-6f));
    assertThat(after(new GradientDescent(halving).l2(0.3, "dense/[WU]"), 4))
        .containsExactly(floats(penalised), within(1e-6f));
    assertThat(after(DESCENT.weightDecay(0.3), 3))
        .containsExactly(after(DESCENT.l2(0.3), 3), within(1e-6f));
    says(
        "Optimizer: the pattern of weights that decay must be found in one of [dense/W, dense/b],"
            + " got kernel",
        () -> after(DESCENT.weightDecay(0.3, "kernel"), 1));
  }

  @Test
  void whatIsWrittenLastSeesTheGradientsFirst() {
    double[] all = {1, -2, 3};
    double scale = 1 / Math.sqrt(14);
    assertThat(after(DESCENT.l2(0.5).clip(1), 1))
        .containsExactly(
            floats(
                1 - 0.1 * (all[0] * scale + 0.5),
                1 - 0.1 * (all[1] * scale + 0.5),
                2 - 0.1 * (all[2] * scale + 1)),
            within(1e-6f));
  }

  @Test
  void severalBatchesMakeOneUpdateEachByItsNumberOfRows() {
    try (Updates updates = new Updates(DESCENT.momentum(0.5).every(3))) {
      float[] start = {1, 1, 2};
      assertThat(updates.batch(2, GRADIENTS[0])).containsExactly(start);
      assertThat(updates.batch(1, GRADIENTS[1])).containsExactly(start);
      assertThat(updates.slot("sgd/m")).containsOnly(0);
      assertThat(updates.step()).isZero();
      double[] mean = new double[3];
      Arrays.setAll(mean, i -> (2 * GRADIENTS[0][i] + GRADIENTS[1][i] + 5 * GRADIENTS[2][i]) / 8);
      float[] first = floats(1 - 0.1 * mean[0], 1 - 0.1 * mean[1], 2 - 0.1 * mean[2]);
      assertThat(updates.batch(5, GRADIENTS[2])).containsExactly(first, within(1e-6f));
      assertThat(updates.slot("sgd/m")).containsExactly(floats(mean), within(1e-6f));
      assertThat(updates.step()).isOne();
      assertThat(updates.slot("every/sum")).containsOnly(0);

      updates.batch(0, GRADIENTS[3]);
      updates.batch(0, GRADIENTS[4]);
      float[] still = updates.batch(0, GRADIENTS[5]);
      for (int i = 0; i < 3; i++) {
        assertThat(still[i]).isCloseTo(first[i] - 0.05f * (float) mean[i], within(1e-6f));
      }
    }
  }

  @Test
  void batchesArePutTogetherBeforeAllElseWhereverItIsWritten() {
    Optimizer last = DESCENT.weightDecay(0.1).l2(0.1, "b").clip(1).average(0.9).every(2);
    Optimizer first = DESCENT.every(2).weightDecay(0.1).l2(0.1, "b").clip(1).average(0.9);
    assertThat(first).isEqualTo(last).hasSameHashCodeAs(last);
    assertThat(DESCENT.every(2).clipEach(1).clipValue(2).averageFrom(3))
        .isEqualTo(DESCENT.clipEach(1).clipValue(2).averageFrom(3).every(2));
    double scale = 1 / Math.sqrt(0.75 * 0.75 + 0.5 * 0.5 + 1);
    assertThat(after(DESCENT.every(2).clip(1), 2))
        .containsExactly(
            floats(1 - 0.075 * scale, 1 + 0.05 * scale, 2 - 0.1 * scale), within(1e-6f));
  }

  @Test
  void movingAveragesBeginWithTheWeightsAfterTheFirstUpdate() {
    try (Updates updates = new Updates(DESCENT.average(0.75))) {
      double[] expected = null;
      for (int k = 0; k < 5; k++) {
        float[] weights = updates.batch(1, GRADIENTS[k]);
        double[] next = new double[3];
        for (int i = 0; i < 3; i++) {
          next[i] = k == 0 ? weights[i] : 0.75 * expected[i] + 0.25 * weights[i];
        }
        expected = next;
        assertThat(updates.slot("average")).containsExactly(floats(expected), within(1e-6f));
      }
      assertThat(updates.weights()).containsExactly(after(DESCENT, 5));
    }
  }

  @Test
  void meansBeginWithTheUpdateThatIsGiven() {
    try (Updates updates = new Updates(DESCENT.averageFrom(3).every(2))) {
      double[] sum = new double[3];
      for (int k = 1; k <= 5; k++) {
        updates.batch(1, GRADIENTS[k]);
        float[] weights = updates.batch(1, GRADIENTS[k - 1]);
        float[] expected = weights;
        if (k >= 3) {
          Arrays.setAll(sum, i -> sum[i] + weights[i]);
          expected = floats(sum[0] / (k - 2), sum[1] / (k - 2), sum[2] / (k - 2));
        }
        assertThat(updates.slot("average")).containsExactly(expected, within(1e-6f));
      }
    }
  }

  @Test
  void weightsAndAveragesAreExchangedBitForBit() {
    try (Updates updates = new Updates(new Adam(0.1).average(0.9))) {
      updates.exchange();
      assertThat(updates.weights()).as("no average yet").containsExactly(1, 1, 2);
      updates.exchange();
      for (double[] gradient : GRADIENTS) {
        updates.batch(1, gradient);
      }
      float[] weights = updates.weights();
      float[] averages = updates.slot("average");
      assertThat(averages).isNotEqualTo(weights);
      updates.exchange();
      assertThat(updates.weights()).containsExactly(averages);
      assertThat(updates.slot("average")).containsExactly(weights);
      updates.exchange();
      assertThat(updates.weights()).containsExactly(weights);
      assertThat(updates.slot("average")).containsExactly(averages);
    }
  }

  @Test
  void slotsHaveNames() {
    try (Updates updates = new Updates(new Adam(0.1).average(0.9).every(2))) {
      assertThat(updates.slots())
          .containsExactlyInAnyOrder(
              "step",
              "rate",
              "adam/m/dense/W",
              "adam/m/dense/b",
              "adam/v/dense/W",
              "adam/v/dense/b",
              "average/dense/W",
              "average/dense/b",
              "averaged/dense/W",
              "averaged/dense/b",
              "every/batches",
              "every/count",
              "every/sum/dense/W",
              "every/sum/dense/b");
    }
    says(
        "Slots: each slot may be used once in an update; use average and every once only, got"
            + " average/dense/W",
        () -> after(DESCENT.average(0.9).average(0.99), 1));
  }

  @ParameterizedTest
  @MethodSource("all")
  void aRestoredOptimizerGoesOnBitForBit(Optimizer optimizer, @TempDir Path folder)
      throws IOException {
    int before = 3;
    float[] expected;
    try (Updates updates = new Updates(optimizer)) {
      for (int k = 0; k < GRADIENTS.length; k++) {
        if (k == before) {
          updates.save(folder.resolve("all"));
        }
        updates.batch(k + 1, GRADIENTS[k]);
      }
      expected = updates.weights();
      assertThat(expected[0]).isFinite().isNotEqualTo(1);
    }
    try (Updates updates = new Updates(optimizer)) {
      updates.restore(folder.resolve("all"));
      for (int k = before; k < GRADIENTS.length; k++) {
        updates.batch(k + 1, GRADIENTS[k]);
      }
      assertThat(updates.weights()).containsExactly(expected);
    }
  }

  /** The loss of one's own graph, and weights with a slash in their names. */
  @ParameterizedTest
  @MethodSource("all")
  void trainsInAGraphOfOnesOwn(Optimizer optimizer) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      weights.in("layer").get("W", Initializer.ONES, 3, 2);
      weights.in("layer").bias("unused", 2);
      Operand<TFloat32> target = tf.constant(new float[][] {{1, 2}, {-1, 0}, {0.5f, 3}});
      @SuppressWarnings("unchecked") // The weight is float32.
      Operand<TFloat32> w = (Operand<TFloat32>) (Operand<?>) weights.operand("layer/W");
      Operand<TFloat32> loss =
          tf.math.mean(tf.math.squaredDifference(tf.identity(w), target), tf.array(0, 1));
      Slots slots = new Slots(tf, optimizer);
      Map<String, Operand<TNumber>> trained = weights.trainable();
      assertThatThrownBy(() -> Gradients.of(tf, loss, trained))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Model: layer/unused does not reach the loss;");
      trained.remove("layer/unused");
      Op update = slots.update(Gradients.of(tf, loss, trained));
      assertThat(slots.all().keySet()).noneMatch(name -> name.contains("unused"));
      assertThat(weights.operands()).containsOnlyKeys("layer/W", "layer/unused");
      try (Session session = new Session(graph, Toys.config())) {
        session.initialize();
        float before = number(session, loss);
        for (int k = 0; k < 60; k++) {
          session.run(update);
        }
        assertThat(number(session, loss)).isLessThan(before);
      }
    }
  }

  private static float number(Session session, Operand<TFloat32> value) {
    try (Result result = session.runner().fetch(value).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  /** An optimizer of one's own: the sign of the gradient, with a step that shrinks by itself. */
  private record Signs(Schedule learningRate) implements Optimizer {
    @Override
    public Op update(Slots slots, Gradients gradients) {
      return gradients.forEach(
          slots.tf(),
          (tf, g) ->
              tf.assignSub(
                  g.weight(), tf.math.mul(tf.math.sign(g.value()), slots.rate(learningRate))));
    }
  }

  /** A schedule of one's own: {@code first/(k + 1)}. */
  private record Harmonic(double first) implements Schedule {
    @Override
    public Operand<TFloat64> rate(Ops tf, Operand<TFloat64> k) {
      return tf.math.div(tf.constant(first), tf.math.add(k, tf.constant(1.0)));
    }
  }

  @Test
  void takesOptimizersAndSchedulesOfOnesOwn() {
    Optimizer own = new Signs(new Harmonic(0.6));
    assertThat(after(own, 3))
        .containsExactly(
            floats(1 - 0.6 - 0.3 + 0.2, 1 + 0.6 - 0.3 - 0.2, 2 - 0.6 + 0.3 - 0.2), within(1e-6f));
    assertThat(after(own.every(2).clip(1), 3))
        .containsExactly(floats(0.4, 1.6, 1.4), within(1e-6f));
  }

  @Test
  void schedulesCountUpdates() {
    Schedule steps = Schedule.piecewise(new long[] {0, 1}, 0.1, 0.2, 0.3);
    double[] weights = {1, 1, 2};
    double[] halves = {1, 1, 2};
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < 4; k++) {
        weights[i] -= Math.min(0.3, 0.1 * (k + 1)) * GRADIENTS[k][i];
      }
      halves[i] -= 0.1 * (GRADIENTS[0][i] + GRADIENTS[1][i]) / 2;
      halves[i] -= 0.2 * (GRADIENTS[2][i] + GRADIENTS[3][i]) / 2;
    }
    assertThat(after(new GradientDescent(steps), 4))
        .containsExactly(floats(weights), within(1e-6f));
    assertThat(after(new GradientDescent(steps).every(2), 4))
        .containsExactly(floats(halves), within(1e-6f));
  }

  @Test
  void schedulesEndAndAreCombined() {
    assertThat(Schedule.constant(0.5).at(1_000_000)).isEqualTo(0.5);
    assertThat(Schedule.linear(1, 4, 0.2).at(1)).isCloseTo(0.8, within(1e-15));
    assertThat(Schedule.linear(1, 4, 0.2).at(5)).isEqualTo(0.2);
    assertThat(Schedule.linear(0, 4, 1).at(3)).isEqualTo(0.75);
    assertThat(Schedule.cosine(1, 10, 0).at(11)).isZero();
    assertThat(Schedule.cosineRestarts(1, 10, 1, 1, 0).at(30)).isEqualTo(1);
    assertThat(Schedule.cosineRestarts(1, 10, 3, 0.5, 0).at(130)).isEqualTo(0.125);
    assertThat(Schedule.cosineRestarts(1, 10, 3, 0.5, 0).at(129)).isLessThan(0.001);
    assertThat(Schedule.inverseTime(1, 1, 1, 0.5).at(3)).isEqualTo(0.5);
    assertThat(Schedule.oneCycle(1, 100).at(1000)).isCloseTo(1 / 250_000.0, within(1e-15));
    Schedule warm = Schedule.step(1, 5, 0.1).warmUp(10);
    assertThat(warm.at(0)).isZero();
    assertThat(warm.at(9)).isEqualTo(0.9);
    assertThat(warm.at(10)).isEqualTo(1);
    assertThat(warm.at(14)).isEqualTo(1);
    assertThat(warm.at(15)).isEqualTo(0.1);
    assertThat(warm.staircase(4).at(7)).isEqualTo(0.4);
    assertThat(warm).isEqualTo(Schedule.step(1, 5, 0.1).warmUp(10));
  }

  @Test
  void refusesBadSettings() {
    says("Schedule: the rate must be greater than 0, got 0.0", () -> new Adam(0));
    says("Schedule: the rate must be greater than 0, got NaN", () -> new Lion(Double.NaN));
    says("Adam: learningRate must be given, got null", () -> new Adam((Schedule) null));
    says("Adam: beta1 must be in [0, 1), got 1.0", () -> new Adam(0.1, 1, 0.9, 1e-7));
    says("Adam: beta2 must be in [0, 1), got -1.0", () -> new Adam(0.1, 0.9, -1, 1e-7));
    says("Adam: epsilon must be greater than 0, got 0.0", () -> new Adam(0.1, 0.9, 0.9, 0));
    says("GradientDescent: momentum must be in [0, 1), got 1.0", () -> DESCENT.momentum(1));
    says(
        "GradientDescent: momentum must be greater than 0 for Nesterov's form, got 0.0",
        () -> DESCENT.nesterov(0));
    Schedule rate = Schedule.constant(0.1);
    says("AdaMax: beta2 must be in [0, 1), got 1.0", () -> new AdaMax(rate, 0, 1, 1));
    says(
        "NAdam: momentumDecay must be at least 0, got -1.0",
        () -> new NAdam(rate, 0.9, 0.9, 1e-7, -1));
    says("RAdam: beta2 must be in (0.6, 1), got 0.6", () -> new RAdam(rate, 0.9, 0.6, 1e-8));
    says("Adagrad: initial must be at least 0, got -0.1", () -> new Adagrad(rate, -0.1, 1e-7));
    says("Adadelta: rho must be in [0, 1), got 1.0", () -> new Adadelta(rate, 1, 1e-7));
    says("RMSprop: momentum must be in [0, 1), got -0.1", () -> new RMSprop(0.1).momentum(-0.1));
    says("FTRL: power must be at most 0, got 0.5", () -> new FTRL(rate, 0.5, 0.1, 0, 0));
    says("Lion: beta1 must be in [0, 1), got 2.0", () -> new Lion(rate, 2, 0.9));
    says("LAMB: epsilon must be greater than 0, got 0.0", () -> new LAMB(rate, 0.9, 0.9, 0));
    says(
        "Adafactor: decay must be less than 0, got 0.0",
        () -> new Adafactor(rate, 0, 1e-30, 1e-3, 1));
    says("Rprop: grow must be greater than 1, got 1.0", () -> new Rprop(rate, 0.5, 1, 1e-4, 50));
    says(
        "Optimizer: clipping must be at a limit greater than 0, got 0.0",
        () -> new Adam(0.1).clip(0));
    says(
        "Optimizer: clipping must be at a limit greater than 0, got -1.0",
        () -> DESCENT.clipEach(-1));
    says(
        "Optimizer: clipping must be at a limit greater than 0, got NaN",
        () -> DESCENT.clipValue(Double.NaN));
    says("Optimizer: weight decay must be greater than 0, got 0.0", () -> DESCENT.weightDecay(0));
    says(
        "Optimizer: the pattern of weights that decay must be a regular expression, got (",
        () -> DESCENT.weightDecay(0.1, "("));
    says(
        "Optimizer: the number of batches for an update must be at least 1, got 0",
        () -> DESCENT.every(0));
    says("Optimizer: the decay of an average must be in [0, 1), got 1.0", () -> DESCENT.average(1));
    says(
        "Optimizer: the update from which weights are averaged must be at least 1, got 0",
        () -> DESCENT.averageFrom(0));
    assertThatThrownBy(() -> Epochs.of(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Epochs.of(1).batchSize(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesBadSchedules() {
    says(
        "Schedule: there must be one rate more than there are boundaries, got 1 rates and 1"
            + " boundaries",
        () -> Schedule.piecewise(new long[] {3}, 0.1));
    says(
        "Schedule: boundaries must rise, got [3, 3]",
        () -> Schedule.piecewise(new long[] {3, 3}, 1, 2, 3));
    says("Schedule: steps must be at least 1, got 0", () -> Schedule.exponential(0.1, 0, 0.5));
    says("Schedule: the factor must be greater than 0, got 0.0", () -> Schedule.step(0.1, 1, 0));
    says(
        "Schedule: the decay must be greater than 0, got 0.0",
        () -> Schedule.inverseTime(0.1, 1, 0));
    says(
        "Schedule: the power must be greater than 0, got 0.0",
        () -> Schedule.polynomial(0.1, 1, 0, 0));
    says("Schedule: the last rate must be at least 0, got -1.0", () -> Schedule.cosine(0.1, 1, -1));
    says(
        "Schedule: each wave must be at least as long as the one before, 1 or more, got 0.5",
        () -> Schedule.cosineRestarts(0.1, 1, 0.5, 1, 0));
    says(
        "Schedule: the part of the updates in which the rate rises must be more than 1 of 3 and"
            + " less than all, got 0.3",
        () -> Schedule.oneCycle(0.1, 3));
    says(
        "Schedule: the updates of a warm-up must be at least 1, got 0",
        () -> Schedule.constant(0.1).warmUp(0));
    says(
        "Schedule: the updates of a stair must be at least 1, got 0",
        () -> Schedule.constant(0.1).staircase(0));
    says("Schedule: k must be at least 0, got -1.0", () -> Schedule.constant(0.1).at(-1));
  }

  private static void says(String sentence, ThrowingCallable mistake) {
    assertThatThrownBy(mistake).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
