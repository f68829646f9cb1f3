package kazoku.io;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.RNN;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.PeepholeLSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;

/**
 * Checkpoints of TensorFlow 1 come in: the cells of {@code tf.nn.rnn_cell} and {@code tf.contrib},
 * each with one kernel for input and state.
 *
 * <pre>{@code
 * Tensors checkpoint = TensorFlow1.read(Path.of("model.ckpt-1000"));
 * System.out.print(checkpoint);                        // names, shapes, types
 * Network network =
 *     Network.sequential(
 *         TensorFlow1.embedding(checkpoint, "words/embeddings"),
 *         TensorFlow1.lstm(checkpoint, "rnn/basic_lstm_cell"),
 *         TensorFlow1.dense(checkpoint, "logits"));
 * }</pre>
 *
 * <pre>
 * kernel [I+H,kH], bias [kH]             W = first I rows, U = last H rows, blocks in another order
 * </pre>
 *
 * <p>A cell is found by the name that its variables begin with, {@code rnn/basic_lstm_cell} for
 * {@code rnn/basic_lstm_cell/kernel}. The cells of a MultiRNNCell, {@code
 * rnn/multi_rnn_cell/cell_0/basic_lstm_cell} …, are read one by one and stand in a row as layers;
 * the two of bidirectional_dynamic_rnn are put together by {@link #bidirectional}. What a
 * checkpoint does not say must be said here: the forget bias of an LSTM, the activation of an RNN;
 * the others have tanh, and no clips.
 *
 * <p>Source: TensorFlow 1.15, {@code python/ops/rnn_cell_impl.py}, {@code contrib/rnn}, {@code
 * contrib/cudnn_rnn}. Blocks of an LSTM are i, g, f, o there, those of a GRU's gates r, z.
 */
public final class TensorFlow1 {
  private static final String WHO = "TensorFlow1";
  private static final char SLASH = '/';
  private static final int GATES = 4;

  private TensorFlow1() {}

  /**
   * Reads names and shapes of a checkpoint, or of the variables of a SavedModel. Nothing in it is
   * executed. Arrays that are stored in slices, and texts, are an error when they are asked for.
   *
   * @param prefix the path without the files' endings, {@code model.ckpt-1000} for {@code
   *     model.ckpt-1000.index}; {@code variables/variables} in a SavedModel
   * @return its variables
   * @throws IllegalArgumentException if there is no checkpoint, or if it is damaged
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Tensors read(Path prefix) {
    Checks.given(WHO, "prefix", prefix);
    return Bundle.read(prefix);
  }

  /**
   * BasicRNNCell with its default, tanh.
   *
   * @param checkpoint the checkpoint
   * @param name the cell's name
   * @return an {@link RNN} of {@link ElmanRNNCell}
   * @throws IllegalArgumentException if the checkpoint has no such cell
   */
  public static Network rnn(Tensors checkpoint, String name) {
    return rnn(checkpoint, name, Activation.TANH);
  }

  /**
   * BasicRNNCell.
   *
   * @param checkpoint the checkpoint
   * @param name the cell's name
   * @param activation the cell's activation
   * @return an {@link RNN} of {@link ElmanRNNCell}
   * @throws IllegalArgumentException if the checkpoint has no such cell
   */
  public static Network rnn(Tensors checkpoint, String name, Activation activation) {
    Part part = new Part(WHO, checkpoint, name, SLASH);
    Values kernel = part.get("kernel", "I+H", "H");
    int hidden = kernel.size(1);
    int input = rest(name, kernel, hidden);
    Cell cell =
        new ElmanRNNCell(input, hidden, false, Integration.ADD, false, 0, 0, true, activation);
    Map<String, Values> weights = halves(kernel, input);
    weights.put("b", part.get("bias", hidden));
    return part.done(layer(cell, weights));
  }

  /**
   * BasicLSTMCell, LSTMCell or LSTMBlockCell with their default, a forget bias of 1.
   *
   * @param checkpoint the checkpoint
   * @param name the cell's name
   * @return as {@link #lstm(Tensors, String, double)}
   * @throws IllegalArgumentException if the checkpoint has no such cell
   */
  public static Network lstm(Tensors checkpoint, String name) {
    return lstm(checkpoint, name, 1);
  }

  /**
   * BasicLSTMCell, LSTMCell or LSTMBlockCell, with peepholes and a projection where the checkpoint
   * has them.
   *
   * @param checkpoint the checkpoint
   * @param name the cell's name
   * @param forgetBias what the cell adds to its forget gate
   * @return an {@link RNN} of {@link LSTMCell}, {@link PeepholeLSTMCell} or {@link
   *     ProjectedLSTMCell}
   * @throws IllegalArgumentException if the checkpoint has no such cell
   */
  public static Network lstm(Tensors checkpoint, String name, double forgetBias) {
    Part part = new Part(WHO, checkpoint, name, SLASH);
    Values kernel = part.get("kernel", "I+H", "4H");
    int columns = kernel.size(1);
    int hidden = part.divided("kernel", columns, GATES);
    boolean projected = part.has("projection/kernel");
    Values projection = projected ? part.get("projection/kernel", "H", "R") : null;
    int fedBack = projected ? projection.size(1) : hidden;
    int input = rest(name, kernel, fedBack);
    Map<String, Values> weights = halves(kernel.blocks(0, 2, 1, 3), input);
    weights.put("b", part.get("bias", columns).blocks(0, 2, 1, 3));
    boolean peepholes = part.has("w_i_diag");
    if (peepholes) {
      for (String gate : new String[] {"i", "f", "o"}) {
        weights.put("p_" + gate, part.get("w_" + gate + "_diag", hidden));
      }
    }
    Cell cell;
    if (projected) {
      weights.put("P", part.get("projection/kernel", hidden, fedBack));
      cell =
          new ProjectedLSTMCell(
              input, hidden, fedBack, 0, forgetBias, peepholes, 0, 0, true, Activation.TANH);
    } else if (peepholes) {
      cell = new PeepholeLSTMCell(input, hidden, forgetBias, 0, true, Activation.TANH);
    } else {
      cell =
          new LSTMCell(
              input, hidden, forgetBias, 0, 0, 0, true, Activation.TANH, Activation.SIGMOID);
    }
    return part.done(layer(cell, weights));
  }

