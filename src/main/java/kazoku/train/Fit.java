package kazoku.train;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A training, from its first epoch to its last.
 *
 * @param trainer what does the work
 * @param model whose weights are trained
 * @param data what is learnt from
 * @param optimizer how weights follow gradients
 * @param loss what is made small
 * @param epochs how long, in which batches, and who hears of it
 * @param team who trains
 */
record Fit(
    Trainer trainer,
    Model model,
    Source data,
    Optimizer optimizer,
    Loss loss,
    Epochs epochs,
    Team team) {

  /** A training of one process or, if epochs say so, of several. */
  static Fit of(
      Trainer trainer, Model model, Source data, Optimizer optimizer, Loss loss, Epochs epochs) {
    Fit alone = new Fit(trainer, model, data, optimizer, loss, epochs, Team.ALONE);
    return epochs.workers() == null
        ? alone
        : new Fit(trainer, model, data, optimizer, loss, epochs, alone.together());
  }

  private Team together() {
    if (epochs.validation() != null) {
      Together.rows(epochs.validation());
    }
    trainer.tallies(trainer.training(), epochs.metrics()).numbers(); // Raises those that cannot.
    Map<String, String> arguments = settings();
    arguments.put("number of epochs", String.valueOf(epochs.count()));
    arguments.put("early stopping", String.valueOf(epochs.stopping()));
    arguments.put("use of validation data", String.valueOf(epochs.validation() != null));
    arguments.put("use of checkpoints", String.valueOf(epochs.checkpoints() != null));
    return new Together(
        epochs.workers(), trainer, arguments, Together.rows(data), epochs.batching().order());
  }

  History run() {
    try (Course course = new Course(data, epochs.batching(), team, trainer.seed());
        Lesson lesson = new Lesson(trainer, optimizer, loss, epochs.batching(), team)) {
      course.begin(trainer.passes() + 1);
      lesson.check(course.look().data(), trainer.tallies(trainer.training(), epochs.metrics()));
      measureOnce(lesson.beginning(course.look()), trainer.training());
      validateOnce();
      Set<String> names = scoreNames();
      if (epochs.stopping() != null) {
        epochs.stopping().goal().check(names);
      }
      Best best = new Best();
      trainer.session().initialize();
      try (Recorder recorder = recorder(course.look().data())) {
        History before = begin(course, recorder, best);
        team.agree(() -> state(course));
        Training training = new Training(model, trainer, epochs, names, before);
        return learn(training, course, lesson, best, recorder);
      }
    }
  }

  /** Begins, or goes on from a checkpoint. */
  private History begin(Course course, Recorder recorder, Best best) {
    Saved saved = recorder == null ? null : recorder.find();
    if (saved == null) {
      trainer.begin(optimizer);
      trainer.passes(course.pass());
      return new History(List.of());
    }
    course.go(Recorder.position(saved));
    trainer.begin(optimizer);
    trainer.restore(recorder.state(), saved.values());
    trainer.passes(course.pass());
    trainer.learnt(Recorder.learnt(saved));
    best.goOn(saved.history().epochs());
    return saved.history();
  }

  private History learn(
      Training training, Course course, Lesson lesson, Best best, Recorder recorder) {
    team.begins(training);
    try {
      training.begin();
      team.epochEnds(training.history().epochs().size());
      while (training.goesOn()) {
        Scores scores = epoch(training, course, lesson);
        training.keep(scores, validate());
        best.epoch(training.history().epochs());
        training.epochEnds();
        if (recorder != null && team.leads()) {
          trainer.withAverages(
              () ->
                  recorder.write(
                      trainer.session(), course.position(), trainer.learnt(), training.history()));
        }
        team.epochEnds(training.history().epochs().size());
      }
    } finally {
      best.restore();
      training.end();
    }
    return training.history();
  }

  private Recorder recorder(Sequences first) {
    if (epochs.checkpoints() == null) {
      return null;
    }
    Map<String, String> settings = settings();
    settings.put("training data", fingerprint(first));
    settings.put("validation data", "nothing");
    if (epochs.validation() != null) {
      try (Portions portions = new Portions(epochs.validation())) {
        settings.put("validation data", fingerprint(portions.next()));
      }
    }
    return Recorder.open(
        epochs.checkpoints(),
        trainer.state(optimizer, epochs.stopping() != null),
        settings,
        team.leads());
  }

  /** What makes one training another than the other, in words. */
  private Map<String, String> settings() {
    EarlyStopping stopping = epochs.stopping();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("layer", Recorder.text(model.view().layer()));
    settings.put("seed", String.valueOf(trainer.seed()));
    settings.put("optimizer", Recorder.text(optimizer));
    settings.put("loss", Recorder.text(loss.parts()));
    settings.put("batching", Recorder.text(epochs.batching()));
    settings.put("scores", String.join(", ", scoreNames()));
    settings.put("early stopping by", stopping == null ? "nothing" : stopping.goal().toString());
    return settings;
  }

  /** What data is known by: how many rows, and the first, the middle and the last of them. */
  private String fingerprint(Sequences data) {
    Share share = team.share(data);
    int rows = share.all();
    long[] sums =
        team.sums(
            IntStream.of(0, rows / 2, rows - 1)
                .mapToLong(row -> share.has(row) ? crc(data, row - share.first()) : 0)
                .toArray());
    return "%d rows, CRC-32 %08x %08x %08x".formatted(rows, sums[0], sums[1], sums[2]);
  }

  private long crc(Sequences data, int row) {
    try (Batch batch = trainer.training().batch(new Course.Rows(data, new int[] {row}))) {
      return batch.crc();
    }
  }

  /** Where a training stands, in words. */
  private Map<String, String> state(Course course) {
    Map<String, String> state = new LinkedHashMap<>();
    state.put("place in the data", course.position().toString());
    state.put("number of updates", String.valueOf(trainer.learnt()));
    state.put("weights and optimizer's state", "CRC-32 %08x".formatted(trainer.crc(optimizer)));
    return state;
  }

  private Scores epoch(Training training, Course course, Lesson lesson) {
    Sums sums = new Sums(loss, trainer.tallies(trainer.training(), epochs.metrics()));
    int many = epochs.batching().perEpoch();
    lesson.forget();
    for (int number = 1; !team.stopped(training) && (many == 0 || number <= many); number++) {
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
    return team.scores(sums);
  }

  /** The weights of the best epoch, where they are to be restored. */
  private final class Best {
    private final Slots.Kept kept = epochs.stopping() == null ? null : trainer.best(optimizer);
    private boolean any;

    void epoch(List<History.Epoch> all) {
      if (kept != null && epochs.stopping().goal().best(all) == all.size() - 1) {
        trainer.session().run(kept.take());
        any = true;
      }
    }

    /** Goes on with what a checkpoint had. */
    void goOn(List<History.Epoch> all) {
      any = kept != null && epochs.stopping().goal().best(all) >= 0;
    }

    void restore() {
      if (any) {
        trainer.useAverages(false);
        trainer.session().run(kept.putBack());
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
    return epochs.validation() == null
        ? null
        : trainer.withAverages(
            () -> team.scores(trainer.sums(epochs.validation(), loss, epochs.metrics())));
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
      int row = rows.indices().length == 0 ? 0 : rows.indices()[0];
      Course.Rows one = new Course.Rows(rows.data(), new int[] {row});
      trainer.run(
          trainer.session().runner(), objective, means, new Sums(loss, tallies), one, 0, null);
    }
  }
}
