package kazoku.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Weights;
import kazoku.wrap.StackedCell;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * A recurrent layer that begins with states which stand beside its input as {@code 1}, {@code 2},
 * …, or gives those it ends with beside its output: Keras' {@code initial_state} and {@code
 * return_state}. They come in Keras' order: cell by cell, h before c.
 *
 * @param layer the layer: an {@link RNN}, {@link Backwards} or {@link Bidirectional}
 * @param begins whether it is given states
 * @param gives whether it gives states
 * @param blind whether it takes steps that are masked as all others, and passes the mask on
 */
record WithStates(RecurrentLayer layer, boolean begins, boolean gives, boolean blind)
    implements Layer {
  private static final String BACKWARD = "backward";

  /** The states of a layer, in Keras' order. */
  List<Slot> slots() {
    return slots(layer);
  }

  private static List<Slot> slots(RecurrentLayer layer) {
    if (layer instanceof Backwards backwards) {
      return slots(backwards.rnn());
    }
    if (layer instanceof Bidirectional both) {
      List<Slot> all = new ArrayList<>(under("forward", slots(both.forward())));
      all.addAll(under(BACKWARD, slots(both.backward())));
      return all;
    }
    return slots(((RNN) layer).cell());
  }

  private static List<Slot> slots(Cell cell) {
    List<Slot> all = new ArrayList<>();
    if (cell instanceof StackedCell stack) {
      for (int k = 0; k < stack.cells().size(); k++) {
        all.addAll(under(Integer.toString(k), slots(stack.cells().get(k))));
      }
    } else {
      // An LSTM has c before h here.
      cell.state().forEach(slot -> all.add(0, slot));
    }
    return all;
  }

  private static List<Slot> under(String path, List<Slot> slots) {
    return slots.stream().map(slot -> slot.in(path)).toList();
  }

  /** What the outputs are called beside the first. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    names.add("");
    if (isPair()) {
      names.add(BACKWARD);
    }
    if (gives) {
      slots().forEach(slot -> names.add(name(slot)));
    }
    return names;
  }

  private static String name(Slot slot) {
    return "state/" + slot.name();
  }

  private boolean isPair() {
    return layer instanceof Bidirectional both && both.merge() == Bidirectional.Merge.NONE;
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Map<String, Operand<?>> initial = new LinkedHashMap<>();
    if (begins) {
      w.acrossSteps("a layer that is given a state");
      List<Slot> slots = slots();
      for (int k = 0; k < slots.size(); k++) {
        initial.put(slots.get(k).name(), x.beside(Integer.toString(k + 1)).value());
      }
    }
    RecurrentLayer.Result result = layer.run(w, blind ? x.masked(null) : x, initial);
    Operand<TNumber> outputs = result.outputs();
    w.built(layer, x, x.with(outputs));
    Signal y = given(x, isPair() ? direction(w, outputs, 0) : outputs);
    if (isPair()) {
      y = y.beside(BACKWARD, given(x, direction(w, outputs, 1)));
    }
    if (gives) {
      for (Slot slot : slots()) {
        y = y.beside(name(slot), Signal.of(result.finalState().get(slot.name())));
      }
    }
    return y;
  }

  private Signal given(Signal x, Operand<TNumber> outputs) {
    Signal alone = new Signal(outputs, x.lengths(), x.mask(), Map.of());
    return layer.lastOnly() ? alone.withRows(outputs) : alone;
  }

  private static Operand<TNumber> direction(Weights w, Operand<TNumber> both, int which) {
    return w.tf().gather(both, w.tf().constant(which), w.tf().constant(0));
  }

  @Override
  public Shape input() {
    return layer.input();
  }
}
