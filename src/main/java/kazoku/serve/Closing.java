package kazoku.serve;

import java.util.ArrayDeque;
import java.util.Deque;
import org.tensorflow.Tensor;

/** Tensors that are closed together. */
final class Closing implements AutoCloseable {
  private final Deque<Tensor> tensors = new ArrayDeque<>();

  <T extends Tensor> T add(T tensor) {
    tensors.add(tensor);
    return tensor;
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
  }
}
