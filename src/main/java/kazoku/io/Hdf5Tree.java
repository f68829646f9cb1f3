package kazoku.io;

import io.jhdf.Utils;
import java.nio.ByteBuffer;

/**
 * A B-tree of version 1: what a group has, or the chunks of an array. jHDF reads them, too, but
 * goes down as far as a file leads it; here each node is of a lower level than the one above.
 *
 * <pre>
 * node   TREE, its kind, its level, how many children, its two neighbours; key, child, …, key
 * </pre>
 *
 * <p>Source: <a
 * href="https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html#Btrees">the format</a>.
 *
 * @param storage the file
 * @param kind what it is of
 * @param key how many bytes a key has
 */
record Hdf5Tree(Hdf5Storage storage, Kind kind, int key) {
  private static final int SIGNATURE = 0x45455254;
  private static final int LEVEL_AT = 5;
  private static final int COUNT_AT = 6;
  private static final int HIGHEST = 256;

  /** What it is of, numbered as in the format. */
  enum Kind {
    GROUP,
    CHUNKS
  }

  /** Takes what nodes of level 0 have. */
  interface Taker {
    /**
     * Takes one.
     *
     * @param key the key before it
     * @param child where it is
     */
    void take(ByteBuffer key, long child);
  }

  /** Walks over all of it. */
  void walk(long address, Taker taker) {
    walk(address, HIGHEST, taker);
  }

  private void walk(long address, int above, Taker taker) {
    int offset = storage.getSizeOfOffsets();
    int header = Long.BYTES + 2 * offset;
    ByteBuffer node = storage.readBufferFromAddress(address, header);
    int level = Byte.toUnsignedInt(node.get(LEVEL_AT));
    Hdf5Storage.require(
        node.getInt(0) == SIGNATURE && node.get(Integer.BYTES) == kind.ordinal() && level < above,
        "it has a tree that is none");
    int count = Short.toUnsignedInt(node.getShort(COUNT_AT));
    ByteBuffer children =
        storage.readBufferFromAddress(address + header, Math.multiplyExact(count, key + offset));
    for (int k = 0; k < count; k++) {
      ByteBuffer before = children.slice(k * (key + offset), key).order(children.order());
      children.position(k * (key + offset) + key);
      long child = Utils.readBytesAsUnsignedLong(children, offset);
      if (level == 0) {
        taker.take(before, child);
      } else {
        walk(child, level, taker);
      }
    }
  }
}
