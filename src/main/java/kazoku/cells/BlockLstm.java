package kazoku.cells;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kazoku.Kernel;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * TensorFlow's kernel of an LSTM, with peepholes or without, whose functions are σ and tanh. Its
 * blocks are i, f, g, o, and W and U are one matrix.
 *
 * @param hiddenSize H
 * @param forgetBias fb, added to the forget gate
 * @param cellClip c' is cut off at ±cellClip; 0 for never
 */
record BlockLstm(int hiddenSize, double forgetBias, double cellClip) implements Kernel {

  @Override
  public Map<String, Operand<TFloat32>> build(
      Ops tf,
      Map<String, Operand<TFloat32>> weights,
      Operand<TFloat32> x,
      Map<String, Operand<TFloat32>> begin) {
    Operand<TFloat32> both = tf.concat(List.of(weights.get("W"), weights.get("U")), tf.constant(0));
    Operand<TFloat32> none = tf.zeros(tf.array(hiddenSize), TFloat32.class);
    Operand<TInt64> steps = tf.stridedSlice(tf.shape(x, TInt64.class), Indices.at(0));
    BlockLSTM<TFloat32> lstm =
        tf.nn.blockLSTM(
            steps,
            x,
            begin.get("c"),
            begin.get("h"),
            both,
            weights.getOrDefault("p_i", none),
            weights.getOrDefault("p_f", none),
            weights.getOrDefault("p_o", none),
            bias(tf, weights.get("b")),
            BlockLSTM.cellClip((float) cellClip),
            BlockLSTM.usePeephole(weights.containsKey("p_i")));
    return Map.of("c", lstm.cs(), "h", lstm.h());
  }

  private Operand<TFloat32> bias(Ops tf, Operand<TFloat32> given) {
    if (given != null && forgetBias == 0) {
      return given;
    }
    float[] fixed = new float[4 * hiddenSize];
    Arrays.fill(fixed, hiddenSize, 2 * hiddenSize, (float) forgetBias);
    return given == null ? tf.constant(fixed) : tf.math.add(given, tf.constant(fixed));
  }
}
