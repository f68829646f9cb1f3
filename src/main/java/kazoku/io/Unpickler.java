package kazoku.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads the pickle of a state_dict, and executes nothing: it knows dictionaries, lists, tuples,
 * strings, numbers and tensors, and refuses everything else by its name.
 *
 * <p>Source: <a href="https://docs.python.org/3/library/pickletools.html">pickletools</a>,
 * protocols 2 to 5; {@code torch/_utils.py}. PyTorch's own {@code weights_only=True} knows more
 * types.
 */
final class Unpickler {
  private static final int MARK = '(';
  private static final int STORAGE_PARTS = 5;
  private static final int TENSOR_PARTS = 4;

  /** What a pickle may name. */
  private enum Global {
    ORDERED_DICT("collections.OrderedDict", null),
    TENSOR("torch._utils._rebuild_tensor_v2", null),
    PARAMETER("torch._utils._rebuild_parameter", null),
    DOUBLE("torch.DoubleStorage", Dtype.F64),
    FLOAT("torch.FloatStorage", Dtype.F32),
    HALF("torch.HalfStorage", Dtype.F16),
    BFLOAT16("torch.BFloat16Storage", Dtype.BF16),
    LONG("torch.LongStorage", Dtype.I64),
    INT("torch.IntStorage", Dtype.I32),
    SHORT("torch.ShortStorage", Dtype.I16),
    CHAR("torch.CharStorage", Dtype.I8),
    BYTE("torch.ByteStorage", Dtype.U8),
    BOOL("torch.BoolStorage", Dtype.BOOL);

    private static final Map<String, Global> BY_PATH =
        Arrays.stream(values()).collect(Collectors.toMap(each -> each.path, each -> each));

    private final String path;
    private final Dtype type;

    Global(String path, Dtype type) {
      this.path = path;
      this.type = type;
    }
  }

  /** What stands for Python's None. */
  private static final Object NONE = new Object();

  /** A dictionary; compared by identity. */
  static final class Dict {
    private final Map<Object, Object> entries = new LinkedHashMap<>();

    Map<Object, Object> entries() {
      return entries;
    }
  }

  /**
   * Numbers in the archive.
   *
   * @param type their type
   * @param key their file
   * @param count how many there are
   */
  record Storage(Dtype type, String key, long count) {}

  /**
   * A view of a storage.
   *
   * @param storage the numbers
   * @param offset the first one's place
   * @param sizes the shape
   * @param strides how far the next entry of each axis is
   */
  record Tensor(Storage storage, long offset, List<Long> sizes, List<Long> strides) {}

  private final Input file;
  private final ByteBuffer bytes;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final List<Object> memo = new ArrayList<>();

