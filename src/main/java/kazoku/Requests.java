package kazoku;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * What a cell's step asks for beside its input, its state and its weights: other inputs, random
 * values, weights that move, additions to the loss. The step asks by the methods of {@link
 * Weights}; who lays the cell over time reads the requests here.
 */
public final class Requests {
  private final Map<String, Expr> beside = new LinkedHashMap<>();
  private final Map<String, PerRow> perRow = new LinkedHashMap<>();
  private final Map<String, Random> random = new LinkedHashMap<>();
  private final Map<String, Move> moves = new LinkedHashMap<>();
  private final Map<String, Expr> penalties = new LinkedHashMap<>();
  private final List<Inner> inner = new ArrayList<>();
  private Expr valid;

  Requests() {}

  /**
   * A step of a cell inside the cell.
   *
   * @param weights the weights that it asks
   * @param cell the cell
   * @param input its input
   * @param state its state before the step
   * @param step what it gives
   */
  public record Inner(Weights weights, Cell cell, Expr input, State state, Step step) {}

  /**
   * A sequence that stands beside a whole row.
   *
   * @param value {@code [N, …]}
   * @param valid which of its N steps are valid, ones and zeros {@code [N]}
   */
  public record PerRow(Expr value, Expr valid) {}

  /**
   * A random value.
   *
   * @param distribution how it is distributed
   * @param keep for masks, the probability of a one
   * @param draw for what it is drawn anew
   * @param leaf its expression
   */
  public record Random(Distribution distribution, double keep, Weights.Draw draw, Expr leaf) {}

  /** How a random value is distributed. */
  public enum Distribution {
    /** Ones and zeros. */
    MASK,
    /** Normal, of mean 0 and standard deviation 1. */
    NORMAL,
    /** Uniform between 0 and 1. */
    UNIFORM
  }

  /**
   * How a fixed weight moves in training.
   *
   * @param initializer its first value
   * @param before its value before the move
   * @param after its value after the move; equal for all rows
   */
  public record Move(Initializer initializer, Expr before, Expr after) {}

  /**
   * Values of each step that stand beside the input.
   *
   * @return name → expression
   */
  public Map<String, Expr> beside() {
    return Collections.unmodifiableMap(beside);
  }

  /**
   * Sequences that stand beside a row.
   *
   * @return name → expressions
   */
  public Map<String, PerRow> perRow() {
    return Collections.unmodifiableMap(perRow);
  }

  /**
   * Random values.
   *
   * @return name → how it is drawn
   */
  public Map<String, Random> random() {
    return Collections.unmodifiableMap(random);
  }

  /**
   * Weights that the step moves.
   *
   * @return name → move
   */
  public Map<String, Move> moves() {
    return Collections.unmodifiableMap(moves);
  }

  /**
   * What the step adds to the loss.
   *
   * @return name → expression, without axes
   */
  public Map<String, Expr> penalties() {
    return Collections.unmodifiableMap(penalties);
  }

  /**
   * Whether a step is valid.
   *
   * @return the expression that the step got; null if it did not ask
   */
  public Expr valid() {
    return valid;
  }

  /**
   * The steps of cells inside.
   *
   * @return the steps, each after those that are inside of it
   */
  public List<Inner> inner() {
    return Collections.unmodifiableList(inner);
  }

  void addInner(Inner step) {
    inner.add(step);
  }

  Expr askBeside(String name, Shape shape) {
    Expr leaf = beside.computeIfAbsent(name, n -> Vocabulary.leaf(n, shape, Level.SEQUENCE));
    requireSame(name, leaf, shape);
    return leaf;
  }

  PerRow askPerRow(String name, Shape shape) {
    PerRow asked =
        perRow.computeIfAbsent(
            name,
            n ->
                new PerRow(
                    Vocabulary.leaf(n, shape, Level.ROW),
                    Vocabulary.leaf("valid " + n, shape.take(1), Level.ROW)));
    requireSame(name, asked.value(), shape);
    return asked;
  }

  private static void requireSame(String name, Expr leaf, Shape shape) {
    Checks.require(
        leaf.shape().equals(shape),
        name,
        "exists beside the input with shape " + Checks.text(leaf.shape()) + ", asked for",
        shape);
  }

  Expr askValid() {
    if (valid == null) {
      valid = Vocabulary.leaf("valid step", Shape.of(1), Level.SEQUENCE);
    }
    return valid;
  }

  Expr askRandom(
      String name, Distribution distribution, double keep, Weights.Draw draw, Shape shape) {
    Random asked =
        random.computeIfAbsent(
            name,
            n -> new Random(distribution, keep, draw, Vocabulary.leaf(n, shape, draw.level())));
    String before = text(asked.distribution(), asked.keep(), asked.draw());
    String now = text(distribution, keep, draw);
    Checks.require(
        before.equals(now),
        name,
        "is " + before + " already; another draw needs another name",
        now);
    requireSame(name, asked.leaf(), shape);
    return asked.leaf();
  }

  private static String text(Distribution distribution, double keep, Weights.Draw draw) {
    return distribution
        + (distribution == Distribution.MASK ? " of ones with probability " + keep : "")
        + " drawn "
        + draw;
  }

  void askMove(String name, Move move) {
    moves.put(name, move);
  }

  void askPenalty(String name, Expr penalty) {
    penalties.put(name, penalty);
  }
}
