package kazoku.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.PeepholeLSTMCell;
import kazoku.cells.UpdateConvention;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * The operator of ONNX that computes what a cell computes: RNN, GRU or LSTM.
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
record OnnxOperator(
    String type,
    List<Integer> blocks,
    List<Activation> functions,
    double forgetBias,
    int hiddenSize,
    List<String> biases,
    List<String> peepholes,
    Map<String, Object> attributes) {

  /** ONNX's names of functions that are Kazoku's, and have no parameters. */
  private static final Map<Activation, String> FUNCTIONS =
      Map.of(
          Activation.TANH, "Tanh",
          Activation.SIGMOID, "Sigmoid",
          Activation.RELU, "Relu",
          Activation.SOFTSIGN, "Softsign",
          Activation.SOFTPLUS, "Softplus");

  /** The operator that computes what a cell computes; null if there is none. */
  static OnnxOperator of(Cell cell) {
    OnnxOperator operator = null;
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

  private static OnnxOperator plain(
      String type,
      List<Integer> blocks,
      List<Activation> functions,
      int hiddenSize,
      List<String> biases,
      Map<String, Object> attributes) {
    return new OnnxOperator(type, blocks, functions, 0, hiddenSize, biases, List.of(), attributes);
  }

  /** Blocks i, f, g, o become i, o, f, c. */
  private static OnnxOperator lstm(
      List<Activation> functions,
      double forgetBias,
      int hiddenSize,
      boolean useBias,
      List<String> peepholes) {
    return new OnnxOperator(
        "LSTM",
        List.of(0, 3, 1, 2),
        functions,
        forgetBias,
        hiddenSize,
        useBias ? List.of("b") : List.of(),
        peepholes,
        Map.of());
  }

  /** Its attributes, read from the first step on or from the last. */
  Map<String, Object> attributes(boolean reverse) {
    Map<String, Object> all = new LinkedHashMap<>(attributes);
    all.put("direction", reverse ? "reverse" : "forward");
    all.put("hidden_size", hiddenSize);
    all.put("activations", functions.stream().map(FUNCTIONS::get).toList());
    return all;
  }

  /** Where the cell's weights are, by symbol. */
  @FunctionalInterface
  interface Source {
    Operand<TNumber> get(String symbol, long... shape);
  }

  /** A matrix of the cell, {@code [I, kH]}, as the operator has it, {@code [1, kH, I]}. */
  Operand<TNumber> matrix(Ops tf, Source weights, String symbol, long rows) {
    Operand<TNumber> matrix = weights.get(symbol, rows, (long) blocks.size() * hiddenSize);
    return one(tf, ordered(tf, tf.linalg.transpose(matrix, tf.array(1, 0)), 0));
  }

  /** The biases of both sides, {@code [1, 2kH]}. */
  Operand<TNumber> biases(Ops tf, Source weights) {
    int size = blocks.size() * hiddenSize;
    List<Operand<TNumber>> both = new ArrayList<>();
    for (int side = 0; side < 2; side++) {
      Operand<TNumber> bias =
          side < biases.size()
              ? weights.get(biases.get(side), size)
              : number(tf.fill(tf.array(size), tf.constant(0f)));
      both.add(ordered(tf, bias, side == 0 ? forgetBias : 0));
    }
    return one(tf, tf.concat(both, tf.constant(0)));
  }

  /** The peepholes, {@code [1, 3H]}; null if there are none. */
  Operand<TNumber> peepholes(Ops tf, Source weights) {
    return peepholes.isEmpty()
        ? null
        : one(
            tf,
            tf.concat(
                peepholes.stream().map(p -> weights.get(p, hiddenSize)).toList(), tf.constant(0)));
  }

  /** Blocks in the operator's order, with something added to the forget block. */
  private Operand<TNumber> ordered(Ops tf, Operand<TNumber> value, double added) {
    if (blocks.size() == 1) {
      return value;
    }
    List<Operand<TNumber>> parts =
        new ArrayList<>(tf.split(tf.constant(0), value, (long) blocks.size()).output());
    if (added != 0) {
      Operand<TNumber> number = number(tf.constant((float) added));
      parts.set(1, tf.math.add(parts.get(1), number));
    }
    return tf.concat(blocks.stream().map(parts::get).toList(), tf.constant(0));
  }

  /** Operators have an axis of directions; theirs is one. */
  private static Operand<TNumber> one(Ops tf, Operand<TNumber> value) {
    return tf.expandDims(value, tf.constant(0));
  }

  @SuppressWarnings("unchecked") // Models are of float32.
  private static Operand<TNumber> number(Operand<TFloat32> operand) {
    return (Operand<TNumber>) (Operand<?>) operand;
  }
}
