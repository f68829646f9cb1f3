package kazoku.decode;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * K hypotheses of each row, as K neighbouring rows of the batch, best first.
 *
 * <pre>
 * logits, s~ = decoder(token, s)                                                          [V]
 * going  = ln softmax(logits)                     where not ended; else 0 for the end
 *                                                 token and −∞ for the others             [V]
 * all    = total + going                          ln p of each continuation               [V]
 * n      = length + 1 − ended                     its number of tokens                    [1]
 * ranked = all / ((5 + n)/6)^alpha                                                        [V]
 * from, token', score', total' = the K best over the hypotheses of a row                  [1]
 * ended' = max(ended_from, token' = end)                                                  [1]
 * length' = n_from                                                                        [1]
 * tokens' = tokens_from, token' at this step      where not ended'                 [maxSteps]
 * s'     = s~_from                                where not ended_from
 * output = token'
 * </pre>
 *
 * <p>The input is the number of the step. The first hypothesis of a row begins with a total of 0,
 * the others with −∞: they are no hypotheses yet.
 */
record BeamCell(Decoder decoder, int width, double alpha) implements Cell {
  static final String TOKEN = "token";
  static final String TOTAL = "total";
  static final String SCORE = "score";
  static final String ENDED = "ended";
  static final String LENGTH = "length";
  static final String TOKENS = "tokens";

  private Slot[] own() {
    return new Slot[] {
      Slot.of(TOKEN, 1),
      Slot.of(TOTAL, 1),
      Slot.of(SCORE, 1),
      Slot.of(ENDED, 1),
      Slot.of(LENGTH, 1),
      Slot.of(TOKENS, decoder.maxSteps()).startingAt(Decoded.NONE)
    };
  }

  @Override
  public Shape input() {
    return Shape.of(1);
  }

  @Override
  public List<Slot> state() {
    return Inner.slots(decoder, own());
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(decoder, w, own());
  }

  @Override
  public Step step(Weights w, Expr now, State s) {
    Step step = decoder.step(w, s.get(TOKEN), s.in("cell"));
    Expr logits = step.output();
    Expr ended = s.get(ENDED);
    Expr going = ended.greaterThan(0).where(onlyEnd(), logits.minus(logits.logSumExp()));
    Expr all = s.get(TOTAL).plus(going);
    Expr n = s.get(LENGTH).plus(ended.oneMinus());
    Parts best =
        Choice.best(width, ranked(all, n), all).split("from", "token'", "score'", "total'");
    Expr from = best.get("from");
    Expr token = best.get("token'");

    Expr endedFrom = Choice.of(width, ended, from);
    Expr endedNext = endedFrom.maximum(Inner.ends(decoder, token));
    Expr tokens = Choice.of(width, s.get(TOKENS), from);
    Expr here = now.minus(steps()).equalTo(0).where(token, tokens);
    State cell = State.of(Map.of());
    for (Map.Entry<String, Expr> slot :
        Inner.stays(ended, s.in("cell"), step.next()).values().entrySet()) {
      cell = cell.with(slot.getKey(), Choice.of(width, slot.getValue(), from));
    }
    State next =
        State.of(TOKEN, token)
            .with(TOTAL, best.get("total'"))
            .with(SCORE, best.get("score'"))
            .with(ENDED, endedNext)
            .with(LENGTH, Choice.of(width, n, from))
            .with(TOKENS, endedNext.greaterThan(0).where(tokens, here))
            .with("cell", cell);
    return new Step(token, next);
  }

  private Expr ranked(Expr all, Expr n) {
    return alpha == 0 ? all : all.dividedBy(n.plus(5).times(1.0 / 6).pow(Expr.constant(alpha)));
  }

  private Expr onlyEnd() {
    double[] going = new double[decoder.vocabularySize()];
    Arrays.fill(going, Double.NEGATIVE_INFINITY);
    if (decoder.endToken() >= 0) {
      going[decoder.endToken()] = 0;
    }
    return Expr.constant(going, going.length);
  }

  private Expr steps() {
    double[] numbers = new double[decoder.maxSteps()];
    Arrays.setAll(numbers, i -> i);
    return Expr.constant(numbers, numbers.length);
  }
}
