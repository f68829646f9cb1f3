package service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.TooManyRequestsResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallsTest {
  private static final Duration LONG = Duration.ofSeconds(50);

  @Test
  void givesWhatTheCallGivesAndRaisesWhatItRaises() throws Exception {
    try (Calls calls = new Calls("test", 1, 1, LONG, new Metrics())) {
      assertThat(calls.ask(() -> 7)).isEqualTo(7);
      assertThatThrownBy(
              () ->
                  calls.ask(
                      () -> {
                        throw new IllegalArgumentException("no");
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no");
    }
  }

  @Test
  void oneMoreThanMayWaitIsRefusedAndTheOthersAreAnswered() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    try (Calls calls = new Calls("test", 1, 1, LONG, new Metrics())) {
      CompletableFuture<Boolean> first = held(calls, hold);
      CompletableFuture<Boolean> second = held(calls, hold);
      while (calls.waiting() == 0) {
        Thread.sleep(1);
      }
      assertThatThrownBy(() -> calls.ask(() -> true))
          .isInstanceOf(TooManyRequestsResponse.class)
          .hasMessage("at most 1 calls may wait, and they do; try again later");
      hold.countDown();
      assertThat(first.join()).isTrue();
      assertThat(second.join()).isTrue();
    }
  }

  private static CompletableFuture<Boolean> held(Calls calls, CountDownLatch hold) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return calls.ask(
                () -> {
                  hold.await();
                  return true;
                });
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        task -> new Thread(task).start());
  }

  @Test
  void whoeverWaitsTooLongIsToldAndItsCallIsInterrupted() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Calls calls = new Calls("test", 1, 1, Duration.ofMillis(50), new Metrics())) {
      assertThatThrownBy(() -> calls.ask(() -> forEver(interrupted)))
          .isInstanceOf(ServiceUnavailableResponse.class)
          .hasMessage("there was no answer within 0.05 s; try again later");
      interrupted.await();
    }
  }

  private static boolean forEver(CountDownLatch interrupted) throws InterruptedException {
    try {
      new CountDownLatch(1).await();
      return true;
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
  }

  @Test
  void aClosedOneRefuses() {
    Calls calls = new Calls("test", 1, 1, LONG, new Metrics());
    calls.close();
    assertThatThrownBy(() -> calls.ask(() -> true))
        .isInstanceOf(ServiceUnavailableResponse.class)
        .hasMessage("the service is shutting down");
  }
}
