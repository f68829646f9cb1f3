package kazoku.serve;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Sequences;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt32;

/** A signature that is asked: where rows are fed, and what comes back. */
final class ServedSignature {
  /** Sequences of one call beyond these are run after them. */
  private static final int ROWS_AT_ONCE = 256;

  /** Steps of fewer rows are not worth another thread. */
  private static final int ROWS_OF_A_PART = 128;

  /** So many sequences are quicker in shards beside each other than on one thread. */
  private static final int BATCH = 4;

  private final String who;
  private final Loaded loaded;
  private final States states;
  private final List<Port> beginning;

  /** For all rows. */
  private final Way any;

  /** For rows that all have as many steps; nothing if the model has no such signature. */
  private final Optional<Way> unpadded;

  /** Where rows go in, and what comes out. */
  private record Way(List<Port> ports, List<Fetch> fetches) {
    boolean needsNoPadding(Map<String, Sequences> inputs) {
      return ports.stream().allMatch(port -> port.isFull(inputs.get(port.key())));
    }
  }

  /**
   * What steps give.
   *
   * @param outputs for each row
   * @param states what each row goes on from
   */
  record Stepped(Outputs outputs, List<float[]> states) {}

  ServedSignature(Asking asking, Loaded loaded) {
    this.who = asking.who();
    this.loaded = loaded;
    Signature signature = loaded.signature(who, asking.signature());
    if (asking.steps()) {
      Signature first = loaded.signature(who, Export.INITIAL_STATE);
      this.states = States.of(who, loaded, first, signature);
      this.beginning = ports(first);
    } else {
      this.states = States.NONE;
      this.beginning = List.of();
    }
    this.any = way(signature);
    Checks.require(
        asking.steps() ? hasFirst() : !any.ports.isEmpty(),
        who,
        "the signature "
            + asking.signature()
            + " must have an input"
            + (asking.steps() ? ", one that is called input if there are several" : ""),
        names(any.ports));
    this.unpadded =
        Optional.of(asking.signature())
            .filter(Export.SERVING_DEFAULT::equals)
            .filter(name -> loaded.has(Export.UNPADDED))
            .map(name -> way(loaded.signature(who, Export.UNPADDED)))
            .filter(way -> names(way.ports).equals(names(any.ports)));
    warmUp();
  }

  private Way way(Signature signature) {
    return new Way(ports(signature), fetches(signature));
  }

  private List<Port> ports(Signature signature) {
    Map<String, TensorDescription> inputs = own(signature.getInputs());
    List<String> names = inputs.keySet().stream().filter(name -> !isLengths(name)).toList();
    List<Port> all = new ArrayList<>();
    for (String name : names) {
      boolean first = name.equals(names.contains(Export.INPUT) ? Export.INPUT : names.get(0));
      TensorDescription input = inputs.get(name);
      TensorDescription lengths = inputs.get(name + "_" + Export.LENGTHS);
      if (lengths == null && (name.equals(Export.INPUT) || names.size() == 1)) {
        lengths = inputs.get(Export.LENGTHS);
      }
      String key = first ? Export.INPUT : name;
      all.add(Port.of(who, name, key, input, loaded.output(input), loaded.output(lengths)));
    }
    return all;
  }

  private List<Fetch> fetches(Signature signature) {
    List<Fetch> all = new ArrayList<>();
    Map<String, TensorDescription> outputs = own(signature.getOutputs());
    outputs.forEach(
        (name, output) -> {
          if (!isLengths(name) && Fetch.reads(output)) {
            TensorDescription lengths = outputs.get(name + "_" + Export.LENGTHS);
            all.add(Fetch.of(name, output, loaded.output(output), loaded.output(lengths)));
          }
        });
    return all;
  }

  /** In an order of their own, without states. */
  private Map<String, TensorDescription> own(Map<String, TensorDescription> all) {
    Map<String, TensorDescription> own = new TreeMap<>(all);
    own.keySet().removeIf(states::has);
    return own;
  }

