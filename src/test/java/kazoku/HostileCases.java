package kazoku;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What could hang or crash a JVM; {@link HostileTest} runs it in one of its own. Prints the name of
 * a case, and then what came of it.
 */
final class HostileCases {
  private static final Cell LSTM = new LSTMCell(2, 3);

  private HostileCases() {}

  private interface Case {
    void run() throws Exception;
  }

  static final Map<String, Case> ALL = new LinkedHashMap<>();

  static {
    Loop whole = new Loop(Loop.Form.WHILE, 1);
    for (Loop loop : List.of(whole, whole.shards(2), whole.shards(3), whole.shards(2).segments())) {
      String in = ", shards " + loop.shards() + ", segment " + loop.segment();
      ALL.put("no step" + in, () -> likeUnrolled(loop, 2, 0, null));
      ALL.put("one step" + in, () -> likeUnrolled(loop, 2, 1, null));
      ALL.put("no row" + in, () -> likeUnrolled(loop, 0, 3, null));
      ALL.put("no row and no step" + in, () -> likeUnrolled(loop, 0, 0, null));
      ALL.put("one row" + in, () -> likeUnrolled(loop, 1, 3, null));
      ALL.put("five rows" + in, () -> likeUnrolled(loop, 5, 3, null));
      ALL.put("a row of length 0" + in, () -> likeUnrolled(loop, 3, 4, new int[] {2, 0, 4}));
      ALL.put("all rows of length 0" + in, () -> likeUnrolled(loop, 2, 3, new int[] {0, 0}));
    }
    ALL.put("lengths beyond the steps", HostileCases::longLengths);
    ALL.put("negative lengths", HostileCases::negativeLengths);
    ALL.put("lengths of the wrong size", HostileCases::wrongLengths);
    ALL.put("padding changes nothing", HostileCases::padding);
    ALL.put("a mask for lengths", HostileCases::maskForLengths);
    ALL.put("images of three dimensions, reversed", HostileCases::reversedImages);
    ALL.put("an initial state of too few rows", HostileCases::wrongState);
    ALL.put("twelve loops in one graph", () -> manyLoops(12));
    ALL.put("two layers, one on the other", HostileCases::stacked);
    ALL.put("one layer twice", HostileCases::sharedWeights);
    ALL.put("both directions", HostileCases::bothDirections);
    ALL.put("gradients twice", HostileCases::gradientsTwice);
    ALL.put("gradients of the final state only", () -> partialGradients(false, true));
    ALL.put("gradients of the outputs only", () -> partialGradients(true, false));
    ALL.put("gradients of both", () -> partialGradients(true, true));
    ALL.put("gradients by single inputs", HostileCases::gradientsBySingles);
    ALL.put("gradients of a state and the last output", HostileCases::gradientsOfBoth);
    ALL.put("graphs closed and opened", HostileCases::manyGraphs);
    ALL.put("two graphs in two threads", HostileCases::twoThreads);
    ALL.put("sizes change from run to run", HostileCases::dynamicSizes);
    ALL.put("time-major", HostileCases::timeMajor);
    ALL.put("last outputs", HostileCases::lastOutputs);
    ALL.put("a state that forgets", () -> cellLikeUnrolled(new Forgetful()));
    ALL.put("a cell without ears", () -> cellLikeUnrolled(new Deaf()));
    ALL.put("a shift register", () -> cellLikeUnrolled(new Register()));
    ALL.put("an own primitive", () -> cellLikeUnrolled(new Own()));
    ALL.put("a product of a gated state", () -> cellLikeUnrolled(new GRUCell(2, 3)));
    ALL.put("inference has no gradient", HostileCases::inference);
  }

  public static void main(String[] names) {
    for (String name : names) {
      System.out.println("case " + name);
      try {
        ALL.get(name).run();
        System.out.println("passed " + name);
      } catch (Throwable e) {
        System.out.println("failed " + name + ": " + e);
        e.printStackTrace(System.out);
      }
      System.out.flush();
    }
    System.out.println("end");
  }

  // A net in a graph, with everything there is to fetch

  /** A recurrence on constants: x, an initial state, distinct weights of the loss. */
  private static final class Net implements AutoCloseable {
    final Graph graph = new Graph();
    final Ops tf = Ops.create(graph);
    final Weights weights = Weights.variables(tf, TFloat64.class, 11);

