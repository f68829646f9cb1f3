package kazoku.io;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Sequential;
import kazoku.Slot;
import kazoku.Weights.Draw;
import kazoku.Window;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.LSTMCell;
import kazoku.layers.ActivationLayer;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.GaussianNoise;
import kazoku.layers.LayerNorm;
import kazoku.layers.Masking;
import kazoku.layers.Repeat;
import kazoku.layers.TimeDistributed;
import kazoku.train.Inputs;
import kazoku.wrap.StackedCell;

/**
 * Configs of Keras 3 for layers of ours. Each is read again at once: a layer whose config would be
 * read as another one is refused, whatever its settings are that Keras has not.
 */
final class KerasWriter {
  static final KerasConfig.Version VERSION = new KerasConfig.Version(3, 15);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WHO = "Keras";
  private static final Set<String> TAKING_MASKS =
      Set.of(
          "SimpleRNN",
          "LSTM",
          "GRU",
          "RNN",
          "ConvLSTM1D",
          "ConvLSTM2D",
          "ConvLSTM3D",
          "Bidirectional",
          "TimeDistributed",
          "BatchNormalization",
          "GlobalAveragePooling1D",
          "Functional",
          "Sequential");

  private final KerasConfig.File file;

  KerasWriter(KerasConfig.File file) {
    this.file = file;
  }

  /** A layer of a list, and what flows out of it. */
  record Written(ObjectNode node, KerasPiece piece) {}

  // Models.

  /** A model, with the variables of its weights. */
  Written model(Layer layer, Inputs inputs) {
    List<KerasInput> given = new ArrayList<>();
    inputs.all().forEach((name, input) -> given.add(input(name, input)));
    if (layer instanceof Sequential row) {
      Checks.require(
          given.size() == 1, WHO, "a Sequential must have one input", inputs.all().keySet());
      return sequential("sequential", row, given.get(0));
    }
    Checks.require(
        layer instanceof Functional,
        WHO,
        "a model must be a Sequential, or have been read from a file of Keras",
        layer);
    return functional("functional", (Functional) layer, given);
  }

  private static KerasInput input(String name, Inputs.Input input) {
    List<Integer> sizes = new ArrayList<>();
    if (input.kind() != Inputs.Kind.ROWS) {
      sizes.add(-1);
    }
    Checks.require(
        !input.row().isUnknown(), WHO, "the model must say what its input is, " + name, "unknown");
    for (long size : input.row().asArray()) {
      sizes.add(Math.toIntExact(size));
    }
    boolean whole = input.kind() == Inputs.Kind.TOKENS;
    return new KerasInput(name, new Flow(sizes, false), whole);
  }

  private Written sequential(String name, Sequential row, KerasInput input) {
    ObjectNode config = JSON.createObjectNode().put("name", name);
    ArrayNode layers = config.putArray("layers");
    layers.add(inputLayer(free(input.name(), names(row)), input));
    KerasNames objects = new KerasNames();
    List<KerasVariable> variables = new ArrayList<>();
    Flow flow = input.flow();
    KerasPiece last = null;
    for (Layer layer : row.layers()) {
      Checks.require(
          last == null || last.outputs().size() == 1,
          WHO,
          "each layer of a row must be given one output",
          layer);
      Written written = layer(layer.name(), layer, flow);
      layers.add(written.node);
      last = written.piece;
      flow = last.output();
      variables.addAll(part(objects, layer.name(), written).variables());
    }
    return new Written(
        object("Sequential", config),
        new KerasPiece(row, last.outputs(), last.names(), variables, Map.of()));
  }

  private static KerasGraph.Part part(KerasNames objects, String name, Written written) {
    String object = objects.next(written.node.get("class_name").asText());
    return KerasGraph.Part.of(name, object, written.piece);
  }

  private static List<String> names(Sequential row) {
    return row.layers().stream().map(Layer::name).toList();
  }

