package kazoku;

import java.util.Arrays;
import org.tensorflow.ndarray.Shape;

/** The sentences of configuration errors: who, the rule, the value. */
public final class Checks {
  private static final int LONGEST = 1000;

  private Checks() {}

  /**
   * A size.
   *
   * @param who the class that is configured
   * @param what the parameter
   * @param value its value
   * @throws IllegalArgumentException if it is less than 1
   */
  public static void atLeastOne(String who, String what, long value) {
    require(value >= 1, who, what + " must be at least 1", value);
  }

  /**
   * The two sizes that every cell has.
   *
   * @param who the cell
   * @param inputSize I
   * @param hiddenSize H
   * @throws IllegalArgumentException if one is less than 1
   */
  public static void sizes(String who, int inputSize, int hiddenSize) {
    atLeastOne(who, "inputSize", inputSize);
    atLeastOne(who, "hiddenSize", hiddenSize);
  }

  /**
   * A bound that is off at zero.
   *
   * @param who the class that is configured
   * @param what the parameter
   * @param value its value
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public static void notNegative(String who, String what, double value) {
    require(
        value >= 0 && value < Double.POSITIVE_INFINITY, who, what + " must be at least 0", value);
  }

  /**
   * A part that is left out in training.
   *
   * @param who the class that is configured
   * @param what the parameter
   * @param value its value
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  public static void rate(String who, String what, double value) {
    require(value >= 0 && value < 1, who, what + " must be in [0, 1)", value);
  }

  /**
   * A part that is kept in training.
   *
   * @param who the class that is configured
   * @param what the parameter
   * @param value its value
   * @throws IllegalArgumentException if it is not in (0, 1]
   */
  public static void kept(String who, String what, double value) {
    require(value > 0 && value <= 1, who, what + " must be in (0, 1]", value);
  }

  /**
   * Something that must be there.
   *
   * @param who the class that is configured
   * @param what the parameter
   * @param value its value
   * @throws IllegalArgumentException if it is null
   */
  public static void given(String who, String what, Object value) {
    require(value != null, who, what + " must be given", value);
  }

  /**
   * Any rule.
   *
   * @param holds whether it holds
   * @param who the class that is configured
   * @param rule the rule
   * @param value the value
   * @throws IllegalArgumentException if it does not hold
   */
  public static void require(boolean holds, String who, String rule, Object value) {
    if (!holds) {
      throw refusal(who, rule, value);
    }
  }

  /**
   * What is thrown where a rule does not hold: for loops over numbers, in which sentences that
   * nobody reads would take time.
   *
   * @param who the class that is configured
   * @param rule the rule
   * @param value the value
   * @return the exception
   */
  public static IllegalArgumentException refusal(String who, String rule, Object value) {
    Object shown = value instanceof Shape shape ? text(shape) : value;
    return new IllegalArgumentException(who + ": " + rule + ", got " + shown);
  }

  /**
   * What a file has, for people: on one line, and no longer than they read.
   *
   * @param value a name or a text that anybody may have written
   * @return its first 1000 letters, ? for what is none
   */
  public static String shown(Object value) {
    String text = String.valueOf(value);
    boolean whole = text.length() <= LONGEST;
    String some = whole ? text : text.substring(0, LONGEST) + "…";
    return some.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", "?");
  }

  /**
   * A shape for people.
   *
   * @param shape the shape
   * @return its sizes, with ? for those that are not known: {@code [?, 4]}
   */
  public static String text(Shape shape) {
    return shape.isUnknown()
        ? "an unknown shape"
        : Arrays.toString(shape.asArray()).replace("-1", "?");
  }
}
