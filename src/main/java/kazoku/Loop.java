package kazoku;

import java.util.Locale;

/**
 * How a recurrence is laid over time.
 *
 * @param form in a loop of the graph, or written out step by step
 * @param shards into how many parts the batch is split, which then run side by side; at least 1. In
 *     a session with one thread an operation, each shard keeps one core busy.
 */
public record Loop(Form form, int shards) {

  /** The forms. */
  public enum Form {
    /**
     * {@link #KERNEL} where there is one, {@link #SCAN} for a cell that is linear in its state,
     * {@link #WHILE} for the others; but {@link #UNROLLED} for training where there are no Java
     * gradients.
     */
    AUTO,
    /**
     * One operation of TensorFlow for all steps, {@link Cell#kernel()}, where no gradient is taken,
     * in float32; {@link #WHILE} elsewhere, and where steps are masked one by one.
     */
    KERNEL,
    /**
     * For cells that are linear in their state: in chunks that run side by side, about 3√T steps
     * one after the other in the place of T. Gives the same numbers, up to rounding. The layer
     * finds out from the cell's step whether it is linear.
     */
    SCAN,
    /**
     * One loop of the graph, for any number of steps. Its gradient is Kazoku's own and is
     * registered with TensorFlow from Java, which TensorFlow-Java does not support on Windows;
     * without a gradient it runs there, too.
     */
    WHILE,
    /**
     * Every step written out, for a number of steps that is known while building. For very short
     * sequences, for checking, and for training on Windows.
     */
    UNROLLED
  }

  /**
   * What became of a loop.
   *
   * @param form how the steps are built; not {@link Form#AUTO}
   * @param shards into how many parts the batch is split
   * @param why for what reason
   */
  public record Choice(Form form, int shards, String why) {
    @Override
    public String toString() {
      String name =
          switch (form) {
            case KERNEL -> "kernel";
            case SCAN -> "scan";
            case UNROLLED -> "unrolled";
            default -> "loop";
          };
      return name + (shards == 1 ? "" : " in " + shards + " shards") + ", " + why;
    }
  }

  /** The form that suits the platform, in one shard. */
  public static final Loop DEFAULT = new Loop(Form.AUTO, 1);

  /** Every step written out, in one shard. */
  public static final Loop UNROLLED = new Loop(Form.UNROLLED, 1);

  public Loop {
    Checks.given("Loop", "form", form);
    Checks.atLeastOne("Loop", "shards", shards);
  }

  /**
   * The same form with the batch split.
   *
   * @param number how many parts
   * @return the loop
   */
  public Loop shards(int number) {
    return new Loop(form, number);
  }

  /**
   * Whether every step is written out.
   *
   * @param training whether a gradient will be taken
   * @return true for {@link Form#UNROLLED}, and for {@link Form#AUTO} where training needs it
   */
  public boolean unrolls(boolean training) {
    return form == Form.UNROLLED || form == Form.AUTO && training && !supportsJavaGradients();
  }

  /**
   * Whether a cell's kernel is used.
   *
   * @param training whether a gradient will be taken
   * @return true for {@link Form#KERNEL} and {@link Form#AUTO} where none is
   */
  public boolean mayUseKernel(boolean training) {
    return !training && (form == Form.KERNEL || form == Form.AUTO);
  }

  /**
   * Whether a cell that is linear in its state is scanned.
   *
   * @param training whether a gradient will be taken
   * @return true for {@link Form#SCAN}, and for {@link Form#AUTO} where every step is not written
   *     out
   */
  public boolean mayScan(boolean training) {
    return form == Form.SCAN || form == Form.AUTO && !unrolls(training);
  }

  /**
   * Whether TensorFlow-Java takes gradients that are written in Java on this platform.
   *
   * @return false on Windows
   */
  public static boolean supportsJavaGradients() {
    return !System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
  }
}
