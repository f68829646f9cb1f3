package kazoku.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import kazoku.internal.files.Aside;

/**
 * Whether peers compute the same: the first one that is asked about a case writes its results, and
 * each other one is compared with them before it is timed.
 */
final class Agreement {
  /** Of the largest number, or of 1 if that is more. */
  static final double OF_FLOAT32 = 1e-5;

  /** The same where factors have 8 binary digits. */
  static final double OF_BFLOAT16 = 0.03;

  private Agreement() {}

  /**
   * Compares what a peer has computed.
   *
   * @param folder where results of other peers are
   * @param tolerance how near they must be
   * @throws IllegalStateException if it is something else
   */
  static void check(
      Path folder, Case what, Object who, Map<String, float[]> results, double tolerance)
      throws IOException {
    for (Map.Entry<String, float[]> result : results.entrySet()) {
      Path file = folder.resolve(what.file()).resolve(result.getKey() + ".f32");
      if (Files.exists(file)) {
        compare(
            what + ", " + who + ": " + result.getKey(), read(file), result.getValue(), tolerance);
      } else {
        Files.createDirectories(file.getParent());
        ByteBuffer bytes = littleEndian(new byte[result.getValue().length * Float.BYTES]);
        bytes.asFloatBuffer().put(result.getValue());
        Aside.file("Agreement", file, aside -> Files.write(aside, bytes.array()));
      }
    }
  }

  private static void compare(String what, FloatBuffer others, float[] own, double tolerance) {
    double scale = 1;
    double largest = others.remaining() == own.length ? 0 : Double.NaN;
    for (int k = 0; k < own.length && largest >= 0; k++) {
      scale = Math.max(scale, Math.abs(others.get(k)));
      double difference = Math.abs((double) others.get(k) - own[k]);
      largest = difference > largest || Double.isNaN(difference) ? difference : largest;
    }
    if (!(largest <= tolerance * scale)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s must be what the first peer computes, to %.0e of the largest number, %.3g; got a"
                  + " difference of %.3g",
              what,
              tolerance,
              scale,
              largest));
    }
  }

  private static FloatBuffer read(Path file) throws IOException {
    return littleEndian(Files.readAllBytes(file)).asFloatBuffer();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
