package kazoku.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kazoku.io.OnnxMessage.Constant;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TInt64;

/**
 * A loop over time as ONNX's {@code Scan}.
 *
 * <p>Of the variables of the loop, those that stay as they are become values from outside, or,
 * where a step reads its own entry only, sequences that are scanned; those that are written entry
 * by entry become outputs of the scan; and the others are its state.
 */
final class OnnxLoop {
  private final OnnxGraph outer;
  private final GraphOperation loop;
  private final Graph body;
  private final List<Operand<?>> before;
  private final List<Operand<?>> after;

  private OnnxLoop(OnnxGraph outer, GraphOperation loop, Function function, Graph body) {
    this.outer = outer;
    this.loop = loop;
    this.body = body;
    this.before = function.inputs.stream().<Operand<?>>map(n -> output(n)).toList();
    this.after = function.outputs.stream().<Operand<?>>map(n -> output(n)).toList();
  }

  private Output<?> output(String name) {
    int colon = name.indexOf(':');
    return colon < 0
        ? body.operation(name).output(0)
        : body.operation(name.substring(0, colon))
            .output(Integer.parseInt(name.substring(colon + 1)));
  }

  /** Writes a loop, and gives the names of its outputs. */
  static List<String> write(OnnxGraph outer, GraphOperation loop) {
    String name = loop.attributes().getAttrValueProto("body").getFunc().getName();
    Function function = Function.of(outer.graph(), name, loop);
    try (Graph body = new Graph()) {
      body.importGraphDef(function.graph);
      return new OnnxLoop(outer, loop, function, body).write();
    }
  }

  private List<String> write() {
    int n = before.size();
    OnnxGraph inner = outer.inner(body);
    List<Integer> states = new ArrayList<>();
    Map<Integer, Operand<?>> written = new LinkedHashMap<>();
    Map<Integer, GraphOperation> entries = new LinkedHashMap<>();
    requireCounter();
    for (int k = 2; k < n; k++) {
      GraphOperation last = (GraphOperation) after.get(k).op();
      if (same(after.get(k), before.get(k))) {
        GraphOperation entry = entry(k);
        if (entry == null) {
          inner.bind(before.get(k), outer.name(loop.input(k)));
        } else {
          entries.put(k, entry);
        }
      } else if (last.type().equals("InplaceUpdate") && same(last.input(0), before.get(k))) {
        written.put(k, row((GraphOperation) last.input(2).op()));
      } else {
        states.add(k);
      }
    }
    return scan(inner, states, written, entries);
  }

  private List<String> scan(
      OnnxGraph inner,
      List<Integer> states,
      Map<Integer, Operand<?>> written,
      Map<Integer, GraphOperation> entries) {
    List<String> inputs = new ArrayList<>();
    List<OnnxMessage> takes = new ArrayList<>();
    List<Operand<?>> results = new ArrayList<>();
    for (int k : states) {
      inputs.add(outer.name(loop.input(k)));
      takes.add(take(inner, before.get(k), before.get(k)));
      results.add(after.get(k));
    }
    // The number of the step is scanned in any case: there may be no sequence.
    inputs.add(steps());
    takes.add(take(inner, before.get(0), before.get(0)));
    entries.forEach(
        (k, entry) -> {
          inputs.add(outer.name(loop.input(k)));
          takes.add(take(inner, before.get(k), entry.output(0)));
        });
    results.addAll(written.values());
    inner.bind(before.get(1), outer.name(loop.input(1)));
    Map<String, OnnxMessage> gives = new LinkedHashMap<>();
    inner.write(results);
    for (Operand<?> result : results) {
      // What a graph gives must be made in it, and given once.
      String name = inner.node("Identity", Map.of(), inner.name(result));
      gives.put(name, OnnxMessage.value(name, result.type(), result.asOutput().shape(), List.of()));
    }
    OnnxGraph.Built graph = inner.build(outer.unique("step"), takes, gives);
    List<String> outputs =
        outer.nodes(
            "Scan",
            results.size(),
            Map.of("body", graph, "num_scan_inputs", 1 + entries.size()),
            inputs.toArray(String[]::new));
    List<String> all = new ArrayList<>();
    for (int k = 0; k < before.size(); k++) {
      int state = states.indexOf(k);
      int row = List.copyOf(written.keySet()).indexOf(k);
      all.add(
          state >= 0
              ? outputs.get(state)
              : row >= 0
                  ? outputs.get(states.size() + row)
                  : k < 2 ? "" : outer.name(loop.input(k)));
    }
    return all;
  }

  private OnnxMessage take(OnnxGraph inner, Operand<?> variable, Operand<?> value) {
    String name = inner.unique(variable.op().name());
    inner.bind(value, name);
    return OnnxMessage.value(name, value.type(), value.asOutput().shape(), List.of());
  }

  /** The numbers of the steps, {@code [T, 1]}. */
  private String steps() {
    String none = outer.constant(Constant.of());
    String count = outer.node("Reshape", Map.of(), outer.wide(loop.input(1)), none);
    String zero = outer.constant(Constant.scalar(TInt64.class, 0));
    String one = outer.constant(Constant.scalar(TInt64.class, 1));
    String numbers = outer.node("Range", Map.of(), zero, count, one);
    String narrow =
        outer.node("Cast", Map.of("to", OnnxMessage.type(loop.input(0).type())), numbers);
    return outer.node("Unsqueeze", Map.of(), narrow, outer.constant(Constant.of(1)));
  }

