package kazoku.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Slot;
import kazoku.Window;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.UpdateConvention;
import kazoku.wrap.StackedCell;
import org.tensorflow.ndarray.Shape;

/** Makes layers of the settings of Keras' recurrent layers, which may be given states. */
final class KerasRecurrences {
  private static final String BIDIRECTIONAL = "Bidirectional";
  private static final Set<String> CLASSES =
      Set.of(
          "SimpleRNN",
          "LSTM",
          "GRU",
          "ConvLSTM1D",
          "ConvLSTM2D",
          "ConvLSTM3D",
          "RNN",
          BIDIRECTIONAL);

  private KerasRecurrences() {}

  /** Whether a layer is recurrent. */
  static boolean has(KerasConfig c) {
    return CLASSES.contains(c.className());
  }

  /**
   * A layer.
   *
   * @param c its settings
   * @param flows what it takes: a sequence, and states if it is given some
   * @param maskGiven whether the file says that it is given a mask
   */
  static KerasPiece read(KerasConfig c, List<Flow> flows, boolean maskGiven) {
    Flow x = flows.get(0);
    List<Flow> states = flows.subList(1, flows.size());
    // Keras 3 hands no mask to a layer that it gives states, unless somebody writes it down.
    boolean blind = x.masked() && !states.isEmpty() && !maskGiven && !c.version().isOld();
    Flow seen = x.masked(x.masked() && !blind);
    boolean both = c.className().equals(BIDIRECTIONAL);
    KerasPiece plain = both ? bidirectional(c, seen) : one(c, seen);
    boolean gives = (both ? c.inner("layer") : c).flag("return_state", false);
    if (!gives && states.isEmpty()) {
      return plain;
    }
    RecurrentLayer recurrent = (RecurrentLayer) plain.layer();
    WithStates layer = new WithStates(recurrent, !states.isEmpty(), gives, blind);
    List<Flow> own =
        layer.slots().stream().map(slot -> new Flow(sizes(slot.shape()), false)).toList();
    requireStates(c, layer.slots(), own, states);
    List<Flow> outputs = new ArrayList<>();
    for (Flow output : plain.outputs()) {
      outputs.add(output.masked(x.masked() && !recurrent.lastOnly()));
    }
    outputs.addAll(gives ? own : List.of());
    return new KerasPiece(layer, outputs, layer.names(), plain.variables(), plain.constants());
  }

  private static void requireStates(
      KerasConfig c, List<Slot> slots, List<Flow> own, List<Flow> given) {
    c.require(
        given.isEmpty() || given.size() == own.size(),
        "must be given " + own.size() + " states, got " + given.size());
    for (int k = 0; k < given.size(); k++) {
      Flow state = own.get(k);
      c.require(
          given.get(k).sizes().equals(state.sizes()),
          "must be given a state " + slots.get(k).name() + " " + state + ", got " + given.get(k));
    }
  }

  private static List<Integer> sizes(Shape shape) {
    return Arrays.stream(shape.asArray()).mapToObj(Math::toIntExact).toList();
  }

  private static KerasPiece one(KerasConfig c, Flow x) {
    Recurrent r = Recurrent.of(c, x);
    RNN.MaskedOutput masked =
        x.masked() && !c.flag("zero_output_for_mask", false)
            ? RNN.MaskedOutput.REPEAT
            : RNN.MaskedOutput.ZERO;
    RNN rnn = new RNN(r.cell).with(masked);
    rnn = r.backwards ? rnn.reversed() : rnn;
    Layer layer = !r.steps ? rnn.last() : r.backwards ? new Backwards(rnn) : rnn;
    return KerasPiece.of(layer, r.output(c, x), r.constants(c, "cell"));
  }

  /**
   * What a recurrent layer says of itself.
   *
   * @param cell its cell
   * @param steps whether it gives all steps
   * @param backwards whether it goes from the last step to the first
   * @param unbiased the size of a bias that it has here and not there; 0 for none
   */
  private record Recurrent(Cell cell, boolean steps, boolean backwards, int unbiased) {
    static Recurrent of(KerasConfig c, Flow x) {
      c.require(x.isSequence(), "takes sequences, got " + x);
      c.require(!c.flag("time_major", false), "has time before the batch, which is not read");
      Cell cell =
          switch (c.className()) {
            case "SimpleRNN", "LSTM", "GRU" -> vectorCell(c, x);
            case "RNN" -> rnnCell(c, x);
            case "ConvLSTM1D" -> convolutional(c, x, 1);
            case "ConvLSTM2D" -> convolutional(c, x, 2);
            case "ConvLSTM3D" -> convolutional(c, x, 3);
            default -> throw c.fault("is no recurrent layer that has a counterpart here");
          };
      boolean unbiased = cell instanceof ConvLSTMCell && !c.flag("use_bias", true);
      return new Recurrent(
          cell,
          c.flag("return_sequences", false),
          c.flag("go_backwards", false),
          unbiased ? 4 * ((ConvLSTMCell) cell).hiddenSize() : 0);
    }

    Flow output(KerasConfig c, Flow x) {
      List<Integer> row = c.made(() -> KerasRecurrences.sizes(kazoku.Trace.of(cell).outputShape()));
      return steps ? Flow.of(x.sizes().get(0), row, x.masked()) : new Flow(row, false);
    }

    Map<String, Values> constants(KerasConfig c, String path) {
      return unbiased == 0 ? Map.of() : Map.of(path + "/b", c.filled(0, unbiased));
    }
  }

