package kazoku.io;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import kazoku.io.OnnxMessage.Constant;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;

/**
 * A graph of an ONNX model that is made from a graph of TensorFlow, operation by operation. What
 * depends on weights only is computed while writing.
 */
final class OnnxGraph {
  /** What is computed once is not worth being optimised. */
  private static final ConfigProto AS_IT_IS =
      ConfigProto.newBuilder()
          .setGraphOptions(
              GraphOptions.newBuilder()
                  .setRewriteOptions(RewriterConfig.newBuilder().setDisableMetaOptimizer(true)))
          .build();

  private final Graph graph;
  private final Model model;
  private final boolean outermost;
  private final Map<Port, String> names = new HashMap<>();
  private final Map<Port, Constant> known = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /** What all graphs of a model share. */
  private record Model(
      Set<String> names,
      Set<String> used,
      Map<String, OnnxMessage> constants,
      Map<Constant, String> written,
      Map<Port, String> weights,
      Map<String, Recurrence> recurrences) {}

  /** A node, and the names that it reads, also inside. */
  private record Node(OnnxMessage message, Set<String> reads, List<String> outputs) {}

  /**
   * A graph that is done.
   *
   * @param reads the names that it reads, its own and those from outside
   */
  record Built(OnnxMessage graph, Set<String> reads) {}

  /** One output of an operation. */
  private record Port(String operation, int index) {
    static Port of(Operand<?> operand) {
      Output<?> output = operand.asOutput();
      return new Port(output.op().name(), output.index());
    }
  }

  /**
   * An operator of ONNX that stands for operations of TensorFlow.
   *
   * @param type its name
   * @param inputs what it takes; null for what is left out
   * @param outputs placeholders for what it gives
   * @param attributes its attributes
   */
  record Recurrence(
      String type,
      List<Operand<?>> inputs,
      List<? extends Operand<?>> outputs,
      Map<String, Object> attributes) {}

  /** Something that ONNX has no form for. */
  static final class Missing extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The operation of the outermost graph that it is in; null where none is known. */
    private GraphOperation operation;

    Missing(String what) {
      super(what);
    }

