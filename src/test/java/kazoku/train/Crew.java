package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Workers that are threads of this process. Where one has failed, nobody waits for it. */
final class Crew {
  private final List<Round> rounds = new ArrayList<>();
  private final int count;
  private long sent;

  private Crew(int count) {
    this.count = count;
  }

  /** What one worker's thread has come to. */
  record End<T>(T value, Throwable failure) {}

  private final class Round {
    private final byte[][] messages = new byte[count][];
    private final CompletableFuture<List<byte[]>> full = new CompletableFuture<>();
    private int there;
  }

  private final class Worker implements Workers {
    private final int rank;
    private int next;

    Worker(int rank) {
      this.rank = rank;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
      Round round = round(next++);
      synchronized (round) {
        round.messages[rank] = mine;
        if (++round.there == count) {
          round.full.complete(Arrays.asList(round.messages));
        }
      }
      synchronized (Crew.this) {
        sent += mine.length;
      }
      try {
        return round.full.get(60, TimeUnit.SECONDS);
      } catch (InterruptedException | ExecutionException | TimeoutException e) {
        throw new IllegalStateException("Crew: a worker is gone", e);
      }
    }

    void leave() {
      round(next).full.completeExceptionally(new IllegalStateException("worker " + rank));
    }
  }

  private synchronized Round round(int number) {
    while (rounds.size() <= number) {
      rounds.add(new Round());
    }
    return rounds.get(number);
  }

  /** Lets all work, and gives what each has come to, by rank. */
  static <T> List<End<T>> ends(int count, Function<Workers, T> work) {
    return new Crew(count).run(work);
  }

  private <T> List<End<T>> run(Function<Workers, T> work) {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<End<T>>> all = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        Worker worker = new Worker(rank);
        all.add(
            threads.submit(
                () -> {
                  try {
                    return new End<>(work.apply(worker), null);
                  } catch (RuntimeException | Error e) {
                    return new End<>(null, e);
                  } finally {
                    worker.leave();
                  }
                }));
      }
      List<End<T>> ends = new ArrayList<>();
      for (Future<End<T>> end : all) {
        ends.add(end.get(90, TimeUnit.SECONDS));
      }
      return ends;
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("a worker has not come to an end", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Lets all work, and gives what all have come to; none may fail. */
  static <T> List<T> of(int count, Function<Workers, T> work) {
    return values(ends(count, work));
  }

  /** How many bytes all have sent while they worked. */
  static long bytes(int count, Function<Workers, ?> work) {
    Crew crew = new Crew(count);
    values(crew.run(work));
    return crew.sent;
  }

  private static <T> List<T> values(List<? extends End<? extends T>> ends) {
    List<T> values = new ArrayList<>();
    for (End<? extends T> end : ends) {
      if (end.failure != null) {
        throw new AssertionError("worker " + values.size() + " has failed", end.failure);
      }
      values.add(end.value);
    }
    return values;
  }

  /** Of all failures the sentences, by rank; null for who has not failed. */
  static List<String> failures(int count, Function<Workers, ?> work) {
    List<String> sentences = new ArrayList<>();
    ends(count, work)
        .forEach(end -> sentences.add(end.failure == null ? null : end.failure.getMessage()));
    return sentences;
  }
}
