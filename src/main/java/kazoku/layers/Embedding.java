package kazoku.layers;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.RowLayer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TNumber;

/**
 * Tokens become vectors: each whole number stands for a row of a table that is learnt.
 *
 * <pre>
 * y = E_x        x a whole number from 0 to V−1, E [V,J], y [J]
 * </pre>
 *
 * <p>The input is {@code [B, T]}, of an integer type or of the weights' own; the output {@code [B,
 * T, J]}. Where a padding token is set, steps that have it are not valid in the output, and layers
 * after this one pass them over; lengths and a mask that are there hold as well. The table has a
 * row for the padding token as for every other. A token that is not in the table stops the run,
 * unless its step is known not to be valid.
 *
 * <p>E starts uniform in ±0.05, as Keras' does; PyTorch's starts normal with standard deviation 1
 * and with zeros for the padding token, and does not skip it.
 *
 * @param vocabularySize V, the number of tokens, at least 1
 * @param embeddingSize J, at least 1
 * @param padding the token of steps that are not valid, less than V; −1 for none, which is the
 *     default
 * @param initializer the first E
 */
public record Embedding(int vocabularySize, int embeddingSize, int padding, Initializer initializer)
    implements RowLayer {
  /** The padding of an embedding in which every token is valid. */
  public static final int NO_PADDING = -1;

  public Embedding {
    Checks.atLeastOne("Embedding", "vocabularySize", vocabularySize);
    Checks.atLeastOne("Embedding", "embeddingSize", embeddingSize);
    Checks.require(
        padding >= NO_PADDING && padding < vocabularySize,
        "Embedding",
        "padding must be a token, less than " + vocabularySize + ", or -1 for none",
        padding);
    Checks.given("Embedding", "initializer", initializer);
  }

  /**
   * An embedding with a padding token.
   *
   * @param vocabularySize V
   * @param embeddingSize J
   * @param padding the token of steps that are not valid
   */
  public Embedding(int vocabularySize, int embeddingSize, int padding) {
    this(vocabularySize, embeddingSize, padding, Initializer.uniform(-0.05, 0.05));
  }

  /**
   * An embedding in which every token is valid.
   *
   * @param vocabularySize V
   * @param embeddingSize J
   */
  public Embedding(int vocabularySize, int embeddingSize) {
    this(vocabularySize, embeddingSize, NO_PADDING);
  }

  @Override
  public Shape input() {
    return Shape.scalar();
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    return x.lookup(w.get("E", initializer, vocabularySize, embeddingSize));
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    boolean sequence = x.value().asOutput().shape().numDimensions() == 2;
    Signal y = RowLayer.super.apply(w, sequence ? x.zeroPadded(w.tf()) : x);
    return padding == NO_PADDING || !sequence ? y : y.masked(valid(w.tf(), x));
  }

  private Operand<TBool> valid(Ops tf, Signal x) {
    @SuppressWarnings("unchecked") // The padding token becomes one of the tokens' own type.
    Operand<TNumber> tokens = (Operand<TNumber>) x.value();
    Operand<TBool> token =
        tf.math.notEqual(tokens, tf.dtypes.cast(tf.constant(padding), tokens.type()));
    return x.mask() == null ? token : tf.math.logicalAnd(x.mask(), token);
  }
}
