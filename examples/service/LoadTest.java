package service;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * How many calls and steps a second the service answers, and how fast: client and service are on
 * this machine, utterances have 7 to 29 steps, and calls that share runs are measured in turns with
 * calls that do not.
 */
@Command(
    name = "service.LoadTest",
    description = "Measures the service on this machine.",
    mixinStandardHelpOptions = true)
public final class LoadTest implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "Versions of the model of speakers; by default it is trained.")
  private Path folder;

  @Option(names = "--callers", description = "1 to 256 (${DEFAULT-VALUE}).")
  private int callers = 32;

  @Option(names = "--streams", description = "1 to 2000 (${DEFAULT-VALUE}).")
  private int streams = 500;

  @Option(names = "--seconds", description = "Of a measurement, at most 60 (${DEFAULT-VALUE}).")
  private double seconds = 4;

  @Option(names = "--rounds", description = "1 to 20 (${DEFAULT-VALUE}).")
  private int rounds = 3;

  @Option(names = "--batch", description = "Calls that may share a run (${DEFAULT-VALUE}).")
  private int batch = 32;

  @Spec private CommandSpec command;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Measures.
   *
   * @param args {@code --help} tells them
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LoadTest()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    atMost("--callers", 256, callers);
    atMost("--streams", 2000, streams);
    atMost("--seconds", 60, seconds);
    atMost("--rounds", 20, rounds);
    float[][][] utterances = SpeakerModel.Utterances.test().inputs();
    try (Service alone = start(1);
        Service sharing = start(batch)) {
      List<String> bodies = Arrays.stream(utterances).map(LoadTest::body).toList();
      double warmUp = Math.min(2, seconds);
      calls(alone, bodies, warmUp);
      calls(sharing, bodies, warmUp);
      Seen one = new Seen();
      Seen many = new Seen();
      for (int round = 0; round < rounds; round++) {
        one.add(calls(alone, bodies, seconds));
        many.add(calls(sharing, bodies, seconds));
      }
      steps(sharing, utterances, warmUp);
      Seen steps = steps(sharing, utterances, seconds);
      print(one, many, steps);
    }
    return CommandLine.ExitCode.OK;
  }

  private void atMost(String option, double most, double value) {
    if (!(value > 0 && value <= most)) {
      throw new ParameterException(
          command.commandLine(), "%s must be more than 0 and at most %.0f".formatted(option, most));
    }
  }

  private Service start(int rows) throws Exception {
    List<String> args = new ArrayList<>(List.of("--port=0", "--batch=" + rows));
    if (folder != null) {
      args.add(folder.toString());
    }
    return Service.start(Settings.of(args.toArray(String[]::new)));
  }

  private static String body(float[][] utterance) {
    return Json.object(
        json -> {
          json.writeArrayFieldStart("instances");
          json.writeRawValue(Arrays.deepToString(utterance));
          json.writeEndArray();
        });
  }

  private void print(Seen one, Seen many, Seen steps) {
    System.out.printf(
        "%n%-32s%10s%10s%10s%10s%10s%9s%n",
        "", "a second", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors");
    System.out.println(one.line(callers + " callers, each a run"));
    System.out.println(many.line(callers + " callers, up to " + batch + " a run"));
    System.out.println(steps.line(streams + " streams, steps"));
    System.out.printf(
        "%nruns that are shared: %.2f times as many calls%n", many.rate() / one.rate());
  }

  /** What callers have seen: how long each answer took, and how many calls failed. */
  private static final class Seen {
    private final List<Long> nanos = new ArrayList<>();
    private double seconds;
    private int errors;

    synchronized void answer(long since) {
      nanos.add(System.nanoTime() - since);
    }

    synchronized void error() {
      errors++;
    }

    Seen lasted(long since) {
      seconds = (System.nanoTime() - since) / 1e9;
      return this;
    }

    void add(Seen more) {
      nanos.addAll(more.nanos);
      seconds += more.seconds;
      errors += more.errors;
    }

    double rate() {
      return nanos.size() / seconds;
    }

    String line(String name) {
      List<Long> sorted = nanos.stream().sorted().toList();
      StringBuilder line = new StringBuilder("%-32s%10.0f".formatted(name, rate()));
      for (double part : new double[] {0.5, 0.95, 0.99, 1}) {
        int at = Math.max(0, (int) Math.ceil(part * sorted.size()) - 1);
        line.append("%10.1f".formatted(sorted.isEmpty() ? Double.NaN : sorted.get(at) / 1e6));
      }
      return line.append("%9d".formatted(errors)).toString();
    }
  }

  /** Callers each of whom asks again as soon as it is answered. */
  private Seen calls(Service service, List<String> bodies, double seconds) {
    URI address = service.address().resolve("/v1/predict");
    Seen seen = new Seen();
    long start = System.nanoTime();
    List<CompletableFuture<Void>> all =
        IntStream.range(0, callers)
            .mapToObj(
                caller ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = caller; System.nanoTime() - start < seconds * 1e9; i++) {
                            call(address, bodies.get(7 * i % bodies.size()), seen);
                          }
                        },
                        task -> new Thread(task, "caller").start()))
            .toList();
    all.forEach(CompletableFuture::join);
    return seen.lasted(start);
  }

  private void call(URI address, String body, Seen seen) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    long since = System.nanoTime();
    try {
      var response = client.send(request, HttpResponse.BodyHandlers.discarding());
      if (response.statusCode() == 200) {
        seen.answer(since);
      } else {
        seen.error();
      }
    } catch (Exception e) {
      seen.error();
    }
  }

  /** Streams each of which sends its next step as soon as the last one is answered. */
  private Seen steps(Service service, float[][][] utterances, double seconds) {
    URI address = URI.create("ws:" + service.address().getSchemeSpecificPart() + "/v1/stream");
    Seen seen = new Seen();
    List<Speaking> all =
        IntStream.range(0, streams)
            .mapToObj(i -> new Speaking(utterances[i % utterances.length], seen))
            .toList();
    all.forEach(one -> client.newWebSocketBuilder().buildAsync(address, one).join());
    long start = System.nanoTime();
    all.forEach(one -> one.begin(start + (long) (seconds * 1e9)));
    all.forEach(one -> one.ended.join());
    return seen.lasted(start);
  }

  /** One stream that says an utterance over and over again. */
  private static final class Speaking implements WebSocket.Listener {
    private final float[][] utterance;
    private final Seen seen;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private WebSocket socket;
    private long end;
    private long since;
    private int steps;

    Speaking(float[][] utterance, Seen seen) {
      this.utterance = utterance;
      this.seen = seen;
    }

    @Override
    public void onOpen(WebSocket opened) {
      socket = opened;
      opened.request(1);
    }

    void begin(long deadline) {
      end = deadline;
      say();
    }

    private void say() {
      float[] step = utterance[steps++ % utterance.length];
      since = System.nanoTime();
      socket.sendText("{\"step\":" + Arrays.toString(step) + "}", true);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      from.request(1);
      if (!last) {
        return null;
      }
      if (!text.toString().contains("error")) {
        seen.answer(since);
      } else {
        seen.error();
      }
      if (System.nanoTime() < end) {
        say();
      } else {
        ended.complete(null);
        from.sendClose(WebSocket.NORMAL_CLOSURE, "");
      }
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      finish();
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      finish();
    }

    /** Whoever closes first, the service should not. */
    private void finish() {
      if (ended.complete(null)) {
        seen.error();
      }
    }
  }
}
