package kazoku.train;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;

/**
 * What a SavedModel has: {@code model.export(folder, Export.frozen().labels(List.of("down",
 * "up")))}.
 *
 * <p>Each signature is called with all of its inputs. B (rows) and T (steps) may differ from call
 * to call.
 *
 * <pre>
 * serving_default   input, lengths                    → output
 * unpadded          input                             → output
 * initial_state     input, lengths                    → each state, as rows begin with it
 * sequence          input, lengths, each state        → output, each state after the last valid step
 * step              input, each state                 → output, each state after the last step
 *
 * train_step        input, lengths, target            → loss, before the update that it makes
 * evaluate          input, lengths, target            → loss, metric, and of how many they are means
 * save, restore     checkpoint_path                   → checkpoint_path
 * </pre>
 *
 * <ul>
 *   <li>{@code input} is {@code [B, T, I]}, or {@code [B, T]} for tokens (int32); {@code lengths}
 *       {@code [B]} (int32) is there if a layer looks at it. Other inputs have the names that
 *       {@link Inputs} gives them, and their lengths {@code NAME_lengths}.
 *   <li>{@code output} is {@code [B, O]} or {@code [B, T, O]}. Other outputs have their names. One
 *       that has lengths of its own, as what a decoder writes, has {@code output_lengths} or {@code
 *       NAME_lengths} beside it.
 *   <li>{@code unpadded} is for rows that all have T steps, for which it gives what {@code
 *       serving_default} does, in less time; it is there if that takes lengths.
 *   <li>A state {@code [B, …]} has one name, as input and as output: that of its cell's path and
 *       slot, in which each character but letters, digits and {@code _} is a {@code _}. The slot
 *       {@code h} of the cell in the layer {@code rnn} is {@code rnn_cell_h}, the slot {@code c} of
 *       the second layer of a stack {@code stacked_1_cell_c}. Names of outputs follow the same
 *       rule.
 *   <li>A stream begins with {@code initial_state} (any input of as many rows, one step is enough)
 *       and goes on with {@code step}: all T ≥ 1 steps of all rows count, and what it gives for a
 *       sequence in parts is what {@code serving_default} gives for the whole. Rows of several
 *       lengths go on with {@code sequence}.
 *   <li>Models without a state have neither of the three; those with a layer that looks across
 *       steps ({@link kazoku.Bidirectional}, pooling, a {@code Crf}: {@link
 *       kazoku.Weights#acrossSteps}) have no {@code step}; and those that apply a recurrent layer
 *       twice, as what a decoder writes does, {@code serving_default} only. A model that is {@link
 *       Model#ofSteps made for a number of steps} takes one step at a time in {@code step}.
 * </ul>
 *
 * <p>Names of states, inputs and outputs are those that TensorFlow Serving and Python take: {@code
 * tf.saved_model.load(folder).signatures["step"](input=x, rnn_cell_h=h)}.
 */
public final class Export {
  /** The signature of whole sequences. */
  public static final String SERVING_DEFAULT = "serving_default";

  /** The signature of whole sequences that all have as many steps. */
  public static final String UNPADDED = "unpadded";

  /** The signature that gives the states that rows begin with. */
  public static final String INITIAL_STATE = "initial_state";

  /** The signature of sequences that begin with given states. */
  public static final String SEQUENCE = "sequence";

  /** The signature of some steps of a stream, at least one. */
  public static final String STEP = "step";

  /** The signature of an update of the weights. */
  public static final String TRAIN_STEP = "train_step";

  /** The signature that measures. */
  public static final String EVALUATE = "evaluate";

  /** The signature that writes all Variables. */
  public static final String SAVE = "save";

  /** The signature that reads all Variables. */
  public static final String RESTORE = "restore";

  /** The first input. */
  public static final String INPUT = Inputs.FIRST;

  /** How many steps of each row of the first input are valid. */
  public static final String LENGTHS = "lengths";

  /** The first output. */
  public static final String OUTPUT = "output";

  private final boolean constant;
  private final Optimizer optimizer;
  private final Loss loss;
  private final Map<String, List<String>> assets;

  private Export(
      boolean constant, Optimizer optimizer, Loss loss, Map<String, List<String>> assets) {
    this.constant = constant;
    this.optimizer = optimizer;
    this.loss = loss;
    this.assets = Collections.unmodifiableMap(assets);
  }

  /**
   * Weights are Variables, in the folder {@code variables}; no training, no assets. It is what
   * {@link Model#export(java.nio.file.Path)} writes.
   *
   * @return the form
   */
  public static Export variables() {
    return new Export(false, null, null, Map.of());
  }

