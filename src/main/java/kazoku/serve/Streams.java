package kazoku.serve;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Model;
import kazoku.train.Sequences;

/**
 * Many sequences that come step by step, on one model: each {@link Stream} has a state of its own,
 * and the steps that wait at a time are run together.
 *
 * <pre>{@code
 * try (Streams streams = Streams.load(Path.of("speaker-model"))) {
 *   Stream stream = streams.open();
 *   float[] y = stream.feed(x);                          // float[I] → float[O]
 *   byte[] saved = stream.save();                        // goes on elsewhere, or tomorrow:
 *   float[] next = streams.restore(saved).feed(x);
 *   float[][] all = streams.feedAll(open, steps);        // a step of each, in one run
 * }
 * }</pre>
 *
 * <p>What a stream gives is what the model gives for the steps of the whole sequence. It needs the
 * signatures {@code initial_state} and {@code step}, which {@code model.export} writes for models
 * with a state whose steps depend on earlier ones only ({@link kazoku.train.Export}).
 *
 * <p>States are kept in Java, some numbers for each stream; {@link Limits} says how many. By
 * default up to 256 steps that wait are run together, and none is held back while a thread is free;
 * {@link Serving#batching} says it otherwise.
 */
public final class Streams implements AutoCloseable {
  private static final String WHO = "Streams";
  static final Serving SERVING = Serving.DEFAULT.batching(256, Duration.ZERO);

  /** In which locks are taken. */
  private static final Comparator<Stream> BY_NUMBER = Comparator.comparingLong(Stream::number);

  private final Asking asking;
  private final Current current;
  private final Limits limits;
  private final Consumer<Streams> after;
  private final States states;
  private final Gatherer<Step, ServedSignature.Stepped> gatherer;

  /** When each was fed last, that one last. */
  private final Map<Stream, Long> open = new LinkedHashMap<>(16, 0.75f, true);

  private long opened;
  private volatile boolean closed;

  /** A stream's next steps. */
  private record Step(Sequences rows, float[] from) {}

  /**
   * Of a model that is asked for steps already.
   *
   * @param after called when they are closed
   */
  private Streams(
      Asking asking, Current current, Serving serving, Limits limits, Consumer<Streams> after) {
    this.asking = asking;
    this.current = current;
    this.limits = limits;
    this.after = after;
    this.states = call(ServedSignature::states);
    this.gatherer = new Gatherer<>(WHO, serving, step -> step.rows().length(0), this::together);
  }

  /** Of a model that somebody else closes. */
  static Streams sharing(Current current, Serving serving, Limits limits, Consumer<Streams> after) {
    Checks.given(WHO, "limits", limits);
    require(
        serving.session().isEmpty() || serving.session().equals(current.session()),
        "the session must be the predictor's, which they share; leave it out",
        "another");
    Asking asking = Asking.forSteps(WHO, serving);
    current.ask(asking);
    return new Streams(asking, current, serving, limits, after);
  }

  /**
   * The signatures {@code initial_state} and {@code step} of a SavedModel.
   *
   * @param folder what {@code model.export} wrote
   * @return the streams; close them
   * @throws IllegalArgumentException if it cannot be loaded, or has no such signatures
   */
  public static Streams load(Path folder) {
    return load(folder, SERVING, Limits.DEFAULT);
  }

  /**
   * A SavedModel.
   *
   * @param folder what {@code model.export} wrote
   * @param serving how it is served
   * @param limits how many streams are kept
   * @return the streams; close them
   * @throws IllegalArgumentException if it cannot be loaded, or has no such signatures
   */
  public static Streams load(Path folder, Serving serving, Limits limits) {
    Checks.given(WHO, "limits", limits);
    Asking asking = Asking.forSteps(WHO, serving);
    Current current = new Current(asking, serving, folder);
    return new Streams(asking, current, serving, limits, closed -> current.close());
  }

  /**
   * A model with the weights that it has now; {@link #swap(Model)} takes them anew.
   *
   * @param model the model
   * @return the streams; close them
   * @throws IllegalArgumentException if its steps do not depend on earlier ones only
   */
  public static Streams of(Model model) {
    return of(model, SERVING, Limits.DEFAULT);
  }

  /**
   * A model with the weights that it has now.
   *
   * @param model the model
   * @param serving how it is served
   * @param limits how many streams are kept
   * @return the streams; close them
   * @throws IllegalArgumentException if its steps do not depend on earlier ones only
   */
  public static Streams of(Model model, Serving serving, Limits limits) {
    return Current.exported(model, folder -> load(folder, serving, limits));
  }

  /**
   * Puts a newer version in the place of this one, as {@link Predictor#swap(Path)} does, for the
   * predictor, too, that shares the model; streams go on from their states.
   *
   * @param folder the newer version
   * @throws IllegalArgumentException if it cannot be loaded, has other states, takes something else
   *     or gives less; the old one stays
   */
  public void swap(Path folder) {
    requireOpen();
    current.swap(folder);
  }