    Operand<TFloat64> numbers(long... shape) {
      double[] values = new double[Math.toIntExact(Shape.of(shape).size())];
      Arrays.setAll(values, i -> Math.sin(i + 1.0 + shape.length));
      return tf.reshape(tf.constant(values), tf.constant(shape));
    }

    Map<String, Operand<TFloat64>> states(Cell cell, long rows) {
      Map<String, Operand<TFloat64>> states = new LinkedHashMap<>();
      for (Slot slot : cell.state()) {
        states.put(slot.name(), numbers(slot.shape().prepend(rows).asArray()));
      }
      return states;
    }

    /** Σ cos(value), so that every element has a gradient of its own. */
    Operand<TNumber> loss(Operand<TNumber> value) {
      return tf.reduceSum(
          tf.math.cos(tf.reshape(value, tf.constant(new int[] {-1}))), tf.constant(new int[] {0}));
    }

    List<double[]> fetch(List<? extends Operand<?>> operands) {
      try (Session session = new Session(graph)) {
        session.initialize();
        return HostileCases.fetch(session, operands);
      }
    }

    @Override
    public void close() {
      graph.close();
    }
  }

  private static List<double[]> fetch(Session session, List<? extends Operand<?>> operands) {
    Session.Runner runner = session.runner();
    operands.forEach(runner::fetch);
    try (Result result = runner.run()) {
      List<double[]> all = new ArrayList<>();
      for (Map.Entry<String, Tensor> entry : result) {
        double[] copy = new double[Math.toIntExact(entry.getValue().shape().size())];
        ((TFloat64) entry.getValue()).asRawTensor().data().asDoubles().read(copy);
        all.add(copy);
      }
      return all;
    }
  }

  /** Outputs, final states, and the gradients by input, initial states and weights. */
  private static List<double[]> everything(
      RNN rnn, long rows, long steps, int[] lengths, boolean ofOutputs, boolean ofStates) {
    try (Net net = new Net()) {
      Ops tf = net.tf;
      Operand<TFloat64> x = net.numbers(rnn.cell().input().prepend(steps).prepend(rows).asArray());
      Map<String, Operand<TFloat64>> states = net.states(rnn.cell(), rows);
      Operand<TInt32> rowLengths = lengths == null ? null : tf.constant(lengths);
      RecurrentLayer.Result result =
          rnn.run(net.weights.in("rnn"), new Signal(x, rowLengths), states);
      List<Operand<TNumber>> losses = new ArrayList<>();
      if (ofOutputs) {
        losses.add(net.loss(result.outputs()));
      }
      if (ofStates) {
        result.finalState().values().forEach(s -> losses.add(net.loss(s)));
      }
      List<Operand<?>> by = new ArrayList<>(List.of(x));
      by.addAll(states.values());
      by.addAll(net.weights.operands().values());
      List<Operand<?>> all = new ArrayList<>(List.of(result.outputs()));
      all.addAll(result.finalState().values());
      Operand<TNumber> loss = tf.math.addN(losses);
      // TensorFlow refuses, or gives nothing, where the loss does not depend on a value.
      var reached = net.graph.subgraphTo(java.util.Set.of(loss));
      List<Operand<?>> reachable = by.stream().filter(v -> reached.contains(v.op())).toList();
      Output<?>[] gradients = gradients(net.graph, loss, reachable);
      for (Operand<?> value : by) {
        int k = reachable.indexOf(value);
        all.add(k < 0 || gradients[k].isClosed() ? tf.zerosLike(value) : gradients[k]);
      }
      return net.fetch(all);
    }
  }

