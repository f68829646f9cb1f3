package kazoku.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kazoku.Checks;

/**
 * One training in several processes, as one of them sees it. All make the same steps; what each
 * gives to the others at a step is a message, whose head says which step it is. What callbacks have
 * done in the first worker goes along with every message.
 */
final class Together implements Team {

  /** What a message is. */
  enum Kind {
    NUMBERS("numbers of its rows"),
    FACTS("what it trains"),
    UPDATE("update"),
    SCORES("scores after update"),
    EPOCH("the end of epoch");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  /** How the first worker's callbacks have changed the course; NaN for a rate that is not known. */
  private record Steering(boolean stopped, float scale) {
    static final Steering UNKNOWN = new Steering(false, Float.NaN);

    void write(ByteBuffer to) {
      to.put((byte) (stopped ? 1 : 0)).putFloat(scale);
    }

    static Steering read(ByteBuffer from) {
      return new Steering(from.get() != 0, from.getFloat());
    }
  }

  private static final int MAGIC = 0x4B5A4B31;
  private static final int HEAD = Integer.BYTES + 1 + Long.BYTES + 1 + Float.BYTES;

  private final Workers workers;
  private final Trainer trainer;
  private final Share share;
  private final int[] lengths;
  private Training training;
  private Steering steering = Steering.UNKNOWN;

  /**
   * Meets the others.
   *
   * @param arguments what must be the same in all, in words
   * @param own the rows that are here
   */
  Together(
      Workers workers,
      Trainer trainer,
      Map<String, String> arguments,
      Sequences own,
      Batching.Order order) {
    this.workers = workers;
    this.trainer = trainer;
    agree(() -> arguments);
    share = share(own);
    lengths = order == Batching.Order.BY_LENGTH ? lengths(own) : null;
  }

  /** Rows in memory, which workers can share. */
  static Sequences rows(Source source) {
    if (source instanceof Sequences rows) {
      return rows;
    }
    throw Checks.refusal(
        "Workers",
        "data must be rows in memory, so that batches can be made of those of all workers; read"
            + " them, source.read()",
        source.getClass().getSimpleName());
  }

  @Override
  public boolean leads() {
    return workers.rank() == 0;
  }

  int rank() {
    return workers.rank();
  }

  @Override
  public Share share(Sequences own) {
    long[] counts = new long[workers.count()];
    counts[workers.rank()] = own.size();
    counts = sums(counts);
    long all = Arrays.stream(counts).sum();
    Checks.require(
        all <= Integer.MAX_VALUE,
        "Workers",
        "all together must have at most " + Integer.MAX_VALUE + " rows",
        all);
    long first = Arrays.stream(counts, 0, workers.rank()).sum();
    return new Share((int) first, own.size(), (int) all);
  }

  private int[] lengths(Sequences own) {
    List<ByteBuffer> all =
        gather(
            Kind.NUMBERS,
            1,
            own.size() * Integer.BYTES,
            body -> IntStream.range(0, own.size()).map(own::length).forEach(body::putInt));
    return all.stream()
        .flatMapToInt(
            body -> IntStream.generate(body::getInt).limit(body.remaining() / Integer.BYTES))
        .toArray();
  }

  @Override
  public int[][] batches(Sequences portion, Batching batching, long seed, long pass) {
    int[][] all =
        Shuffling.batches(
            share.all(), row -> lengths[row], batching.size(), batching.order(), seed, pass);
    return Arrays.stream(all).map(share::of).toArray(int[][]::new);
  }

  @Override
  public long[] sums(long... own) {
    long[] sums = new long[own.length];
    for (ByteBuffer body :
        gather(
            Kind.NUMBERS,
            0,
            own.length * Long.BYTES,
            to -> Arrays.stream(own).forEach(to::putLong))) {
      requireSize(body, own.length * Long.BYTES);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += body.getLong();
      }
    }
    return sums;
  }

  @Override
  public void agree(Supplier<Map<String, String>> facts) {
    List<String> lines = new ArrayList<>();
    facts.get().forEach((name, value) -> lines.add(name + "\t" + value.replaceAll("\\s+", " ")));
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    Map<String, String> first = null;
    int rank = 0;
    for (ByteBuffer body : gather(Kind.FACTS, 0, text.length, to -> to.put(text))) {
      Map<String, String> others = facts(StandardCharsets.UTF_8.decode(body).toString());
      first = first == null ? others : first;
      for (Map.Entry<String, String> fact : first.entrySet()) {
        String other = others.getOrDefault(fact.getKey(), "nothing");
        Checks.require(
            Recorder.alike(fact.getValue(), other),
            "Workers",
            "worker %d must have the %s of worker 0, %s; give both the same model and call fit alike"
                .formatted(rank, fact.getKey(), fact.getValue()),
            other);
      }
      rank++;
    }
  }