  /** A name that no layer has. */
  private static String free(String name, List<String> taken) {
    return taken.contains(name) ? free(name + "_", taken) : name;
  }

  private static ObjectNode inputLayer(String name, KerasInput input) {
    ObjectNode config = JSON.createObjectNode().put("name", name);
    shape(config.putArray("batch_shape"), input.flow());
    config.put("dtype", input.whole() ? "int32" : "float32");
    return object("InputLayer", config);
  }

  private static void shape(ArrayNode shape, Flow flow) {
    shape.addNull();
    for (int size : flow.sizes()) {
      if (size < 0) {
        shape.addNull();
      } else {
        shape.add(size);
      }
    }
  }

  /** An object in a list. */
  private static ObjectNode object(String className, ObjectNode config) {
    ObjectNode node = JSON.createObjectNode();
    node.put(
        "module",
        switch (className) {
          case "Sequential" -> "keras";
          case "Functional" -> "keras.src.models.functional";
          default -> "keras.layers";
        });
    node.put("class_name", className);
    node.set("config", config);
    return node.putNull("registered_name");
  }

  /** A functional model; one inside of another has its inputs as a layer of several does. */
  private Written functional(String name, Functional graph, List<KerasInput> inputs) {
    KerasOrder order = new KerasOrder();
    List<String> taken = graph.nodes().stream().map(Functional.Node::name).toList();
    Map<Functional.Tensor, Place> places = new LinkedHashMap<>();
    Map<String, Written> layers = new LinkedHashMap<>();
    ObjectNode config = JSON.createObjectNode().put("name", name);
    ArrayNode all = config.putArray("layers");
    ArrayNode inputLayers = config.putArray("input_layers");
    for (KerasInput input : inputs) {
      // The first is the signal itself.
      String tensor = places.isEmpty() ? "" : input.name();
      String inputName = free(input.name(), taken);
      all.add(called(inputLayer(inputName, input), inputName));
      Place place =
          new Place(
              inputName, 0, 0, input.flow(), order.call(inputName, List.of()), KerasOrder.NONE);
      places.put(new Functional.Tensor(Functional.Tensor.INPUT, tensor), place);
      history(inputLayers.addArray(), place, 0);
    }
    for (int k = 0; k < graph.nodes().size(); k++) {
      Functional.Node node = graph.nodes().get(k);
      List<Place> given = node.inputs().stream().map(places::get).toList();
      Written written = node(node, given.stream().map(Place::flow).toList());
      called(written.node, node.name());
      ArrayNode calls =
          (ArrayNode) layers.computeIfAbsent(node.name(), n -> written).node.get("inbound_nodes");
      int number = calls.size();
      calls.add(call(written, given));
      int call = order.call(node.name(), seen(written, given));
      int mask = mask(order, written, given);
      KerasPiece piece = written.piece;
      for (int out = 0; out < piece.outputs().size(); out++) {
        Functional.Tensor tensor = new Functional.Tensor(k, piece.names().get(out));
        Flow flow = piece.outputs().get(out);
        places.put(tensor, new Place(node.name(), number, out, flow, call, mask));
      }
    }
    List<Place> outputs = graph.outputs().stream().map(places::get).toList();
    KerasNames objects = new KerasNames();
    List<KerasVariable> variables = new ArrayList<>();
    for (String layer : order.sorted(outputs.stream().map(Place::node).toList())) {
      if (layers.containsKey(layer)) {
        all.add(layers.get(layer).node);
        variables.addAll(part(objects, layer, layers.get(layer)).variables());
      }
    }
    ArrayNode outputLayers = config.putArray("output_layers");
    for (Place place : outputs) {
      boolean model = layers.containsKey(place.layer) && isModel(layers.get(place.layer));
      // Here, and here alone, the first call of a model is its own making.
      history(outputLayers.addArray(), place, model ? 1 : 0);
    }
    List<Flow> flows = outputs.stream().map(Place::flow).toList();
    return new Written(
        object("Functional", config),
        new KerasPiece(graph, flows, graph.names(), variables, Map.of()));
  }