  private static boolean isLengths(String name) {
    return name.equals(Export.LENGTHS) || name.endsWith("_" + Export.LENGTHS);
  }

  /** TensorFlow plans a graph when it is first run. A model may need more than one step to run. */
  private void warmUp() {
    Map<String, Sequences> zeros = new LinkedHashMap<>();
    beginning.forEach(port -> zeros.put(port.key(), port.zeros()));
    any.ports.forEach(port -> zeros.put(port.key(), port.zeros()));
    try {
      once(any, zeros, states.count() == 0 ? List.of() : begin(zeros));
      unpadded.ifPresent(way -> once(way, zeros, List.of()));
    } catch (RuntimeException e) {
      return;
    }
  }

  /** Raises data that does not fit. */
  Sequences checked(Sequences data) {
    if (!hasFirst()) {
      String rule = "none of the inputs is called input; give each by its name, run(Map.of(…))";
      throw Checks.refusal(who, rule, names(any.ports));
    }
    check(any.ports, data);
    return data;
  }

  /** Whether it is clear which input is meant where none is named. */
  private boolean hasFirst() {
    return any.ports.size() == 1
        || any.ports.stream().anyMatch(port -> port.name().equals(Export.INPUT));
  }

  /** Raises inputs that do not fit. */
  Sequences checked(Map<String, Sequences> inputs) {
    Checks.require(
        inputs.keySet().equals(Set.copyOf(names(any.ports))),
        who,
        "there must be the inputs " + names(any.ports),
        inputs.keySet());
    inputs.forEach((name, rows) -> Checks.given(who, name, rows));
    Port first = any.ports.stream().filter(Port::isFirst).findFirst().orElseThrow();
    Sequences data = inputs.get(first.name());
    for (Port port : any.ports) {
      data = port.isFirst() ? data : data.beside(port.key(), inputs.get(port.name()));
    }
    check(any.ports, data);
    return data;
  }

  private static List<String> names(List<Port> ports) {
    return ports.stream().map(Port::name).toList();
  }

  private void check(List<Port> all, Sequences data) {
    Map<String, Sequences> given = data.inputs();
    for (Port port : all) {
      Sequences rows = given.get(port.key());
      if (rows == null) {
        String rule =
            "there must be the inputs "
                + names(all)
                + "; give those beside the first with sequences.beside(name, …)";
        throw Checks.refusal(who, rule, given.keySet());
      }
      port.check(rows);
    }
  }

  /** Raises a version that cannot take the place of this one without failing calls. */
  void requireTakesPlace(ServedSignature next) {
    boolean takes = alike(any.ports, next.any.ports) && alike(beginning, next.beginning);
    boolean gives =
        any.fetches.stream().allMatch(f -> next.any.fetches.stream().anyMatch(f::givesWhat));
    Checks.require(
        takes && gives && states.toString().equals(next.states.toString()),
        who,
        "a new version must take what the old one takes and give what it gives, " + text(),
        next.text());
  }

