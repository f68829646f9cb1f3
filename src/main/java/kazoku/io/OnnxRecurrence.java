package kazoku.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Stacked;
import kazoku.Weights;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.PeepholeLSTMCell;
import kazoku.cells.UpdateConvention;
import kazoku.wrap.TrainableInitialState;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A recurrent layer whose cells are an operator of ONNX: RNN, GRU or LSTM in the place of a loop.
 *
 * <p>It gives placeholders, and notes for which operator they stand.
 *
 * @param layer the layer, which itself does what operators cannot: masks
 * @param directions a cell, or one for each direction
 * @param direction ONNX's name of it
 * @param merge how outputs of two directions become one
 * @param noted where operators are noted
 */
record OnnxRecurrence(
    RecurrentLayer layer,
    List<Direction> directions,
    String direction,
    Bidirectional.Merge merge,
    List<OnnxGraph.Recurrence> noted)
    implements RecurrentLayer {

  private static final Loop STEPS = new Loop(Loop.Form.WHILE, 1);

  /** ONNX's names of functions that are Kazoku's, and have no parameters. */
  private static final Map<Activation, String> FUNCTIONS =
      Map.of(
          Activation.TANH, "Tanh",
          Activation.SIGMOID, "Sigmoid",
          Activation.RELU, "Relu",
          Activation.SOFTSIGN, "Softsign",
          Activation.SOFTPLUS, "Softplus");

  /**
   * The operator of a cell.
   *
   * @param type its name
   * @param blocks the cell's blocks in the order of the operator
   * @param functions its activations
   * @param forgetBias what is added to the cell's block 1
   * @param hiddenSize H
   * @param biases the cell's biases, by the side they stand on
   * @param peepholes the cell's peepholes, in the order of the operator
   * @param attributes more attributes
   */
  record Operator(
      String type,
      List<Integer> blocks,
      List<Activation> functions,
      double forgetBias,
      int hiddenSize,
      List<String> biases,
      List<String> peepholes,
      Map<String, Object> attributes) {

    /** The operator that computes what a cell computes; null if there is none. */
    static Operator of(Cell cell) {
      Operator operator = null;
      if (cell instanceof ElmanRNNCell rnn
          && !rnn.independentRecurrence()
          && rnn.integration() == Integration.ADD
          && !rnn.residual()) {
        List<Activation> functions = List.of(rnn.activation());
        List<String> biases = rnn.useBias() ? List.of("b") : List.of();
        operator = plain("RNN", List.of(0), functions, rnn.hiddenSize(), biases, Map.of());
      } else if (cell instanceof GRUCell gru && gru.updateConvention() == UpdateConvention.KEEP) {
        List<Activation> functions = List.of(gru.gateActivation(), gru.activation());
        List<String> biases = gru.useBias() ? List.of("b") : List.of();
        operator = plain("GRU", List.of(0, 1, 2), functions, gru.hiddenSize(), biases, Map.of());
      } else if (cell instanceof GRUResetAfterCell gru) {
        List<Activation> functions = List.of(gru.gateActivation(), gru.activation());
        List<String> biases = gru.useBias() ? List.of("b", "b_r") : List.of();
        Map<String, Object> after = Map.of("linear_before_reset", 1);
        operator = plain("GRU", List.of(0, 1, 2), functions, gru.hiddenSize(), biases, after);
      } else if (cell instanceof LSTMCell lstm && lstm.cellClip() == 0) {
        operator =
            lstm(
                List.of(lstm.gateActivation(), lstm.activation(), lstm.activation()),
                lstm.forgetBias(),
                lstm.hiddenSize(),
                lstm.useBias(),
                List.of());
      } else if (cell instanceof PeepholeLSTMCell lstm && lstm.cellClip() == 0) {
        operator =
            lstm(
                List.of(Activation.SIGMOID, lstm.activation(), lstm.activation()),
                lstm.forgetBias(),
                lstm.hiddenSize(),
                lstm.useBias(),
                List.of("p_i", "p_o", "p_f"));
      }
      boolean known = operator != null && FUNCTIONS.keySet().containsAll(operator.functions);
      return known ? operator : null;
    }

    private static Operator plain(
        String type,
        List<Integer> blocks,
        List<Activation> functions,
        int hiddenSize,
        List<String> biases,
        Map<String, Object> attributes) {
      return new Operator(type, blocks, functions, 0, hiddenSize, biases, List.of(), attributes);
    }

    /** Blocks i, f, g, o become i, o, f, c. */
    private static Operator lstm(
        List<Activation> functions,
        double forgetBias,
        int hiddenSize,
        boolean useBias,
        List<String> peepholes) {
      return new Operator(
          "LSTM",
          List.of(0, 3, 1, 2),
          functions,
          forgetBias,
          hiddenSize,
          useBias ? List.of("b") : List.of(),
          peepholes,
          Map.of());
    }

    /** Whether both are one operator, with activations of their own. */
    boolean goesWith(Operator other) {
      return type.equals(other.type)
          && hiddenSize == other.hiddenSize
          && peepholes.equals(other.peepholes)
          && attributes.equals(other.attributes);
    }
  }

  /**
   * A cell that reads in one direction.
   *
   * @param path where its weights stand
   * @param slots its states stand under it
   * @param learnt where its first state stands; null if that is zero
   * @param operator null if there is none
   */
  record Direction(String path, String slots, String learnt, Cell cell, Operator operator) {

    static Direction of(String path, String slots, Cell cell) {
      return cell instanceof TrainableInitialState wrapper
          ? new Direction(
              path + "/cell", slots + "cell/", path, wrapper.cell(), Operator.of(wrapper.cell()))
          : new Direction(path, slots, null, cell, Operator.of(cell));
    }
  }

  /** The same layers, with operators where there are some; loops go step by step. */
  static Layer in(Layer layer, List<OnnxGraph.Recurrence> noted) {
    if (layer instanceof Sequential row) {
      return new Sequential(row.layers().stream().map(each -> in(each, noted)).toList());
    }
    if (layer instanceof Layer.Named named) {
      return in(named.layer(), noted).named(named.name());
    }
    return layer instanceof RecurrentLayer recurrent
        ? in(recurrent, noted).named(layer.name())
        : layer;
  }

  private static RecurrentLayer in(RecurrentLayer layer, List<OnnxGraph.Recurrence> noted) {
    if (layer instanceof Stacked stacked) {
      return new Stacked(
          stacked.layers().stream().map(each -> in(each, noted)).toList(),
          stacked.keepProb(),
          stacked.variational(),
          stacked.residual());
    }
    if (layer instanceof RNN rnn) {
      Direction only = Direction.of("cell", "", rnn.cell());
      boolean plain = !rnn.timeMajor() && rnn.maskedOutput() == RNN.MaskedOutput.ZERO;
      String direction = rnn.reverse() ? "reverse" : "forward";
      return plain && only.operator != null
          ? new OnnxRecurrence(rnn.with(STEPS), List.of(only), direction, null, noted)
          : rnn.with(STEPS);
    }
    if (layer instanceof Bidirectional both) {
      Direction ahead = Direction.of("forward", "forward/", both.forward());
      Direction back = Direction.of("backward", "backward/", both.backward());
      boolean plain =
          !both.timeMajor()
              && both.maskedOutput() == RNN.MaskedOutput.ZERO
              && both.merge() != Bidirectional.Merge.NONE;
      boolean one =
          ahead.operator != null && back.operator != null && ahead.operator.goesWith(back.operator);
      return plain && one
          ? new OnnxRecurrence(
              both.with(STEPS), List.of(ahead, back), "bidirectional", both.merge(), noted)
          : both.with(STEPS);
    }
    return layer;
  }

  @Override
  public Shape input() {
    return layer.input();
  }

  @Override
  public boolean lastOnly() {
    return layer.lastOnly();
  }

  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    return x.mask() == null ? new Run(w, x, initialState).result() : layer.run(w, x, initialState);
  }

  /** The operator on one input. */
  private final class Run {
    private final Weights w;
    private final Ops tf;
    private final Operand<TFloat32> steps;
    private final Operand<TInt32> lengths;
    private final Operand<TBool> stepped;
    private final Map<String, ? extends Operand<?>> initialState;
    private final Operator operator = directions.get(0).operator;
    private final int hiddenSize = operator.hiddenSize;

    Run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
      this.w = w;
      this.tf = w.tf();
      this.initialState = initialState;
      this.steps =
          tf.linalg.transpose(tf.dtypes.cast(x.value(), TFloat32.class), tf.array(1, 0, 2));
      Operand<TInt32> length = tf.slice(tf.shape(steps), tf.array(0), tf.array(1));
      this.lengths =
          x.lengths() == null
              ? null
              : tf.math.maximum(tf.math.minimum(x.lengths(), length), tf.constant(0));
      this.stepped =
          lengths == null
              ? null
              : tf.expandDims(tf.math.greater(lengths, tf.constant(0)), tf.constant(1));
    }

    Result result() {
      List<Operand<?>> inputs = new ArrayList<>();
      inputs.add(steps);
      inputs.add(each(d -> turned(directions.get(d), "W", input().get(0))));
      inputs.add(each(d -> turned(directions.get(d), "U", hiddenSize)));
      inputs.add(each(d -> biases(directions.get(d))));
      inputs.add(lengths);
      List<Slot> slots = directions.get(0).cell.state();
      List<String> states = new ArrayList<>(slots.stream().map(Slot::name).toList());
      Collections.reverse(states); // ONNX has h before c.
      states.forEach(slot -> inputs.add(initial(slot)));
      if (!operator.peepholes.isEmpty()) {
        inputs.add(each(d -> peepholes(directions.get(d))));
      }
      List<Operand<TFloat32>> outputs = new ArrayList<>();
      outputs.add(given(-1, directions.size(), -1, hiddenSize));
      states.forEach(slot -> outputs.add(given(directions.size(), -1, hiddenSize)));
      noted.add(new OnnxGraph.Recurrence(operator.type, inputs, outputs, attributes()));

      Map<String, Operand<TNumber>> finals = new LinkedHashMap<>();
      List<Operand<TFloat32>> parts = new ArrayList<>();
      for (int d = 0; d < directions.size(); d++) {
        for (String slot : states) {
          Operand<TFloat32> last =
              tf.gather(outputs.get(1 + states.indexOf(slot)), tf.constant(d), tf.constant(0));
          Direction of = directions.get(d);
          finals.put(of.slots + slot, number(orElse(last, first(of, slot))));
        }
        parts.add(
            lastOnly()
                ? orElse(tf.gather(outputs.get(1), tf.constant(d), tf.constant(0)), null)
                : tf.linalg.transpose(
                    tf.gather(outputs.get(0), tf.constant(d), tf.constant(1)), tf.array(1, 0, 2)));
      }
      return new Result(number(merged(parts)), finals);
    }

    private Map<String, Object> attributes() {
      List<String> functions =
          directions.stream()
              .flatMap(d -> d.operator.functions.stream())
              .map(FUNCTIONS::get)
              .toList();
      Map<String, Object> attributes = new LinkedHashMap<>(operator.attributes);
      attributes.put("direction", direction);
      attributes.put("hidden_size", hiddenSize);
      attributes.put("activations", functions);
      return attributes;
    }

    private Operand<TFloat32> merged(List<Operand<TFloat32>> parts) {
      if (parts.size() == 1) {
        return parts.get(0);
      }
      Operand<TFloat32> sum = tf.math.add(parts.get(0), parts.get(1));
      return switch (merge) {
        case SUM -> sum;
        case AVE -> tf.math.mul(sum, tf.constant(0.5f));
        case MUL -> tf.math.mul(parts.get(0), parts.get(1));
        default -> tf.concat(parts, tf.constant(-1));
      };
    }

    /** What the operator gives, for rows with steps; something else, or zeros, for the others. */
    private Operand<TFloat32> orElse(Operand<TFloat32> last, Operand<TFloat32> other) {
      return stepped == null
          ? last
          : tf.select(stepped, last, other == null ? tf.zerosLike(last) : eachRow(other));
    }

    private Operand<TFloat32> given(long... sizes) {
      return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(sizes)));
    }

    private Operand<TFloat32> each(IntFunction<Operand<TFloat32>> value) {
      List<Operand<TFloat32>> all = new ArrayList<>();
      for (int d = 0; d < directions.size(); d++) {
        all.add(value.apply(d));
      }
      return tf.stack(all);
    }

    /** The first state of all directions; null if all begin at zero. */
    private Operand<TFloat32> initial(String slot) {
      return directions.stream().allMatch(d -> first(d, slot) == null)
          ? null
          : each(d -> eachRow(first(directions.get(d), slot)));
    }

    /** The first state of a direction, of each row or of all; null if it is zero. */
    private Operand<TFloat32> first(Direction of, String slot) {
      Operand<?> given = initialState.get(of.slots + slot);
      return given != null || of.learnt == null
          ? float32(given)
          : weight(of.learnt, "initial/" + slot, 1, hiddenSize);
    }

    private Operand<TFloat32> eachRow(Operand<TFloat32> state) {
      Operand<TInt32> rows = tf.slice(tf.shape(steps), tf.array(1), tf.array(1));
      Operand<TInt32> shape = tf.concat(List.of(rows, tf.array(hiddenSize)), tf.constant(0));
      return tf.broadcastTo(state == null ? tf.constant(0f) : state, shape);
    }

    /** A matrix, {@code [I, kH]}, as the operator has it, {@code [kH, I]}. */
    private Operand<TFloat32> turned(Direction of, String symbol, long rows) {
      int columns = of.operator.blocks.size() * hiddenSize;
      Operand<TFloat32> matrix = weight(of.path, symbol, rows, columns);
      return ordered(of, tf.linalg.transpose(matrix, tf.array(1, 0)), 0);
    }

    private Operand<TFloat32> biases(Direction of) {
      int size = of.operator.blocks.size() * hiddenSize;
      List<Operand<TFloat32>> both = new ArrayList<>();
      for (int side = 0; side < 2; side++) {
        List<String> symbols = of.operator.biases;
        Operand<TFloat32> bias =
            side < symbols.size()
                ? weight(of.path, symbols.get(side), size)
                : tf.fill(tf.array(size), tf.constant(0f));
        both.add(ordered(of, bias, side == 0 ? of.operator.forgetBias : 0));
      }
      return tf.concat(both, tf.constant(0));
    }

    private Operand<TFloat32> peepholes(Direction of) {
      return tf.concat(
          of.operator.peepholes.stream().map(p -> weight(of.path, p, hiddenSize)).toList(),
          tf.constant(0));
    }

    /** Blocks in the operator's order, with something added to the forget block. */
    private Operand<TFloat32> ordered(Direction of, Operand<TFloat32> value, double forgetBias) {
      List<Integer> blocks = of.operator.blocks;
      if (blocks.size() == 1) {
        return value;
      }
      List<Operand<TFloat32>> parts =
          new ArrayList<>(tf.split(tf.constant(0), value, (long) blocks.size()).output());
      if (forgetBias != 0) {
        parts.set(1, tf.math.add(parts.get(1), tf.constant((float) forgetBias)));
      }
      return tf.concat(blocks.stream().map(parts::get).toList(), tf.constant(0));
    }

    private Operand<TFloat32> weight(String path, String symbol, long... shape) {
      Weights own = w.in(path);
      own.input(symbol, shape);
      return float32(own.operand(symbol));
    }
  }

  @SuppressWarnings("unchecked") // Models are of float32.
  private static Operand<TFloat32> float32(Operand<?> operand) {
    return (Operand<TFloat32>) operand;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TNumber> number(Operand<?> operand) {
    return (Operand<TNumber>) operand;
  }
}
