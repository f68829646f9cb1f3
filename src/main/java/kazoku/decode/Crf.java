package kazoku.decode;

import kazoku.Checks;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

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
 * <p>All weights start uniform in ±0.1.
 *
 * <p>Source: J. Lafferty, A. McCallum, F. Pereira, "Conditional Random Fields", ICML 2001; with a
 * recurrent network below it: Z. Huang, W. Xu, K. Yu, "Bidirectional LSTM-CRF Models for Sequence
 * Tagging", <a href="https://arxiv.org/abs/1508.01991">arXiv:1508.01991</a>. Names, direction and
 * first values of the weights are those of pytorch-crf. TensorFlow Addons has the same direction,
 * starts glorot-uniform, and calls start and end left and right boundary. The tutorial of PyTorch
 * has transitions from column to row, and start and end as two labels more.
 *
 * @param labels K, the number of labels, at least 1
 */
public record Crf(int labels) implements Layer {
  static final String TRANSITIONS = "transitions";
  static final String START = "start";
  static final String END = "end";

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
    Initializer small = Initializer.uniform(-0.1, 0.1);
    w.get(TRANSITIONS, small, labels, labels);
    w.get(START, small, labels);
    w.get(END, small, labels);
    return scores
        .beside(TRANSITIONS, w.operand(TRANSITIONS))
        .beside(START, w.operand(START))
        .beside(END, w.operand(END));
  }
}
