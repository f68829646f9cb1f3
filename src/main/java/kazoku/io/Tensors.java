package kazoku.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import kazoku.Checks;
import org.tensorflow.ndarray.Shape;

/**
 * The named arrays of a file: names and shapes are read at once, numbers when they are asked for.
 *
 * <p>{@link SafeTensors}, {@link Torch} and {@link TensorFlow1} read files; the file must stay as
 * it is as long as it is asked.
 */
public final class Tensors {

  /**
   * One array.
   *
   * @param shape its shape
   * @param type the type of its numbers, for people
   * @param reader reads the numbers, in row-major order; errors name the file
   */
  record Stored(Shape shape, String type, Reader reader) {}

  /** Reads numbers. */
  @FunctionalInterface
  interface Reader {
    float[] read();
  }

  private final Input file;
  private final Map<String, Stored> all;

  Tensors(Input file, Map<String, Stored> all) {
    this.file = file;
    this.all = new LinkedHashMap<>(all);
  }

  /**
   * What the arrays are called.
   *
   * @return the names, in the order of the file
   */
  public Set<String> names() {
    return java.util.Collections.unmodifiableSet(all.keySet());
  }

  /**
   * Whether there is an array.
   *
   * @param name its name
   * @return whether it is there
   */
  public boolean has(String name) {
    return all.containsKey(name);
  }

  /**
   * The shape of an array.
   *
   * @param name its name
   * @return its shape
   * @throws IllegalArgumentException if it is not there
   */
  public Shape shape(String name) {
    return stored(name).shape;
  }

  /**
   * Reads an array. Numbers of any type become floats: the nearest ones.
   *
   * @param name its name
   * @return its values
   * @throws IllegalArgumentException if it is not there, is not made of numbers or is damaged
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public Values values(String name) {
    Stored stored = stored(name);
    return new Values(stored.shape, stored.reader.read());
  }

  /**
   * Reads all arrays.
   *
   * @return values by name
   * @throws IllegalArgumentException as {@link #values(String)}
   */
  public Map<String, Values> values() {
    Map<String, Values> values = new LinkedHashMap<>();
    all.keySet().forEach(name -> values.put(name, values(name)));
    return values;
  }

  private Stored stored(String name) {
    Checks.require(
        all.containsKey(name), file.who(), file.path() + " must have one of " + shown(), name);
    return all.get(name);
  }

  /** Some names are enough for people. */
  private String shown() {
    int most = 20;
    String first = String.join(", ", all.keySet().stream().limit(most).toList());
    return all.size() > most ? first + ", … (" + all.size() + ")" : "[" + first + "]";
  }

  /** Names, shapes and types, a line each. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    all.forEach(
        (name, stored) ->
            text.append(name)
                .append(' ')
                .append(Checks.text(stored.shape))
                .append(' ')
                .append(stored.type)
                .append('\n'));
    return text.toString();
  }
}
