package kazoku.benchmark;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Recurrence;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * Times a cell over time in each form that it has, forward and with all gradients, beside a peer in
 * the same run: the network written out step by step, or, for a cell that is scanned and runs over
 * thousands of steps, the loop.
 *
 * <p>Arguments: a cell that can be made of an input and a hidden size, then B T I H and the number
 * of runs; LSTMCell 32 100 64 128 and 200 if there are none. Prints the least and the median time
 * of a run, and the ratio to the peer.
 */
public final class LoopBenchmark {
  private LoopBenchmark() {}

  /**
   * Runs the benchmark.
   *
   * @param args cell B T I H runs
   * @throws ReflectiveOperationException if there is no such cell
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    Arguments arguments = Arguments.of(args, 32, 100, 64, 128, 200);
    int[] sizes = arguments.sizes();
    Cell cell = arguments.cell(sizes[2], sizes[3]);
    System.out.printf(
        Locale.ROOT,
        "%s B=%d T=%d I=%d H=%d, %d runs; oneDNN %s%n",
        arguments.cell(),
        sizes[0],
        sizes[1],
        sizes[2],
        sizes[3],
        sizes[4],
        Arguments.oneDnn());
    boolean linear = Recurrence.isLinear(Trace.of(cell));
    Map<String, Loop> forms = new LinkedHashMap<>();
    if (!linear) {
      forms.put("unrolled", Loop.UNROLLED);
    }
    forms.put("loop, 1 shard", new Loop(Loop.Form.WHILE, 1));
    forms.put("loop, 2 shards", new Loop(Loop.Form.WHILE, 2));
    if (linear) {
      forms.put("scan, 1 shard", new Loop(Loop.Form.SCAN, 1));
      forms.put("scan, 2 shards", new Loop(Loop.Form.SCAN, 2));
    }
    double[] peer = null;
    for (Map.Entry<String, Loop> form : forms.entrySet()) {
      double[] times = time(cell, form.getValue(), sizes);
      peer = peer == null ? times : peer;
      report(form.getKey(), times, peer);
    }
  }

  private static void report(String what, double[] times, double[] peer) {
    System.out.printf(
        Locale.ROOT,
        "%-15s forward %6.1f ms (median %6.1f, ratio %.2f)   with gradients %6.1f ms (median %6.1f,"
            + " ratio %.2f)%n",
        what,
        times[0],
        times[1],
        times[0] / peer[0],
        times[2],
        times[3],
        times[2] / peer[2]);
  }

  /** The least and the median of forward runs, then of runs with all gradients. */
  private static double[] time(Cell cell, Loop loop, int[] sizes) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      RNN rnn = new RNN(cell).with(loop);
      long steps = loop.form() == Loop.Form.UNROLLED ? sizes[1] : Shape.UNKNOWN_SIZE;
      Placeholder<TFloat32> x =
          tf.placeholder(
              TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, steps, sizes[2])));
      Operand<TNumber> trained = rnn.run(weights.in("rnn"), Signal.of(x)).outputs();
      Operand<TNumber> served = rnn.run(weights.in("rnn").forInference(), Signal.of(x)).outputs();
      Collection<Operand<TNumber>> variables = weights.operands().values();
      Output<?>[] gradients =
          graph.addGradients(
              tf.reduceSum(trained, tf.constant(new int[] {0, 1, 2})).asOutput(),
              variables.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
      // One thread in every operation: the shards are what runs side by side.
      ConfigProto config =
          ConfigProto.newBuilder()
              .setIntraOpParallelismThreads(1)
              .setInterOpParallelismThreads(2)
              .build();
      try (Session session = new Session(graph, config);
          TFloat32 input = TFloat32.tensorOf(Shape.of(sizes[0], sizes[1], sizes[2]))) {
        session.initialize();
        input.scalars().forEachIndexed((at, s) -> s.setFloat((float) Math.sin(at[1] + at[2])));
        Op[] ops = Arrays.copyOf(gradients, gradients.length, Op[].class);
        double[] forward = runs(session, x, input, sizes[4], served);
        double[] backward = runs(session, x, input, sizes[4], ops);
        return new double[] {forward[0], forward[1], backward[0], backward[1]};
      }
    }
  }

  private static double[] runs(
      Session session, Placeholder<TFloat32> x, TFloat32 input, int count, Op... targets) {
    double[] times = new double[count];
    for (int k = -count / 5; k < count; k++) {
      long start = System.nanoTime();
      Session.Runner runner = session.runner().feed(x, input);
      for (Op target : targets) {
        runner.addTarget(target);
      }
      runner.run().close();
      if (k >= 0) {
        times[k] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(times);
    return new double[] {times[0], times[count / 2]};
  }
}
