package kazoku.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Checks;

/** One pass over a source, portion by portion; refuses none at all, and those that differ. */
final class Portions implements Iterator<Sequences>, AutoCloseable {
  private final Stream<Sequences> stream;
  private final Iterator<Sequences> portions;
  private Sequences first;
  private int read;

  Portions(Source source) {
    stream = source.portions();
    try {
      portions = stream.iterator();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "Source: portions() must begin a new stream for each pass, got one that was used", e);
    }
  }

  @Override
  public boolean hasNext() {
    boolean more = portions.hasNext();
    Checks.require(more || read > 0, "Source", "there must be at least one row", "none");
    return more;
  }

  @Override
  public Sequences next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Sequences portion = portions.next();
    read++;
    if (first == null) {
      first = portion.select(0);
    }
    Checks.require(
        first.like(portion),
        "Source",
        "portion " + read + " must have " + first.text() + ", as the first one has",
        portion.text());
    return portion;
  }

  @Override
  public void close() {
    stream.close();
  }

  /** Portions of other portions' rows, each of so many rows; the last one may be smaller. */
  static final class Gathered implements Iterator<Sequences> {
    private final Iterator<Sequences> given;
    private final int rows;
    private Sequences portion;
    private int taken;

    Gathered(Iterator<Sequences> given, int rows) {
      this.given = given;
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return portion != null || given.hasNext();
    }

    @Override
    public Sequences next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      List<Sequences> parts = new ArrayList<>();
      for (int missing = rows;
          missing > 0 && hasNext();
          missing -= parts.get(parts.size() - 1).size()) {
        parts.add(take(missing));
      }
      return parts.size() == 1 ? parts.get(0) : Sequences.concat(parts);
    }

    /** The next rows of one portion, as many as are wanted if it has them. */
    private Sequences take(int wanted) {
      Sequences from = portion == null ? given.next() : portion;
      int end = (int) Math.min(from.size(), (long) taken + wanted);
      Sequences some =
          end - taken == from.size() ? from : from.select(IntStream.range(taken, end).toArray());
      portion = end < from.size() ? from : null;
      taken = portion == null ? 0 : end;
      return some;
    }
  }
}
