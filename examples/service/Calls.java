package service;

import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.TooManyRequestsResponse;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls of the model, on threads of their own: how many wait is bounded, and so is how long their
 * callers wait, so that an overloaded service says so at once and goes on answering all else.
 */
final class Calls implements AutoCloseable {
  private final ThreadPoolExecutor threads;
  private final int queue;
  private final Duration limit;

  Calls(String name, int threads, int queue, Duration limit, Metrics metrics) {
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(queue),
            Threads.named(name));
    this.threads.allowCoreThreadTimeOut(true);
    this.queue = queue;
    this.limit = limit;
    metrics.threads(name, this.threads);
  }

  /** Waits for an answer. What the call raises, this raises. */
  <A> A ask(Callable<A> call) throws Exception {
    FutureTask<A> task = new FutureTask<>(call);
    try {
      threads.execute(task);
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (threads.isShutdown()) {
        throw new ServiceUnavailableResponse("the service is shutting down");
      }
      throw new TooManyRequestsResponse(
          "at most " + queue + " calls may wait, and they do; try again later");
    } catch (TimeoutException e) {
      throw new ServiceUnavailableResponse(
          "there was no answer within "
              + Settings.shown(limit.toMillis() / 1e3)
              + " s; try again later");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      withdraw(task);
    }
  }

  /** Nobody waits for it any more: if it has begun, it is interrupted, and else it never begins. */
  private void withdraw(FutureTask<?> task) {
    if (!task.isDone()) {
      task.cancel(true);
      threads.remove(task);
    }
  }

  /** How many wait. */
  int waiting() {
    return threads.getQueue().size();
  }

  /** How many callers there can be at a time. */
  int most() {
    return threads.getMaximumPoolSize() + queue;
  }

  /** Those that wait or are under way are answered first. */
  @Override
  public void close() {
    threads.shutdown();
    Threads.await(threads, limit);
  }
}