  private static boolean isModel(Written written) {
    return written.node.get("class_name").asText().equals("Functional");
  }

  private static ObjectNode called(ObjectNode layer, String name) {
    layer.put("name", name);
    layer.putArray("inbound_nodes");
    return layer;
  }

  /**
   * Where something flows.
   *
   * @param layer who gives it
   * @param call in which of its calls
   * @param output as which of its outputs
   * @param flow what it is
   * @param node the call in Keras' order
   * @param mask what makes its mask there
   */
  private record Place(String layer, int call, int output, Flow flow, int node, int mask) {}

  /** What a call sees: its inputs, and their masks if it takes them. */
  private static List<Integer> seen(Written written, List<Place> given) {
    List<Integer> seen = new ArrayList<>(given.stream().map(Place::node).toList());
    if (TAKING_MASKS.contains(written.node.get("class_name").asText()) && !isGivenStates(written)) {
      seen.addAll(given.stream().map(Place::mask).toList());
    }
    return seen;
  }

  private static boolean isGivenStates(Written written) {
    return written.piece.layer() instanceof WithStates states && states.begins();
  }

  /** What makes the mask of a layer's output in Keras. */
  private static int mask(KerasOrder order, Written written, List<Place> given) {
    List<Integer> values = given.stream().map(Place::node).toList();
    List<Integer> masks = given.stream().map(Place::mask).toList();
    String className = written.node.get("class_name").asText();
    boolean masked = written.piece.output().masked();
    return switch (className) {
      case "Embedding" -> masked ? order.operation(values.get(0)) : KerasOrder.NONE;
      case "Masking" -> order.operation(order.operation(values.get(0)));
      case "Add" -> order.anyMask(masks);
      case "Concatenate" -> order.besideMask(values, masks);
      case "Functional", "Sequential" -> KerasOrder.NONE;
      default -> masked ? masks.get(0) : KerasOrder.NONE;
    };
  }

  private static void history(ArrayNode history, Place place, int before) {
    history.add(place.layer).add(place.call + before).add(place.output);
  }

  private static ObjectNode call(Written written, List<Place> taking) {
    ObjectNode call = JSON.createObjectNode();
    ArrayNode arguments = call.putArray("args");
    ObjectNode named = call.putObject("kwargs");
    if (isGivenStates(written)) {
      arguments.add(tensor(taking.get(0)));
      ArrayNode states = named.putArray(KerasGraph.INITIAL_STATE);
      ArrayNode cell = states;
      List<Slot> slots = ((WithStates) written.piece.layer()).slots();
      boolean stack = isStack(((WithStates) written.piece.layer()).layer());
      for (int k = 0; k < slots.size(); k++) {
        boolean next = k == 0 || !path(slots.get(k)).equals(path(slots.get(k - 1)));
        cell = stack && next ? states.addArray() : cell;
        cell.add(tensor(taking.get(k + 1)));
      }
    } else if (taking.size() == 1) {
      arguments.add(tensor(taking.get(0)));
    } else {
      ArrayNode tensors = arguments.addArray();
      taking.forEach(place -> tensors.add(tensor(place)));
    }
    return call;
  }

  /** Keras has the states of each cell of a stack in a list of their own. */
  private static boolean isStack(Layer layer) {
    if (layer instanceof Backwards backwards) {
      return isStack(backwards.rnn());
    }
    Cell cell = layer instanceof Bidirectional both ? both.forward() : ((RNN) layer).cell();
    return cell instanceof StackedCell;
  }

  private static String path(Slot slot) {
    return slot.name().substring(0, slot.name().lastIndexOf('/') + 1);
  }

