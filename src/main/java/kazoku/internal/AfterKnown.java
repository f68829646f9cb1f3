package kazoku.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Expr;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Steps of a cell some of whose states are known at all steps: the others are run with these as
 * values of all steps.
 *
 * @param others the steps of the other states
 * @param states all states
 * @param known those that are known
 * @param blueprint what the steps are
 */
record AfterKnown(Steps others, List<Expr> states, KnownStates known, AtOnce.Blueprint blueprint)
    implements Steps {

  @Override
  public Collection<Expr> invariants() {
    return others.invariants();
  }

  @Override
  public Results build(Ops tf, Given given) {
    Walk walk = AtOnce.walk(tf, blueprint, given);
    Map<Expr, Sequence> sequences = new LinkedHashMap<>(given.sequences());
    List<Operand<TNumber>> begin = new ArrayList<>();
    List<Operand<TNumber>> last = new ArrayList<>();
    for (int k = 0; k < states.size(); k++) {
      Expr state = states.get(k);
      Operand<TNumber> first = given.begin().get(k);
      Optional<Expr> before = known.before(state);
      if (before.isPresent()) {
        KnownStates.History history = known.history(tf, state, first, walk, given);
        sequences.put(before.get(), Sequence.byStep(history.before()));
        last.add(history.last());
      } else {
        begin.add(first);
        last.add(null);
      }
    }
    Given left =
        new Given(
            given.shared(),
            given.perRow(),
            sequences,
            given.valid(),
            begin,
            given.length(),
            given.own(),
            given.rows());
    Results ran = others.build(tf, left);
    Iterator<Operand<TNumber>> run = ran.states().iterator();
    last.replaceAll(state -> state == null ? run.next() : state);
    return new Results(ran.outputs(), last);
  }
}
