package kazoku.decode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Activation;
import kazoku.Checks;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Weights;
import kazoku.layers.Dense;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * From sequences to sequences: an encoder reads a whole row, and a decoder writes another one.
 *
 * <pre>
 * e, s   = encoder(source(x))                     all steps of x, and the last state  [B,T,D]
 * s_0    = bridge(s)                              the decoder's first state
 * logits = decoder(target, s_0)                   with e as its memory                [B,T',V]
 * </pre>
 *
 * <p>As a layer it is trained: beside its input stands {@code target}, the tokens that the decoder
 * reads, {@code [B, T']} with lengths of their own: those that should come out, moved on by one
 * step, the start token first. It gives the decoder's logits, with the lengths of the target.
 *
 * <pre>{@code
 * EncoderDecoder translator = new EncoderDecoder(words, new RNN(new GRUCell(64, 128)), decoder);
 * Signal logits = translator.apply(w, source.beside("target", target));
 * Signal found = translator.beam(5, 0.6).apply(w, source);
 * }</pre>
 *
 * <p>{@link #greedy}, {@link #sample} and {@link #beam} are layers over the same weights, which
 * need no target and give what {@link Generator} says.
 *
 * <p>Where the encoder gives all its steps, they stand beside the decoder's tokens as {@code
 * memory}, which a cell with attention asks for. Whatever else stands beside the input stands
 * beside the tokens too. Weights are under {@code source/}, {@code encoder/}, {@code bridge/} and
 * {@code decoder/}.
 *
 * <p>Source: I. Sutskever, O. Vinyals, Q. Le, "Sequence to Sequence Learning with Neural Networks",
 * NIPS 2014, <a href="https://arxiv.org/abs/1409.3215">arXiv:1409.3215</a>; K. Cho et al., EMNLP
 * 2014, <a href="https://arxiv.org/abs/1406.1078">arXiv:1406.1078</a>. The bridges are those of
 * OpenNMT-tf.
 *
 * @param source what the input goes through before the encoder: the embedding of its tokens
 * @param encoder reads the input; one direction or several layers
 * @param decoder writes the output
 * @param bridge how the decoder's first state is made of the encoder's last one; a copy by default
 */
public record EncoderDecoder(Layer source, RecurrentLayer encoder, Decoder decoder, Bridge bridge)
    implements Layer {
  private static final String TARGET = "target";
  private static final String MEMORY = "memory";

  public EncoderDecoder {
    Checks.given("EncoderDecoder", "source", source);
    Checks.given("EncoderDecoder", "encoder", encoder);
    Checks.given("EncoderDecoder", "decoder", decoder);
    Checks.given("EncoderDecoder", "bridge", bridge);
    List<String> slots = decoder.cell().state().stream().map(Slot::name).toList();
    bridge
        .slots()
        .forEach(
            slot ->
                Checks.require(
                    slots.contains(slot),
                    "EncoderDecoder",
                    "the bridge's slots must be of the decoder's " + slots,
                    slot));
  }

  /**
   * The decoder begins with the encoder's last state.
   *
   * @param source what the input goes through before the encoder
   * @param encoder reads the input
   * @param decoder writes the output
   */
  public EncoderDecoder(Layer source, RecurrentLayer encoder, Decoder decoder) {
    this(source, encoder, decoder, Bridge.copy());
  }

  @Override
  public Shape input() {
    return source.input();
  }

  /**
   * Writes the most likely token at each step.
   *
   * @param slots as in {@link Decoder#greedy}
   * @return a layer over the same weights
   */
  public Layer greedy(String... slots) {
    return new Writer(this, OneByOne.greedy(decoder, slots));
  }

  /**
   * Writes tokens that are drawn.
   *
   * @param temperature as in {@link Decoder#sample}
   * @param slots as in {@link Decoder#greedy}
   * @return a layer over the same weights
   */
  public Layer sample(double temperature, String... slots) {
    return new Writer(this, OneByOne.drawn(decoder, temperature, slots));
  }

  /**
   * Writes several hypotheses side by side, and gives the best ones.
   *
   * @param width as in {@link Decoder#beam}
   * @param alpha as in {@link Decoder#beam}
   * @return a layer over the same weights
   */
  public Layer beam(int width, double alpha) {
    return new Writer(this, new Beam(decoder, width, alpha));
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Checks.require(
        x.beside().containsKey(TARGET),
        "EncoderDecoder",
        "the tokens to learn must stand beside the input, x.beside(\"target\", tokens); to write"
            + " without them use greedy(), sample(…) or beam(…)",
        x.beside().keySet());
    Encoded encoded = encode(w, x);
    Signal target = x.beside(TARGET);
    Signal tokens = target;
    for (Map.Entry<String, Signal> other : encoded.beside.entrySet()) {
      tokens = tokens.beside(other.getKey(), other.getValue());
    }
    Weights own = w.in("decoder");
    Signal logits = target.with(decoder.run(own, tokens, encoded.state).outputs());
    for (Map.Entry<String, Operand<TNumber>> state : encoded.state.entrySet()) {
      tokens = tokens.beside(state.getKey(), state.getValue());
    }
    own.built(decoder, tokens, logits);
    return logits;
  }

  /** What the encoder gives: the decoder's first state, and what stands beside its tokens. */
  private record Encoded(Map<String, Operand<TNumber>> state, Map<String, Signal> beside) {}

  private Encoded encode(Weights w, Signal x) {
    w.acrossSteps("EncoderDecoder");
    Weights words = w.in("source");
    Signal read = source.apply(words, x);
    words.built(source, x, read);
    Weights own = w.in("encoder");
    RecurrentLayer.Result result = encoder.run(own, read);
    own.built(encoder, read, encoder.given(read, result.outputs()));
    Map<String, Signal> beside = new LinkedHashMap<>(x.beside());
    beside.remove(TARGET);
    if (!encoder.lastOnly()) {
      beside.put(MEMORY, new Signal(result.outputs(), read.lengths(), read.mask(), Map.of()));
    }
    return new Encoded(first(w.in("bridge"), result.finalState()), beside);
  }

  // The bridge

  private Map<String, Operand<TNumber>> first(Weights w, Map<String, Operand<TNumber>> last) {
    return switch (bridge.form()) {
      case NONE -> Map.of();
      case COPY -> copied(last);
      case DENSE -> projected(w, last);
    };
  }

  private Map<String, Operand<TNumber>> copied(Map<String, Operand<TNumber>> last) {
    Map<String, Operand<TNumber>> first = new LinkedHashMap<>();
    for (Slot slot : decoder.cell().state()) {
      List<String> same = counterparts(slot.name(), last.keySet());
      if (!same.isEmpty()) {
        Shape given = last.get(same.get(0)).asOutput().shape();
        Checks.require(
            same.size() == 1 && given.isCompatibleWith(slot.shape().prepend(Shape.UNKNOWN_SIZE)),
            "EncoderDecoder",
            "to copy to the decoder's slot "
                + slot.name()
                + " "
                + Checks.text(slot.shape())
                + ", one slot of the encoder must have its name and shape; use Bridge.dense()",
            same + " of " + Checks.text(given));
        first.put(slot.name(), last.get(same.get(0)));
      }
    }
    Checks.require(
        !first.isEmpty(),
        "EncoderDecoder",
        "to copy, the encoder must have a slot of the decoder's "
            + decoder.cell().state().stream().map(Slot::name).toList()
            + "; use Bridge.dense() or Bridge.none()",
        last.keySet());
    return first;
  }

  /** The slots whose path agrees with that of a slot, counted from the end, as far as it can. */
  private static List<String> counterparts(String slot, Set<String> slots) {
    if (slots.contains(slot)) {
      return List.of(slot);
    }
    List<String> same =
        slots.stream().filter(e -> e.endsWith("/" + slot) || slot.endsWith("/" + e)).toList();
    int most = same.stream().mapToInt(e -> Math.min(e.length(), slot.length())).max().orElse(0);
    return same.stream().filter(e -> Math.min(e.length(), slot.length()) == most).toList();
  }

  private Map<String, Operand<TNumber>> projected(Weights w, Map<String, Operand<TNumber>> last) {
    Ops tf = w.tf();
    List<Slot> slots =
        decoder.cell().state().stream()
            .filter(slot -> bridge.slots().isEmpty() || bridge.slots().contains(slot.name()))
            .toList();
    List<Operand<TNumber>> flat =
        last.values().stream()
            .map(value -> (Operand<TNumber>) tf.reshape(value, tf.array(-1, size(value))))
            .toList();
    Operand<TNumber> all = flat.size() == 1 ? flat.get(0) : tf.concat(flat, tf.constant(1));
    int given = last.values().stream().mapToInt(EncoderDecoder::size).sum();
    int needed = slots.stream().mapToInt(slot -> (int) slot.shape().size()).sum();
    Operand<TNumber> made =
        new Dense(given, needed, Activation.IDENTITY, Initializer.GLOROT_UNIFORM).apply(w, all);
    Map<String, Operand<TNumber>> first = new LinkedHashMap<>();
    int from = 0;
    for (Slot slot : slots) {
      int size = (int) slot.shape().size();
      Operand<TNumber> part = tf.slice(made, tf.array(0, from), tf.array(-1, size));
      first.put(slot.name(), tf.reshape(part, tf.constant(slot.shape().prepend(-1).asArray())));
      from += size;
    }
    return first;
  }

  private static int size(Operand<TNumber> state) {
    Shape shape = state.asOutput().shape();
    return Math.toIntExact(shape.takeLast(shape.numDimensions() - 1).size());
  }

  /** Writes by itself. */
  private record Writer(EncoderDecoder layer, Search search) implements Layer {
    @Override
    public String name() {
      return layer.name();
    }

    @Override
    public Shape input() {
      return layer.input();
    }

    @Override
    public Signal apply(Weights w, Signal x) {
      Weights inference = w.forInference();
      Encoded encoded = layer.encode(inference, x);
      Weights own = inference.in("decoder");
      Operand<TNumber> first = layer.decoder.starts(own, Padding.size(w.tf(), x.value(), 0));
      return search.search(own, first, encoded.state, encoded.beside);
    }
  }
}
