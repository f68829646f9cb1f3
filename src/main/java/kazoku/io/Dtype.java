package kazoku.io;

import java.nio.ByteBuffer;

/** Types of numbers in files, little-endian, each of which becomes a float. */
enum Dtype {
  F64(8, (bytes, at) -> (float) bytes.getDouble(at)),
  F32(4, ByteBuffer::getFloat),
  F16(2, (bytes, at) -> half(bytes.getShort(at))),
  BF16(2, (bytes, at) -> Float.intBitsToFloat(bytes.getShort(at) << Short.SIZE)),
  I64(8, ByteBuffer::getLong),
  I32(4, ByteBuffer::getInt),
  I16(2, ByteBuffer::getShort),
  I8(1, ByteBuffer::get),
  U8(1, (bytes, at) -> Byte.toUnsignedInt(bytes.get(at))),
  BOOL(1, (bytes, at) -> bytes.get(at) == 0 ? 0 : 1);

  /** Reads the number that begins somewhere in a little-endian buffer. */
  private interface Reader {
    float read(ByteBuffer bytes, int at);
  }

  private static final int HALF_FRACTION = 10;
  private static final int HALF_FRACTION_MASK = 0x3ff;
  private static final int HALF_EXPONENT_MASK = 0x1f;
  private static final int HALF_BIAS = 15;

  private final int size;
  private final Reader reader;

  Dtype(int size, Reader reader) {
    this.size = size;
    this.reader = reader;
  }

  /** Bytes of one number. */
  int size() {
    return size;
  }

  /**
   * Reads one number.
   *
   * @param bytes a little-endian buffer
   * @param at where in it the number begins
   */
  float read(ByteBuffer bytes, int at) {
    return reader.read(bytes, at);
  }

  /** Numbers that stand one after the other. */
  float[] numbers(ByteBuffer bytes) {
    float[] numbers = new float[bytes.limit() / size];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = read(bytes, i * size);
    }
    return numbers;
  }

  /** IEEE 754 binary16; Java has it from version 20 on. */
  private static float half(short bits) {
    int exponent = bits >> HALF_FRACTION & HALF_EXPONENT_MASK;
    int fraction = bits & HALF_FRACTION_MASK;
    float magnitude;
    if (exponent == HALF_EXPONENT_MASK) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      magnitude = Math.scalb((float) fraction, 1 - HALF_BIAS - HALF_FRACTION);
    } else {
      float significand = fraction + (1 << HALF_FRACTION);
      magnitude = Math.scalb(significand, exponent - HALF_BIAS - HALF_FRACTION);
    }
    return bits < 0 ? -magnitude : magnitude;
  }
}