  private static boolean alike(List<Port> some, List<Port> others) {
    return some.size() == others.size()
        && IntStream.range(0, some.size()).allMatch(i -> some.get(i).takesWhat(others.get(i)));
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

  /** Raises steps that are not as many for each row, for which there would be padding. */
  Sequences checkedSteps(Sequences data) {
    check(any.ports, data);
    int steps = data.length(0);
    for (Map.Entry<String, Sequences> input : data.inputs().entrySet()) {
      Sequences rows = input.getValue();
      for (int row = 0; row < rows.size() && rows.kind() != Inputs.Kind.ROWS; row++) {
        if (rows.length(row) != steps || steps == 0) {
          String rule = input.getKey() + " must have as many steps for each stream, at least 1";
          throw Checks.refusal(who, rule, rows.length(row));
        }
      }
    }
    return data;
  }

  /**
   * The next steps of each row.
   *
   * @param from what each goes on from; null where it begins
   */
  Stepped step(Sequences data, List<float[]> from) {
    int[] fresh = IntStream.range(0, from.size()).filter(row -> from.get(row) == null).toArray();
    if (fresh.length == 0) {
      return sideBySide(data, from);
    }
    List<float[]> begun = new ArrayList<>(from);
    Sequences beginners = data.select(fresh);
    check(beginning, beginners);
    List<float[]> first = begin(beginners.inputs());
    for (int i = 0; i < fresh.length; i++) {
      begun.set(fresh[i], first.get(i));
    }
    return sideBySide(data, begun);
  }

  /** Steps of many rows in parts, one for each processor: a step is too short for shards. */
  private Stepped sideBySide(Sequences data, List<float[]> from) {
    if (from.size() < 2 * ROWS_OF_A_PART) {
      return once(data.inputs(), from);
    }
    int processors = Runtime.getRuntime().availableProcessors();
    int parts = Math.min(processors, from.size() / ROWS_OF_A_PART);
    List<Stepped> all =
        IntStream.range(0, parts)
            .parallel()
            .mapToObj(
                k -> {
                  int begin = k * from.size() / parts;
                  int end = (k + 1) * from.size() / parts;
                  int[] rows = IntStream.range(begin, end).toArray();
                  return once(data.select(rows).inputs(), from.subList(begin, end));
                })
            .toList();
    List<float[]> states = new ArrayList<>();
    all.forEach(part -> states.addAll(part.states));
    return new Stepped(Outputs.concat(all.stream().map(Stepped::outputs).toList()), states);
  }

  private List<float[]> begin(Map<String, Sequences> inputs) {
    Session.Runner runner = loaded.runner();
    try (Closing fed = new Closing()) {
      beginning.forEach(port -> port.feed(runner, inputs.get(port.key()), fed));
      states.fetchFirst(runner);
      try (Result result = runner.run()) {
        return states.read(result, inputs.get(Export.INPUT).size());
      }
    }
  }

  private Stepped once(Map<String, Sequences> inputs, List<float[]> from) {
    Way way = unpadded.filter(w -> w.needsNoPadding(inputs)).orElse(any);
    return once(way, inputs, from);
  }

  private Stepped once(Way way, Map<String, Sequences> inputs, List<float[]> from) {
    boolean batch = states.count() == 0 && inputs.get(Export.INPUT).size() >= BATCH;
    Session.Runner runner = batch ? loaded.batchRunner() : loaded.runner();
    try (Closing fed = new Closing()) {
      states.feed(runner, from, fed);
      way.ports.forEach(port -> port.feed(runner, inputs.get(port.key()), fed));
      states.fetchNext(runner);
      way.fetches.forEach(fetch -> fetch.fetch(runner));
      try (Result result = runner.run()) {
        List<float[]> to = states.read(result, from.size());
        return new Stepped(outputs(way, result, inputs.get(Export.INPUT)), to);
      }
    }
  }

  private Outputs outputs(Way way, Result result, Sequences first) {
    int steps =
        way.ports.stream()
            .filter(Port::isFirst)
            .mapToInt(port -> port.steps(first))
            .findFirst()
            .orElse(-1);
    Map<String, Outputs.Values> outputs = new LinkedHashMap<>();
    int at = states.count();
    for (Fetch fetch : way.fetches) {
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
    return new Outputs(loaded.folder(), outputs);
  }

  States states() {
    return states;
  }

  Map<String, TensorSpec> inputs() {
    Map<String, TensorSpec> inputs = new LinkedHashMap<>();
    any.ports.forEach(port -> inputs.put(port.name(), port.spec()));
    return Collections.unmodifiableMap(inputs);
  }

  Map<String, TensorSpec> outputs() {
    Map<String, TensorSpec> outputs = new LinkedHashMap<>();
    any.fetches.forEach(fetch -> outputs.put(fetch.name(), fetch.spec()));
    return Collections.unmodifiableMap(outputs);
  }

  /** What it takes and gives. */
  String text() {
    String kept = states.count() == 0 ? "" : ", states " + states;
    return joined(any.ports) + kept + " → " + joined(any.fetches);
  }

  private static String joined(List<?> all) {
    return all.stream().map(Object::toString).collect(Collectors.joining(", "));
  }
}
