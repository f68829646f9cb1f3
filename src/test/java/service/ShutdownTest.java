package service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShutdownTest {
  @TempDir Path folder;

  @Test
  void isNotReadyBeforeItsModelIsLoaded() throws Exception {
    Path model = Toys.scores(folder.resolve("1"), 1);
    try (Service service = new Service(Settings.of("--port=0", model.toString()))) {
      service.listen();
      Client client = new Client(service);
      assertThat(client.get("/health").status()).isEqualTo(503);
      assertThat(client.get("/health").body().get("status").asText()).isEqualTo("loading");
      assertThat(client.get("/health/live").status()).isEqualTo(200);
      assertThat(client.get("/").status()).isEqualTo(200);
      Client.Answer answer = client.predict(Toys.sequence(2, 1));
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.error()).isEqualTo("the model is being loaded");
      assertThat(answer.response().headers().firstValue("retry-after")).contains("1");
      assertThat(client.refusedSocket(Client.HTTP.newWebSocketBuilder())).isEqualTo(503);
      service.load();
      assertThat(client.get("/health").status()).isEqualTo(200);
      assertThat(client.predict(Toys.sequence(2, 1)).status()).isEqualTo(200);
    }
  }

  @Test
  void answersWhatIsUnderWayAndSaysGoodbye() throws Exception {
    Path model = Toys.scores(folder.resolve("1"), 1);
    Service service =
        Service.start(
            Settings.of("--port=0", "--max-length=50000", "--max-steps=50000", model.toString()));
    Client client = new Client(service);
    Client.Socket socket = client.socket();
    socket.step(new float[] {1, 2, 3});
    CompletableFuture<Client.Answer> slow =
        CompletableFuture.supplyAsync(
            () -> client.predict(Toys.sequence(20_000, 1)), task -> new Thread(task).start());
    while (!client.get("/metrics").text().contains("executor_active_threads{name=\"one\"} 1")) {
      Thread.sleep(1);
    }
    service.close();
    assertThat(slow.join().status()).isEqualTo(200);
    assertThat(socket.next()).isEqualTo("closed 1001 the service is shutting down");
    assertThatThrownBy(() -> client.get("/health")).isInstanceOf(UncheckedIOException.class);
    service.close();
  }
}
