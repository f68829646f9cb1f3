package kazoku.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import kazoku.Activation;

/**
 * The settings of one layer in a Keras config; none is trusted.
 *
 * @param file where it is from
 * @param className the layer's class
 * @param name the layer's name
 * @param config its settings
 */
record KerasConfig(File file, String className, String name, JsonNode config) {
  private static final int LARGEST = 1 << 24;
  private static final int MOST_LAYERS = 10_000;
  private static final String NAME = "[A-Za-z0-9_.\\-]{1,200}";

  private static final Map<String, Activation> ACTIVATIONS =
      Map.ofEntries(
          Map.entry("linear", Activation.IDENTITY),
          Map.entry("sigmoid", Activation.SIGMOID),
          Map.entry("tanh", Activation.TANH),
          Map.entry("relu", Activation.RELU),
          Map.entry("relu6", Activation.RELU6),
          Map.entry("leaky_relu", Activation.LEAKY_RELU),
          Map.entry("elu", Activation.ELU),
          Map.entry("selu", Activation.SELU),
          Map.entry("softplus", Activation.SOFTPLUS),
          Map.entry("softsign", Activation.SOFTSIGN),
          Map.entry("swish", Activation.SILU),
          Map.entry("silu", Activation.SILU),
          Map.entry("gelu", Activation.GELU),
          Map.entry("mish", Activation.MISH),
          Map.entry("hard_sigmoid", Activation.HARD_SIGMOID_SIXTH),
          Map.entry("hard_tanh", Activation.HARD_TANH),
          Map.entry("softmax", Activation.SOFTMAX));

  /**
   * The file of a config.
   *
   * @param input the file
   * @param version what wrote it
   * @param count the layers and cells that were read of it so far: one that is called twice counts
   *     twice, with all that is in it
   * @param filled how many numbers were made that it does not have
   */
  record File(Input input, Version version, AtomicInteger count, AtomicLong filled) {
    File(Input input, Version version) {
      this(input, version, new AtomicInteger(), new AtomicLong());
    }

    void countOne() {
      input.require(
          count.incrementAndGet() <= MOST_LAYERS, "it has more than " + MOST_LAYERS + " layers");
    }

    private Values filled(float value, int size) {
      input.require(
          filled.addAndGet(size) <= input.size(),
          "its layers leave out more numbers than it has bytes");
      return Values.filled(value, size);
    }
  }

