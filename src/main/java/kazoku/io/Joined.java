package kazoku.io;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
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
 * @param anyMask whether a step is valid where it is so in any input, as Keras has it from 3.4 on;
 *     else where it is so in all
 */
record Joined(Kind kind, int inputs, boolean anyMask) implements Layer {

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
    // What is valid in any input is valid in the sum only where all have masks.
    boolean masked =
        add && anyMask
            ? flows.stream().allMatch(Flow::masked)
            : flows.stream().anyMatch(Flow::masked);
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

  private Operand<TBool> mask(Ops tf, List<Operand<TBool>> masks) {
    // An input without a mask is valid everywhere.
    if (anyMask && masks.contains(null)) {
      return null;
    }
    BinaryOperator<Operand<TBool>> both = anyMask ? tf.math::logicalOr : tf.math::logicalAnd;
    return masks.stream().filter(Objects::nonNull).reduce(both).orElse(null);
  }
}
