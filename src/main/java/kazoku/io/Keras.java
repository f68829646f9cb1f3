package kazoku.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.train.Inputs;
import kazoku.train.Model;
import org.tensorflow.ndarray.Shape;

/**
 * Models of Keras 2 and 3 come in: {@code .keras} archives, {@code .h5} files of whole models, and
 * files of weights alone, for a layer of one's own.
 *
 * <pre>{@code
 * try (Model model = Keras.read(Path.of("tagger.keras")).model(42)) {
 *   float[][][] tags = model.predictSteps(Sequences.tokens(words));
 * }
 * }</pre>
 *
 * <p>Read are SimpleRNN, LSTM, GRU (both forms, two biases, one or none), ConvLSTM, RNN of their
 * cells and of StackedRNNCells, Bidirectional, TimeDistributed, Embedding, Dense, Conv1D,
 * LayerNormalization, BatchNormalization, Dropout, SpatialDropout1D, GaussianNoise, Masking,
 * GlobalMaxPooling1D, GlobalAveragePooling1D, RepeatVector, Activation, Add and Concatenate, in
 * Sequential and functional models and models inside of models. Any other layer is an error that
 * names it; nothing in a file is ever executed. Layers have the names that they have there.
 *
 * <p>Masks go from layer to layer as in Keras: GlobalMaxPooling1D and Conv1D do not see them. A
 * sequence of a batch that is longer than another is padded here and has a length, which every
 * layer sees; Keras has none. Not read are what only training has (initialisers, regularizers,
 * constraints, optimizers), what a layer keeps from batch to batch ({@code stateful}), and types of
 * numbers: all are float32 here. A model whose inputs are all without steps is an error.
 *
 * <p>Recurrent layers may be given states and give theirs ({@code initial_state}, {@code
 * return_state}), as an encoder hands them to a decoder. Keras 3 hands no mask to a layer that it
 * gives states; such a layer takes all steps here, too.
 *
 * <p>Arrays may be compressed, as h5py does it with {@code compression="gzip"}, {@code shuffle} and
 * {@code fletcher32}, if all of them come to at most a hundred times the file.
 *
 * <p>It needs {@code io.jhdf:jhdf} on the class path.
 */
public final class Keras {
  private static final String JHDF = "io.jhdf.HdfFile";

  private Keras() {}

  /**
   * Reads a model.
   *
   * @param path a {@code .keras} archive, or an {@code .h5} file with a whole model
   * @return the model's layer with its weights; the first of its inputs that has steps is the
   *     signal's value, the others stand beside it under their names
   * @throws IllegalArgumentException if it is no such file, or has what is not read
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Network read(Path path) {
    requireHdf5();
    KerasFile file = KerasFile.open(path);
    Input input = file.input();
    input.require(
        file.config() != null,
        "it has weights alone; give their layer, Keras.weights(path, layer)");
    KerasConfig c = KerasConfig.of(new KerasConfig.File(input, file.version()), file.config());
    return switch (c.className()) {
      case "Sequential" -> {
        KerasInput given = KerasGraph.sequentialInput(c);
        KerasGraph graph = KerasGraph.sequential(c, given.flow());
        yield network(c, file, graph, List.of(given), List.of(""));
      }
      case "Functional", "Model" -> {
        List<KerasInput> given = KerasGraph.functionalInputs(c);
        List<String> names = names(given);
        List<Flow> flows = given.stream().map(KerasInput::flow).toList();
        yield network(c, file, KerasGraph.functional(c, flows, names), given, names);
      }
      default -> throw c.fault("is no Sequential and no functional model");
    };
  }

  /**
   * Reads weights for a layer of one's own: the files that {@code save_weights} writes, or those of
   * whole models, whose config is not looked at.
   *
   * @param path the file
   * @param layer the layer that they are of, a {@link kazoku.Sequential} for the layers of a model;
   *     what has no bias there gets one of zeros
   * @return the layer with its weights
   * @throws IllegalArgumentException if it is no such file, or has other weights
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Network weights(Path path, Layer layer) {
    requireHdf5();
    KerasFile file = KerasFile.open(path);
    return new Network(layer, KerasWeights.of(file, layer));
  }

  private static Network network(
      KerasConfig c,
      KerasFile file,
      KerasGraph graph,
      List<KerasInput> inputs,
      List<String> names) {
    KerasPiece piece = graph.piece();
    Map<String, Values> weights = KerasWeights.read(file, graph);
    return new Network(piece.layer(), inputs(c, piece.layer(), inputs, names), weights);
  }

  /** What inputs are called beside the signal: the first that has steps is the signal itself. */
  private static List<String> names(List<KerasInput> inputs) {
    int first = 0;
    for (int k = inputs.size() - 1; k >= 0; k--) {
      first = inputs.get(k).surelyHasSteps() ? k : first;
    }
    List<String> names = new ArrayList<>();
    for (KerasInput each : inputs) {
      names.add(names.size() == first ? "" : each.name());
    }
    return names;
  }

  private static Inputs inputs(
      KerasConfig c, Layer layer, List<KerasInput> given, List<String> names) {
    int first = names.indexOf("");
    Inputs inputs = add(c, null, layer, given.get(first), "");
    for (int k = 0; k < given.size(); k++) {
      inputs = k == first ? inputs : add(c, inputs, layer, given.get(k), names.get(k));
    }
    return inputs;
  }

  private static Inputs add(
      KerasConfig c, Inputs inputs, Layer layer, KerasInput input, String name) {
    Flow flow = input.flow();
    if (flow.rank() > 1) {
      long[] row = flow.step().sizes().stream().mapToLong(Integer::longValue).toArray();
      c.require(!flow.step().sizes().contains(-1), "has an input of unknown sizes, " + flow);
      return inputs == null ? Inputs.vectors(row) : c.made(() -> inputs.vectors(name, row));
    }
    if (input.surelyHasSteps() || looksUp(layer, name)) {
      return inputs == null ? Inputs.tokens() : c.made(() -> inputs.tokens(name));
    }
    c.require(inputs != null, "must have an input with steps");
    return c.made(() -> inputs.rows(name, flow.last()));
  }

  /** Whether an input is one of tokens, as who takes it says. */
  private static boolean looksUp(Layer layer, String name) {
    if (layer instanceof Functional graph) {
      Functional.Tensor tensor = new Functional.Tensor(Functional.Tensor.INPUT, name);
      return graph.nodes().stream()
          .anyMatch(node -> node.inputs().contains(tensor) && looksUp(node.layer(), ""));
    }
    return layer.input().equals(Shape.scalar());
  }

  /**
   * Writes a {@code .keras} archive that Keras 3 opens: a {@link kazoku.Sequential} of the layers
   * above, or a functional model that was read. It is written aside and then moved into place.
   *
   * <p>Lengths are none of Keras' things: there a model is fed with sequences of one length, or
   * masks what is padded. Conv1D and Pooling.max() after a mask see it here and not there, and are
   * refused, as is every layer with a setting that Keras has not.
   *
   * @param path where to; replaced if it is there
   * @param model the model
   * @throws IllegalArgumentException if a layer has no counterpart in Keras
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public static void write(Path path, Model model) {
    Checks.given("Keras", "path", path);
    Checks.given("Keras", "model", model);
    requireHdf5();
    KerasFile.write(path, Network.of(model));
  }

  /** One sentence in the place of a class that is not found. */
  static void requireHdf5() {
    try {
      Class.forName(JHDF);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "Keras: files need io.jhdf:jhdf, which is not on the class path; add it", e);
    }
  }
}
