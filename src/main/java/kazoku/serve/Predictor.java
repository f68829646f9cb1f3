package kazoku.serve;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Model;
import kazoku.train.Sequences;

/**
 * A trained model that answers many threads at once, and can be replaced by a newer one meanwhile.
 *
 * <pre>{@code
 * try (Predictor predictor = Predictor.load(Path.of("speaker-model"))) {
 *   float[] scores = predictor.predict(utterance);      // one sequence, float[T][I]
 *   float[][] all = predictor.predict(utterances);      // several, of different lengths
 *   predictor.swap(Path.of("speaker-model-2"));         // calls go on all the while
 * }
 * }</pre>
 *
 * <p>Input is checked before TensorFlow sees it: sizes, numbers of steps, tokens that are not
 * negative, finite numbers. A token that is beyond the model's table is found by TensorFlow only;
 * both give {@link IllegalArgumentException} to the caller whose input it is. A closed predictor
 * gives {@link IllegalStateException}.
 *
 * <p>Of an output with steps each row has as many as the output {@code <name>_lengths} says, or
 * else as its first input has where the output has as many steps as that, or else all.
 *
 * <p>A SavedModel is a program that TensorFlow runs: load only what you trust.
 */
public final class Predictor implements AutoCloseable {
  private static final String WHO = "Predictor";

  private final Asking asking;
  private final Current current;
  private final Gatherer<Sequences, Outputs> gatherer;
  private final Set<Streams> streams = ConcurrentHashMap.newKeySet();

  private Predictor(Path folder, Serving serving) {
    this.asking = Asking.forSequences(WHO, serving);
    this.current = new Current(asking, serving, folder);
    this.gatherer = new Gatherer<>(WHO, serving, Predictor::doublings, this::together);
  }

  /**
   * The signature {@code serving_default} of a SavedModel.
   *
   * @param folder what {@code model.export} wrote, or another library
   * @return the predictor; close it
   * @throws IllegalArgumentException if it cannot be loaded, or takes what is no sequences
   */
  public static Predictor load(Path folder) {
    return load(folder, Serving.DEFAULT);
  }

  /**
   * A SavedModel.
   *
   * @param folder what {@code model.export} wrote, or another library
   * @param serving how it is served
   * @return the predictor; close it
   * @throws IllegalArgumentException if it cannot be loaded, has no such signature, or takes what
   *     is no sequences
   */
  public static Predictor load(Path folder, Serving serving) {
    return new Predictor(folder, serving);
  }

  /**
   * A model with the weights that it has now. The model can go on training, or be closed; {@link
   * #swap(Model)} takes its weights anew.
   *
   * @param model the model
   * @return the predictor; close it
   */
  public static Predictor of(Model model) {
    return of(model, Serving.DEFAULT);
  }

  /**
   * A model with the weights that it has now.
   *
   * @param model the model
   * @param serving how it is served
   * @return the predictor; close it
   * @throws IllegalArgumentException if it has no such signature
   */
  public static Predictor of(Model model, Serving serving) {
    return Current.exported(model, folder -> load(folder, serving));
  }

  /**
   * The same model step by step, with the defaults of {@link Streams}.
   *
   * @return the streams
   * @throws IllegalArgumentException as {@link #streams(Serving, Limits)}
   */
  public Streams streams() {
    return streams(Streams.SERVING, Limits.DEFAULT);
  }

  /**
   * The same model step by step: it is in memory once, and one {@link #swap} gives both a newer
   * version at the same time, which must then have steps, too. They close with the predictor, if
   * not before.
   *
   * @param serving how they are served; the session is the predictor's
   * @param limits how many streams are kept
   * @return the streams
   * @throws IllegalArgumentException if the model has no such signatures
   */
  public synchronized Streams streams(Serving serving, Limits limits) {
    Streams shared = Streams.sharing(current, serving, limits, streams::remove);
    streams.add(shared);
    return shared;
  }

  /**
   * Puts a newer version in the place of this one. Calls that begin from then on are answered by
   * it; those under way end on the old one, which is closed after the last of them, before this
   * returns. No call fails, and each is answered by one version. While both are there, both take
   * memory.
   *
   * @param folder the newer version
   * @throws IllegalArgumentException if it cannot be loaded, takes something else or gives less;
   *     the old one stays
   */
  public void swap(Path folder) {
    current.swap(folder);
  }

  /**
   * Takes the weights that a model has now, {@link #swap(Path)}.
   *
   * @param model the model
   */
  public void swap(Model model) {
    current.swap(model);
  }

  /**
   * What it takes. Sequences without a name are the input that is called {@code input}, or the only
   * one; others stand {@linkplain Sequences#beside beside} it.
   *
   * @return name → what the data must be
   */
  public Map<String, TensorSpec> inputs() {
    return call(ServedSignature::inputs);
  }

  /**
   * What it gives.
   *
   * @return name → what {@link Outputs} has
   */
  public Map<String, TensorSpec> outputs() {
    return call(ServedSignature::outputs);
  }

  /**
   * All outputs for some rows.
   *
   * @param rows the inputs; targets are not looked at
   * @return the outputs by name
   * @throws IllegalArgumentException if the rows do not fit
   * @throws java.util.concurrent.RejectedExecutionException if too many calls wait ({@link
   *     Serving#queue})
   */
  public Outputs run(Sequences rows) {
    Checks.given(WHO, "rows", rows);
    return answer(call(signature -> signature.checked(rows)));
  }

