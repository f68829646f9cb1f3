package kazoku.wrap;

import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Lets a cell read tokens: each whole number stands for a row of a table that is learnt.
 *
 * <pre>
 * x~ = E_x                                    the row of the token x  [J]
 * y, s' = cell(x~, s)                         the cell's own step
 * </pre>
 *
 * <p>x is a whole number from 0 to V−1 at each step, {@code [B,T,1]} or {@code [B,T]}, of an
 * integer type or of the weights' own. E {@code [V,J]} starts uniform in ±√3, which has variance 1;
 * the cell's weights are under {@code cell/}.
 *
 * <p>Source: EmbeddingWrapper of tf.contrib.
 *
 * @param cell the cell inside, whose input is a vector [J]
 * @param vocabularySize V, the number of tokens, at least 1
 * @param flatInput whether the input is {@code [B,T]} and not {@code [B,T,1]}; false by default
 */
public record EmbeddingWrapper(Cell cell, int vocabularySize, boolean flatInput)
    implements Wrapper {

  public EmbeddingWrapper {
    Checks.given("EmbeddingWrapper", "cell", cell);
    Inner.vector("EmbeddingWrapper", "the cell's input", cell.input());
    Checks.atLeastOne("EmbeddingWrapper", "vocabularySize", vocabularySize);
  }

  /**
   * The wrapper for tokens {@code [B,T,1]}.
   *
   * @param cell the cell inside
   * @param vocabularySize V
   */
  public EmbeddingWrapper(Cell cell, int vocabularySize) {
    this(cell, vocabularySize, false);
  }

  @Override
  public Shape input() {
    return flatInput ? Shape.scalar() : Shape.of(1);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    double limit = Math.sqrt(3);
    Expr E = w.get("E", Initializer.uniform(-limit, limit), vocabularySize, cell.input().get(0));
    Step inner = w.in("cell").step(cell, x.lookup(E), s.in("cell"));
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }
}
