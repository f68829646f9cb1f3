package kazoku;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;

/**
 * What a network that was built consists of: its layers with those that stand in them, their names,
 * kinds, shapes and weights. Tables and figures of a network are made of it.
 *
 * @param inputs what the network takes, by name
 * @param outputs what it gives, by name; that of the first is empty
 * @param built its layers and cells, each after what stands in it
 * @param parts the layers that stand in no other, in the order in which they were built
 * @param others weights that no layer has
 */
public record Structure(
    Map<String, Signal> inputs,
    Map<String, Signal> outputs,
    List<Built> built,
    List<Part> parts,
    List<Weight> others) {

  public Structure {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    built = List.copyOf(built);
    parts = List.copyOf(parts);
    others = List.copyOf(others);
  }

  /**
   * A weight.
   *
   * @param name its full name, {@code rnn/cell/U}
   * @param shape its shape
   * @param trained whether it is trained; false for one that is fixed
   */
  public record Weight(String name, Shape shape, boolean trained) {}

  /**
   * A layer. A layer that consists of one cell is one part.
   *
   * @param path where its weights are
   * @param name the path, from where the layer around it is
   * @param kind what it is, as code has it: {@code RNN(LSTMCell(12, 100))}
   * @param output the shape of what it gives, {@code [B, T, 100]}
   * @param weights its weights, but for those of the parts in it
   * @param steps how its cell is laid over time; null if it has none
   * @param inside the layers in it
   */
  public record Part(
      String path,
      String name,
      String kind,
      String output,
      List<Weight> weights,
      Built.Steps steps,
      List<Part> inside) {

    public Part {
      weights = List.copyOf(weights);
      inside = List.copyOf(inside);
    }

    /**
     * This part and all that stand in it.
     *
     * @return the parts, each before those in it
     */
    public Stream<Part> all() {
      return Stream.concat(Stream.of(this), inside.stream().flatMap(Part::all));
    }

    /**
     * How many numbers of its weights are trained.
     *
     * @return the number, with those of all parts in it
     */
    public long trained() {
      return count(all().flatMap(part -> part.weights.stream()), Weight::trained);
    }

    /**
     * How many numbers of its weights are fixed.
     *
     * @return the number, with those of all parts in it
     */
    public long fixed() {
      return count(all().flatMap(part -> part.weights.stream()), weight -> !weight.trained());
    }
  }

  /**
   * What was built.
   *
   * @param w the weights that it was built with
   * @param built what who {@linkplain Weights#observed observed} them heard of
   * @param inputs what the network takes, by name
   * @param outputs what it gives, by name; that of the first is empty
   * @return the structure
   */
  public static Structure of(
      Weights w, Collection<Built> built, Map<String, Signal> inputs, Map<String, Signal> outputs) {
    Set<String> trained = w.trainable().keySet();
    List<Weight> weights = new ArrayList<>();
    w.operands()
        .forEach(
            (name, weight) ->
                weights.add(new Weight(name, weight.asOutput().shape(), trained.contains(name))));
    Tree tree = new Tree(built, weights);
    return new Structure(inputs, outputs, List.copyOf(built), tree.parts(), tree.others());
  }

  /**
   * All layers.
   *
   * @return the parts, each before those in it
   */
  public Stream<Part> all() {
    return parts.stream().flatMap(Part::all);
  }

  /**
   * How many numbers of all weights are trained.
   *
   * @return the number
   */
  public long trained() {
    return count(weights(), Weight::trained);
  }

  /**
   * How many numbers of all weights are fixed.
   *
   * @return the number
   */
  public long fixed() {
    return count(weights(), weight -> !weight.trained());
  }

  private Stream<Weight> weights() {
    return Stream.concat(all().flatMap(part -> part.weights.stream()), others.stream());
  }

  private static long count(Stream<Weight> weights, Predicate<Weight> which) {
    return weights.filter(which).mapToLong(weight -> weight.shape.size()).sum();
  }

  /**
   * The axes of what flows between layers.
   *
   * @param value the value
   * @return {@code [B, T, 100]}: B rows, T steps; another size that is not known is {@code ?}
   */
  public static String axes(Operand<?> value) {
    return axes(value.asOutput().shape(), List.of("B", "T"));
  }

  private static String axes(Shape shape, List<String> first) {
    if (shape.isUnknown()) {
      return "?";
    }
    List<String> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.numDimensions(); axis++) {
      long size = shape.get(axis);
      String unknown = axis < first.size() ? first.get(axis) : "?";
      axes.add(size == Shape.UNKNOWN_SIZE ? unknown : Long.toString(size));
    }
    return axes.toString();
  }

  /** Finds out what stands in what, by paths. */
  private static final class Tree {
    private final Map<String, Built> layers = new LinkedHashMap<>();
    private final List<Weight> weights;

    Tree(Collection<Built> built, List<Weight> weights) {
      this.weights = weights;
      for (Built layer : built) {
        // The layer itself comes after what it is made of at its own path; how steps are built is
        // known of a cell only.
        layers.merge(
            layer.path(),
            layer,
            (before, now) ->
                now.steps() != null
                    ? now
                    : new Built(now.path(), now.what(), now.input(), now.output(), before.steps()));
      }
    }

    List<Part> parts() {
      return inside("").stream().map(path -> part(path, "")).toList();
    }

    List<Weight> others() {
      return weights.stream()
          .filter(weight -> layers.keySet().stream().noneMatch(path -> under(path, weight.name)))
          .toList();
    }

    private static boolean under(String path, String name) {
      return path.isEmpty() || name.startsWith(path + "/");
    }

    /** The layers that stand in one directly. */
    private List<String> inside(String path) {
      List<String> all =
          layers.keySet().stream()
              .filter(inner -> under(path, inner) && !inner.equals(path))
              .toList();
      return all.stream()
          .filter(inner -> all.stream().noneMatch(other -> inner.startsWith(other + "/")))
          .toList();
    }

    private Part part(String path, String outer) {
      Built layer = layers.get(path);
      List<String> inside = inside(path);
      boolean one = inside.size() == 1 && inside.get(0).equals(path + "/cell");
      Built.Steps steps = one ? layers.get(inside.get(0)).steps() : layer.steps();
      boolean container = !inside.isEmpty() && !one;
      List<Weight> own =
          weights.stream()
              .filter(weight -> under(path, weight.name))
              .filter(
                  weight ->
                      !container || inside.stream().noneMatch(inner -> under(inner, weight.name)))
              .toList();
      Object what = layer.what() instanceof Layer.Named named ? named.layer() : layer.what();
      boolean timeMajor = what instanceof RecurrentLayer recurrent && recurrent.timeMajor();
      return new Part(
          path,
          path.substring(outer.isEmpty() ? 0 : outer.length() + 1),
          container ? simpleName(what) : kind(what),
          axes(
              layer.output().value().asOutput().shape(),
              timeMajor ? List.of("T", "B") : List.of("B", "T")),
          own,
          steps,
          container ? inside.stream().map(inner -> part(inner, path)).toList() : List.of());
    }
  }

  private static String simpleName(Object what) {
    String name = what.getClass().getSimpleName();
    return name.matches("\\w+") ? name : "layer";
  }

  /** As code has it: the name, and what stands first in it, as long as that is sizes and cells. */
  private static String kind(Object what) {
    if (what instanceof Layer.Named named) {
      return kind(named.layer());
    }
    if (what instanceof Collection<?> all && !all.isEmpty()) {
      return all.stream().map(Structure::kind).collect(Collectors.joining(", "));
    }
    if (!(what instanceof Record record)) {
      return simpleName(what);
    }
    List<String> settings = new ArrayList<>();
    for (Object value : values(record)) {
      boolean parts =
          value instanceof Cell
              || value instanceof Layer
              || value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Cell;
      boolean variant = value instanceof Enum<?> && settings.isEmpty();
      // A number below 0 stands for none.
      if (!parts && !variant && !(value instanceof Integer size && size >= 0)) {
        break;
      }
      settings.add(parts ? kind(value) : value.toString());
    }
    String end = what instanceof RNN rnn && rnn.reverse() ? ".reversed()" : "";
    String inside = settings.isEmpty() ? "" : "(" + String.join(", ", settings) + ")";
    return simpleName(what) + inside + end;
  }

  /** The values of a record; none where it does not open itself. */
  private static List<Object> values(Record record) {
    List<Object> values = new ArrayList<>();
    try {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        values.add(accessor.invoke(record));
      }
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return List.of();
    }
    return values;
  }
}
