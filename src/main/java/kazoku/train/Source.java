package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kazoku.Checks;

/**
 * Sequences that need not be in memory all at once: some portions of rows, one after the other. All
 * have the same inputs and targets. {@link Sequences} is a source of one portion; {@link Csv} and
 * {@link TfRecords} read files; your own is a function that begins to read:
 *
 * <pre>{@code
 * Source windows = () -> csv.portions().map(series -> series.windows(30, 1));
 * Source rows = () -> lines.stream().map(line -> Sequences.of(inputs(line)).labels(label(line)));
 * model.fit(rows.gather(1000), …);
 * }</pre>
 *
 * <p>In training the rows of a portion are mixed with each other and not with those of the next
 * one, and the last batch of each portion may be smaller; two portions are in memory at a time.
 * What is thrown while reading goes through, and the stream is closed.
 */
@FunctionalInterface
public interface Source {

  /**
   * Begins to read from the start. It is called once for each pass over the data, and must then
   * give the same rows in the same order if training is to be repeatable.
   *
   * @return the portions, in a new stream; closed by who asked for them
   */
  Stream<Sequences> portions();

  /**
   * Portions that are in memory already, or are made when they are asked for.
   *
   * @param portions is gone through once for each pass
   * @return the source
   */
  static Source of(Iterable<Sequences> portions) {
    return () -> StreamSupport.stream(portions.spliterator(), false);
  }

  /**
   * The same rows in portions of another size: single rows are gathered, large portions are cut.
   *
   * @param rows rows in a portion, at least 1; the last one may be smaller
   * @return the source
   */
  default Source gather(int rows) {
    Checks.atLeastOne("Source", "the rows of a portion", rows);
    return () -> {
      Stream<Sequences> given = portions();
      return StreamSupport.stream(
              Spliterators.spliteratorUnknownSize(
                  new Portions.Gathered(given.iterator(), rows), Spliterator.ORDERED),
              false)
          .onClose(given::close);
    };
  }

  /**
   * Reads everything.
   *
   * @return all rows, in memory
   * @throws IllegalArgumentException if there is none, or if portions are not alike
   */
  default Sequences read() {
    List<Sequences> all = new ArrayList<>();
    try (Portions portions = new Portions(this)) {
      portions.forEachRemaining(all::add);
    }
    return Sequences.concat(all);
  }
}
