package kazoku.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Layer;
import kazoku.Sequential;

/**
 * A Keras model made of layers.
 *
 * @param piece the model as one layer
 * @param parts its layers, in the order of the file
 */
record KerasGraph(KerasPiece piece, List<Part> parts) {
  static final String INITIAL_STATE = "initial_state";

  /**
   * One layer of a model.
   *
   * @param name its name
   * @param object what it is called in files of Keras 3
   * @param own its variables, below the layer
   * @param constants weights that are not there, below the layer
   */
  record Part(String name, String object, List<KerasVariable> own, Map<String, Values> constants) {
    static Part of(String name, String object, KerasPiece piece) {
      return new Part(name, object, piece.variables(), piece.constants());
    }

    /** Its variables as those of the model. */
    List<KerasVariable> variables() {
      return KerasVariables.below("layers/" + object, name, own);
    }

    /** Its variables as those of a model that has this layer alone, and is the layer here. */
    List<KerasVariable> alone() {
      return own.stream()
          .map(
              variable ->
                  new KerasVariable(
                      variable.in("layers/" + object, "").place(),
                      variable.paths(),
                      variable.shape(),
                      variable.trained()))
          .toList();
    }
  }

  private static KerasGraph of(
      Layer layer, List<Flow> outputs, List<String> names, List<Part> parts) {
    List<KerasVariable> variables = new ArrayList<>();
    Map<String, Values> constants = new LinkedHashMap<>();
    for (Part part : parts) {
      variables.addAll(part.variables());
      part.constants.forEach((path, values) -> constants.put(part.name + "/" + path, values));
    }
    return new KerasGraph(new KerasPiece(layer, outputs, names, variables, constants), parts);
  }

  // Layers in a row.

  /** The layers of a Sequential; old files have them in the place of a config. */
  private static List<KerasConfig> layers(KerasConfig c) {
    if (!c.config().isArray()) {
      return c.all("layers");
    }
    List<KerasConfig> all = new ArrayList<>();
    c.config().forEach(node -> all.add(KerasConfig.of(c.file(), node)));
    c.require(!all.isEmpty(), "has no layers");
    return all;
  }

  /**
   * A Sequential.
   *
   * @param c its config
   * @param x what it takes; null for what it says itself
   */
  static KerasGraph sequential(KerasConfig c, Flow x) {
    List<KerasConfig> configs = layers(c);
    Flow flow = x == null ? sequentialInput(c, configs.get(0)).flow() : x;
    KerasNames objects = new KerasNames();
    List<Part> parts = new ArrayList<>();
    List<Layer> layers = new ArrayList<>();
    KerasPiece last = null;
    for (KerasConfig each : configs) {
      // A model's list of layers has no input in Keras 3, and its names are counted without.
      if (each.className().equals("InputLayer")) {
        continue;
      }
      each.require(last == null || last.outputs().size() == 1, "must have one input, got several");
      last = KerasLayers.read(each, flow);
      flow = last.output();
      parts.add(Part.of(each.name(), objects.next(each.className()), last));
      layers.add(last.layer().named(each.name()));
    }
    c.require(last != null, "has no layers but its input");
    Layer row = c.made(() -> new Sequential(layers));
    return of(row, last.outputs(), last.names(), parts);
  }

  /** What a Sequential says that it takes. */
  static KerasInput sequentialInput(KerasConfig c, KerasConfig first) {
    return KerasInput.of(first.has("batch_shape") || first.has("batch_input_shape") ? first : c);
  }

  /** What a Sequential says that it takes. */
  static KerasInput sequentialInput(KerasConfig c) {
    return sequentialInput(c, layers(c).get(0));
  }

  // Layers in a graph.

  /** A place where something flows: what the call of a layer gives. */
  private record Ref(String layer, int call, int output) {
    Key key() {
      return new Key(layer, call);
    }
  }

  private record Key(String layer, int call) {}

  /**
   * One call of a layer.
   *
   * @param inputs what it takes
   * @param masked whether it is given a mask
   */
  private record Call(List<Ref> inputs, boolean masked) {}

  /** The inputs of a functional model, in its order. */
  static List<KerasInput> functionalInputs(KerasConfig c) {
    Map<String, KerasConfig> configs = byName(c);
    return refs(c, "input_layers").stream()
        .map(
            ref -> {
              KerasConfig input = configs.get(ref.layer);
              c.require(
                  input != null && input.className().equals("InputLayer"),
                  "has an input that is no InputLayer");
              return KerasInput.of(input);
            })
        .toList();
  }

