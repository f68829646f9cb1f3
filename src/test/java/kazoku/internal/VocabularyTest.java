package kazoku.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Loop;
import kazoku.Parts;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import kazoku.Window;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * Every operation of the vocabulary inside a cell: its value, and its gradient three ways: by its
 * rule in the loop, by TensorFlow where every step is written out, and by central differences; and
 * in a scan, since the state of the cell is linear.
 *
 * <p>The operation is applied to a state {@code s}, an input {@code x} and a weight {@code w},
 * which are positive where an operation needs it.
 */
class VocabularyTest {

  /** What an operation is applied to; all have the same shape of a row. */
  private record Arguments(Expr s, Expr x, Expr w, Weights weights) {}

  @FunctionalInterface
  private interface Equation {
    Expr of(Arguments a);
  }

  /** An equation whose result may have any shape; {@code operations} are those it is a test of. */
  private record Row(String operations, long[] shape, Equation equation) {}

  private static final Loop LOOP = new Loop(Loop.Form.WHILE, 1);
  private static final long[] VECTOR = {4};
  private static final long[] MATRIX = {2, 3};
  private static final long[] IMAGE = {4, 3, 2};

  private static Row row(String operations, long[] shape, Equation equation) {
    return new Row(operations, shape, equation);
  }

  private static final List<Row> ROWS =
      List.of(
          row("plus", VECTOR, a -> a.s().plus(a.x()).plus(a.w()).plus(0.5)),
          row("minus", VECTOR, a -> a.s().minus(a.x()).minus(a.w().minus(a.s()))),
          row("times", VECTOR, a -> a.s().times(a.x()).times(a.w()).times(0.5)),
          row("times", VECTOR, a -> a.s().times(a.s()).times(a.s())),
          row("dividedBy", VECTOR, a -> a.x().dividedBy(a.s()).plus(a.s().dividedBy(a.w()))),
          row("pow", VECTOR, a -> a.s().pow(a.x()).plus(a.w().pow(a.s()))),
          row("maximum", VECTOR, a -> a.s().maximum(a.x()).times(a.w().maximum(a.s()))),
          row("oneMinus", VECTOR, a -> a.s().oneMinus().times(a.x().oneMinus())),
          row("clip", VECTOR, a -> a.s().plus(a.x()).clip(0.9, 1.4)),
          row("clipAt", VECTOR, a -> a.s().plus(a.x()).clipAt(1.2).plus(a.s().clipAt(0))),
          row("negate", VECTOR, a -> a.s().times(a.x()).negate()),
          row("sigmoid", VECTOR, a -> a.s().plus(a.w()).sigmoid()),
          row("tanh", VECTOR, a -> a.s().plus(a.w()).tanh()),
          row("relu", VECTOR, a -> a.s().minus(a.w()).relu()),
          row("elu", VECTOR, a -> a.s().minus(a.w()).elu()),
          row("softplus", VECTOR, a -> a.s().minus(a.w()).softplus()),
          row("exp", VECTOR, a -> a.s().times(a.x()).exp()),
          row("log", VECTOR, a -> a.s().times(a.x()).log()),
          row("square", VECTOR, a -> a.s().minus(a.x()).square()),
          row("sqrt", VECTOR, a -> a.s().plus(a.x()).sqrt()),
          row("rsqrt", VECTOR, a -> a.s().plus(a.x()).rsqrt()),
          row("abs", VECTOR, a -> a.s().minus(a.w()).abs()),
          row("sin", VECTOR, a -> a.s().times(a.w()).sin()),
          row("cos", VECTOR, a -> a.s().times(a.w()).cos()),
          row("erf", VECTOR, a -> a.s().minus(a.w()).erf()),
          row("softmax", MATRIX, a -> a.s().times(a.x()).softmax().times(a.w())),
          row("sum", MATRIX, a -> a.s().times(a.x()).sum().times(a.w())),
          row("mean", MATRIX, a -> a.s().times(a.s().mean()).minus(a.x().mean())),
          row("max", MATRIX, a -> a.s().times(a.x()).max().times(a.w())),
          row("max", VECTOR, a -> Expr.concat(a.s(), a.s()).max().plus(a.s().minus(a.s().max()))),
          row("argMax", MATRIX, a -> a.s().times(a.s().argMax()).plus(a.x().argMax())),
          row("logSumExp", MATRIX, a -> a.s().times(a.x()).logSumExp().times(a.w())),
          row("layerNorm", VECTOR, a -> a.s().plus(a.x()).layerNorm(a.w(), a.w().square(), 1e-3)),
          row("layerNorm", MATRIX, a -> a.s().layerNorm(a.w(), a.x(), 1e-12)),
          row("dot", VECTOR, a -> a.s().times(a.x()).dot(weight(a, 4, 3)).plus(1)),
          row("dot", MATRIX, a -> a.s().dot(weight(a, 3, 5))),
          row("dot", VECTOR, a -> a.s().tanh().dot(low(a)).plus(a.x().dot(low(a)))),
          row("matmul transpose", MATRIX, a -> a.s().matmul(a.x().transpose()).matmul(a.s())),
          row("matmul", MATRIX, a -> a.w().matmul(a.s().transpose()).plus(a.s().sum())),
          row("transpose", IMAGE, a -> a.s().transpose().times(a.x().transpose())),
          row("reshape", MATRIX, a -> a.s().times(a.x()).reshape(3, 2).times(a.w().reshape(3, 2))),
          row("reshape", VECTOR, a -> a.s().sum().reshape().plus(a.x().mean().reshape())),
          row("split", VECTOR, a -> parts(a.s().times(a.x()).split("p", "q"))),
          row("split", VECTOR, a -> parts(a.s().plus(a.w()).split(-1, 1, 3))),
          row("split", MATRIX, a -> a.s().times(a.x()).split(-1, 1, 2).get(1)),
          row("split", MATRIX, a -> a.s().times(a.x()).split(-2, 1, 1).get(0).square()),
          row("concat", VECTOR, a -> Expr.concat(a.s(), a.x(), a.w(), a.s().square())),
          row("concat", MATRIX, a -> Expr.concat(-2, a.s().tanh(), a.w(), a.x())),
          row("roll", VECTOR, a -> a.s().roll(1).times(a.x()).plus(a.s().roll(-2)).plus(a.w())),
          row("where greaterThan", VECTOR, a -> a.s().greaterThan(0.6).where(a.s(), a.x())),
          row("where equalTo", VECTOR, a -> a.s().equalTo(7).where(a.w(), a.s().times(a.x()))),
          row("stopGradient", VECTOR, a -> a.s().times(a.s().times(a.x()).stopGradient())),
          row("identity", VECTOR, a -> a.s().dot(weight(a, 4, 4).minus(Expr.identity(4)))),
          row("constant", VECTOR, a -> a.s().plus(Expr.constant(2)).times(Expr.constant(3))),
          row("conv", IMAGE, a -> a.s().conv(weight(a, 2, 2, 2, 3), Window.SAME)),
          row("conv", IMAGE, a -> a.s().conv(weight(a, 2, 3, 2, 1), valid(2, 1)).square()),
          row("conv", MATRIX, a -> a.s().conv(weight(a, 2, 3, 2), valid(1, 1))),
          row("conv", IMAGE, a -> a.s().conv(weight(a, 2, 2, 2, 1), valid(1, 2))),
          row("minimum", VECTOR, a -> a.s().minimum(a.x()).times(a.w().minimum(a.s()))),
          row("mod", VECTOR, a -> a.s().times(3).mod(a.x()).plus(a.w().mod(a.s().times(0.7)))),
          row("floor", VECTOR, a -> a.s().times(a.s().plus(a.x()).floor()).plus(a.w())),
          row("sign", VECTOR, a -> a.s().times(a.s().minus(a.x()).sign()).plus(a.w())),
          row("cumulativeSum", MATRIX, a -> a.s().times(a.x()).cumulativeSum().times(a.w())),
          row("where greaterThan", VECTOR, a -> a.s().greaterThan(a.x()).where(a.s(), a.w())),
          row("constant", VECTOR, a -> a.s().times(Expr.constant(new double[] {1, 2, 3, 4}, 4))),
          row("inverse", VECTOR, a -> a.s().dot(weight(a, 4, 4).plus(Expr.identity(4)).inverse())),
          row("sumOverRows", VECTOR, a -> a.s().times(a.x()).sumOverRows().times(a.s())),
          row("sumOverRows", MATRIX, a -> a.x().times(a.w()).sumOverRows().plus(a.s())),
          row(
              "sumOverRowsAndSteps",
              VECTOR,
              a -> a.x().square().sumOverRowsAndSteps().times(a.s())),
          row("lookup", VECTOR, a -> looked(a, a.s()).plus(looked(a, a.x())).times(a.s().mean())),
          row("toMeet", MATRIX, a -> a.s().reshape(6).sum().toMeet(a.x()).times(a.x()).plus(a.w())),
          // One value for several
          row("plus", VECTOR, a -> a.s().plus(a.s().sum()).times(a.x().sum()).plus(a.w().sum())),
          row("times", IMAGE, a -> a.s().times(a.w()).times(a.s().mean()).plus(a.x())),
          row("tanh", VECTOR, a -> twice(a.s().plus(a.x()).tanh())));