  /**
   * Weights are constants of the graph, which TensorFlow may fold and pack. The single-threaded
   * executor, the fastest for small models and one row at a time, takes this form only: {@code
   * ConfigProto.newBuilder().setExperimental(Experimental.newBuilder().setExecutorType(
   * "SINGLE_THREADED_EXECUTOR"))}. The graph must stay below 2 GB.
   *
   * @return the form
   */
  public static Export frozen() {
    return new Export(true, null, null, Map.of());
  }

  /**
   * The same with the signatures {@code train_step}, {@code evaluate}, {@code save} and {@code
   * restore}: whoever loads the model can train it further, in any language, with the same numbers
   * as {@link Model#fit}. The updates are in the graph, since no other language can differentiate
   * its loops; what the optimizer remembers stands beside the weights, as it is after {@code fit}
   * with an equal optimizer, or empty.
   *
   * <p>{@code target} is {@code [B, O]}, or {@code [B]} for labels (int32), of outputs for rows,
   * and {@code [B, T, O]} or {@code [B, T]} with {@code target_lengths} {@code [B]} of outputs for
   * steps; the targets of another output are {@code NAME_target} and {@code NAME_target_lengths}.
   * All rows count alike. A run whose loss or gradients are not finite fails and changes nothing.
   * {@code evaluate} gives {@code loss} and {@code metric}, and {@code loss_count} and {@code
   * metric_count}: of how many rows or steps they are means, so that means over batches are exact.
   *
   * @param how the optimizer
   * @param what the loss
   * @return the form
   * @throws IllegalArgumentException if weights are constants
   */
  public Export trainable(Optimizer how, Loss what) {
    Checks.given("Export", "optimizer", how);
    Checks.given("Export", "loss", what);
    Checks.require(
        !constant, "Export", "what is trained must be Variables; use Export.variables()", "frozen");
    return new Export(false, how, what, assets);
  }

  /**
   * The same with the tokens' texts in {@code assets/vocabulary.txt}, the one with number 0 first.
   *
   * @param tokens one for each number
   * @return the form
   * @throws IllegalArgumentException as {@link #asset}
   */
  public Export vocabulary(List<String> tokens) {
    return asset(Assets.VOCABULARY, tokens);
  }

  /**
   * The same with the classes' names in {@code assets/labels.txt}, the one with number 0 first.
   *
   * @param names one for each class
   * @return the form
   * @throws IllegalArgumentException as {@link #asset}
   */
  public Export labels(List<String> names) {
    return asset(Assets.LABELS, names);
  }

  /**
   * The same with some lines of text, which {@link Assets} reads.
   *
   * @param name what they are; letters, digits, _ and - only; the file is {@code assets/NAME.txt}
   * @param lines the lines, none of which has a line break; they are written in UTF-8
   * @return the form
   * @throws IllegalArgumentException if the name or a line has something else
   */
  public Export asset(String name, List<String> lines) {
    Assets.check(name);
    for (String line : lines) {
      Checks.require(
          line != null
              && line.indexOf('\n') < 0
              && line.indexOf('\r') < 0
              && StandardCharsets.UTF_8.newEncoder().canEncode(line),
          "Export",
          "a line of " + name + " must be text without a line break",
          line);
    }
    Map<String, List<String>> more = new LinkedHashMap<>(assets);
    more.put(name, List.copyOf(lines));
    return new Export(constant, optimizer, loss, more);
  }

  /** Whether weights are constants. */
  boolean constant() {
    return constant;
  }

  /** Null if the model is not trained further. */
  Optimizer optimizer() {
    return optimizer;
  }

  /** Null if the model is not trained further. */
  Loss loss() {
    return loss;
  }

  boolean isTrainable() {
    return optimizer != null;
  }

  /** Lines of text by name. */
  Map<String, List<String>> assets() {
    return assets;
  }

  /** What the lengths of an input are called. */
  static String lengths(String input) {
    return input.equals(INPUT) ? LENGTHS : input + "_" + LENGTHS;
  }

  /** What an output is called in a signature; the first one's path is empty. */
  static String output(String path) {
    return path.isEmpty() ? OUTPUT : name(path);
  }

  /** What a path is called in a signature. */
  static String name(String path) {
    return path.replaceAll("[^A-Za-z0-9_]", "_");
  }

  /** Takes a value under the name that it has in a signature; two paths may have one name. */
  static <T> void put(Map<String, T> all, String name, T value) {
    if (all.put(name, value) != null) {
      throw new IllegalArgumentException(
          "Export: each input, output and state must have a name of its own, but two are called "
              + name
              + "; give a layer another name, layer.named(…)");
    }
  }
}
