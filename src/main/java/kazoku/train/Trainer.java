package kazoku.train;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/** Runs a model over data with targets, with updates of the weights or without. */
final class Trainer {
  static final int ROWS_AT_ONCE = 256;

  private record StepKey(Objective objective, Optimizer optimizer) {}

  private record RecordedKey(Slots slots, boolean withBest) {}

  private final Graph graph;
  private final Session session;
  private final Weights weights;
  private final Carry carry;
  private final Pass training;
  private final Pass inference;
  private final long seed;
  private final Map<Objective.Key, Objective> objectives = new HashMap<>();
  private final Map<StepKey, Op> steps = new HashMap<>();
  private final Map<Optimizer, Slots> slots = new HashMap<>();
  private final Map<Pass, Map<String, Reading>> readings = new IdentityHashMap<>();
  private final Map<RecordedKey, Checkpoint> recorded = new HashMap<>();
  private volatile Slots current;
  private boolean averaged;
  private long passes;
  private long learnt;

  Trainer(
      Graph graph,
      Session session,
      Weights weights,
      Carry carry,
      Pass training,
      Pass inference,
      long seed) {
    this.graph = graph;
    this.session = session;
    this.weights = weights;
    this.carry = carry;
    this.training = training;
    this.inference = inference;
    this.seed = seed;
  }

  /** What is done with each batch of a training; portions of data are checked when they begin. */
  private final class Lesson implements AutoCloseable {
    private final Optimizer optimizer;
    private final Loss loss;
    private final Batching batching;
    private final States states = new States(carry);
    private Sequences portion;
    private Objective objective;
    private Op step;

    private int rowsAtOnce;

    Lesson(Optimizer optimizer, Loss loss, Batching batching) {
      this.optimizer = optimizer;
      this.loss = loss;
      this.batching = batching;
    }

    void check(Sequences data, Tallies metrics) {
      if (data != portion) {
        objective = objective(data, loss);
        metrics.check(data);
        checkParts(data, metrics);
        step = steps.computeIfAbsent(new StepKey(objective, optimizer), Trainer.this::step);
        portion = data;
      }
    }

    /** Refuses what cannot be given in parts, or does not go on. */
    private void checkParts(Sequences data, Tallies metrics) {
      if (!batching.inParts()) {
        return;
      }
      carry.require();
      if (batching.truncation() != null) {
        Set<String> outputs = new LinkedHashSet<>(Objective.losses(loss).keySet());
        outputs.addAll(metrics.outputs());
        for (String output : outputs) {
          Targets targets = data.requireTargets(output);
          Checks.require(
              targets.form() == Targets.Form.STEP,
              "Epochs",
              "to truncate, targets must be for each step, since a row's end is in its last window"
                  + " only; train on whole sequences",
              targets.text());
        }
        data.part(0, 0);
      }
      if (batching.stateful()) {
        int rows = Math.min(batching.size(), data.size());
        if (data.size() % rows != 0 || rowsAtOnce > 0 && rows != rowsAtOnce) {
          throw new IllegalArgumentException(
              "Epochs: stateful training needs as many rows in every batch, since each goes on"
                  + " where one of the batch before ended; choose a batchSize that divides the rows"
                  + " of each portion, got "
                  + batching.size()
                  + " for "
                  + data.size());
        }
        rowsAtOnce = rows;
      }
    }

    /** As much as one update sees at first. */
    Course.Rows beginning(Course.Rows rows) {
      return batching.truncation() == null
          ? rows
          : Course.Rows.all(
              rows.data().select(rows.indices()[0]).part(0, batching.truncation().through()), 0);
    }

    float learn(Sums sums, Course.Rows rows) {
      check(rows.data(), sums.metrics());
      useAverages(false); // A callback may have looked at them.
      if (!batching.stateful()) {
        states.forget();
      }
      return batching.truncation() == null
          ? update(sums, rows, batching.stateful())
          : windows(sums, batching.truncation(), rows.data().select(rows.indices()));
    }

    /** An update for each window; the mean loss of all steps that count. */
    private float windows(Sums sums, Truncation truncation, Sequences rows) {
      double sum = 0;
      double steps = 0;
      int at = 0;
      for (Truncation.Window window : truncation.windows(rows.longest())) {
        if (at < window.begin()) {
          advance(rows.part(at, window.begin()));
          at = window.begin();
        }
        boolean keeps = !truncation.overlaps() || window.end() == rows.longest();
        Sequences seen = rows.part(at, window.end());
        float loss = update(sums, Course.Rows.all(seen, window.counted() - at), keeps);
        if (!Float.isFinite(loss)) {
          return loss;
        }
        double counted = Math.max(1, rows.part(window.counted(), window.end()).steps());
        sum += loss * counted;
        steps += counted;
        at = keeps ? window.end() : at;
      }
      return (float) (sum / steps);
    }

