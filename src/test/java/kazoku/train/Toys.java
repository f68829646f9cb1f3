package kazoku.train;

import java.util.Arrays;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** Small problems and models. */
final class Toys {
  private Toys() {}

  /** Random sequences of 2 numbers a step, of 1 to 6 steps. */
  static float[][][] inputs(int rows, long seed) {
    Random random = new Random(seed);
    float[][][] inputs = new float[rows][][];
    for (int row = 0; row < rows; row++) {
      inputs[row] = new float[1 + random.nextInt(6)][2];
      for (float[] step : inputs[row]) {
        step[0] = random.nextFloat() * 2 - 1;
        step[1] = random.nextFloat() * 2 - 1;
      }
    }
    return inputs;
  }

  /** Whether the first column's sum is positive. */
  static int[] signs(float[][][] inputs) {
    return Arrays.stream(inputs).mapToInt(row -> sum(row, row.length) > 0 ? 1 : 0).toArray();
  }

  /** The running sum of the first column. */
  static float[][][] sums(float[][][] inputs) {
    float[][][] sums = new float[inputs.length][][];
    for (int row = 0; row < inputs.length; row++) {
      sums[row] = new float[inputs[row].length][1];
      for (int t = 0; t < sums[row].length; t++) {
        sums[row][t][0] = sum(inputs[row], t + 1);
      }
    }
    return sums;
  }

  private static float sum(float[][] row, int steps) {
    float sum = 0;
    for (int t = 0; t < steps; t++) {
      sum += row[t][0];
    }
    return sum;
  }

  static Sequences labelled(int rows, long seed) {
    float[][][] inputs = inputs(rows, seed);
    return Sequences.of(inputs).labels(signs(inputs));
  }

  static Layer classifier() {
    return new Sequential(new RNN(new LSTMCell(2, 8)).last(), head(8, 2));
  }

  static Layer head(int inputSize, int outputSize) {
    return new Dense(inputSize, outputSize, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  /** Gives its input back; its one weight is not used. */
  static Signal ignoring(Weights w, Signal x) {
    w.bias("unused", 1);
    return x;
  }

  static Epochs epochs(int count) {
    return Epochs.of(count).batchSize(8).progress(Progress.NONE);
  }

  static ConfigProto config() {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(1)
        .setInterOpParallelismThreads(2)
        .build();
  }

  /** The same input again, in rows of other lengths, with rubbish after their ends. */
  static float[][][] padded(float[][][] inputs, int more, float rubbish) {
    return Arrays.stream(inputs)
        .map(
            row -> {
              float[][] longer = new float[row.length + more][2];
              for (float[] step : longer) {
                Arrays.fill(step, rubbish);
              }
              System.arraycopy(row, 0, longer, 0, row.length);
              return longer;
            })
        .toArray(float[][][]::new);
  }

  static int[] lengths(float[][][] inputs) {
    return Arrays.stream(inputs).mapToInt(row -> row.length).toArray();
  }

  static Variable<TFloat32> variable(Ops tf, Operand<TFloat32> first) {
    Variable<TFloat32> variable = tf.variable(first.asOutput().shape(), TFloat32.class);
    tf.withInitScope().assign(variable, first);
    return variable;
  }
}
