package kazoku.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.train.Adam;
import kazoku.train.Gradients;
import kazoku.train.Slots;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * What a training step needs of memory and time, of a layer that gives its last output. The most
 * memory that a process ever had is asked of Linux, so that there is one loop in a process.
 *
 * <p>Arguments: a cell that can be made of an input and a hidden size, then B T I H, the number of
 * steps of a segment (0 for no segments, -1 for ⌈√T⌉) and the number of runs; LSTMCell 8 10000 64
 * 128 -1 5 if there are none.
 */
public final class MemoryBenchmark {
  private MemoryBenchmark() {}

  /**
   * Runs the benchmark.
   *
   * @param args cell B T I H segment runs
   * @throws ReflectiveOperationException if there is no such cell
   * @throws IOException where there is no Linux
   */
  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    Arguments arguments = Arguments.of(args, 8, 10_000, 64, 128, Loop.ROOT, 5);
    int[] sizes = arguments.sizes();
    Cell cell = arguments.cell(sizes[2], sizes[3]);
    RNN rnn = new RNN(cell).last().with(new Loop(Loop.Form.AUTO, 1, sizes[4]));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      Placeholder<TFloat32> x =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, sizes[2])));
      Operand<TNumber> last = rnn.run(weights.in("rnn"), Signal.of(x)).outputs();
      Operand<TFloat32> loss =
          tf.dtypes.cast(
              tf.math.mean(tf.math.square(last), tf.constant(new int[] {0, 1})), TFloat32.class);
      Op step = new Slots(tf, new Adam(1e-3)).update(Gradients.of(tf, loss, weights.trainable()));
      try (Session session = new Session(graph);
          TFloat32 input = TFloat32.tensorOf(Shape.of(sizes[0], sizes[1], sizes[2]))) {
        session.initialize();
        input.scalars().forEachIndexed((at, s) -> s.setFloat((float) Math.sin(at[1] + at[2])));
        long before = megabytes("VmRSS");
        double[] times = new double[sizes[5]];
        for (int k = 0; k < times.length; k++) {
          long start = System.nanoTime();
          session.runner().feed(x, input).addTarget(step).run().close();
          times[k] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(times);
        System.out.printf(
            Locale.ROOT,
            "%s B=%d T=%d I=%d H=%d, segment %d; oneDNN %s: %d MB before the first step, at most"
                + " %d MB; a step takes %.0f ms (median %.0f)%n",
            arguments.cell(),
            sizes[0],
            sizes[1],
            sizes[2],
            sizes[3],
            sizes[4],
            Arguments.oneDnn(),
            before,
            megabytes("VmHWM"),
            times[0],
            times[times.length / 2]);
      }
    }
  }

  private static long megabytes(String what) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      String line = lines.filter(l -> l.startsWith(what + ":")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }
  }
}