    private float update(Sums sums, Course.Rows rows, boolean keeps) {
      Session.Runner runner = session.runner().addTarget(step);
      weights.updates().forEach(runner::addTarget);
      states.feed(runner);
      States keeping = keeps ? states : null;
      return run(runner, objective, objective.training(), sums, rows, ++learnt, keeping);
    }

    /** Moves the states on, to where the next update begins. */
    private void advance(Sequences rows) {
      Session.Runner runner = session.runner();
      try (Batch batch = training.batch(Course.Rows.all(rows, 0));
          TInt64 key = TInt64.vectorOf(seed, learnt + 1)) {
        runner.feed(weights.key(), key);
        training.feed(runner, batch);
        states.feed(runner);
        states.fetch(runner);
        try (Result result = runner.run()) {
          states.keep(result);
        }
      }
    }

    /** Lets all rows begin anew. */
    void forget() {
      states.forget();
    }

    @Override
    public void close() {
      states.close();
    }
  }

  History fit(Model model, Source data, Optimizer optimizer, Loss loss, Epochs epochs) {
    try (Course course = new Course(data, epochs.batching(), seed);
        Lesson lesson = new Lesson(optimizer, loss, epochs.batching())) {
      course.begin(passes + 1);
      lesson.check(course.look().data(), tallies(training, epochs.metrics()));
      measureOnce(lesson.beginning(course.look()), loss, epochs.metrics(), training);
      validateOnce(epochs, loss);
      Set<String> names = scoreNames(loss, epochs.metrics());
      if (epochs.stopping() != null) {
        epochs.stopping().goal().check(names);
      }
      Best best = new Best(epochs.stopping(), slots(optimizer));
      session.initialize();
      try (Recorder recorder = recorder(model, course.look().data(), lesson, epochs, names)) {
        Saved saved = recorder == null ? null : recorder.find();
        if (saved != null) {
          course.go(Recorder.position(saved));
        }
        useAverages(false);
        current = slots(optimizer);
        if (saved == null) {
          passes++;
        } else {
          restore(saved, recorder, best);
        }
        Training training =
            new Training(
                model, this, epochs, names, saved == null ? List.of() : saved.history().epochs());
        return learn(training, course, lesson, epochs, best, recorder);
      }
    }
  }

  private void restore(Saved saved, Recorder recorder, Best best) {
    recorder.restore(session, saved);
    averaged = current.exchange() != null;
    useAverages(false);
    passes = Recorder.position(saved).pass();
    learnt = Recorder.learnt(saved);
    best.goOn(saved.history());
  }

  private History learn(
      Training training,
      Course course,
      Lesson lesson,
      Epochs epochs,
      Best best,
      Recorder recorder) {
    EarlyStopping stopping = epochs.stopping();
    try {
      training.begin();
      while (training.goesOn()
          && (stopping == null || !stopping.ends(training.history().epochs()))) {
        Scores scores = epoch(training, course, lesson, epochs);
        Scores validation = validate(epochs, lesson.loss);
        training.keep(scores, validation);
        best.epoch(training.history().epochs());
        training.epochEnds();
        if (recorder != null) {
          record(recorder, course.position(), training.history());
        }
      }
    } finally {
      best.restore();
      training.end();
    }
    return training.history();
  }

  /** With the averages in the place of the weights, as validation has them. */
  private void record(Recorder recorder, Course.Position position, History history) {
    try {
      useAverages(current.exchange() != null);
      recorder.write(session, position, learnt, history);
    } finally {
      useAverages(false);
    }
  }

  private Recorder recorder(
      Model model, Sequences first, Lesson lesson, Epochs epochs, Set<String> names) {
    if (epochs.checkpoints() == null) {
      return null;
    }
    EarlyStopping stopping = epochs.stopping();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("layer", Recorder.text(model.view().layer()));
    settings.put("seed", String.valueOf(seed));
    settings.put("optimizer", Recorder.text(lesson.optimizer));
    settings.put("loss", Recorder.text(lesson.loss.parts()));
    settings.put("batching", Recorder.text(epochs.batching()));
    settings.put("scores", String.join(", ", names));
    settings.put("early stopping by", stopping == null ? "nothing" : stopping.goal().toString());
    settings.put("training data", fingerprint(first));
    try (Portions validation =
        epochs.validation() == null ? null : new Portions(epochs.validation())) {
      settings.put(
          "validation data", validation == null ? "nothing" : fingerprint(validation.next()));
    }
    return Recorder.open(
        epochs.checkpoints(), values(slots(lesson.optimizer), stopping != null), settings);
  }