  /**
   * Takes the weights that a model has now, {@link #swap(Path)}.
   *
   * @param model the model
   */
  public void swap(Model model) {
    requireOpen();
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
   * A stream that begins. If there are too many, another one is evicted.
   *
   * @return the stream
   */
  public Stream open() {
    return open((float[]) null);
  }

  /**
   * A stream that goes on where another one was saved, in this process or another one.
   *
   * @param saved what {@link Stream#save} gave
   * @return the stream
   * @throws IllegalArgumentException if the bytes are damaged, are no saved stream, or have other
   *     states than the model
   */
  public Stream restore(byte[] saved) {
    Checks.given(WHO, "saved bytes", saved);
    return open(StateBytes.read(states, saved));
  }

  private Stream open(float[] state) {
    synchronized (open) {
      requireOpen();
      evictIdle();
      if (open.size() == limits.streams()) {
        evict("more than " + limits.streams() + " are open");
      }
      Stream stream = new Stream(this, opened++, state);
      open.put(stream, System.nanoTime());
      return stream;
    }
  }

  private void evictIdle() {
    long now = System.nanoTime();
    while (!open.isEmpty() && now - open.values().iterator().next() > limits.idle().toNanos()) {
      evict("it was not fed for " + limits.idle());
    }
  }

  private void evict(String reason) {
    Iterator<Stream> all = open.keySet().iterator();
    Stream longest = all.next();
    all.remove();
    longest.leave(
        () ->
            new EvictedException(
                "Stream: was evicted, as "
                    + reason
                    + "; open another one, or restore saved bytes"));
  }

  /**
   * How many streams are open.
   *
   * @return their number
   */
  public int size() {
    synchronized (open) {
      return open.size();
    }
  }

  void remove(Stream stream) {
    synchronized (open) {
      open.remove(stream);
    }
  }

  byte[] save(float[] state) {
    return StateBytes.write(states, state);
  }

  Outputs feed(Stream stream, Sequences step) {
    require(step.size() == 1, "a stream must be fed one row", step.size());
    call(signature -> signature.checkedSteps(step));
    stream.lock().lock();
    try {
      ServedSignature.Stepped next = gatherer.ask(new Step(step, begin(stream)));
      stream.go(next.states().get(0));
      return next.outputs();
    } finally {
      stream.lock().unlock();
    }
  }

  private float[] begin(Stream stream) {
    synchronized (open) {
      evictIdle();
      float[] state = stream.state();
      open.put(stream, System.nanoTime());
      return state;
    }
  }

  private List<ServedSignature.Stepped> together(List<Step> steps) {
    if (steps.size() == 1) {
      return List.of(step(steps.get(0).rows(), Collections.singletonList(steps.get(0).from())));
    }
    Sequences rows = Sequences.concat(steps.stream().map(Step::rows).toList());
    ServedSignature.Stepped all = step(rows, steps.stream().map(Step::from).toList());
    return IntStream.range(0, steps.size())
        .mapToObj(
            i -> new ServedSignature.Stepped(all.outputs().row(i), List.of(all.states().get(i))))
        .toList();
  }

  private ServedSignature.Stepped step(Sequences rows, List<float[]> from) {
    return call(signature -> signature.step(rows, from));
  }

  /**
   * Takes the next step of many streams in one run. If it fails, all states are as they were.
   *
   * @param streams which, each once
   * @param steps {@code [B][I]}, a step of each
   * @return {@code [B][O]}
   * @throws IllegalArgumentException if a step does not fit
   */
  public float[][] feedAll(List<Stream> streams, float[][] steps) {
    float[][][] rows =
        Arrays.stream(steps).map(step -> new float[][] {step}).toArray(float[][][]::new);
    return feedAll(streams, Sequences.of(rows)).last();
  }

  /**
   * Takes the next token of many streams in one run.
   *
   * @param streams which, each once
   * @param tokens {@code [B]}, a token of each
   * @return {@code [B][O]}
   * @throws IllegalArgumentException if a token does not fit
   */
  public float[][] feedAll(List<Stream> streams, int[] tokens) {
    int[][] rows = IntStream.of(tokens).mapToObj(token -> new int[] {token}).toArray(int[][]::new);
    return feedAll(streams, Sequences.tokens(rows)).last();
  }

  /**
   * Takes the next steps of many streams, of a model with several inputs or outputs, or several
   * steps at a time.
   *
   * @param streams which, each once
   * @param steps a row for each, all with as many steps, with other inputs beside them
   * @return the outputs for these steps
   * @throws IllegalArgumentException if steps do not fit
   */
  public Outputs feedAll(List<Stream> streams, Sequences steps) {
    require(
        streams.size() == steps.size(),
        "there must be a step for each of the " + streams.size() + " streams",
        steps.size());
    require(
        streams.stream().allMatch(stream -> stream.isOf(this)),
        "streams must be of those that feed them",
        "others");
    List<Stream> each = streams.stream().distinct().sorted(BY_NUMBER).toList();
    require(each.size() == streams.size(), "each stream must be fed once", "one twice");
    call(signature -> signature.checkedSteps(steps));
    each.forEach(stream -> stream.lock().lock());
    try {
      List<float[]> from = new ArrayList<>();
      streams.forEach(stream -> from.add(begin(stream)));
      ServedSignature.Stepped next = step(steps, from);
      for (int row = 0; row < from.size(); row++) {
        streams.get(row).go(next.states().get(row));
      }
      return next.outputs();
    } finally {
      each.forEach(stream -> stream.lock().unlock());
    }
  }

  private <A> A call(Function<ServedSignature, A> question) {
    requireOpen();
    return current.call(asking, question);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(WHO + ": is closed; load another one");
    }
  }

  private static void require(boolean holds, String rule, Object value) {
    Checks.require(holds, WHO, rule, value);
  }

  /**
   * Answers the feeds that wait or are under way, then closes all streams, and the session unless a
   * predictor has it. A second time does nothing.
   */
  @Override
  public void close() {
    gatherer.close();
    synchronized (open) {
      closed = true;
      open.keySet()
          .forEach(
              stream ->
                  stream.leave(
                      () ->
                          new IllegalStateException(
                              "Stream: its streams are closed; load others")));
      open.clear();
    }
    after.accept(this);
  }

  /**
   * What it takes and gives.
   *
   * @return the inputs, states and outputs, with their shapes
   */
  @Override
  public String toString() {
    return closed ? WHO + " (closed)" : current.text(asking);
  }
}
