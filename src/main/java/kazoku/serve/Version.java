package kazoku.serve;

import java.util.ArrayList;
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

/** A signature that takes sequences: where they are fed, and what comes back. */
final class Version implements AutoCloseable {
  /** Rows of one call beyond these are run after them. */
  private static final int ROWS_AT_ONCE = 256;

  private static final String LENGTHS = "lengths";

  private final Loaded loaded;
  private final List<Port> ports;
  private final List<Fetch> fetches;

  private Version(Loaded loaded) {
    this.loaded = loaded;
    this.ports = ports(loaded);
    this.fetches = fetches(loaded);
  }

  static Version of(Loaded loaded) {
    try {
      Version version = new Version(loaded);
      version.warmUp();
      return version;
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  private static List<Port> ports(Loaded loaded) {
    Map<String, TensorDescription> inputs = new TreeMap<>(loaded.signature().getInputs());
    List<String> names = inputs.keySet().stream().filter(name -> !isLengths(name)).toList();
    List<Port> ports = new ArrayList<>();
    for (String name : names) {
      boolean first = name.equals(Port.FIRST) || names.size() == 1;
      TensorDescription lengths = inputs.get(name + "_" + LENGTHS);
      if (lengths == null && first) {
        lengths = inputs.get(LENGTHS);
      }
      ports.add(
          Port.of(
              first ? Port.FIRST : name,
              inputs.get(name),
              loaded.output(inputs.get(name)),
              lengths == null ? null : loaded.output(lengths)));
    }
    return ports;
  }

  private static boolean isLengths(String name) {
    return name.equals(LENGTHS) || name.endsWith("_" + LENGTHS);
  }

  private static List<Fetch> fetches(Loaded loaded) {
    Map<String, TensorDescription> outputs = new TreeMap<>(loaded.signature().getOutputs());
    List<Fetch> fetches = new ArrayList<>();
    outputs.forEach(
        (name, output) -> {
          if (!isLengths(name) && Fetch.reads(output)) {
            TensorDescription lengths = outputs.get(name + "_" + LENGTHS);
            fetches.add(
                new Fetch(
                    name,
                    output.dataType,
                    output.shape.numDimensions(),
                    loaded.output(output),
                    lengths == null ? null : loaded.output(lengths)));
          }
        });
    return fetches;
  }

  /** TensorFlow plans a graph when it is first run. A model may need more than one step to run. */
  private void warmUp() {
    Map<String, Sequences> zeros = new LinkedHashMap<>();
    ports.forEach(port -> zeros.put(port.name(), port.zeros()));
    try {
      once(zeros);
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
          "Predictor",
          "there must be the inputs "
              + ports.stream().map(Port::name).toList()
              + "; give those beside the first with sequences.beside(name, …)",
          given.keySet());
      port.check(given.get(port.name()));
    }
  }

  /** Raises a version that cannot take the place of this one without failing calls. */
  void requireTakesPlace(Version next) {
    boolean inputs =
        ports.size() == next.ports.size()
            && IntStream.range(0, ports.size())
                .allMatch(i -> ports.get(i).takesWhat(next.ports.get(i)));
    Checks.require(
        inputs && fetches.stream().allMatch(f -> next.fetches.stream().anyMatch(f::givesWhat)),
        "Predictor",
        "a new version must take what the old one takes and give what it gives, " + this,
        next);
  }

  Outputs run(Sequences data) {
    if (data.size() <= ROWS_AT_ONCE) {
      return once(data.inputs());
    }
    List<Outputs> parts = new ArrayList<>();
    for (int from = 0; from < data.size(); from += ROWS_AT_ONCE) {
      int to = Math.min(data.size(), from + ROWS_AT_ONCE);
      parts.add(once(data.select(IntStream.range(from, to).toArray()).inputs()));
    }
    return Outputs.concat(parts);
  }

  private Outputs once(Map<String, Sequences> inputs) {
    Session.Runner runner = loaded.runner();
    try (Closing fed = new Closing()) {
      for (Port port : ports) {
        port.feed(runner, inputs.get(port.name()), fed);
      }
      for (Fetch fetch : fetches) {
        runner.fetch(fetch.value());
        if (fetch.lengths() != null) {
          runner.fetch(fetch.lengths());
        }
      }
      try (Result result = runner.run()) {
        return read(result, inputs.get(Port.FIRST));
      }
    }
  }

  private Outputs read(Result result, Sequences first) {
    Map<String, Outputs.Values> outputs = new LinkedHashMap<>();
    int at = 0;
    for (Fetch fetch : fetches) {
      Tensor value = result.get(at++);
      int[] lengths = null;
      if (fetch.lengths() != null) {
        lengths = new int[first.size()];
        ((TInt32) result.get(at++)).copyTo(DataBuffers.of(lengths, false, false));
      } else if (fetch.perStep() && value.shape().get(1) == steps(first)) {
        lengths = IntStream.range(0, first.size()).map(first::length).toArray();
      }
      outputs.put(fetch.name(), fetch.read(value, lengths));
    }
    return new Outputs(outputs);
  }

  private int steps(Sequences first) {
    return ports.stream()
        .filter(p -> p.name().equals(Port.FIRST))
        .findFirst()
        .map(port -> port.steps(first))
        .orElse(-1);
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
  @Override
  public String toString() {
    return ports.stream().map(Port::toString).collect(Collectors.joining(", "))
        + " → "
        + fetches.stream().map(Fetch::toString).collect(Collectors.joining(", "));
  }
}
