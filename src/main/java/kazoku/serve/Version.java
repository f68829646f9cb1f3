package kazoku.serve;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Sequences;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt32;

/** A signature that is asked: where rows are fed, and what comes back. */
final class Version implements AutoCloseable {
  /** Sequences of one call beyond these are run after them. */
  private static final int ROWS_AT_ONCE = 256;

  private static final String LENGTHS = "lengths";

  private final String who;
  private final Loaded loaded;
  private final States states;
  private final List<Port> ports = new ArrayList<>();
  private final List<Fetch> fetches = new ArrayList<>();

  /** What a signature is asked for. */
  enum Kind {
    SEQUENCES("serving_default"),
    STEPS("step");

    private final String signature;

    Kind(String signature) {
      this.signature = signature;
    }

    /** The signature's usual name. */
    String signature() {
      return signature;
    }
  }

  /**
   * What a step gives.
   *
   * @param outputs for each row
   * @param states what each row goes on from
   */
  record Stepped(Outputs outputs, List<float[]> states) {}

  private Version(String who, Loaded loaded, Kind kind) {
    this.who = who;
    this.loaded = loaded;
    this.states = kind == Kind.STEPS ? States.of(who, loaded) : States.NONE;
    Map<String, TensorDescription> inputs = own(loaded.signature().getInputs());
    Map<String, TensorDescription> outputs = own(loaded.signature().getOutputs());
    List<String> names = inputs.keySet().stream().filter(name -> !isLengths(name)).toList();
    for (String name : names) {
      boolean first = name.equals(Port.FIRST) || names.size() == 1;
      TensorDescription input = inputs.get(name);
      TensorDescription lengths = inputs.get(name + "_" + LENGTHS);
      if (lengths == null && first) {
        lengths = inputs.get(LENGTHS);
      }
      String given = first ? Port.FIRST : name;
      ports.add(Port.of(who, given, input, loaded.output(input), loaded.output(lengths)));
    }
    outputs.forEach(
        (name, output) -> {
          if (!isLengths(name) && Fetch.reads(output)) {
            TensorDescription lengths = outputs.get(name + "_" + LENGTHS);
            fetches.add(Fetch.of(name, output, loaded.output(output), loaded.output(lengths)));
          }
        });
  }

  static Version of(String who, Loaded loaded, Kind kind) {
    try {
      Version version = new Version(who, loaded, kind);
      version.warmUp();
      return version;
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** In an order of their own, without states. */
  private Map<String, TensorDescription> own(Map<String, TensorDescription> all) {
    Map<String, TensorDescription> own = new TreeMap<>(all);
    own.keySet().removeIf(states::has);
    return own;
  }

  private static boolean isLengths(String name) {
    return name.equals(LENGTHS) || name.endsWith("_" + LENGTHS);
  }

  /** TensorFlow plans a graph when it is first run. A model may need more than one step to run. */
  private void warmUp() {
    Map<String, Sequences> zeros = new LinkedHashMap<>();
    ports.forEach(port -> zeros.put(port.name(), port.zeros()));
    try {
      once(zeros, Collections.singletonList(null));
    } catch (TensorFlowException | IllegalArgumentException e) {
      return;
    }
  }

  /** Raises data that does not fit. */
  void check(Sequences data) {
    Map<String, Sequences> given = data.inputs();
    for (Port port : ports) {
      Checks.require(
          given.containsKey(port.name()),
          who,
          "there must be the inputs "
              + ports.stream().map(Port::name).toList()
              + "; give those beside the first with sequences.beside(name, …)",
          given.keySet());
      port.check(given.get(port.name()));
    }
  }

  /** Raises a version that cannot take the place of this one without failing calls. */
  void requireTakesPlace(Version next) {
    boolean takes =
        ports.size() == next.ports.size()
            && IntStream.range(0, ports.size())
                .allMatch(i -> ports.get(i).takesWhat(next.ports.get(i)));
    boolean gives = fetches.stream().allMatch(f -> next.fetches.stream().anyMatch(f::givesWhat));
    Checks.require(
        takes && gives && states.like(next.states),
        who,
        "a new version must take what the old one takes and give what it gives, " + text(),
        next.text());
  }

  /** Whole sequences. */
  Outputs run(Sequences data) {
    List<Outputs> parts = new ArrayList<>();
    for (int from = 0; from < data.size(); from += ROWS_AT_ONCE) {
      int[] rows = IntStream.range(from, Math.min(data.size(), from + ROWS_AT_ONCE)).toArray();
      Sequences part = rows.length == data.size() ? data : data.select(rows);
      parts.add(once(part.inputs(), List.of()).outputs);
    }
    return parts.size() == 1 ? parts.get(0) : Outputs.concat(parts);
  }

  /**
   * One step of each row.
   *
   * @param from what each goes on from; null where it begins
   */
  Stepped step(Sequences data, List<float[]> from) {
    return once(data.inputs(), from);
  }

  private Stepped once(Map<String, Sequences> inputs, List<float[]> from) {
    Session.Runner runner = loaded.runner();
    try (Closing fed = new Closing()) {
      states.feed(runner, from, fed);
      for (Port port : ports) {
        port.feed(runner, inputs.get(port.name()), fed);
      }
      states.fetch(runner);
      fetches.forEach(fetch -> fetch.fetch(runner));
      try (Result result = runner.run()) {
        List<float[]> to = states.read(result, from.size());
        return new Stepped(outputs(result, inputs.get(Port.FIRST)), to);
      }
    }
  }

  private Outputs outputs(Result result, Sequences first) {
    int steps =
        ports.stream()
            .filter(port -> port.name().equals(Port.FIRST))
            .mapToInt(port -> port.steps(first))
            .findFirst()
            .orElse(-1);
    Map<String, Outputs.Values> outputs = new LinkedHashMap<>();
    int at = states.slots().size();
    for (Fetch fetch : fetches) {
      Tensor value = result.get(at++);
      int[] lengths = null;
      if (fetch.lengths() != null) {
        lengths = new int[first.size()];
        ((TInt32) result.get(at++)).copyTo(DataBuffers.of(lengths, false, false));
      } else if (fetch.perStep() && value.shape().get(1) == steps) {
        lengths = IntStream.range(0, first.size()).map(first::length).toArray();
      }
      outputs.put(fetch.name(), fetch.read(value, lengths));
    }
    return new Outputs(outputs);
  }

  States states() {
    return states;
  }

  boolean enter() {
    return loaded.enter();
  }

  void leave() {
    loaded.leave();
  }

  @Override
  public void close() {
    loaded.close();
  }

  /** What it takes and gives. */
  String text() {
    String kept = states.slots().isEmpty() ? "" : ", states " + states.slots();
    return joined(ports) + kept + " → " + joined(fetches);
  }

  private static String joined(List<?> all) {
    return all.stream().map(Object::toString).collect(Collectors.joining(", "));
  }
}
