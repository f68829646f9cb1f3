package kazoku.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Weights;

/** What cells around a decoder have in common. */
final class Inner {
  private Inner() {}

  /** Own slots, and those of the decoder's cell under {@code cell}. */
  static List<Slot> slots(Decoder decoder, Slot... own) {
    List<Slot> slots = new ArrayList<>(Arrays.asList(own));
    decoder.cell().state().forEach(slot -> slots.add(slot.in("cell")));
    return slots;
  }

  /** Where the slots start. */
  static State initial(Decoder decoder, Weights w, Slot... own) {
    State initial = State.of(Map.of());
    for (Slot slot : own) {
      initial = initial.with(slot.name(), Expr.constant(slot.start()));
    }
    return initial.with("cell", decoder.cell().initial(w.in("cell")));
  }

  /** The values of a state where a row has ended, else those of another. */
  static State stays(Expr ended, State before, State after) {
    State chosen = State.of(Map.of());
    for (Map.Entry<String, Expr> slot : before.values().entrySet()) {
      Expr old = slot.getValue();
      Expr moved = after.get(slot.getKey());
      chosen = chosen.with(slot.getKey(), ended.toMeet(old).greaterThan(0).where(old, moved));
    }
    return chosen;
  }

  /** 1 where a token ends a row, else 0. */
  static Expr ends(Decoder decoder, Expr token) {
    return token.equalTo(decoder.endToken()).where(Expr.constant(1), Expr.constant(0));
  }
}
