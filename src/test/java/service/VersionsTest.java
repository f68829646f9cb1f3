package service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import kazoku.serve.Predictor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class VersionsTest {
  private static final float[][] SEQUENCE = Toys.sequence(5, 1);

  @TempDir Path folder;

  @Test
  void theNewestIsServedAndNoCallFailsMeanwhile() throws Exception {
    Path base = folder.resolve("base");
    Path first = Toys.scores(base.resolve("9"), 1);
    Path second = Toys.scores(folder.resolve("second"), 2);
    float[] ofFirst = scores(first);
    float[] ofSecond = scores(second);
    AtomicBoolean stop = new AtomicBoolean();
    Set<String> seen = ConcurrentHashMap.newKeySet();
    try (Service service =
        Service.start(Settings.of("--port=0", "--poll=0.05", "--batch=4", base.toString()))) {
      Client client = new Client(service);
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        callers.add(
            CompletableFuture.runAsync(
                () -> {
                  try (Client.Socket socket = client.socket()) {
                    while (!stop.get()) {
                      JsonNode body = client.predict(SEQUENCE).body();
                      String version = body.path("model_version").asText();
                      float[] expected = version.equals("9") ? ofFirst : ofSecond;
                      assertThat(body.path("predictions").path(0).path(0).floatValue())
                          .isCloseTo(expected[0], Offset.offset(1e-6f));
                      assertThat(socket.step(SEQUENCE[0]).has("prediction")).isTrue();
                      seen.add(version);
                    }
                  }
                },
                task -> new Thread(task).start()));
      }
      await(callers, seen, "9");
      Files.move(second, base.resolve("10"));
      await(callers, seen, "10");
      taken(client, 1); // streams too
      seen.clear();
      Toys.delete(base.resolve("10"));
      await(callers, seen, "9");
      taken(client, 2);
      stop.set(true);
      callers.forEach(CompletableFuture::join);
    }
  }

  @Test
  void oneThatDoesNotFitIsNotServedAndToldOnce() throws Exception {
    Toys.scores(folder.resolve("1"), 1);
    try (Service service =
        Service.start(Settings.of("--port=0", "--poll=0.02", folder.toString()))) {
      Client client = new Client(service);
      Toys.tokens(folder.resolve("2"));
      while (!client.get("/metrics").text().contains("service_versions_refused_total 1.0")) {
        Thread.sleep(5);
      }
      Files.createDirectories(folder.resolve("3"));
      Files.writeString(folder.resolve("3/saved_model.pb"), "half a model");
      while (!client.get("/metrics").text().contains("service_versions_refused_total 2.0")) {
        Thread.sleep(5);
      }
      Toys.several(folder.resolve("4"));
      while (!client.get("/metrics").text().contains("service_versions_refused_total 3.0")) {
        Thread.sleep(5);
      }
      assertThat(client.predict(SEQUENCE).body().get("model_version").asText()).isEqualTo("1");
      Thread.sleep(100);
      assertThat(client.get("/metrics").text()).contains("service_versions_refused_total 3.0");
    }
  }

  /** Waits until so many newer versions are served. */
  private static void taken(Client client, int versions) throws InterruptedException {
    while (!client.get("/metrics").text().contains("service_versions_taken_total " + versions)) {
      Thread.sleep(5);
    }
  }

  private static float[] scores(Path model) {
    try (Predictor predictor = Predictor.load(model)) {
      return predictor.predict(SEQUENCE);
    }
  }

  /** Waits for a version to answer, or for the failure of a caller. */
  private static void await(List<CompletableFuture<Void>> callers, Set<String> seen, String version)
      throws InterruptedException {
    while (!seen.contains(version)) {
      callers.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
      Thread.sleep(5);
    }
  }
}
