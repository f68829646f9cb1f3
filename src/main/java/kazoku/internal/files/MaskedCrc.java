package kazoku.internal.files;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of TensorFlow's files: CRC-32C, changed so that it can stand in what another one is
 * taken of.
 *
 * <p>Source: {@code tensorflow/core/lib/hash/crc32c.h}.
 */
public final class MaskedCrc {
  private static final int SHIFT = 15;
  private static final int ADDED = 0xa282ead8;

  private MaskedCrc() {}

  /**
   * The checksum of some bytes.
   *
   * @param bytes the bytes, which are read to the end
   * @return the checksum
   */
  public static int of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), SHIFT) + ADDED;
  }
}
