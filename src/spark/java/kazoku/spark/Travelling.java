package kazoku.spark;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import kazoku.Checks;

/** What is sent to executors. */
final class Travelling {
  private Travelling() {}

  /** Raises what cannot be sent, before Spark does so in many lines. */
  static void require(String who, String what, Object value) {
    Checks.given(who, what, value);
    try (ObjectOutputStream out = new ObjectOutputStream(OutputStream.nullOutputStream())) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: %s travels to the executors; make layers, optimizers, losses and callbacks inside of it and not outside, got %s"
              .formatted(who, what, e.getMessage()),
          e);
    }
  }
}
