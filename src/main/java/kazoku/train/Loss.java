package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import kazoku.Checks;
import kazoku.Expr;

/**
 * What training makes small, and the metric that is shown beside it. Both are means over rows or,
 * where each step is measured, over all valid steps of all rows; padding does not count.
 *
 * <p>Outputs y are those of a layer without an activation: logits where the target t is a class or
 * a probability. Where there is a mean over the O outputs, it is taken first.
 *
 * <table>
 * <caption>Losses of one row or step, and where they are found elsewhere</caption>
 * <tr><th>loss<th>equation<th>targets<th>Keras<th>PyTorch
 * <tr><td>{@link #meanSquaredError}<td>(y−t)²<td>numbers<td>MeanSquaredError<td>MSELoss
 * <tr><td>{@link #meanAbsoluteError}<td>|y−t|<td>numbers<td>MeanAbsoluteError<td>L1Loss
 * <tr><td>{@link #huber}<td>(y−t)²/2, from δ on δ(|y−t|−δ/2)<td>numbers<td>Huber<td>HuberLoss
 * <tr><td>{@link #logCosh}<td>ln cosh(y−t)<td>numbers<td>LogCosh<td>
 * <tr><td>{@link #quantile}<td>max(q(t−y), (q−1)(t−y))<td>numbers<td><td>
 * <tr><td>{@link #poisson}<td>e^y − t·y<td>counts<td>Poisson, of e^y<td>PoissonNLLLoss
 * <tr><td>{@link #cosine}<td>−y·t/(‖y‖‖t‖)<td>numbers<td>CosineSimilarity<td>cosine_similarity
 * <tr><td>{@link #hinge}<td>max(0, 1−t·y)<td>−1, 1<td>Hinge<td>
 * <tr><td>{@link #categoricalHinge}<td>max(0, 1+max_k≠t y_k−y_t)<td>labels<td>CategoricalHinge<td>
 * <tr><td>{@link #binaryCrossEntropy}<td>−t·ln σ(y)−(1−t)·ln σ(−y)<td>0 to 1<td>BinaryCrossentropy
 * <td>BCEWithLogitsLoss
 * <tr><td>{@link #categoricalCrossEntropy}<td>−Σ t·ln softmax(y)<td>distributions
 * <td>CategoricalCrossentropy<td>CrossEntropyLoss
 * <tr><td>{@link #softmaxCrossEntropy}<td>−ln softmax(y)_t<td>labels
 * <td>SparseCategoricalCrossentropy<td>CrossEntropyLoss
 * <tr><td>{@link #klDivergence}<td>Σ t·ln(t/softmax(y))<td>distributions<td>KLDivergence<td>KLDivLoss
 * </table>
 *
 * <p>Where rows have {@linkplain Sequences#sampleWeights weights}, each is multiplied by its own
 * before the sum, and the sum is divided by the number of rows or valid steps as without weights:
 * Keras's {@code sum_over_batch_size}. (For steps Keras wants weights {@code [B, T]}; here all
 * steps of a row have the row's.) Metrics are not weighted.
 *
 * <p>A model with several outputs has a loss for each of them: {@code tags.and("intent", intents,
 * 0.5)}.
 *
 * <p>A loss of your own is an equation, {@link #of} and {@link #ofLabels}, or, with operations of
 * TensorFlow, a {@link Measure}. A model builds each loss once, and knows it again if it is equal;
 * two equations are never equal, so keep the loss.
 *
 * @param name the loss's name
 * @param labels whether targets are class labels; they are numbers otherwise
 * @param measure the loss of each row or step
 * @param metricName the metric's name
 * @param metric the metric of each row or step
 * @param others the losses of other outputs, by the names under which they stand beside the first
 * @param regularizers what is added in training
 */