  private static Map<String, String> facts(String text) {
    Map<String, String> facts = new LinkedHashMap<>();
    text.lines()
        .map(line -> line.split("\t", 2))
        .filter(line -> line.length == 2)
        .forEach(line -> facts.put(line[0], line[1]));
    return facts;
  }

  @Override
  public void begins(Training of) {
    training = of;
    steering = new Steering(false, trainer.scale());
  }

  @Override
  public Joint joint(Objective objective, Optimizer optimizer) {
    return new Joint(this, trainer, objective, trainer.joint(objective, optimizer));
  }

  /** As all have heard it, so that all end the epoch with the same batch. */
  @Override
  public boolean stopped(Training of) {
    return steering.stopped;
  }

  @Override
  public Scores scores(Sums own) {
    List<double[]> numbers = own.numbers();
    int size = numbers.stream().mapToInt(each -> Integer.BYTES + each.length * Double.BYTES).sum();
    List<List<double[]>> all = new ArrayList<>();
    for (ByteBuffer body :
        gather(
            Kind.SCORES,
            trainer.learnt(),
            size,
            to ->
                numbers.forEach(
                    each -> {
                      to.putInt(each.length);
                      Arrays.stream(each).forEach(to::putDouble);
                    }))) {
      List<double[]> others = new ArrayList<>();
      while (body.hasRemaining()) {
        double[] each = new double[body.getInt()];
        DoubleBuffer values = body.asDoubleBuffer();
        values.get(each);
        body.position(body.position() + each.length * Double.BYTES);
        others.add(each);
      }
      all.add(others);
    }
    return own.merged(all).scores();
  }

  @Override
  public void epochEnds(int number) {
    gather(Kind.EPOCH, number, 0, body -> {});
  }

  /**
   * Gives to all what each has.
   *
   * @param number of the step
   * @param size of the body, in bytes
   * @param body writes it
   * @return the bodies of all workers, by rank
   */
  List<ByteBuffer> gather(Kind kind, long number, int size, Consumer<ByteBuffer> body) {
    ByteBuffer mine = ByteBuffer.allocate(HEAD + size).order(ByteOrder.LITTLE_ENDIAN);
    mine.putInt(MAGIC).put((byte) kind.ordinal()).putLong(number);
    now().write(mine);
    body.accept(mine);
    List<byte[]> all = workers.gather(mine.array());
    Checks.require(
        all != null && all.size() == workers.count() && !all.contains(null),
        "Workers",
        "gather must give a message of each of " + workers.count() + " workers",
        all == null ? null : all.size());
    List<ByteBuffer> bodies = new ArrayList<>();
    List<Steering> steerings = new ArrayList<>();
    for (byte[] message : all) {
      ByteBuffer from = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
      String step = step(from);
      Checks.require(
          step.equals(step(mine.rewind())),
          "Workers",
          "all must be at the same step, and worker %d is at: %s; begin all again, from a checkpoint"
              .formatted(bodies.size(), step),
          step(mine.rewind()));
      steerings.add(Steering.read(from));
      bodies.add(from.slice().order(ByteOrder.LITTLE_ENDIAN));
    }
    follow(steerings.get(0));
    return bodies;
  }

  /** What a message is, for people. */
  private static String step(ByteBuffer message) {
    if (message.remaining() < HEAD || message.getInt() != MAGIC) {
      return "a message that is not of this library's training";
    }
    int kind = message.get();
    Kind[] kinds = Kind.values();
    return (kind >= 0 && kind < kinds.length ? kinds[kind].text : "a message of another version")
        + " "
        + message.getLong();
  }

  private Steering now() {
    return training == null || !leads()
        ? Steering.UNKNOWN
        : new Steering(training.stopped(), trainer.scale());
  }

  private void follow(Steering first) {
    if (training != null) {
      if (!leads() && first.scale != steering.scale) {
        trainer.scale(first.scale);
      }
      if (first.stopped) {
        training.stop();
      }
      steering = first;
    }
  }

  static void requireSize(ByteBuffer body, int size) {
    Checks.require(
        body.remaining() == size,
        "Workers",
        "messages of one step must have " + size + " bytes in each worker, as here",
        body.remaining());
  }
}
