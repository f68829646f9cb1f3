package kazoku.decode;

import java.util.Map;
import kazoku.Checks;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * All label sequences of each row of a batch, with their scores, as {@link Crf} defines them: how
 * likely given labels are, which are the best, and how likely each label is at each step.
 *
 * <p>Every recurrence here is laid over time by {@link RNN}, so B and T may differ from run to run,
 * and padding changes nothing. A row of length 0 has one label sequence, the empty one, with score
 * 0. Scores must be finite: to forbid a transition, add −10⁴ to it, and not −∞.
 *
 * @param tf operations of the graph
 * @param scores the score of each label at each step, {@code [B, T, K]}, with lengths or a mask
 *     where not all steps are valid; one that is not is as if it were not there
 * @param transitions the score of going from label i to label j, {@code [K, K]}
 * @param start the score of beginning with a label, {@code [K]}
 * @param end the score of ending with a label, {@code [K]}
 */
public record Chain(
    Ops tf,
    Signal scores,
    Operand<? extends TNumber> transitions,
    Operand<? extends TNumber> start,
    Operand<? extends TNumber> end) {

  public Chain {
    Checks.given("Chain", "tf", tf);
    Checks.given("Chain", "scores", scores);
    Checks.given("Chain", "transitions", transitions);
    Checks.given("Chain", "start", start);
    Checks.given("Chain", "end", end);
    Shape square = transitions.asOutput().shape();
    Checks.require(
        square.numDimensions() == 2 && square.get(0) == square.get(1) && square.get(0) > 0,
        "Chain",
        "transitions must be a square matrix of a known size",
        square);
    check(Crf.START, start, square.take(1), transitions.type());
    check(Crf.END, end, square.take(1), transitions.type());
    check("scores", scores.value(), square.take(1).prepend(-1).prepend(-1), transitions.type());
  }

  /**
   * The chain of a {@link Crf}'s output.
   *
   * @param tf operations of the graph
   * @param scores what the layer gave
   * @return the chain
   * @throws IllegalArgumentException if the layer's weights are not beside the scores
   */
  public static Chain of(Ops tf, Signal scores) {
    return new Chain(
        tf,
        scores,
        scores.beside(Crf.TRANSITIONS).value(),
        scores.beside(Crf.START).value(),
        scores.beside(Crf.END).value());
  }

  /**
   * How unlikely given labels are, for training.
   *
   * @param labels {@code [B, T]}, between 0 and K − 1 at valid steps (a run fails otherwise); what
   *     stands at others does not count
   * @return {@code −ln p(labels)}, {@code [B]}; 0 for a row without steps
   */
  public Operand<TNumber> negativeLogLikelihood(Operand<TInt32> labels) {
    Signal labelled = scores.beside(LikelihoodCell.LABEL, oneHot(labels));
    RNN likelihood = new RNN(new LikelihoodCell(size())).last();
    return flat(likelihood.runAt(weights(), labelled, Map.of()).outputs());
  }

  /**
   * The labels with the highest score, after Viterbi. Where several are equally good, the smaller
   * label is taken, from the last step to the first.
   *
   * @return the labels of all valid steps, and their score, 0 for a row without steps
   */
  public Decoded best() {
    RecurrentLayer.Result forward =
        new RNN(new BestPathCell(size())).runAt(weights().forInference(), scores, Map.of());
    Map<String, Operand<TNumber>> ended = forward.finalState();
    Operand<TNumber> labels =
        new RNN(new TraceBackCell(size()))
            .reversed()
            .runAt(
                weights().forInference(),
                scores.with(forward.outputs()),
                Map.of(TraceBackCell.LABEL, ended.get(BestPathCell.LAST)))
            .outputs();
    Operand<TBool> valid = scores.validSteps(tf);
    Operand<TInt32> whole =
        tf.reshape(tf.dtypes.cast(tf.math.round(labels), TInt32.class), tf.shape(valid));
    return new Decoded(
        tf.select(valid, whole, tf.constant(Decoded.NONE)),
        Padding.count(tf, valid),
        tf.stopGradient(flat(ended.get(BestPathCell.SCORE))));
  }

  /**
   * How likely each label is at each step, over all label sequences. No gradient flows through it.
   *
   * @return {@code [B, T, K]}; each valid step sums to 1, the others are zeros
   */
  public Operand<TNumber> marginals() {
    Chain mirrored =
        new Chain(tf, scores, tf.linalg.transpose(transitions, tf.array(1, 0)), end, start);
    RNN forward = new RNN(new ForwardCell(size()));
    Operand<TNumber> before = forward.runAt(weights().forInference(), scores, Map.of()).outputs();
    Operand<TNumber> after =
        forward.reversed().runAt(mirrored.weights().forInference(), scores, Map.of()).outputs();
    Operand<TNumber> both = tf.math.sub(tf.math.add(before, after), number(scores.value()));
    Signal likely = scores.with(tf.stopGradient(tf.nn.softmax(both)));
    return number(likely.zeroPadded(tf).value());
  }

  private int size() {
    return Math.toIntExact(transitions.asOutput().shape().get(0));
  }

  private Weights weights() {
    Map<String, Operand<?>> given =
        Map.of(Crf.TRANSITIONS, transitions, Crf.START, start, Crf.END, end);
    return Weights.given(tf, scores.value().type().asSubclass(TFloating.class), given);
  }

  private Operand<TNumber> oneHot(Operand<TInt32> labels) {
    Operand<TInt32> zeros = tf.zerosLike(labels);
    Operand<TInt32> known = tf.select(scores.validSteps(tf), labels, zeros);
    Operand<TBool> good =
        tf.math.logicalAnd(
            tf.math.greaterEqual(known, zeros), tf.math.less(known, tf.constant(size())));
    String sentence = "Chain: labels must be in 0.." + (size() - 1) + " at valid steps, got";
    Class<? extends TNumber> type = scores.value().type();
    return tf.oneHot(
        Padding.require(tf, good, sentence, known, known),
        tf.constant(size()),
        number(tf.dtypes.cast(tf.constant(1), type)),
        number(tf.dtypes.cast(tf.constant(0), type)));
  }

  private Operand<TNumber> flat(Operand<TNumber> column) {
    return tf.reshape(column, tf.array(-1));
  }

  private static void check(
      String what, Operand<? extends TNumber> given, Shape shape, Class<? extends TNumber> type) {
    Checks.require(
        given.asOutput().shape().isCompatibleWith(shape),
        "Chain",
        what + " must be " + Checks.text(shape),
        given.asOutput().shape());
    Checks.require(
        given.type() == type,
        "Chain",
        what + " must be " + type.getSimpleName() + " as transitions are",
        given.type().getSimpleName());
  }

  @SuppressWarnings("unchecked") // Types are compared when the recurrences are built.
  private static Operand<TNumber> number(Operand<? extends TNumber> operand) {
    return (Operand<TNumber>) operand;
  }
}
