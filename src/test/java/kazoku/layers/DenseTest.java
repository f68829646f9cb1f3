package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kazoku.Activation;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Weights;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

class DenseTest {
  private static final Dense DENSE = new Dense(2, 3, Activation.SIGMOID);

  @Test
  void isMadeOfMatMulAddAndSigmoidOnVariablesAndNothingElse() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, 2)));
      Operand<TFloat32> y = DENSE.apply(Weights.variables(tf, 1).in("dense"), x);

      List<String> types = new ArrayList<>();
      types.add(y.op().type());
      graph.subgraphTo(java.util.Set.of(y)).forEach(op -> types.add(op.type()));
      assertThat(types)
          .containsExactlyInAnyOrder(
              "Placeholder", "VariableV2", "VariableV2", "MatMul", "Add", "Sigmoid");
      assertThat(y.shape().asArray()).containsExactly(Shape.UNKNOWN_SIZE, 3);
      assertThat(y.type()).isEqualTo(TFloat32.class);
      Operation w = graph.operation("dense/W");
      assertThat(w.output(0).shape()).isEqualTo(Shape.of(2, 3));
      assertThat(graph.operation("dense/b").output(0).shape()).isEqualTo(Shape.of(3));
    }
  }

  @Test
  void isTheFunctionOfTheProductAndTheBias() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      Operand<TFloat32> x = tf.constant(new float[][] {{0.25f, 0.75f}});
      Operand<TFloat32> y = DENSE.apply(weights.in("dense"), x);
      try (Session session = new Session(graph)) {
        session.initialize();
        try (Result result =
            session
                .runner()
                .fetch(y)
                .fetch(weights.operand("dense/W"))
                .fetch(weights.operand("dense/b"))
                .run()) {
          TFloat32 w = (TFloat32) result.get(1);
          TFloat32 b = (TFloat32) result.get(2);
          for (int k = 0; k < 3; k++) {
            assertThat(b.getFloat(k)).isZero();
            double a = 0.25 * w.getFloat(0, k) + 0.75 * w.getFloat(1, k) + b.getFloat(k);
            assertThat((double) ((TFloat32) result.get(0)).getFloat(0, k))
                .isCloseTo(1 / (1 + Math.exp(-a)), within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void oneSeedGivesTheSameWeightsAndTwoSeedsOthers() {
    float[] once = firstWeights(DENSE, 7);
    assertThat(firstWeights(DENSE, 7)).containsExactly(once);
    assertThat(firstWeights(DENSE, 8)).isNotEqualTo(once);
  }

  @Test
  void weightsAreATruncatedNormalOfStandardDeviationOne() {
    float[] w = firstWeights(new Dense(200, 300), 3);
    double mean = mean(w);
    double square = 0;
    for (float v : w) {
      assertThat(Math.abs(v)).isLessThanOrEqualTo(2f);
      square += (v - mean) * (v - mean);
    }
    assertThat(mean).isCloseTo(0, within(0.02));
    assertThat(Math.sqrt(square / w.length)).isCloseTo(0.8796, within(0.01));
  }

  @Test
  void worksOnAnyNumberOfLeadingAxes() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 1);
      double[] values = {0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.7, 0.8, -0.9, 1.0, 1.1, -1.2};
      Operand<TFloat64> flat = tf.constant(values);
      Operand<TFloat64> rows = tf.reshape(flat, tf.array(6, 2));
      Operand<TFloat64> steps = tf.reshape(flat, tf.array(2, 3, 2));
      Operand<TFloat64> one = tf.reshape(flat, tf.array(2, 1, 3, 1, 2));
      try (Session session = new Session(graph)) {
        double[] expected = run(session, DENSE.apply(weights.in("dense"), rows));
        assertThat(run(session, DENSE.apply(weights.in("dense"), steps))).isEqualTo(expected);
        assertThat(run(session, DENSE.apply(weights.in("dense"), one))).isEqualTo(expected);
      }
    }
  }

  @Test
  void takesAFunctionOfOnesOwn() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 1);
      Operand<TFloat64> x = tf.constant(new double[][] {{1, 2}});
      Operand<TFloat64> plain = new Dense(2, 3).apply(weights.in("dense"), x);
      Dense own = new Dense(2, 3, a -> a.tanh().times(1.7));
      try (Session session = new Session(graph)) {
        double[] a = run(session, plain);
        double[] y = run(session, own.apply(weights.in("dense"), x));
        for (int k = 0; k < 3; k++) {
          assertThat(y[k]).isCloseTo(1.7 * Math.tanh(a[k]), within(1e-12));
        }
      }
    }
  }

  @Test
  void everyActivationHasItsTextbookValue() {
    double a = -0.7;
    double b = 1.3;
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 1);
      Operand<TFloat64> x = tf.constant(new double[][] {{a, b}});
      try (Session session = new Session(graph)) {
        for (Activation activation : Activation.values()) {
          RowLayer layer = new Function(2, activation);
          double[] y = run(session, layer.apply(weights.in("f"), x));
          assertThat(y[0])
              .as(activation + "(" + a + ")")
              .isCloseTo(textbook(activation.toString(), a, b), within(1e-7));
          assertThat(y[1])
              .as(activation + "(" + b + ")")
              .isCloseTo(textbook(activation.toString(), b, a), within(1e-7));
        }
      }
    }
  }

  /** The value at a; softmax also looks at the other element of the row. */
  private static double textbook(String name, double a, double other) {
    double sigmoid = 1 / (1 + Math.exp(-a));
    double phi = 0.7580363477769270; // Φ(0.7), from tables
    double phi13 = 0.9031995154143897; // Φ(1.3)
    return switch (name) {
      case "IDENTITY" -> a;
      case "SIGMOID" -> sigmoid;
      case "TANH" -> Math.tanh(a);
      case "RELU" -> Math.max(a, 0);
      case "RELU6" -> Math.min(Math.max(a, 0), 6);
      case "LEAKY_RELU" -> a > 0 ? a : 0.2 * a;
      case "ELU" -> a > 0 ? a : Math.expm1(a);
      case "SELU" -> 1.0507009873554805 * (a > 0 ? a : 1.6732632423543772 * Math.expm1(a));
      case "SOFTPLUS" -> Math.log1p(Math.exp(a));
      case "SOFTSIGN" -> a / (1 + Math.abs(a));
      case "SILU" -> a * sigmoid;
      case "GELU" -> a * (a > 0 ? phi13 : 1 - phi);
      case "GELU_APPROXIMATE" ->
          a / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (a + 0.044715 * a * a * a)));
      case "MISH" -> a * Math.tanh(Math.log1p(Math.exp(a)));
      case "HARD_SIGMOID_SIXTH" -> Math.min(Math.max(a / 6 + 0.5, 0), 1);
      case "HARD_SIGMOID_FIFTH" -> Math.min(Math.max(a / 5 + 0.5, 0), 1);
      case "HARD_TANH" -> Math.min(Math.max(a, -1), 1);
      case "SOFTMAX" -> Math.exp(a) / (Math.exp(a) + Math.exp(other));
      default -> throw new AssertionError(name + ": no textbook value");
    };
  }

  private record Function(int inputSize, Activation activation) implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(inputSize);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      return activation.apply(x);
    }
  }

  @Test
  void theIdentityGivesBackItsInputWithoutAnOperation() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[][] {{1, 2}});
      Operand<TFloat32> y = new Identity(2).apply(Weights.variables(tf, 1).in("i"), x);
      assertThat(y.op()).isEqualTo(x.op());
    }
  }

  @Test
  void theProductMultipliesElementByElement() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x1 = tf.constant(new double[][] {{1, 2, 3}, {4, 5, 6}});
      Operand<TFloat64> x2 = tf.constant(new double[][] {{7, 8, 9}, {-1, 0, 2}});
      Operand<TFloat64> y = new Product(3).apply(tf, x1, x2);
      assertThat(y.op().type()).isEqualTo("Mul");
      assertThat(run(session, y)).containsExactly(7, 16, 27, -4, 0, 12);
    }
  }

  private static float[] firstWeights(Dense dense, long seed) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, seed);
      Operand<TFloat32> x = tf.constant(new float[1][dense.inputSize()]);
      dense.apply(weights.in("dense"), x);
      try (Session session = new Session(graph);
          Result result = session.runner().fetch(weights.operand("dense/W")).run()) {
        TFloat32 w = (TFloat32) result.get(0);
        float[] copy = new float[Math.toIntExact(w.size())];
        w.asRawTensor().data().asFloats().read(copy);
        return copy;
      }
    }
  }

  private static double[] run(Session session, Operand<? extends TNumber> y) {
    try (Result result = session.runner().fetch(y).run()) {
      double[] copy = new double[Math.toIntExact(result.get(0).shape().size())];
      ((TFloat64) result.get(0)).asRawTensor().data().asDoubles().read(copy);
      return copy;
    }
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  @Test
  void activationsAreFoundByName() {
    assertThat(Activation.valueOf("SWISH")).isSameAs(Activation.SILU);
    assertThat(Activation.valueOf("HARD_SIGMOID")).isSameAs(Activation.HARD_SIGMOID_SIXTH);
    assertThat(Arrays.asList(Activation.TANH, Activation.RELU)).hasToString("[TANH, RELU]");
  }
}
