package service;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import kazoku.serve.Outputs;
import kazoku.serve.Stream;
import kazoku.train.Sequences;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket with a stream of its own. Messages are answered one after the other:
 *
 * <pre>
 * {"step": […]}        → {"step": 1, "prediction": […], "class": "…", "model_version": "1"}
 * {"save": true}       → {"saved": "…"}, the state in base 64
 * {"restore": "…"}     → {"restored": true}; goes on from there
 * anything else        → {"error": "…"}; the state is as it was
 * </pre>
 */
final class StreamSocket {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSocket.class);

  private final Session session;
  private final ServedModel model;
  private final Instances instances;
  private final Answers answers;
  private final Metrics metrics;
  private final Executor threads;
  private final int maxPending;
  private final AtomicInteger pending = new AtomicInteger();
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
  private boolean finishing;
  private volatile Stream stream;
  private long steps;

  StreamSocket(
      Session session, ServedModel model, Settings settings, Metrics metrics, Executor threads) {
    this.session = session;
    this.model = model;
    this.instances = new Instances(model.inputs(), settings);
    this.answers = new Answers(model);
    this.metrics = metrics;
    this.threads = threads;
    this.maxPending = settings.maxPending;
    this.stream = model.open();
  }

  /** A message has come; it is answered after those before it. */
  synchronized void receive(String message) {
    if (finishing) {
      return;
    }
    if (pending.incrementAndGet() > maxPending) {
      finishing = true;
      end(StatusCode.POLICY_VIOLATION, "at most " + maxPending + " messages may wait for answers");
      return;
    }
    long arrival = System.nanoTime();
    last = last.thenRunAsync(() -> answer(message, arrival), threads);
  }

  private void answer(String message, long arrival) {
    try {
      send(command(message).get());
      metrics.step(Duration.ofNanos(System.nanoTime() - arrival));
    } catch (RuntimeException e) {
      refuse(e);
    }
  }

  private void refuse(RuntimeException failure) {
    metrics.badMessage();
    try {
      HttpResponseException told = Refusals.of(failure);
      send(Json.error(told.getMessage()));
      if (told.getStatus() == HttpStatus.SERVICE_UNAVAILABLE.getCode()) {
        end(StatusCode.SHUTDOWN, "the stream has ended");
      }
    } catch (RuntimeException e) {
      LOG.error("A step failed", e);
      end(StatusCode.SERVER_ERROR, "something went wrong in the service");
    }
  }

  /** It waits no more as soon as it has been written, so that who does not read is found out. */
  private void send(String answer) {
    session.sendText(answer, Callback.from(pending::decrementAndGet, e -> session.disconnect()));
  }

  private Supplier<String> command(String message) {
    return Json.read(
        message.getBytes(StandardCharsets.UTF_8),
        json -> {
          Json.expect(json, JsonToken.START_OBJECT);
          String name = json.nextFieldName();
          json.nextToken();
          Supplier<String> command = command(json, name == null ? "" : name);
          if (json.nextToken() != JsonToken.END_OBJECT) {
            throw Json.wrong(json, "is too much: a message has one command");
          }
          return command;
        });
  }

  private Supplier<String> command(JsonParser json, String name) throws IOException {
    switch (name) {
      case "step" -> {
        Sequences step = instances.step(json);
        return () -> step(step);
      }
      case "save" -> {
        return () -> saved(stream.save());
      }
      case "restore" -> {
        byte[] saved = json.getBinaryValue();
        return () -> restore(saved);
      }
      default -> throw Json.wrong(json, "must be \"step\", \"save\" or \"restore\"");
    }
  }

  private String step(Sequences step) {
    Outputs outputs = stream.feed(step);
    return answers.step(outputs, ++steps);
  }

  private static String saved(byte[] state) {
    return Json.object(json -> json.writeBinaryField("saved", state));
  }

  private String restore(byte[] saved) {
    Stream before = stream;
    stream = model.restore(saved);
    before.close();
    steps = 0;
    return Json.object(json -> json.writeBooleanField("restored", true));
  }

  /** Answers what has come, then says goodbye. */
  synchronized CompletableFuture<Void> finish(String reason) {
    finishing = true;
    return last.thenRun(() -> end(StatusCode.SHUTDOWN, reason));
  }

  private void end(int status, String reason) {
    session.close(status, reason, Callback.NOOP);
  }

  /** The socket is closed. */
  void closed() {
    stream.close();
  }
}
