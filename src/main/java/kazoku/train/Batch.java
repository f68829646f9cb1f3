package kazoku.train;

import org.tensorflow.Tensor;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The tensors of some rows.
 *
 * @param input {@code [B, T, I]}
 * @param lengths {@code [B]}
 * @param target labels or values, or null
 * @param count how many targets are valid
 */
record Batch(TFloat32 input, TInt32 lengths, Tensor target, long count) implements AutoCloseable {
  @Override
  public void close() {
    input.close();
    lengths.close();
    if (target != null) {
      target.close();
    }
  }
}
