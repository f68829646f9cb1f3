package kazoku.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kazoku.Checks;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * The states of a signature: what stands among its inputs and its outputs. A stream has its numbers
 * one after the other in an array, which nobody changes; null before its first step.
 */
final class States {
  /** Says which rows begin anew, {@code [B]}. */
  private static final String FRESH = "fresh";

  static final States NONE = new States(List.of(), null);

  private final List<Slot> slots;
  private final Output<?> fresh;
  private final int size;

  /**
   * A state.
   *
   * @param shape its shape for one row
   * @param from where it begins in the numbers of a stream
   */
  record Slot(String name, Shape shape, int from, Output<?> begin, Output<?> end) {
    int size() {
      return Math.toIntExact(shape.size());
    }

    @Override
    public String toString() {
      return name + " " + Checks.text(shape);
    }
  }

  private States(List<Slot> slots, Output<?> fresh) {
    this.slots = slots;
    this.fresh = fresh;
    this.size = slots.stream().mapToInt(Slot::size).sum();
  }

  static States of(String who, Loaded loaded) {
    Map<String, TensorDescription> inputs = new TreeMap<>(loaded.signature().getInputs());
    Map<String, TensorDescription> outputs = loaded.signature().getOutputs();
    Checks.require(
        inputs.containsKey(FRESH),
        who,
        "the signature must take states and " + FRESH + ", which says where rows begin",
        inputs.keySet());
    List<Slot> slots = new ArrayList<>();
    int from = 0;
    for (Map.Entry<String, TensorDescription> input : inputs.entrySet()) {
      if (outputs.containsKey(input.getKey())) {
        Slot slot = slot(who, input.getKey(), input.getValue(), from, loaded);
        slots.add(slot);
        from += slot.size();
      }
    }
    return new States(List.copyOf(slots), loaded.output(inputs.get(FRESH)));
  }

  private static Slot slot(
      String who, String name, TensorDescription begin, int from, Loaded loaded) {
    Shape shape = begin.shape;
    boolean known =
        !shape.isUnknown() && shape.numDimensions() > 0 && !shape.tail().hasUnknownDimension();
    Checks.require(
        known && begin.dataType == DataType.DT_FLOAT,
        who,
        "the state " + name + " must be float32 [B, …] with a known shape for each row",
        begin.dataType + " " + Checks.text(shape));
    TensorDescription end = loaded.signature().getOutputs().get(name);
    return new Slot(name, shape.tail(), from, loaded.output(begin), loaded.output(end));
  }

  /** Whether an input or output is no business of the caller's. */
  boolean has(String name) {
    return fresh != null && name.equals(FRESH)
        || slots.stream().anyMatch(slot -> slot.name.equals(name));
  }

  /** Names and shapes. */
  List<Slot> slots() {
    return slots;
  }

  /** How many numbers a stream has. */
  int size() {
    return size;
  }

  /** Feeds what rows go on from. */
  void feed(Session.Runner runner, List<float[]> states, Closing fed) {
    if (fresh == null) {
      return;
    }
    boolean[] begin = new boolean[states.size()];
    for (int row = 0; row < begin.length; row++) {
      begin[row] = states.get(row) == null;
    }
    runner.feed(fresh, fed.add(TBool.vectorOf(begin)));
    for (Slot slot : slots) {
      Shape shape = slot.shape.prepend(states.size());
      runner.feed(
          slot.begin, fed.add(TFloat32.tensorOf(shape, tensor -> write(slot, states, tensor))));
    }
  }

  private void write(Slot slot, List<float[]> states, TFloat32 tensor) {
    FloatDataBuffer to = tensor.asRawTensor().data().asFloats();
    float[] none = new float[size];
    for (int row = 0; row < states.size(); row++) {
      float[] numbers = states.get(row) == null ? none : states.get(row);
      int length = slot.size();
      to.slice((long) row * length, length).write(numbers, slot.from, length);
    }
  }

  void fetch(Session.Runner runner) {
    slots.forEach(slot -> runner.fetch(slot.end));
  }

  /** What rows end with, the first results of a run. */
  List<float[]> read(Result result, int rows) {
    List<float[]> states = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      states.add(new float[size]);
    }
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      int length = slot.size();
      float[] flat = new float[rows * length];
      ((TFloat32) result.get(i)).copyTo(DataBuffers.of(flat, false, false));
      for (int row = 0; row < rows; row++) {
        System.arraycopy(flat, row * length, states.get(row), slot.from, length);
      }
    }
    return states;
  }

  /** Whether a stream can go on with others. */
  boolean like(States other) {
    return toString().equals(other.toString());
  }

  @Override
  public String toString() {
    return slots.toString();
  }
}
