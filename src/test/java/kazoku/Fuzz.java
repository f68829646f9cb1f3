package kazoku;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Files that are damaged, always in the same way: a reader reads them, or says why not in a
 * sentence of its own, and takes no more memory than a bound. First they are cut off at every
 * length, then changed at random; half of the changes are where something stands that is not zero,
 * a quarter at both ends, where headers are.
 *
 * @param who how the reader's sentences begin, a regular expression
 * @param file what is damaged
 * @param repair what somebody does who puts checksums right again
 */
public record Fuzz(String who, byte[] file, UnaryOperator<byte[]> repair) {
  private static final int MUTATIONS = 20_000;

  /** Readers must not take more for files of some kilobytes. */
  private static final long MOST_MEMORY = 32 << 20;

  /** Nothing here takes a tenth of it. */
  private static final Duration HANGS = Duration.ofMinutes(4);

  private static final int MOST_CUTS = 4000;
  private static final int LONGEST_SENTENCE = 5000;
  private static final int END = 64;
  private static final int[] TELLING = {0, 1, 0x7f, 0x80, 0xff};
  private static final long[] NUMBERS = {
    0, 1, -1, Short.MAX_VALUE, 1 << 24, 1 << 30, Integer.MAX_VALUE, 1L << 32, 1L << 60, 1L << 63
  };
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * A folder in memory, where the system has one: {@code @TempDir(factory = Fuzz.Memory.class)}.
   */
  public static final class Memory implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      return Files.isWritable(MEMORY)
          ? Files.createTempDirectory(MEMORY, "kazoku")
          : Files.createTempDirectory("kazoku");
    }
  }

  /**
   * Damages to a file.
   *
   * @param who how the reader's sentences begin, a regular expression
   * @param file the file
   * @return the damages
   */
  public static Fuzz of(String who, byte[] file) {
    return new Fuzz(who, file, damaged -> damaged);
  }

  /**
   * The same, where somebody puts checksums right again.
   *
   * @param by changes the damaged bytes, which may be any
   * @return the damages
   */
  public Fuzz repaired(UnaryOperator<byte[]> by) {
    return new Fuzz(who, file, by);
  }

  /**
   * Has damaged files read.
   *
   * @param seed of what is random
   * @param scratch where they are written
   * @param reader reads it
   * @return which part of them was refused
   */
  public double read(long seed, Path scratch, Consumer<Path> reader) {
    return read(
        seed,
        damaged -> {
          try {
            Files.write(scratch, damaged);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          reader.accept(scratch);
        });
  }

  /**
   * Has damaged bytes read.
   *
   * @param seed of what is random
   * @param reader reads them
   * @return which part of them was refused
   */
  public double read(long seed, Consumer<byte[]> reader) {
    return assertTimeoutPreemptively(HANGS, () -> run(seed, reader));
  }

  private double run(long seed, Consumer<byte[]> reader) {
    reader.accept(file);
    int refused = 0;
    int step = 1 + file.length / MOST_CUTS;
    for (int length = 0; length < file.length; length += step) {
      refused += refused("cut off at " + length, Arrays.copyOf(file, length), reader);
    }
    int cuts = (file.length + step - 1) / step;
    Random random = new Random(seed);
    int[] set = IntStream.range(0, file.length).filter(at -> file[at] != 0).toArray();
    for (int i = 0; i < MUTATIONS; i++) {
      refused += refused("mutation " + i + " of seed " + seed, damaged(random, set), reader);
    }
    return (double) refused / (cuts + MUTATIONS);
  }

  private int refused(String what, byte[] bytes, Consumer<byte[]> reader) {
    byte[] damaged = repair.apply(bytes);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    int refused = 0;
    try {
      reader.accept(damaged);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      refused = 1;
      assertThat(e.getMessage())
          .containsPattern("^(" + who + ")")
          .doesNotContain("\n")
          .hasSizeLessThan(LONGEST_SENTENCE);
    } catch (Throwable e) {
      throw new AssertionError(what + " is not refused but breaks the reader", e);
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("memory for what is " + what)
        .isLessThan(MOST_MEMORY);
    return refused;
  }

  private byte[] damaged(Random random, int[] set) {
    byte[] bytes = file.clone();
    int kind = random.nextInt(7);
    int changes = 1 + random.nextInt(3);
    for (int k = 0; k < changes && bytes.length > 0; k++) {
      int at = Math.min(place(random, set), bytes.length - 1);
      switch (kind) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
        case 3 -> number(bytes, at, random);
        case 4 -> {
          int length = Math.min(1 + random.nextInt(16), bytes.length - at);
          System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
        }
        case 5 -> {
          int length = Math.min(1 + random.nextInt(8), bytes.length - at);
          byte[] shorter = Arrays.copyOf(bytes, bytes.length - length);
          System.arraycopy(bytes, at + length, shorter, at, shorter.length - at);
          bytes = shorter;
        }
        default -> {
          int length = Math.min(1 + random.nextInt(8), bytes.length - at);
          byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
          System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private int place(Random random, int[] set) {
    int end = Math.min(END, file.length);
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> set[random.nextInt(set.length)];
      case 4 -> random.nextInt(end);
      case 5 -> file.length - 1 - random.nextInt(end);
      default -> random.nextInt(file.length);
    };
  }

  /** A length, a count or a place is another one, in two, four or eight bytes. */
  private static void number(byte[] bytes, int at, Random random) {
    byte[] number =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(NUMBERS[random.nextInt(NUMBERS.length)])
            .array();
    int length = Math.min(2 << random.nextInt(3), bytes.length - at);
    System.arraycopy(number, 0, bytes, at, length);
  }
}
