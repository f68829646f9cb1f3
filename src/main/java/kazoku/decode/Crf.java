package kazoku.decode;

import kazoku.Checks;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.train.Loss;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Conditional random field on a chain: labels of neighbouring steps are scored together, so that a
 * sequence is labelled as a whole.
 *
 * <pre>
 * score(y) = start[y_1] + Σ_t x_t[y_t] + Σ_t transitions[y_t, y_{t+1}] + end[y_T]
 * p(y)     = exp score(y) / Σ_y' exp score(y')
 * </pre>
 *
 * <p>As a layer it hands its input on, the scores of each label at each step (without an
 * activation), with its weights beside it: {@code transitions} {@code [K,K]}, from row to column,
 * {@code start} {@code [K]} and {@code end} {@code [K]}. {@link Chain} computes with them:
 *
 * <pre>{@code
 * Chain chain = Chain.of(tf, crf.apply(w.in("crf"), scores));
 * Operand<TNumber> loss = chain.negativeLogLikelihood(labels);
 * Decoded best = chain.best();
 * }</pre>
 *
 * <p>In a model it is the last layer, {@link #loss} is its loss, and {@link #decoding} gives
 * labels:
 *
 * <pre>{@code
 * Crf crf = new Crf(9);
 * Model model = Model.of(new Sequential(encoder, scores, crf), 42);
 * model.fit(train.stepLabels(tags), new Adam(1e-3), Crf.loss(), Epochs.of(20));
 * int[][] found = model.view(new Sequential(encoder, scores, crf.decoding())).tokens(test);
 * }</pre>
 *
 * <p>All weights start uniform in ±0.1.
 *
 * <p>Source: J. Lafferty, A. McCallum, F. Pereira, "Conditional Random Fields", ICML 2001; with a
 * recurrent network below it: Z. Huang, W. Xu, K. Yu, "Bidirectional LSTM-CRF Models for Sequence
 * Tagging", <a href="https://arxiv.org/abs/1508.01991">arXiv:1508.01991</a>. Direction and first
 * values of the weights are those of pytorch-crf, which calls start and end {@code
 * start_transitions} and {@code end_transitions}. TensorFlow Addons has the same direction, starts
 * transitions orthogonal, start and end (its left and right boundary) at zeros, and has the dense
 * layer that gives the scores within. The BiLSTM-CRF tutorial of PyTorch has transitions from
 * column to row, and start and end as two labels more.
 *
 * @param labels K, the number of labels, at least 1
 */
public record Crf(int labels) implements Layer {
  static final String TRANSITIONS = "transitions";
  static final String START = "start";
  static final String END = "end";

  private static final Loss LOSS =
      new Loss("crf", true, Crf::unlikely, "accuracy", Crf::labelledRightly);

  public Crf {
    Checks.atLeastOne("Crf", "labels", labels);
  }

  @Override
  public Shape input() {
    return Shape.of(labels);
  }

  @Override
  public Signal apply(Weights w, Signal scores) {
    Shape shape = scores.value().asOutput().shape();
    Checks.require(
        !shape.isUnknown()
            && shape.numDimensions() == 3
            && shape.takeLast(1).isCompatibleWith(input()),
        "Crf",
        "input must be " + Checks.text(Shape.of(-1, -1, labels)),
        shape);
    w.acrossSteps("Crf");
    Initializer small = Initializer.uniform(-0.1, 0.1);
    w.get(TRANSITIONS, small, labels, labels);
    w.get(START, small, labels);
    w.get(END, small, labels);
    return scores
        .beside(TRANSITIONS, w.operand(TRANSITIONS))
        .beside(START, w.operand(START))
        .beside(END, w.operand(END));
  }

  /**
   * The best labels, as a layer in the place of this one, with the same weights.
   *
   * @return gives labels {@code [B, T]} for scores {@code [B, T, K]}
   */
  public Layer decoding() {
    Layer best = (w, x) -> x.with(Chain.of(w.tf(), apply(w, x)).best().labels());
    return best.named(name());
  }

  /**
   * The loss of a model whose last layer is a {@code Crf}, for labels of each step: {@code −ln
   * p(labels)} of each row. The metric is accuracy: how many steps have the best sequence's label.
   *
   * @return the loss
   */
  public static Loss loss() {
    return LOSS;
  }

  private static Operand<TFloat32> unlikely(Ops tf, Signal output, Signal target) {
    return float32(Chain.of(tf, output).negativeLogLikelihood(labels(target)));
  }

  private static Operand<TFloat32> labelledRightly(Ops tf, Signal output, Signal target) {
    Operand<TInt32> best = Chain.of(tf, output).best().labels();
    return tf.dtypes.cast(tf.math.equal(best, labels(target)), TFloat32.class);
  }

  @SuppressWarnings("unchecked") // A model's weights are float32.
  static Operand<TFloat32> float32(Operand<TNumber> value) {
    return (Operand<TFloat32>) (Operand<?>) value;
  }

  @SuppressWarnings("unchecked") // Targets of a loss with labels are int32.
  static Operand<TInt32> labels(Signal target) {
    return (Operand<TInt32>) target.value();
  }
}
