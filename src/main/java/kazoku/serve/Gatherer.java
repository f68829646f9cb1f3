package kazoku.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Runs the calls of many threads together. Those that are alike wait in a line of their own, in the
 * order in which they came. A line is due when its first call has waited long enough, or at once
 * when it is full; the line that has been due longest is run first, so that nobody is passed over.
 * As many runs are under way as there are processors. A caller runs its own call where there is
 * nothing to wait for, which saves handing it over: one row is all that a run has, or calls are not
 * held back, none waits, and a processor is free.
 *
 * @param <Q> what is asked
 * @param <A> the answer
 */
final class Gatherer<Q, A> implements AutoCloseable {
  private final String who;
  private final Serving serving;
  private final ToIntFunction<Q> kind;
  private final Function<List<Q>, List<A>> run;
  private final Map<Integer, Deque<Call<Q, A>>> lines = new TreeMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Thread> threads;
  private int waiting;
  private int running;
  private boolean closed;

  private record Call<Q, A>(Q question, long arrival, CompletableFuture<A> answer) {}

  /**
   * @param who for people
   * @param kind questions of one kind may be run together
   * @param run answers questions together, in their order
   */
  Gatherer(String who, Serving serving, ToIntFunction<Q> kind, Function<List<Q>, List<A>> run) {
    this.who = who;
    this.serving = serving;
    this.kind = kind;
    this.run = run;
    int runs = serving.maxRows() == 1 ? 0 : Runtime.getRuntime().availableProcessors();
    this.threads =
        IntStream.range(0, runs)
            .mapToObj(i -> thread("kazoku-" + who.toLowerCase(Locale.ROOT) + "-" + i))
            .toList();
    threads.forEach(Thread::start);
  }

  private Thread thread(String name) {
    Thread thread = new Thread(this::work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Waits for the answer. */
  A ask(Q question) {
    if (threads.isEmpty()) {
      return run.apply(List.of(question)).get(0);
    }
    if (begins()) {
      try {
        return run.apply(List.of(question)).get(0);
      } finally {
        end();
      }
    }
    CompletableFuture<A> answer = new CompletableFuture<>();
    enter(new Call<>(question, System.nanoTime(), answer));
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new CancellationException(who + ": the thread was interrupted while it waited");
    }
  }

  /** Whether a call need not wait; then it is under way. */
  private boolean begins() {
    lock.lock();
    try {
      requireOpen();
      boolean begins = serving.maxWait().isZero() && waiting == 0 && running < threads.size();
      running += begins ? 1 : 0;
      return begins;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      running--;
      if (closed) {
        changed.signalAll();
      } else if (waiting > 0) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** No two callers are given the same one. */
  private static RuntimeException failure(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return (RuntimeException) cause;
  }

  private void enter(Call<Q, A> call) {
    lock.lock();
    try {
      requireOpen();
      if (waiting >= serving.queue()) {
        throw new RejectedExecutionException(
            who + ": at most " + serving.queue() + " calls may wait, and they do; try again later");
      }
      lines.computeIfAbsent(kind.applyAsInt(call.question), k -> new ArrayDeque<>()).add(call);
      waiting++;
      if (running < threads.size()) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(who + ": is closed; load another one");
    }
  }

  private void work() {
    for (List<Call<Q, A>> calls = take(); !calls.isEmpty(); calls = take()) {
      List<Call<Q, A>> wanted = calls.stream().filter(call -> !call.answer.isDone()).toList();
      try {
        if (!wanted.isEmpty()) {
          answer(wanted);
        }
      } finally {
        end();
      }
    }
  }

  /**
   * Waits until a line is due and a processor is free. None is left when there is nobody there
   * after closing.
   */
  private List<Call<Q, A>> take() {
    lock.lock();
    try {
      while (true) {
        Deque<Call<Q, A>> line = null;
        long due = Long.MAX_VALUE;
        long now = System.nanoTime();
        for (Deque<Call<Q, A>> other : lines.values()) {
          if (!other.isEmpty() && due(other) - now < due) {
            line = other;
            due = due(other) - now;
          }
        }
        if (line == null && closed) {
          return List.of();
        } else if (line == null || running == threads.size()) {
          changed.awaitUninterruptibly();
        } else if (due > 0) {
          await(due);
        } else {
          return first(line);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private long due(Deque<Call<Q, A>> line) {
    boolean now = closed || line.size() >= serving.maxRows();
    return line.peek().arrival + (now ? 0 : serving.maxWait().toNanos());
  }

  /** Nobody but {@link #close} has these threads to interrupt, and it does not. */
  private void await(long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Call<Q, A>> first(Deque<Call<Q, A>> line) {
    List<Call<Q, A>> calls = new ArrayList<>();
    while (!line.isEmpty() && calls.size() < serving.maxRows()) {
      calls.add(line.poll());
    }
    waiting -= calls.size();
    running++;
    if (waiting > 0 && running < threads.size()) {
      changed.signal();
    }
    return calls;
  }

  /** A call that fails takes no other one with it: it is looked for by halves. */
  private void answer(List<Call<Q, A>> calls) {
    List<A> answers;
    try {
      answers = run.apply(calls.stream().map(Call::question).toList());
    } catch (RuntimeException e) {
      if (calls.size() == 1) {
        calls.get(0).answer.completeExceptionally(e);
      } else {
        answer(calls.subList(0, calls.size() / 2));
        answer(calls.subList(calls.size() / 2, calls.size()));
      }
      return;
    } catch (Error e) {
      calls.forEach(call -> call.answer.completeExceptionally(e));
      return;
    }
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).answer.complete(answers.get(i));
    }
  }

  /** Answers those who wait; others are refused from now on. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      while (running > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
