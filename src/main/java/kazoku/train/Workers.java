package kazoku.train;

import java.util.List;

/**
 * Several processes that train one model together, as one of them sees it. Each holds a part of the
 * rows; what all of them need to know goes through {@link #gather}.
 */
public interface Workers {

  /**
   * How many there are.
   *
   * @return at least 1
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
   * @param mine what this worker gives
   * @return what all have given, by rank; the same in every worker
   */
  List<byte[]> gather(byte[] mine);
}