  private static Expr twice(Expr e) {
    return e.times(e.sigmoid()).plus(e).minus(e.square());
  }

  private static Expr parts(Parts parts) {
    return parts.all().stream()
        .map(p -> p.square().sum().times(p.size()))
        .reduce(Expr::plus)
        .orElseThrow();
  }

  /** A row of a table, by the number that the first element makes. */
  private static Expr looked(Arguments a, Expr by) {
    return by.split(-1, 1, 3).get(0).times(5).floor().lookup(weight(a, 5, 3));
  }

  private static Expr weight(Arguments a, long... shape) {
    return a.weights().get("V", spread(shape), shape);
  }

  /** A product of two weights, and a matrix less its transpose: arithmetic on weights. */
  private static Expr low(Arguments a) {
    Expr square =
        a.weights().get("V1", spread(4, 2), 4, 2).dot(a.weights().get("V2", spread(2, 4), 2, 4));
    return square.minus(square.transpose());
  }

  private static Window valid(int stride, int dilation) {
    return new Window(stride, dilation, Window.Padding.VALID);
  }

  /** Distinct numbers between 0.2 and 1. */
  private static Initializer spread(long... shape) {
    return Initializer.computed(s -> numbers((int) Shape.of(shape).size(), shape.length));
  }

  private static double[] numbers(int count, double phase) {
    double[] all = new double[count];
    Arrays.setAll(all, i -> 0.6 + 0.4 * Math.sin(1.7 * i + phase));
    return all;
  }