  private static Cell rnnCell(KerasConfig c, Flow x) {
    return cell(c.inner("cell"), x.last());
  }

  private static Cell vectorCell(KerasConfig c, Flow x) {
    KerasLayers.rank(c, x, 2);
    return gated(c, KerasLayers.channels(c, x));
  }

  private static Cell cell(KerasConfig c, int inputSize) {
    c.require(inputSize > 0, "must know the size of its input");
    return switch (c.className()) {
      case "StackedRNNCells" -> stack(c, inputSize);
      case "SimpleRNNCell", "LSTMCell", "GRUCell" -> gated(c, inputSize);
      default -> throw c.fault("is no cell that has a counterpart here");
    };
  }

  private static Cell stack(KerasConfig c, int inputSize) {
    c.only("reverse_state_order", "false");
    List<Cell> cells = new ArrayList<>();
    int size = inputSize;
    for (KerasConfig each : c.all("cells")) {
      c.require(!each.className().equals("StackedRNNCells"), "has stacks in a stack");
      cells.add(cell(each, size));
      size = each.size("units");
    }
    return c.made(() -> new StackedCell(cells));
  }

  private static Cell gated(KerasConfig c, int inputSize) {
    int units = c.size("units");
    boolean useBias = c.flag("use_bias", true);
    double dropout = c.number("dropout", 0);
    double recurrentDropout = c.number("recurrent_dropout", 0);
    Activation activation = c.activation("activation", "tanh");
    if (c.className().startsWith("SimpleRNN")) {
      return c.made(
          () ->
              new ElmanRNNCell(
                  inputSize,
                  units,
                  false,
                  Integration.ADD,
                  false,
                  dropout,
                  recurrentDropout,
                  useBias,
                  activation));
    }
    Activation gate = c.activation("recurrent_activation", "sigmoid");
    if (c.className().startsWith("LSTM")) {
      return c.made(
          () ->
              new LSTMCell(
                  inputSize, units, 0, 0, dropout, recurrentDropout, useBias, activation, gate));
    }
    return c.flag("reset_after", !c.version().isOld())
        ? c.made(
            () ->
                new GRUResetAfterCell(
                    inputSize, units, dropout, recurrentDropout, useBias, activation, gate))
        : c.made(
            () ->
                new GRUCell(
                    inputSize,
                    units,
                    UpdateConvention.KEEP,
                    dropout,
                    recurrentDropout,
                    useBias,
                    activation,
                    gate));
  }

  private static Cell convolutional(KerasConfig c, Flow x, int axes) {
    KerasLayers.rank(c, x, axes + 2);
    c.only("data_format", "channels_last");
    List<Integer> image = x.sizes().subList(1, axes + 1);
    c.require(!image.contains(-1), "must know the size of its images, got " + x);
    Window.Padding padding =
        switch (c.text("padding", "valid")) {
          case "same" -> Window.Padding.SAME;
          case "valid" -> Window.Padding.VALID;
          default -> throw c.fault("has a padding that is neither same nor valid");
        };
    List<Integer> kernel = c.sizes("kernel_size", axes, 1);
    int stride = c.sameSize("strides", axes);
    int dilation = c.sameSize("dilation_rate", axes);
    return c.made(
        () ->
            new ConvLSTMCell(
                KerasLayers.channels(c, x),
                c.size("filters"),
                image,
                kernel,
                stride,
                dilation,
                padding,
                0,
                false,
                false,
                c.number("dropout", 0),
                c.number("recurrent_dropout", 0),
                c.activation("activation", "tanh"),
                c.activation("recurrent_activation", "sigmoid")));
  }

  private static KerasPiece bidirectional(KerasConfig c, Flow x) {
    KerasConfig inner = c.inner("layer");
    Recurrent ahead = Recurrent.of(inner, x);
    KerasConfig back = c.has("backward_layer") ? c.inner("backward_layer") : inner;
    Recurrent behind = Recurrent.of(back, x);
    c.require(
        !ahead.backwards && (back == inner || behind.backwards),
        "must have a layer that goes forwards and one that goes backwards");
    c.require(ahead.steps == behind.steps, "has layers one of which gives all steps");
    c.require(
        inner.flag("return_state", false) == back.flag("return_state", false),
        "has layers one of which gives its state");
    String mode = c.text("merge_mode", "none");
    Bidirectional.Merge merge =
        switch (mode) {
          case "concat" -> Bidirectional.Merge.CONCAT;
          case "sum" -> Bidirectional.Merge.SUM;
          case "ave" -> Bidirectional.Merge.AVE;
          case "mul" -> Bidirectional.Merge.MUL;
          case "none" -> Bidirectional.Merge.NONE;
          default -> throw c.fault("has an unknown merge_mode");
        };
    Bidirectional both = c.made(() -> new Bidirectional(ahead.cell, behind.cell).with(merge));
    Layer layer = ahead.steps ? both : both.last();
    Map<String, Values> constants = new LinkedHashMap<>(ahead.constants(inner, "forward"));
    constants.putAll(behind.constants(back, "backward"));
    Flow forward = ahead.output(inner, x);
    Flow backward = behind.output(back, x);
    if (merge == Bidirectional.Merge.NONE) {
      return new KerasPiece(
          layer,
          List.of(forward, backward),
          List.of("", "backward"),
          KerasPiece.of(layer, forward, constants).variables(),
          constants);
    }
    boolean concat = merge == Bidirectional.Merge.CONCAT;
    return KerasPiece.of(
        layer, concat ? forward.to(forward.last() + backward.last()) : forward, constants);
  }
}
