package kazoku.train;

import java.util.List;

/**
 * Several processes that train one model together, {@link Epochs#together}, as one of them sees it.
 * Each holds a part of the rows; what all of them need to know goes through {@link #gather}, called
 * by one thread. Whatever connects processes can implement it: a barrier stage of Spark, MPI's
 * {@code Allgather}, threads and a barrier.
 *
 * <p>All make the same calls in the same order. Each message says which step it is of, so that
 * workers that have come apart raise a sentence. Where the training of one ends with an exception
 * that the others cannot know of (of its callbacks, of its disk), it calls {@code gather} no more:
 * it is for the implementation to let the calls of the others fail then, and to take messages from
 * its own workers only.
 */
public interface Workers {

  /**
   * How many there are.
   *
   * @return at least 1; the same throughout a training
   */
  int count();

  /**
   * Which one this is.
   *
   * @return from 0 to before {@link #count()}
   */
  int rank();

  /**
   * Gives to all what each has: waits until every worker has called it as often as this one.
   *
   * @param mine what this worker gives; in each update 4 bytes for each trained weight, and some
   *     more
   * @return what all have given, by rank; the same in every worker
   * @throws RuntimeException if a worker is gone, which ends the training
   */
  List<byte[]> gather(byte[] mine);
}