  /** Puts the equation into the output of a step, and something simple into the state. */
  private record Tried(Row row) implements Cell {
    @Override
    public Shape input() {
      return Shape.of(row.shape());
    }

    @Override
    public List<Slot> state() {
      return List.of(new Slot("s", input()));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr state = s.get("s");
      Expr weight = w.get("w", spread(row.shape()), row.shape());
      Expr result = row.equation().of(new Arguments(state, x, weight, w));
      return new Step(result, State.of("s", state.times(0.9).plus(x.times(0.1))));
    }
  }

  @TestFactory
  Stream<DynamicTest> gradientsAgreeThreeWays() {
    return ROWS.stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.operations() + " " + Arrays.toString(row.shape()), () -> agree(row)));
  }

  private static void agree(Row row) {
    int size = (int) Shape.of(row.shape()).size();
    double[] x = numbers(2 * 3 * size, 0.3);
    double[] s = numbers(2 * size, 2.2);
    List<double[]> rule = run(row, LOOP, x, s, true);
    List<double[]> nativeOnes = run(row, Loop.UNROLLED, x, s, true);
    assertThat(rule).hasSameSizeAs(nativeOnes);
    for (int k = 0; k < rule.size(); k++) {
      assertClose("value " + k, rule.get(k), nativeOnes.get(k), 1e-10);
    }
    if (!row.operations().startsWith("sumOverRows")) {
      List<double[]> scanned = run(row, new Loop(Loop.Form.SCAN, 1), x, s, true);
      for (int k = 0; k < rule.size(); k++) {
        assertClose("scanned value " + k, scanned.get(k), nativeOnes.get(k), 1e-10);
      }
    }
    if (!row.operations().equals("stopGradient")) {
      assertClose("by x", rule.get(1), differences(row, x, s, true), 1e-5);
      assertClose("by s", rule.get(2), differences(row, x, s, false), 1e-5);
    }
  }

  private static double[] differences(Row row, double[] x, double[] s, boolean byX) {
    double step = 1e-6;
    double[] values = byX ? x : s;
    // A few elements tell as much as all.
    double[] result = new double[values.length];
    Arrays.fill(result, Double.NaN);
    for (int i = 0; i < values.length; i += Math.max(1, values.length / 5)) {
      double before = values[i];
      values[i] = before + step;
      double up = run(row, LOOP, x, s, false).get(0)[0];
      values[i] = before - step;
      double down = run(row, LOOP, x, s, false).get(0)[0];
      values[i] = before;
      result[i] = (up - down) / (2 * step);
    }
    return result;
  }

  /** Elements of {@code expected} that are not a number are not looked at. */
  private static void assertClose(
      String what, double[] actual, double[] expected, double tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      assertThat(Math.abs(actual[i] - expected[i]) > tolerance * scale)
          .as("%s[%d]: %s, expected %s", what, i, actual[i], expected[i])
          .isFalse();
      assertThat(actual[i]).as(what).isFinite();
    }
  }

  /** The loss, and its gradients by x, s and all weights. */
  private static List<double[]> run(Row row, Loop loop, double[] x, double[] s, boolean gradients) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 1);
      Shape shape = Shape.of(row.shape());
      Operand<TFloat64> input =
          tf.reshape(tf.constant(x), tf.constant(shape.prepend(3).prepend(2).asArray()));
      Operand<TFloat64> state = tf.reshape(tf.constant(s), tf.constant(shape.prepend(2).asArray()));
      Operand<TNumber> outputs =
          new RNN(new Tried(row))
              .with(loop)
              .run(weights, Signal.of(input), Map.of("s", state))
              .outputs();
      Operand<TNumber> flat = tf.reshape(outputs, tf.constant(new int[] {-1}));
      Operand<TNumber> loss = tf.reduceSum(tf.math.sin(flat), tf.constant(new int[] {0}));
      List<Operand<?>> fetched = new ArrayList<>(List.of(loss));
      if (gradients) {
        List<Operand<?>> by = new ArrayList<>(List.of(input, state));
        by.addAll(weights.operands().values());
        var reached = graph.subgraphTo(java.util.Set.of(loss));
        by.removeIf(value -> !reached.contains(value.op()));
        Output<?>[] all =
            graph.addGradients(
                loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
        for (int k = 0; k < all.length; k++) {
          fetched.add(all[k].isClosed() ? tf.zerosLike(by.get(k)) : all[k]);
        }
      }
      return fetch(graph, fetched);
    }
  }

  private static List<double[]> fetch(Graph graph, List<Operand<?>> operands) {
    ConfigProto config =
        ConfigProto.newBuilder()
            .setGraphOptions(
                GraphOptions.newBuilder()
                    .setRewriteOptions(RewriterConfig.newBuilder().setDisableMetaOptimizer(true)))
            .build();
    try (Session session = new Session(graph, config)) {
      session.initialize();
      Session.Runner runner = session.runner();
      operands.forEach(runner::fetch);
      try (Result result = runner.run()) {
        List<double[]> all = new ArrayList<>();
        for (Map.Entry<String, Tensor> entry : result) {
          double[] copy = new double[Math.toIntExact(entry.getValue().shape().size())];
          entry.getValue().asRawTensor().data().asDoubles().read(copy);
          all.add(copy);
        }
        return all;
      }
    }
  }

  /** The functions against those of Java. */
  @TestFactory
  Stream<DynamicTest> functionsHaveTheirTextbookValues() {
    Map<String, DoubleUnaryOperator> functions =
        Map.ofEntries(
            Map.entry("sigmoid", a -> 1 / (1 + Math.exp(-a))),
            Map.entry("tanh", Math::tanh),
            Map.entry("relu", a -> Math.max(a, 0)),
            Map.entry("elu", a -> a > 0 ? a : Math.expm1(a)),
            Map.entry("softplus", a -> Math.log1p(Math.exp(a))),
            Map.entry("exp", Math::exp),
            Map.entry("log", Math::log),
            Map.entry("square", a -> a * a),
            Map.entry("sqrt", Math::sqrt),
            Map.entry("rsqrt", a -> 1 / Math.sqrt(a)),
            Map.entry("abs", Math::abs),
            Map.entry("sin", Math::sin),
            Map.entry("cos", Math::cos),
            Map.entry("negate", a -> -a),
            Map.entry("oneMinus", a -> 1 - a));
    return functions.entrySet().stream()
        .map(
            e ->
                DynamicTest.dynamicTest(
                    e.getKey(),
                    () -> {
                      double[] x = {-1.5, -0.2, 0.3, 2.5};
                      if (List.of("log", "sqrt", "rsqrt").contains(e.getKey())) {
                        x = new double[] {0.1, 0.7, 1.3, 4};
                      }
                      Method method = Expr.class.getMethod(e.getKey());
                      double[] y = apply(method, x);
                      for (int i = 0; i < x.length; i++) {
                        assertThat(Math.abs(y[i] - e.getValue().applyAsDouble(x[i])))
                            .isLessThan(1e-12);
                      }
                    }));
  }

  private static double[] apply(Method method, double[] x) throws ReflectiveOperationException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Expr leaf = Vocabulary.leaf("x", Shape.of(x.length), kazoku.Level.SEQUENCE);
      Walk walk = new Walk(tf, TFloat64.class, 0, () -> tf.constant(new int[0]));
      walk.bind(leaf, tf.constant(x));
      return fetch(graph, List.of(walk.at((Expr) method.invoke(leaf)))).get(0);
    }
  }

  @Test
  void everyOperationIsTried() {
    TreeSet<String> tried = new TreeSet<>();
    ROWS.forEach(row -> tried.addAll(List.of(row.operations().split(" "))));
    TreeSet<String> offered = new TreeSet<>();
    for (Method method : Expr.class.getDeclaredMethods()) {
      boolean operation =
          method.getReturnType() == Expr.class || method.getReturnType() == Parts.class;
      if (Modifier.isPublic(method.getModifiers()) && operation) {
        offered.add(method.getName());
      }
    }
    offered.remove("of"); // the door for operations of one's own
    offered.remove("as"); // a name
    assertThat(tried).isEqualTo(offered);
  }
}
