package kazoku.decode;

import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.train.Loss;
import kazoku.train.Measure;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.EditDistance;
import org.tensorflow.op.nn.CtcBeamSearchDecoder;
import org.tensorflow.op.nn.CtcGreedyDecoder;
import org.tensorflow.op.nn.CtcLoss;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * Connectionist temporal classification: labels for a sequence whose steps are more than its
 * labels, without anybody saying which step belongs to which label.
 *
 * <pre>
 * p(path)   = Π_t softmax(x_t)[path_t]
 * p(labels) = Σ p(path) over all paths that give the labels
 * </pre>
 *
 * <p>A path has a label or a blank at each step. It gives its labels when neighbours that are equal
 * are merged and then blanks are dropped: with {@code −} for the blank, {@code a−aab−} gives {@code
 * aab}. The scores x come without an activation (logits), {@code [B, T, C]}: C − 1 labels and the
 * blank.
 *
 * <p>Labels fit a row if it has a step for each label, and one more between two equal neighbours.
 * Where they do not, no path gives them, and {@code −ln p} is infinite: see {@link Misfit}.
 *
 * <p>Source: A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist Temporal
 * Classification", ICML 2006. The recurrences are TensorFlow's own. TensorFlow has the blank last
 * ({@code blank} −1, the default); PyTorch first (0). In PyTorch labels that do not fit give
 * infinity, and NaN as gradient, unless {@code zero_infinity} is set, which is {@link Misfit#SKIP}.
 * TensorFlow's loss adds logarithms in float32, also where scores are float64.
 *
 * @param blank which of the C scores is the blank's; a negative number counts from the end; −1, the
 *     last one, by default
 * @param misfit what becomes of rows whose labels do not fit; {@link Misfit#REFUSE} by default
 */
public record Ctc(int blank, Misfit misfit) {

  /** What becomes of rows that have too few steps for their labels. */
  public enum Misfit {
    /** The run fails with a sentence. */
    REFUSE,
    /** The row has loss 0 and no gradient. */
    SKIP
  }

  public Ctc {
    Checks.given("Ctc", "misfit", misfit);
  }

  /** The blank is last, and labels that do not fit are refused. */
  public Ctc() {
    this(-1, Misfit.REFUSE);
  }

  /**
   * How unlikely given labels are, for training.
   *
   * @param tf operations of the graph
   * @param scores {@code [B, T, C]}, with lengths or a mask where not all steps are valid; C must
   *     be known
   * @param labels {@code [B, L]}, each row's labels from the left, between 0 and C − 1 and not the
   *     blank (a run is refused otherwise); what stands behind them does not count
   * @param labelLengths {@code [B]}, how many labels each row has, also none; null if all rows have
   *     L
   * @return {@code −ln p(labels)}, {@code [B]}
   */
  public Operand<TNumber> negativeLogLikelihood(
      Ops tf, Signal scores, Operand<TInt32> labels, Operand<TInt32> labelLengths) {
    CtcSteps x = steps(tf, scores);
    Operand<TBool> real = new Signal(labels, labelLengths).validSteps(tf);
    Operand<TInt32> counts = Padding.count(tf, real);
    Operand<TInt32> known = x.numbered(checked(tf, x, labels, real));
    Operand<TInt32> needed = tf.math.add(counts, repeats(tf, known, real));
    Operand<TBool> fits = tf.math.lessEqual(needed, x.lengths());
    if (misfit == Misfit.SKIP) {
      counts = tf.select(fits, counts, tf.zerosLike(counts));
    } else {
      String sentence =
          "Ctc: rows must have a step for each label and one between equal neighbours"
              + " (Ctc.Misfit.SKIP leaves others out); steps needed, and steps there are:";
      counts = Padding.require(tf, fits, sentence, counts, needed, x.lengths());
    }
    Operand<TNumber> loss = tf.slice(loss(tf, x, known, counts), tf.array(0), x.rows());
    return misfit == Misfit.SKIP ? tf.select(fits, loss, tf.zerosLike(loss)) : loss;
  }

  /**
   * The labels of the most likely path: at each step the highest score.
   *
   * @param tf operations of the graph
   * @param scores {@code [B, T, C]}, with lengths or a mask where not all steps are valid; C must
   *     be known
   * @return each row's labels from the left, and {@code ln p} of the path, which is less than that
   *     of its labels
   */
  public Decoded greedy(Ops tf, Signal scores) {
    CtcSteps x = steps(tf, scores);
    CtcGreedyDecoder<TNumber> found =
        tf.nn.ctcGreedyDecoder(
            x.logarithms(), x.allLengths(), CtcGreedyDecoder.mergeRepeated(true));
    return decoded(
        tf, x, found.decodedIndices(), found.decodedValues(), tf.math.neg(found.logProbability()));
  }

  /**
   * The most likely labels, among those that a search finds which follows some beginnings at a
   * time. It runs on the CPU.
   *
   * @param tf operations of the graph
   * @param scores {@code [B, T, C]}, with lengths or a mask where not all steps are valid; C must
   *     be known
   * @param width how many beginnings are followed, at least 1; 100 is usual
   * @return each row's labels from the left, and {@code ln p} of the paths that were followed
   */
  public Decoded beamSearch(Ops tf, Signal scores, int width) {
    Checks.atLeastOne("Ctc", "width", width);
    CtcSteps x = steps(tf, scores);
    CtcBeamSearchDecoder<TNumber> found =
        tf.nn.ctcBeamSearchDecoder(
            x.logarithms(),
            x.allLengths(),
            (long) width,
            1L,
            CtcBeamSearchDecoder.mergeRepeated(false));
    return decoded(
        tf, x, found.decodedIndices().get(0), found.decodedValues().get(0), found.logProbability());
  }

  /**
   * The labels of the most likely path, as a layer.
   *
   * @return gives labels {@code [B, T]} for scores {@code [B, T, C]}, each row as long as it has
   *     labels
   */
  public Layer decoding() {
    Layer greedy = (w, x) -> labels(x, greedy(w.tf(), x));
    return greedy.named("decoding");
  }

  /**
   * The labels that a beam search finds, as a layer.
   *
   * @param width how many beginnings are followed, at least 1
   * @return gives labels {@code [B, T]} for scores {@code [B, T, C]}, each row as long as it has
   *     labels
   */
  public Layer decoding(int width) {
    Checks.atLeastOne("Ctc", "width", width);
    Layer search = (w, x) -> labels(x, beamSearch(w.tf(), x, width));
    return search.named("decoding");
  }

  private static Signal labels(Signal scores, Decoded found) {
    return new Signal(found.labels(), found.lengths(), null, scores.beside());
  }

  /**
   * The loss of a model that gives scores {@code [B, T, C]}, for sequences of labels: {@code −ln
   * p(labels)} of each row. The metric is the label error rate of {@link #greedy}: how many labels
   * must be put in, taken out or changed to get the right ones, for each label that there should be
   * (for a row without labels, for one).
   *
   * @return the loss
   */
  public Loss loss() {
    return new Loss("ctc", true, new Unlikely(this), "label error rate", new Errors(this));
  }

  /** Equal for equal settings, so that a model builds it once. */
  private record Unlikely(Ctc ctc) implements Measure {
    @Override
    public Operand<TFloat32> each(Ops tf, Signal output, Signal target) {
      return Crf.float32(
          ctc.negativeLogLikelihood(tf, output, Crf.labels(target), target.lengths()));
    }
  }

  private record Errors(Ctc ctc) implements Measure {
    @Override
    public Operand<TFloat32> each(Ops tf, Signal output, Signal target) {
      Operand<TInt32> found = ctc.greedy(tf, output).labels();
      Operand<TInt64> places = tf.where(tf.math.notEqual(found, tf.constant(Decoded.NONE)));
      Operand<TInt32> right = Crf.labels(target);
      Operand<TBool> real = target.validSteps(tf);
      Operand<TInt64> rightPlaces = tf.where(real);
      Operand<TFloat32> changes =
          tf.editDistance(
              places,
              tf.gatherNd(found, places),
              tf.dtypes.cast(tf.shape(found), TInt64.class),
              rightPlaces,
              tf.gatherNd(right, rightPlaces),
              tf.dtypes.cast(tf.shape(right), TInt64.class),
              EditDistance.normalize(false));
      Operand<TInt32> count = tf.math.maximum(Padding.count(tf, real), tf.constant(1));
      return tf.math.div(changes, tf.dtypes.cast(count, TFloat32.class));
    }
  }

  private CtcSteps steps(Ops tf, Signal scores) {
    Shape shape = scores.value().asOutput().shape();
    Checks.require(
        !shape.isUnknown() && shape.numDimensions() == 3 && shape.get(2) > 0,
        "Ctc",
        "scores must be [B, T, C] with a known C",
        shape);
    int outputs = Math.toIntExact(shape.get(2));
    Checks.require(
        blank >= -outputs && blank < outputs,
        "Ctc",
        "blank must be one of the " + outputs + " scores",
        blank);
    return CtcSteps.of(tf, scores, outputs, Math.floorMod(blank, outputs));
  }

  /** The labels, if they are some, with zeros behind them. */
  private static Operand<TInt32> checked(
      Ops tf, CtcSteps x, Operand<TInt32> labels, Operand<TBool> real) {
    Operand<TInt32> zeros = tf.zerosLike(labels);
    Operand<TInt32> known = tf.select(real, labels, zeros);
    Operand<TBool> inside =
        tf.math.logicalAnd(
            tf.math.greaterEqual(known, zeros), tf.math.less(known, tf.constant(x.outputs())));
    Operand<TBool> good =
        tf.math.logicalAnd(inside, tf.math.notEqual(known, tf.constant(x.blank())));
    String sentence =
        "Ctc: labels must be in 0.."
            + (x.outputs() - 1)
            + " and not "
            + x.blank()
            + ", the blank, got";
    return Padding.require(
        tf, tf.math.logicalOr(good, tf.math.logicalNot(real)), sentence, known, known);
  }

  /** How often a label is the same as the one before it, in each row. */
  private static Operand<TInt32> repeats(Ops tf, Operand<TInt32> labels, Operand<TBool> real) {
    Operand<TInt32> before =
        tf.slice(
            tf.pad(labels, tf.constant(new int[][] {{0, 0}, {1, 0}}), tf.constant(Decoded.NONE)),
            tf.array(0, 0),
            tf.shape(labels));
    return Padding.count(tf, tf.math.logicalAnd(tf.math.equal(labels, before), real));
  }

  /** TensorFlow's loss, {@code [B + 1]}, with the gradient that it gives beside it. */
  private static Operand<TNumber> loss(
      Ops tf, CtcSteps x, Operand<TInt32> labels, Operand<TInt32> counts) {
    Operand<TInt32> one = tf.constant(1);
    Operand<TInt32> ends = x.oneMore(counts);
    Operand<TInt32> end = tf.constant(x.endLabel());
    Operand<TInt32> longer = tf.pad(labels, tf.constant(new int[][] {{0, 1}, {0, 1}}), end);
    Operand<TInt32> most = Padding.size(tf, longer, 1);
    Operand<TInt32> ended =
        tf.select(Padding.first(tf, ends, most), longer, tf.fill(tf.shape(longer), end));
    Operand<TInt64> places = tf.where(Padding.first(tf, tf.math.add(ends, one), most));
    Operand<TNumber> steps = x.withEnd();
    CtcLoss<TNumber> loss =
        tf.nn.ctcLoss(
            tf.stopGradient(steps),
            places,
            tf.gatherNd(ended, places),
            tf.math.add(x.allLengths(), one));

    // TensorFlow cannot differentiate its loss, but gives the gradient: of a sum that is zero.
    Operand<TNumber> zero = tf.math.sub(steps, tf.stopGradient(steps));
    Operand<TNumber> slope =
        tf.reduceSum(tf.math.mul(tf.stopGradient(loss.gradient()), zero), tf.array(0, 2));
    return tf.math.add(tf.stopGradient(loss.loss()), slope);
  }

  private static Decoded decoded(
      Ops tf, CtcSteps x, Operand<TInt64> places, Operand<TInt64> values, Operand<TNumber> score) {
    Operand<TInt32> more = tf.math.add(x.rowsAndSteps(), tf.constant(1));
    Operand<TInt32> dense =
        tf.sparse.sparseToDense(
            places,
            tf.dtypes.cast(more, TInt64.class),
            tf.dtypes.cast(values, TInt32.class),
            tf.constant(Decoded.NONE));
    Operand<TInt32> labels = x.named(tf.slice(dense, tf.array(0, 0), x.rowsAndSteps()));
    Operand<TBool> real = tf.math.notEqual(labels, tf.constant(Decoded.NONE));
    return new Decoded(
        labels,
        Padding.count(tf, real),
        tf.slice(tf.reshape(score, tf.array(-1)), tf.array(0), x.rows()));
  }
}
