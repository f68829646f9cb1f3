package kazoku.train;

import java.util.stream.IntStream;
import kazoku.Checks;

/**
 * The batches of a source, portion after portion, pass after pass. Where it stands is the number of
 * its pass and how many batches of that pass were taken.
 */
final class Course implements AutoCloseable {
  private final Source source;
  private final Batching batching;
  private final Team team;
  private final long seed;
  private Portions portions;
  private Sequences portion;
  private int[][] batches;
  private int next;
  private long pass;
  private int taken;
  private boolean over;
  private int known = -1;

  /**
   * Where a course stands.
   *
   * @param pass the number of the pass
   * @param taken how many of its batches were taken
   * @param over whether there was no other batch
   */
  record Position(long pass, int taken, boolean over) {}

  /**
   * Some rows of a portion.
   *
   * @param data the portion
   * @param indices which rows; none where other workers have all of a batch
   * @param counted the first step whose loss counts
   */
  record Rows(Sequences data, int[] indices, int counted) {
    Rows(Sequences data, int[] indices) {
      this(data, indices, 0);
    }

    /** All rows of some data. */
    static Rows all(Sequences data, int counted) {
      return new Rows(data, IntStream.range(0, data.size()).toArray(), counted);
    }
  }

  Course(Source source, Batching batching, Team team, long seed) {
    this.source = source;
    this.batching = batching;
    this.team = team;
    this.seed = seed;
  }

  /** Begins a pass. */
  void begin(long number) {
    close();
    portions = new Portions(source);
    pass = number;
    taken = 0;
    over = false;
    batches = new int[0][];
    next = 0;
    more();
    if (source == portion) {
      known = batches.length;
    }
  }

  /** Looks for a batch, in portions that are not opened yet if it must. */
  private boolean more() {
    while (!over && next == batches.length && portions.hasNext()) {
      portion = portions.next();
      batches = team.batches(portion, batching, seed, pass);
      next = 0;
    }
    return next < batches.length;
  }

  /** The batch that comes next, or null at the end of the pass. */
  Rows look() {
    return more() ? new Rows(portion, batches[next]) : null;
  }

  /** Takes the batch that comes next; null at the end of the pass. */
  Rows take() {
    Rows rows = look();
    if (rows == null) {
      known = taken;
      over = true;
    } else {
      next++;
      taken++;
    }
    return rows;
  }

  long pass() {
    return pass;
  }

  Position position() {
    return new Position(pass, taken, over);
  }

  /** Goes to where another course has stood; a pass that is over is not read again. */
  void go(Position position) {
    if (position.over) {
      close();
      batches = new int[0][];
      next = 0;
      pass = position.pass;
      taken = position.taken;
      known = taken;
      over = true;
      return;
    }
    begin(position.pass);
    while (taken < position.taken) {
      Checks.require(
          take() != null,
          "Source",
          "there must be at least %d batches in a pass, as there were".formatted(position.taken),
          taken);
    }
  }

  /** How many batches an epoch has; −1 if it is not known yet. */
  int batchesPerEpoch() {
    return batching.perEpoch() > 0 ? batching.perEpoch() : known;
  }

  @Override
  public void close() {
    if (portions != null) {
      portions.close();
      portions = null;
    }
  }
}