public record Loss(
    String name,
    boolean labels,
    Measure measure,
    String metricName,
    Measure metric,
    Map<String, Weighted> others,
    List<Regularizer> regularizers) {

  /**
   * The loss of another output.
   *
   * @param loss the loss
   * @param weight what it is multiplied by before losses are added
   */
  public record Weighted(Loss loss, double weight) {}

  private static final String ACCURACY = "accuracy";

  private static final Loss SOFTMAX_CROSS_ENTROPY =
      labels("softmax cross-entropy", new CrossEntropy(CrossEntropy.Form.SPARSE));
  private static final Loss CATEGORICAL_CROSS_ENTROPY =
      distributions("categorical cross-entropy", new CrossEntropy(CrossEntropy.Form.CATEGORICAL));
  private static final Loss BINARY_CROSS_ENTROPY =
      new Loss(
          "binary cross-entropy",
          false,
          new CrossEntropy(CrossEntropy.Form.BINARY),
          ACCURACY,
          Measures::sameSide);
  private static final Loss KL_DIVERGENCE = distributions("kl divergence", Measures::divergence);
  private static final Loss MEAN_SQUARED_ERROR =
      numbers("mean squared error", Measures::squaredError);
  private static final Loss MEAN_ABSOLUTE_ERROR =
      new Loss(
          "mean absolute error", false, Measures::absoluteError, "mse", Measures::squaredError);
  private static final Loss LOG_COSH = numbers("log-cosh", Measures::logCosh);
  private static final Loss POISSON =
      new Loss("poisson", false, Measures::poisson, "mae", Measures::countError);
  private static final Loss COSINE =
      new Loss("cosine", false, Measures::opposite, "cosine similarity", Measures::cosine);
  private static final Loss HINGE =
      new Loss("hinge", false, Measures::hinge, ACCURACY, Measures::sameSign);
  private static final Loss CATEGORICAL_HINGE =
      labels("categorical hinge", Measures::categoricalHinge);

  private static Loss labels(String name, Measure measure) {
    return new Loss(name, true, measure, ACCURACY, Measures::labelled);
  }

  private static Loss distributions(String name, Measure measure) {
    return new Loss(name, false, measure, ACCURACY, Measures::sameClass);
  }

  private static Loss numbers(String name, Measure measure) {
    return new Loss(name, false, measure, "mae", Measures::absoluteError);
  }

  public Loss {
    Checks.given("Loss", "name", name);
    Checks.given("Loss", "measure", measure);
    Checks.given("Loss", "metricName", metricName);
    Checks.given("Loss", "metric", metric);
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    regularizers = List.copyOf(regularizers);
  }

  /**
   * A loss of one output.
   *
   * @param name the loss's name
   * @param labels whether targets are class labels; they are numbers otherwise
   * @param measure the loss of each row or step
   * @param metricName the metric's name
   * @param metric the metric of each row or step
   */
  public Loss(String name, boolean labels, Measure measure, String metricName, Measure metric) {
    this(name, labels, measure, metricName, metric, Map.of(), List.of());
  }

  /**
   * The sum of this loss and that of another output. The metric stays that of the first output.
   *
   * @param output the other output's name: {@code signal.beside(output, …)}
   * @param loss its loss
   * @param weight what its loss is multiplied by
   * @return the loss
   */
  public Loss and(String output, Loss loss, double weight) {
    Checks.given("Loss", "loss of " + output, loss);
    Checks.require(
        loss.others.isEmpty(), "Loss", "only the first loss may have others beside it", output);
    Checks.require(
        loss.regularizers.isEmpty(),
        "Loss",
        "only the first loss may have regularizers; say first.and(…).plus(regularizer)",
        output);
    Checks.notNegative("Loss", "the weight of " + output, weight);
    Map<String, Weighted> more = new LinkedHashMap<>(others);
    more.put(output, new Weighted(loss, weight));
    return new Loss(name, labels, measure, metricName, metric, more, regularizers);
  }

  /**
   * This loss and, in training, how large weights are.
   *
   * @param regularizer which weights, and how much
   * @return the loss
   */
  public Loss plus(Regularizer regularizer) {
    Checks.given("Loss", "regularizer", regularizer);
    List<Regularizer> more = new ArrayList<>(regularizers);
    more.add(regularizer);
    return new Loss(name, labels, measure, metricName, metric, others, more);
  }

  /**
   * A cross-entropy for targets of which a part ε is shared by all classes, {@code (1−ε)t + ε/K};
   * by yes and no, {@code (1−ε)t + ε/2}, in a binary one (C. Szegedy et al. 2016, <a
   * href="https://arxiv.org/abs/1512.00567">arXiv:1512.00567</a>).
   *
   * @param part ε, at least 0 and less than 1; 0 by default
   * @return the loss
   * @throws IllegalArgumentException if this is no cross-entropy
   */
  public Loss labelSmoothing(double part) {
    Checks.rate("Loss", "label smoothing", part);
    CrossEntropy plain = crossEntropy("label smoothing");
    return with(new CrossEntropy(plain.form(), part, plain.classWeights()));
  }

  /**
   * A cross-entropy in which classes count more or less: {@code −Σ w_k·t_k·ln p_k}. The mean
   * divides by the number of rows or steps, as in Keras; PyTorch divides by the sum of their
   * labels' weights. With label smoothing the weights stand inside the sum, as in PyTorch; Keras
   * multiplies the smoothed loss by the label's weight.
   *
   * @param weights w, one for each class, at least 0; of a binary cross-entropy two, for 0 and 1
   * @return the loss
   * @throws IllegalArgumentException if this is no cross-entropy
   */
  public Loss classWeights(double... weights) {
    for (double weight : weights) {
      Checks.notNegative("Loss", "a class weight", weight);
    }
    CrossEntropy plain = crossEntropy("class weights");
    List<Double> all = Arrays.stream(weights).boxed().toList();
    return with(new CrossEntropy(plain.form(), plain.smoothing(), all));
  }

  private CrossEntropy crossEntropy(String what) {
    Checks.require(
        measure instanceof CrossEntropy, "Loss", what + " must be of a cross-entropy", name);
    return (CrossEntropy) measure;
  }

  private Loss with(Measure other) {
    return new Loss(name, labels, other, metricName, metric, others, regularizers);
  }

  /**
   * A loss by its equation, for numbers: {@code Loss.of("squared hinge", (y, t) ->
   * t.times(y).oneMinus().relu().square().mean())}. The metric is mae. Keep the loss: another one
   * with the same equation is built anew.
   *
   * @param name the loss's name
   * @param equation from an output and its target, each the O numbers of one row or step, to one
   *     number
   * @return the loss
   */
  public static Loss of(String name, BinaryOperator<Expr> equation) {
    Checks.given("Loss", "equation", equation);
    return numbers(name, new LossEquation(equation, false));
  }

  /**
   * A loss by its equation, for class labels. The metric is accuracy. Keep the loss: another one
   * with the same equation is built anew.
   *
   * @param name the loss's name
   * @param equation from an output and its label, a one at the label and zeros elsewhere, each the
   *     O numbers of one row or step, to one number
   * @return the loss
   */
  public static Loss ofLabels(String name, BinaryOperator<Expr> equation) {
    Checks.given("Loss", "equation", equation);
    return labels(name, new LossEquation(equation, true));
  }

  /**
   * For classes: {@code −ln softmax(y)_k}, where k is the label and y the output, one number for
   * each class, without an activation (logits). The metric is accuracy: how often the largest
   * output is the label's.
   *
   * @return the loss
   */
  public static Loss softmaxCrossEntropy() {
    return SOFTMAX_CROSS_ENTROPY;
  }

  /**
   * For classes of which each target says how likely they are: {@code −Σ t_k·ln softmax(y)_k}. The
   * metric is accuracy: how often the largest output is that of the most likely class.
   *
   * @return the loss, for targets that are at least 0 and sum to 1
   */
  public static Loss categoricalCrossEntropy() {
    return CATEGORICAL_CROSS_ENTROPY;
  }

  /**
   * For outputs each of which says yes or no: {@code −t·ln σ(y) − (1−t)·ln(1−σ(y))}, the mean over
   * the O outputs. The metric is accuracy: how many outputs are on the right side of 0.
   *
   * @return the loss, for targets from 0 (no) to 1 (yes)
   */
  public static Loss binaryCrossEntropy() {
    return BINARY_CROSS_ENTROPY;
  }

  /**
   * How far a distribution is from the output's: {@code Σ t_k·ln(t_k/softmax(y)_k)}. It is the
   * categorical cross-entropy less the entropy of the target, and has the same gradient. Keras
   * takes probabilities and cuts them off at 1e-7, PyTorch logarithms of them. The metric is
   * accuracy.
   *
   * @return the loss, for targets that are at least 0 and sum to 1
   */
  public static Loss klDivergence() {
    return KL_DIVERGENCE;
  }

  /**
   * For numbers: {@code (y − target)²}, the mean over the O outputs. The metric is mae, the mean
   * absolute error {@code |y − target|}.
   *
   * @return the loss
   */
  public static Loss meanSquaredError() {
    return MEAN_SQUARED_ERROR;
  }

  /**
   * For numbers: {@code |y − target|}, the mean over the O outputs. The metric is mse, the mean
   * squared error.
   *
   * @return the loss
   */
  public static Loss meanAbsoluteError() {
    return MEAN_ABSOLUTE_ERROR;
  }

  /**
   * For numbers with outliers: {@code e²/2} where {@code e = |y − target|} is at most δ, and {@code
   * δ(e − δ/2)} beyond; the mean over the O outputs. The metric is mae.
   *
   * @param delta δ, greater than 0; 1 is usual
   * @return the loss
   */
  public static Loss huber(double delta) {
    Checks.require(
        delta > 0 && delta < Double.POSITIVE_INFINITY,
        "Loss",
        "delta must be greater than 0",
        delta);
    return numbers("huber", new Measures.Huber(delta));
  }

  /**
   * For numbers with outliers: {@code ln cosh(y − target)}, the mean over the O outputs. The metric
   * is mae.
   *
   * @return the loss
   */
  public static Loss logCosh() {
    return LOG_COSH;
  }

  /**
   * For a quantile of what may come, the pinball loss: {@code max(q(t−y), (q−1)(t−y))}, the mean
   * over the O outputs. The metric is coverage: how many targets are at most as large as the
   * output, which comes near q.
   *
   * @param quantiles q, greater than 0 and less than 1: one for all outputs, or one for each
   * @return the loss
   */
  public static Loss quantile(double... quantiles) {
    Checks.require(quantiles.length > 0, "Loss", "there must be at least one quantile", 0);
    for (double q : quantiles) {
      Checks.require(q > 0 && q < 1, "Loss", "a quantile must be in (0, 1)", q);
    }
    Measure measure = new Measures.Quantile(Arrays.stream(quantiles).boxed().toList());
    return new Loss("quantile", false, measure, "coverage", Measures::covered);
  }

  /**
   * For counts, whose expected value is {@code e^y}: {@code e^y − t·y}, the mean over the O
   * outputs. It is PyTorch's with {@code log_input}, its default; Keras takes {@code e^y} as
   * output. The metric is mae, {@code |e^y − t|}.
   *
   * @return the loss, for targets that are at least 0
   */
  public static Loss poisson() {
    return POISSON;
  }

  /**
   * For directions: {@code −cos(y, t)}, between −1 for the same direction and 1. The metric is the
   * cosine.
   *
   * @return the loss
   */
  public static Loss cosine() {
    return COSINE;
  }

  /**
   * For outputs each of which says yes or no, with a margin: {@code max(0, 1 − t·y)}, the mean over
   * the O outputs. The metric is accuracy: how many outputs are on the right side of 0.
   *
   * @return the loss, for targets 1 (yes) and −1 (no); 0 is taken for −1 where a row has no −1
   */
  public static Loss hinge() {
    return HINGE;
  }

  /**
   * For classes, with a margin: {@code max(0, 1 + m − y_k)}, where k is the label, and m the
   * largest output of the other classes, or 0 if they are all negative (as in Keras). The metric is
   * accuracy.
   *
   * @return the loss
   */
  public static Loss categoricalHinge() {
    return CATEGORICAL_HINGE;
  }

  /** What it is made of, for people. */
  String parts() {
    return name + ", " + measure + ", " + others + ", " + regularizers;
  }

  @Override
  public String toString() {
    return name;
  }
}
