package kazoku.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kazoku.Checks;
import org.tensorflow.ndarray.Shape;

/**
 * A file that is not trusted: what is read of it is within it.
 *
 * @param who the reader
 * @param path the file
 * @param size its length in bytes
 */
record Input(String who, Path path, long size) {
  static final int MOST_AXES = 16;

  static Input of(String who, Path path) {
    try {
      if (!Files.isRegularFile(path)) {
        throw new IllegalArgumentException(who + ": there is no file " + path);
      }
      return new Input(who, path, Files.size(path));
    } catch (IOException e) {
      throw new UncheckedIOException(who + ": cannot read " + path, e);
    }
  }

  /** Some bytes, little-endian. */
  ByteBuffer bytes(long from, long length) {
    require(
        from >= 0 && length >= 0 && length <= size - from && length <= Integer.MAX_VALUE,
        "it says that it has " + length + " bytes from byte " + from + " on");
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path)) {
      while (bytes.hasRemaining()) {
        int count = channel.read(bytes, from + bytes.position());
        require(count >= 0, "it became shorter while it was read");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(who + ": cannot read " + path, e);
    }
    return bytes.flip();
  }

  /** The shape of an array that has its numbers in this file. */
  Shape shape(String name, List<Long> sizes) {
    return shape(name, sizes, size);
  }

  /**
   * The shape of an array.
   *
   * @param most how many numbers it can have
   */
  Shape shape(String name, List<Long> sizes, long most) {
    require(sizes.size() <= MOST_AXES, name + " has " + sizes.size() + " axes");
    long numbers = 1;
    for (long axis : sizes) {
      require(axis >= 0 && axis <= most, name + " has an axis of size " + axis);
      numbers *= axis;
      require(numbers <= most, name + " has more numbers than so many bytes hold");
    }
    return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  /** A rule of the format. */
  void require(boolean holds, String fault) {
    if (!holds) {
      throw broken(fault, null);
    }
  }

  /** The one error of files that are not as they must be; names in them may have any letters. */
  IllegalArgumentException broken(String fault, Throwable cause) {
    return new Broken(
        who + ": " + path + " (" + size + " bytes) cannot be read: " + Checks.shown(fault), cause);
  }

  /** The error of a file that is not as it must be. */
  static final class Broken extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private Broken(String sentence, Throwable cause) {
      super(sentence, cause);
    }
  }
}
