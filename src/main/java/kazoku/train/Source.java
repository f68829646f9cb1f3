package kazoku.train;

import java.util.stream.Stream;

/**
 * Sequences that need not be in memory all at once: some portions of rows, one after the other. All
 * have the same inputs and targets. {@link Sequences} is a source of one portion.
 *
 * <p>In training the rows of a portion are mixed with each other and not with those of the next
 * one, and the last batch of each portion may be smaller.
 */
@FunctionalInterface
public interface Source {

  /**
   * Begins to read from the start. It is called once for each pass over the data, and must then
   * give the same rows in the same order if training is to be repeatable.
   *
   * @return the portions; closed by who asked for them
   */
  Stream<Sequences> portions();
}
