package kazoku.wrap;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Slot;
import kazoku.State;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * How a test puts a wrapper around any cell, and around which cells it makes no sense.
 *
 * @param wrapper the wrapper
 * @param rule what it needs
 * @param fits whether a cell is so; the wrapper must refuse all others
 * @param around makes the wrapper
 */
record Wrapping(
    Class<? extends Cell> wrapper, String rule, Predicate<Cell> fits, Function<Cell, Cell> around) {

  static final int MEMORY_STEPS = 3;
  static final int TOKENS = 5;

  static List<Wrapping> all() {
    return List.of(
        new Wrapping(
            StackedCell.class,
            "an output that another of the kind can read, by its channels",
            cell -> sameBut(output(cell), cell.input()),
            cell -> new StackedCell(List.of(cell, reading(cell, width(cell))), 0.75)),
        new Wrapping(
            SkipStackedCell.class,
            "an output that can stand beside the input",
            cell -> sameBut(output(cell), cell.input()),
            cell -> new SkipStackedCell(cell, reading(cell, width(cell) + cell.input().get(-1)))),
        new Wrapping(
            FastSlowCell.class,
            "an output that another of the kind can read, by its channels",
            cell -> sameBut(output(cell), cell.input()),
            cell ->
                new FastSlowCell(
                    List.of(reading(cell, 2), reading(cell, width(cell))),
                    reading(cell, width(cell)),
                    0.75)),
        new Wrapping(
            ResidualWrapper.class,
            "an output in the shape of the input, here by a projection",
            cell -> sameBut(output(cell), cell.input()),
            cell -> new ResidualWrapper(square(cell))),
        new Wrapping(
            HighwayWrapper.class,
            "an output in the shape of the input, here by a projection",
            cell -> sameBut(output(cell), cell.input()),
            cell -> new HighwayWrapper(square(cell), false)),
        any(InputProjectionWrapper.class, cell -> reading(cell, 2)),
        any(OutputProjectionWrapper.class, cell -> new OutputProjectionWrapper(cell, 2)),
        new Wrapping(
            EmbeddingWrapper.class,
            "an input that is a vector",
            cell -> isVector(cell.input()),
            cell -> new EmbeddingWrapper(cell, TOKENS)),
        any(
            DropoutWrapper.class,
            cell -> new DropoutWrapper(cell, readsTokens(cell) ? 1 : 0.75, 0.75, 0.75)),
        any(ZoneoutWrapper.class, cell -> new ZoneoutWrapper(cell, 0.25)),
        new Wrapping(
            WeightDropWrapper.class,
            "a cell with weights",
            cell -> !Trace.of(cell).weights().asked().isEmpty(),
            Wrapping::dropping),
        any(
            BayesByBackpropWrapper.class,
            cell -> new BayesByBackpropWrapper(cell, BayesByBackpropWrapper.Prior.GAUSSIAN, 1)),
        new Wrapping(
            MultiplicativeWrapper.class,
            "a slot that differs from the input in its channels only",
            cell -> cell.state().stream().anyMatch(slot -> multiplies(cell, slot)),
            cell ->
                new MultiplicativeWrapper(
                    cell,
                    cell.state().stream()
                        .filter(slot -> multiplies(cell, slot))
                        .min(Comparator.comparing(slot -> !Inner.symbol(slot.name()).equals("h")))
                        .orElse(cell.state().get(0))
                        .name())),
        any(SkipUpdateWrapper.class, cell -> new SkipUpdateWrapper(cell)),
        any(ResetWrapper.class, cell -> new ResetWrapper(cell)),
        any(TrainableInitialState.class, cell -> new TrainableInitialState(cell)),
        new Wrapping(
            AttentionCellWrapper.class,
            "vectors in and out",
            cell -> isVector(cell.input()) && isVector(output(cell)),
            cell -> new AttentionCellWrapper(cell, 2)),
        new Wrapping(
            AttentionDecoderWrapper.class,
            "vectors in and out, and room beside the input",
            cell -> isVector(cell.input()) && cell.input().get(0) > 1 && isVector(output(cell)),
            cell ->
                new AttentionDecoderWrapper(
                    cell, AttentionDecoderWrapper.Attention.BAHDANAU, MEMORY_STEPS, 1)));
  }

  private static Wrapping any(Class<? extends Cell> wrapper, Function<Cell, Cell> around) {
    return new Wrapping(wrapper, "any cell", cell -> true, around);
  }

  /** Wrappers that compute with what a cell reads, which makes no sense with tokens. */
  private static final Set<Class<? extends Cell>> COMPUTE_WITH_INPUTS =
      Set.of(
          StackedCell.class,
          SkipStackedCell.class,
          FastSlowCell.class,
          ResidualWrapper.class,
          HighwayWrapper.class,
          InputProjectionWrapper.class,
          EmbeddingWrapper.class,
          MultiplicativeWrapper.class,
          AttentionCellWrapper.class);

  /** Wrappers in which a cell reads what depends on the state. */
  private static final Set<Class<? extends Cell>> FEED_STATES =
      Set.of(
          StackedCell.class,
          SkipStackedCell.class,
          FastSlowCell.class,
          AttentionCellWrapper.class,
          AttentionDecoderWrapper.class);

  boolean computesWithTokens(Cell cell) {
    return COMPUTE_WITH_INPUTS.contains(wrapper) && readsTokens(cell);
  }

  /** Whether a cell that must know its inputs before the loop would have to wait for them. */
  boolean comesTooLate(Cell cell) {
    if (!FEED_STATES.contains(wrapper)) {
      return false;
    }
    Map<String, Expr> state = new LinkedHashMap<>();
    cell.state()
        .forEach(s -> state.put(s.name(), Vocabulary.leaf(s.name(), s.shape(), Level.STEP)));
    Expr x = Vocabulary.leaf("x", cell.input(), Level.STEP);
    try {
      cell.step(Weights.symbolic(), x, State.of(state));
      return false;
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  /** Whether what the cell reads goes to a table of tokens as it is. */
  static boolean readsTokens(Cell cell) {
    Trace trace = Trace.of(cell);
    Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Expr> waiting = new ArrayDeque<>(trace.results());
    while (!waiting.isEmpty()) {
      Expr value = waiting.pop();
      if (value.primitive() == Vocabulary.LOOKUP && value.inputs().get(0) == trace.input()) {
        return true;
      }
      if (seen.add(value)) {
        waiting.addAll(value.inputs());
      }
    }
    return false;
  }

  private static Shape output(Cell cell) {
    return Trace.of(cell).outputShape();
  }

  private static int width(Cell cell) {
    return (int) output(cell).get(-1);
  }

  private static Cell reading(Cell cell, long width) {
    return new InputProjectionWrapper(cell, (int) width);
  }

  private static Cell square(Cell cell) {
    return output(cell).equals(cell.input()) ? cell : reading(cell, width(cell));
  }

  /** All matrices, or all weights where there is none: a vector may be a period. */
  private static Cell dropping(Cell cell) {
    String matrices =
        Trace.of(cell).weights().asked().entrySet().stream()
            .filter(e -> e.getValue().shape().numDimensions() > 1)
            .map(e -> Pattern.quote(e.getKey()))
            .collect(Collectors.joining("|"));
    return new WeightDropWrapper(cell, matrices.isEmpty() ? ".*" : matrices, 0.75, false);
  }

  private static boolean isVector(Shape shape) {
    return shape.numDimensions() == 1;
  }

  /** Whether two shapes are the same but for the last axis. */
  private static boolean sameBut(Shape one, Shape other) {
    int axes = one.numDimensions() - 1;
    return axes >= 0
        && other.numDimensions() == axes + 1
        && one.take(axes).equals(other.take(axes));
  }

  private static boolean multiplies(Cell cell, Slot slot) {
    return sameBut(slot.shape(), cell.input());
  }
}
