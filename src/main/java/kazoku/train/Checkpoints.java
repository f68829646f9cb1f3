package kazoku.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kazoku.Checks;

/**
 * Saves a training after each epoch, so that it can go on where it was when its process ended,
 * however that ended: {@code epochs.checkpoints(Checkpoints.in(folder).resume())}. The same line
 * begins a training and goes on with it:
 *
 * <pre>{@code
 * History history =
 *     model.fit(
 *         data,
 *         new Adam(1e-3),
 *         Loss.softmaxCrossEntropy(),
 *         Epochs.of(100).checkpoints(Checkpoints.in(folder).resume()));
 * }</pre>
 *
 * <p>A training that went on gives what one that was never stopped gives, bit for bit, on the same
 * machine: weights, what the optimizer remembers, schedules, averages, the order of the data, what
 * drop-out draws, when {@link EarlyStopping} ends it and to which weights it goes back, and the
 * {@link History} of all epochs, of which {@link Epochs#count} is the number. What callbacks of
 * your own remember is theirs: let them be functions of {@link Training#history}, as {@link
 * OnPlateau} is. A training that a callback has stopped goes on, too.
 *
 * <p>Each epoch has a folder of its own, {@code epoch-00012}: the weights, as {@link Model#save}
 * writes them, so that {@link Model#load} reads them, and in the same TensorFlow checkpoint what
 * the optimizer remembers ({@code slot:…}) and the weights of the best epoch ({@code best:…});
 * {@code checkpoint.txt}, what they are and where training stands; {@code history.csv}; and {@code
 * SHA256SUMS}, which {@code sha256sum -c} understands. Where the optimizer keeps averages they are
 * the weights, since validation measures them, and those that are trained are in their slots.
 *
 * <p>A folder is written aside, under a name that begins with {@code .aside}, and moved into place
 * when it is on the disk; older ones are moved aside before they are deleted. So a process may end
 * at any moment, or the disk be full: what is in place is whole. What was left aside is deleted
 * when the next training begins. One training at a time can use a folder.
 *
 * <p>A checkpoint whose files are not those that were written is passed over with a warning ({@link
 * System.Logger} of this class's name), and the one before it is taken; if all are damaged,
 * training is refused. So is one that differs from what was saved: another layer, seed, optimizer,
 * loss, batch size, other metrics, other data, as far as can be seen: from the number of rows of
 * the first portion, and a few of them. {@link Epochs#count}, the patience of early stopping and
 * callbacks may differ. Then the model is as it was.
 *
 * <p>Keras has {@code BackupAndRestore} and {@code ModelCheckpoint}, PyTorch Lightning {@code
 * ModelCheckpoint} and {@code ckpt_path="last"}; neither goes on bit for bit.
 *
 * @param folder where they are; made if it is not there
 * @param last how many of the last ones are kept, at least 1; default 2
 * @param best which one is kept beside the last ones; null (the default) for none
 * @param resumes whether training goes on from the last one, if there is one; otherwise (the
 *     default) a folder that has one is refused
 */
public record Checkpoints(Path folder, int last, Goal best, boolean resumes) {
  private static final System.Logger LOGGER = System.getLogger(Checkpoints.class.getName());
  private static final Pattern EPOCH = Pattern.compile("epoch-(\\d{5,9})");

  public Checkpoints {
    Checks.given("Checkpoints", "folder", folder);
    Checks.atLeastOne("Checkpoints", "keepLast", last);
  }

  /**
   * Checkpoints of a training that begins anew.
   *
   * @param folder where they are
   * @return the checkpoints
   */
  public static Checkpoints in(Path folder) {
    return new Checkpoints(folder, 2, null, false);
  }

  /**
   * The same with more of them kept.
   *
   * @param number how many of the last ones
   * @return the checkpoints
   */
  public Checkpoints keepLast(int number) {
    return new Checkpoints(folder, number, best, resumes);
  }

  /**
   * The same with that of the best epoch kept, too: {@code keepBest(Goal.largest("accuracy"))}.
   *
   * @param goal which epoch is better
   * @return the checkpoints
   */
  public Checkpoints keepBest(Goal goal) {
    return new Checkpoints(folder, last, goal, resumes);
  }

  /**
   * The same, for a training that goes on if there is a checkpoint, and begins anew if there is
   * none.
   *
   * @return the checkpoints
   */
  public Checkpoints resume() {
    return new Checkpoints(folder, last, best, true);
  }

  /**
   * The folder of the last epoch that is not damaged: {@code model.load(checkpoints.newest())}.
   * Also while another process trains.
   *
   * @return the folder
   * @throws IllegalArgumentException if there is none
   */
  public Path newest() {
    return someCheckpoint().folder();
  }

  /**
   * The folder of the best epoch so far, by the goal of {@link #keepBest}: {@code
   * model.load(checkpoints.bestSoFar())}. Also while another process trains.
   *
   * @return the folder
   * @throws IllegalArgumentException if there is none, or no goal
   */
  public Path bestSoFar() {
    Checks.require(
        best != null, "Checkpoints", "which one is best needs a goal; give it, keepBest", null);
    Saved newest = someCheckpoint();
    Path place = place(best.best(newest.history().epochs()) + 1);
    Checks.require(
        Files.exists(place),
        "Checkpoints",
        "the best epoch must have been kept, train with keepBest(" + best + ")",
        place);
    return place;
  }

  private Saved someCheckpoint() {
    Saved newest = find();
    Checks.require(newest != null, "Checkpoints", "there must be one in the folder", folder);
    return newest;
  }

  Path place(int epoch) {
    return folder.resolve("epoch-%05d".formatted(epoch));
  }

  /** The numbers of the epochs that have a folder, in order. */
  List<Integer> epochs() {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> EPOCH.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> Integer.parseInt(name.group(1)))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("Checkpoints: cannot read " + folder, e);
    }
  }

  /** The last one that is not damaged; null if there is none at all. */
  Saved find() {
    List<Integer> epochs = epochs();
    Saved.Damage last = null;
    for (int k = epochs.size() - 1; k >= 0; k--) {
      try {
        return Saved.ofTraining(place(epochs.get(k)));
      } catch (Saved.Damage damage) {
        LOGGER.log(System.Logger.Level.WARNING, "Checkpoints: {0}", damage.getMessage());
        last = damage;
      }
    }
    if (last != null) {
      throw new IllegalArgumentException(
          "Checkpoints: all in "
              + folder
              + " are damaged; take an undamaged copy, or move the folder away and begin anew: "
              + last.getMessage(),
          last);
    }
    return null;
  }
}
