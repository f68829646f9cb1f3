package kazoku.decode;

import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A {@link Decoder} that goes on by itself where a row leaves off.
 *
 * <p>It takes the beginning of each row, {@code [B, P]} tokens with lengths, as training gave them:
 * with the start token, if rows had one there. An empty beginning is the start token alone. It
 * gives what comes after: tokens {@code [B, maxSteps]} (int32), −1 from the end token on, with
 * their lengths, and beside them {@code scores} {@code [B, 1]}, the logarithm of the probability of
 * the tokens and the end token. No gradient flows through it, and drop-out is off.
 *
 * <p>A beam search gives the best hypothesis of each row, and beside it all K, best first, as
 * {@code beams} {@code [B, K, maxSteps]} and {@code beamScores} {@code [B, K]}; scores are those
 * that it compares. Where there are fewer than K, the score is −∞, and there are no tokens.
 *
 * <p>Tokens that are drawn follow from the seed of the weights and the number of runs of the
 * session; another session begins with the same ones.
 */
public final class Generator implements Layer {
  static final String SCORES = "scores";
  static final String BEAMS = "beams";
  static final String BEAM_SCORES = "beamScores";

  private final Decoder decoder;
  private final Search search;

  Generator(Decoder decoder, Search search) {
    this.decoder = decoder;
    this.search = search;
  }

  /** The name of the decoder's own, whose weights it shares. */
  @Override
  public String name() {
    return decoder.name();
  }

  @Override
  public Shape input() {
    return decoder.input();
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    return run(w, x, Map.of());
  }

  /**
   * Builds the layer, with a state to begin with.
   *
   * @param w the decoder's weights
   * @param x the beginning of each row, with lengths where they differ
   * @param initialState the state of the decoder's cell before it reads the beginning, by slot,
   *     {@code [B, …]}; a slot that is missing begins as the cell has it
   * @return what comes after
   * @throws IllegalArgumentException if the input does not fit
   */
  public Signal run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Checks.require(
        x.mask() == null,
        "Decoder",
        "the beginning of a row must have a length and no mask",
        "one");
    w.acrossSteps("Decoder: what it generates");
    Weights inference = w.forInference();
    Ops tf = w.tf();
    Signal tokens = decoder.tokens(inference, x);
    Operand<TInt32> lengths = lengths(tf, tokens);
    Operand<TInt32> before = tf.math.maximum(tf.math.sub(lengths, tf.constant(1)), tf.constant(0));
    Signal all = new Signal(tokens.value(), before, null, x.beside());
    Loop loop = new Loop(Loop.Form.AUTO, decoder.loop().shards());
    Map<String, Operand<TNumber>> state =
        decoder.read(inference, all, initialState, loop).finalState();
    return search.search(inference, last(w, tokens, lengths), state, x.beside());
  }

  /** How many tokens each row begins with, {@code [B]}. */
  private static Operand<TInt32> lengths(Ops tf, Signal tokens) {
    Operand<TInt32> rows = Padding.size(tf, tokens.value(), 0);
    Operand<TInt32> steps = Padding.size(tf, tokens.value(), 1);
    return tokens.lengths() == null
        ? tf.broadcastTo(steps, rows)
        : tf.math.maximum(tf.math.minimum(tokens.lengths(), steps), tf.constant(0));
  }

  /** The last token of each row, {@code [B, 1]}; the start token where there is none. */
  private Operand<TNumber> last(Weights w, Signal tokens, Operand<TInt32> lengths) {
    Ops tf = w.tf();
    Operand<TNumber> given =
        tf.squeeze(Vocabulary.number(tokens.value()), Squeeze.axis(List.of(2L)));
    Operand<TNumber> all =
        tf.concat(List.of(decoder.starts(w, Padding.size(tf, given, 0)), given), tf.constant(1));
    return tf.gather(
        all, tf.expandDims(lengths, tf.constant(1)), tf.constant(1), Gather.batchDims(1L));
  }
}
