package kazoku.train;

import java.util.Map;
import java.util.function.Supplier;

/** Who trains: this process alone, or {@link Together} with others. */
interface Team {
  /** This process. */
  Team ALONE = new Alone();

  /** Whether this worker writes files and calls callbacks. */
  boolean leads();

  /** Which of all rows are here. */
  Share share(Sequences own);

  /** The rows of each batch of a pass that are here. */
  int[][] batches(Sequences portion, Batching batching, long seed, long pass);

  /** Sums of what each worker has. */
  long[] sums(long... own);

  /** Raises what is not the same in all workers. */
  void agree(Supplier<Map<String, String>> facts);

  /** Begins to follow what callbacks do. */
  void begins(Training training);

  /** How an update is made together; null for the update of one process. */
  Joint joint(Objective objective, Optimizer optimizer);

  /** Whether a callback has ended the epoch. */
  boolean stopped(Training training);

  /** The scores of the rows of all workers. */
  Scores scores(Sums own);

  /** Waits until an epoch is over everywhere, or, before the first one, until all have begun. */
  void epochEnds(int number);

  /** Whoever has all rows. */
  final class Alone implements Team {
    private Alone() {}

    @Override
    public boolean leads() {
      return true;
    }

    @Override
    public Share share(Sequences own) {
      return new Share(0, own.size(), own.size());
    }

    @Override
    public int[][] batches(Sequences portion, Batching batching, long seed, long pass) {
      return portion.batches(batching.size(), batching.order(), seed, pass);
    }

    @Override
    public long[] sums(long... own) {
      return own;
    }

    @Override
    public void agree(Supplier<Map<String, String>> facts) {
      // With itself.
    }

    @Override
    public void begins(Training training) {
      // Callbacks have the training itself.
    }

    @Override
    public Joint joint(Objective objective, Optimizer optimizer) {
      return null;
    }

    @Override
    public boolean stopped(Training training) {
      return training.stopped();
    }

    @Override
    public Scores scores(Sums own) {
      return own.scores();
    }

    @Override
    public void epochEnds(int number) {
      // There is nobody else.
    }
  }
}