  private static Output<?>[] gradients(
      Graph graph, Operand<TNumber> loss, List<? extends Operand<?>> by) {
    return graph.addGradients(
        loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
  }

  private static void same(List<double[]> actual, List<double[]> expected) {
    check(actual.size() == expected.size(), "as many values");
    for (int k = 0; k < actual.size(); k++) {
      same("value " + k, actual.get(k), expected.get(k));
    }
  }

  private static void same(String what, double[] actual, double[] expected) {
    check(
        actual.length == expected.length,
        what + ": " + actual.length + " elements, expected " + expected.length);
    for (int i = 0; i < actual.length; i++) {
      check(
          Math.abs(actual[i] - expected[i]) <= 1e-10,
          what + "[" + i + "]: " + actual[i] + ", expected " + expected[i]);
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static void likeUnrolled(Loop loop, long rows, long steps, int[] lengths) {
    for (Cell cell : List.of(LSTM, new GRUCell(2, 3))) {
      RNN rnn = new RNN(cell).with(loop);
      RNN unrolled = rnn.with(Loop.UNROLLED);
      same(
          everything(rnn, rows, steps, lengths, true, true),
          everything(unrolled, rows, steps, lengths, true, true));
    }
  }

  private static void cellLikeUnrolled(Cell cell) {
    for (int[] lengths : new int[][] {null, {1, 4, 0}}) {
      RNN rnn = new RNN(cell);
      List<double[]> ofBoth = everything(rnn.with(Loop.UNROLLED), 3, 4, lengths, true, true);
      List<double[]> ofStates = everything(rnn.with(Loop.UNROLLED), 3, 4, lengths, false, true);
      for (Loop loop : List.of(Loop.DEFAULT, Loop.DEFAULT.segments(3))) {
        same(everything(rnn.with(loop), 3, 4, lengths, true, true), ofBoth);
        same(everything(rnn.with(loop), 3, 4, lengths, false, true), ofStates);
      }
    }
  }

  // Lengths

  private static void longLengths() {
    same(
        everything(new RNN(LSTM), 2, 3, new int[] {9, 2}, true, true),
        everything(new RNN(LSTM), 2, 3, new int[] {3, 2}, true, true));
    RNN reversed = new RNN(LSTM).reversed();
    same(
        everything(reversed, 2, 3, new int[] {9, 2}, true, true),
        everything(reversed, 2, 3, new int[] {3, 2}, true, true));
  }

  private static void negativeLengths() {
    same(
        everything(new RNN(LSTM), 2, 3, new int[] {-4, 2}, true, true),
        everything(new RNN(LSTM), 2, 3, new int[] {0, 2}, true, true));
  }

  private static void wrongLengths() {
    try (Net net = new Net()) {
      Placeholder<TInt32> lengths = net.tf.placeholder(TInt32.class);
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      Operand<TNumber> y =
          new RNN(LSTM).run(net.weights.in("rnn"), new Signal(x, lengths)).outputs();
      try (Session session = new Session(net.graph);
          TInt32 three = TInt32.vectorOf(1, 2, 3)) {
        session.initialize();
        session.runner().feed(lengths, three).fetch(y).run().close();
        throw new AssertionError("three lengths were taken for two rows");
      } catch (RuntimeException e) {
        check(
            e.getMessage().contains("lengths_must_have_one_number_a_row"),
            "the message is " + e.getMessage());
      }
    }
  }

  /** Whatever stands in the padding, and however much of it, valid steps are the same. */
  private static void padding() {
    for (RNN rnn : List.of(new RNN(LSTM), new RNN(LSTM).reversed(), new RNN(new Loud()))) {
      List<double[]> plain = padded(rnn, 4, 0);
      same(padded(rnn, 4, 1e30), plain);
      same(padded(rnn, 9, -7), plain);
      same(padded(rnn, 5, Double.NaN), plain);
    }
  }

  private static List<double[]> padded(RNN rnn, int steps, double filling) {
    try (Net net = new Net()) {
      Ops tf = net.tf;
      int valid = 3;
      Operand<TFloat64> head = net.numbers(2, valid, 2);
      Operand<TFloat64> rest =
          tf.fill(tf.constant(new int[] {2, steps - valid, 2}), tf.constant(filling));
      Operand<TFloat64> x = tf.concat(List.of(head, rest), tf.constant(1));
      Operand<TInt32> lengths = tf.constant(new int[] {valid, valid});
      RecurrentLayer.Result result = rnn.run(net.weights.in("rnn"), new Signal(x, lengths));
      Operand<TNumber> outputs =
          tf.slice(
              result.outputs(),
              tf.constant(new int[] {0, 0, 0}),
              tf.constant(new int[] {-1, valid, -1}));
      List<Operand<?>> by = new ArrayList<>(List.of(head));
      by.addAll(net.weights.operands().values());
      List<Operand<?>> all = new ArrayList<>(List.of(outputs));
      all.addAll(result.finalState().values());
      all.addAll(Arrays.asList(gradients(net.graph, net.loss(outputs), by)));
      return net.fetch(all);
    }
  }

  private static void maskForLengths() {
    for (RNN.MaskedOutput masked : RNN.MaskedOutput.values()) {
      RNN rnn = new RNN(LSTM).with(masked);
      for (RNN layer : List.of(rnn, rnn.reversed(), rnn.last(), rnn.reversed().last())) {
        try (Net net = new Net()) {
          Operand<TFloat64> x = net.numbers(3, 4, 2);
          Signal lengths = new Signal(x, net.tf.constant(new int[] {2, 0, 4}));
          Signal mask = Signal.of(x).masked(lengths.valid(net.tf));
          Weights w = net.weights.in("rnn");
          RecurrentLayer.Result a = layer.run(w, lengths);
          RecurrentLayer.Result b = layer.run(w, mask);
          List<double[]> both =
              net.fetch(
                  List.of(
                      a.outputs(), a.finalState().get("c"), b.outputs(), b.finalState().get("c")));
          same(both.subList(2, 4), both.subList(0, 2));
        }
      }
    }
  }

  private static void reversedImages() {
    Cell cell = new ConvLSTMCell(1, 2, List.of(2, 3, 2), List.of(1, 1, 1));
    RNN rnn = new RNN(cell).reversed();
    same(
        everything(rnn, 2, 3, new int[] {3, 1}, true, true),
        everything(rnn.with(Loop.UNROLLED), 2, 3, new int[] {3, 1}, true, true));
  }

  private static void wrongState() {
    try (Net net = new Net()) {
      Placeholder<TFloat64> h = net.tf.placeholder(TFloat64.class);
      Operand<TNumber> y =
          new RNN(LSTM)
              .run(net.weights.in("rnn"), Signal.of(net.numbers(2, 3, 2)), Map.of("h", h))
              .outputs();
      try (Session session = new Session(net.graph);
          TFloat64 one = TFloat64.tensorOf(Shape.of(1, 3))) {
        session.initialize();
        session.runner().feed(h, one).fetch(y).run().close();
        throw new AssertionError("one state was taken for two rows");
      } catch (RuntimeException e) {
        check(
            e.getMessage().contains("initial_state_must_have_one_entry_a_row"),
            "the message is " + e.getMessage());
      }
    }
  }

  // Many loops

  private static void manyLoops(int count) {
    List<double[]> expected = loops(count, Loop.UNROLLED);
    same(loops(count, Loop.DEFAULT), expected);
  }

  private static List<double[]> loops(int count, Loop loop) {
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      List<Operand<TNumber>> losses = new ArrayList<>();
      for (int k = 0; k < count; k++) {
        Cell cell = k % 2 == 0 ? LSTM : new ElmanRNNCell(2, 3);
        losses.add(
            net.loss(
                new RNN(cell).with(loop).run(net.weights.in("rnn" + k), Signal.of(x)).outputs()));
      }
      List<Operand<?>> by = new ArrayList<>(List.of(x));
      by.addAll(net.weights.operands().values());
      return net.fetch(Arrays.asList(gradients(net.graph, net.tf.math.addN(losses), by)));
    }
  }

  private static List<double[]> built(
      Loop loop, Function<Net, Function<Operand<TFloat64>, Operand<TNumber>>> layers) {
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(3, 4, 2);
      Operand<TNumber> y = layers.apply(net).apply(x);
      List<Operand<?>> by = new ArrayList<>(List.of(x));
      by.addAll(net.weights.operands().values());
      List<Operand<?>> all = new ArrayList<>(List.of(y));
      all.addAll(Arrays.asList(gradients(net.graph, net.loss(y), by)));
      return net.fetch(all);
    }
  }

  private static void stacked() {
    Function<Loop, List<double[]>> build =
        loop ->
            built(
                loop,
                net ->
                    x -> {
                      RNN below = new RNN(LSTM).with(loop);
                      RNN above = new RNN(new GRUCell(3, 2)).with(loop);
                      Operand<TNumber> y =
                          below.run(net.weights.in("below"), Signal.of(x)).outputs();
                      return above.run(net.weights.in("above"), Signal.of(y)).outputs();
                    });
    same(build.apply(Loop.DEFAULT), build.apply(Loop.UNROLLED));
    same(build.apply(Loop.DEFAULT.segments()), build.apply(Loop.UNROLLED));
  }

  private static void sharedWeights() {
    Function<Loop, List<double[]>> build =
        loop ->
            built(
                loop,
                net ->
                    x -> {
                      RNN rnn = new RNN(new ElmanRNNCell(2, 2)).with(loop);
                      Weights w = net.weights.in("twice");
                      Operand<TNumber> once = rnn.run(w, Signal.of(x)).outputs();
                      return rnn.run(w, Signal.of(once)).outputs();
                    });
    same(build.apply(Loop.DEFAULT), build.apply(Loop.UNROLLED));
    same(build.apply(Loop.DEFAULT.segments(3)), build.apply(Loop.UNROLLED));
  }

  private static void bothDirections() {
    Function<Loop, List<double[]>> build =
        loop ->
            built(
                loop,
                net ->
                    x -> {
                      RNN rnn = new RNN(LSTM).with(loop);
                      Signal in = new Signal(x, net.tf.constant(new int[] {2, 4, 0}));
                      Operand<TNumber> forward = rnn.run(net.weights.in("forward"), in).outputs();
                      Operand<TNumber> backward =
                          rnn.reversed().run(net.weights.in("backward"), in).outputs();
                      return net.tf.concat(List.of(forward, backward), net.tf.constant(-1));
                    });
    same(build.apply(Loop.DEFAULT.shards(2)), build.apply(Loop.UNROLLED));
  }

  // Gradients

  private static void gradientsTwice() {
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      Operand<TNumber> y = new RNN(LSTM).run(net.weights.in("rnn"), Signal.of(x)).outputs();
      Output<?>[] once = gradients(net.graph, net.loss(y), List.of(x));
      Output<?>[] again = gradients(net.graph, net.loss(y), List.of(x));
      List<double[]> both = net.fetch(List.of(once[0], again[0]));
      same("the second", both.get(1), both.get(0));
    }
  }

