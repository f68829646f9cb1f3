package kazoku;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The values of a cell's state slots at one moment, by name. */
public final class State {
  private final Map<String, Expr> values;

  private State(Map<String, Expr> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  /**
   * A state.
   *
   * @param values slot → value
   * @return the state
   */
  public static State of(Map<String, Expr> values) {
    return new State(new LinkedHashMap<>(values));
  }

  /**
   * A state of one slot.
   *
   * @param slot its name
   * @param value its value
   * @return the state
   */
  public static State of(String slot, Expr value) {
    return new State(new LinkedHashMap<>()).with(slot, value);
  }

  /**
   * The state with one slot more, or with another value in it.
   *
   * @param slot its name
   * @param value its value
   * @return the new state
   */
  public State with(String slot, Expr value) {
    Map<String, Expr> more = new LinkedHashMap<>(values);
    more.put(slot, value);
    return new State(more);
  }

  /**
   * The state with all slots of an inner cell.
   *
   * @param path where the inner cell is
   * @param inner its state
   * @return the new state
   */
  public State with(String path, State inner) {
    Map<String, Expr> more = new LinkedHashMap<>(values);
    inner.values.forEach((slot, value) -> more.put(path + "/" + slot, value));
    return new State(more);
  }

  /**
   * The state of an inner cell.
   *
   * @param path where the inner cell is
   * @return its slots, without the path
   */
  public State in(String path) {
    Map<String, Expr> inner = new LinkedHashMap<>();
    values.forEach(
        (slot, value) -> {
          if (slot.startsWith(path + "/")) {
            inner.put(slot.substring(path.length() + 1), value);
          }
        });
    return new State(inner);
  }

  /**
   * The value of a slot.
   *
   * @param slot its name
   * @return its value
   * @throws IllegalArgumentException if there is no such slot
   */
  public Expr get(String slot) {
    Expr value = values.get(slot);
    if (value == null) {
      throw new IllegalArgumentException(
          "State: no slot " + slot + "; there are " + values.keySet());
    }
    return value;
  }

  /**
   * All slots.
   *
   * @return name → value
   */
  public Map<String, Expr> values() {
    return values;
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
