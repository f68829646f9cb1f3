package kazoku.train;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A training, from its first epoch to its last.
 *
 * @param trainer what does the work
 * @param model whose weights are trained
 * @param data what is learnt from
 * @param optimizer how weights follow gradients
 * @param loss what is made small
 * @param epochs how long, in which batches, and who hears of it
 */
record Fit(
    Trainer trainer, Model model, Source data, Optimizer optimizer, Loss loss, Epochs epochs) {

  History run() {
    try (Course course = new Course(data, epochs.batching(), trainer.seed());
        Lesson lesson = new Lesson(trainer, optimizer, loss, epochs.batching())) {
      course.begin(trainer.passes() + 1);
      lesson.check(course.look().data(), trainer.tallies(trainer.training(), epochs.metrics()));
      measureOnce(lesson.beginning(course.look()), trainer.training());
      validateOnce();
      Set<String> names = scoreNames();
      if (epochs.stopping() != null) {
        epochs.stopping().goal().check(names);
      }
      trainer.begin(optimizer);
      trainer.passes(course.pass());
      Training training = new Training(model, trainer, epochs, names);
      Best best = new Best();
      try {
        training.begin();
        while (training.goesOn()) {
          Scores scores = epoch(training, course, lesson);
          training.keep(scores, validate());
          best.epoch(training.history().epochs());
          training.epochEnds();
          if (epochs.stopping() != null && epochs.stopping().ends(training.history().epochs())) {
            training.stop();
          }
        }
      } finally {
        best.restore();
        training.end();
      }
      return training.history();
    }
  }

  private Scores epoch(Training training, Course course, Lesson lesson) {
    Sums sums = new Sums(loss, trainer.tallies(trainer.training(), epochs.metrics()));
    int many = epochs.batching().perEpoch();
    lesson.forget();
    for (int number = 1; !training.stopped() && (many == 0 || number <= many); number++) {
      Course.Rows rows = course.take();
      if (rows == null && (many > 0 || number == 1)) {
        course.begin(course.pass() + 1);
        trainer.passes(course.pass());
        lesson.forget();
        rows = course.take();
      }
      if (rows == null) {
        break;
      }
      String when = "epoch " + (training.history().epochs().size() + 1) + ", batch " + number;
      training.batch(number, course.batchesPerEpoch(), lesson.learn(sums, rows, when));
    }
    return sums.scores();
  }

  /** The weights of the best epoch, where they are to be restored. */
  private final class Best {
    private Map<String, float[]> values;

    void epoch(List<History.Epoch> all) {
      if (epochs.stopping() != null && epochs.stopping().goal().best(all) == all.size() - 1) {
        values = trainer.copies().read(trainer.session());
      }
    }

    void restore() {
      if (values != null) {
        trainer.useAverages(false);
        trainer.copies().write(trainer.session(), values);
      }
    }
  }

  private Set<String> scoreNames() {
    Set<String> names = new LinkedHashSet<>(List.of("loss", loss.metricName()));
    epochs.metrics().forEach(metric -> names.add(metric.name()));
    return names;
  }

  /** With the averages of the weights, where there are any. */
  private Scores validate() {
    if (epochs.validation() == null) {
      return null;
    }
    try {
      trainer.useAverages(trainer.current().exchange() != null);
      return trainer.evaluate(epochs.validation(), loss, epochs.metrics());
    } finally {
      trainer.useAverages(false);
    }
  }

  /** Raises before training what validation would raise after an epoch. */
  private void validateOnce() {
    if (epochs.validation() != null) {
      try (Portions portions = new Portions(epochs.validation())) {
        Sequences first = portions.next();
        trainer.objective(first, loss);
        measureOnce(new Course.Rows(first, new int[] {0}), trainer.inference());
      }
    }
  }

  /** Raises before training what metrics would raise in it. */
  private void measureOnce(Course.Rows rows, Pass pass) {
    if (!epochs.metrics().isEmpty()) {
      Objective objective = trainer.objective(rows.data(), loss);
      Tallies tallies = trainer.tallies(pass, epochs.metrics());
      tallies.check(rows.data());
      Objective.Means means = objective.means(pass == trainer.training());
      Course.Rows one = new Course.Rows(rows.data(), new int[] {rows.indices()[0]});
      trainer.run(
          trainer.session().runner(), objective, means, new Sums(loss, tallies), one, 0, null);
    }
  }
}