    GraphOperation operation() {
      return operation;
    }
  }

  private OnnxGraph(Graph graph, Model model, boolean outermost) {
    this.graph = graph;
    this.outermost = outermost;
    this.model = model;
  }

  /**
   * The outermost graph.
   *
   * @param weights constants that keep their names
   * @param recurrences operators in the place of operations
   */
  static OnnxGraph of(
      Graph graph, Map<String, ? extends Operand<?>> weights, List<Recurrence> recurrences) {
    Map<Port, String> named = new HashMap<>();
    weights.forEach((name, weight) -> named.put(Port.of(weight), name));
    Map<String, Recurrence> byOutput = new HashMap<>();
    recurrences.forEach(r -> r.outputs.forEach(o -> byOutput.put(o.op().name(), r)));
    Model model =
        new Model(
            new HashSet<>(weights.keySet()),
            new HashSet<>(),
            new LinkedHashMap<>(),
            new HashMap<>(),
            named,
            byOutput);
    return new OnnxGraph(graph, model, true);
  }

  /** A graph that stands inside this one and sees its values. */
  OnnxGraph inner(Graph body) {
    return new OnnxGraph(
        body,
        new Model(model.names, model.used, model.constants, model.written, Map.of(), Map.of()),
        false);
  }

  /** Says what a placeholder is; the name is taken. */
  void bind(Operand<?> placeholder, String name) {
    names.put(Port.of(placeholder), name);
  }

  /** A name that no other value of the model has. */
  String unique(String name) {
    String fresh = name;
    for (int k = 1; !model.names.add(fresh); k++) {
      fresh = name + "_" + k;
    }
    return fresh;
  }

  /** Whether a value that was bound is read. */
  boolean isUsed(String name) {
    return model.used.contains(name);
  }

  // From TensorFlow's operations to nodes

  /** Writes everything that some values need. */
  void write(Collection<? extends Operand<?>> results) {
    Set<String> needed = needed(results);
    Set<String> constant = new HashSet<>();
    List<GraphOperation> open = new ArrayList<>();
    // Operations come in the order in which they were made.
    for (Iterator<GraphOperation> all = graph.operations(); all.hasNext(); ) {
      GraphOperation operation = all.next();
      if (needed.contains(operation.name())) {
        boolean fixed =
            OnnxOperations.isFunction(operation)
                && inputs(operation).stream().allMatch(i -> constant.contains(i.op().name()));
        if (fixed) {
          constant.add(operation.name());
        } else {
          open.add(operation);
        }
      }
    }
    Map<Port, Operand<?>> asked = new LinkedHashMap<>();
    List<Operand<?>> uses = new ArrayList<>(results);
    open.forEach(operation -> uses.addAll(inputs(operation)));
    uses.stream()
        .filter(use -> constant.contains(use.op().name()))
        .forEach(use -> asked.put(Port.of(use), use));
    compute(asked);
    open.forEach(this::write);
  }

  private Set<String> needed(Collection<? extends Operand<?>> results) {
    Set<String> needed = new HashSet<>();
    Deque<Operand<?>> open = new ArrayDeque<>(results);
    while (!open.isEmpty()) {
      Operand<?> operand = open.pop();
      String bound = names.get(Port.of(operand));
      if (bound != null) {
        model.used.add(bound);
        continue;
      }
      GraphOperation operation = (GraphOperation) operand.op();
      if (needed.add(operation.name())) {
        open.addAll(inputs(operation));
      }
    }
    return needed;
  }

  private List<? extends Operand<?>> inputs(GraphOperation operation) {
    Recurrence recurrence = model.recurrences.get(operation.name());
    return recurrence == null
        ? IntStream.range(0, operation.numInputs()).mapToObj(operation::input).toList()
        : recurrence.inputs.stream().filter(i -> i != null).toList();
  }

  private void compute(Map<Port, Operand<?>> asked) {
    if (asked.isEmpty()) {
      return;
    }
    try (Session session = new Session(graph, AS_IT_IS)) {
      Session.Runner runner = session.runner();
      asked.values().forEach(runner::fetch);
      try (Result values = runner.run()) {
        int k = 0;
        for (Map.Entry<Port, Operand<?>> each : asked.entrySet()) {
          known.put(each.getKey(), Constant.of(values.get(k++), each.getValue().type()));
        }
      }
    }
  }

  private void write(GraphOperation operation) {
    if (operation.type().equals(Placeholder.OP_NAME)) {
      Recurrence recurrence = model.recurrences.get(operation.name());
      if (recurrence != null && !names.containsKey(new Port(operation.name(), 0))) {
        write(recurrence);
      }
      return;
    }
    List<String> results;
    try {
      results = OnnxOperations.write(this, operation);
    } catch (Missing e) {
      e.operation = operation;
      throw e;
    }
    for (int k = 0; k < results.size(); k++) {
      names.put(new Port(operation.name(), k), results.get(k));
    }
  }

  private void write(Recurrence recurrence) {
    List<String> inputs =
        new ArrayList<>(recurrence.inputs.stream().map(i -> i == null ? "" : name(i)).toList());
    while (inputs.get(inputs.size() - 1).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    List<String> outputs = recurrence.outputs.stream().map(o -> unique(o.op().name())).toList();
    add(recurrence.type, inputs, outputs, recurrence.attributes);
    for (int k = 0; k < outputs.size(); k++) {
      bind(recurrence.outputs.get(k), outputs.get(k));
    }
  }

  // What the forms of operations are made with

  /** The name of a value. */
  String name(Operand<?> operand) {
    Port port = Port.of(operand);
    return names.computeIfAbsent(
        port,
        p -> {
          Constant value = known.get(p);
          if (value == null) {
            throw new IllegalStateException(p + ": no value is given for it");
          }
          String weight = model.weights.get(p);
          return weight == null ? constant(value) : constant(weight, value);
        });
  }

  /** The name of whole numbers as int64, which ONNX wants of sizes and places. */
  String wide(Operand<?> operand) {
    Constant value = known.get(Port.of(operand));
    return value == null ? node("Cast", Map.of("to", 7), name(operand)) : constant(value.wide());
  }

  /** A value, if it is known while writing; otherwise null. */
  Constant known(Operand<?> operand) {
    return known.get(Port.of(operand));
  }

  /** The name of an array. */
  String constant(Constant value) {
    return model.written.computeIfAbsent(value, v -> constant(unique("constant"), v));
  }

  private String constant(String name, Constant value) {
    model.constants.put(name, OnnxMessage.tensor(name, value));
    return name;
  }

  /** Adds an operator with one output. */
  String node(String type, Map<String, Object> attributes, String... inputs) {
    return nodes(type, 1, attributes, inputs).get(0);
  }

  /** Adds an operator. */
  List<String> nodes(String type, int outputs, Map<String, Object> attributes, String... inputs) {
    List<String> given =
        IntStream.range(0, outputs)
            .mapToObj(k -> unique(type.toLowerCase(java.util.Locale.ROOT)))
            .toList();
    add(type, Arrays.asList(inputs), given, attributes);
    return given;
  }

  void add(String type, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    Set<String> reads = new HashSet<>(inputs);
    Map<String, Object> plain = new LinkedHashMap<>(attributes);
    plain.replaceAll(
        (name, value) -> {
          if (value instanceof Built inner) {
            reads.addAll(inner.reads);
            return inner.graph;
          }
          return value;
        });
    nodes.add(new Node(OnnxMessage.node(type, inputs, outputs, plain), reads, outputs));
  }

  /**
   * The graph as a whole; nodes that nobody reads are left out.
   *
   * @param gives what it gives, by name
   */
  Built build(String name, List<OnnxMessage> takes, Map<String, OnnxMessage> gives) {
    Set<String> read = new HashSet<>(gives.keySet());
    Deque<OnnxMessage> kept = new ArrayDeque<>();
    for (int k = nodes.size() - 1; k >= 0; k--) {
      Node node = nodes.get(k);
      if (node.outputs.stream().anyMatch(read::contains)) {
        kept.addFirst(node.message);
        read.addAll(node.reads);
      }
    }
    List<OnnxMessage> constants = new ArrayList<>();
    if (outermost) {
      model.constants.forEach(
          (constant, array) -> {
            if (read.contains(constant)) {
              constants.add(array);
            }
          });
    }
    List<OnnxMessage> results = List.copyOf(gives.values());
    return new Built(OnnxMessage.graph(name, List.copyOf(kept), constants, takes, results), read);
  }

  Graph graph() {
    return graph;
  }
}