  private static ObjectNode tensor(Place place) {
    ObjectNode config = JSON.createObjectNode();
    shape(config.putArray("shape"), place.flow);
    config.put("dtype", "float32");
    history(config.putArray("keras_history"), place, 0);
    ObjectNode tensor = JSON.createObjectNode().put("class_name", "__keras_tensor__");
    tensor.set("config", config);
    return tensor;
  }

  private Written node(Functional.Node node, List<Flow> flows) {
    if (node.layer() instanceof Joined joined) {
      ObjectNode config = JSON.createObjectNode().put("name", node.name());
      boolean concatenate = joined.kind() == Joined.Kind.CONCATENATE;
      if (concatenate) {
        config.put("axis", -1);
      }
      KerasPiece piece = KerasPiece.of(joined, joined.output(flows));
      Checks.require(
          joined.masks() == Joined.Masks.ANY,
          WHO,
          "layer " + node.name() + " must join masks as Keras 3 does, ANY",
          joined.masks());
      return new Written(object(joined.kind().keras(), config), piece);
    }
    if (node.layer() instanceof Functional inner) {
      List<KerasInput> inputs =
          IntStream.range(0, flows.size())
              .mapToObj(k -> new KerasInput(Integer.toString(k), flows.get(k), false))
              .toList();
      return functional(node.name(), inner, inputs);
    }
    return layer(node.name(), node.layer(), flows);
  }

  // Layers.

  /** A layer with one input. */
  private Written layer(String name, Layer layer, Flow x) {
    return layer(name, layer, List.of(x));
  }

  /** A layer that may be given states beside its input. */
  private Written layer(String name, Layer layer, List<Flow> flows) {
    Flow x = flows.get(0);
    if (layer instanceof Layer.Named named) {
      return layer(name, named.layer(), x);
    }
    if (layer instanceof Sequential row) {
      return sequential(name, row, new KerasInput("input", x, false));
    }
    if (layer instanceof Functional graph) {
      return functional(name, graph, List.of(new KerasInput("0", x, false)));
    }
    Layer seeing = layer instanceof Blind blind ? blind.layer() : layer;
    if (seeing instanceof TimeDistributed distributed) {
      ObjectNode config = JSON.createObjectNode().put("name", name);
      Layer inside = distributed.layer();
      Written inner = layer(inside.name(), inside, x.step());
      config.set("layer", inner.node);
      Flow output = Flow.of(x.sizes().get(0), inner.piece.output().sizes(), x.masked());
      return new Written(
          object("TimeDistributed", config),
          new KerasPiece(
              layer,
              List.of(output),
              List.of(""),
              KerasVariables.below("layer", "layer", inner.piece.variables()),
              Map.of()));
    }
    String className = KerasVariables.className(seeing);
    ObjectNode node = object(className, config(seeing).put("name", name));
    KerasPiece piece;
    try {
      piece = KerasLayers.read(KerasConfig.of(file, node), flows, false);
    } catch (Input.Broken e) {
      throw new IllegalArgumentException(
          WHO + ": layer " + name + " cannot be written: " + layer, e);
    }
    Checks.require(
        canonical(piece.layer(), x).equals(canonical(layer, x)),
        WHO,
        "layer " + name + " must be one that Keras has, with all its settings",
        layer);
    return new Written(node, piece);
  }