  private Unpickler(Input file, ByteBuffer bytes) {
    this.file = file;
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a pickle.
   *
   * @param file where it is from, for errors
   * @param bytes the pickle
   * @return a {@link Dict}, {@link Tensor}, {@link Storage}, list, text or number
   */
  static Object read(Input file, ByteBuffer bytes) {
    Unpickler unpickler = new Unpickler(file, bytes);
    for (int code = unpickler.code(); code != '.'; code = unpickler.code()) {
      unpickler.step(code);
    }
    return unpickler.pop();
  }

  private int code() {
    return Byte.toUnsignedInt(take(1).get());
  }

  private void step(int code) {
    switch (code) {
      case 0x80 -> take(1); // PROTO
      case 0x95 -> take(Long.BYTES); // FRAME
      case MARK -> marks.push(stack.size());
      case '}' -> stack.add(new Dict());
      case ']' -> stack.add(new ArrayList<>());
      case ')' -> stack.add(List.of());
      case 't' -> stack.add(popToMark());
      case 0x85 -> stack.add(pop(1));
      case 0x86 -> stack.add(pop(2));
      case 0x87 -> stack.add(pop(3));
      case 'N' -> stack.add(NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'K' -> stack.add((long) code());
      case 'M' -> stack.add((long) Short.toUnsignedInt(take(Short.BYTES).getShort()));
      case 'J' -> stack.add((long) take(Integer.BYTES).getInt());
      case 0x8a -> stack.add(whole(code()));
      case 'G' -> stack.add(take(Double.BYTES).order(ByteOrder.BIG_ENDIAN).getDouble());
      case 'X' -> stack.add(text(Integer.toUnsignedLong(take(Integer.BYTES).getInt())));
      case 0x8c -> stack.add(text(code()));
      case 'q' -> memoize(code());
      case 'r' -> memoize(take(Integer.BYTES).getInt());
      case 0x94 -> memoize(memo.size());
      case 'h' -> stack.add(recalled(code()));
      case 'j' -> stack.add(recalled(take(Integer.BYTES).getInt()));
      case 'a' -> append(pop(1));
      case 'e' -> append(popToMark());
      case 's' -> put(pop(2));
      case 'u' -> put(popToMark());
      case 'c' -> stack.add(global(line(), line()));
      case 0x93 -> {
        List<Object> names = pop(2);
        stack.add(global(as(String.class, names.get(0)), as(String.class, names.get(1))));
      }
      case 'Q' -> stack.add(storage(as(List.class, pop())));
      case 'R' -> {
        List<Object> call = pop(2);
        stack.add(called(as(Global.class, call.get(0)), as(List.class, call.get(1))));
      }
      case 'b' -> {
        pop(); // the _metadata of a state_dict
        as(Dict.class, top());
      }
      default ->
          throw file.broken(
              "its pickle has the operation 0x%02x, which state_dicts have not".formatted(code),
              null);
    }
  }

  private ByteBuffer take(long count) {
    file.require(count <= bytes.remaining(), "its pickle ends too early");
    ByteBuffer some = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(bytes.position() + (int) count);
    return some.limit((int) count);
  }

  /** A little-endian number in two's complement. */
  private long whole(int length) {
    file.require(length <= Long.BYTES, "its pickle has a number of " + length + " bytes");
    ByteBuffer digits = take(length);
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value =
          i == length - 1 ? digits.get(i) : value << Byte.SIZE | Byte.toUnsignedInt(digits.get(i));
    }
    return value;
  }

  private String text(long length) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(take(length)).toString();
    } catch (CharacterCodingException e) {
      throw file.broken("its pickle has text that is not UTF-8", e);
    }
  }

  private String line() {
    int length = 0;
    while (length < bytes.remaining() && bytes.get(bytes.position() + length) != '\n') {
      length++;
    }
    String line = text(length);
    take(1);
    return line;
  }

  private Global global(String module, String name) {
    Global known = Global.BY_PATH.get(module + "." + name);
    if (known == null) {
      throw file.broken(
          "its pickle names "
              + module
              + "."
              + name
              + ", which is no part of a state_dict; save the state_dict alone,"
              + " torch.save(module.state_dict(), path)",
          null);
    }
    return known;
  }

  private Storage storage(List<?> id) {
    file.require(id.size() == STORAGE_PARTS, "its pickle has a storage of " + id.size() + " parts");
    Dtype type = as(Global.class, id.get(1)).type;
    file.require(type != null, "its pickle has a storage without a type");
    return new Storage(type, as(String.class, id.get(2)), as(Long.class, id.get(4)));
  }

  private Object called(Global function, List<?> arguments) {
    return switch (function) {
      case ORDERED_DICT -> {
        file.require(arguments.isEmpty(), "its pickle has an OrderedDict of arguments");
        yield new Dict();
      }
      case TENSOR -> {
        file.require(arguments.size() >= TENSOR_PARTS, "its pickle has a tensor without a shape");
        yield new Tensor(
            as(Storage.class, arguments.get(0)),
            as(Long.class, arguments.get(1)),
            numbers(arguments.get(2)),
            numbers(arguments.get(3)));
      }
      case PARAMETER -> {
        file.require(!arguments.isEmpty(), "its pickle has a parameter without a tensor");
        yield as(Tensor.class, arguments.get(0));
      }
      default -> throw file.broken("its pickle calls " + function.path, null);
    };
  }

  private List<Long> numbers(Object list) {
    List<?> given = as(List.class, list);
    // One list may be the shape of many tensors.
    file.require(given.size() <= Input.MOST_AXES, "its pickle has a tensor of too many axes");
    List<Long> numbers = new ArrayList<>();
    for (Object each : given) {
      numbers.add(as(Long.class, each));
    }
    return numbers;
  }

  private void append(List<Object> values) {
    file.require(top() instanceof ArrayList<?>, "its pickle adds to what is no list");
    @SuppressWarnings("unchecked") // Lists of a pickle are made here.
    List<Object> list = (List<Object>) top();
    list.addAll(values);
  }

  private void put(List<Object> pairs) {
    file.require(pairs.size() % 2 == 0, "its pickle has a key without a value");
    Dict dict = as(Dict.class, top());
    for (int i = 0; i < pairs.size(); i += 2) {
      Object key = pairs.get(i);
      file.require(
          key instanceof String || key instanceof Long,
          "its pickle has a dictionary whose keys are neither texts nor whole numbers");
      dict.entries.put(key, pairs.get(i + 1));
    }
  }

  /** Picklers count up: what is in the memo is never more than what the pickle has. */
  private void memoize(int place) {
    file.require(place >= 0 && place <= memo.size(), "its pickle keeps things out of order");
    if (place == memo.size()) {
      memo.add(top());
    } else {
      memo.set(place, top());
    }
  }

  private Object recalled(int place) {
    file.require(place >= 0 && place < memo.size(), "its pickle recalls what it has not kept");
    return memo.get(place);
  }

  private Object top() {
    Object top = pop();
    stack.add(top);
    return top;
  }

  private Object pop() {
    int bottom = marks.isEmpty() ? 0 : marks.peek();
    file.require(stack.size() > bottom, "its pickle takes what it has not put");
    return stack.remove(stack.size() - 1);
  }

  private List<Object> pop(int count) {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return Arrays.asList(values);
  }

  private List<Object> popToMark() {
    file.require(!marks.isEmpty(), "its pickle ends a list that has not begun");
    List<Object> end = stack.subList(marks.pop(), stack.size());
    List<Object> values = Arrays.asList(end.toArray());
    end.clear();
    return values;
  }

  private <T> T as(Class<T> type, Object value) {
    file.require(
        type.isInstance(value), "its pickle has no " + type.getSimpleName() + " where it must");
    return type.cast(value);
  }
}
