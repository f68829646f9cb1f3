package kazoku.draw;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Built;
import kazoku.Signal;
import kazoku.Structure;
import kazoku.Structure.Part;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.proto.DataType;

/**
 * Who takes what from whom in a network: found in its graph, by going back from what a layer gives
 * to what it takes, and from there to the layer or input that it is from. Where values of several
 * meet outside of layers, they are merged.
 */
final class Dataflow {
  /** Operations whose results say nothing of the values that they are given. */
  private static final Set<String> SIZES =
      Set.of("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike");

  private final List<Node> nodes = new ArrayList<>();
  private final Set<Line> lines = new LinkedHashSet<>();

  private final Set<String> inputs = new HashSet<>();
  private final Map<String, Node> layers = new LinkedHashMap<>();
  private final List<Frame> frames = new ArrayList<>();

  /** Operations whose values depend on those of the inputs. */
  private final Set<String> dependent = new HashSet<>();

  /** Where the values of inputs and of what layers were built of are from. */
  private final Map<String, Origin> origins = new HashMap<>();

  /** Where the values of all other operations are from. */
  private final Map<String, Origin> others = new HashMap<>();

  /** What layers give that may be what they take. */
  private final Map<Value, Origin> given = new HashMap<>();

  private final List<Call> calls = new ArrayList<>();

  /** What stands in a figure of blocks. */
  enum Kind {
    INPUT,
    LAYER,
    MERGE,
    OUTPUT
  }

  /**
   * An end of lines.
   *
   * @param name an input's or output's name, a layer's path, or how values are merged
   * @param frame the path of the layer around a merge; empty for none
   * @param shape the shape of what it gives
   * @param number tells merges apart
   */
  record Node(Kind kind, String name, String frame, String shape, int number) {}

  /**
   * A value that goes from one to another.
   *
   * @param name by which it is asked for; empty for what is taken first
   * @param shape its shape where it is taken
   */
  record Line(Node from, Node to, String name, String shape) {}

  /** The operations within a layer that has others in it. */
  private record Frame(String path, Set<String> operations) {}

  /**
   * A layer that was built; it may be built several times, on the same weights.
   *
   * @param output the operation of what it gave
   * @param lines what it took
   */
  private record Call(Node layer, String output, List<Line> lines) {}

  /** Whose value it is, and from which call of a layer; null for others. */
  private record Origin(Node node, Call call) {}

  /** A value, and which of its steps are valid: that tells layers apart that change only these. */
  private record Value(Port value, Port mask) {
    static Value of(Signal signal) {
      return new Value(
          Port.of(signal.value()), signal.mask() == null ? null : Port.of(signal.mask()));
    }
  }

  private record Port(String operation, int index) {
    static Port of(Operand<?> operand) {
      Output<?> output = operand.asOutput();
      return new Port(output.op().name(), output.index());
    }
  }

  Dataflow(Structure structure) {
    structure.inputs().forEach(this::input);
    findDependent(
        Stream.concat(
                structure.built().stream().map(Built::output),
                structure.outputs().values().stream())
            .<Operand<?>>map(Signal::value)
            .toList());
    List<Part> parts = structure.all().toList();
    List<Built> containers = new ArrayList<>();
    for (Part part : parts) {
      if (part.inside().isEmpty()) {
        Node node = new Node(Kind.LAYER, part.path(), "", part.output(), 0);
        nodes.add(node);
        layers.put(part.path(), node);
      } else {
        structure.built().stream()
            .filter(built -> built.path().equals(part.path()))
            .forEach(containers::add);
      }
    }
    containers.forEach(this::frame);
    structure.built().forEach(this::layer);
    calls.forEach(call -> lines.addAll(call.lines));
    structure.outputs().forEach(this::output);
  }

  List<Node> nodes() {
    return nodes;
  }

  Collection<Line> lines() {
    return lines;
  }

  private void input(String name, Signal signal) {
    Node node = new Node(Kind.INPUT, name, "", Structure.axes(signal.value()), 0);
    nodes.add(node);
    inputs.add(signal.value().op().name());
    origins.put(signal.value().op().name(), new Origin(node, null));
  }

  private void output(String name, Signal signal) {
    Origin from = source(signal);
    if (from != null) {
      String shape = Structure.axes(signal.value());
      Node node = new Node(Kind.OUTPUT, name.isEmpty() ? "output" : name, "", shape, 0);
      nodes.add(node);
      lines.add(new Line(from.node, node, "", shape));
    }
  }

  // The graph

  /** What values an operation computes with. */
  private static List<Output<?>> taken(GraphOperation operation) {
    if (SIZES.contains(operation.type())) {
      return List.of();
    }
    return IntStream.range(0, operation.numInputs())
        .<Output<?>>mapToObj(operation::input)
        // Truth values say which steps are valid.
        .filter(input -> input.dataType() != DataType.DT_BOOL)
        .toList();
  }

  private void findDependent(List<Operand<?>> results) {
    Set<String> seen = new HashSet<>();
    Deque<GraphOperation> open = new ArrayDeque<>();
    results.forEach(result -> open.push((GraphOperation) result.op()));
    while (!open.isEmpty()) {
      GraphOperation operation = open.peek();
      if (seen.add(operation.name())) {
        for (Output<?> input : taken(operation)) {
          if (!seen.contains(input.op().name())) {
            open.push((GraphOperation) input.op());
          }
        }
        continue;
      }
      open.pop();
      boolean depends =
          inputs.contains(operation.name())
              || taken(operation).stream().anyMatch(input -> depends(input));
      if (depends) {
        dependent.add(operation.name());
      }
    }
  }

