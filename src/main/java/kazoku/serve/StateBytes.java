package kazoku.serve;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import kazoku.Checks;

/**
 * The state of a stream as bytes: a mark, the version of this form, the names and shapes of the
 * states, whether the stream has begun, its numbers, and a CRC-32C of all that.
 */
final class StateBytes {
  private static final int MARK = 0x4b5a6b75;
  private static final byte VERSION = 1;
  private static final int FIXED = 3 * Integer.BYTES + 2;

  private StateBytes() {}

  static byte[] write(States states, float[] state) {
    byte[] names = states.toString().getBytes(StandardCharsets.UTF_8);
    int numbers = state == null ? 0 : states.size();
    ByteBuffer to = ByteBuffer.allocate(FIXED + names.length + numbers * Float.BYTES);
    to.putInt(MARK).put(VERSION).putInt(names.length).put(names);
    to.put((byte) (state == null ? 0 : 1));
    for (int i = 0; i < numbers; i++) {
      to.putFloat(state[i]);
    }
    seal(to.array());
    return to.array();
  }

  /** Writes the sum of all others into the last bytes. */
  static void seal(byte[] bytes) {
    if (bytes.length >= Integer.BYTES) {
      ByteBuffer.wrap(bytes).putInt(bytes.length - Integer.BYTES, sum(bytes));
    }
  }

  private static int sum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) sum.getValue();
  }

  static float[] read(States states, byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    if (bytes.length < FIXED || from.getInt() != MARK) {
      throw new IllegalArgumentException("Streams: the bytes are no saved stream");
    }
    require(from.getInt(bytes.length - Integer.BYTES) == sum(bytes));
    byte version = from.get();
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "Streams: a saved stream must be of version " + VERSION + ", got " + version);
    }
    int length = from.getInt();
    require(length >= 0 && length <= bytes.length - FIXED);
    String names = StandardCharsets.UTF_8.decode(from.slice(from.position(), length)).toString();
    if (!names.equals(states.toString())) {
      throw new IllegalArgumentException(
          "Streams: a saved stream must have the states "
              + states
              + ", got "
              + Checks.shown(names));
    }
    byte begun = from.position(from.position() + length).get();
    int numbers = begun == 0 ? 0 : states.size();
    require(begun >= 0 && begun <= 1 && bytes.length - FIXED - length == numbers * Float.BYTES);
    if (begun == 0) {
      return null;
    }
    float[] state = new float[numbers];
    from.asFloatBuffer().get(state);
    for (float number : state) {
      require(Float.isFinite(number));
    }
    return state;
  }

  private static void require(boolean sound) {
    if (!sound) {
      throw new IllegalArgumentException(
          "Streams: the saved stream is damaged; take an undamaged copy");
    }
  }
}