  /**
   * All outputs for inputs by name, as {@link #inputs} has the names: the way to ask a model none
   * of whose several inputs is called {@code input}.
   *
   * @param inputs each input, with nothing beside it; all with as many rows
   * @return the outputs by name
   * @throws IllegalArgumentException if the names are others, or as {@link #run(Sequences)}
   * @throws java.util.concurrent.RejectedExecutionException as {@link #run(Sequences)}
   */
  public Outputs run(Map<String, Sequences> inputs) {
    Checks.given(WHO, "inputs", inputs);
    return answer(call(signature -> signature.checked(inputs)));
  }

  private Outputs answer(Sequences rows) {
    return rows.size() == 1 ? gatherer.ask(rows) : call(signature -> signature.run(rows));
  }

  private <A> A call(Function<ServedSignature, A> question) {
    return current.call(asking, question);
  }

  /** Rows of one kind have lengths of as many binary digits. */
  private static int doublings(Sequences row) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(row.length(0));
  }

  private List<Outputs> together(List<Sequences> rows) {
    Sequences joined = rows.size() == 1 ? rows.get(0) : Sequences.concat(rows);
    Outputs all = call(signature -> signature.run(joined));
    return IntStream.range(0, rows.size()).mapToObj(all::row).toList();
  }

  /**
   * The output for each row: the one that is named {@code output}, or the only one.
   *
   * @param rows the inputs
   * @return {@code [B][O]}
   * @throws IllegalArgumentException as {@link #run}, or if the output is for each step
   */
  public float[][] predict(Sequences rows) {
    Outputs outputs = run(rows);
    return outputs.rows(outputs.usual());
  }

  /**
   * The output for each row.
   *
   * @param rows {@code [B][T][I]}, T as you like for each row
   * @return {@code [B][O]}
   * @throws IllegalArgumentException as {@link #predict(Sequences)}
   */
  public float[][] predict(float[][][] rows) {
    return predict(Sequences.of(rows));
  }

  /**
   * The output for each row.
   *
   * @param rows tokens {@code [B][T]}, T as you like for each row
   * @return {@code [B][O]}
   * @throws IllegalArgumentException as {@link #predict(Sequences)}
   */
  public float[][] predict(int[][] rows) {
    return predict(Sequences.tokens(rows));
  }

  /**
   * The output for one sequence, which is written into TensorFlow's memory as it is.
   *
   * @param sequence {@code [T][I]}
   * @return {@code [O]}
   * @throws IllegalArgumentException as {@link #predict(Sequences)}
   */
  public float[] predict(float[][] sequence) {
    return predict(new float[][][] {sequence})[0];
  }

  /**
   * The output for one sequence of tokens.
   *
   * @param tokens {@code [T]}
   * @return {@code [O]}
   * @throws IllegalArgumentException as {@link #predict(Sequences)}
   */
  public float[] predict(int[] tokens) {
    return predict(new int[][] {tokens})[0];
  }

  /**
   * The output for each valid step of each row: the one that is named {@code output}, or the only
   * one.
   *
   * @param rows the inputs
   * @return {@code [B][T][O]}
   * @throws IllegalArgumentException as {@link #run}, or if the output is for each row
   */
  public float[][][] predictSteps(Sequences rows) {
    Outputs outputs = run(rows);
    return outputs.steps(outputs.usual());
  }

  /**
   * The output for each step of each row.
   *
   * @param rows {@code [B][T][I]}, T as you like for each row
   * @return {@code [B][T][O]}
   * @throws IllegalArgumentException as {@link #predictSteps(Sequences)}
   */
  public float[][][] predictSteps(float[][][] rows) {
    return predictSteps(Sequences.of(rows));
  }

  /**
   * The output for each step of each row.
   *
   * @param rows tokens {@code [B][T]}, T as you like for each row
   * @return {@code [B][T][O]}
   * @throws IllegalArgumentException as {@link #predictSteps(Sequences)}
   */
  public float[][][] predictSteps(int[][] rows) {
    return predictSteps(Sequences.tokens(rows));
  }

  /**
   * The output for each step of one sequence.
   *
   * @param sequence {@code [T][I]}
   * @return {@code [T][O]}
   * @throws IllegalArgumentException as {@link #predictSteps(Sequences)}
   */
  public float[][] predictSteps(float[][] sequence) {
    return predictSteps(new float[][][] {sequence})[0];
  }

  /**
   * The output for each step of one sequence of tokens.
   *
   * @param tokens {@code [T]}
   * @return {@code [T][O]}
   * @throws IllegalArgumentException as {@link #predictSteps(Sequences)}
   */
  public float[][] predictSteps(int[] tokens) {
    return predictSteps(new int[][] {tokens})[0];
  }

  /**
   * Answers the calls that wait or are under way, then closes the session. Others are refused. A
   * second time does nothing.
   */
  @Override
  public synchronized void close() {
    gatherer.close();
    streams.forEach(Streams::close);
    current.close();
  }

  /**
   * What it takes and gives.
   *
   * @return the inputs and outputs, with their shapes
   */
  @Override
  public String toString() {
    return current.text(asking);
  }
}