  private Checkpoint values(Slots slots, boolean withBest) {
    return recorded.computeIfAbsent(
        new RecordedKey(slots, withBest),
        key -> {
          Map<String, Operand<TNumber>> all = new LinkedHashMap<>(weights.operands());
          slots.all().forEach((name, slot) -> all.put(Saved.SLOT + name, slot));
          if (withBest) {
            slots
                .kept(weights.operands())
                .variables()
                .forEach((name, copy) -> all.put(Saved.BEST + name, copy));
          }
          return Checkpoint.build(weights.tf(), all);
        });
  }

  /** What data is known by: its number of rows, and the first, the middle and the last of them. */
  private String fingerprint(Sequences data) {
    int rows = data.size();
    Sequences few = data.select(IntStream.of(0, rows / 2, rows - 1).distinct().toArray());
    try (Batch batch = training.batch(Course.Rows.all(few, 0))) {
      return "%d rows, CRC-32 %08x".formatted(rows, batch.crc());
    }
  }

  private Scores epoch(Training running, Course course, Lesson lesson, Epochs epochs) {
    Sums sums = new Sums(lesson.loss, tallies(training, epochs.metrics()));
    int many = epochs.batching().perEpoch();
    lesson.forget();
    for (int number = 1; !running.stopped() && (many == 0 || number <= many); number++) {
      Course.Rows rows = course.take();
      if (rows == null && (many > 0 || number == 1)) {
        course.begin(++passes);
        lesson.forget();
        rows = course.take();
      }
      if (rows == null) {
        break;
      }
      float loss = lesson.learn(sums, rows);
      if (!Float.isFinite(loss)) {
        throw new IllegalStateException(
            "Model: the loss is %s in epoch %d, batch %d; lower the learning rate or clip the gradients (optimizer.clip(1)), and begin with a new model"
                .formatted(loss, running.history().epochs().size() + 1, number));
      }
      running.batch(number, course.batchesPerEpoch(), loss);
    }
    return sums.scores();
  }

  /** The weights of the best epoch, where they are to be restored. */
  private final class Best {
    private final EarlyStopping stopping;
    private final Slots.Kept kept;
    private boolean any;

    Best(EarlyStopping stopping, Slots slots) {
      this.stopping = stopping;
      this.kept = stopping == null ? null : slots.kept(weights.operands());
    }

    void epoch(List<History.Epoch> epochs) {
      if (stopping != null && stopping.goal().best(epochs) == epochs.size() - 1) {
        session.run(kept.take());
        any = true;
      }
    }

    /** Goes on with what a checkpoint had. */
    void goOn(History history) {
      any = stopping != null && stopping.goal().best(history.epochs()) >= 0;
    }

    void restore() {
      if (any) {
        useAverages(false);
        session.run(kept.putBack());
      }
    }
  }

  private static Set<String> scoreNames(Loss loss, List<Metric> metrics) {
    Set<String> names = new LinkedHashSet<>(List.of("loss", loss.metricName()));
    metrics.forEach(metric -> names.add(metric.name()));
    return names;
  }

  /** With the averages of the weights, where there are any. */
  private Scores validate(Epochs epochs, Loss loss) {
    if (epochs.validation() == null) {
      return null;
    }
    boolean averages = current.exchange() != null;
    try {
      useAverages(averages);
      return evaluate(epochs.validation(), loss, epochs.metrics());
    } finally {
      useAverages(false);
    }
  }

  /** Raises before training what validation would raise after an epoch. */
  private void validateOnce(Epochs epochs, Loss loss) {
    if (epochs.validation() != null) {
      try (Portions portions = new Portions(epochs.validation())) {
        Sequences first = portions.next();
        objective(first, loss);
        measureOnce(new Course.Rows(first, new int[] {0}), loss, epochs.metrics(), inference);
      }
    }
  }

  /** Raises before training what metrics would raise in it. */
  private void measureOnce(Course.Rows rows, Loss loss, List<Metric> metrics, Pass pass) {
    if (!metrics.isEmpty()) {
      Objective objective = objective(rows.data(), loss);
      Tallies tallies = tallies(pass, metrics);
      tallies.check(rows.data());
      Course.Rows one = new Course.Rows(rows.data(), new int[] {rows.indices()[0]});
      run(
          session.runner(),
          objective,
          objective.means(pass == training),
          new Sums(loss, tallies),
          one,
          0,
          null);
    }
  }