  /** The layer without what makes no difference to what it computes. */
  private static Layer canonical(Layer layer, Flow x) {
    if (layer instanceof Blind blind && !x.masked()) {
      return blind.layer();
    }
    if (layer instanceof RNN rnn) {
      RNN.MaskedOutput masked =
          x.masked() && !rnn.lastOnly() ? rnn.maskedOutput() : RNN.MaskedOutput.ZERO;
      return rnn.with(Loop.DEFAULT).with(masked);
    }
    if (layer instanceof Backwards backwards) {
      return new Backwards((RNN) canonical(backwards.rnn(), x));
    }
    if (layer instanceof WithStates states) {
      boolean blind = states.blind() && x.masked();
      Flow seen = x.masked(x.masked() && !blind);
      RecurrentLayer inner = (RecurrentLayer) canonical(states.layer(), seen);
      return new WithStates(inner, states.begins(), states.gives(), blind);
    }
    if (layer instanceof Bidirectional both) {
      RNN.MaskedOutput masked =
          x.masked() && !both.lastOnly() ? both.maskedOutput() : RNN.MaskedOutput.ZERO;
      return both.with(Loop.DEFAULT).with(masked);
    }
    if (layer instanceof Dense dense) {
      return new Dense(
          dense.inputSize(), dense.outputSize(), dense.activation(), Initializer.GLOROT_UNIFORM);
    }
    if (layer instanceof Embedding table) {
      return new Embedding(
          table.vocabularySize(), table.embeddingSize(), table.padding(), KerasLayers.TABLE);
    }
    return layer instanceof BatchNorm norm
        ? new BatchNorm(norm.inputSize(), (float) norm.rate(), norm.epsilon(), norm.unbiased())
        : layer;
  }

  private static ObjectNode config(Layer layer) {
    ObjectNode c = JSON.createObjectNode();
    if (layer instanceof RNN rnn) {
      return recurrent(rnn, rnn.reverse());
    }
    if (layer instanceof Backwards backwards) {
      return recurrent(backwards.rnn(), true);
    }
    if (layer instanceof WithStates states) {
      ObjectNode inner = config(states.layer());
      for (String direction : List.of("layer", "backward_layer")) {
        if (inner.has(direction)) {
          ((ObjectNode) inner.get(direction).get("config")).put("return_state", states.gives());
        }
      }
      return states.layer() instanceof Bidirectional
          ? inner
          : inner.put("return_state", states.gives());
    }
    if (layer instanceof Bidirectional both) {
      String mode = both.merge().name().toLowerCase(Locale.ROOT);
      c.put("merge_mode", both.merge() == Bidirectional.Merge.NONE ? null : mode);
      c.set("layer", inside(both, both.forward(), false));
      c.set("backward_layer", inside(both, both.backward(), true));
      return c;
    }
    if (layer instanceof Dense dense) {
      return c.put("units", dense.outputSize()).put("activation", activation(dense.activation()));
    }
    if (layer instanceof Embedding table) {
      return c.put("input_dim", table.vocabularySize())
          .put("output_dim", table.embeddingSize())
          .put("mask_zero", table.padding() == 0);
    }
    if (layer instanceof Conv1D conv) {
      return convolution(conv);
    }
    if (layer instanceof LayerNorm norm) {
      return c.put("epsilon", norm.epsilon());
    }
    if (layer instanceof BatchNorm norm) {
      return c.put("momentum", 1 - norm.rate()).put("epsilon", norm.epsilon());
    }
    if (layer instanceof Dropout dropout) {
      c.put("rate", dropout.rate());
      if (dropout.draw() == Draw.EACH_ROW || dropout.wholeSteps()) {
        ArrayNode noise = c.putArray("noise_shape").addNull();
        noise = dropout.draw() == Draw.EACH_ROW ? noise.add(1) : noise.addNull();
        noise = dropout.wholeSteps() ? noise.add(1) : noise.addNull();
      }
      return c;
    }
    if (layer instanceof GaussianNoise noise) {
      return c.put("stddev", noise.standardDeviation());
    }
    if (layer instanceof Masking masking) {
      return c.put("mask_value", masking.value());
    }
    if (layer instanceof ActivationLayer function) {
      return c.put("activation", activation(function.activation()));
    }
    if (layer instanceof Repeat repeat) {
      return c.put("n", repeat.steps());
    }
    return c;
  }

  private static String activation(Activation activation) {
    String name = KerasConfig.name(activation);
    Checks.require(name != null, WHO, "an activation must be one that Keras has", activation);
    return name;
  }

