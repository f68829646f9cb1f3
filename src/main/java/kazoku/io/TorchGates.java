package kazoku.io;

import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.ProjectedLSTMCell;

/**
 * How PyTorch lays out the weights of one cell, there and back.
 *
 * <pre>
 * weight_ih [kH,I], weight_hh [kH,R]     W = weight_ihᵀ, U = weight_hhᵀ, blocks in another order
 * bias_ih, bias_hh [kH]                  b = bias_ih + bias_hh; of a GRU b and b_r
 * weight_hr [R,H]                        P = weight_hrᵀ
 * </pre>
 */
enum TorchGates {
  RNN(0),
  LSTM(0, 1, 2, 3),
  GRU(1, 0, 2);

  /** Which of PyTorch's blocks each of ours is; the other way round it is the same. */
  private final int[] order;

  TorchGates(int... order) {
    this.order = order;
  }

  /**
   * A cell and its weights.
   *
   * @param cell the cell
   * @param weights values by symbol
   */
  record Loaded(Cell cell, Map<String, Values> weights) {}

  /**
   * Reads a cell.
   *
   * @param suffix what the names end with, {@code _l0_reverse}
   * @param activation of an RNN
   */
  Loaded read(Part part, String suffix, Activation activation) {
    Values ih = part.get("weight_ih" + suffix, "kH", "I");
    int rows = ih.size(0);
    int hidden = part.divided("weight_ih" + suffix, rows, order.length);
    int input = ih.size(1);
    Map<String, Values> weights = new LinkedHashMap<>();
    int fedBack = hidden;
    if (this == LSTM && part.has("weight_hr" + suffix)) {
      Values hr = part.get("weight_hr" + suffix, "R", "H");
      fedBack = hr.size(0);
      weights.put("P", part.get("weight_hr" + suffix, fedBack, hidden).transposed());
    }
    weights.put("W", ours(ih));
    weights.put("U", ours(part.get("weight_hh" + suffix, rows, fedBack)));
    boolean biased = part.has("bias_ih" + suffix) || part.has("bias_hh" + suffix);
    if (biased) {
      Values b = part.get("bias_ih" + suffix, rows).blocks(order);
      Values recurrent = part.get("bias_hh" + suffix, rows).blocks(order);
      weights.put("b", this == GRU ? b : b.plus(recurrent));
      if (this == GRU) {
        weights.put("b_r", recurrent);
      }
    }
    Cell cell =
        switch (this) {
          case RNN -> rnn(input, hidden, biased, activation);
          case GRU -> gru(input, hidden, biased);
          case LSTM ->
              weights.containsKey("P")
                  ? projected(input, hidden, fedBack, biased)
                  : lstm(input, hidden, biased);
        };
    return new Loaded(cell, weights);
  }

  private static ElmanRNNCell rnn(int input, int hidden, boolean biased, Activation activation) {
    return new ElmanRNNCell(input, hidden, false, Integration.ADD, false, 0, 0, biased, activation);
  }

  private static GRUResetAfterCell gru(int input, int hidden, boolean biased) {
    return new GRUResetAfterCell(input, hidden, 0, 0, biased, Activation.TANH, Activation.SIGMOID);
  }

  private static LSTMCell lstm(int input, int hidden, boolean biased) {
    return new LSTMCell(input, hidden, 0, 0, 0, 0, biased, Activation.TANH, Activation.SIGMOID);
  }

  private static ProjectedLSTMCell projected(
      int input, int hidden, int projection, boolean biased) {
    return new ProjectedLSTMCell(
        input, hidden, projection, 0, 0, false, 0, 0, biased, Activation.TANH);
  }

  /** Which of PyTorch's cells computes the same as a cell. */
  static TorchGates of(Cell cell) {
    int input = cell.input().numDimensions() == 1 ? (int) cell.input().get(0) : 1;
    if (!withoutDropOut(cell).equals(theirs(cell, input))) {
      throw new IllegalArgumentException(
          "Torch: PyTorch has RNN with tanh or relu, LSTM with or without a projection, and GRU"
              + " with reset after the product, but nothing like "
              + cell);
    }
    return cell instanceof ElmanRNNCell ? RNN : cell instanceof GRUResetAfterCell ? GRU : LSTM;
  }

  /** What must be the same for all cells of one of PyTorch's modules: all but what they take. */
  static Cell kind(Cell cell) {
    return theirs(cell, 1);
  }

  /** PyTorch's cell of the same sizes; null where it has none. */
  private static Cell theirs(Cell cell, int input) {
    if (cell instanceof ElmanRNNCell rnn) {
      boolean known = rnn.activation() == Activation.TANH || rnn.activation() == Activation.RELU;
      return known ? rnn(input, rnn.hiddenSize(), rnn.useBias(), rnn.activation()) : null;
    }
    if (cell instanceof GRUResetAfterCell gru) {
      return gru(input, gru.hiddenSize(), gru.useBias());
    }
    if (cell instanceof LSTMCell lstm) {
      return lstm(input, lstm.hiddenSize(), lstm.useBias());
    }
    return cell instanceof ProjectedLSTMCell projected
        ? projected(input, projected.hiddenSize(), projected.numProj(), projected.useBias())
        : null;
  }

  /** Drop-out is no matter of weights. */
  private static Cell withoutDropOut(Cell cell) {
    if (cell instanceof ElmanRNNCell rnn) {
      return new ElmanRNNCell(
          rnn.inputSize(),
          rnn.hiddenSize(),
          rnn.independentRecurrence(),
          rnn.integration(),
          rnn.residual(),
          0,
          0,
          rnn.useBias(),
          rnn.activation());
    }
    if (cell instanceof GRUResetAfterCell gru) {
      return new GRUResetAfterCell(
          gru.inputSize(),
          gru.hiddenSize(),
          0,
          0,
          gru.useBias(),
          gru.activation(),
          gru.gateActivation());
    }
    if (cell instanceof LSTMCell lstm) {
      return new LSTMCell(
          lstm.inputSize(),
          lstm.hiddenSize(),
          lstm.forgetBias(),
          lstm.cellClip(),
          0,
          0,
          lstm.useBias(),
          lstm.activation(),
          lstm.gateActivation());
    }
    return cell;
  }

  /**
   * Writes a cell.
   *
   * @param weights values by symbol
   * @return values by PyTorch's names, without the suffix
   */
  Map<String, Values> write(Map<String, Values> weights) {
    Map<String, Values> written = new LinkedHashMap<>();
    written.put("weight_ih", theirs(weights.get("W")));
    written.put("weight_hh", theirs(weights.get("U")));
    if (weights.containsKey("b")) {
      Values b = weights.get("b").blocks(order);
      written.put("bias_ih", b);
      written.put(
          "bias_hh", this == GRU ? weights.get("b_r").blocks(order) : Values.filled(0, b.size(0)));
    }
    if (weights.containsKey("P")) {
      written.put("weight_hr", weights.get("P").transposed());
    }
    return written;
  }

  private Values ours(Values theirs) {
    return theirs.transposed().blocks(order);
  }

  private Values theirs(Values ours) {
    return ours.blocks(order).transposed();
  }
}
