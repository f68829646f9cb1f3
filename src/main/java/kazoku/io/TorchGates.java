package kazoku.io;

import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
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
          case RNN -> new ElmanRNNCell(
              input, hidden, false, Integration.ADD, false, biased, activation);
          case GRU -> new GRUResetAfterCell(input, hidden, biased, Activation.TANH);
          case LSTM -> weights.containsKey("P")
              ? projected(input, hidden, fedBack, biased)
              : lstm(input, hidden, biased);
        };
    return new Loaded(cell, weights);
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
    if (cell instanceof ElmanRNNCell elman && sameAsTorch(elman)) {
      return RNN;
    }
    if (cell instanceof GRUResetAfterCell gru && gru.activation() == Activation.TANH) {
      return GRU;
    }
    if (cell instanceof LSTMCell lstm && sameAsTorch(lstm)
        || cell instanceof ProjectedLSTMCell projected && sameAsTorch(projected)) {
      return LSTM;
    }
    throw new IllegalArgumentException(
        "Torch: PyTorch has RNN with tanh or relu, LSTM with or without a projection, and GRU with"
            + " reset after the product, but nothing like "
            + cell);
  }

  private static boolean sameAsTorch(ElmanRNNCell cell) {
    Activation activation = cell.activation();
    return (activation == Activation.TANH || activation == Activation.RELU)
        && !cell.independentRecurrence()
        && cell.integration() == Integration.ADD
        && !cell.residual();
  }

  /** Drop-out is no matter of weights. */
  private static boolean sameAsTorch(LSTMCell cell) {
    return cell.forgetBias() == 0
        && cell.cellClip() == 0
        && cell.activation() == Activation.TANH
        && cell.gateActivation() == Activation.SIGMOID;
  }

  private static boolean sameAsTorch(ProjectedLSTMCell cell) {
    return cell.equals(
        projected(cell.inputSize(), cell.hiddenSize(), cell.numProj(), cell.useBias()));
  }

  /** What must be the same for all cells of one of PyTorch's modules: all but what they take. */
  static Cell kind(Cell cell) {
    if (cell instanceof ElmanRNNCell elman) {
      return new ElmanRNNCell(
          1, elman.hiddenSize(), false, Integration.ADD, false, elman.useBias(), elman.activation());
    }
    if (cell instanceof GRUResetAfterCell gru) {
      return new GRUResetAfterCell(1, gru.hiddenSize(), gru.useBias(), gru.activation());
    }
    return cell instanceof ProjectedLSTMCell projected
        ? projected(1, projected.hiddenSize(), projected.numProj(), projected.useBias())
        : lstm(1, ((LSTMCell) cell).hiddenSize(), ((LSTMCell) cell).useBias());
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
          "bias_hh",
          this == GRU ? weights.get("b_r").blocks(order) : Values.filled(0, b.size(0)));
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
