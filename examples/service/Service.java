package service;

import io.javalin.http.ServiceUnavailableResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * An HTTP service that answers whole sequences and streams from a SavedModel: README.md, beside
 * this file, tells how.
 *
 * <pre>{@code
 * try (Service service = Service.start(Settings.of("--port=0", "speaker-model"))) {
 *   URI address = service.address();
 * }
 * }</pre>
 */
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);
  private static final String GOODBYE = "the service is shutting down";

  private final Settings settings;
  private final Metrics metrics = new Metrics();
  private final Predictions predictions;
  private final StreamSockets sockets;
  private final Server server;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile State state = State.LOADING;
  private ServedModel model;
  private Versions versions;

  /** Whether it should be asked. */
  enum State {
    LOADING,
    READY,
    CLOSING;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Service(Settings settings) {
    this.settings = settings;
    this.predictions = new Predictions(settings, metrics, this::model);
    this.sockets = new StreamSockets(settings, metrics, this::model);
    StepEvents events = new StepEvents(settings, this::model);
    Status status = new Status(settings, this::model, predictions, sockets, () -> state);
    this.server = new Server(settings, predictions, events, sockets, status, metrics);
  }

  /** Starts a service and waits until it is ready. */
  static Service start(Settings settings) throws IOException {
    Service service = new Service(settings);
    try {
      service.listen();
      service.load();
      return service;
    } catch (IOException | RuntimeException e) {
      service.close();
      throw e;
    }
  }

  /** Answers from now on, first of all that it is not ready. */
  void listen() {
    server.start();
  }

  /** Loads the model, and looks for newer versions from then on. */
  void load() throws IOException {
    Path folder = settings.folder == null ? SpeakerModel.prepared() : settings.folder;
    boolean one = Versions.isModel(folder);
    Path newest =
        one
            ? folder
            : Versions.newest(folder)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            folder + " has neither a SavedModel nor versions 1, 2, … of one"));
    ServedModel loaded = ServedModel.load(newest, settings);
    synchronized (this) {
      if (state == State.CLOSING) {
        loaded.close();
        return;
      }
      model = loaded;
      if (!one) {
        versions = new Versions(folder, model, metrics, settings.poll);
      }
      state = State.READY;
    }
    LOG.info("Serving {}", newest);
  }

  private ServedModel model() {
    return switch (state) {
      case LOADING -> throw new ServiceUnavailableResponse("the model is being loaded");
      case READY -> model;
      case CLOSING -> throw new ServiceUnavailableResponse(GOODBYE);
    };
  }

  URI address() {
    return URI.create("http://" + settings.host + ":" + server.port());
  }

  /** Accepts nobody any more, answers what is under way, says goodbye, and closes the model. */
  @Override
  public void close() {
    synchronized (this) {
      if (state == State.CLOSING) {
        return;
      }
      state = State.CLOSING;
    }
    LOG.info("Shutting down");
    sockets.close(GOODBYE, Duration.ofSeconds(settings.drain));
    server.stop();
    predictions.close();
    if (versions != null) {
      versions.close();
    }
    if (model != null) {
      model.close();
    }
    metrics.close();
    closed.countDown();
  }

  private void awaitClosed() throws InterruptedException {
    closed.await();
  }

  @Command(
      name = "service.Service",
      description = "Serves a SavedModel over HTTP.",
      mixinStandardHelpOptions = true)
  private static final class Main implements Callable<Integer> {
    @Mixin Settings settings = new Settings();
    @Spec CommandSpec command;

    @Override
    public Integer call() throws Exception {
      settings.check(command.commandLine());
      Service service = new Service(settings);
      Runtime.getRuntime().addShutdownHook(new Thread(service::close, "shutdown"));
      service.listen();
      System.out.println("Listening on " + service.address() + " (ctrl-C ends it)");
      service.load();
      service.awaitClosed();
      return CommandLine.ExitCode.OK;
    }
  }

  /**
   * Serves until it is interrupted.
   *
   * @param args {@code --help} tells them
   */
  public static void main(String[] args) {
    int code =
        new CommandLine(new Main())
            .setExecutionExceptionHandler(
                (e, command, parsed) -> {
                  LOG.error(e.getMessage(), e instanceof IllegalArgumentException ? null : e);
                  return CommandLine.ExitCode.SOFTWARE;
                })
            .execute(args);
    System.exit(code);
  }
}
