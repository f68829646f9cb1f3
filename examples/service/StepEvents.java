package service;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.TooManyRequestsResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import kazoku.serve.Outputs;
import kazoku.serve.Stream;
import kazoku.train.Sequences;

/**
 * {@code POST /v1/events}: one sequence, and after each of its steps an event with what the model
 * says by then (server-sent events), for clients without WebSockets.
 */
final class StepEvents {
  private final Settings settings;
  private final Supplier<ServedModel> model;
  private final Semaphore places;

  StepEvents(Settings settings, Supplier<ServedModel> model) {
    this.settings = settings;
    this.model = model;
    this.places = new Semaphore(settings.queue);
  }

  /** How many callers there can be at a time. */
  int most() {
    return settings.queue;
  }

  void answer(Context ctx) throws IOException {
    ServedModel asked = model.get();
    if (!asked.hasStreams()) {
      throw new NotFoundResponse("the model cannot be asked step by step");
    }
    Sequences rows = Instances.joined(Body.inputs(ctx, asked, settings));
    if (rows.size() != 1) {
      throw new BadRequestResponse("there must be one instance, got " + rows.size());
    }
    if (!places.tryAcquire()) {
      throw new TooManyRequestsResponse(
          "at most " + settings.queue + " sequences may be told step by step; try again later");
    }
    try (Stream stream = asked.open()) {
      tell(ctx, new Answers(asked), stream, rows.windows(1, 1));
    } finally {
      places.release();
    }
  }

  /** Before the first event a refusal has a status of its own; after it, it is an event. */
  private void tell(Context ctx, Answers answers, Stream stream, Sequences steps)
      throws IOException {
    String event = event("step", answer(answers, stream, steps, 0, Long.MAX_VALUE));
    ctx.contentType("text/event-stream").header("Cache-Control", "no-store");
    OutputStream out = ctx.disableCompression().outputStream();
    long deadline = System.nanoTime() + settings.limit().toNanos();
    write(out, event);
    for (int t = 1; t < steps.size(); t++) {
      try {
        event = event("step", answer(answers, stream, steps, t, deadline));
      } catch (HttpResponseException e) {
        write(out, event("error", Json.error(e.getMessage())));
        return;
      }
      write(out, event);
    }
  }

  private String answer(Answers answers, Stream stream, Sequences steps, int t, long deadline) {
    if (System.nanoTime() > deadline) {
      throw new ServiceUnavailableResponse(
          "it took more than " + Settings.shown(settings.timeout) + " s");
    }
    try {
      Outputs outputs = stream.feed(steps.select(t));
      return answers.step(outputs, t + 1L);
    } catch (RuntimeException e) {
      throw Refusals.of(e);
    }
  }

  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }

  private static void write(OutputStream out, String event) throws IOException {
    out.write(event.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
