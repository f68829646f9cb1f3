package kazoku.decode;

import java.util.List;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A decoder in training, which now and then reads its own token.
 *
 * <pre>
 * ε      = probability·min(steps/rise, 1)         how often                               [1]
 * read   = token if coin &lt; ε, else x              from the second step on                 [1]
 * logits, s' = decoder(read, s)                                                           [V]
 * token' = drawn from softmax(logits)                                                     [1]
 * output = logits
 * </pre>
 */
record ScheduledCell(Decoder decoder) implements Cell {
  private static final String TOKEN = "token";
  private static final Slot NONE_YET = Slot.of(TOKEN, 1).startingAt(Decoded.NONE);

  @Override
  public Shape input() {
    return Shape.of(1);
  }

  @Override
  public List<Slot> state() {
    return Inner.slots(decoder, NONE_YET);
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(decoder, w, NONE_YET);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr token = s.get(TOKEN);
    Expr coin = w.uniform("coin", Weights.Draw.EACH_STEP, 1);
    Expr own = token.greaterThan(Decoded.NONE).where(probability(w), Expr.constant(0));
    Expr read = own.greaterThan(coin).where(token, x);

    Step step = decoder.step(w, read, s.in("cell"));
    Expr logits = step.output();
    Expr next =
        decoder.sampling().greedy()
            ? logits.argMax()
            : Choice.drawn(logits, w.uniform("draw", Weights.Draw.EACH_STEP, 1));
    return new Step(logits, State.of(TOKEN, next).with("cell", step.next()));
  }

  private Expr probability(Weights w) {
    ScheduledSampling sampling = decoder.sampling();
    if (sampling.rise() == 0) {
      return Expr.constant(sampling.probability());
    }
    Expr steps = w.fixed(Decoder.STEPS, Initializer.ZEROS, 1);
    return steps
        .times(1.0 / sampling.rise())
        .minimum(Expr.constant(1))
        .times(sampling.probability());
  }
}
