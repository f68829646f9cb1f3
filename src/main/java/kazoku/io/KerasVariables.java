package kazoku.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
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
import kazoku.layers.Pooling;
import kazoku.layers.Repeat;
import kazoku.layers.TimeDistributed;
import kazoku.wrap.StackedCell;
import org.tensorflow.ndarray.Shape;

/** The variables of Keras' layers, in the order in which Keras keeps them. */
final class KerasVariables {
  private static final String CELL = "cell";
  private static final Map<Class<? extends Layer>, String> CLASSES =
      Map.ofEntries(
          Map.entry(ActivationLayer.class, "Activation"),
          Map.entry(BatchNorm.class, "BatchNormalization"),
          Map.entry(Bidirectional.class, "Bidirectional"),
          Map.entry(Conv1D.class, "Conv1D"),
          Map.entry(Dense.class, "Dense"),
          Map.entry(Dropout.class, "Dropout"),
          Map.entry(Embedding.class, "Embedding"),
          Map.entry(GaussianNoise.class, "GaussianNoise"),
          Map.entry(LayerNorm.class, "LayerNormalization"),
          Map.entry(Masking.class, "Masking"),
          Map.entry(Repeat.class, "RepeatVector"),
          Map.entry(Sequential.class, "Sequential"),
          Map.entry(TimeDistributed.class, "TimeDistributed"));
  private static final Map<Pooling.Kind, String> POOLINGS =
      Map.of(Pooling.Kind.MAX, "GlobalMaxPooling1D", Pooling.Kind.MEAN, "GlobalAveragePooling1D");

  private KerasVariables() {}

  /** Those of a layer; empty for a layer without weights. */
  static List<KerasVariable> of(Layer layer) {
    if (layer instanceof Layer.Named named) {
      return of(named.layer());
    }
    if (layer instanceof Blind blind) {
      return of(blind.layer());
    }
    if (layer instanceof TimeDistributed distributed) {
      return below("layer", "layer", of(distributed.layer()));
    }
    if (layer instanceof Sequential) {
      return parts(layer).stream().flatMap(part -> part.variables().stream()).toList();
    }
    if (layer instanceof RNN rnn) {
      return below(CELL, CELL, of(rnn.cell()));
    }
    if (layer instanceof Backwards backwards) {
      return of(backwards.rnn());
    }
    if (layer instanceof WithStates states) {
      return of(states.layer());
    }
    if (layer instanceof Bidirectional both) {
      List<KerasVariable> all = new ArrayList<>();
      all.addAll(below("forward_layer/cell", "forward", of(both.forward())));
      all.addAll(below("backward_layer/cell", "backward", of(both.backward())));
      return all;
    }
    if (layer instanceof Dense dense) {
      return List.of(
          KerasVariable.of("W", dense.inputSize(), dense.outputSize()),
          KerasVariable.of("b", dense.outputSize()));
    }
    if (layer instanceof Embedding embedding) {
      return List.of(KerasVariable.of("E", embedding.vocabularySize(), embedding.embeddingSize()));
    }
    if (layer instanceof LayerNorm norm) {
      return List.of(
          KerasVariable.of("gamma", norm.inputSize()), KerasVariable.of("beta", norm.inputSize()));
    }
    if (layer instanceof BatchNorm norm) {
      return List.of(
          KerasVariable.of("gamma", norm.inputSize()),
          KerasVariable.of("beta", norm.inputSize()),
          KerasVariable.of("mean", norm.inputSize()).fixed(),
          KerasVariable.of("variance", norm.inputSize()).fixed());
    }
    if (layer instanceof Conv1D conv) {
      KerasVariable W = KerasVariable.of("W", conv.kernel(), conv.inputSize(), conv.filters());
      return biased(conv.useBias(), KerasVariable.of("b", conv.filters()), W);
    }
    return List.of();
  }

