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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParameterException;

/** What is too much is refused, and all else goes on. */
@Timeout(60)
class LimitsTest {
  private static final String STEP = "{\"step\":[1,2,3]}";

  @TempDir static Path folder;

  private static Path model;

  @BeforeAll
  static void export() {
    model = Toys.scores(folder.resolve("1"), 1);
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

  @Test
  void tooMuchInACall() throws IOException {
    try (Service service =
        start("--max-sequences=3", "--max-length=5", "--max-steps=10", "--max-body=2000")) {
      Client client = new Client(service);
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
          client.post("/v1/predict", " ".repeat(3000)),
          413,
          "the body must have at most 2000 bytes");
      refused(client.post("/v1/events", Toys.instances(Toys.sequence(6, 1))), 413, "a sequence");
      assertThat(client.get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void tooManyStreams() throws Exception {
    try (Service service = start("--max-streams=2")) {
      Client client = new Client(service);
      try (Client.Socket first = client.socket();
          Client.Socket second = client.socket()) {
        first.ask(STEP);
        second.ask(STEP);
        assertThat(client.refusedSocket(Client.HTTP.newWebSocketBuilder())).isEqualTo(429);
      }
      while (client.get("/health").body().get("open_streams").asInt() > 0) {
        Thread.sleep(5);
      }
      try (Client.Socket third = client.socket()) {
        assertThat(third.ask(STEP).has("prediction")).isTrue();
      }
    }
  }

  @Test
  void streamsThatSayNothingOrTooMuchAreClosed() throws IOException {
    try (Service service = start("--stream-idle=1", "--max-message=100")) {
      Client client = new Client(service);
      try (Client.Socket silent = client.socket();
          Client.Socket loud = client.socket()) {
        loud.send("x".repeat(200));
        assertThat(loud.next()).startsWith("closed 1009 ");
        assertThat(silent.next()).startsWith("closed 1001 ");
      }
    }
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
  void callsThatWaitAndCallsThatTakeLong() throws IOException {
    try (Service service =
        start(
            "--batch=1",
            "--queue=1",
            "--timeout=0.15",
            "--max-length=50000",
            "--max-steps=50000")) {
      Client client = new Client(service);
      String slow = Toys.instances(Toys.sequence(20_000, 1));
      List<CompletableFuture<Client.Answer>> calls = new ArrayList<>();
      for (int call = 0; call < Settings.CORES + 3; call++) {
        calls.add(
            CompletableFuture.supplyAsync(
                () -> client.post("/v1/predict", slow), task -> new Thread(task).start()));
      }
      List<Client.Answer> answers = calls.stream().map(CompletableFuture::join).toList();
      assertThat(answers)
          .anySatisfy(
              answer -> refused(answer, 503, "there was no answer within 0.15 s; try again later"))
          .anySatisfy(
              answer -> refused(answer, 429, "at most 1 calls may wait, and they do; try again"))
          .allSatisfy(
              answer ->
                  assertThat(answer.response().headers().firstValue("retry-after")).contains("1"));
      assertThat(client.get("/health").status()).isEqualTo(200);
    }
  }

  /** A client that sends some of what it announced and then nothing, or goes away. */
  @Test
  void halfARequestHarmsNobody() throws Exception {
    try (Service service = start()) {
      Client client = new Client(service);
      for (int i = 0; i < 3; i++) {
        try (Socket socket = new Socket("127.0.0.1", service.address().getPort())) {
          socket
              .getOutputStream()
              .write(
                  ("POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          + "Content-Length: 1000\r\n\r\n{\"inst")
                      .getBytes(StandardCharsets.US_ASCII));
        }
      }
      assertThat(client.predict(Toys.sequence(2, 1)).status()).isEqualTo(200);
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
