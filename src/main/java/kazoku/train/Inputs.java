package kazoku.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import kazoku.Checks;
import kazoku.Layer;
import org.tensorflow.ndarray.Shape;

/**
 * What a model with several inputs is fed with: {@code Inputs.tokens().vectors("time", 1)}. The
 * first is the value of the signal that the layer gets, the others stand beside it under their
 * names, {@code x.beside("time")}.
 *
 * <p>A model with one input needs none: its first layer says what it takes.
 */
public final class Inputs {
  static final String FIRST = "input";

  private final Map<String, Input> all;

  /** What an input is made of. */
  enum Kind {
    /** Sequences of vectors, {@code [B, T, I]}. */
    VECTORS,
    /** Sequences of whole numbers, {@code [B, T]}. */
    TOKENS,
    /** A vector for each row, {@code [B, I]}. */
    ROWS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One input.
   *
   * @param kind what it is made of
   * @param row the shape of a step or row that the layer sees; the data has it flat
   */
  record Input(Kind kind, Shape row) {
    /** How many numbers a step has, or −1. */
    int size() {
      return row.isUnknown() ? -1 : Math.toIntExact(row.size());
    }
  }

  private Inputs(Map<String, Input> all) {
    this.all = Collections.unmodifiableMap(all);
  }

  /**
   * What a layer takes, as it says itself ({@link Layer#input}): steps without axes are tokens.
   *
   * @param layer the layer
   * @return one input
   */
  public static Inputs of(Layer layer) {
    Shape row = layer.input();
    boolean tokens = !row.isUnknown() && row.numDimensions() == 0;
    return new Inputs(Map.of(FIRST, new Input(tokens ? Kind.TOKENS : Kind.VECTORS, row)));
  }

  /**
   * Sequences of tokens first.
   *
   * @return the inputs
   */
  public static Inputs tokens() {
    return new Inputs(Map.of()).tokens(FIRST);
  }

  /**
   * Sequences of steps of several numbers first.
   *
   * @param sizes how many; several sizes for steps that are images, whose data is given flat
   * @return the inputs
   */
  public static Inputs vectors(long... sizes) {
    return new Inputs(Map.of()).vectors(FIRST, sizes);
  }

  /**
   * One input more: sequences of tokens.
   *
   * @param name its name
   * @return the inputs
   */
  public Inputs tokens(String name) {
    return with(name, new Input(Kind.TOKENS, Shape.scalar()));
  }

  /**
   * One input more: sequences of steps of several numbers.
   *
   * @param name its name
   * @param sizes how many
   * @return the inputs
   */
  public Inputs vectors(String name, long... sizes) {
    return with(name, new Input(Kind.VECTORS, sized(name, sizes)));
  }

  /**
   * One input more: several numbers for each row, without steps.
   *
   * @param name its name
   * @param size how many
   * @return the inputs
   */
  public Inputs rows(String name, long size) {
    return with(name, new Input(Kind.ROWS, sized(name, size)));
  }

  private static Shape sized(String name, long... sizes) {
    Checks.require(sizes.length > 0, "Inputs", name + " must have at least one axis", "none");
    for (long size : sizes) {
      Checks.atLeastOne("Inputs", "the size of " + name, size);
    }
    return Shape.of(sizes);
  }

  private Inputs with(String name, Input input) {
    Checks.require(
        name != null && name.matches("[A-Za-z][A-Za-z0-9_]*"),
        "Inputs",
        "a name must begin with a letter and have letters, digits and _ only",
        name);
    Checks.require(
        !all.containsKey(name), "Inputs", "each input must have a name of its own", name);
    Map<String, Input> more = new LinkedHashMap<>(all);
    more.put(name, input);
    return new Inputs(more);
  }

  Map<String, Input> all() {
    return all;
  }
}