  private static Map<String, KerasConfig> byName(KerasConfig c) {
    Map<String, KerasConfig> configs = new LinkedHashMap<>();
    for (KerasConfig each : c.all("layers")) {
      c.require(configs.put(each.name(), each) == null, "has the layer " + each.name() + " twice");
    }
    return configs;
  }

  /**
   * A functional model.
   *
   * @param c its config
   * @param inputs what it takes
   * @param names what its inputs are called beside the signal; empty for the signal itself
   */
  static KerasGraph functional(KerasConfig c, List<Flow> inputs, List<String> names) {
    return new Reading(c, inputs, names).graph();
  }

  /** A functional model that finds its inputs as a layer of several does. */
  static KerasGraph functional(KerasConfig c, List<Flow> inputs) {
    List<String> names = new ArrayList<>(List.of(""));
    for (int k = 1; k < inputs.size(); k++) {
      names.add(Integer.toString(k));
    }
    return functional(c, inputs, names);
  }

  /** The references of a config: one, or a list of them. */
  private static List<Ref> refs(KerasConfig c, String key) {
    JsonNode node = c.config().path(key);
    List<Ref> refs = new ArrayList<>();
    if (isRef(node)) {
      refs.add(ref(c, node));
    } else {
      node.forEach(each -> refs.add(ref(c, each)));
    }
    c.require(!refs.isEmpty(), "has no " + key);
    return refs;
  }

  private static boolean isRef(JsonNode node) {
    return node.isArray() && node.path(0).isTextual();
  }

  private static Ref ref(KerasConfig c, JsonNode node) {
    c.require(
        isRef(node) && node.path(1).canConvertToInt() && node.path(2).canConvertToInt(),
        "is joined to something that is no output of a layer");
    return new Ref(node.get(0).textValue(), node.get(1).intValue(), node.get(2).intValue());
  }

  /** A functional model while it is read. */
  private static final class Reading {
    private final KerasConfig c;
    private final List<Flow> inputFlows;
    private final List<String> inputNames;
    private final Map<String, KerasConfig> configs;
    private final Map<Key, Call> calls = new LinkedHashMap<>();
    private final Map<Key, Integer> places = new LinkedHashMap<>();
    private final List<Functional.Node> nodes = new ArrayList<>();
    private final List<KerasPiece> pieces = new ArrayList<>();
    private final Map<String, KerasPiece> byLayer = new LinkedHashMap<>();
    private final List<Ref> inputs;

    Reading(KerasConfig c, List<Flow> inputFlows, List<String> inputNames) {
      this.c = c;
      this.inputFlows = inputFlows;
      this.inputNames = inputNames;
      configs = byName(c);
      inputs = refs(c, "input_layers");
      c.require(
          inputs.size() == inputFlows.size(),
          "takes " + inputs.size() + " inputs, got " + inputFlows.size());
      c.config().path("layers").forEach(this::readCalls);
    }

    KerasGraph graph() {
      List<Ref> outputs = refs(c, "output_layers").stream().map(ref -> counted(ref, true)).toList();
      for (Ref output : outputs) {
        sorted(output.key()).forEach(this::read);
      }
      List<Functional.Tensor> tensors = new ArrayList<>();
      List<Flow> flows = new ArrayList<>();
      List<String> names = new ArrayList<>();
      for (Ref output : outputs) {
        flows.add(flow(c, output));
        tensors.add(tensor(c, output));
        String times = output.call > 0 ? "_" + output.call : "";
        names.add(output.layer + times + (output.output > 0 ? "_" + output.output : ""));
      }
      c.require(Set.copyOf(names).size() == names.size(), "gives one output twice");
      names.set(0, "");
      return of(layer(tensors, names), flows, names, parts());
    }

    /**
     * The calls of a model inside of another are counted from 1 on: its first one is its own
     * making. Keras 3 does so only among outputs, and not for a Sequential.
     */
    private Ref counted(Ref ref, boolean isOutput) {
      KerasConfig layer = configs.get(ref.layer);
      String className = layer == null ? "" : layer.className();
      boolean made =
          switch (className) {
            case "Functional", "Model" -> isOutput || c.version().isOld();
            case "Sequential" -> c.version().isOld() && startsWithInput(layer.config());
            default -> false;
          };
      return made ? new Ref(ref.layer, ref.call - 1, ref.output) : ref;
    }

