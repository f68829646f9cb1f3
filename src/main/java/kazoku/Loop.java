package kazoku;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a recurrence is laid over time.
 *
 * @param form in a loop of the graph, or written out step by step
 * @param shards into how many parts the batch is split, which then run side by side; {@link
 *     #AUTO_SHARDS} for as many as suit sizes and processor. In a session with one thread an
 *     operation, each shard keeps one core busy.
 * @param segment how many steps a segment has ({@link #segments(int)}); {@link #ROOT} for ⌈√T⌉,
 *     {@link #WHOLE} for no segments
 * @param mixed whether products are of bfloat16 in training, {@link #bfloat16()}
 * @param unroll how many steps stand one after the other in a turn of the loop, {@link
 *     #unroll(int)}; {@link #AUTO_UNROLL} for as many as suit the size of a step
 */
public record Loop(Form form, int shards, int segment, boolean mixed, int unroll) {
  /**
   * The {@link #shards} that suit: one for each core, eight at most, as long as each has enough
   * rows to be worth a core; one on a GPU.
   */
  public static final int AUTO_SHARDS = 0;

  /**
   * The {@link #unroll} that suits: in training, where it is known while building that there are 64
   * steps or more, up to four a turn, the fewer the longer a step is; one elsewhere.
   */
  public static final int AUTO_UNROLL = 0;

  /** The {@link #segment} of a loop without segments. */
  public static final int WHOLE = 0;

  /** The {@link #segment} of ⌈√T⌉ steps, whatever T is. */
  public static final int ROOT = -1;

  /** The forms. */
  public enum Form {
    /**
     * {@link #KERNEL} where there is one, {@link #SCAN} for a cell that is linear in its state, if
     * that has less than 1,024 numbers a row (on a GPU, of any size), {@link #WHILE} for the
     * others; but {@link #UNROLLED} for training where there are no Java gradients, and for a
     * single step, if it is known to be one and no gradient is taken.
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
   * @param shards into how many parts the batch is split, or into fewer where rows are few
   * @param segment how many steps a segment has; {@link #ROOT} for ⌈√T⌉, {@link #WHOLE} for no
   *     segments
   * @param mixed whether products are of bfloat16
   * @param unroll how many steps a turn of the loop has; 1 for other forms
   * @param why for what reason
   */
  public record Choice(Form form, int shards, int segment, boolean mixed, int unroll, String why) {
    @Override
    public String toString() {
      String name =
          switch (form) {
            case KERNEL -> "kernel";
            case SCAN -> "scan";
            case UNROLLED -> "unrolled";
            default -> "loop";
          };
      List<String> parts = new ArrayList<>();
      if (shards > 1) {
        parts.add(shards + " shards");
      }
      if (unroll > 1) {
        parts.add("turns of " + unroll + " steps");
      }
      if (segment != WHOLE) {
        parts.add("segments of " + (segment == ROOT ? "√T" : segment) + " steps");
      }
      return name
          + (parts.isEmpty() ? "" : " in " + String.join(" and ", parts))
          + (mixed ? ", products in bfloat16, " : ", ")
          + why;
    }
  }

  /** The form that suits the platform, in as many shards as suit the size. */
  public static final Loop DEFAULT = new Loop(Form.AUTO, AUTO_SHARDS);

  /** Every step written out, in one shard. */
  public static final Loop UNROLLED = new Loop(Form.UNROLLED, 1);

  public Loop {
    Checks.given("Loop", "form", form);
    Checks.require(
        shards >= AUTO_SHARDS, "Loop", "shards must be at least 1, or Loop.AUTO_SHARDS", shards);
    Checks.require(
        segment >= ROOT, "Loop", "segment must be at least 1, or Loop.ROOT or Loop.WHOLE", segment);
    Checks.require(
        unroll >= AUTO_UNROLL, "Loop", "unroll must be at least 1, or Loop.AUTO_UNROLL", unroll);
    Checks.require(
        form != Form.UNROLLED || segment == WHOLE,
        "Loop",
        "segments are for loops and scans; use Loop.DEFAULT.segments()",
        form);
  }

  /**
   * A loop without segments.
   *
   * @param form in a loop of the graph, or written out step by step
   * @param shards into how many parts the batch is split
   */
  public Loop(Form form, int shards) {
    this(form, shards, WHOLE, false, AUTO_UNROLL);
  }

  /**
   * The same form with the batch split.
   *
   * @param number how many parts
   * @return the loop
   */
  public Loop shards(int number) {
    Checks.atLeastOne("Loop", "shards", number);
    return new Loop(form, number, segment, mixed, unroll);
  }

  /**
   * The same form with several steps a turn, where it is {@link Form#WHILE}: TensorFlow's executor
   * has less to do between them, which counts where steps are small; the graph is larger, and takes
   * about twice as long to be made ready for its first run. Steps that are left over are made one a
   * turn. The numbers are the same. JAX's {@code scan} calls it so.
   *
   * @param steps how many, at least 1
   * @return the loop
   */
  public Loop unroll(int steps) {
    Checks.atLeastOne("Loop", "unroll", steps);
    return new Loop(form, shards, segment, mixed, steps);
  }

  /**
   * The same form in segments of ⌈√T⌉ steps, with which training needs about the least memory.
   *
   * @return the loop
   * @throws IllegalArgumentException if every step is written out
   * @see #segments(int)
   */
  public Loop segments() {
    return new Loop(form, shards, ROOT, mixed, unroll);
  }

  /**
   * The same form in segments, for long sequences: training keeps the state at the beginning of
   * each segment, and goes through a segment's steps once more when it comes to its gradient.
   * Everything else that the gradient reads (gates, states, products of the input) is then there
   * for two segments at a time and not for all T steps; inputs, outputs and their gradients still
   * are for all. It costs a second forward pass, which runs beside the gradient where a core is
   * free, and gives the same numbers, up to rounding.
   *
   * <p>Inference keeps nothing, so that segments change nothing there. A cell that looks at all
   * steps at once (as {@code LiGRUCell} does, with its batch norm) stays whole; so do steps that
   * are written out where loops have no gradient.
   *
   * <p>Source: Chen, Xu, Zhang, Guestrin 2016, <a href="https://arxiv.org/abs/1604.06174">Training
   * Deep Nets with Sublinear Memory Cost</a>, section 4.
   *
   * @param steps how many steps a segment has, at least 1; the last segment may have fewer
   * @return the loop
   * @throws IllegalArgumentException if it is less than 1, or if every step is written out
   */
  public Loop segments(int steps) {
    Checks.atLeastOne("Loop", "steps of a segment", steps);
    return new Loop(form, shards, steps, mixed, unroll);
  }

  /**
   * The same form in mixed precision: in training, what is multiplied with a weight, and the
   * weight, are rounded to bfloat16, and so is the product, forward and backward; sums, functions,
   * states, and the weights that the optimizer moves stay float32. Of 24 binary digits of each
   * factor 8 are left, of as many powers of two, so that no scaling of the loss is needed. Faster
   * where the processor multiplies bfloat16 by itself (AVX512_BF16, AMX, NVIDIA from Ampere on),
   * slower elsewhere.
   *
   * <p>What is evaluated, predicted and exported is computed in float32, of the same weights. In a
   * scan, products with the state stay float32.
   *
   * <p>Source: Kalamkar and others 2019, <a href="https://arxiv.org/abs/1905.12322">A Study of
   * BFLOAT16 for Deep Learning Training</a>.
   *
   * @return the loop
   */
  public Loop bfloat16() {
    return new Loop(form, shards, segment, true, unroll);
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
   * Whether a cell that is linear in its state may be scanned.
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
