package kazoku.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Stacked;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;

/**
 * PyTorch's weights come in, layer by layer, and go out again.
 *
 * <pre>{@code
 * Tensors state = Torch.read(Path.of("tagger.pt"));       // or SafeTensors.read
 * Network tagger =
 *     Network.sequential(
 *         Torch.embedding(state, "words"),
 *         Torch.lstm(state, "encoder"),                   // layers and directions as they are there
 *         Torch.linear(state, "head"));
 * try (Model model = tagger.model(42)) { … }
 *
 * SafeTensors.write(path, Torch.state(Network.of(model))); // for module.load_state_dict
 * }</pre>
 *
 * <p>A layer is found by the name that its arrays begin with, {@code encoder} for {@code
 * encoder.weight_ih_l0}; the empty name is that of a file of one layer. A dictionary in a
 * dictionary adds to the name: in a file of {@code {"model": state_dict, "epoch": 3}} it is {@code
 * model.encoder}. What a {@code state_dict} does not say must be said here: the activation of an
 * RNN, the ε of a layer norm, the padding of an embedding; drop-out between layers is added by
 * {@link Stacked#withDropOut}.
 *
 * <p>Layers with an output for each step take {@code [B, T, I]} as with {@code batch_first=True};
 * rows of several lengths are computed as PyTorch's packed sequences are.
 *
 * <p>Source: {@code torch/nn/modules/rnn.py}. Blocks of an LSTM are i, f, g, o in both; those of a
 * GRU r, z, n there and z, r, n here. A GRU is {@link kazoku.cells.GRUResetAfterCell}, and has both
 * biases; the two of RNN and LSTM are one here, their sum. {@code proj_size} is {@link
 * kazoku.cells.ProjectedLSTMCell}.
 */
public final class Torch {
  private static final String WHO = "Torch";
  private static final char DOT = '.';

  private Torch() {}

  /**
   * Reads the names and shapes of a {@code state_dict}, or of a dictionary with several, that
   * {@code torch.save} wrote (version 1.6 or newer). Nothing in the file is executed: it may have
   * dictionaries, lists, texts, numbers and tensors, and anything else is an error that names it.
   *
   * @param path the file, {@code .pt} or {@code .pth}
   * @return its tensors
   * @throws IllegalArgumentException if it is another file, or damaged
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Tensors read(Path path) {
    Checks.given(WHO, "path", path);
    return TorchArchive.read(path);
  }

  /**
   * {@code nn.RNN} or {@code nn.RNNCell} with its default, tanh.
   *
   * @param state the file
   * @param name the layer's name
   * @return an {@link RNN}, {@link Bidirectional} or {@link Stacked} of {@link
   *     kazoku.cells.ElmanRNNCell}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network rnn(Tensors state, String name) {
    return rnn(state, name, Activation.TANH);
  }

  /**
   * {@code nn.RNN} or {@code nn.RNNCell}.
   *
   * @param state the file
   * @param name the layer's name
   * @param nonlinearity tanh or relu
   * @return an {@link RNN}, {@link Bidirectional} or {@link Stacked} of {@link
   *     kazoku.cells.ElmanRNNCell}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network rnn(Tensors state, String name, Activation nonlinearity) {
    return recurrent(state, name, TorchGates.RNN, nonlinearity);
  }

  /**
   * {@code nn.LSTM}, with or without {@code proj_size}, or {@code nn.LSTMCell}.
   *
   * @param state the file
   * @param name the layer's name
   * @return an {@link RNN}, {@link Bidirectional} or {@link Stacked} of {@link
   *     kazoku.cells.LSTMCell} or {@link kazoku.cells.ProjectedLSTMCell}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network lstm(Tensors state, String name) {
    return recurrent(state, name, TorchGates.LSTM, Activation.TANH);
  }

  /**
   * {@code nn.GRU} or {@code nn.GRUCell}.
   *
   * @param state the file
   * @param name the layer's name
   * @return an {@link RNN}, {@link Bidirectional} or {@link Stacked} of {@link
   *     kazoku.cells.GRUResetAfterCell}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network gru(Tensors state, String name) {
    return recurrent(state, name, TorchGates.GRU, Activation.TANH);
  }

  private static Network recurrent(
      Tensors state, String name, TorchGates gates, Activation activation) {
    Part part = new Part(WHO, state, name, DOT);
    if (part.has("weight_ih")) {
      TorchGates.Loaded cell = gates.read(part, "", activation);
      return part.done(new Network(new RNN(cell.cell()), under("cell/", cell.weights())));
    }
    List<Network> layers = new ArrayList<>();
    do {
      layers.add(layer(part, "_l" + layers.size(), gates, activation));
    } while (part.has("weight_ih_l" + layers.size()));
    part.done(layers);
    if (layers.size() == 1) {
      return layers.get(0);
    }
    Map<String, Values> weights = new LinkedHashMap<>();
    for (int k = 0; k < layers.size(); k++) {
      weights.putAll(under(k + "/", layers.get(k).weights()));
    }
    return new Network(
        new Stacked(layers.stream().map(each -> (RecurrentLayer) each.layer()).toList()), weights);
  }

  private static Network layer(Part part, String suffix, TorchGates gates, Activation activation) {
    TorchGates.Loaded forward = gates.read(part, suffix, activation);
    if (!part.has("weight_ih" + suffix + "_reverse")) {
      return new Network(new RNN(forward.cell()), under("cell/", forward.weights()));
    }
    TorchGates.Loaded backward = gates.read(part, suffix + "_reverse", activation);
    Map<String, Values> weights = under("forward/", forward.weights());
    weights.putAll(under("backward/", backward.weights()));
    return new Network(new Bidirectional(forward.cell(), backward.cell()), weights);
  }

  private static Map<String, Values> under(String path, Map<String, Values> weights) {
    Map<String, Values> below = new LinkedHashMap<>();
    weights.forEach((name, values) -> below.put(path + name, values));
    return below;
  }

  /**
   * {@code nn.Linear}; without a bias it gets one of zeros.
   *
   * @param state the file
   * @param name the layer's name
   * @return a linear {@link Dense}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network linear(Tensors state, String name) {
    Part part = new Part(WHO, state, name, DOT);
    Values weight = part.get("weight", "O", "I");
    int size = weight.size(0);
    Values b = part.has("bias") ? part.get("bias", size) : Values.filled(0, size);
    Map<String, Values> weights = Map.of("W", weight.transposed(), "b", b);
    return part.done(new Network(new Dense(weight.size(1), size), weights));
  }

  /**
   * {@code nn.Embedding}, in which all tokens are valid: also one with {@code padding_idx}, which
   * does not skip it.
   *
   * @param state the file
   * @param name the layer's name
   * @return an {@link Embedding}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network embedding(Tensors state, String name) {
    return embedding(state, name, Embedding.NO_PADDING);
  }

  /**
   * {@code nn.Embedding}, after which steps that have the padding token are passed over. PyTorch
   * does so where sequences are packed.
   *
   * @param state the file
   * @param name the layer's name
   * @param padding the padding token, {@code padding_idx}
   * @return an {@link Embedding}
   * @throws IllegalArgumentException if the file has no such layer, or if the token is not in it
   */
  public static Network embedding(Tensors state, String name, int padding) {
    Part part = new Part(WHO, state, name, DOT);
    Values weight = part.get("weight", "V", "J");
    Layer layer = new Embedding(weight.size(0), weight.size(1), padding);
    return part.done(new Network(layer, Map.of("E", weight)));
  }

