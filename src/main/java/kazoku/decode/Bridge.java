package kazoku.decode;

import java.util.List;
import java.util.Locale;
import kazoku.Checks;

/**
 * How the state in which an encoder ends becomes the state in which a decoder begins.
 *
 * @param form zeros, a copy, or a product with weights
 * @param slots for {@link Form#DENSE}, the slots of the decoder's cell that get their values so;
 *     empty for all
 */
public record Bridge(Form form, List<String> slots) {

  /** The forms. */
  public enum Form {
    /** The decoder begins as its cell has it, at zero if it says nothing else. */
    NONE,
    /**
     * A slot begins with the value of the encoder's slot of the same name and shape, whatever path
     * stands before either: {@code cell/h} with that of {@code h}. The others begin as the cell has
     * them.
     */
    COPY,
    /**
     * All slots of the encoder side by side, times W and plus b, without an activation, are cut
     * into the slots of the decoder.
     */
    DENSE
  }

  public Bridge {
    Checks.given("Bridge", "form", form);
    slots = List.copyOf(slots);
    Checks.require(
        form == Form.DENSE || slots.isEmpty(), "Bridge", "slots are for a dense bridge", slots);
  }

  /**
   * Nothing is handed on.
   *
   * @return the bridge
   */
  public static Bridge none() {
    return new Bridge(Form.NONE, List.of());
  }

  /**
   * Slots of the same name are handed on.
   *
   * @return the bridge
   */
  public static Bridge copy() {
    return new Bridge(Form.COPY, List.of());
  }

  /**
   * Everything is handed on through a matrix of weights.
   *
   * @param slots the slots of the decoder's cell that get their values so; none for all
   * @return the bridge
   */
  public static Bridge dense(String... slots) {
    return new Bridge(Form.DENSE, List.of(slots));
  }

  @Override
  public String toString() {
    return form.name().toLowerCase(Locale.ROOT) + (slots.isEmpty() ? "" : slots.toString());
  }
}
