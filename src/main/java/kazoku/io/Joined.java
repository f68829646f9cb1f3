package kazoku.io;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.layers.Merge;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;

/**
 * Several inputs become one; those after the first stand beside it as {@code 1}, {@code 2}, ….
 *
 * @param kind how
 * @param inputs how many there are
 * @param masks which steps are valid
 */
record Joined(Kind kind, int inputs, Masks masks) implements Layer {

  /** Which steps of what is joined are valid. */
  enum Masks {
    /** Those that are valid in all inputs: Keras 2. */
    ALL,
    /** All steps: Keras 3.0 to 3.3. */
    NONE,
    /** Those that are valid in any input: Keras from 3.4 on. */
    ANY
  }

  /** How inputs become one. */
  enum Kind {
    ADD("Add"),
    CONCATENATE("Concatenate");

    private final String keras;

    Kind(String keras) {
      this.keras = keras;
    }

    String keras() {
      return keras;
    }
  }

  /** What flows out of it. */
  Flow output(List<Flow> flows) {
    Flow first = flows.get(0);
    boolean add = kind == Kind.ADD;
    Checks.require(
        flows.stream()
            .allMatch(
                flow ->
                    flow.rank() == first.rank()
                        && flow.last() > 0
                        && (!add || flow.last() == first.last())),
        kind.keras(),
        "inputs must have one shape" + (add ? "" : " but for the last axis, which must be known"),
        flows);
    int size = add ? first.last() : Math.toIntExact(flows.stream().mapToLong(Flow::last).sum());
    // Where any will do, the sum has a mask only if all inputs have one.
    boolean masked =
        masks != Masks.NONE
            && (add && masks == Masks.ANY
                ? flows.stream().allMatch(Flow::masked)
                : flows.stream().anyMatch(Flow::masked));
    return first.to(size).masked(masked);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    List<Signal> all = new ArrayList<>();
    all.add(x);
    for (int k = 1; k < inputs; k++) {
      all.add(x.beside(Integer.toString(k)));
    }
    Signal[] each = all.toArray(Signal[]::new);
    Signal joined = kind == Kind.ADD ? Merge.sum(tf, each) : Merge.concat(tf, each);
    return joined.masked(mask(tf, all.stream().map(Signal::mask).toList()));
  }

  private Operand<TBool> mask(Ops tf, List<Operand<TBool>> each) {
    return switch (masks) {
      case NONE -> null;
      case ALL -> each.stream().filter(Objects::nonNull).reduce(tf.math::logicalAnd).orElse(null);
        // An input without a mask is valid everywhere.
      case ANY ->
          each.contains(null) ? null : each.stream().reduce(tf.math::logicalOr).orElse(null);
    };
  }
}
