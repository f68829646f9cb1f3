package kazoku.decode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.RNN;
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
 * @param scores the score of each label at each step, {@code [B, T, K]}, with lengths where rows
 *     end early
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
    Checks.require(
        scores.beside().containsKey(Crf.TRANSITIONS),
        "Chain",
        Crf.TRANSITIONS + " must be given beside the scores, as Crf gives them",
        null);
    return new Chain(
        tf,
        scores,
        scores.beside().get(Crf.TRANSITIONS),
        scores.beside().get(Crf.START),
        scores.beside().get(Crf.END));
  }

  /**
   * How unlikely given labels are, for training.
   *
   * @param labels {@code [B, T]}, between 0 and K − 1 at valid steps (a run fails otherwise); what
   *     stands at others does not count
   * @return {@code −ln p(labels)}, {@code [B]}; 0 for a row without steps
   */
  public Operand<TNumber> negativeLogLikelihood(Operand<TInt32> labels) {
    Operand<TNumber> first = eachRow(start);
    return flat(
        new RNN(new LikelihoodCell(size()))
            .last()
            .run(
                weights(transitions),
                scores.beside(LikelihoodCell.LABEL, oneHot(labels)),
                Map.of(LikelihoodCell.ALL, first, LikelihoodCell.GIVEN, first))
            .outputs());
  }

  /**
   * The labels with the highest score, after Viterbi. Where several are equally good, the smaller
   * label is taken, from the last step to the first.
   *
   * @return the labels of all steps, and their score, 0 for a row without steps
   */
  public Decoded best() {
    RNN.Result forward =
        new RNN(new BestPathCell(size()))
            .run(
                weights(transitions).forInference(),
                scores,
                Map.of(BestPathCell.BEST, eachRow(start)));
    Operand<TNumber> labels =
        new RNN(new TraceBackCell(size()))
            .reversed()
            .run(
                weights(transitions).forInference(),
                new Signal(forward.outputs(), scores.lengths()),
                Map.of(TraceBackCell.LABEL, forward.finalState().get(BestPathCell.LAST)))
            .outputs();
    Operand<TBool> valid = Rows.valid(tf, scores);
    Operand<TInt32> whole =
        tf.reshape(tf.dtypes.cast(tf.math.round(labels), TInt32.class), tf.shape(valid));
    return new Decoded(
        tf.select(valid, whole, tf.constant(Decoded.NONE)),
        tf.reduceSum(tf.dtypes.cast(valid, TInt32.class), tf.constant(1)),
        tf.stopGradient(flat(forward.finalState().get(BestPathCell.SCORE))));
  }

  /**
   * How likely each label is at each step, over all label sequences. No gradient flows through it.
   *
   * @return {@code [B, T, K]}; each valid step sums to 1, the others are zeros
   */
  public Operand<TNumber> marginals() {
    Operand<TNumber> before =
        new RNN(new ForwardCell(size()))
            .run(
                weights(transitions).forInference(),
                scores,
                Map.of(ForwardCell.ALL, eachRow(start)))
            .outputs();
    Operand<TNumber> after =
        new RNN(new ForwardCell(size()))
            .reversed()
            .run(
                weights(tf.linalg.transpose(transitions, tf.constant(new int[] {1, 0})))
                    .forInference(),
                scores,
                Map.of(ForwardCell.ALL, eachRow(end)))
            .outputs();
    Operand<TNumber> both = tf.math.sub(tf.math.add(before, after), number(scores.value()));
    Operand<TNumber> likely = tf.nn.softmax(both);
    Operand<TBool> valid = tf.expandDims(Rows.valid(tf, scores), tf.constant(-1));
    return tf.stopGradient(tf.select(valid, likely, tf.zerosLike(likely)));
  }

  private int size() {
    return Math.toIntExact(transitions.asOutput().shape().get(0));
  }

  /** The cells' weights: those of the chain. */
  private Weights weights(Operand<? extends TNumber> moves) {
    Map<String, Operand<?>> given = new LinkedHashMap<>();
    given.put("cell/" + Crf.TRANSITIONS, moves);
    given.put("cell/" + Crf.END, end);
    return Weights.given(tf, scores.value().type().asSubclass(TFloating.class), given);
  }

  /** A weight as the first state of each row. */
  private Operand<TNumber> eachRow(Operand<? extends TNumber> weight) {
    Operand<TInt32> rows = Rows.size(tf, scores.value(), 0);
    // The identity: what differentiates a repetition must not meet a Variable.
    return tf.broadcastTo(
        tf.identity(number(weight)), tf.concat(List.of(rows, tf.array(size())), tf.constant(0)));
  }

  private Operand<TNumber> oneHot(Operand<TInt32> labels) {
    Operand<TInt32> zeros = tf.zerosLike(labels);
    Operand<TInt32> known = tf.select(Rows.valid(tf, scores), labels, zeros);
    Operand<TBool> good =
        tf.math.logicalAnd(
            tf.math.greaterEqual(known, zeros), tf.math.less(known, tf.constant(size())));
    String sentence = "Chain: labels must be in 0.." + (size() - 1) + " at valid steps, got";
    Class<? extends TNumber> type = scores.value().type();
    return tf.oneHot(
        Rows.require(tf, good, sentence, known, known),
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
