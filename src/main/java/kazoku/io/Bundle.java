package kazoku.io;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.internal.files.MaskedCrc;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/**
 * TensorFlow's checkpoints: a sorted table of names in {@code .index}, and the numbers in {@code
 * .data-00000-of-00001}.
 *
 * <pre>
 * table   blocks, the block of handles, its handle in the last 48 bytes
 * block   entries, where each restart is, how many; then its compression and its checksum
 * entry   how many letters are as in the key before, how many follow, the value's length; both
 * handle  where a block begins and how long it is
 * </pre>
 *
 * <p>Source: {@code tensorflow/core/util/tensor_bundle/tensor_bundle.h} and {@code
 * tensorflow/core/lib/io/format.cc}, <a
 * href="https://github.com/google/leveldb/blob/main/doc/table_format.md">LevelDB's table
 * format</a>. TensorFlow's own operations read tensors whose names and types are known, but do not
 * list them.
 */
final class Bundle {
  private static final String WHO = "TensorFlow1";
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int FOOTER = 48;
  private static final int TRAILER = 5;
  private static final int LONGEST_INDEX = 1 << 22;
  private static final int LONGEST_NAME = 500;

  private static final Map<DataType, Dtype> TYPES =
      Map.of(
          DataType.DT_DOUBLE, Dtype.F64,
          DataType.DT_FLOAT, Dtype.F32,
          DataType.DT_HALF, Dtype.F16,
          DataType.DT_BFLOAT16, Dtype.BF16,
          DataType.DT_INT64, Dtype.I64,
          DataType.DT_INT32, Dtype.I32,
          DataType.DT_INT16, Dtype.I16,
          DataType.DT_INT8, Dtype.I8,
          DataType.DT_UINT8, Dtype.U8,
          DataType.DT_BOOL, Dtype.BOOL);

  private final Path prefix;
  private final Input index;
  private final ByteBuffer table;
  private final Map<String, ByteBuffer> entries = new LinkedHashMap<>();
  private final Map<Integer, Input> shards = new HashMap<>();
  private final Map<Integer, Long> taken = new HashMap<>();

  private Bundle(Path prefix, Input index) {
    this.prefix = prefix;
    this.index = index;
    this.table = index.bytes(0, index.size());
  }

  static Tensors read(Path prefix) {
    Input index = Input.of(WHO, prefix.resolveSibling(prefix.getFileName() + ".index"));
    index.require(index.size() >= FOOTER, "it is too short for a table");
    index.require(index.size() <= LONGEST_INDEX, "it has more than 4 MB");
    return new Bundle(prefix, index).tensors();
  }

  private Tensors tensors() {
    readTable();
    ByteBuffer first = entries.remove("");
    index.require(first != null, "it has no header");
    Map<String, Tensors.Stored> all = new LinkedHashMap<>();
    try {
      BundleHeaderProto header = BundleHeaderProto.parseFrom(first);
      index.require(
          header.getEndianness() == BundleHeaderProto.Endianness.LITTLE,
          "its numbers are not little-endian");
      for (Map.Entry<String, ByteBuffer> each : entries.entrySet()) {
        BundleEntryProto entry = BundleEntryProto.parseFrom(each.getValue());
        all.put(each.getKey(), stored(each.getKey(), entry, header.getNumShards()));
      }
    } catch (InvalidProtocolBufferException e) {
      throw index.broken("its entries are damaged", e);
    }
    return new Tensors(index, all);
  }

  private void readTable() {
    long end = table.limit() - FOOTER;
    ByteBuffer footer = slice(end, FOOTER);
    index.require(footer.getLong(FOOTER - Long.BYTES) == MAGIC, "it does not end as a table does");
    number(footer); // the handle of a block that TensorFlow leaves empty
    number(footer);
    long[] read = {0};
    readBlock(
        block(number(footer), number(footer)),
        (key, handle) -> {
          long from = number(handle);
          long length = number(handle);
          index.require(from >= read[0], "its blocks are not one after the other");
          ByteBuffer block = block(from, length);
          read[0] = from + length;
          readBlock(block, this::add);
        });
  }

  /** Takes what a block has. */
  private interface Entries {
    void add(byte[] key, ByteBuffer value);
  }