  private boolean depends(Output<?> value) {
    return dependent.contains(value.op().name());
  }

  /** What a layer takes: its value, and what stands beside it. */
  private static Map<String, Signal> takes(Signal input) {
    Map<String, Signal> all = new LinkedHashMap<>();
    all.put("", input);
    input.beside().forEach((name, signal) -> all.put(name, signal));
    return all;
  }

  private void frame(Built container) {
    Set<Port> ends = new HashSet<>();
    takes(container.input()).values().forEach(signal -> ends.add(Port.of(signal.value())));
    Set<String> operations = new HashSet<>();
    Deque<Output<?>> open = new ArrayDeque<>(List.of(container.output().value().asOutput()));
    while (!open.isEmpty()) {
      Output<?> value = open.pop();
      if (!ends.contains(Port.of(value)) && operations.add(value.op().name())) {
        open.addAll(taken((GraphOperation) value.op()));
      }
    }
    frames.add(new Frame(container.path(), operations));
  }

  private Node owner(String path) {
    return layers.entrySet().stream()
        .filter(layer -> path.equals(layer.getKey()) || path.startsWith(layer.getKey() + "/"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** Takes the operations between what a layer takes and what it gives for its own. */
  private void layer(Built built) {
    Node node = owner(built.path());
    if (node == null) {
      return;
    }
    Map<String, Signal> takes = takes(built.input());
    Map<Port, Boolean> used = new HashMap<>();
    takes.values().forEach(signal -> used.put(Port.of(signal.value()), false));
    Call call = new Call(node, built.output().value().op().name(), new ArrayList<>());
    Origin own = new Origin(node, call);
    Set<String> seen = new HashSet<>();
    Deque<Output<?>> open = new ArrayDeque<>(List.of(built.output().value().asOutput()));
    while (!open.isEmpty()) {
      Output<?> value = open.pop();
      String operation = value.op().name();
      if (used.computeIfPresent(Port.of(value), (port, before) -> true) != null
          || !depends(value)
          || !seen.add(operation)) {
        continue;
      }
      Origin known = origins.get(operation);
      if (known != null && known.node != node) {
        call.lines.add(new Line(known.node, node, "", Structure.axes(value)));
        continue;
      }
      origins.put(operation, own);
      open.addAll(taken((GraphOperation) value.op()));
    }
    takes.forEach(
        (name, signal) -> {
          Origin from = used.get(Port.of(signal.value())) ? source(signal) : null;
          if (from != null && from.node != node) {
            // Inputs after the first of a layer of several are known by number.
            String asked = name.matches("\\d+") ? "" : name;
            call.lines.add(new Line(from.node, node, asked, Structure.axes(signal.value())));
          }
        });
    given.put(Value.of(built.output()), own);
    // What a layer is made of at its own path was told before it.
    calls.removeIf(before -> before.layer == node && seen.contains(before.output));
    calls.add(call);
  }

  private Origin source(Signal signal) {
    Origin layer = given.get(Value.of(signal));
    return layer != null ? layer : source(signal.value().asOutput());
  }

  /** Where a value is from; null if it depends on no input. */
  private Origin source(Output<?> value) {
    if (!depends(value)) {
      return null;
    }
    String operation = value.op().name();
    Origin origin = origins.getOrDefault(operation, others.get(operation));
    if (origin == null) {
      origin = between(value);
      others.put(operation, origin);
    }
    return origin;
  }

  /** Where the value of an operation between layers is from. */
  private Origin between(Output<?> value) {
    Map<Output<?>, Origin> from = new LinkedHashMap<>();
    for (Output<?> input : taken((GraphOperation) value.op())) {
      Origin source = source(input);
      if (source != null) {
        from.put(input, source);
      }
    }
    Set<Origin> different = new LinkedHashSet<>(from.values());
    if (different.size() == 1) {
      return different.iterator().next();
    }
    String path =
        frames.stream()
            .filter(frame -> frame.operations.contains(value.op().name()))
            .map(Frame::path)
            .max(Comparator.comparingInt(String::length))
            .orElse("");
    Node merge =
        new Node(Kind.MERGE, sign(value.op().type()), path, Structure.axes(value), nodes.size());
    nodes.add(merge);
    Map<Line, Integer> times = new LinkedHashMap<>();
    from.forEach(
        (input, source) ->
            times.merge(new Line(source.node, merge, "", Structure.axes(input)), 1, Integer::sum));
    times.forEach(
        (line, count) ->
            lines.add(
                count == 1 ? line : new Line(line.from, merge, "", count + " × " + line.shape)));
    return new Origin(merge, null);
  }

  private static String sign(String operation) {
    return switch (operation) {
      case "Add", "AddV2", "AddN" -> "+";
      case "Sub" -> "−";
      case "Mul" -> "×";
      case "RealDiv", "Div" -> "÷";
      case "Concat", "ConcatV2" -> "concat";
      case "Pack" -> "stack";
      case "MatMul", "BatchMatMul", "BatchMatMulV2" -> "product";
      default -> operation.toLowerCase(java.util.Locale.ROOT);
    };
  }
}
