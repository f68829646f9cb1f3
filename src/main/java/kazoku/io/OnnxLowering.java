package kazoku.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Bindings;
import kazoku.Expr;
import kazoku.Loop;
import kazoku.Lowering;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Lays cells over time as ONNX does: by its operators RNN, GRU and LSTM where these compute the
 * same, for which placeholders stand in the graph, and step by step otherwise.
 *
 * @param noted where operators are noted
 */
record OnnxLowering(List<OnnxGraph.Recurrence> noted) implements Lowering {
  private static final Loop STEPS = new Loop(Loop.Form.WHILE, 1).unroll(1);

  @Override
  public RecurrentLayer.Result run(
      RNN rnn, Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    OnnxRecurrence recurrence = x.mask() == null ? OnnxRecurrence.of(rnn.cell()) : null;
    return recurrence == null
        ? rnn.with(STEPS).runAt(w, x, initialState)
        : new Run(rnn, recurrence, w, x, initialState).result();
  }

  /** Operators on one input; all inside is time-major. */
  private final class Run {
    private final RNN rnn;
    private final OnnxRecurrence recurrence;
    private final Weights w;
    private final Ops tf;
    private final Map<String, ? extends Operand<?>> initialState;
    private final Operand<TInt32> length;
    private final Operand<TInt32> rows;
    private final Operand<TInt32> lengths;
    private final Bindings all;
    private final Bindings last;
    private final Operand<TNumber> steps;
    private final Map<String, Operand<TNumber>> finals = new LinkedHashMap<>();

    Run(
        RNN rnn,
        OnnxRecurrence recurrence,
        Weights w,
        Signal x,
        Map<String, ? extends Operand<?>> initialState) {
      this.rnn = rnn;
      this.recurrence = recurrence;
      this.w = w;
      this.tf = w.tf();
      this.initialState = initialState;
      Operand<TNumber> given = number(tf.dtypes.cast(x.value(), w.type()));
      Operand<TNumber> major = rnn.timeMajor() ? given : exchanged(given);
      this.length = size(major, 0);
      this.rows = size(major, 1);
      this.lengths =
          x.lengths() == null
              ? null
              : tf.math.maximum(tf.math.minimum(x.lengths(), length), tf.constant(0));
      // Operators do not look at padding, but what stands in it must reach no table before them.
      this.all = new Bindings(w, 2, () -> tf.slice(tf.shape(major), tf.array(0), tf.array(2)));
      this.steps = recurrence.isBare() ? major : within(major, all.scalar(0));
      this.last = new Bindings(w, 1, () -> rows);
    }

    RecurrentLayer.Result result() {
      recurrence.trace().weights().asked().forEach(this::bindWeight);
      all.put(recurrence.trace().input(), steps);
      last.put(recurrence.trace().input(), this::lastStep);
      recurrence.parts().forEach(this::add);
      Map<String, Operand<TNumber>> states = new LinkedHashMap<>();
      recurrence.trace().state().keySet().forEach(slot -> states.put(slot, finals.get(slot)));
      return new RecurrentLayer.Result(output(), states);
    }

    private void bindWeight(String symbol, Expr leaf) {
      w.input(symbol, leaf.shape().asArray());
      all.put(leaf, w.operand(symbol));
      last.put(leaf, w.operand(symbol));
    }

    private void add(OnnxRecurrence.Part part) {
      OnnxOperator operator = part.operator();
      int size = operator.hiddenSize();
      List<String> slots = new ArrayList<>(part.slots().values());
      Collections.reverse(slots); // ONNX has h before c.
      OnnxOperator.Source weights =
          (symbol, shape) -> all.get(part.step().weights().input(symbol, shape));
      Expr input = part.step().input();
      List<Operand<?>> inputs = new ArrayList<>();
      inputs.add(all.get(input));
      inputs.add(operator.matrix(tf, weights, "W", input.size()));
      inputs.add(operator.matrix(tf, weights, "U", size));
      inputs.add(operator.biases(tf, weights));
      inputs.add(lengths);
      boolean zero = slots.stream().allMatch(slot -> first(slot) == null);
      slots.forEach(slot -> inputs.add(zero ? null : begin(first(slot), size)));
      inputs.add(operator.peepholes(tf, weights));

      Operand<TNumber> outputs = given(-1, 1, -1, size);
      List<Operand<TNumber>> ends = slots.stream().map(slot -> given(1, -1, size)).toList();
      noted.add(
          new OnnxGraph.Recurrence(
              operator.type(),
              inputs,
              Stream.concat(Stream.of(outputs), ends.stream()).toList(),
              operator.attributes(rnn.reverse())));
      for (String slot : slots) {
        Operand<TNumber> end = without(0, ends.get(slots.indexOf(slot)));
        finals.put(slot, orElse(end, first(slot)));
      }
      Expr output = part.step().step().output();
      all.put(output, without(1, outputs));
      last.put(output, without(0, ends.get(0)));
    }

