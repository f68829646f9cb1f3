package kazoku.io;

import io.jhdf.Constants;
import io.jhdf.ObjectHeader;
import io.jhdf.filter.ByteShuffleFilter;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessage;
import io.jhdf.object.message.FilterPipelineMessage;
import io.jhdf.object.message.FilterPipelineMessage.FilterInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * An array that is stored in blocks of one size, its chunks, as h5py writes what it compresses:
 * filters are gzip, shuffle and fletcher32. jHDF would unpack a chunk to any length; here it comes
 * to the length that all chunks have, every chunk is there once, and all of them are counted before
 * the first is unpacked.
 *
 * <p>Source: <a href="https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html">the
 * format</a>; {@code H5checksum.c}.
 */
final class Hdf5Chunks {
  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER = 3;
  private static final int WORD_MASK = 0xffff;

  private final Hdf5Storage storage;
  private final String name;
  private final long[] sizes;
  private final int[] chunk;
  private final int size;
  private final long tree;
  private final List<FilterInfo> filters;

  /**
   * An array's chunks.
   *
   * @param array the array
   * @param name what it is called in errors
   * @param sizes its shape
   * @param size bytes of one number
   */
  Hdf5Chunks(Hdf5Storage storage, ObjectHeader array, String name, long[] sizes, int size) {
    this.storage = storage;
    this.name = name;
    this.sizes = sizes;
    this.size = size;
    ChunkedDataLayoutMessage layout = array.getMessageOfType(ChunkedDataLayoutMessage.class);
    chunk = layout.getChunkDimensions();
    tree = layout.getBTreeAddress();
    filters =
        array.hasMessageOfType(FilterPipelineMessage.class)
            ? array.getMessageOfType(FilterPipelineMessage.class).getFilters()
            : List.of();
    require(
        chunk.length == sizes.length && sizes.length > 0 && layout.getSize() == size,
        "has chunks of another form");
    require(
        filters.stream().mapToInt(FilterInfo::getId).distinct().count() == filters.size(),
        "has a filter twice");
    for (FilterInfo filter : filters) {
      require(
          filter.getId() == DEFLATE
              || filter.getId() == SHUFFLE && Arrays.equals(filter.getData(), new int[] {size})
              || filter.getId() == FLETCHER,
          "has the filter "
              + filter.getId()
              + "; only gzip (1), shuffle (2) and fletcher32 (3) are read");
    }
  }

  private void require(boolean holds, String fault) {
    Hdf5Storage.require(holds, name + " " + fault);
  }

  /** The whole array, in row-major order. */
  byte[] bytes() {
    long count = 1;
    long length = size;
    for (int axis = 0; axis < chunk.length; axis++) {
      require(chunk[axis] > 0, "has chunks without a size");
      count *= across(axis);
      // Both factors are below 2³¹.
      length *= chunk[axis];
      require(
          length <= storage.unpackable() && count <= storage.unpackable(),
          "has chunks that are too long");
    }
    require(count <= storage.unpackable() / length, "has more numbers than so many bytes hold");
    storage.unpack(count * length);
    byte[] all = new byte[(int) (Arrays.stream(sizes).reduce(1, (a, b) -> a * b) * size)];
    BitSet there = new BitSet((int) count);
    if (count > 0) {
      require(tree != Constants.UNDEFINED_ADDRESS, "has no numbers");
      int key = Long.BYTES * (chunk.length + 2);
      int most = (int) length;
      new Hdf5Tree(storage, Hdf5Tree.Kind.CHUNKS, key)
          .walk(tree, (before, child) -> add(before, child, most, there, all));
    }
    require(there.cardinality() == count, "has chunks that were never written");
    return all;
  }

  /** How many chunks stand along an axis. */
  private long across(int axis) {
    return (sizes[axis] + chunk[axis] - 1) / chunk[axis];
  }

  /** Adds the chunk of a key: its length, the filters that it was spared, where it begins. */
  private void add(ByteBuffer key, long address, int length, BitSet there, byte[] all) {
    long packed = Integer.toUnsignedLong(key.getInt());
    int spared = key.getInt();
    long[] from = new long[chunk.length];
    int place = 0;
    for (int axis = 0; axis < from.length; axis++) {
      from[axis] = key.getLong();
      require(
          from[axis] >= 0 && from[axis] < sizes[axis] && from[axis] % chunk[axis] == 0,
          "has a chunk outside of it");
      place = (int) (place * across(axis) + from[axis] / chunk[axis]);
    }
    require(!there.get(place), "has a chunk twice");
    there.set(place);
    ByteBuffer stored = storage.map(address, packed);
    byte[] bytes = new byte[stored.remaining()];
    stored.get(bytes);
    for (int k = filters.size() - 1; k >= 0; k--) {
      if ((spared >> k & 1) == 0) {
        bytes = unfiltered(filters.get(k), bytes, length);
      }
    }
    require(bytes.length == length, "has a chunk of another length");
    copy(bytes, from, 0, 0, 0, all);
  }

  private byte[] unfiltered(FilterInfo filter, byte[] bytes, int length) {
    return switch (filter.getId()) {
      case DEFLATE -> inflated(bytes, length + Long.BYTES);
      case SHUFFLE -> new ByteShuffleFilter().decode(bytes, filter.getData());
      default -> summed(bytes);
    };
  }

  /** At most so long: a chunk, a checksum if it was added before, and room to see the end. */
  private byte[] inflated(byte[] packed, int most) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      byte[] bytes = new byte[most];
      int length = 0;
      int more = 1;
      while (!inflater.finished() && more > 0) {
        more = inflater.inflate(bytes, length, most - length);
        length += more;
      }
      require(inflater.finished(), "has a chunk of another length");
      return Arrays.copyOf(bytes, length);
    } catch (DataFormatException e) {
      throw new Hdf5Storage.Refused(name + " has a chunk that is not compressed as it must be");
    } finally {
      inflater.end();
    }
  }

  /** Fletcher's sums of words of 16 bits, big-endian, stand at the end, little-endian. */
  private byte[] summed(byte[] bytes) {
    require(bytes.length >= Integer.BYTES, "has a chunk without its checksum");
    int length = bytes.length - Integer.BYTES;
    int first = 0;
    int second = 0;
    for (int at = 0; at < length; at += 2) {
      int low = at + 1 < length ? Byte.toUnsignedInt(bytes[at + 1]) : 0;
      first = folded(first + (Byte.toUnsignedInt(bytes[at]) << Byte.SIZE | low));
      second = folded(second + first);
    }
    int sum = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(length);
    require(sum == (second << Short.SIZE | first), "is damaged: checksums differ");
    return Arrays.copyOf(bytes, length);
  }

  private static int folded(int sum) {
    return (sum & WORD_MASK) + (sum >>> Short.SIZE);
  }

  /** Copies what of a chunk is within the array, row by row. */
  private void copy(byte[] bytes, long[] from, int axis, int here, int there, byte[] all) {
    int some = (int) Math.min(chunk[axis], sizes[axis] - from[axis]);
    int first = here * chunk[axis];
    int place = (int) (there * sizes[axis] + from[axis]);
    if (axis == chunk.length - 1) {
      System.arraycopy(bytes, first * size, all, place * size, some * size);
      return;
    }
    for (int i = 0; i < some; i++) {
      copy(bytes, from, axis + 1, first + i, place + i, all);
    }
  }
}
