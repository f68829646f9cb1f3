package service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.serve.Predictor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every address of the service, asked as it should be and as it should not. */
@Timeout(60)
class ServiceTest {
  private static final Offset<Float> NEAR = Offset.offset(1e-6f);
  private static final float[][][] SEQUENCES = {
    Toys.sequence(4, 1), Toys.sequence(9, 2), Toys.sequence(1, 3)
  };

  @TempDir static Path folder;

  private static Service service;
  private static Client client;

  /** What the model says of each sequence, and of the first one step by step. */
  private static float[][] expected;

  private static float[][] soFar;

  @BeforeAll
  static void start() throws Exception {
    Path model = Toys.scores(folder.resolve("7"), 1);
    service = Service.start(Settings.of("--port=0", "--name=toy", folder.toString()));
    client = new Client(service);
    try (Predictor predictor = Predictor.load(model)) {
      expected = predictor.predict(SEQUENCES);
      soFar =
          IntStream.rangeClosed(1, SEQUENCES[0].length)
              .mapToObj(t -> predictor.predict(Arrays.copyOf(SEQUENCES[0], t)))
              .toArray(float[][]::new);
    }
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static void near(JsonNode actual, float[] expected) {
    assertThat(floats(actual)).containsExactly(expected, NEAR);
  }

  private static float[] floats(JsonNode numbers) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.get(i).floatValue();
    }
    return floats;
  }

  private static String label(float[] scores) {
    return Toys.LABELS.get(scores[0] > scores[1] ? 0 : 1);
  }

  // Whole sequences

  @Test
  void sequencesOfDifferentLengthsAreAnsweredInOneCall() {
    for (String path : List.of("/v1/predict", "/v1/models/toy:predict")) {
      Client.Answer answer = client.post(path, Toys.instances(SEQUENCES));
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(answer.response().headers().firstValue("content-type"))
          .contains("application/json");
      assertThat(answer.body().get("predictions")).hasSize(3);
      for (int row = 0; row < SEQUENCES.length; row++) {
        near(answer.body().get("predictions").get(row), expected[row]);
        assertThat(answer.body().get("classes").get(row).asText()).isEqualTo(label(expected[row]));
      }
      assertThat(answer.body().get("model_version").asText()).isEqualTo("7");
    }
  }

  @Test
  void concurrentCallsAreEachAnsweredWithTheirOwn() {
    List<CompletableFuture<Void>> calls = new ArrayList<>();
    for (int caller = 0; caller < 8; caller++) {
      int row = caller % SEQUENCES.length;
      calls.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 20; i++) {
                  JsonNode body = client.predict(SEQUENCES[row]).body();
                  near(body.get("predictions").get(0), expected[row]);
                }
              },
              task -> new Thread(task).start()));
    }
    calls.forEach(CompletableFuture::join);
  }

  @Test
  void tokensAndSeveralInputsAreTaken(@TempDir Path models) throws Exception {
    try (Service tokens =
        Service.start(Settings.of("--port=0", Toys.tokens(models.resolve("tokens")).toString()))) {
      Client asked = new Client(tokens);
      JsonNode body = asked.post("/v1/predict", "{\"instances\":[[1,2,3],[4]]}").body();
      assertThat(body.get("predictions").get(0)).hasSize(3);
      assertThat(body.get("predictions").get(1)).hasSize(1);
      assertThat(body.get("classes").get(0)).hasSize(3);
      refused(asked.post("/v1/predict", "{\"instances\":[[1,99]]}"), 400, "");
      refused(
          asked.post("/v1/predict", "{\"instances\":[[1,2.5]]}"),
          400,
          "/instances/0/1 must be a token, a whole number from 0, got 2.5");
      try (Client.Socket socket = asked.socket()) {
        JsonNode step = socket.ask("{\"step\":1}");
        near(step.get("prediction"), floats(body.get("predictions").get(0).get(0)));
      }
    }
    try (Service several =
        Service.start(
            Settings.of("--port=0", Toys.several(models.resolve("several")).toString()))) {
      Client asked = new Client(several);
      String instance = "{\"input\":[[1,2,3],[4,5,6]],\"time\":[[1],[2]]}";
      JsonNode body = asked.post("/v1/predict", "{\"instances\":[" + instance + "]}").body();
      assertThat(body.get("predictions").get(0).get("output")).hasSize(2);
      assertThat(body.get("predictions").get(0).get("all")).hasSize(2);
      assertThat(body.has("classes")).isFalse();
      refused(
          asked.post("/v1/predict", "{\"instances\":[{\"input\":[[1,2,3]]}]}"),
          400,
          "/instances/0 must have all of [input, time]");
      refused(
          asked.post("/v1/predict", "{\"instances\":[{\"when\":[[1,2,3]]}]}"),
          400,
          "/instances/0/when is no input; the inputs are [input, time]");
      try (Client.Socket socket = asked.socket()) {
        JsonNode step = socket.ask("{\"step\":{\"input\":[1,2,3],\"time\":[1]}}");
        assertThat(step.get("prediction").get("all")).hasSize(2);
      }
    }
  }

  static Stream<Arguments> badBodies() {
    return Stream.of(
        Arguments.of("", "there must be JSON, and there is nothing"),
        Arguments.of("[1]", "the JSON must be an object, got ["),
        Arguments.of("{\"instances\":", "this is no JSON, at line 1, column 14: Unexpected end"),
        Arguments.of("{\"instances\":[]}", "there must be at least one instance"),
        Arguments.of("{\"instances\":[[]]}", "/instances/0 must have at least one step"),
        Arguments.of("{\"instances\":{}}", "/instances must be an array, got {"),
        Arguments.of("{\"instances\":[[[1,2]]]}", "/instances/0/0 must have 3 numbers, got 2"),
        Arguments.of(
            "{\"instances\":[[[1,2,3,4]]]}",
            "/instances/0/0/3 is too much: there must be 3 numbers"),
        Arguments.of(
            "{\"instances\":[[[1,NaN,3]]]}",
            "/instances/0/0/1 must be a finite number of float32, got NaN"),
        Arguments.of(
            "{\"instances\":[[[1,-Infinity,3]]]}",
            "/instances/0/0/1 must be a finite number of float32, got -Infinity"),
        Arguments.of(
            "{\"instances\":[[[1,1e39,3]]]}",
            "/instances/0/0/1 must be a finite number of float32, got 1e39"),
        Arguments.of(
            "{\"instances\":[[[1,\"2\",3]]]}",
            "/instances/0/0/1 must be a finite number of float32, got 2"),
        Arguments.of("{\"instances\":[[[1,2,null]]]}", "/instances/0/0/2 must be a finite"),
        Arguments.of("{\"inputs\":[[[1,2,3]]]}", "give rows (\"instances\"), not columns"),
        Arguments.of("{\"rows\":[]}", "/rows is nothing that is known; give \"instances\""),
        Arguments.of("{}", "the body must have \"instances\""),
        Arguments.of("{\"instances\":[[[1,2,3]]]} 1", "after the JSON there must be nothing"),
        Arguments.of("{\"instances\":[[[1,2,3]]],\"instances\":[]}", "this is no JSON, at line 1"),
        Arguments.of(
            "{\"signature_name\":\"step\",\"instances\":[[[1,2,3]]]}",
            "\"signature_name\" must be serving_default"),
        Arguments.of("{\"instances\":" + "[".repeat(5000), "/instances/0/0/0 must be a finite"));
  }

  @ParameterizedTest
  @MethodSource("badBodies")
  void badInputIsToldInASentence(String body, String sentence) {
    refused(client.post("/v1/predict", body), 400, sentence);
  }

  private static void refused(Client.Answer answer, int status, String sentence) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.response().headers().firstValue("content-type")).contains("application/json");
    assertThat(answer.body()).hasSize(1);
    assertThat(answer.error()).startsWith(sentence).doesNotContain("\n", "java.", "\tat ");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/predict, 405, the method must be one of POST",
    "DELETE, /, 405, the method must be one of GET",
    "POST, /health, 405, the method must be one of GET",
    "GET, /nothing, 404, there is nothing at /nothing",
    "POST, /v1/models/other:predict, 404, there is nothing at /v1/models/other:predict",
    "GET, /v1/stream, 426, open a WebSocket here",
    "GET, /%2e%2e/x, 400, Bad Request"
  })
  void wrongAddressesAndMethodsAreTold(String method, String path, int status, String sentence) {
    refused(client.send(method, path, HttpRequest.BodyPublishers.noBody()), status, sentence);
  }

  @Test
  void whatIsNoJsonIsToldAndHowToAskInstead() {
    HttpRequest.BodyPublisher body =
        HttpRequest.BodyPublishers.ofString(Toys.instances(SEQUENCES[0]));
    refused(
        client.send(client.request("/v1/predict").header("Content-Type", "text/plain").POST(body)),
        415,
        "the content type must be application/json");
    assertThat(client.get("/v1/predict").response().headers().firstValue("allow")).contains("POST");
    refused(
        client.send(client.request("/health").header("X-Long", "x".repeat(20_000)).GET()),
        431,
        "Request Header Fields Too Large");
  }

  // Streams

  @Test
  void aStreamGivesWhatTheModelGivesForAllStepsSoFar() {
    try (Client.Socket socket = client.socket()) {
      for (int t = 0; t < soFar.length; t++) {
        JsonNode answer = socket.step(SEQUENCES[0][t]);
        near(answer.get("prediction"), soFar[t]);
        assertThat(answer.get("step").asInt()).isEqualTo(t + 1);
        assertThat(answer.get("class").asText()).isEqualTo(label(soFar[t]));
        assertThat(answer.get("model_version").asText()).isEqualTo("7");
      }
    }
  }

  @Test
  void messagesAreAnsweredInTheirOrderAndErrorsChangeNothing() {
    try (Client.Socket socket = client.socket()) {
      for (String bad :
          List.of(
              "nonsense",
              "{\"step\":[1,2]}",
              "{\"step\":[1,2,NaN]}",
              "{\"step\":1}",
              "{}",
              "[]",
              "{\"step\":[1,2,3],\"save\":true}",
              "{\"restore\":\"AAAA\"}",
              "{\"restore\":\"%\"}",
              "{\"restore\":1}")) {
        JsonNode answer = socket.ask(bad);
        assertThat(answer).as(bad).hasSize(1);
        assertThat(answer.get("error").asText()).isNotEmpty().doesNotContain("\n", "java.");
      }
      for (float[] step : SEQUENCES[0]) {
        socket.send("{\"step\":" + Toys.json(step) + "}");
      }
      for (float[] expected : soFar) {
        near(Client.json(socket.next()).get("prediction"), expected);
      }
    }
  }

  @Test
  void aStreamGoesOnWhereItWasSaved() {
    String saved;
    try (Client.Socket socket = client.socket()) {
      socket.step(SEQUENCES[0][0]);
      socket.step(SEQUENCES[0][1]);
      saved = socket.ask("{\"save\":true}").get("saved").asText();
    }
    try (Client.Socket socket = client.socket()) {
      socket.step(SEQUENCES[1][0]);
      assertThat(socket.ask("{\"restore\":\"" + saved + "\"}").get("restored").asBoolean())
          .isTrue();
      JsonNode answer = socket.step(SEQUENCES[0][2]);
      near(answer.get("prediction"), soFar[2]);
      assertThat(answer.get("step").asInt()).isEqualTo(1);
    }
  }

  @Test
  void manyStreamsGoOnSideBySide() throws Exception {
    List<Client.Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      sockets.add(client.socket());
    }
    while (client.get("/health").body().get("open_streams").asInt() < 50) {
      Thread.sleep(5);
    }
    for (int t = 0; t < soFar.length; t++) {
      String step = "{\"step\":" + Toys.json(SEQUENCES[0][t]) + "}";
      sockets.forEach(socket -> socket.send(step));
      for (Client.Socket socket : sockets) {
        near(Client.json(socket.next()).get("prediction"), soFar[t]);
      }
    }
    sockets.forEach(Client.Socket::close);
    while (client.get("/health").body().get("open_streams").asInt() > 0) {
      Thread.sleep(5);
    }
  }

  @Test
  void binaryMessagesAndPagesOfOthersAreRefused() {
    try (Client.Socket socket = client.socket()) {
      socket.raw().sendBinary(ByteBuffer.allocate(3), true).join();
      assertThat(socket.next()).isEqualTo("closed 1003 messages must be text");
    }
    WebSocket.Builder elsewhere = Client.HTTP.newWebSocketBuilder();
    assertThat(client.refusedSocket(elsewhere.header("Origin", "http://elsewhere"))).isEqualTo(403);
  }

  @Test
  void eventsTellOneSequenceStepByStep() {
    Client.Answer answer = client.post("/v1/events", Toys.instances(SEQUENCES[0]));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.response().headers().firstValue("content-type").orElseThrow())
        .startsWith("text/event-stream");
    String[] events = answer.text().split("\n\n");
    assertThat(events).hasSize(soFar.length);
    for (int t = 0; t < events.length; t++) {
      assertThat(events[t]).startsWith("event: step\ndata: ");
      near(Client.json(events[t].split("data: ")[1]).get("prediction"), soFar[t]);
    }
    refused(
        client.post("/v1/events", Toys.instances(SEQUENCES)),
        400,
        "there must be one instance, got 3");
    refused(client.post("/v1/events", "{\"instances\":[[[1]]]}"), 400, "/instances/0/0 must have");
  }

  // What the service says of itself

  @Test
  void saysHowItIsAndWhatItServes() {
    assertThat(client.get("/health").body().get("status").asText()).isEqualTo("ready");
    assertThat(client.get("/health").body().get("model_version").asText()).isEqualTo("7");
    assertThat(client.get("/health/live").status()).isEqualTo(200);
    assertThat(client.send("HEAD", "/health", HttpRequest.BodyPublishers.noBody()).status())
        .isEqualTo(200);
    JsonNode model = client.get("/v1/model").body();
    assertThat(model.get("name").asText()).isEqualTo("toy");
    assertThat(model.get("inputs").toString())
        .isEqualTo("{\"input\":{\"kind\":\"vectors\",\"shape\":[-1,-1,3]}}");
    assertThat(model.get("outputs").toString())
        .isEqualTo("{\"output\":{\"kind\":\"rows\",\"shape\":[-1,2]}}");
    assertThat(model.get("labels").toString()).isEqualTo("[\"down\",\"up\"]");
    assertThat(model.get("streams").asBoolean()).isTrue();
    assertThat(client.get("/v1/models/toy").body().toString())
        .isEqualTo(
            "{\"model_version_status\":[{\"version\":\"7\",\"state\":\"AVAILABLE\","
                + "\"status\":{\"error_code\":\"OK\",\"error_message\":\"\"}}]}");
    assertThat(client.get("/v1/examples").text()).isEqualTo("{\"examples\":[]}");
  }

  @Test
  void countsAndTimesForPrometheus() {
    client.predict(SEQUENCES);
    client.post("/v1/predict", "nonsense");
    client.get("/nothing-" + System.nanoTime());
    try (Client.Socket socket = client.socket()) {
      socket.step(SEQUENCES[0][0]);
      Client.Answer answer = client.get("/metrics");
      assertThat(answer.response().headers().firstValue("content-type").orElseThrow())
          .startsWith("text/plain");
      assertThat(answer.text().lines())
          .anyMatch(
              line ->
                  line.matches(
                      "http_server_requests_seconds_count\\{method=\"POST\","
                          + "route=\"/v1/predict\",status=\"200\"} [1-9].*"))
          .anyMatch(
              line ->
                  line.matches(
                      "http_server_requests_seconds_bucket\\{method=\"POST\","
                          + "route=\"/v1/predict\",status=\"400\",le=\"\\+Inf\"} [1-9].*"))
          .anyMatch(line -> line.contains("route=\"none\",status=\"404\""))
          .anyMatch(line -> line.matches("service_streams_open [1-9].*"))
          .anyMatch(line -> line.matches("service_stream_step_seconds_count [1-9].*"))
          .anyMatch(line -> line.matches("service_sequences_total [3-9].*|.*_total [1-9]\\d.*"))
          .anyMatch(line -> line.startsWith("jvm_memory_used_bytes"))
          .noneMatch(line -> line.contains("nothing-"));
    }
  }

  @Test
  void thePageNeedsNothingFromElsewhere() {
    Client.Answer page = client.get("/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.response().headers().firstValue("content-security-policy").orElseThrow())
        .startsWith("default-src 'self'");
    assertThat(page.text())
        .contains("/style.css", "/script.js")
        .doesNotContain("http://", "https://");
    assertThat(client.get("/style.css").text()).doesNotContain("http:", "https:", "@import");
    assertThat(client.get("/script.js").status()).isEqualTo(200);
  }
}