    /** The first state of each row or of all; null if it is zero. */
    private Operand<TNumber> first(String slot) {
      Operand<?> given = initialState.get(slot);
      Expr own = recurrence.trace().initial().get(slot);
      return given != null ? number(given) : Bindings.isZero(own) ? null : all.get(own);
    }

    private Operand<TNumber> begin(Operand<TNumber> state, int size) {
      return tf.expandDims(eachRow(state, size), tf.constant(0));
    }

    private Operand<TNumber> eachRow(Operand<TNumber> state, int size) {
      Operand<TInt32> shape = tf.concat(List.of(rows, tf.array(size)), tf.constant(0));
      return tf.broadcastTo(state == null ? all.scalar(0) : state, shape);
    }

    private Operand<TNumber> given(long... sizes) {
      return number(tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(sizes))));
    }

    private Operand<TNumber> without(long axis, Operand<TNumber> value) {
      return tf.squeeze(value, Squeeze.axis(List.of(axis)));
    }

    // What is made of them

    private Operand<TNumber> output() {
      Expr output = recurrence.trace().output();
      if (rnn.lastOnly()) {
        return orElse(last.get(output), null);
      }
      Operand<TNumber> outputs = all.get(output);
      if (rnn.maskedOutput() == RNN.MaskedOutput.REPEAT && !rnn.reverse()) {
        outputs = within(outputs, orElse(last.get(output), null));
      } else if (!recurrence.gives(output)) { // Operators give zeros past a row's length.
        outputs = within(outputs, all.scalar(0));
      }
      return rnn.timeMajor() ? outputs : exchanged(outputs);
    }

    /** Values within the lengths of rows, and something else past them. */
    private Operand<TNumber> within(Operand<TNumber> values, Operand<TNumber> past) {
      if (lengths == null) {
        return values;
      }
      Operand<TInt32> time =
          tf.range(tf.constant(0), tf.reshape(length, tf.constant(new int[0])), tf.constant(1));
      Operand<TBool> within =
          tf.math.less(tf.expandDims(time, tf.constant(1)), tf.expandDims(lengths, tf.constant(0)));
      return tf.select(withAxes(within, axes(values) - 2), values, past);
    }

    /** What operators give, for rows with steps; something else, or zeros, for the others. */
    private Operand<TNumber> orElse(Operand<TNumber> last, Operand<TNumber> other) {
      if (lengths == null) {
        return last;
      }
      Operand<TBool> stepped = tf.math.greater(lengths, tf.constant(0));
      return tf.select(
          withAxes(stepped, axes(last) - 1), last, other == null ? all.scalar(0) : other);
    }

    private Operand<TBool> withAxes(Operand<TBool> mask, int axes) {
      Operand<TBool> wide = mask;
      for (int k = 0; k < axes; k++) {
        wide = tf.expandDims(wide, tf.constant(-1));
      }
      return wide;
    }

    /** The input of the step that is read last, {@code [B, …]}. */
    private Operand<TNumber> lastStep() {
      if (rnn.reverse()) {
        return tf.gather(steps, tf.constant(0), tf.constant(0));
      }
      if (lengths == null) {
        return without(0, tf.gather(steps, tf.math.sub(length, tf.array(1)), tf.constant(0)));
      }
      Operand<TInt32> place = tf.math.maximum(tf.math.sub(lengths, tf.constant(1)), tf.constant(0));
      return without(
          1,
          tf.gather(
              exchanged(steps),
              tf.expandDims(place, tf.constant(1)),
              tf.constant(1),
              Gather.batchDims(1L)));
    }

    private Operand<TInt32> size(Operand<TNumber> value, int axis) {
      return tf.slice(tf.shape(value), tf.array(axis), tf.array(1));
    }

    private static int axes(Operand<TNumber> value) {
      return value.asOutput().shape().numDimensions();
    }

    private Operand<TNumber> exchanged(Operand<TNumber> value) {
      int[] order = IntStream.range(0, axes(value)).toArray();
      order[0] = 1;
      order[1] = 0;
      return tf.linalg.transpose(value, tf.constant(order));
    }
  }

  @SuppressWarnings("unchecked") // Models are of float32.
  private static Operand<TNumber> number(Operand<?> operand) {
    return (Operand<TNumber>) operand;
  }
}
