package service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParameterException;

/** What is too much is refused, and all else goes on. */
@Timeout(60)
class LimitsTest {
  private static final byte[] HALF =
      ("POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              + "Content-Length: 1000\r\n\r\n{\"inst")
          .getBytes(StandardCharsets.US_ASCII);

  private static final String STEP = "{\"step\":[1,2,3]}";

  @TempDir static Path folder;

  private static Path model;
  private static Service service;
  private static Client client;

  @BeforeAll
  static void start() throws IOException {
    model = Toys.scores(folder.resolve("1"), 1);
    service =
        start(
            "--max-sequences=3",
            "--max-length=5",
            "--max-steps=10",
            "--max-body=2000",
            "--max-streams=2",
            "--stream-idle=1",
            "--max-message=100",
            "--timeout=1");
    client = new Client(service);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Service start(String... limits) throws IOException {
    List<String> args = new ArrayList<>(List.of(limits));
    args.add("--port=0");
    args.add(model.toString());
    return Service.start(Settings.of(args.toArray(String[]::new)));
  }

  private static void refused(Client.Answer answer, int status, String sentence) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.error()).startsWith(sentence);
  }

  @AfterEach
  void allElseGoesOn() {
    assertThat(client.get("/health").status()).isEqualTo(200);
    assertThat(client.predict(Toys.sequence(2, 1)).status()).isEqualTo(200);
  }

  @Test
  void tooMuchInACall() {
    float[][] one = Toys.sequence(1, 1);
    float[][] five = Toys.sequence(5, 1);
    assertThat(client.predict(five, one).status()).isEqualTo(200);
    refused(client.predict(one, one, one, one), 413, "a call must have at most 3 instances");
    refused(client.predict(Toys.sequence(6, 1)), 413, "a sequence must have at most 5 steps");
    refused(
        client.predict(one, five, one),
        413,
        "the number of instances times the steps of the longest must be at most 10");
    refused(
        client.post("/v1/predict", " ".repeat(3000)), 413, "the body must have at most 2000 bytes");
    refused(client.post("/v1/events", Toys.instances(Toys.sequence(6, 1))), 413, "a sequence");
  }

  @Test
  void tooManyStreams() throws Exception {
    try (Client.Socket first = client.socket();
        Client.Socket second = client.socket()) {
      first.ask(STEP);
      second.ask(STEP);
      assertThat(client.refusedSocket(Client.HTTP.newWebSocketBuilder())).isEqualTo(429);
    }
    awaitNoStreams();
    try (Client.Socket third = client.socket()) {
      assertThat(third.ask(STEP).has("prediction")).isTrue();
    }
    awaitNoStreams();
  }

  private static void awaitNoStreams() throws InterruptedException {
    while (client.get("/health").body().get("open_streams").asInt() > 0) {
      Thread.sleep(5);
    }
  }

  @Test
  void streamsThatSayNothingOrTooMuchAreClosed() throws Exception {
    try (Client.Socket silent = client.socket();
        Client.Socket loud = client.socket()) {
      loud.send("x".repeat(200));
      assertThat(loud.next()).startsWith("closed 1009 ");
      assertThat(silent.next()).startsWith("closed 1001 ");
    }
    awaitNoStreams();
  }

  @Test
  void messagesThatWaitForTheirAnswersAreBounded() {
    List<Runnable> held = new ArrayList<>();
    List<String> sent = new ArrayList<>();
    Session session =
        (Session)
            Proxy.newProxyInstance(
                Session.class.getClassLoader(),
                new Class<?>[] {Session.class},
                (proxy, method, args) -> sent.add(method.getName() + " " + args[0]));
    Settings settings = Settings.of("--max-pending=2");
    try (Metrics metrics = new Metrics();
        ServedModel loaded = ServedModel.load(model, settings)) {
      StreamSocket socket = new StreamSocket(session, loaded, settings, metrics, held::add);
      socket.receive(STEP);
      socket.receive(STEP);
      assertThat(sent).isEmpty();
      socket.receive(STEP);
      assertThat(sent).containsExactly("close 1008");
      socket.receive(STEP);
      assertThat(sent).hasSize(1);
      socket.closed();
    }
  }

  @Test
  void moreCallsThanMayWait() throws IOException {
    try (Service small =
        start("--batch=1", "--queue=1", "--max-length=50000", "--max-steps=50000")) {
      Client asking = new Client(small);
      String body = Toys.instances(Toys.sequence(10_000, 1));
      List<CompletableFuture<Client.Answer>> calls = new ArrayList<>();
      for (int call = 0; call < Settings.CORES + 4; call++) {
        calls.add(
            CompletableFuture.supplyAsync(
                () -> asking.post("/v1/predict", body), task -> new Thread(task).start()));
      }
      List<Client.Answer> answers = calls.stream().map(CompletableFuture::join).toList();
      assertThat(answers).anyMatch(answer -> answer.status() == 200);
      Client.Answer refused =
          answers.stream().filter(answer -> answer.status() != 200).findFirst().orElseThrow();
      refused(refused, 429, "at most 1 calls may wait, and they do; try again later");
      assertThat(refused.response().headers().firstValue("retry-after")).contains("1");
    }
  }

  /** A client that goes away, or sends some of what it announced and then no more. */
  @Test
  void halfARequestHarmsNobody() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", service.address().getPort())) {
      socket.getOutputStream().write(HALF);
    }
    try (Socket socket = new Socket("127.0.0.1", service.address().getPort())) {
      socket.getOutputStream().write(HALF);
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 408 ")
          .endsWith("{\"error\":\"" + Server.CUT_OFF + "\"}");
    }
  }

  @Test
  void aBodyThatComesDropByDropIsGivenUp() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", service.address().getPort())) {
      socket.getOutputStream().write(HALF);
      while (socket.getInputStream().available() == 0) {
        socket.getOutputStream().write(' ');
        Thread.sleep(10);
      }
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 408 ")
          .endsWith("{\"error\":\"the body must come within 1 s\"}");
    }
  }

  @Test
  void settingsThatCannotBeAreTold() {
    assertThatThrownBy(() -> Settings.of("--queue=0"))
        .isInstanceOf(ParameterException.class)
        .hasMessage("--queue must be at least 1, got 0");
    assertThatThrownBy(() -> Settings.of("--port=x")).isInstanceOf(ParameterException.class);
    assertThatThrownBy(
            () -> Service.start(Settings.of("--port=0", folder.resolve("no").toString())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("no has neither a SavedModel nor versions 1, 2, … of one");
  }
}
