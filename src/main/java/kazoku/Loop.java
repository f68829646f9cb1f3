package kazoku;

/**
 * How a recurrence is laid over time.
 *
 * @param form in a loop of the graph, or written out step by step
 * @param shards into how many parts the batch is split, which then run side by side; at least 1
 */
public record Loop(Form form, int shards) {

  /** The forms. */
  public enum Form {
    /**
     * One loop of the graph, for any number of steps. Its gradient is Kazoku's own and is
     * registered with TensorFlow from Java, which Windows does not support.
     */
    WHILE,
    /**
     * Every step written out, for a number of steps that is known while building. For very short
     * sequences, for checking, and for platforms without Java gradients.
     */
    UNROLLED
  }

  /** A loop of the graph, or every step written out where Java gradients are not supported. */
  public static final Loop DEFAULT =
      new Loop(System.getProperty("os.name").startsWith("Windows") ? Form.UNROLLED : Form.WHILE, 1);

  /** Every step written out. */
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
   * Whether this is a platform without Java gradients.
   *
   * @return true on Windows
   */
  public static boolean isWindows() {
    return System.getProperty("os.name").startsWith("Windows");
  }
}
