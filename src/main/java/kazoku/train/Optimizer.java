package kazoku.train;

import java.util.List;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * How weights follow their gradients: {@code new Adam(1e-3)}, {@code new Adam(1e-3).clip(1)}.
 *
 * <p>Kazoku's optimizers train the weights that they are given and no others, and give the same
 * bits in every run. (Those of {@code tensorflow-framework} differentiate by every variable of the
 * graph; its Adam changes its powers of β while updates may still read them.)
 */
@FunctionalInterface
public interface Optimizer {

  /**
   * Builds one update of all weights. Nothing may change before all gradients are there.
   *
   * @param tf operations of the graph
   * @param weights the variables, float32
   * @param gradients the gradient of the loss by each of them
   * @return what to run
   */
  Op update(Ops tf, List<Operand<TFloat32>> weights, List<Operand<TFloat32>> gradients);

  /**
   * The same optimizer on gradients whose norm is limited. Where the norm n of all gradients
   * together exceeds the limit, all are multiplied by {@code limit/n}.
   *
   * @param norm the limit, greater than 0; 1 to 5 is usual for recurrent networks
   * @return the optimizer
   */
  default Optimizer clip(double norm) {
    return new Clipped(this, norm);
  }

  /**
   * An optimizer on gradients whose global norm is limited (R. Pascanu, T. Mikolov, Y. Bengio 2013,
   * arXiv:1211.5063).
   *
   * @param optimizer what the clipped gradients go to
   * @param norm the limit, greater than 0
   */
  record Clipped(Optimizer optimizer, double norm) implements Optimizer {
    public Clipped {
      Checks.given("Clipped", "optimizer", optimizer);
      Checks.require(norm > 0, "Clipped", "norm must be greater than 0", norm);
    }

    @Override
    public Op update(Ops tf, List<Operand<TFloat32>> weights, List<Operand<TFloat32>> gradients) {
      Operand<TFloat32> limit = tf.constant((float) norm);
      List<Operand<TFloat32>> squares =
          gradients.stream()
              .<Operand<TFloat32>>map(
                  g -> tf.reduceSum(tf.math.square(tf.reshape(g, tf.array(-1))), tf.constant(0)))
              .toList();
      Operand<TFloat32> global = tf.math.sqrt(tf.math.addN(squares));
      Operand<TFloat32> factor = tf.math.div(limit, tf.math.maximum(global, limit));
      List<Operand<TFloat32>> clipped =
          gradients.stream().<Operand<TFloat32>>map(g -> tf.math.mul(g, factor)).toList();
      return optimizer.update(tf, weights, clipped);
    }
  }
}
