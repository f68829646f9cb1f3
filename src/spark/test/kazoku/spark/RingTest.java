package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RingTest {
  private static final String HOST = "127.0.0.1";
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** What a worker of a test does. */
  private interface Work<T> {
    T with(Ring ring) throws Exception;
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private <T> List<Future<T>> run(int count, Work<T> work) {
    String[] told = new String[count];
    CyclicBarrier all = new CyclicBarrier(count);
    List<Future<T>> results = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int rank = k;
      results.add(
          threads.submit(
              () -> {
                try (Ring ring =
                    Ring.join(
                        rank,
                        count,
                        HOST,
                        mine -> exchange(told, all, rank, mine),
                        Thread.currentThread()::isInterrupted)) {
                  return work.with(ring);
                }
              }));
    }
    return results;
  }

  private static String[] exchange(String[] told, CyclicBarrier all, int rank, String mine) {
    told[rank] = mine;
    try {
      all.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return told;
  }

  /** More than fits in the buffers of a connection, and another size in each worker. */
  private static byte[] message(int rank, int round) {
    byte[] bytes = new byte[round == 0 ? 0 : 3_000_000 + rank];
    new Random(10L * rank + round).nextBytes(bytes);
    return bytes;
  }

  @Test
  void everyWorkerGetsWhatAllHaveGivenByRank() throws Exception {
    for (int count : new int[] {1, 2, 5}) {
      List<Future<List<byte[]>>> results =
          run(
              count,
              ring -> {
                List<byte[]> all = new ArrayList<>();
                for (int round = 0; round < 3; round++) {
                  all.addAll(ring.gather(message(ring.rank(), round)));
                }
                return all;
              });
      for (Future<List<byte[]>> result : results) {
        List<byte[]> all = result.get();
        for (int k = 0; k < all.size(); k++) {
          assertThat(Arrays.equals(all.get(k), message(k % count, k / count))).isTrue();
        }
      }
    }
  }

  @Test
  void allHearWhyOneHasFailed() {
    List<Future<Object>> results =
        run(
            4,
            ring -> {
              ring.gather(new byte[] {1});
              if (ring.rank() == 2) {
                ring.fail("the loss is NaN");
                return null;
              }
              try {
                return ring.gather(new byte[1_000_000]);
              } finally {
                assertThat(ring.failedElsewhere()).isTrue();
                assertThat(ring.lost()).isFalse();
              }
            });
    for (int rank : new int[] {0, 1, 3}) {
      assertThatThrownBy(() -> results.get(rank).get())
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("SparkTraining: worker 2 has failed: the loss is NaN");
    }
  }

  @Test
  void aWorkerThatIsGoneIsNotWaitedFor() {
    List<Future<Object>> results =
        run(
            3,
            ring -> {
              ring.gather(new byte[] {1});
              if (ring.rank() == 1) {
                return null;
              }
              try {
                return ring.gather(new byte[1_000_000]);
              } finally {
                assertThat(ring.lost()).isTrue();
              }
            });
    for (int rank : new int[] {0, 2}) {
      assertThatThrownBy(() -> results.get(rank).get())
          .cause()
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("worker " + rank + " has lost its neighbours");
    }
  }

  @Test
  void whoGathersMoreOftenThanOthersIsTold() {
    List<Future<Object>> results =
        run(
            2,
            ring -> {
              try {
                return ring.rank() == 0 ? ring.gather(new byte[0]) : ring.end(new byte[0]);
              } catch (IllegalStateException e) {
                ring.fail(e.getMessage());
                throw e;
              }
            });
    for (Future<Object> result : results) {
      assertThatThrownBy(result::get).hasMessageContaining("all workers must gather equally often");
    }
  }

  @Test
  void aStrangerIsSentAway() throws Exception {
    String[] told = new String[2];
    CyclicBarrier all = new CyclicBarrier(2);
    List<Future<List<byte[]>>> results =
        IntStream.range(0, 2)
            .mapToObj(
                rank ->
                    threads.submit(
                        () -> {
                          try (Ring ring =
                              Ring.join(
                                  rank,
                                  2,
                                  HOST,
                                  mine -> {
                                    knock(mine);
                                    return exchange(told, all, rank, mine);
                                  },
                                  () -> false)) {
                            return ring.gather(new byte[] {(byte) rank});
                          }
                        }))
            .toList();
    for (Future<List<byte[]>> result : results) {
      assertThat(result.get()).containsExactly(new byte[] {0}, new byte[] {1});
    }
  }

  /** Comes first, with a secret that is none. */
  private static void knock(String address) {
    int port = Integer.parseInt(address.split(" ")[1]);
    try (Socket socket = new Socket(HOST, port)) {
      socket.getOutputStream().write(new byte[100]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