  /**
   * GRUCell or GRUBlockCellV2, whose reset is before the product, or CudnnCompatibleGRUCell, where
   * it is after it.
   *
   * @param checkpoint the checkpoint
   * @param name the cell's name
   * @return an {@link RNN} of {@link GRUCell} or {@link GRUResetAfterCell}
   * @throws IllegalArgumentException if the checkpoint has no such cell
   */
  public static Network gru(Tensors checkpoint, String name) {
    Part part = new Part(WHO, checkpoint, name, SLASH);
    Values kernel = part.get("gates/kernel", "I+H", "2H");
    int hidden = part.divided("gates/kernel", kernel.size(1), 2);
    int input = rest(name, kernel, hidden);
    Map<String, Values> gates = halves(kernel.blocks(1, 0), input);
    gates.put("b", part.get("gates/bias", 2 * hidden).blocks(1, 0));
    Map<String, Values> candidate;
    Cell cell;
    if (part.has("candidate/kernel")) {
      cell = new GRUCell(input, hidden);
      candidate = halves(part.get("candidate/kernel", input + hidden, hidden), input);
      candidate.put("b", part.get("candidate/bias", hidden));
    } else {
      cell = new GRUResetAfterCell(input, hidden);
      gates.put("b_r", Values.filled(0, 2 * hidden));
      candidate = new LinkedHashMap<>();
      candidate.put("W", part.get("candidate/input_projection/kernel", input, hidden));
      candidate.put("U", part.get("candidate/hidden_projection/kernel", hidden, hidden));
      candidate.put("b", part.get("candidate/input_projection/bias", hidden));
      candidate.put("b_r", part.get("candidate/hidden_projection/bias", hidden));
    }
    gates.replaceAll((symbol, values) -> values.beside(candidate.get(symbol)));
    return part.done(layer(cell, gates));
  }

  /**
   * The two cells of bidirectional_dynamic_rnn, whose outputs stand side by side.
   *
   * @param forward the cell under {@code fw}, as read here
   * @param backward the cell under {@code bw}, as read here
   * @return a {@link Bidirectional}
   * @throws IllegalArgumentException if one is not a cell over time
   */
  public static Network bidirectional(Network forward, Network backward) {
    Map<String, Values> weights = new LinkedHashMap<>();
    Cell ahead = cell(forward, "forward", weights);
    Cell back = cell(backward, "backward", weights);
    return new Network(new Bidirectional(ahead, back), weights);
  }

  private static Cell cell(Network network, String direction, Map<String, Values> weights) {
    Checks.given(WHO, direction, network);
    if (!(network.layer() instanceof RNN rnn)) {
      throw new IllegalArgumentException(
          WHO + ": " + direction + " must be a cell over time, got " + network.layer());
    }
    network
        .weights()
        .forEach((path, values) -> weights.put(path.replaceFirst("^cell", direction), values));
    return rnn.cell();
  }

  /**
   * A dense layer.
   *
   * @param checkpoint the checkpoint
   * @param name the layer's name
   * @return a linear {@link Dense}; without a bias in the checkpoint it gets one of zeros
   * @throws IllegalArgumentException if the checkpoint has no such layer
   */
  public static Network dense(Tensors checkpoint, String name) {
    Part part = new Part(WHO, checkpoint, name, SLASH);
    Values kernel = part.get("kernel", "I", "O");
    int size = kernel.size(1);
    Values b = part.has("bias") ? part.get("bias", size) : Values.filled(0, size);
    return part.done(new Network(new Dense(kernel.size(0), size), Map.of("W", kernel, "b", b)));
  }

  /**
   * A table for embedding_lookup.
   *
   * @param checkpoint the checkpoint
   * @param name the variable's whole name
   * @return an {@link Embedding} in which all tokens are valid
   * @throws IllegalArgumentException if the checkpoint has no such variable, or it is no matrix
   */
  public static Network embedding(Tensors checkpoint, String name) {
    Checks.given(WHO, "checkpoint", checkpoint);
    Checks.require(
        checkpoint.shape(name).numDimensions() == 2,
        WHO,
        name + " must be [V, J]",
        checkpoint.shape(name));
    Values table = checkpoint.values(name);
    return new Network(new Embedding(table.size(0), table.size(1)), Map.of("E", table));
  }

  private static int rest(String name, Values kernel, int hidden) {
    int input = kernel.size(0) - hidden;
    Checks.require(
        input >= 1,
        WHO,
        name + " must have more rows than the state, which is " + hidden + " wide",
        kernel.shape());
    return input;
  }

  private static Map<String, Values> halves(Values kernel, int input) {
    Map<String, Values> halves = new LinkedHashMap<>();
    halves.put("W", kernel.rows(0, input));
    halves.put("U", kernel.rows(input, kernel.size(0)));
    return halves;
  }

  private static Network layer(Cell cell, Map<String, Values> weights) {
    Map<String, Values> below = new LinkedHashMap<>();
    weights.forEach((symbol, values) -> below.put("cell/" + symbol, values));
    return new Network(new RNN(cell), below);
  }
}
