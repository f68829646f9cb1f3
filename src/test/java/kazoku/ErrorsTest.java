package kazoku;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.layers.Dense;
import kazoku.layers.Product;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.AttentionDecoderWrapper.Attention;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/** Each mistake gives one sentence, at the place where it is made. */
class ErrorsTest {
  private static final RNN RNN = new RNN(new LSTMCell(3, 4));

  private static void says(String sentence, ThrowingCallable mistake) {
    assertThatThrownBy(mistake).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }

  private static Operand<TFloat32> input(Ops tf, long... shape) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(shape)));
  }

  /** Runs in a graph of its own. */
  private static void in(Function<Ops, ThrowingCallable> mistake, String sentence) {
    try (Graph graph = new Graph()) {
      says(sentence, mistake.apply(Ops.create(graph)));
    }
  }

  @Test
  void configurations() {
    says("Dense: inputSize must be at least 1, got 0", () -> new Dense(0, 3));
    says("Dense: outputSize must be at least 1, got -2", () -> new Dense(2, -2));
    says("Dense: activation must be given, got null", () -> new Dense(2, 3, null));
    says("LSTMCell: hiddenSize must be at least 1, got 0", () -> new LSTMCell(3, 0));
    says("RNN: cell must be given, got null", () -> new RNN(null));
    says("Loop: shards must be at least 1, got 0", () -> Loop.DEFAULT.shards(0));
    says(
        "Window: stride and dilation must be at least 1, got 0 and 1",
        () -> new Window(0, 1, Window.Padding.SAME));
    says(
        "Window: stride and dilation cannot both exceed 1, got 2 and 2",
        () -> new Window(2, 2, Window.Padding.SAME));
    says(
        "ConvLSTMCell: kernelShape must have as many sizes as spatialShape [3, 4], got [3]",
        () -> new ConvLSTMCell(1, 2, List.of(3, 4), List.of(3)));
    assertThatThrownBy(() -> Activation.valueOf("SIGMOIDE"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Activation: there is no SIGMOIDE; there are [IDENTITY, SIGMOID,");
    says(
        "Sequential: each layer must have a name of its own; rename one, layer.named(\"head\"), got"
            + " \"dense\" twice",
        () -> new Sequential(new Dense(2, 3), new Dense(3, 2)));
  }

  @Test
  void inputsOfLayers() {
    in(
        tf -> () -> new Dense(2, 3).apply(Weights.variables(tf, 1).in("d"), input(tf, -1, 4)),
        "Dense: input must be [.., 2], got [?, 4]");
    in(
        tf ->
            () ->
                new Dense(2, 3)
                    .apply(Weights.variables(tf, TFloat64.class, 1).in("d"), input(tf, -1, 2)),
        "Dense: input must be TFloat64 as its weights are, got TFloat32");
    in(
        tf -> () -> RNN.apply(Weights.variables(tf, 1).in("r"), input(tf, -1, -1, 4)),
        "RNN(LSTMCell): input must be [B, T, 3], got [?, ?, 4]");
    in(
        tf -> () -> RNN.apply(Weights.variables(tf, 1).in("r"), input(tf, -1, 3)),
        "RNN(LSTMCell): input must be [B, T, 3], got [?, 3]");
    in(
        tf ->
            () -> RNN.apply(Weights.variables(tf, TFloat64.class, 1).in("r"), input(tf, -1, -1, 3)),
        "RNN(LSTMCell): input must be TFloat64 as its weights are, got TFloat32");
    in(
        tf ->
            () ->
                RNN.with(Loop.UNROLLED)
                    .apply(Weights.variables(tf, 1).in("r"), input(tf, -1, -1, 3)),
        "RNN(LSTMCell): the unrolled form (which training takes on Windows) needs to know the"
            + " number of steps while building; give the input a fixed T, got [?, ?, 3]");
    in(
        tf -> () -> new Product(2).apply(tf, input(tf, 5, 2), input(tf, 4, 2)),
        "Product: both inputs must have one shape, [5, 2], got [4, 2]");
  }

  @Test
  void inputsBesideTheFirst() {
    RNN timed = new RNN(new PhasedLSTMCell(3, 4));
    in(
        tf -> () -> timed.run(Weights.variables(tf, 1).in("r"), Signal.of(input(tf, 2, -1, 3))),
        "RNN(PhasedLSTMCell): time must stand beside the input, [2, ?, 1]; give it with"
            + " Signal.beside(\"time\", …), got null");
    in(
        tf -> {
          Signal x = Signal.of(input(tf, 2, -1, 3)).beside("time", input(tf, 2, -1, 2));
          return () -> timed.run(Weights.variables(tf, 1).in("r"), x);
        },
        "RNN(PhasedLSTMCell): time must stand beside the input, [2, ?, 1]; give it with"
            + " Signal.beside(\"time\", …), got [2, ?, 2]");
    in(
        tf -> {
          Cell cell = new AttentionDecoderWrapper(new LSTMCell(5, 4), Attention.LUONG, 6, 2);
          Signal memory = new Signal(input(tf, 2, -1, 2), tf.constant(new int[3]));
          Signal x = Signal.of(input(tf, 2, -1, 3)).beside("memory", memory);
          return () -> new RNN(cell).run(Weights.variables(tf, 1).in("r"), x);
        },
        "RNN(AttentionDecoderWrapper): memory: lengths must have one number a row, [2], got [3]");
    in(
        tf -> () -> Weights.variables(tf, 1).beside("time", 1),
        "Weights: only a cell's step has inputs beside the first, got time");
    says(
        "m: the probability of a one must be in (0, 1], got 0.0",
        () -> Weights.symbolic().mask("m", 0, Weights.Draw.EACH_STEP, 3));
  }

  @Test
  void lengthsAndInitialStates() {
    in(
        tf -> {
          Operand<TInt32> three = tf.constant(new int[3]);
          return () ->
              RNN.apply(Weights.variables(tf, 1).in("r"), new Signal(input(tf, 2, -1, 3), three));
        },
        "RNN(LSTMCell): lengths must have one number a row, [2], got [3]");
    in(
        tf -> () -> run(tf, "k", input(tf, -1, 4)),
        "RNN(LSTMCell): a slot must be one of [c, h], got k");
    in(
        tf -> () -> run(tf, "h", input(tf, -1, 5)),
        "RNN(LSTMCell): initial state h must be [?, 4], got [?, 5]");
    in(
        tf ->
            () -> run(tf, "h", tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, 4)))),
        "RNN(LSTMCell): initial state h must be TFloat32, got TFloat64");
    in(
        tf -> {
          Signal x = Signal.of(input(tf, 2, -1, 3));
          Map<String, Operand<?>> initial = Map.of("h", input(tf, 1, 4));
          return () -> RNN.run(Weights.variables(tf, 1).in("r"), x, initial);
        },
        "RNN(LSTMCell): initial state h must be [2, 4], got [1, 4]");
    in(
        tf -> {
          Signal x = Signal.of(input(tf, 2, -1, 3)).masked(tf.placeholder(TBool.class));
          return () -> RNN.apply(Weights.variables(tf, 1).in("r"), x);
        },
        "RNN(LSTMCell): a mask must have one value a step, [2, ?], got an unknown shape");
  }

  private static void run(Ops tf, String slot, Operand<?> value) {
    Signal x = Signal.of(input(tf, -1, -1, 3));
    RNN.run(Weights.variables(tf, 1).in("r"), x, Map.of(slot, value));
  }

  @Test
  void weights() {
    in(
        tf -> {
          Weights w = Weights.variables(tf, 1).in("encoder");
          w.input("W", 3, 20);
          return () -> w.input("W", 3, 24);
        },
        "encoder/W: exists with shape [3, 20], asked for [3, 24]");
    in(
        tf -> {
          new Dense(2, 3).apply(Weights.variables(tf, 1).in("d"), input(tf, -1, 2));
          return () -> new Dense(2, 3).apply(Weights.variables(tf, 2).in("d"), input(tf, -1, 2));
        },
        "d/W: the graph has an operation of this name already; give the layer another path");
    in(
        tf -> () -> Weights.variables(tf, 1).in("two words"),
        "Weights: a path has letters, digits and _ . - / only, got \"two words\"");
    in(
        tf -> () -> Weights.given(tf, TFloat32.class, Map.of()).bias("b", 3),
        "b: no value was given; there are []");
    in(
        tf ->
            () ->
                Weights.given(tf, TFloat32.class, Map.of("b", tf.constant(new float[4])))
                    .bias("b", 3),
        "b: must be TFloat32 [3], was given TFloat32 [4]");
    in(tf -> () -> Weights.variables(tf, 1).operand("W"), "W: no such weight; there are []");
    assertThatThrownBy(() -> Weights.symbolic().tf())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Weights: symbolic weights are in no graph; use Weights.variables(tf, seed)");
    try (EagerSession session = EagerSession.create()) {
      says(
          "Weights: Variables live in a graph, got an eager session; use Ops.create(graph)",
          () -> Weights.variables(Ops.create(session), 1));
    }
  }

  @Test
  void aClosedGraph() {
    Graph graph = new Graph();
    Ops tf = Ops.create(graph);
    Weights weights = Weights.variables(tf, 1);
    Operand<TFloat32> x = input(tf, -1, 2);
    graph.close();
    for (ThrowingCallable mistake :
        List.<ThrowingCallable>of(
            () -> weights.bias("b", 3),
            () -> new Dense(2, 3).apply(weights.in("dense"), x),
            () -> RNN.apply(weights.in("rnn"), x))) {
      assertThatThrownBy(mistake)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Weights: their graph is closed; make weights in an open graph");
    }
  }

  @Test
  void expressions() {
    Weights w = Weights.symbolic();
    Expr x = w.input("x", 4);
    Expr m = w.input("M", 4, 6);
    says(
        "dot: columns on the left must equal rows on the right, got M [4, 6] · M [4, 6]",
        () -> m.dot(m));
    says(
        "dot: the right side must be a matrix of weights, got x [4]; use matmul for products of"
            + " values",
        () -> m.dot(x));
    says("+: shapes of a row do not fit together: [x [4], M [4, 6]]", () -> x.plus(m));
    says("x [4]: cannot be cut in 3 equal blocks", () -> x.split("a", "b", "c"));
    says("split: blocks of [1, 2] must sum to axis -1 of x [4]", () -> x.split(-1, 1, 2));
    says("split: a block must be one of [a, b], got c", () -> x.split("a", "b").get("c"));
    says(
        "concat: shapes must agree but for axis -1, got [x [4], M [4, 6]]",
        () -> Expr.concat(x, m));
    says("reshape: x [4] has not as many elements as [5]", () -> x.reshape(5));
    says("where: must be asked of a comparison, got x [4]", () -> x.where(x, x));
    says(
        "transpose: axis must be one of a row, counted from the end, got -2 of x [4]",
        x::transpose);
    says(
        "matmul: shapes must be [.., N, M] and [.., M, K], got M [4, 6] × M [4, 6]",
        () -> m.matmul(m));
    says("clip: low must not exceed high, got 2.0 and 1.0", () -> x.clip(2, 1));
    says("State: no slot k; there are [h]", () -> State.of("h", x).get("k"));
  }

  private record Wrong(Function<State, State> next) implements Cell {
    @Override
    public Shape input() {
      return Shape.of(3);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("h", 4));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      return new Step(x, next.apply(s));
    }
  }

  @Test
  void cellsThatBreakTheirWord() {
    says(
        "Wrong: a step must give the slots that state() names, [h], got [h, c]",
        () -> Trace.of(new Wrong(s -> s.with("c", s.get("h")))));
    says(
        "Wrong: slot h must keep its shape h [4], got reshape [2, 2]",
        () -> Trace.of(new Wrong(s -> State.of("h", s.get("h").reshape(2, 2)))));
  }
}
