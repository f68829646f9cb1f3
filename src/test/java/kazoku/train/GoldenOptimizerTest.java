package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** The first ten steps of Keras's and PyTorch's optimizers, in float64, and their schedules. */
class GoldenOptimizerTest {
  private static final int SIZE = 8;

  @TestFactory
  Stream<DynamicTest> optimizersTakeTheSameSteps() {
    return nodes("cases")
        .map(
            node -> {
              String name =
                  node.get("computedBy").asText().split(" ")[0] + " " + node.get("name").asText();
              return DynamicTest.dynamicTest(name, () -> steps(name, node));
            });
  }

  private static void steps(String name, JsonNode node) {
    Optimizer optimizer = optimizer(name, node.get("config"));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> w =
          Toys.variable(tf, tf.reshape(tf.constant(numbers(0, 6, Kind.START)), tf.array(3, 2)));
      Variable<TFloat32> b = Toys.variable(tf, tf.constant(numbers(6, 8, Kind.START)));
      Gradients gradients =
          new Gradients(
              List.of(
                  new Gradient("w", w, gradient(tf, w, 0, 6, 3, 2)),
                  new Gradient("b", b, gradient(tf, b, 6, 8, 2))),
              tf.constant(1f));
      Op update = new Slots(tf, optimizer).update(gradients);
      double worst = 0;
      try (Session session = new Session(graph, Toys.config())) {
        session.initialize();
        for (JsonNode row : node.get("afterEachStep")) {
          session.run(update);
          try (Result result = session.runner().fetch(w).fetch(b).run()) {
            float[] first = Model.floats((TFloat32) result.get(0));
            float[] second = Model.floats((TFloat32) result.get(1));
            for (int i = 0; i < SIZE; i++) {
              double got = i < 6 ? first[i] : second[i - 6];
              worst = Math.max(worst, Math.abs(got - row.get(i).asDouble()));
            }
          }
        }
      }
      assertThat(worst).isLessThan(1e-6);
    }
  }

  private enum Kind {
    START,
    TARGET,
    SCALE
  }

  private static float[] numbers(int from, int to, Kind kind) {
    float[] numbers = new float[to - from];
    for (int i = 0; i < numbers.length; i++) {
      int k = from + i + 1;
      numbers[i] =
          (float)
              switch (kind) {
                case START -> 0.3 * Math.sin(2 * k);
                case TARGET -> Math.cos(k);
                case SCALE -> 1 + 0.5 * Math.sin(k);
              };
    }
    return numbers;
  }

  /** {@code 2a(p − t) + 0.4p³}. */
  private static Operand<TFloat32> gradient(
      Ops tf, Operand<TFloat32> p, int from, int to, int... shape) {
    Operand<TFloat32> scale =
        tf.reshape(tf.constant(numbers(from, to, Kind.SCALE)), tf.array(shape));
    Operand<TFloat32> target =
        tf.reshape(tf.constant(numbers(from, to, Kind.TARGET)), tf.array(shape));
    return tf.math.add(
        tf.math.mul(scale, tf.math.sub(p, target)),
        tf.math.mul(tf.constant(0.4f), tf.math.pow(p, tf.constant(3f))));
  }

  private static Optimizer optimizer(String name, JsonNode config) {
    Schedule rate =
        Schedule.constant(
            config.has("lr") ? number(config, "lr") : number(config, "learning_rate"));
    return switch (name) {
      case "Keras SGD" -> new GradientDescent(rate);
      case "Keras Momentum" -> new GradientDescent(rate).momentum(number(config, "momentum"));
      case "Keras Nesterov" -> new GradientDescent(rate).nesterov(number(config, "momentum"));
      case "Keras Adagrad" ->
          new Adagrad(rate, number(config, "initial_accumulator_value"), number(config, "epsilon"));
      case "Keras Adadelta" -> new Adadelta(rate, number(config, "rho"), number(config, "epsilon"));
      case "Keras RMSprop", "Keras RMSprop centered momentum" ->
          new RMSprop(
              rate,
              number(config, "rho"),
              number(config, "momentum"),
              number(config, "epsilon"),
              config.path("centered").asBoolean());
      case "Keras Adam", "Keras AMSGrad" ->
          adam(rate, config).amsgrad(config.path("amsgrad").asBoolean());
      case "Keras AdamW" -> adam(rate, config).weightDecay(number(config, "weight_decay"));
      case "Keras Adamax" ->
          new AdaMax(
              rate, number(config, "beta_1"), number(config, "beta_2"), number(config, "epsilon"));
      case "Keras NAdam" ->
          new NAdam(
              rate,
              number(config, "beta_1"),
              number(config, "beta_2"),
              number(config, "epsilon"),
              1);
      case "Keras Ftrl" ->
          new FTRL(
              rate,
              number(config, "learning_rate_power"),
              number(config, "initial_accumulator_value"),
              number(config, "l1_regularization_strength"),
              number(config, "l2_regularization_strength"));
      case "Keras Lion" -> new Lion(rate, number(config, "beta_1"), number(config, "beta_2"));
      case "Keras LAMB" ->
          new LAMB(
              rate, number(config, "beta_1"), number(config, "beta_2"), number(config, "epsilon"));
      case "Keras Adafactor" -> new Adafactor(rate);
      case "Keras Adam clipnorm per weight" -> new Adam(rate).clipEach(number(config, "clipnorm"));
      case "Keras Adam global_clipnorm" -> new Adam(rate).clip(number(config, "global_clipnorm"));
      case "Keras Adam clipvalue" -> new Adam(rate).clipValue(number(config, "clipvalue"));
      case "PyTorch SGD weight decay" ->
          new GradientDescent(rate)
              .momentum(number(config, "momentum"))
              .l2(number(config, "weight_decay"));
      case "PyTorch Adam" -> adam(rate, config);
      case "PyTorch AdamW" -> adam(rate, config).weightDecay(number(config, "weight_decay"));
      case "PyTorch RAdam" ->
          new RAdam(rate, beta(config, 0), beta(config, 1), number(config, "eps"));
      case "PyTorch NAdam" ->
          new NAdam(
              rate,
              beta(config, 0),
              beta(config, 1),
              number(config, "eps"),
              number(config, "momentum_decay"));
      case "PyTorch Rprop" -> rprop(rate, config);
      case "PyTorch ASGD" -> asgd(number(config, "lr"), 1e-4);
      case "PyTorch Adam after clip_grad_norm_ 0.5" -> adam(rate, config).clip(0.5);
      default -> throw new IllegalArgumentException("no optimizer for " + name);
    };
  }

  private static Adam adam(Schedule rate, JsonNode config) {
    return config.has("beta_1")
        ? new Adam(
            rate,
            number(config, "beta_1"),
            number(config, "beta_2"),
            number(config, "epsilon"),
            false)
        : new Adam(
            rate,
            config.path("betas").path(0).asDouble(0.9),
            config.path("betas").path(1).asDouble(0.999),
            number(config, "eps"),
            false);
  }

  private static Optimizer rprop(Schedule rate, JsonNode config) {
    double first = number(config, "lr");
    JsonNode sizes = config.get("step_sizes");
    return new Rprop(
        rate,
        config.get("etas").get(0).asDouble(),
        config.get("etas").get(1).asDouble(),
        sizes.get(0).asDouble() / first,
        sizes.get(1).asDouble() / first);
  }

  private static Optimizer asgd(double rate, double decay) {
    return new GradientDescent(Schedule.inverseTime(rate, 1, decay * rate, 0.75))
        .weightDecay(decay)
        .averageFrom(1_000_000);
  }

  private static double beta(JsonNode config, int index) {
    return config.get("betas").get(index).asDouble();
  }

  private static double number(JsonNode config, String name) {
    return config.get(name).asDouble();
  }

  @TestFactory
  Stream<DynamicTest> schedulesHaveTheSameRates() {
    return nodes("schedules")
        .map(
            node -> {
              String name = node.get("name").asText();
              return DynamicTest.dynamicTest(name, () -> rates(name, node));
            });
  }

  private static void rates(String name, JsonNode node) {
    Schedule schedule = schedule(name, node.get("config"));
    for (int i = 0; i < node.get("steps").size(); i++) {
      long step = node.get("steps").get(i).asLong();
      double expected = node.get("rates").get(i).asDouble();
      assertThat(schedule.at(step)).as("step " + step).isCloseTo(expected, within(1e-15));
    }
  }

  private static Schedule schedule(String name, JsonNode config) {
    double initial = config.path("initial_learning_rate").asDouble();
    long steps = config.path("decay_steps").asLong();
    return switch (name) {
      case "ExponentialDecay" -> Schedule.exponential(initial, steps, number(config, "decay_rate"));
      case "ExponentialDecay staircase" ->
          Schedule.step(initial, steps, number(config, "decay_rate"));
      case "InverseTimeDecay" -> Schedule.inverseTime(initial, steps, number(config, "decay_rate"));
      case "PolynomialDecay" ->
          Schedule.polynomial(
              initial, steps, number(config, "end_learning_rate"), number(config, "power"));
      case "PiecewiseConstantDecay" ->
          Schedule.piecewise(
              new long[] {
                config.get("boundaries").get(0).asLong(), config.get("boundaries").get(1).asLong()
              },
              config.get("values").get(0).asDouble(),
              config.get("values").get(1).asDouble(),
              config.get("values").get(2).asDouble());
      case "CosineDecay with warmup" -> {
        double target = number(config, "warmup_target");
        yield Schedule.cosine(target, steps, target * number(config, "alpha"))
            .warmUp(config.get("warmup_steps").asLong());
      }
      case "CosineDecayRestarts" ->
          Schedule.cosineRestarts(
              initial,
              config.get("first_decay_steps").asLong(),
              number(config, "t_mul"),
              number(config, "m_mul"),
              initial * number(config, "alpha"));
      case "OneCycle" ->
          Schedule.oneCycle(number(config, "max_lr"), config.get("total_steps").asLong());
      default -> throw new IllegalArgumentException("no schedule for " + name);
    };
  }

  private static Stream<JsonNode> nodes(String part) {
    try (InputStream in =
        GoldenOptimizerTest.class.getResourceAsStream("/training/optimizers.json")) {
      return StreamSupport.stream(new ObjectMapper().readTree(in).get(part).spliterator(), false);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