  private static void partialGradients(boolean ofOutputs, boolean ofStates) {
    RNN rnn = new RNN(LSTM);
    same(
        everything(rnn, 3, 4, null, ofOutputs, ofStates),
        everything(rnn.with(Loop.UNROLLED), 3, 4, null, ofOutputs, ofStates));
  }

  private static void gradientsBySingles() {
    List<double[]> expected = everything(new RNN(LSTM), 2, 3, null, true, false);
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      Map<String, Operand<TFloat64>> states = net.states(LSTM, 2);
      Operand<TNumber> y = new RNN(LSTM).run(net.weights.in("rnn"), Signal.of(x), states).outputs();
      Output<?>[] byInput = gradients(net.graph, net.loss(y), List.of(x));
      Output<?>[] byState = gradients(net.graph, net.loss(y), List.of(states.get("h")));
      List<double[]> both = net.fetch(List.of(byInput[0], byState[0]));
      same("by the input", both.get(0), expected.get(3));
      same("by the state", both.get(1), expected.get(5));
    }
  }

  /** The last output of a GRU is its final state. */
  private static void gradientsOfBoth() {
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      RecurrentLayer.Result result =
          new RNN(new GRUCell(2, 3)).last().run(net.weights.in("rnn"), Signal.of(x));
      Output<?> state = result.finalState().get("h").asOutput();
      Output<?> last = result.outputs().asOutput();
      Output<?>[] by = {x.asOutput()};
      Operand<?> of = net.graph.addGradients("of", new Output<?>[] {state}, by, null)[0];
      Operand<?> both = net.graph.addGradients("both", new Output<?>[] {state, last}, by, null)[0];
      List<double[]> gradients = net.fetch(List.of(of, both));
      double[] twice = Arrays.stream(gradients.get(0)).map(g -> 2 * g).toArray();
      same("both", gradients.get(1), twice);
    }
  }

  // Life and death

  private static void manyGraphs() throws IOException {
    List<double[]> expected = everything(new RNN(LSTM), 8, 20, null, true, true);
    long before = 0;
    for (int k = 0; k < 60; k++) {
      same(everything(new RNN(LSTM), 8, 20, null, true, true), expected);
      if (k == 20) {
        before = residentKilobytes();
      }
    }
    long growth = residentKilobytes() - before;
    check(growth < 80_000, "resident memory grew by " + growth + " kB over 40 graphs");
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(8, 50, 2);
      Operand<TNumber> y = new RNN(LSTM).run(net.weights.in("rnn"), Signal.of(x)).outputs();
      Output<?>[] g = gradients(net.graph, net.loss(y), List.of(x));
      try (Session session = new Session(net.graph)) {
        session.initialize();
        for (int k = 0; k < 600; k++) {
          fetch(session, List.of(g[0]));
          if (k == 200) {
            before = residentKilobytes();
          }
        }
      }
    }
    growth = residentKilobytes() - before;
    check(growth < 40_000, "resident memory grew by " + growth + " kB over 400 runs");
  }

  /** 0 where the system does not say. */
  private static long residentKilobytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    System.gc();
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static void twoThreads() throws Exception {
    List<double[]> expected = everything(new RNN(LSTM), 2, 5, null, true, true);
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      threads.add(
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < 10; n++) {
                    same(everything(new RNN(LSTM), 2, 5, null, true, true), expected);
                  }
                } catch (Throwable e) {
                  failures.add(e);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    check(failures.isEmpty(), "in a thread: " + failures);
  }

  // Sizes and axes

  private static void dynamicSizes() {
    try (Net net = new Net()) {
      Placeholder<TFloat64> x =
          net.tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, -1, 2)));
      RNN rnn = new RNN(LSTM).with(Loop.DEFAULT.shards(2));
      Operand<TNumber> y = rnn.run(net.weights.in("rnn"), Signal.of(x)).outputs();
      Output<?>[] g = gradients(net.graph, net.loss(y), List.of(x));
      try (Session session = new Session(net.graph)) {
        session.initialize();
        for (int[] size : new int[][] {{2, 3}, {1, 1}, {7, 2}, {0, 4}, {3, 0}, {2, 30}, {2, 3}}) {
          double[] values = new double[size[0] * size[1] * 2];
          Arrays.setAll(values, i -> Math.sin(i + 4.0));
          try (TFloat64 fed =
                  TFloat64.tensorOf(Shape.of(size[0], size[1], 2), DataBuffers.of(values));
              Result result = session.runner().feed(x, fed).fetch(y).fetch(g[0]).run()) {
            check(
                result.get(0).shape().equals(Shape.of(size[0], size[1], 3)),
                "the output's shape is " + result.get(0).shape());
            double[] by = new double[values.length];
            ((TFloat64) result.get(1)).asRawTensor().data().asDoubles().read(by);
            if (size[0] == 2 && size[1] == 3) {
              same("by x", by, fromZero());
            }
          }
        }
      }
    }
  }

  private static double[] fromZero() {
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      RNN rnn = new RNN(LSTM).with(Loop.UNROLLED);
      Operand<TNumber> y = rnn.run(net.weights.in("rnn"), Signal.of(x)).outputs();
      return net.fetch(Arrays.asList(gradients(net.graph, net.loss(y), List.of(x)))).get(0);
    }
  }

  private static void timeMajor() {
    try (Net net = new Net()) {
      Ops tf = net.tf;
      Operand<TFloat64> x = net.numbers(3, 4, 2);
      Operand<TFloat64> exchanged = tf.linalg.transpose(x, tf.constant(new int[] {1, 0, 2}));
      Operand<TInt32> lengths = tf.constant(new int[] {4, 0, 3});
      RNN minor = new RNN(LSTM).reversed().with(RNN.MaskedOutput.REPEAT);
      RNN major = minor.onTimeMajor().with(Loop.DEFAULT.shards(2));
      Weights w = net.weights.in("rnn");
      Operand<TNumber> a = major.run(w, new Signal(exchanged, lengths)).outputs();
      Operand<TNumber> b = minor.run(w, new Signal(x, lengths)).outputs();
      List<double[]> both =
          net.fetch(List.of(tf.linalg.transpose(a, tf.constant(new int[] {1, 0, 2})), b));
      same("time-major", both.get(0), both.get(1));
    }
  }

  /** For a cell whose output is a state, and for one whose output is not. */
  private static void lastOutputs() {
    for (Cell cell : List.of(LSTM, new Loud())) {
      try (Net net = new Net()) {
        Ops tf = net.tf;
        Operand<TFloat64> x = net.numbers(3, 4, 2);
        Operand<TInt32> lengths = tf.constant(new int[] {2, 0, 4});
        Map<String, Operand<TFloat64>> states = net.states(cell, 3);
        Weights w = net.weights.in("rnn");
        RNN rnn = new RNN(cell);
        List<double[]> all =
            net.fetch(
                List.of(
                    rnn.run(w, new Signal(x, lengths), states).outputs(),
                    rnn.last().run(w, new Signal(x, lengths), states).outputs(),
                    rnn.run(w, Signal.of(x), states).outputs(),
                    rnn.last().run(w, Signal.of(x), states).outputs()));
        int size = 3;
        double[] expected = new double[3 * size];
        System.arraycopy(all.get(0), size, expected, 0, size);
        System.arraycopy(all.get(0), (2 * 4 + 3) * size, expected, 2 * size, size);
        same("with lengths", all.get(1), expected);
        for (int row = 0; row < 3; row++) {
          System.arraycopy(all.get(2), (row * 4 + 3) * size, expected, row * size, size);
        }
        same("without", all.get(3), expected);
      }
    }
  }

  private static void inference() {
    try (Net net = new Net()) {
      Operand<TFloat64> x = net.numbers(2, 3, 2);
      Weights w = net.weights.in("rnn");
      Operand<TNumber> trained = new RNN(LSTM).run(w, Signal.of(x)).outputs();
      Operand<TNumber> served = new RNN(LSTM).run(w.forInference(), Signal.of(x)).outputs();
      List<double[]> both = net.fetch(List.of(trained, served));
      same("inference", both.get(1), both.get(0));
      try {
        gradients(net.graph, net.loss(served), List.of(x));
        throw new AssertionError("a gradient was taken");
      } catch (RuntimeException e) {
        check(e.getMessage().contains("has no gradient"), "the message is " + e.getMessage());
      }
    }
  }

  // Cells that are unlike others

  private abstract static class Small implements Cell {
    @Override
    public Shape input() {
      return Shape.of(2);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("h", 3));
    }
  }

  /** Its output is no state. */
  private static final class Loud extends Small {
    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr h = x.dot(w.input("W", 2, 3)).plus(s.get("h").dot(w.recurrent("U", 3, 3))).tanh();
      return new Step(h.dot(w.input("V", 3, 3)).exp(), State.of("h", h));
    }
  }

  /** Its next state depends on the input only; its output on both. */
  private static final class Forgetful extends Small {
    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr h = x.dot(w.input("W", 2, 3)).tanh();
      return new Step(s.get("h").times(h), State.of("h", h));
    }
  }

  /** Depends on its state and weights only; one output is a weight. */
  private static final class Deaf extends Small {
    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr h = s.get("h").dot(w.recurrent("U", 3, 3)).plus(w.input("b", 3)).sigmoid();
      return new Step(w.input("v", 3), State.of("h", h));
    }
  }

  /** Each state is another one's past. */
  private static final class Register extends Small {
    @Override
    public List<Slot> state() {
      return List.of(Slot.of("a", 3), Slot.of("b", 3));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr a = x.dot(w.input("W", 2, 3)).plus(s.get("b")).tanh();
      return new Step(s.get("b").times(a), State.of("a", a).with("b", s.get("a")));
    }
  }

  /** Brings an operation of its own. */
  private static final class Own extends Small {
    private static final Primitive ATAN =
        new Primitive("atan") {
          @Override
          public Shape shape(List<Expr> inputs) {
            return inputs.get(0).shape();
          }

          @Override
          public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
            return site.tf().math.atan(inputs.get(0));
          }

          @Override
          public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.dividedBy(node.inputs().get(0).square().plus(1)));
          }
        };

    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr a = x.dot(w.input("W", 2, 3)).plus(s.get("h").dot(w.recurrent("U", 3, 3)));
      Expr h = Expr.of(ATAN, List.of(a));
      return new Step(h, State.of("h", h));
    }
  }
}
