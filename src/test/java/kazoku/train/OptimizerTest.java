package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

class OptimizerTest {

  @Test
  void gradientDescentStepsAgainstTheGradient() {
    assertThat(steps(new GradientDescent(0.1), 2)).containsExactly(after(1, -2, 3), within(1e-6f));
  }

  private static float[] after(float... gradient) {
    return new float[] {
      1 - 2 * 0.1f * gradient[0], 1 - 2 * 0.1f * gradient[1], 2 - 2 * 0.1f * gradient[2]
    };
  }

  @Test
  void adamIsThePapersFormula() {
    double[] weights = {1, 1, 2};
    double[] gradients = {1, -2, 3};
    for (int i = 0; i < 3; i++) {
      double m = 0;
      double v = 0;
      for (int k = 1; k <= 3; k++) {
        m = 0.9 * m + 0.1 * gradients[i];
        v = 0.999 * v + 0.001 * gradients[i] * gradients[i];
        double rate = 0.05 * Math.sqrt(1 - Math.pow(0.999, k)) / (1 - Math.pow(0.9, k));
        weights[i] -= rate * m / (Math.sqrt(v) + 1e-7);
      }
    }
    float[] got = steps(new Adam(0.05), 3);
    for (int i = 0; i < 3; i++) {
      assertThat((double) got[i]).isCloseTo(weights[i], within(1e-5));
    }
  }

  @Test
  void clippingLimitsTheNormOfAllGradientsTogether() {
    float scale = (float) (1 / Math.sqrt(1 + 4 + 9));
    float[] clipped = steps(new GradientDescent(0.1).clip(1), 2);
    assertThat(clipped).containsExactly(after(scale, -2 * scale, 3 * scale), within(1e-6f));
    assertThat(steps(new GradientDescent(0.1).clip(100), 2))
        .containsExactly(steps(new GradientDescent(0.1), 2), within(1e-6f));
  }

  /** Weights [1, 1] and 2 after some updates with the constant gradients [1, −2] and 3. */
  private static float[] steps(Optimizer optimizer, int count) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> vector = Toys.variable(tf, tf.array(1f, 1f));
      Variable<TFloat32> number = Toys.variable(tf, tf.constant(2f));
      List<Operand<TFloat32>> gradients = List.of(tf.array(1f, -2f), tf.constant(3f));
      Op update = optimizer.update(tf, List.of(vector, number), gradients);
      try (Session session = new Session(graph, Toys.config())) {
        session.initialize();
        for (int step = 0; step < count; step++) {
          session.run(update);
        }
        try (Result result = session.runner().fetch(vector).fetch(number).run()) {
          TFloat32 first = (TFloat32) result.get(0);
          return new float[] {
            first.getFloat(0), first.getFloat(1), ((TFloat32) result.get(1)).getFloat()
          };
        }
      }
    }
  }

  @Test
  void refusesBadSettings() {
    for (Runnable bad :
        List.<Runnable>of(
            () -> new Adam(0),
            () -> new Adam(Double.NaN),
            () -> new Adam(0.1, 1, 0.9, 1e-7),
            () -> new Adam(0.1, 0.9, -1, 1e-7),
            () -> new Adam(0.1, 0.9, 0.9, 0),
            () -> new GradientDescent(-1),
            () -> new Adam(0.1).clip(0),
            () -> Epochs.of(0),
            () -> Epochs.of(1).batchSize(0))) {
      assertThatThrownBy(bad::run).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
