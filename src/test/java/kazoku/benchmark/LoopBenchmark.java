package kazoku.benchmark;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.LSTMCell;
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
 * Times an LSTM, forward and with all gradients, in a loop with one and two shards of the batch,
 * beside the same network written out step by step.
 *
 * <p>Arguments: B T I H and the number of runs; 32 100 64 128 and 200 if there are none. Prints the
 * least and the median time of a run, and the ratio to the unrolled form.
 */
public final class LoopBenchmark {
  private LoopBenchmark() {}

  /**
   * Runs the benchmark.
   *
   * @param args B T I H runs
   */
  public static void main(String[] args) {
    int[] sizes = {32, 100, 64, 128, 200};
    for (int k = 0; k < args.length; k++) {
      sizes[k] = Integer.parseInt(args[k]);
    }
    System.out.printf(
        Locale.ROOT,
        "LSTM B=%d T=%d I=%d H=%d, %d runs; oneDNN %s%n",
        sizes[0],
        sizes[1],
        sizes[2],
        sizes[3],
        sizes[4],
        "1".equals(System.getenv("TF_ENABLE_ONEDNN_OPTS")) ? "on" : "left to TensorFlow");
    double[] peer = time(Loop.UNROLLED, sizes);
    report("unrolled", peer, peer);
    report("loop, 1 shard", time(new Loop(Loop.Form.WHILE, 1), sizes), peer);
    report("loop, 2 shards", time(new Loop(Loop.Form.WHILE, 2), sizes), peer);
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
  private static double[] time(Loop loop, int[] sizes) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      RNN rnn = new RNN(new LSTMCell(sizes[2], sizes[3])).with(loop);
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
