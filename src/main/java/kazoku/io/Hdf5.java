package kazoku.io;

import static kazoku.io.Hdf5Storage.require;

import io.jhdf.Constants;
import io.jhdf.GlobalHeap;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.HdfFile;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.SymbolTableEntry;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.jhdf.object.message.AttributeInfoMessage;
import io.jhdf.object.message.AttributeMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.DataSpace;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.DataTypeMessage;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.tensorflow.ndarray.Shape;

/**
 * An HDF5 file that is not trusted, as a tree of groups with arrays of floats and attributes of
 * text. jHDF knows the format; what it is given to read is bounded by {@link Hdf5Storage}. Links
 * lead to objects of the file itself only; arrays are in one piece, or in chunks.
 */
final class Hdf5 {
  private static final int LONGEST_NAME = 1000;

  private final Input input;
  private final Hdf5Storage storage;
  private final long root;

  private Hdf5(Input input, ByteBuffer bytes) {
    this.input = input;
    try (HdfFile file = HdfFile.fromByteBuffer(bytes.duplicate())) {
      root = file.getAddress();
      storage = new Hdf5Storage(bytes, file.getHdfBackingStorage().getSuperblock());
    }
  }

  /**
   * Opens a file.
   *
   * @param input what errors speak of
   * @param bytes all of it
   */
  static Hdf5 of(Input input, ByteBuffer bytes) {
    return guarded(input, "it is no HDF5 file", () -> new Hdf5(input, bytes));
  }

  /** The group that has all others. */
  Group root() {
    return guarded(input, "it has no first group", () -> new Group("", root));
  }

  /** The one place where faults of jHDF become the one sentence. */
  private static <T> T guarded(Input input, String fault, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (Input.Broken e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      // jHDF wraps what the storage throws.
      Throwable cause = e;
      while (cause.getCause() != null && !(cause instanceof Hdf5Storage.Refused)) {
        cause = cause.getCause();
      }
      String said = cause instanceof Hdf5Storage.Refused ? cause.getMessage() : fault;
      throw input.broken(said, e);
    }
  }

  /** A group. */
  final class Group {
    private final String path;
    private final ObjectHeader header;
    private final Map<String, Long> children;

    private Group(String path, long address) {
      this.path = path;
      header = ObjectHeader.readObjectHeader(storage, address);
      require(
          !header.hasMessageOfType(DataSpaceMessage.class), name() + " is an array and no group");
      children = header.hasMessageOfType(SymbolTableMessage.class) ? oldChildren() : newChildren();
    }

    private String name() {
      return path.isEmpty() ? "/" : path;
    }

    private Map<String, Long> oldChildren() {
      SymbolTableMessage table = header.getMessageOfType(SymbolTableMessage.class);
      ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
      Map<String, Long> all = new LinkedHashMap<>();
      new Hdf5Tree(storage, Hdf5Tree.Kind.GROUP, storage.getSizeOfLengths())
          .walk(
              table.getBTreeAddress(),
              (key, node) -> {
                for (SymbolTableEntry entry :
                    new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
                  String child = Hdf5.text(names, entry.getLinkNameOffset(), LONGEST_NAME);
                  boolean soft = entry.getLinkValueOffset() >= 0;
                  put(all, child, soft, entry.getObjectHeaderAddress());
                }
              });
      return all;
    }

    private Map<String, Long> newChildren() {
      require(
          !header.hasMessageOfType(LinkInfoMessage.class)
              || header.getMessageOfType(LinkInfoMessage.class).getBTreeNameIndexAddress()
                  == Constants.UNDEFINED_ADDRESS,
          name() + " has its links in a heap");
      Map<String, Long> all = new LinkedHashMap<>();
      for (LinkMessage link : header.getMessagesOfType(LinkMessage.class)) {
        boolean soft = link.getLinkType() != LinkMessage.LinkType.HARD;
        put(all, link.getLinkName(), soft, soft ? 0 : link.getHardLinkAddress());
      }
      return all;
    }

    private void put(Map<String, Long> all, String child, boolean soft, long address) {
      require(!soft, below(child) + " is a link to a path or to another file");
      require(all.put(child, address) == null, below(child) + " is there twice");
    }

    private String below(String child) {
      return path.isEmpty() ? child : path + "/" + child;
    }

    private <T> T read(String child, Supplier<T> reading) {
      return guarded(input, below(child) + " is broken", reading);
    }

    private long address(String child) {
      require(children.containsKey(child), "there is no " + below(child));
      return children.get(child);
    }

    /** Whether there is a group or an array of a name. */
    boolean has(String child) {
      return children.containsKey(child);
    }

    /** The names of the groups and arrays in it. */
    List<String> names() {
      return List.copyOf(children.keySet());
    }

    /** A group in it. */
    Group group(String child) {
      return read(child, () -> new Group(below(child), address(child)));
    }

    /** A group further below, by a path with slashes. */
    Group at(String below) {
      Group group = this;
      for (String child : below.split("/")) {
        group = group.group(child);
      }
      return group;
    }

    /** Whether there are groups all along a path. */
    boolean hasPath(String below) {
      Group group = this;
      for (String child : below.split("/")) {
        if (!group.has(child)) {
          return false;
        }
        group = group.group(child);
      }
      return true;
    }

    /** An array in it; its numbers are read when they are asked for. */
    Tensors.Stored array(String child) {
      return read(child, () -> array(child, below(child), address(child)));
    }

