package kazoku.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.wrap.DropoutWrapper;
import kazoku.wrap.FastSlowCell;
import kazoku.wrap.SkipStackedCell;

/**
 * Makes records from a golden file's configuration: first by the constructor that takes the most of
 * it, for the defaults, then with every setting that the configuration names.
 */
final class Configured {
  private static final String SKIPS = "skips";

  private Configured() {}

  static <T> T record(Class<T> type, JsonNode given) {
    if (type == FastSlowCell.class) {
      return type.cast(fastSlow(given));
    }
    JsonNode config = completed(type, given);
    T defaults =
        Arrays.stream(type.getConstructors())
            .filter(c -> !c.isVarArgs())
            .sorted(Comparator.comparing(Constructor::getParameterCount, Comparator.reverseOrder()))
            .filter(c -> Arrays.stream(c.getParameters()).allMatch(p -> has(config, p)))
            .findFirst()
            .map(c -> type.cast(call(c, arguments(c, config))))
            .orElseThrow(
                () ->
                    new AssertionError(type + ": no constructor takes only what is in " + config));
    RecordComponent[] components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      JsonNode value = config.get(component.getName());
      arguments[i] =
          value == null
              ? preset(component, defaults, config)
              : value(component.getType(), component.getName(), value, config);
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return type.cast(call(type.getConstructor(types), arguments));
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  /** What a file leaves unsaid, and what it says by the entry's name. */
  private static JsonNode completed(Class<?> type, JsonNode config) {
    ObjectNode all = config.deepCopy();
    if (type == DropoutWrapper.class) {
      for (String what : List.of("inputKeepProb", "stateKeepProb", "outputKeepProb")) {
        if (!config.has(what)) {
          all.put(what, 1);
        }
      }
    }
    return type == SkipStackedCell.class ? all.put(SKIPS, true) : all;
  }

  private static boolean has(JsonNode config, Parameter parameter) {
    return config.has(parameter.getName());
  }

  private static Object[] arguments(Constructor<?> constructor, JsonNode config) {
    return Arrays.stream(constructor.getParameters())
        .map(p -> value(p.getType(), p.getName(), config.get(p.getName()), config))
        .toArray();
  }

  private static Object value(Class<?> type, String name, JsonNode value, JsonNode config) {
    if (type == int.class) {
      return value.asInt();
    }
    if (type == double.class) {
      return value.asDouble();
    }
    if (type == boolean.class) {
      return value.asBoolean();
    }
    if (type == Activation.class) {
      return Activation.valueOf(value.asText());
    }
    if (type == Cell.class) {
      return inner(value, config);
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(e -> e.toString().equals(value.asText()))
          .findFirst()
          .orElseThrow(() -> new AssertionError(name + ": no " + value + " in " + type));
    }
    if (type == List.class) {
      return name.equals("cells") ? cells(value, config) : numbersOrNames(value);
    }
    if (type == Map.class) {
      Map<String, Double> all = new LinkedHashMap<>();
      value.fields().forEachRemaining(e -> all.put(e.getKey(), e.getValue().asDouble()));
      return all;
    }
    throw new AssertionError(name + ": no way to make a " + type);
  }

  /** A cell that a configuration has by its name, or by a configuration of its own. */
  static Cell inner(JsonNode value, JsonNode config) {
    if (value.isObject()) {
      return record(wrapper(value.get("entry").asText()), value);
    }
    return value.isNull() ? null : innerCell(value.asText(), config);
  }

  private static List<Object> numbersOrNames(JsonNode values) {
    List<Object> all = new ArrayList<>();
    values.forEach(v -> all.add(v.isNumber() ? v.numberValue() : v.asText()));
    return all;
  }

  /** The cells of a stack; in one with skips, each but the first sees the input as well. */
  private static List<Cell> cells(JsonNode names, JsonNode config) {
    int inputSize = config.get("inputSize").asInt();
    boolean skips = config.has(SKIPS);
    List<Cell> cells = new ArrayList<>();
    int below = 0;
    for (int k = 0; k < names.size(); k++) {
      int width = k == 0 ? inputSize : below + (skips ? inputSize : 0);
      int hiddenSize = config.get("hiddenSizes").get(k).asInt();
      JsonNode name = names.get(k);
      cells.add(
          name.isObject()
              ? record(wrapper(name.get("entry").asText()), name)
              : cell(name.asText(), width, hiddenSize));
      below = hiddenSize;
    }
    return cells;
  }

  /** A setting's default; an inner cell is made anew, for the sizes of this configuration. */
  private static Object preset(RecordComponent component, Object defaults, JsonNode config) {
    Object preset = get(component, defaults);
    String mask = component.getName().replace("KeepProb", "");
    if (config.path("masks").has(mask)) {
      return keepProb(config.get("masks").get(mask).get("values"));
    }
    return preset instanceof Cell cell
        ? innerCell(cell.getClass().getSimpleName(), config)
        : preset;
  }

  /** What masks were divided by, where they are. */
  private static double keepProb(JsonNode mask) {
    double largest = 1;
    for (JsonNode value : mask) {
      largest = Math.max(largest, value.asDouble());
    }
    return 1 / largest;
  }

  private static Class<? extends Cell> wrapper(String name) {
    try {
      return Class.forName("kazoku.wrap." + name).asSubclass(Cell.class);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** The file has the number of fast cells; those that see nothing have an input of width 1. */
  private static FastSlowCell fastSlow(JsonNode config) {
    String name = config.get("cell").asText();
    int hiddenSize = config.get("hiddenSize").asInt();
    int slowSize = config.get("slowSize").asInt();
    List<Cell> fast = new ArrayList<>();
    for (int i = 0; i < config.get("fastCells").asInt(); i++) {
      int[] widths = {config.get("inputSize").asInt(), slowSize, 1};
      fast.add(cell(name, widths[Math.min(i, 2)], hiddenSize));
    }
    double keepProb = config.path("keepProb").asDouble(1);
    return new FastSlowCell(fast, cell(name, hiddenSize, slowSize), keepProb);
  }

  /** An inner cell by name; in the golden files inner LSTMs have forget bias 0. */
  private static Cell innerCell(String name, JsonNode config) {
    return cell(name, InnerSize.of(config), config.get("hiddenSize").asInt());
  }

  static Cell cell(String name, int inputSize, int hiddenSize) {
    try {
      Class<?> type = Class.forName("kazoku.cells." + name);
      return (Cell) type.getConstructor(int.class, int.class).newInstance(inputSize, hiddenSize);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** The input width that an outer cell gives to its inner cell. */
  private static final class InnerSize {
    static int of(JsonNode config) {
      if (config.has("memoryDimension")) {
        int memory = config.get("memoryDimension").asInt() * config.get("order").asInt();
        return memory
            + (config.path("inputToHidden").asBoolean() ? config.get("inputSize").asInt() : 0);
      }
      if (config.has("projectionSize") && !config.has("inputToHidden")) {
        return config.get("projectionSize").asInt();
      }
      if (config.has("embeddingSize")) {
        return config.get("embeddingSize").asInt();
      }
      if (config.has("memoryTime")) {
        int attention = config.get("attentionLayerSize").asInt(config.get("memorySize").asInt());
        return config.get("inputSize").asInt() + attention;
      }
      int heads = config.path("readHeads").asInt(0) * config.path("wordSize").asInt(0);
      return config.get("inputSize").asInt() + heads;
    }
  }

  private static Object get(RecordComponent component, Object record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object call(Constructor<?> constructor, Object[] arguments) {
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new AssertionError(constructor + " " + Arrays.toString(arguments), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
