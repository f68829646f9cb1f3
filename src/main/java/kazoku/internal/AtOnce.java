package kazoku.internal;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Expr;
import kazoku.Site;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * All steps in one loop, in one scan, or written out. What does not depend on the state is computed
 * before, for all steps at once.
 */
final class AtOnce implements Steps {
  private final Blueprint blueprint;
  private final TimeLoop loop;
  private final Scan scan;
  private final int unrolled;

  /**
   * What is built, in whichever graph.
   *
   * @param plan what a step computes
   * @param stages those of a scan; nothing for a loop
   * @param validByRank leaves that say which steps are valid, by the rank of what they choose from
   * @param type the working type
   */
  record Blueprint(
      Plan plan,
      Optional<List<List<Linear.Group>>> stages,
      Map<Integer, Expr> validByRank,
      Class<? extends TNumber> type) {}

  private AtOnce(Blueprint blueprint, TimeLoop loop, Scan scan, int unrolled) {
    this.blueprint = blueprint;
    this.loop = loop;
    this.scan = scan;
    this.unrolled = unrolled;
  }

  /**
   * In a loop or in a scan.
   *
   * @param blueprint what is built
   * @param graph the graph
   * @param name the loops' functions begin with it; unique in the graph
   * @param differentiable whether a gradient will be taken
   * @return the steps
   */
  static AtOnce looped(Blueprint blueprint, Graph graph, String name, boolean differentiable) {
    Plan plan = blueprint.plan;
    Class<? extends TNumber> type = blueprint.type;
    return blueprint
        .stages
        .map(
            stages ->
                new AtOnce(
                    blueprint, null, new Scan(plan, stages, graph, name, type, differentiable), 0))
        .orElseGet(
            () ->
                new AtOnce(
                    blueprint, new TimeLoop(graph, name, plan, type, differentiable), null, 0));
  }

  /**
   * Step by step.
   *
   * @param blueprint what is built
   * @param steps how many steps there are
   * @return the steps
   */
  static AtOnce unrolled(Blueprint blueprint, int steps) {
    return new AtOnce(blueprint, null, null, steps);
  }

  @Override
  public Collection<Expr> invariants() {
    return scan == null ? blueprint.plan.weights : scan.weights();
  }

  @Override
  public Results build(Ops tf, Given given) {
    Plan plan = blueprint.plan;
    Operand<TInt32> length = given.length();
    Operand<TInt32> rows = given.rows();
    Scan.Cut cut = scan == null ? null : new Scan.Cut(tf, length, rows);
    Operand<TInt32> steps = cut == null ? length : cut.length;
    Operand<TInt32> allRows = cut == null ? rows : cut.allRows;
    Walk before = walk(tf, steps, allRows);
    given.shared().forEach(before::bind);
    given
        .sequences()
        .forEach(
            (leaf, value) ->
                before.bind(leaf, cut == null ? value : cut.chunked(value, leaf.shape())));
    given
        .perRow()
        .forEach(
            (leaf, value) ->
                before.bind(
                    leaf,
                    cut == null
                        ? value
                        : cut.chunked(walk(tf, length, rows).eachStep(leaf, value), leaf.shape())));
    if (cut != null) {
      before.rowsAreSteps();
    }
    if (!blueprint.validByRank.isEmpty()) {
      Operand<TBool> valids = cut == null ? given.valid() : valid(tf, cut, before.site(), given);
      blueprint.validByRank.forEach(
          (rank, leaf) ->
              before.bind(leaf, tf.reshape(valids, before.site().fullShape(leaf.shape()))));
    }
    Map<Expr, Operand<TNumber>> invariants = new HashMap<>(given.shared());
    for (Expr weight : invariants()) {
      invariants.computeIfAbsent(weight, before::at);
    }
    if (cut != null) {
      return scan.build(tf, before, invariants, given.begin(), cut);
    }
    Map<Expr, Operand<TNumber>> sequences = new LinkedHashMap<>();
    for (Expr sequence : plan.sequences) {
      sequences.put(sequence, before.at(sequence));
    }
    TimeLoop.Inputs in =
        new TimeLoop.Inputs(invariants, sequences, given.begin(), length, given.own(), rows);
    return loop != null
        ? loop.build(tf, in)
        : Unrolled.build(tf, plan, blueprint.type, in, unrolled);
  }

  private Walk walk(Ops tf, Operand<TInt32> steps, Operand<TInt32> rows) {
    return new Walk(tf, blueprint.type, 2, () -> tf.concat(List.of(steps, rows), tf.constant(0)));
  }

  /** Which steps of the chunks are valid; those past the end are not. */
  private Operand<TBool> valid(Ops tf, Scan.Cut cut, Site site, Given given) {
    // Numbers of the working type: oneDNN complains of other types in a transposition.
    Operand<TNumber> one = site.scalar(1);
    Operand<TNumber> valid =
        given.valid() != null
            ? Vocabulary.number(tf.dtypes.cast(given.valid(), blueprint.type))
            : tf.fill(tf.concat(List.of(given.length(), given.rows()), tf.constant(0)), one);
    return tf.math.equal(cut.chunkedMask(valid, site.scalar(0)), one);
  }
}
