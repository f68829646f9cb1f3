package service;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.Header;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.TooManyRequestsResponse;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsConnectContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.eclipse.jetty.websocket.api.StatusCode;

/** All sockets that are open. Their steps wait on some threads for the runs that they share. */
final class StreamSockets {
  /** As many as a run takes. */
  private static final int THREADS = 256;

  private final Settings settings;
  private final Metrics metrics;
  private final Supplier<ServedModel> model;
  private final Map<String, StreamSocket> open = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, Threads.named("stream"));

  StreamSockets(Settings settings, Metrics metrics, Supplier<ServedModel> model) {
    this.settings = settings;
    this.metrics = metrics;
    this.model = model;
    metrics.threads("stream", threads);
    metrics.gauge("service.streams.open", "Streams that are open", open::size);
  }

  int size() {
    return open.size();
  }

  /** Refuses what must not become a socket, while HTTP can still say why. */
  void beforeUpgrade(Context ctx) {
    requireOwnPage(ctx);
    if (!model.get().hasStreams()) {
      throw new NotFoundResponse("the model cannot be asked step by step");
    }
    if (open.size() >= settings.maxStreams) {
      throw new TooManyRequestsResponse(tooMany());
    }
  }

  /** Browsers let pages of others open sockets, too, and tell where the page is from. */
  private static void requireOwnPage(Context ctx) {
    String origin = ctx.header(Header.ORIGIN);
    if (origin != null && !origin.endsWith("://" + ctx.header(Header.HOST))) {
      throw new ForbiddenResponse("a page of " + Json.shown(origin) + " may not open streams");
    }
  }

  private String tooMany() {
    return "at most " + settings.maxStreams + " streams may be open, and are; try again later";
  }

  void configure(WsConfig socket) {
    socket.onConnect(this::connect);
    socket.onMessage(
        ctx -> {
          StreamSocket to = open.get(ctx.sessionId());
          if (to != null) {
            to.receive(ctx.message());
          }
        });
    socket.onBinaryMessage(ctx -> ctx.closeSession(StatusCode.BAD_DATA, "messages must be text"));
    socket.onClose(ctx -> remove(ctx.sessionId()));
    socket.onError(ctx -> remove(ctx.sessionId()));
  }

  private synchronized void connect(WsConnectContext ctx) {
    if (open.size() >= settings.maxStreams) {
      ctx.closeSession(StatusCode.TRY_AGAIN_LATER, tooMany());
      return;
    }
    open.put(
        ctx.sessionId(), new StreamSocket(ctx.session, model.get(), settings, metrics, threads));
  }

  private void remove(String id) {
    StreamSocket socket = open.remove(id);
    if (socket != null) {
      socket.closed();
    }
  }

  /** Answers what has come, and closes all sockets with a reason. */
  void close(String reason, Duration limit) {
    CompletableFuture<?>[] all =
        open.values().stream()
            .map(socket -> socket.finish(reason))
            .toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(all).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Those that are left are cut off with the server.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
  }
}
