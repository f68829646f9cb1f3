package kazoku.train;

import java.util.LinkedHashSet;
import java.util.Set;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.types.TInt64;

/** What is done with each batch of a training; portions of data are checked when they begin. */
final class Lesson implements AutoCloseable {
  private final Trainer trainer;
  private final Optimizer optimizer;
  private final Loss loss;
  private final Batching batching;
  private final Team team;
  private final States states;
  private Sequences portion;
  private Objective objective;
  private Trainer.Step step;
  private Joint joint;
  private int rowsAtOnce;

  Lesson(Trainer trainer, Optimizer optimizer, Loss loss, Batching batching, Team team) {
    this.trainer = trainer;
    this.optimizer = optimizer;
    this.loss = loss;
    this.batching = batching;
    this.team = team;
    this.states = new States(trainer.carry());
  }

  void check(Sequences data, Tallies metrics) {
    if (data != portion) {
      objective = trainer.objective(data, loss);
      metrics.check(data);
      if (batching.inParts()) {
        trainer.carry().require();
      }
      if (batching.truncation() != null) {
        Set<String> outputs = new LinkedHashSet<>(Objective.losses(loss).keySet());
        outputs.addAll(metrics.outputs());
        outputs.forEach(output -> Truncation.check(data.requireTargets(output)));
        data.part(0, 0);
      }
      if (batching.stateful()) {
        rowsAtOnce = batching.equalRows(data, rowsAtOnce);
      }
      joint = team.joint(objective, optimizer);
      step = joint == null ? trainer.step(objective, optimizer) : null;
      portion = data;
    }
  }

  /** As much as one update sees at first. */
  Course.Rows beginning(Course.Rows rows) {
    return batching.truncation() == null
        ? rows
        : Course.Rows.all(
            rows.data().select(rows.indices()[0]).part(0, batching.truncation().through()), 0);
  }

  /**
   * Learns a batch, and gives its mean loss.
   *
   * @param when which one it is, for people
   */
  float learn(Sums sums, Course.Rows rows, String when) {
    check(rows.data(), sums.metrics());
    trainer.useAverages(false); // A callback may have looked at them.
    if (!batching.stateful()) {
      states.forget();
    }
    Culprit.Place place = new Culprit.Place(when, rows.indices(), 0);
    return batching.truncation() == null
        ? update(sums, rows, batching.stateful(), place)
        : windows(sums, rows.data().select(rows.indices()), place);
  }

  /** An update for each window; the mean loss of all steps that count. */
  private float windows(Sums sums, Sequences rows, Culprit.Place place) {
    Truncation truncation = batching.truncation();
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
      Course.Rows part = Course.Rows.all(seen, window.counted() - at);
      float mean = update(sums, part, keeps, place.from(at));
      double counted = Math.max(1, rows.part(window.counted(), window.end()).steps());
      sum += mean * counted;
      steps += counted;
      at = keeps ? window.end() : at;
    }
    return (float) (sum / steps);
  }

  private float update(Sums sums, Course.Rows rows, boolean keeps, Culprit.Place place) {
    long number = trainer.learnt() + 1;
    float mean =
        joint == null
            ? alone(sums, rows, keeps ? states : null, number, place)
            : joint.learn(
                sums,
                rows,
                number,
                drawn -> notFinite(joint.culprit(), rows, drawn, place),
                place.when());
    trainer.learnt(number);
    return mean;
  }

  private float alone(
      Sums sums, Course.Rows rows, States keeping, long number, Culprit.Place place) {
    Session.Runner runner = trainer.session().runner().addTarget(step.op());
    states.feed(runner);
    try {
      return trainer.run(runner, objective, objective.training(), sums, rows, number, keeping);
    } catch (TFInvalidArgumentException e) {
      throw Culprit.of(e) ? notFinite(step.culprit(), rows, number, place) : e;
    }
  }

  private Culprit.NotFinite notFinite(
      Culprit culprit, Course.Rows rows, long number, Culprit.Place place) {
    try (Batch batch = trainer.training().batch(rows);
        TInt64 key = trainer.key(number)) {
      return culprit.found(
          () -> {
            Session.Runner runner = trainer.fed(trainer.session().runner(), batch, key);
            objective.feed(runner, batch);
            states.feed(runner);
            return runner;
          },
          batch,
          place);
    }
  }

  /** Moves the states on, to where the next update begins. */
  private void advance(Sequences rows) {
    try (Batch batch = trainer.training().batch(Course.Rows.all(rows, 0));
        TInt64 key = trainer.key(trainer.learnt() + 1)) {
      Session.Runner runner = trainer.fed(trainer.session().runner(), batch, key);
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