  private Tallies tallies(Pass pass, List<Metric> metrics) {
    Map<String, Reading> known = readings.computeIfAbsent(pass, p -> new HashMap<>());
    return new Tallies(
        output ->
            known.computeIfAbsent(output, name -> Reading.of(weights.tf(), pass.output(name))),
        metrics);
  }

  Scores evaluate(Source source, Loss loss, List<Metric> metrics) {
    Sums sums = new Sums(loss, tallies(inference, metrics));
    long number = 0;
    try (Portions portions = new Portions(source)) {
      while (portions.hasNext()) {
        Sequences data = portions.next();
        Objective objective = objective(data, loss);
        sums.metrics().check(data);
        for (int[] rows : data.batches(ROWS_AT_ONCE)) {
          run(
              session.runner(),
              objective,
              objective.inference(),
              sums,
              new Course.Rows(data, rows),
              --number,
              null);
        }
      }
    }
    return sums.scores();
  }

  /**
   * Runs a batch, and gives its mean loss.
   *
   * @param number random values are a function of it and the seed
   * @param keeping takes the states that rows end with; null if they are not needed
   */
  private float run(
      Session.Runner runner,
      Objective objective,
      Objective.Means means,
      Sums sums,
      Course.Rows rows,
      long number,
      States keeping) {
    try (Batch batch = training.batch(rows);
        TInt64 key = TInt64.vectorOf(seed, number)) {
      sums.fetch(runner, means);
      if (keeping != null) {
        keeping.fetch(runner);
      }
      runner.feed(weights.key(), key);
      training.feed(runner, batch);
      objective.feed(runner, batch);
      try (Result result = runner.run()) {
        if (keeping != null) {
          keeping.keep(result);
        }
        return sums.add(result, rows);
      }
    }
  }

  private Objective objective(Sequences data, Loss loss) {
    training.check(data);
    Map<String, Boolean> withSteps = new LinkedHashMap<>();
    Objective.losses(loss)
        .forEach(
            (output, part) -> {
              Targets targets = data.requireTargets(output);
              check(output, targets, part.loss());
              withSteps.put(output, targets.form() != Targets.Form.ROW);
            });
    return objectives.computeIfAbsent(
        new Objective.Key(loss, withSteps),
        key -> Objective.build(weights, key, training, inference));
  }

  private void check(String output, Targets targets, Loss loss) {
    if (targets.hasLabels() != loss.labels()) {
      throw new IllegalArgumentException(
          "Loss: "
              + loss
              + " needs "
              + (loss.labels() ? "labels" : "numbers")
              + " as targets, got "
              + targets.text());
    }
    int rank = training.rank(output);
    if (rank >= 0) {
      targets.checkRank(rank);
    }
    if (training.outputSize(output) >= 0) {
      targets.checkOutputs(training.outputSize(output));
    }
  }

  private Op step(StepKey key) {
    Objective.Means means = key.objective().training();
    Gradients gradients =
        Gradients.of(
                weights.tf(), means.total(), weights.trainable(), means.losses().get(0).count())
            .waitingFor(weights.tf(), means.sums());
    return slots(key.optimizer()).update(gradients);
  }

  /** What an optimizer remembers of this model's weights; all losses share it. */
  Slots slots(Optimizer optimizer) {
    return slots.computeIfAbsent(optimizer, o -> new Slots(weights.tf(), o));
  }

  private Slots current() {
    if (current == null) {
      throw new IllegalStateException(
          "Model: there is no optimizer yet; call fit, which brings one");
    }
    return current;
  }

  /** The rate of the next update. */
  double learningRate() {
    return fetched(current().scheduled()) * fetched(current().scale());
  }

  void learningRate(double rate) {
    Checks.notNegative("Model", "learningRate", rate);
    Slots slots = current();
    float scheduled = fetched(slots.scheduled());
    if (scheduled == 0) {
      throw new IllegalStateException(
          "Model: the schedule's rate is 0 now, and no multiple of it is "
              + rate
              + "; set it where the schedule is not 0");
    }
    try (TFloat32 scale = TFloat32.scalarOf((float) (rate / scheduled))) {
      session.runner().feed(slots.scaleGiven(), scale).addTarget(slots.setScale()).run().close();
    }
  }

  private float fetched(Operand<TFloat32> number) {
    try (Result result = session.runner().fetch(number).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  /** Puts the averages of the weights in their place, or the weights back. */
  void useAverages(boolean use) {
    if (use == averaged) {
      return;
    }
    Op exchange = current().exchange();
    if (exchange == null) {
      throw new IllegalStateException(
          "Model: its optimizer keeps no averages; train with optimizer.average(0.999)");
    }
    session.run(exchange);
    averaged = use;
  }
}
