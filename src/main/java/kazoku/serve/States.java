package kazoku.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import kazoku.Checks;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;

/**
 * The states that a stream goes on from. It has their numbers one after the other in an array,
 * which nobody changes.
 */
final class States {
  /** Of whole sequences. */
  static final States NONE = new States(List.of());

  private final List<Slot> slots;
  private final int size;

  /**
   * A state.
   *
   * @param shape its shape for one row
   * @param at where it begins in the numbers of a stream
   * @param first what a stream begins with
   * @param from where it is fed
   * @param to what it is after the steps
   */
  private record Slot(
      String name, Shape shape, int at, Output<?> first, Output<?> from, Output<?> to) {
    int size() {
      return Math.toIntExact(shape.size());
    }

    @Override
    public String toString() {
      return name + " " + Checks.text(shape);
    }
  }

  private States(List<Slot> slots) {
    this.slots = slots;
    this.size = slots.stream().mapToInt(Slot::size).sum();
  }

  /** What one signature says that rows begin with, and another one takes and gives. */
  static States of(String who, Loaded loaded, Signature first, Signature step) {
    List<Slot> slots = new ArrayList<>();
    int at = 0;
    for (Map.Entry<String, TensorDescription> state :
        new TreeMap<>(first.getOutputs()).entrySet()) {
      String name = state.getKey();
      TensorDescription from = step.getInputs().get(name);
      TensorDescription to = step.getOutputs().get(name);
      Checks.require(
          from != null && to != null,
          who,
          "the signature " + step.key() + " must take and give each state of " + first.key(),
          "no " + name);
      Shape shape = from.shape;
      Checks.require(
          from.dataType == DataType.DT_FLOAT
              && !shape.isUnknown()
              && shape.numDimensions() > 0
              && !shape.tail().hasUnknownDimension(),
          who,
          "the state " + name + " must be float32 [B, …] with a known shape for each row",
          from.dataType + " " + Checks.text(shape));
      slots.add(
          new Slot(
              name,
              shape.tail(),
              at,
              loaded.output(state.getValue()),
              loaded.output(from),
              loaded.output(to)));
      at += slots.get(slots.size() - 1).size();
    }
    return new States(List.copyOf(slots));
  }

  /** Whether an input or output of the signature is no business of the caller's. */
  boolean has(String name) {
    return slots.stream().anyMatch(slot -> slot.name.equals(name));
  }

  /** How many states there are. */
  int count() {
    return slots.size();
  }

  /** How many numbers a stream has. */
  int size() {
    return size;
  }

  /** Feeds what rows go on from. */
  void feed(Session.Runner runner, List<float[]> rows, Closing fed) {
    for (Slot slot : slots) {
      Shape shape = slot.shape.prepend(rows.size());
      runner.feed(slot.from, fed.add(TFloat32.tensorOf(shape, to -> write(slot, rows, to))));
    }
  }

  private static void write(Slot slot, List<float[]> rows, TFloat32 tensor) {
    FloatDataBuffer to = tensor.asRawTensor().data().asFloats();
    int length = slot.size();
    for (int row = 0; row < rows.size(); row++) {
      to.slice((long) row * length, length).write(rows.get(row), slot.at, length);
    }
  }

  /** Asks for what rows begin with. */
  void fetchFirst(Session.Runner runner) {
    fetch(runner, Slot::first);
  }

  /** Asks for what rows go on from. */
  void fetchNext(Session.Runner runner) {
    fetch(runner, Slot::to);
  }

  private void fetch(Session.Runner runner, Function<Slot, Output<?>> what) {
    slots.forEach(slot -> runner.fetch(what.apply(slot)));
  }

  /** The first results of a run. */
  List<float[]> read(Result result, int rows) {
    List<float[]> states = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      states.add(new float[size]);
    }
    for (int i = 0; i < slots.size(); i++) {
      int length = slots.get(i).size();
      float[] flat = new float[rows * length];
      result.get(i).asRawTensor().data().asFloats().read(flat);
      for (int row = 0; row < rows; row++) {
        System.arraycopy(flat, row * length, states.get(row), slots.get(i).at, length);
      }
    }
    return states;
  }

  /** Names and shapes: streams can go on where these are the same. */
  @Override
  public String toString() {
    return slots.toString();
  }
}