  /**
   * The version of Keras that wrote a file.
   *
   * @param major 2 or 3
   * @param minor what stands after the dot
   */
  record Version(int major, int minor) {
    static Version of(String text) {
      String[] parts = text.split("\\.", 3);
      boolean known = parts.length > 1 && (parts[0] + parts[1]).matches("\\d{1,6}");
      return known
          ? new Version(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]))
          : new Version(2, 0);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }

    boolean isOld() {
      return major < 3;
    }

    /** Which steps of what is joined are valid. */
    Joined.Masks joinedMasks() {
      if (isOld()) {
        return Joined.Masks.ALL;
      }
      return major == 3 && minor < 4 ? Joined.Masks.NONE : Joined.Masks.ANY;
    }
  }

  /** The layer that a node of a config describes: a class's name, and its settings. */
  static KerasConfig of(File file, JsonNode node) {
    Input input = file.input();
    input.require(
        node.path("class_name").isTextual() && node.has("config"),
        "a layer must have a class_name and a config");
    file.countOne();
    JsonNode config = node.get("config");
    JsonNode name = node.path("name").isTextual() ? node.get("name") : config.path("name");
    String module = node.path("module").asText();
    String className = node.get("class_name").textValue();
    String whole = module.contains(".ops.") ? module + "." + className : className;
    KerasConfig c =
        new KerasConfig(file, whole, name.isTextual() ? name.textValue() : className, config);
    input.require(
        c.className.matches(NAME) && c.name.matches(NAME),
        "names of layers and classes must have letters, digits and _ . - only, and not too many");
    return c;
  }

  /** Whether it is an operation that is no layer: how Keras 3 computes masks. */
  boolean isOperation() {
    return className.contains(".ops.");
  }

  Version version() {
    return file.version();
  }

  /** The error of a layer that cannot be read. */
  IllegalArgumentException fault(String fault) {
    return fault(fault, null);
  }

  private IllegalArgumentException fault(String fault, Throwable cause) {
    return file.input().broken("layer " + name + " (" + className + ") " + fault, cause);
  }

  void require(boolean holds, String fault) {
    if (!holds) {
      throw fault(fault);
    }
  }

  /** A record of these settings; what it says itself of bad ones becomes the file's error. */
  <T> T made(Supplier<T> constructor) {
    try {
      return constructor.get();
    } catch (Input.Broken e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException | NegativeArraySizeException e) {
      throw fault("does not fit together: " + e.getMessage(), e);
    }
  }

  private JsonNode setting(String key) {
    JsonNode value = config.path(key);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  boolean has(String key) {
    return !setting(key).isMissingNode();
  }

  /** A vector that a layer has here and not there; all of them are no longer than the file. */
  Values filled(float value, int size) {
    return file.filled(value, size);
  }

  /** A size that must be there. */
  int size(String key) {
    return size(key, setting(key));
  }

  int size(String key, int otherwise) {
    return has(key) ? size(key) : otherwise;
  }

  private int size(String key, JsonNode value) {
    require(value.canConvertToInt() && value.isIntegralNumber(), "must have a whole number " + key);
    int size = value.intValue();
    require(size >= 1 && size <= LARGEST, "has a " + key + " of " + size);
    return size;
  }

  /** Sizes of some axes: one number for all, or a list. */
  List<Integer> sizes(String key, int axes, int otherwise) {
    JsonNode value = setting(key);
    if (!value.isArray()) {
      return Collections.nCopies(axes, size(key, otherwise));
    }
    require(value.size() == axes, "must have " + axes + " numbers for " + key);
    List<Integer> sizes = new ArrayList<>();
    value.forEach(each -> sizes.add(size(key, each)));
    return List.copyOf(sizes);
  }

  /** One size for all axes. */
  int sameSize(String key, int axes) {
    List<Integer> sizes = sizes(key, axes, 1);
    require(sizes.stream().distinct().count() == 1, "has different " + key + ", " + sizes);
    return sizes.get(0);
  }

  double number(String key, double otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    double value = setting(key).doubleValue();
    require(setting(key).isNumber() && Double.isFinite(value), "must have a number " + key);
    return value;
  }

  boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    require(setting(key).isBoolean(), "must say true or false for " + key);
    return setting(key).booleanValue();
  }

  String text(String key, String otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    require(setting(key).isTextual(), "must have a text " + key);
    return setting(key).textValue();
  }

  /** A function by its name; Keras 3 may write the name into an object. */
  Activation activation(String key, String otherwise) {
    JsonNode value = setting(key);
    JsonNode inner =
        value.path("class_name").asText().equals("function") ? value.path("config") : value;
    String function = inner.isMissingNode() ? otherwise : inner.asText("an object");
    require(
        ACTIVATIONS.containsKey(function),
        "has the "
            + key
            + " "
            + (function.length() > 40 ? "…" : function)
            + ", which is not known");
    return version().isOld() && function.equals("hard_sigmoid")
        ? Activation.HARD_SIGMOID_FIFTH
        : ACTIVATIONS.get(function);
  }

  /** What Keras 3 calls a function; null for one that it has not. */
  static String name(Activation activation) {
    return ACTIVATIONS.entrySet().stream()
        .filter(entry -> entry.getValue() == activation && !entry.getKey().equals("swish"))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** A layer or cell inside. */
  KerasConfig inner(String key) {
    require(has(key), "must have a " + key);
    return of(file, setting(key));
  }

  /** Several inside. */
  List<KerasConfig> all(String key) {
    require(setting(key).isArray(), "must have a list of " + key);
    List<KerasConfig> all = new ArrayList<>();
    setting(key).forEach(node -> all.add(of(file, node)));
    require(!all.isEmpty(), "has no " + key);
    return all;
  }

  /** That a setting has the one value that is read. */
  void only(String key, String value) {
    JsonNode setting = setting(key);
    require(
        setting.isMissingNode() || setting.asText().equals(value),
        "has a " + key + " other than " + value);
  }
}