  /**
   * {@code nn.LayerNorm} of the last axis with its default, ε = 1e-5.
   *
   * @param state the file
   * @param name the layer's name
   * @return a {@link LayerNorm}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network layerNorm(Tensors state, String name) {
    return layerNorm(state, name, new LayerNorm(1).epsilon());
  }

  /**
   * {@code nn.LayerNorm} of the last axis; without a bias it gets one of zeros.
   *
   * @param state the file
   * @param name the layer's name
   * @param epsilon ε
   * @return a {@link LayerNorm}
   * @throws IllegalArgumentException if the file has no such layer
   */
  public static Network layerNorm(Tensors state, String name, double epsilon) {
    Part part = new Part(WHO, state, name, DOT);
    Values gamma = part.get("weight", "I");
    int size = gamma.size(0);
    Values beta = part.has("bias") ? part.get("bias", size) : Values.filled(0, size);
    Map<String, Values> weights = Map.of("gamma", gamma, "beta", beta);
    return part.done(new Network(new LayerNorm(size, epsilon), weights));
  }

  /**
   * A network's weights under PyTorch's names and in its layouts, for {@code load_state_dict}: of
   * recurrent layers, {@link Dense}, {@link Embedding} and {@link LayerNorm} in a row. Names are
   * those of the layers with dots, {@code encoder.weight_ih_l0}, {@code head.weight}; a layer alone
   * has none. What has no weights is passed over, activations of {@link Dense} too: the module has
   * them in its code. The second bias of RNN and LSTM is zeros.
   *
   * @param network the network; {@link Network#of} of a model
   * @return values by name, to be {@linkplain SafeTensors#write written}
   * @throws IllegalArgumentException if PyTorch has nothing like one of the layers
   */
  public static Map<String, Values> state(Network network) {
    Checks.given(WHO, "network", network);
    return new TorchState(network.weights()).of(network.layer());
  }
}