    private static boolean startsWithInput(JsonNode sequential) {
      JsonNode layers = sequential.isArray() ? sequential : sequential.path("layers");
      return layers.path(0).path("class_name").asText().equals("InputLayer");
    }

    private Layer layer(List<Functional.Tensor> outputs, List<String> names) {
      boolean row = inputs.size() == 1 && outputs.size() == 1 && byLayer.size() == nodes.size();
      for (int k = 0; k <= nodes.size() && row; k++) {
        var taken = k == nodes.size() ? outputs : nodes.get(k).inputs();
        row = taken.equals(List.of(new Functional.Tensor(k - 1, "")));
      }
      return row && !nodes.isEmpty()
          ? new Sequential(nodes.stream().map(node -> node.layer().named(node.name())).toList())
          : new Functional(nodes, outputs, names);
    }

    /** In the order of the file, where names are counted. */
    private List<Part> parts() {
      KerasNames objects = new KerasNames();
      List<Part> parts = new ArrayList<>();
      for (KerasConfig each : configs.values()) {
        if (!each.isOperation()) {
          String object = objects.next(each.className());
          if (byLayer.containsKey(each.name())) {
            parts.add(Part.of(each.name(), object, byLayer.get(each.name())));
          }
        }
      }
      return parts;
    }

    // What stands in the file.

    private void readCalls(JsonNode layer) {
      KerasConfig each =
          configs.get(layer.path("name").asText(layer.path("config").path("name").asText()));
      int number = 0;
      for (JsonNode node : layer.path("inbound_nodes")) {
        calls.put(
            new Key(each.name(), number++), node.isObject() ? call(each, node) : old(each, node));
      }
      if (each.className().equals("InputLayer")) {
        calls.put(new Key(each.name(), 0), new Call(List.of(), false));
      }
    }

    /** Keras 3: arguments with tensors among them. */
    private Call call(KerasConfig each, JsonNode node) {
      List<Ref> refs = new ArrayList<>();
      JsonNode arguments = node.path("args");
      tensors(each, arguments.path(0), refs);
      boolean recurrent = KerasRecurrences.has(each);
      if (recurrent) {
        states(each, arguments.path(1), refs);
        states(each, node.path("kwargs").path(INITIAL_STATE), refs);
      }
      for (int k = recurrent ? 2 : 1; k < arguments.size() && !each.isOperation(); k++) {
        each.require(arguments.get(k).isNull(), "is called with more than its inputs");
      }
      return new Call(refs, masked(each, node.path("kwargs")));
    }

    private void states(KerasConfig each, JsonNode node, List<Ref> refs) {
      if (!node.isMissingNode() && !node.isNull()) {
        tensors(each, node, refs);
      }
    }

    private void tensors(KerasConfig each, JsonNode node, List<Ref> refs) {
      if (node.isArray()) {
        node.forEach(one -> tensors(each, one, refs));
      } else if (node.path("class_name").asText().equals("__keras_tensor__")) {
        refs.add(counted(ref(each, node.path("config").path("keras_history")), false));
      } else {
        each.require(each.isOperation(), "is called with something that is no output of a layer");
      }
    }

    /** Keras 2: a list of references, each with further arguments. */
    private Call old(KerasConfig each, JsonNode node) {
      List<Ref> refs = new ArrayList<>();
      boolean masked = false;
      for (JsonNode one : references(node)) {
        refs.add(counted(ref(each, one), false));
        masked |= masked(each, one.path(3));
      }
      return new Call(refs, masked);
    }

    /** The states of a stack of cells stand in lists of their own. */
    private static List<JsonNode> references(JsonNode node) {
      if (isRef(node) || !node.isArray()) {
        return List.of(node);
      }
      List<JsonNode> all = new ArrayList<>();
      node.forEach(each -> all.addAll(references(each)));
      return all;
    }

    private static boolean masked(KerasConfig each, JsonNode arguments) {
      arguments
          .fields()
          .forEachRemaining(
              argument ->
                  each.require(
                      argument.getValue().isNull()
                          || each.isOperation()
                          || Set.of("mask", "training").contains(argument.getKey())
                          || argument.getKey().equals(INITIAL_STATE) && KerasRecurrences.has(each),
                      "is called with the argument " + argument.getKey() + ", which is not read"));
      return arguments.has("mask") && !arguments.get("mask").isNull();
    }

