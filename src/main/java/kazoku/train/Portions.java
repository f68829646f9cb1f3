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
  record Gathered(Iterator<Sequences> given, int rows, List<Sequences> left)
      implements Iterator<Sequences> {
    Gathered(Iterator<Sequences> given, int rows) {
      this(given, rows, new ArrayList<>());
    }

    @Override
    public boolean hasNext() {
      return !left.isEmpty() || given.hasNext();
    }

    @Override
    public Sequences next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      List<Sequences> taken = new ArrayList<>();
      int missing = rows;
      while (missing > 0 && hasNext()) {
        Sequences next = left.isEmpty() ? given.next() : left.remove(0);
        int some = Math.min(missing, next.size());
        taken.add(some == next.size() ? next : range(next, 0, some));
        if (some < next.size()) {
          left.add(range(next, some, next.size()));
        }
        missing -= some;
      }
      return taken.size() == 1 ? taken.get(0) : Sequences.concat(taken);
    }

    private static Sequences range(Sequences data, int from, int to) {
      return data.select(IntStream.range(from, to).toArray());
    }
  }
}