  private static ObjectNode convolution(Conv1D conv) {
    return JSON.createObjectNode()
        .put("filters", conv.filters())
        .put("kernel_size", conv.kernel())
        .put("strides", conv.stride())
        .put("dilation_rate", conv.dilation())
        .put("padding", conv.padding().name().toLowerCase(Locale.ROOT))
        .put("activation", activation(conv.activation()))
        .put("use_bias", conv.useBias());
  }

  // Recurrent layers.

  private static ObjectNode inside(Bidirectional both, Cell cell, boolean reverse) {
    RNN rnn =
        new RNN(cell, reverse, both.timeMajor(), both.maskedOutput(), both.lastOnly(), both.loop());
    return object(KerasVariables.className(rnn), recurrent(rnn, reverse));
  }

  private static ObjectNode recurrent(RNN rnn, boolean backwards) {
    ObjectNode c = JSON.createObjectNode();
    if (rnn.cell() instanceof StackedCell stack) {
      ObjectNode cells = JSON.createObjectNode();
      ArrayNode all = cells.putArray("cells");
      stack.cells().forEach(cell -> all.add(object(KerasVariables.className(cell), gated(cell))));
      c.set("cell", object("StackedRNNCells", cells));
    } else {
      c = gated(rnn.cell());
    }
    return c.put("return_sequences", !rnn.lastOnly())
        .put("go_backwards", backwards)
        .put("zero_output_for_mask", rnn.maskedOutput() == RNN.MaskedOutput.ZERO);
  }

  private static ObjectNode gated(Cell cell) {
    ObjectNode c = JSON.createObjectNode();
    if (cell instanceof ElmanRNNCell elman) {
      return c.put("units", elman.hiddenSize())
          .put("dropout", elman.dropout())
          .put("recurrent_dropout", elman.recurrentDropout())
          .put("use_bias", elman.useBias())
          .put("activation", activation(elman.activation()));
    }
    if (cell instanceof LSTMCell lstm) {
      return c.put("units", lstm.hiddenSize())
          .put("dropout", lstm.dropout())
          .put("recurrent_dropout", lstm.recurrentDropout())
          .put("use_bias", lstm.useBias())
          .put("activation", activation(lstm.activation()))
          .put("recurrent_activation", activation(lstm.gateActivation()));
    }
    if (cell instanceof GRUCell gru) {
      return c.put("units", gru.hiddenSize())
          .put("reset_after", false)
          .put("dropout", gru.dropout())
          .put("recurrent_dropout", gru.recurrentDropout())
          .put("use_bias", gru.useBias())
          .put("activation", activation(gru.activation()))
          .put("recurrent_activation", activation(gru.gateActivation()));
    }
    if (cell instanceof GRUResetAfterCell gru) {
      return c.put("units", gru.hiddenSize())
          .put("reset_after", true)
          .put("dropout", gru.dropout())
          .put("recurrent_dropout", gru.recurrentDropout())
          .put("use_bias", gru.useBias())
          .put("activation", activation(gru.activation()))
          .put("recurrent_activation", activation(gru.gateActivation()));
    }
    return images((ConvLSTMCell) cell);
  }

  private static ObjectNode images(ConvLSTMCell conv) {
    ObjectNode c = JSON.createObjectNode().put("filters", conv.hiddenSize());
    conv.kernelShape().forEach(c.putArray("kernel_size")::add);
    int axes = conv.kernelShape().size();
    for (int k = 0; k < axes; k++) {
      c.withArray("strides").add(conv.stride());
      c.withArray("dilation_rate").add(conv.dilation());
    }
    return c.put("padding", conv.padding() == Window.Padding.SAME ? "same" : "valid")
        .put("dropout", conv.dropout())
        .put("recurrent_dropout", conv.recurrentDropout())
        .put("activation", activation(conv.activation()))
        .put("recurrent_activation", activation(conv.gateActivation()));
  }
}
