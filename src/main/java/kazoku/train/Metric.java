package kazoku.train;

import kazoku.Checks;

/**
 * How well a model does on some data, as one number that is exact over all rows or, where each step
 * is measured, over all valid steps: not a mean of batches. Padding does not count; neither do
 * {@linkplain Sequences#sampleWeights sample weights}.
 *
 * <pre>{@code
 * Scores scores = model.evaluate(test, loss, Metric.f1(Average.MACRO), Metric.rocAuc());
 * double f1 = scores.value("macro f1");
 * }</pre>
 *
 * <p>Metrics are computed in Java from the model's outputs. A loss brings a cheaper one of its own,
 * computed in the graph, that is shown while weights change. (The metrics of {@code
 * tensorflow-framework} keep Variables in the graph, which checkpoints and optimizers take for the
 * model's, know no masks, and find the area under a curve at 200 points of it.)
 *
 * <p>Outputs are those of a layer without an activation. Where targets are labels, what a model
 * says is the class with the largest output, or a token where it gives tokens. Where targets are
 * numbers 0 and 1, each output says yes if it is greater than 0, and is a class of its own.
 *
 * <p>A metric of your own implements this interface; give it a record's equality.
 */
public interface Metric {

  /** How one number is made of those of several classes. */
  enum Average {
    /** From the sums over all classes. */
    MICRO,
    /** The mean over the classes that occur, as label or as what the model says. */
    MACRO
  }

  /** Sees all rows, one after the other. */
  interface Tally {

    /**
     * Adds a row.
     *
     * @param outcome what the model gave for it, and what was right
     */
    void add(Outcome outcome);

    /**
     * The metric over all rows so far.
     *
     * @return its value; NaN if it is not defined for them
     */
    double value();

    /**
     * All that this tally knows, so that the tallies of several {@linkplain Epochs#together
     * workers} can be put together. Only they ask for it.
     *
     * @return numbers for {@link #merge}, as many as are needed
     * @throws UnsupportedOperationException by default
     */
    default double[] numbers() {
      throw new UnsupportedOperationException();
    }

    /**
     * Adds the rows that another tally of the same metric has seen.
     *
     * @param numbers what the other one knows, its {@link #numbers}
     * @throws UnsupportedOperationException by default
     */
    default void merge(double[] numbers) {
      throw new UnsupportedOperationException();
    }
  }

  /**
   * The name in scores and logs.
   *
   * @return for example {@code macro f1}
   */
  String name();

  /**
   * Begins to measure.
   *
   * @return a tally of no rows
   */
  Tally begin();

  /**
   * Which output of the model is measured.
   *
   * @return its name, {@code signal.beside(name, …)}; empty for the first output
   */
  default String output() {
    return "";
  }

  /**
   * The same metric of another output.
   *
   * @param output the output's name
   * @return the metric, whose name begins with that of the output
   */
  default Metric of(String output) {
    Checks.given("Metric", "output", output);
    return new Metrics.OfOutput(this, output);
  }

  /**
   * How often the label is the class that the model says.
   *
   * @return {@code accuracy}
   */
  static Metric accuracy() {
    return new Metrics.Accuracy();
  }

  /**
   * How many outputs say yes or no as the target does; targets are 0 and 1.
   *
   * @return {@code binary accuracy}
   */
  static Metric binaryAccuracy() {
    return new Metrics.BinaryAccuracy();
  }

  /**
   * How often the label is among the classes with the k largest outputs; of equal ones the first is
   * taken for the largest.
   *
   * @param k at least 1
   * @return {@code top-k accuracy}
   */
  static Metric topK(int k) {
    return new Metrics.TopK(k);
  }

  /**
   * How much of what the model says is right: {@code hits/said}; 0 for a class that it never says.
   *
   * @param average over classes
   * @return {@code micro precision}, {@code macro precision}
   */
  static Metric precision(Average average) {
    return new ClassRates.Averaged(ClassRates.Rate.PRECISION, average);
  }

  /**
   * The precision of one class.
   *
   * @param label the class
   * @return {@code precision of class k}
   */
  static Metric precision(int label) {
    return new ClassRates.OfClass(ClassRates.Rate.PRECISION, label);
  }

  /**
   * How much of what is right the model says: {@code hits/real}; 0 for a class that does not occur.
   *
   * @param average over classes
   * @return {@code micro recall}, {@code macro recall}
   */
  static Metric recall(Average average) {
    return new ClassRates.Averaged(ClassRates.Rate.RECALL, average);
  }

  /**
   * The recall of one class.
   *
   * @param label the class
   * @return {@code recall of class k}
   */
  static Metric recall(int label) {
    return new ClassRates.OfClass(ClassRates.Rate.RECALL, label);
  }

  /**
   * The harmonic mean of precision and recall: {@code 2·hits/(said + real)}.
   *
   * @param average over classes
   * @return {@code micro f1}, {@code macro f1}
   */
  static Metric f1(Average average) {
    return new ClassRates.Averaged(ClassRates.Rate.F1, average);
  }

  /**
   * The F1 of one class.
   *
   * @param label the class
   * @return {@code f1 of class k}
   */
  static Metric f1(int label) {
    return new ClassRates.OfClass(ClassRates.Rate.F1, label);
  }

  /**
   * The area under the receiver operating characteristic: how often a row of a class has a larger
   * output than one of another, equal ones counted half. Of two classes, that of class 1 by {@code
   * y_1 − y_0}; of more, the mean of each class against the rest, by softmax; of outputs that say
   * yes or no, the mean of all. A class that all rows have, or none, does not count. The outputs of
   * all rows are kept.
   *
   * @return {@code roc auc}
   */
  static Metric rocAuc() {
    return new RocAuc();
  }

  /**
   * Between how many classes, equally likely, the model hesitates: {@code exp(mean(−ln
   * softmax(y)_label))}.
   *
   * @return {@code perplexity}
   */
  static Metric perplexity() {
    return new Metrics.Perplexity();
  }

  /**
   * The mean absolute error, over all O outputs.
   *
   * @return {@code mae}
   */
  static Metric meanAbsoluteError() {
    return new Metrics.MeanAbsoluteError();
  }

  /**
   * The root of the mean squared error over all O outputs. (scikit-learn takes a root for each
   * output, and the mean of the roots.)
   *
   * @return {@code rmse}
   */
  static Metric rootMeanSquaredError() {
    return new Metrics.RootMeanSquaredError();
  }

  /**
   * The mean of {@code |y − t|/|t|}, over all O outputs; as in scikit-learn a part and no
   * percentage (Keras gives 100 times as much), very large where a target is 0.
   *
   * @return {@code mape}
   */
  static Metric meanAbsolutePercentageError() {
    return new Metrics.MeanAbsolutePercentageError();
  }

  /**
   * How much of the targets' variance is explained, R²: {@code 1 − Σ(y−t)²/Σ(t−mean t)²}, the mean
   * over the O outputs. Where the targets do not vary it is 1 if they are met, and 0 otherwise (as
   * in scikit-learn).
   *
   * @return {@code r2}
   */
  static Metric r2() {
    return new Determination();
  }

  /**
   * The edit distance (Levenshtein) from the tokens that a decoder gives to the labels: how many
   * must be put in, taken out or changed, over all rows, for each label that there should be. Where
   * tokens are characters, the character error rate; where they are words, the word error rate. It
   * is a metric of tokens: {@code model.view(ctc.decoding()).measure(test,
   * Metric.tokenErrorRate())}.
   *
   * @return {@code token error rate}; can be more than 1
   */
  static Metric tokenErrorRate() {
    return new TokenErrorRate();
  }
}