    private Tensors.Stored array(String child, String name, long address) {
      ObjectHeader array = ObjectHeader.readObjectHeader(storage, address);
      require(array.hasMessageOfType(DataSpaceMessage.class), name + " is no array");
      DataSpace space = array.getMessageOfType(DataSpaceMessage.class).getDataSpace();
      DataType type = array.getMessageOfType(DataTypeMessage.class).getDataType();
      require(
          type instanceof FloatingPoint && dtype((FloatingPoint) type) != null,
          name + " must have floating-point numbers of 16, 32 or 64 bits");
      boolean chunked = array.hasMessageOfType(ChunkedDataLayoutMessage.class);
      require(
          chunked || array.hasMessageOfType(ContiguousDataLayoutMessage.class),
          name
              + " must be in one piece or in chunks as h5py writes them if it is not told another"
              + " libver");
      Dtype dtype = dtype((FloatingPoint) type);
      long most = (chunked ? storage.unpackable() : storage.size()) / dtype.size();
      List<Long> sizes = Arrays.stream(space.getDimensionsAsLong()).boxed().toList();
      Shape shape = input.shape(name, sizes, most);
      Supplier<float[]> numbers =
          () -> {
            ByteBuffer bytes =
                chunked
                    ? ByteBuffer.wrap(
                        new Hdf5Chunks(storage, array, name, shape.asArray(), dtype.size()).bytes())
                    : storage.readBufferFromAddress(
                        array.getMessageOfType(ContiguousDataLayoutMessage.class).getAddress(),
                        (int) shape.size() * dtype.size());
            return dtype.numbers(bytes.order(((FloatingPoint) type).getByteOrder()));
          };
      return new Tensors.Stored(shape, dtype.name(), () -> read(child, numbers));
    }

    /** Whether there is an attribute. */
    boolean hasAttribute(String attribute) {
      return read(attribute, () -> attribute(attribute) != null);
    }

    /** An attribute that is one text. */
    String text(String attribute) {
      return read(
          attribute,
          () -> {
            AttributeMessage message = attribute(attribute);
            require(message != null, "there is no " + below(attribute));
            List<String> texts = list(message);
            require(texts.size() == 1, below(attribute) + " must be one text");
            return texts.get(0);
          });
    }

    /** An attribute that is a list of texts; Keras writes long ones in several parts. */
    List<String> texts(String attribute) {
      return read(
          attribute,
          () -> {
            List<String> all = new ArrayList<>();
            AttributeMessage whole = attribute(attribute);
            AttributeMessage part = whole == null ? attribute(attribute + 0) : whole;
            require(part != null, "there is no " + below(attribute));
            for (int k = 1; part != null; k++) {
              all.addAll(list(part));
              part = whole == null ? attribute(attribute + k) : null;
            }
            return all;
          });
    }

    private List<String> list(AttributeMessage message) {
      ByteBuffer bytes = message.getDataBuffer();
      // An empty list has a type of numbers.
      if (bytes == null) {
        return List.of();
      }
      DataType type = message.getDataType();
      int count = Math.toIntExact(message.getDataSpace().getTotalLength());
      require(
          type instanceof StringData || isText(type),
          below(message.getName()) + " must be of texts");
      List<String> texts = new ArrayList<>();
      Map<Long, GlobalHeap> heaps = new HashMap<>();
      for (int k = 0; k < count; k++) {
        int at = k * type.getSize();
        texts.add(
            type instanceof StringData
                ? Hdf5.text(bytes, at, type.getSize())
                : variable(heaps, bytes, at));
      }
      return texts;
    }

    /** A text of any length: its length, and where in which heap it is. */
    private String variable(Map<Long, GlobalHeap> heaps, ByteBuffer bytes, int at) {
      require(storage.getSizeOfOffsets() == Long.BYTES, "it has addresses of an unusual size");
      int length = bytes.getInt(at);
      long heap = bytes.getLong(at + Integer.BYTES);
      int index = bytes.getInt(at + Integer.BYTES + Long.BYTES);
      if (index == 0) {
        return "";
      }
      ByteBuffer found =
          heaps
              .computeIfAbsent(heap, address -> new GlobalHeap(storage, address))
              .getObjectData(index);
      require(length >= 0 && length <= found.remaining(), "a text is longer than its place");
      storage.spend(length);
      return Hdf5.text(found, 0, length);
    }

    private AttributeMessage attribute(String attribute) {
      require(
          !header.hasMessageOfType(AttributeInfoMessage.class)
              || header.getMessageOfType(AttributeInfoMessage.class).getFractalHeapAddress()
                  == Constants.UNDEFINED_ADDRESS,
          name() + " has its attributes in a heap");
      return header.getMessagesOfType(AttributeMessage.class).stream()
          .filter(message -> message.getName().equals(attribute))
          .findFirst()
          .orElse(null);
    }
  }

  /** A text that ends with a zero, or has a certain number of bytes. */
  private static String text(ByteBuffer bytes, int from, int most) {
    int length = 0;
    while (length < most && from + length < bytes.limit() && bytes.get(from + length) != 0) {
      length++;
    }
    return StandardCharsets.UTF_8.decode(bytes.slice(from, length)).toString();
  }

  private static boolean isText(DataType type) {
    return type instanceof VariableLength text && text.isVariableLengthString();
  }

  /** What a type of numbers is called here; null for one that nobody writes. */
  private static Dtype dtype(FloatingPoint type) {
    if (type.getBitOffset() != 0 || type.getBitPrecision() != type.getSize() * Byte.SIZE) {
      return null;
    }
    return switch (type.getExponentSize()) {
      case 5 -> type.getSize() == 2 ? Dtype.F16 : null;
      case 8 -> type.getSize() == 4 ? Dtype.F32 : null;
      case 11 -> type.getSize() == 8 ? Dtype.F64 : null;
      default -> null;
    };
  }
}