  /** The loop must count its steps from 0 to a number of steps. */
  private void requireCounter() {
    Constant start = outer.known(loop.input(0));
    GraphOperation next = (GraphOperation) after.get(0).op();
    boolean counts =
        start != null
            && start.shape().size() == 1
            && start.longs()[0] == 0
            && next.type().startsWith("Add")
            && same(next.input(0), before.get(0))
            && same(after.get(1), before.get(1));
    if (!counts) {
      throw new OnnxGraph.Missing("a loop that does not go over the steps of a sequence");
    }
  }

  /** What reads a sequence, if it is read at the number of the step only; otherwise null. */
  private GraphOperation entry(int k) {
    GraphOperation sequence = (GraphOperation) before.get(k).op();
    if (sequence.consumers().size() != 1) {
      return null;
    }
    GraphOperation reader = sequence.consumers().iterator().next();
    boolean own =
        reader.type().equals("StridedSlice")
            && same(reader.input(0), before.get(k))
            && same(reader.input(1), before.get(0))
            && reader.attributes().getAttrInt("shrink_axis_mask") == 1;
    return own ? reader : null;
  }

  /** What is written to a history, without the axis of steps. */
  private static Operand<?> row(GraphOperation expanded) {
    if (!expanded.type().equals("ExpandDims")) {
      throw new OnnxGraph.Missing("a loop that writes more than an entry a step");
    }
    return expanded.input(0);
  }

  private static boolean same(Operand<?> a, Operand<?> b) {
    Operand<?> value = a;
    while (value.op().type().equals("Identity")) {
      value = ((GraphOperation) value.op()).input(0);
    }
    return value.op().name().equals(b.op().name())
        && value.asOutput().index() == b.asOutput().index();
  }

  /** A function as a graph whose placeholders have the shapes of a loop's variables. */
  private record Function(GraphDef graph, List<String> inputs, List<String> outputs) {

    static Function of(Graph all, String name, GraphOperation loop) {
      GraphDef library = all.toGraphDef();
      FunctionDef function =
          library.getLibrary().getFunctionList().stream()
              .filter(f -> f.getSignature().getName().equals(name))
              .findFirst()
              .orElseThrow();
      GraphDef.Builder graph =
          GraphDef.newBuilder().setVersions(library.getVersions()).setLibrary(library.getLibrary());
      List<String> inputs = new ArrayList<>();
      for (int k = 0; k < function.getSignature().getInputArgCount(); k++) {
        String input = function.getSignature().getInputArg(k).getName();
        inputs.add(input);
        graph.addNode(placeholder(input, loop.output(k)));
      }
      Map<String, NodeDef> nodes = new LinkedHashMap<>();
      function.getNodeDefList().forEach(node -> nodes.put(node.getName(), node));
      for (NodeDef node : nodes.values()) {
        NodeDef.Builder plain = node.toBuilder().clearInput();
        node.getInputList().forEach(i -> plain.addInput(inGraph(i, nodes)));
        graph.addNode(plain);
      }
      List<String> outputs =
          function.getSignature().getOutputArgList().stream()
              .map(o -> inGraph(function.getRetOrThrow(o.getName()), nodes))
              .toList();
      return new Function(graph.build(), inputs, outputs);
    }

    private static NodeDef placeholder(String name, Output<?> value) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      if (value.shape().isUnknown()) {
        shape.setUnknownRank(true);
      } else {
        for (long size : value.shape().asArray()) {
          shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
      }
      return NodeDef.newBuilder()
          .setName(name)
          .setOp(Placeholder.OP_NAME)
          .putAttr("dtype", AttrValue.newBuilder().setType(value.dataType()).build())
          .putAttr("shape", AttrValue.newBuilder().setShape(shape).build())
          .build();
    }

    /**
     * {@code node:result:0} of a function as {@code node:1} of a graph: there the outputs of an
     * operation are counted through, over all results that its definition names.
     */
    private static String inGraph(String input, Map<String, NodeDef> nodes) {
      String[] parts = input.split(":");
      if (parts.length < 3) {
        return input;
      }
      NodeDef node = nodes.get(parts[0]);
      int place = Integer.parseInt(parts[2]);
      for (OpDef.ArgDef result : Definitions.OF.get(node.getOp()).getOutputArgList()) {
        if (result.getName().equals(parts[1])) {
          return parts[0] + ":" + place;
        }
        place += count(result, node);
      }
      throw new IllegalStateException(input + ": " + node.getOp() + " has no such result");
    }

    /** How many outputs a result has. */
    private static int count(OpDef.ArgDef result, NodeDef node) {
      if (!result.getNumberAttr().isEmpty()) {
        return (int) node.getAttrOrThrow(result.getNumberAttr()).getI();
      }
      return result.getTypeListAttr().isEmpty()
          ? 1
          : node.getAttrOrThrow(result.getTypeListAttr()).getList().getTypeCount();
    }
  }

  /** TensorFlow's definitions of operations, by name. */
  private static final class Definitions {
    static final Map<String, OpDef> OF =
        TensorFlow.registeredOpList().getOpList().stream()
            .collect(Collectors.toMap(OpDef::getName, definition -> definition));
  }
}
