package kazoku.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Built;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A layer in a graph, from placeholders to its output.
 *
 * @param inputs what is fed, by name
 * @param ports where it is fed
 * @param output what the layer gives, with what stands beside it
 * @param outputs all outputs by name, the first one's is empty; an input that was only passed on is
 *     none, nor is a weight
 * @param built what the layer is made of, each after what stands in it
 */
record Pass(
    Inputs inputs,
    Map<String, Port> ports,
    Signal output,
    Map<String, Signal> outputs,
    List<Built> built) {

  /**
   * Where one input is fed.
   *
   * @param value {@code [B, T, I]}, {@code [B, T]} or {@code [B, I]}
   * @param lengths {@code [B]}; null where there are no steps
   */
  record Port(Placeholder<? extends TNumber> value, Placeholder<TInt32> lengths) {
    void feed(Session.Runner runner, Batch.Part part) {
      runner.feed(value, part.value());
      if (lengths != null) {
        runner.feed(lengths, part.lengths());
      }
    }

    /** T, or −1. */
    int steps() {
      return lengths == null ? -1 : Math.toIntExact(value.asOutput().shape().get(1));
    }
  }

  /**
   * Builds a pass.
   *
   * @param steps T, or −1 for any
   */
  static Pass build(Ops tf, Weights weights, Layer layer, Inputs inputs, long steps) {
    return build(weights, layer, inputs, ports(tf, inputs, steps));
  }

  /** Where inputs are fed. */
  static Map<String, Port> ports(Ops tf, Inputs inputs, long steps) {
    Map<String, Port> ports = new LinkedHashMap<>();
    inputs.all().forEach((name, input) -> ports.put(name, port(tf, name, input, steps)));
    return ports;
  }

  /** The same inputs through a layer again, with weights of another use. */
  Pass again(Weights weights, Layer layer) {
    return build(weights, layer, inputs, ports);
  }

  /** The inputs of some ports through a layer. */
  static Pass build(Weights weights, Layer layer, Inputs inputs, Map<String, Port> ports) {
    List<Built> built = new ArrayList<>();
    Signal output = layer.apply(weights.observed(built::add), signal(weights.tf(), inputs, ports));
    Map<String, Signal> outputs = new LinkedHashMap<>();
    outputs.put("", output);
    output
        .beside()
        .forEach(
            (name, signal) -> {
              boolean weight = weights.operands().containsValue(signal.value());
              if (!weight && !ports.containsKey(name)) {
                outputs.put(name, signal);
              }
            });
    return new Pass(inputs, ports, output, outputs, built);
  }

  private static Port port(Ops tf, String name, Inputs.Input input, long steps) {
    Shape shape =
        switch (input.kind()) {
          case VECTORS -> Shape.of(Shape.UNKNOWN_SIZE, steps, input.size());
          case TOKENS -> Shape.of(Shape.UNKNOWN_SIZE, steps);
          case ROWS -> Shape.of(Shape.UNKNOWN_SIZE, input.size());
        };
    Ops named = tf.withName(name);
    Placeholder<? extends TNumber> value =
        input.kind() == Inputs.Kind.TOKENS
            ? named.placeholder(TInt32.class, Placeholder.shape(shape))
            : named.placeholder(TFloat32.class, Placeholder.shape(shape));
    return new Port(value, input.kind() == Inputs.Kind.ROWS ? null : lengths(tf, name));
  }

  /** The lengths of a sequence that is fed. */
  static Placeholder<TInt32> lengths(Ops tf, String name) {
    return tf.withName(Export.lengths(name))
        .placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }

  private static Signal signal(Ops tf, Inputs inputs, Map<String, Port> ports) {
    Signal first = null;
    for (Map.Entry<String, Inputs.Input> input : inputs.all().entrySet()) {
      Port port = ports.get(input.getKey());
      Signal signal = new Signal(shaped(tf, port.value(), input.getValue()), port.lengths());
      first = first == null ? signal : first.beside(input.getKey(), signal);
    }
    return first;
  }

  /** Steps that are images are fed flat. */
  private static Operand<? extends TNumber> shaped(
      Ops tf, Operand<? extends TNumber> value, Inputs.Input input) {
    if (input.row().isUnknown() || input.row().numDimensions() < 2) {
      return value;
    }
    Operand<TInt32> leading = tf.slice(tf.shape(value), tf.array(0), tf.array(2));
    int[] row = new int[input.row().numDimensions()];
    java.util.Arrays.setAll(row, k -> (int) input.row().get(k));
    return tf.reshape(value, tf.concat(List.of(leading, tf.constant(row)), tf.constant(0)));
  }

  /** An output by name; the first one's name is empty. */
  Signal output(String name) {
    return name.isEmpty() ? output : output.beside(name);
  }

  /** The number of axes of an output, or −1. */
  int rank(String name) {
    Shape shape = output(name).value().asOutput().shape();
    return shape.isUnknown() ? -1 : shape.numDimensions();
  }

  /** O, or −1. */
  long outputSize(String name) {
    return rank(name) < 1 ? -1 : output(name).value().asOutput().shape().get(-1);
  }

  /** Raises data that does not fit the inputs. */
  void check(Sequences data) {
    inputs
        .all()
        .forEach(
            (name, input) -> {
              Column column = data.column(name);
              if (column == null) {
                throw new IllegalArgumentException(
                    "Model: there must be an input "
                        + name
                        + " beside the first; give it, sequences.beside(\""
                        + name
                        + "\", …)");
              }
              check(name, input, column);
            });
  }

  private void check(String name, Inputs.Input input, Column column) {
    if (input.kind() != column.kind()) {
      throw new IllegalArgumentException(
          "Model: " + name + " must be " + input.kind() + ", got " + column.kind());
    }
    if (input.size() >= 0 && column.size() >= 0 && input.size() != column.size()) {
      boolean first = name.equals(Inputs.FIRST);
      throw new IllegalArgumentException(
          "Model: "
              + (first ? "steps" : name)
              + " must have "
              + input.size()
              + " numbers, as the "
              + (first ? "first layer" : "model")
              + " takes, got "
              + column.size());
    }
    int steps = ports.get(name).steps();
    int longest = column.longest(IntStream.range(0, column.rows()).toArray());
    if (steps >= 0 && longest > steps) {
      throw new IllegalArgumentException(
          "Model: rows must have at most "
              + steps
              + " steps, as the model was made for, got "
              + longest);
    }
  }

  /** Some rows of data, padded to the longest, or to the number of steps of this pass. */
  Batch batch(Course.Rows of) {
    Sequences data = of.data();
    int[] rows = of.indices();
    Map<String, Batch.Part> parts = new LinkedHashMap<>();
    inputs
        .all()
        .forEach(
            (name, input) -> {
              Column column = data.column(name);
              int fixed = ports.get(name).steps();
              int size = input.size() >= 0 ? input.size() : Math.max(0, column.size());
              int steps = fixed >= 0 ? fixed : column.longest(rows);
              parts.put(
                  name,
                  new Batch.Part(
                      column.tensor(rows, steps, size),
                      ports.get(name).lengths() == null ? null : Sequences.lengths(column, rows)));
            });
    return new Batch(
        parts,
        data.targetParts(rows, ports.get(Inputs.FIRST).steps()),
        data.sampleWeights(rows),
        of.counted() == 0 ? null : TInt32.scalarOf(of.counted()));
  }

  void feed(Session.Runner runner, Batch batch) {
    ports.forEach((name, port) -> port.feed(runner, batch.inputs().get(name)));
  }
}
