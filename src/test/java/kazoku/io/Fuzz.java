package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Files that are damaged at random, always in the same way: a reader reads them or says why not.
 */
final class Fuzz {
  private static final int[] TELLING = {0, 1, 0x7f, 0x80, 0xff};

  private Fuzz() {}

  /**
   * Damages a file again and again.
   *
   * @param scratch where the damaged file is written
   * @return how many of the damaged files were refused
   */
  static int run(byte[] file, Path scratch, int times, long seed, Consumer<Path> reader)
      throws IOException {
    return run(file, scratch, times, seed, damaged -> damaged, reader);
  }

  /**
   * Damages a file again and again, as somebody does who puts its checksums right again.
   *
   * @return how many of the damaged files were refused
   */
  static int run(
      byte[] file,
      Path scratch,
      int times,
      long seed,
      UnaryOperator<byte[]> repair,
      Consumer<Path> reader)
      throws IOException {
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < times; i++) {
      byte[] damaged = repair.apply(damaged(file, random));
      Files.write(scratch, damaged);
      try {
        reader.accept(scratch);
      } catch (IllegalArgumentException e) {
        refused++;
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(5000);
      } catch (Throwable e) {
        fail("mutation " + i + " of seed " + seed + " is not refused but breaks the reader", e);
      }
    }
    return refused;
  }

  private static byte[] damaged(byte[] file, Random random) {
    byte[] bytes = file.clone();
    int kind = random.nextInt(6);
    if (kind == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    int changes = 1 + random.nextInt(3);
    for (int k = 0; k < changes; k++) {
      int at = random.nextInt(bytes.length);
      switch (kind) {
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) random.nextInt(256);
        case 3 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
        case 4 -> {
          int length = Math.min(1 + random.nextInt(16), bytes.length - at);
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(file, from, bytes, at, length);
        }
        default -> {
          int length = Math.min(1 + random.nextInt(8), bytes.length - at);
          byte[] shorter = Arrays.copyOf(bytes, bytes.length - length);
          System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
          bytes = shorter;
        }
      }
      if (bytes.length == 0) {
        break;
      }
    }
    return bytes;
  }
}
