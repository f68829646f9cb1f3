package service;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.JettyConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.Header;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.UpgradeRequiredResponse;
import io.javalin.router.EndpointNotFound;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP side: which address leads where, what a server takes at all, and how errors look. */
final class Server {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** Threads for all that does not wait for the model, so that health and metrics always answer. */
  private static final int SPARE_THREADS = 32;

  static final String CUT_OFF = "the request did not come to its end";

  private final Settings settings;
  private final Predictions predictions;
  private final StepEvents events;
  private final StreamSockets sockets;
  private final Status status;
  private final Metrics metrics;
  private final Javalin javalin;

  Server(
      Settings settings,
      Predictions predictions,
      StepEvents events,
      StreamSockets sockets,
      Status status,
      Metrics metrics) {
    this.settings = settings;
    this.predictions = predictions;
    this.events = events;
    this.sockets = sockets;
    this.status = status;
    this.metrics = metrics;
    this.javalin = Javalin.create(this::configure);
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.requestLogger.http(metrics::request);
    config.router.javaLangErrorHandler((response, error) -> LOG.error("A request failed", error));
    jetty(config.jetty);
    routes(config.routes);
    errors(config.routes);
  }

  private void jetty(JettyConfig jetty) {
    int waiting = predictions.most() + events.most();
    jetty.host = settings.host;
    jetty.port = settings.port;
    jetty.threadPool = new QueuedThreadPool(waiting + SPARE_THREADS);
    jetty.modifyServer(
        server -> {
          server.insertHandler(new GracefulHandler());
          server.setErrorHandler(new JsonErrors());
          server.setStopTimeout(Duration.ofSeconds(settings.drain).toMillis());
        });
    jetty.modifyServletContextHandler(context -> context.setErrorHandler(new JsonErrors()));
    jetty.modifyWebSocketServletFactory(
        factory -> {
          factory.setMaxTextMessageSize(settings.maxMessage);
          factory.setIdleTimeout(Duration.ofSeconds(settings.streamIdle));
        });
  }

  private void routes(RoutesConfig routes) {
    Page.add(routes);
    routes.post("/v1/predict", predictions::answer);
    routes.post("/v1/models/" + settings.name + ":predict", predictions::answer);
    routes.post("/v1/events", events::answer);
    routes.get("/v1/stream", Server::requireUpgrade);
    routes.wsBeforeUpgrade("/v1/stream", this::beforeUpgrade);
    routes.ws("/v1/stream", sockets::configure);
    routes.get("/v1/model", status::model);
    routes.get("/v1/models/" + settings.name, status::versions);
    routes.get("/v1/examples", status::examples);
    routes.get("/health", status::health);
    routes.get("/health/live", status::live);
    routes.get("/metrics", ctx -> ctx.contentType(Metrics.CONTENT_TYPE).result(metrics.text()));
  }

  private static void requireUpgrade(Context ctx) {
    throw new UpgradeRequiredResponse("open a WebSocket here");
  }

  /** Nobody but this writes what a refused upgrade has as its result. */
  private void beforeUpgrade(Context ctx) throws IOException {
    try {
      sockets.beforeUpgrade(ctx);
    } catch (HttpResponseException e) {
      refuse(e, ctx);
      ctx.resultInputStream().transferTo(ctx.res().getOutputStream());
      ctx.skipRemainingHandlers();
    }
  }

  private static void errors(RoutesConfig routes) {
    routes.exception(HttpResponseException.class, Server::refuse);
    routes.exception(
        EndpointNotFound.class,
        (e, ctx) -> refuse(new NotFoundResponse("there is nothing at " + ctx.path()), ctx));
    routes.exception(
        MethodNotAllowedResponse.class,
        (e, ctx) -> {
          String allowed = e.getDetails().values().iterator().next();
          ctx.header(Header.ALLOW, allowed);
          error(ctx, e.getStatus(), "the method must be one of " + allowed);
        });
    routes.wsException(
        HttpResponseException.class,
        (e, ctx) -> ctx.closeSession(StatusCode.SHUTDOWN, e.getMessage()));
    routes.exception(IOException.class, (e, ctx) -> cutOff(ctx));
    routes.error(
        HttpStatus.REQUEST_TIMEOUT,
        ctx -> {
          if (ctx.resultInputStream() == null) {
            cutOff(ctx);
          }
        });
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("A request failed", e);
          error(ctx, HttpStatus.INTERNAL_SERVER_ERROR.getCode(), "something went wrong here");
        });
  }

  private static void refuse(HttpResponseException refusal, Context ctx) {
    if (refusal.getStatus() == HttpStatus.TOO_MANY_REQUESTS.getCode()
        || refusal.getStatus() == HttpStatus.SERVICE_UNAVAILABLE.getCode()) {
      ctx.header("Retry-After", "1");
    }
    error(ctx, refusal.getStatus(), refusal.getMessage());
  }

  /** The client has gone away, or says nothing any more. */
  private static void cutOff(Context ctx) {
    error(ctx, HttpStatus.REQUEST_TIMEOUT.getCode(), CUT_OFF);
  }

  private static void error(Context ctx, int status, String sentence) {
    ctx.status(status).contentType(ContentType.APPLICATION_JSON).result(Json.error(sentence));
  }

  void start() {
    javalin.start();
  }

  int port() {
    return javalin.port();
  }

  /** Accepts nobody any more, and answers what is under way. */
  void stop() {
    javalin.stop();
  }
}
