package kazoku.io;

import io.jhdf.Superblock;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The bytes of an HDF5 file, in memory. No more than there is is read, no more than a few times all
 * of it, and what is unpacked is at most a hundred times as long.
 */
final class Hdf5Storage implements HdfBackingStorage {
  private static final int TIMES = 8;
  private static final int LEAST = 1 << 20;
  private static final int EACH = 64;

  /** Trained weights hardly shrink; who has many zeros comes nowhere near. */
  private static final int DENSEST = 100;

  private final ByteBuffer bytes;
  private final Superblock superblock;
  private long left;
  private long unpacked;

  Hdf5Storage(ByteBuffer bytes, Superblock superblock) {
    this.bytes = bytes;
    this.superblock = superblock;
    left = LEAST + TIMES * size();
    unpacked = Math.min(LEAST + DENSEST * size(), Integer.MAX_VALUE - Long.BYTES);
  }

  /** What a file has that it must not have, said in words. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String fault) {
      super(fault);
    }
  }

  static void require(boolean holds, String fault) {
    if (!holds) {
      throw new Refused(fault);
    }
  }

  @Override
  public ByteBuffer readBufferFromAddress(long address, int length) {
    return map(address, length);
  }

  @Override
  public ByteBuffer map(long address, long length) {
    return mapNoOffset(Math.addExact(address, superblock.getBaseAddressByte()), length);
  }

  @Override
  public ByteBuffer mapNoOffset(long address, long length) {
    require(
        address >= 0 && length >= 0 && length <= size() - address,
        "it says that it has " + length + " bytes from byte " + address + " on");
    spend(length);
    return bytes.slice((int) address, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  void spend(long length) {
    left -= EACH + length;
    require(left >= 0, "its parts are there many times over");
  }

  /** How many bytes may still be unpacked: never more than an array can have. */
  long unpackable() {
    return unpacked;
  }

  void unpack(long length) {
    unpacked -= length;
    require(unpacked >= 0, "it has more numbers than so many bytes hold");
  }

  @Override
  public long getUserBlockSize() {
    return superblock.getBaseAddressByte();
  }

  @Override
  public Superblock getSuperblock() {
    return superblock;
  }

  @Override
  public FileChannel getFileChannel() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int getSizeOfOffsets() {
    return superblock.getSizeOfOffsets();
  }

  @Override
  public int getSizeOfLengths() {
    return superblock.getSizeOfLengths();
  }

  @Override
  public void close() {
    // Memory needs no closing.
  }

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public boolean inMemory() {
    return true;
  }
}