    // What becomes of it.

    /** The calls that one needs, and itself, each after what it needs. */
    private List<Key> sorted(Key last) {
      List<Key> sorted = new ArrayList<>();
      Set<Key> open = new HashSet<>();
      Set<Key> done = new HashSet<>();
      Deque<Key> stack = new ArrayDeque<>(List.of(last));
      while (!stack.isEmpty()) {
        Key key = stack.peek();
        Call call = calls.get(key);
        c.require(call != null, "has an output that no layer gives");
        if (places.containsKey(key) || done.contains(key)) {
          stack.pop();
        } else if (open.add(key)) {
          for (Ref ref : call.inputs) {
            c.require(
                !open.contains(ref.key()) || done.contains(ref.key()), "has layers in a circle");
            stack.push(ref.key());
          }
        } else {
          stack.pop();
          done.add(key);
          sorted.add(key);
        }
      }
      return sorted;
    }

    private void read(Key key) {
      KerasConfig each = configs.get(key.layer);
      if (each.className().equals("InputLayer")) {
        places.put(key, Functional.Tensor.INPUT);
        return;
      }
      each.file().countOne();
      Call call = calls.get(key);
      List<Flow> flows = call.inputs.stream().map(ref -> flow(each, ref)).toList();
      each.require(!flows.isEmpty(), "has no input");
      // A mask that is there is the one that Keras computes by itself.
      each.require(
          !call.masked || flows.stream().anyMatch(Flow::masked),
          "is given a mask of its own, which is not read");
      KerasPiece piece = piece(each, flows, call.masked);
      KerasPiece first = byLayer.putIfAbsent(key.layer, piece);
      each.require(
          first == null || first.variables().equals(piece.variables()),
          "is called with inputs of different sizes");
      places.put(key, nodes.size());
      pieces.add(piece);
      nodes.add(
          new Functional.Node(
              key.layer,
              piece.layer(),
              call.inputs.stream().map(ref -> tensor(each, ref)).toList()));
    }

    private static KerasPiece piece(KerasConfig each, List<Flow> flows, boolean masked) {
      switch (each.className()) {
        case "Add":
          return joined(each, Joined.Kind.ADD, flows);
        case "Concatenate":
          return joined(each, Joined.Kind.CONCATENATE, flows);
        case "Functional", "Model":
          return functional(each, flows).piece();
        default:
          return KerasLayers.read(each, flows, masked);
      }
    }

    private static KerasPiece joined(KerasConfig each, Joined.Kind kind, List<Flow> flows) {
      int axis = each.config().path("axis").asInt(-1);
      each.require(
          kind == Joined.Kind.ADD || axis == -1 || axis == flows.get(0).rank(),
          "joins along another axis than the last");
      boolean masked = flows.stream().anyMatch(Flow::masked);
      Joined.Masks masks = masked ? each.version().joinedMasks() : Joined.Masks.ANY;
      Joined layer = new Joined(kind, flows.size(), masks);
      return KerasPiece.of(layer, each.made(() -> layer.output(flows)));
    }

    private Flow flow(KerasConfig each, Ref ref) {
      int place = place(each, ref);
      List<Flow> outputs =
          place == Functional.Tensor.INPUT
              ? List.of(inputFlows.get(input(each, ref)))
              : pieces.get(place).outputs();
      each.require(
          ref.output >= 0 && ref.output < outputs.size(), "takes an output that is not there");
      return outputs.get(ref.output);
    }

    private Functional.Tensor tensor(KerasConfig each, Ref ref) {
      int place = place(each, ref);
      if (place == Functional.Tensor.INPUT) {
        return new Functional.Tensor(place, inputNames.get(input(each, ref)));
      }
      return new Functional.Tensor(place, pieces.get(place).names().get(ref.output));
    }

    private int place(KerasConfig each, Ref ref) {
      Integer place = places.get(ref.key());
      each.require(place != null, "takes an output that is not there");
      return place;
    }

    private int input(KerasConfig each, Ref ref) {
      for (int k = 0; k < inputs.size(); k++) {
        if (inputs.get(k).layer.equals(ref.layer)) {
          return k;
        }
      }
      throw each.fault("takes an input that is none of the model's");
    }
  }
}
