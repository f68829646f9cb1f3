package kazoku.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import org.tensorflow.Session;

/** Writes the checkpoints of one training, and finds the one that it goes on from. */
final class Recorder implements AutoCloseable {
  private static final String PASS = "pass over the data";
  private static final String TAKEN = "batches of this pass";
  private static final String OVER = "pass is over";
  private static final String LEARNT = "batches learnt";

  private final Checkpoints checkpoints;
  private final Checkpoint state;
  private final Map<String, String> settings;
  private final FileChannel lock;

  private Recorder(
      Checkpoints checkpoints, Checkpoint state, Map<String, String> settings, FileChannel lock) {
    this.checkpoints = checkpoints;
    this.state = state;
    this.settings = settings;
    this.lock = lock;
  }

  /**
   * Takes the folder for one training.
   *
   * @param checkpoints the folder
   * @param state what a checkpoint has
   * @param settings what must be as it was when training goes on, in words
   * @param writes whether this process writes; if not, another one has the folder, and this one
   *     reads
   */
  static Recorder open(
      Checkpoints checkpoints, Checkpoint state, Map<String, String> settings, boolean writes) {
    if (!writes) {
      return new Recorder(checkpoints, state, settings, null);
    }
    Path folder = checkpoints.folder();
    try {
      Files.createDirectories(folder);
      Recorder recorder =
          new Recorder(
              checkpoints,
              state,
              settings,
              FileChannel.open(
                  folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
      try {
        recorder.own();
        Aside.clean(folder);
        return recorder;
      } catch (IOException | RuntimeException e) {
        recorder.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Checkpoints: cannot use " + folder, e);
    }
  }

  private void own() throws IOException {
    boolean free;
    try {
      free = lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    }
    Checks.require(
        free,
        "Checkpoints",
        "another training writes to the folder; wait for its end, or take another folder",
        checkpoints.folder());
  }

  /** The checkpoint that training goes on from; null if it begins. */
  Saved find() {
    Checks.require(
        checkpoints.resumes() || checkpoints.epochs().isEmpty(),
        "Checkpoints",
        "the folder has some already; go on from them, resume(), or take another folder",
        checkpoints.folder());
    Saved saved = checkpoints.find();
    if (saved != null) {
      saved.requireValues(state.shapes());
      settings.forEach(
          (name, value) -> {
            String before = saved.facts().getOrDefault(name, "nothing");
            Checks.require(
                alike(value, before),
                "Checkpoints",
                "%s was written with the %s %s; go on with it, or load its weights and train into another folder"
                    .formatted(saved.folder(), name, before),
                value);
          });
    }
    return saved;
  }

  /** Whether two texts say the same: sets and maps are written in another order in each process. */
  static boolean alike(String one, String other) {
    return tokens(one).equals(tokens(other));
  }

  private static List<String> tokens(String text) {
    return Arrays.stream(text.split("[\\[\\](){},= ]+")).sorted().toList();
  }

  /** A text without what differs from process to process. */
  static String text(Object value) {
    return String.valueOf(value)
        .replaceAll("\\$\\$Lambda[^,\\])}\\s]*", "")
        .replaceAll("@[0-9a-f]+\\b", "")
        .replaceAll("\\s+", " ");
  }

  /** What a checkpoint has. */
  Checkpoint state() {
    return state;
  }

  /** Where training stood in the data. */
  static Course.Position position(Saved saved) {
    return new Course.Position(
        saved.count(PASS, Long.MAX_VALUE),
        (int) saved.count(TAKEN, Integer.MAX_VALUE),
        Boolean.parseBoolean(saved.facts().get(OVER)));
  }

  /** How many batches were learnt. */
  static long learnt(Saved saved) {
    return saved.count(LEARNT, Long.MAX_VALUE);
  }

  /** Writes the checkpoint of the last epoch, and deletes those that are not to be kept. */
  Path write(Session session, Course.Position position, long learnt, History history) {
    int epoch = history.last().number();
    Path place = checkpoints.place(epoch);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("epoch", String.valueOf(epoch));
    facts.put(PASS, String.valueOf(position.pass()));
    facts.put(TAKEN, String.valueOf(position.taken()));
    facts.put(OVER, String.valueOf(position.over()));
    facts.put(LEARNT, String.valueOf(learnt));
    facts.putAll(settings);
    try {
      Aside.replace(
          place,
          aside ->
              Saved.write(
                  aside, state.shapes(), path -> state.save(session, path), facts, history));
      for (int old : superfluous(epoch, history)) {
        Aside.remove(checkpoints.place(old));
      }
      return place;
    } catch (IOException e) {
      throw new UncheckedIOException("Checkpoints: cannot write " + place, e);
    }
  }

  private List<Integer> superfluous(int epoch, History history) {
    List<Integer> epochs = checkpoints.epochs().stream().filter(number -> number <= epoch).toList();
    Set<Integer> kept =
        new HashSet<>(
            epochs.subList(Math.max(0, epochs.size() - checkpoints.last()), epochs.size()));
    if (checkpoints.best() != null) {
      kept.add(checkpoints.best().best(history.epochs()) + 1);
    }
    return epochs.stream().filter(number -> !kept.contains(number)).toList();
  }

  @Override
  public void close() {
    if (lock == null) {
      return;
    }
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Checkpoints: cannot let go of " + checkpoints.folder(), e);
    }
  }
}
