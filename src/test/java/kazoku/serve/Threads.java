package kazoku.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Calls of several threads at once. */
final class Threads implements AutoCloseable {
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final List<Future<?>> futures = new ArrayList<>();

  <A> Future<A> start(Callable<A> call) {
    Future<A> future = pool.submit(call);
    futures.add(future);
    return future;
  }

  /** What a call gives, or raises. */
  static <A> A get(Future<A> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Raises what any of them has raised. */
  void join() throws Exception {
    for (Future<?> future : futures) {
      get(future);
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
