package service;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import kazoku.serve.Outputs;
import kazoku.train.Sequences;

/** {@code POST /v1/predict}: answers for whole sequences. */
final class Predictions implements AutoCloseable {
  private final Settings settings;
  private final Metrics metrics;
  private final Supplier<ServedModel> model;

  /** Calls of one sequence, which may share a run. */
  private final Calls one;

  /** Calls of several sequences, each of which keeps a core busy. */
  private final Calls several;

  Predictions(Settings settings, Metrics metrics, Supplier<ServedModel> model) {
    this.settings = settings;
    this.metrics = metrics;
    this.model = model;
    Duration limit = settings.limit();
    this.one = new Calls("one", settings.threads(), settings.queue, limit, metrics);
    this.several = new Calls("several", Settings.CORES, settings.queue, limit, metrics);
  }

  int waiting() {
    return one.waiting() + several.waiting();
  }

  /** How many callers there can be at a time. */
  int most() {
    return one.most() + several.most();
  }

  void answer(Context ctx) throws Exception {
    ServedModel asked = model.get();
    Map<String, Sequences> inputs = Body.inputs(ctx, asked, settings);
    int rows = inputs.values().iterator().next().size();
    Calls calls = rows == 1 ? one : several;
    try {
      Outputs outputs = calls.ask(() -> asked.run(inputs));
      ctx.contentType("application/json");
      ctx.result(new Answers(asked).predictions(outputs, rows));
    } catch (RuntimeException e) {
      throw Refusals.of(e);
    }
    metrics.sequences(rows);
  }

  /** Answers those that wait or are under way. */
  @Override
  public void close() {
    one.close();
    several.close();
  }
}