  /** The layers of a model as Keras names them in its files; of a single layer, itself. */
  static List<KerasGraph.Part> parts(Layer model) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    if (model instanceof Sequential row) {
      row.layers().forEach(layer -> layers.put(layer.name(), layer));
    } else {
      layers.put(model.name(), model);
    }
    KerasNames objects = new KerasNames();
    List<KerasGraph.Part> parts = new ArrayList<>();
    layers.forEach(
        (name, layer) ->
            parts.add(
                new KerasGraph.Part(name, objects.next(className(layer)), of(layer), Map.of())));
    return parts;
  }

  /** The class of a layer there. */
  static String className(Layer layer) {
    Checks.require(
        !(layer instanceof Functional),
        "Keras",
        "weights alone are read for layers in a row; read the model, Keras.read(path)",
        layer);
    if (layer instanceof Layer.Named named) {
      return className(named.layer());
    }
    if (layer instanceof Blind blind) {
      return className(blind.layer());
    }
    if (layer instanceof Backwards backwards) {
      return className(backwards.rnn());
    }
    if (layer instanceof WithStates states) {
      return className(states.layer());
    }
    if (layer instanceof RNN rnn) {
      String cell = className(rnn.cell());
      return cell.endsWith("Cell") ? cell.substring(0, cell.length() - CELL.length()) : cell;
    }
    String name = CLASSES.get(layer.getClass());
    if (layer instanceof Joined joined) {
      return joined.kind().keras();
    }
    if (layer instanceof Pooling pooling) {
      name = POOLINGS.get(pooling.kind());
    }
    Checks.require(name != null, "Keras", "a layer must have a counterpart in Keras", layer);
    return name;
  }

  static List<KerasVariable> of(Cell cell) {
    if (cell instanceof ElmanRNNCell elman) {
      return dense(elman.inputSize(), elman.hiddenSize(), 1, elman.useBias());
    }
    if (cell instanceof LSTMCell lstm) {
      return dense(lstm.inputSize(), lstm.hiddenSize(), 4, lstm.useBias());
    }
    if (cell instanceof GRUCell gru) {
      return dense(gru.inputSize(), gru.hiddenSize(), 3, gru.useBias());
    }
    if (cell instanceof GRUResetAfterCell gru) {
      long gates = 3L * gru.hiddenSize();
      KerasVariable both = new KerasVariable("", List.of("b", "b_r"), Shape.of(2, gates), true);
      return biased(
          gru.useBias(),
          both,
          KerasVariable.of("W", gru.inputSize(), gates),
          KerasVariable.of("U", gru.hiddenSize(), gates));
    }
    if (cell instanceof ConvLSTMCell conv) {
      long gates = 4L * conv.hiddenSize();
      return List.of(
          KerasVariable.of("K_x", kernel(conv, conv.inputSize(), gates)),
          KerasVariable.of("K_h", kernel(conv, conv.hiddenSize(), gates)),
          KerasVariable.of("b", gates));
    }
    List<KerasVariable> all = new ArrayList<>();
    if (cell instanceof StackedCell stack) {
      KerasNames names = new KerasNames();
      for (int k = 0; k < stack.cells().size(); k++) {
        Cell each = stack.cells().get(k);
        all.addAll(below("cells/" + names.next(className(each)), Integer.toString(k), of(each)));
      }
    }
    return all;
  }

  /** The class of a cell there; of a stack, and of one that is no cell there, that of its layer. */
  static String className(Cell cell) {
    if (cell instanceof ElmanRNNCell) {
      return "SimpleRNNCell";
    }
    if (cell instanceof LSTMCell) {
      return "LSTMCell";
    }
    if (cell instanceof GRUCell || cell instanceof GRUResetAfterCell) {
      return "GRUCell";
    }
    if (cell instanceof ConvLSTMCell conv) {
      return "ConvLSTM" + conv.spatialShape().size() + "D";
    }
    Checks.require(
        cell instanceof StackedCell, "Keras", "a cell must have a counterpart in Keras", cell);
    return "RNN";
  }

  private static List<KerasVariable> dense(int input, int hidden, long gates, boolean useBias) {
    return biased(
        useBias,
        KerasVariable.of("b", gates * hidden),
        KerasVariable.of("W", input, gates * hidden),
        KerasVariable.of("U", hidden, gates * hidden));
  }

  private static List<KerasVariable> biased(
      boolean useBias, KerasVariable bias, KerasVariable... others) {
    List<KerasVariable> all = new ArrayList<>(List.of(others));
    if (useBias) {
      all.add(bias);
    }
    return all;
  }

  private static long[] kernel(ConvLSTMCell conv, long from, long to) {
    LongStream sizes = conv.kernelShape().stream().mapToLong(Integer::longValue);
    return LongStream.concat(sizes, LongStream.of(from, to)).toArray();
  }

  /** Variables below an object there, and below a path here. */
  static List<KerasVariable> below(String object, String path, List<KerasVariable> variables) {
    return variables.stream().map(variable -> variable.in(object, path)).toList();
  }
}
