package kazoku.benchmark;

import java.util.Locale;

/** What is measured of a case. */
enum Kind {
  /** Forward, backward, the gradients of the outputs' sum by all weights and the input. */
  TRAINING("Training", "ms", false),
  /** All outputs of an exported model, from arrays of the language to arrays of the language. */
  INFERENCE("Inference", "ms", false),
  /** A step of each of B streams, whose states are kept, by one thread. */
  STEP("A step of B streams", "ms", false),
  /** Steps of B streams, each fed by a thread of its own, on one model. */
  STREAMS("B streams, a thread for each", "steps/s", true),
  /** Inference by {@value Case#CALLERS} threads at once, on one model. */
  CALLERS("Four callers of one model", "calls/s", true),
  /** From the start of a process to the first answer of an exported model. */
  START("Start of a process to its first answer", "ms", false),
  /** The first training step after a model has been built. */
  FIRST("First training step of a model", "ms", false),
  /** The most memory that a process of some training steps has held, VmHWM. */
  MEMORY("Peak memory of training", "MiB", false);

  private final String title;
  private final String unit;
  private final boolean rate;

  Kind(String title, String unit, boolean rate) {
    this.title = title;
    this.unit = unit;
    this.rate = rate;
  }

  String title() {
    return title;
  }

  String unit() {
    return unit;
  }

  /** Whether more is better. */
  boolean isRate() {
    return rate;
  }

  /** Whether gradients are computed. */
  boolean trains() {
    return this == TRAINING || this == FIRST || this == MEMORY;
  }

  /** Whether each number needs a process of its own. */
  boolean needsProcess() {
    return this == START || this == FIRST || this == MEMORY;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
