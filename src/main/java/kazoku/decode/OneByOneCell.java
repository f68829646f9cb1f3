package kazoku.decode;

import java.util.List;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A decoder that reads the token which it chose the step before.
 *
 * <pre>
 * logits, s~ = decoder(token, s)                                                          [V]
 * next   = argmax logits, or drawn from softmax(logits/temperature)                       [1]
 * ended' = max(ended, next = end)                                                         [1]
 * token' = next                                   where not ended                         [1]
 * s'     = s~                                     where not ended
 * score' = score + ln softmax(logits)_next        where not ended                         [1]
 * length' = length + 1 − ended'                                                           [1]
 * output = next, and the watched slots of s'; −1 and zeros where ended'
 * </pre>
 *
 * <p>The input says nothing. Where a row has ended, its state stands still.
 */
record OneByOneCell(Decoder decoder, double temperature, List<Slot> watched) implements Cell {
  static final String TOKEN = "token";
  static final String SCORE = "score";
  static final String LENGTH = "length";
  private static final String ENDED = "ended";
  private static final Slot[] OWN = {
    Slot.of(TOKEN, 1), Slot.of(ENDED, 1), Slot.of(SCORE, 1), Slot.of(LENGTH, 1)
  };

  @Override
  public Shape input() {
    return Shape.of(1);
  }

  @Override
  public List<Slot> state() {
    return Inner.slots(decoder, OWN);
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(decoder, w, OWN);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step step = decoder.step(w, s.get(TOKEN), s.in("cell"));
    Expr logits = step.output();
    Expr next =
        temperature == 0
            ? logits.argMax()
            : Choice.drawn(
                logits.times(1 / temperature), w.uniform("draw", Weights.Draw.EACH_STEP, 1));

    Expr ended = s.get(ENDED);
    Expr endedNext = ended.maximum(Inner.ends(decoder, next));
    Expr certainty = Choice.element(logits, next).minus(logits.logSumExp());
    State own =
        State.of(TOKEN, next)
            .with(ENDED, endedNext)
            .with(SCORE, s.get(SCORE).plus(certainty))
            .with(LENGTH, s.get(LENGTH).plus(endedNext.oneMinus()));
    State after = Inner.stays(ended, s, own.with("cell", step.next()));

    Expr[] outputs = new Expr[1 + watched.size()];
    outputs[0] = endedNext.greaterThan(0).where(Expr.constant(Decoded.NONE), next);
    for (int k = 1; k < outputs.length; k++) {
      Expr value = after.get("cell/" + watched.get(k - 1).name());
      Expr flat = value.reshape(value.shape().size());
      outputs[k] = endedNext.greaterThan(0).where(Expr.constant(0), flat);
    }
    return new Step(Expr.concat(outputs), after);
  }
}
