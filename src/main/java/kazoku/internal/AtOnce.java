package kazoku.internal;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Expr;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * All steps in one loop, or written out. What does not depend on the state is computed before, for
 * all steps at once.
 */
final class AtOnce implements Steps {
  private final Blueprint blueprint;
  private final TimeLoop loop;
  private final int unrolled;

  /**
   * What is built, in whichever graph.
   *
   * @param plan what a step computes
   * @param readout what is made of its output after the loop
   * @param stages those of a scan; nothing for a loop
   * @param validByRank leaves that say which steps are valid, by the rank of what they choose from
   * @param type the working type
   * @param unroll how many steps a turn of a loop has; in a scan, one
   */
  record Blueprint(
      Plan plan,
      Readout readout,
      Optional<List<List<Linear.Group>>> stages,
      Map<Integer, Expr> validByRank,
      Class<? extends TNumber> type,
      int unroll) {

    /** The outputs, {@code [T, B, …]}, of what a loop gives. */
    Operand<TNumber> outputs(Walk walk, Results ran) {
      walk.bind(readout.read(), ran.outputs().byStep(walk.site().tf()));
      return walk.at(readout.output());
    }

    /**
     * The steps in a loop or in a scan.
     *
     * @param graph the graph
     * @param name the loops' functions begin with it; unique in the graph
     * @param differentiable whether a gradient will be taken
     * @return the steps
     */
    Steps looped(Graph graph, String name, boolean differentiable) {
      return stages.isPresent()
          ? new Scan(this, graph, name, differentiable)
          : new AtOnce(this, new TimeLoop(graph, name, plan, type, differentiable, unroll), 0);
    }

    /**
     * The steps one by one.
     *
     * @param number how many there are
     * @return the steps
     */
    Steps unrolled(int number) {
      return new AtOnce(this, null, number);
    }
  }

  private AtOnce(Blueprint blueprint, TimeLoop loop, int unrolled) {
    this.blueprint = blueprint;
    this.loop = loop;
    this.unrolled = unrolled;
  }

  @Override
  public Collection<Expr> invariants() {
    return blueprint.plan.weights;
  }

  @Override
  public Results build(Ops tf, Given given) {
    Plan plan = blueprint.plan;
    Walk before = walk(tf, blueprint, given);
    Map<Expr, Operand<TNumber>> invariants = invariants(before, given, plan.weights);
    Map<Expr, Operand<TNumber>> sequences = new LinkedHashMap<>();
    for (Expr sequence : plan.sequences) {
      sequences.put(sequence, before.at(sequence));
    }
    TimeLoop.Inputs in =
        new TimeLoop.Inputs(
            invariants, sequences, given.begin(), given.length(), given.own(), given.rows());
    Results ran =
        loop != null ? loop.build(tf, in) : Unrolled.build(tf, plan, blueprint.type, in, unrolled);
    return new Results(Sequence.byStep(blueprint.outputs(before, ran)), ran.states());
  }

  /** What is given, and what can be computed of it for all steps at once. */
  static Walk walk(Ops tf, Blueprint blueprint, Given given) {
    Operand<TInt32> length = given.length();
    Operand<TInt32> rows = given.rows();
    Walk walk =
        new Walk(tf, blueprint.type, 2, () -> tf.concat(List.of(length, rows), tf.constant(0)));
    given.shared().forEach(walk::bind);
    given.sequences().forEach((leaf, values) -> walk.bind(leaf, () -> values.byStep(tf)));
    given.perRow().forEach(walk::bind);
    blueprint.validByRank.forEach(
        (rank, leaf) ->
            walk.bind(leaf, tf.reshape(given.valid(), walk.site().fullShape(leaf.shape()))));
    return walk;
  }

  /** The values that are the same at all steps. */
  static Map<Expr, Operand<TNumber>> invariants(
      Walk walk, Given given, Collection<Expr> invariants) {
    Map<Expr, Operand<TNumber>> values = new HashMap<>(given.shared());
    for (Expr invariant : invariants) {
      values.computeIfAbsent(invariant, walk::at);
    }
    return values;
  }
}