  private void readBlock(ByteBuffer block, Entries taker) {
    index.require(block.limit() >= Integer.BYTES, "it has a block without an end");
    long restarts = Integer.toUnsignedLong(block.getInt(block.limit() - Integer.BYTES));
    long end = block.limit() - Integer.BYTES * (restarts + 1);
    index.require(end >= 0, "it has a block that is shorter than it says");
    block.limit((int) end);
    byte[] key = {};
    while (block.hasRemaining()) {
      long same = number(block);
      long more = number(block);
      long length = number(block);
      index.require(
          same <= key.length && more <= LONGEST_NAME - same, "it has a name that is too long");
      index.require(
          more <= block.remaining() && length <= block.remaining() - more,
          "it has an entry that is cut off");
      key = Arrays.copyOf(key, (int) (same + more));
      block.get(key, (int) same, (int) more);
      taker.add(key, block.slice().limit((int) length));
      block.position(block.position() + (int) length);
    }
  }

  private void add(byte[] key, ByteBuffer value) {
    if (key.length > 0 && key[0] == 0) {
      return; // a slice of an array, whose own entry says that it is in slices
    }
    try {
      String name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
      index.require(entries.put(name, value) == null, "it has " + name + " twice");
    } catch (CharacterCodingException e) {
      throw index.broken("it has a name that is not UTF-8", e);
    }
  }

  private ByteBuffer block(long from, long length) {
    index.require(
        from >= 0 && length >= 0 && length <= table.limit() - FOOTER - TRAILER - from,
        "it has a block that is not in it");
    ByteBuffer trailer = slice(from + length, TRAILER);
    index.require(trailer.get(0) == 0, "it has a block that is compressed");
    index.require(
        trailer.getInt(1) == MaskedCrc.of(slice(from, length + 1)),
        "it is damaged: checksums differ");
    return slice(from, length);
  }

  private ByteBuffer slice(long from, long length) {
    return table.slice((int) from, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A number of at most 63 bits, seven in each byte. */
  private long number(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE - 1; shift += Byte.SIZE - 1) {
      index.require(bytes.hasRemaining(), "it ends within a number");
      byte next = bytes.get();
      value |= (long) (next & Byte.MAX_VALUE) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw index.broken("it has a number that is too large", null);
  }

  private Tensors.Stored stored(String name, BundleEntryProto entry, int count) {
    String type = entry.getDtype().name();
    List<Long> sizes =
        entry.getShape().getDimList().stream().map(TensorShapeProto.Dim::getSize).toList();
    Dtype read = TYPES.get(entry.getDtype());
    if (read == null || entry.getSlicesCount() > 0) {
      String fault =
          read == null ? " is of the type " + type + ", which is not read" : " is in slices";
      Shape shape = Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
      return new Tensors.Stored(shape, type, () -> refuse(name + fault));
    }
    int number = entry.getShardId();
    index.require(number >= 0 && number < count, name + " is in file " + number + " of " + count);
    Input shard = shards.computeIfAbsent(number, key -> shard(key, count));
    Shape shape = shard.shape(name, sizes);
    long length = shape.size() * read.size();
    index.require(
        entry.getSize() == length, name + " has " + entry.getSize() + " bytes, not " + length);
    shard.require(
        entry.getOffset() >= 0 && length <= shard.size() - entry.getOffset(),
        "it ends before " + name);
    shard.require(
        taken.merge(number, length, Long::sum) <= shard.size(),
        "its arrays overlap, " + name + " with others");
    return new Tensors.Stored(shape, read.name(), () -> numbers(shard, name, entry, read));
  }

  private float[] refuse(String fault) {
    throw index.broken(fault, null);
  }

  private Input shard(int number, int count) {
    String name = "%s.data-%05d-of-%05d".formatted(prefix.getFileName(), number, count);
    return Input.of(WHO, prefix.resolveSibling(name));
  }

  private static float[] numbers(Input shard, String name, BundleEntryProto entry, Dtype type) {
    ByteBuffer bytes = shard.bytes(entry.getOffset(), entry.getSize());
    shard.require(
        MaskedCrc.of(bytes.duplicate()) == entry.getCrc32C(),
        name + " is damaged: checksums differ");
    return type.numbers(bytes);
  }
}
