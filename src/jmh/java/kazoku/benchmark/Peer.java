package kazoku.benchmark;

import java.util.Map;

/** What a library does of a case, made ready: it runs many times, then it is closed. */
interface Peer extends AutoCloseable {

  /** The outputs, in {@link #results}. */
  String OUTPUT = "y";

  /** The gradient by the input. */
  String INPUT_GRADIENT = "dx";

  /** Does the work once. */
  void run() throws Exception;

  /**
   * Does it once more, and tells what it has computed, in row-major order: {@value #OUTPUT} {@code
   * [B, T, O]}, and in training {@value #INPUT_GRADIENT} {@code [B, T, I]} and {@code dW}, … by
   * each weight's symbol and in its shape, as Kazoku has them.
   */
  Map<String, float[]> results() throws Exception;

  @Override
  void close();
}
