package kazoku.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** Runs a model over data with targets, with updates of the weights or without. */
final class Trainer {
  static final int ROWS_AT_ONCE = 256;

  private record StepKey(Objective objective, Optimizer optimizer) {}

  private final Graph graph;
  private final Session session;
  private final Weights weights;
  private final Pass training;
  private final Pass inference;
  private final long seed;
  private final Map<Objective.Key, Objective> objectives = new HashMap<>();
  private final Map<StepKey, Op> steps = new HashMap<>();
  private final Map<Optimizer, Slots> slots = new HashMap<>();
  private final Map<String, Reading> readings = new HashMap<>();
  private volatile Slots current;
  private boolean averaged;
  private int epochsSoFar;
  private long batchesSoFar;

  Trainer(Graph graph, Session session, Weights weights, Pass training, Pass inference, long seed) {
    this.graph = graph;
    this.session = session;
    this.weights = weights;
    this.training = training;
    this.inference = inference;
    this.seed = seed;
  }

  History fit(Sequences data, Optimizer optimizer, Loss loss, Epochs epochs) {
    Objective objective = objective(data, loss);
    if (epochs.validation() != null) {
      objective(epochs.validation(), loss);
    }
    if (!epochs.metrics().isEmpty()) {
      measureOnce(epochs, loss);
    }
    Op step = steps.computeIfAbsent(new StepKey(objective, optimizer), this::step);
    session.initialize();
    useAverages(false);
    current = slots(optimizer);
    List<History.Epoch> history = new ArrayList<>();
    try {
      for (int number = 1; number <= epochs.count(); number++) {
        Scores scores = epoch(data, objective, step, number, epochs);
        history.add(new History.Epoch(number, scores, validate(epochs, loss)));
        epochs.progress().epoch(history.get(number - 1), epochs.count());
      }
    } finally {
      epochs.progress().end();
    }
    return new History(history);
  }

  private Scores epoch(Sequences data, Objective objective, Op step, int number, Epochs epochs) {
    Sum sum = new Sum(objective.training(), tallies(data, List.of()));
    int[][] batches = data.batches(epochs.batchSize(), seed, ++epochsSoFar);
    for (int b = 0; b < batches.length; b++) {
      useAverages(false); // A listener may have looked at them.
      float loss = sum.add(data, batches[b], objective, step, ++batchesSoFar);
      if (!Float.isFinite(loss)) {
        throw new IllegalStateException(
            "Model: the loss is %s in epoch %d, batch %d of %d; lower the learning rate or clip the gradients (optimizer.clip(1)), and begin with a new model"
                .formatted(loss, number, b + 1, batches.length));
      }
      epochs.progress().batch(b + 1, batches.length, epochs.count());
    }
    return sum.scores(objective.loss());
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

  /** Raises before training what metrics would raise after an epoch. */
  private void measureOnce(Epochs epochs, Loss loss) {
    Sequences data = epochs.validation();
    Checks.require(
        data != null,
        "Epochs",
        "metrics are measured on validation data; give it, epochs.validation(data)",
        null);
    Objective objective = objective(data, loss);
    Sum sum = new Sum(objective.inference(), tallies(data, epochs.metrics()));
    sum.add(data, new int[] {0}, objective, null, 0);
  }

  private Tallies tallies(Sequences data, List<Metric> metrics) {
    return new Tallies(
        data,
        output ->
            readings.computeIfAbsent(
                output, name -> Reading.of(weights.tf(), inference.output(name))),
        metrics);
  }

  Scores evaluate(Sequences data, Loss loss, List<Metric> metrics) {
    Objective objective = objective(data, loss);
    Sum sum = new Sum(objective.inference(), tallies(data, metrics));
    long batch = 0;
    for (int[] rows : data.batches(ROWS_AT_ONCE)) {
      sum.add(data, rows, objective, null, --batch);
    }
    return sum.scores(loss);
  }

  /** The sums of losses and metrics over batches, so that means are exact. */
  private final class Sum {
    private final Objective.Means means;
    private final Tallies metrics;
    private final double[] sums;

    Sum(Objective.Means means, Tallies metrics) {
      this.means = means;
      this.metrics = metrics;
      this.sums = new double[2 * means.losses().size() + 2];
    }

    /**
     * Runs a batch, and gives its mean loss.
     *
     * @param number random values are a function of it and the seed
     */
    float add(Sequences data, int[] rows, Objective objective, Op step, long number) {
      try (Batch batch = training.batch(data, rows);
          TInt64 key = TInt64.vectorOf(seed, number)) {
        Session.Runner runner = session.runner().fetch(means.total()).fetch(means.sums());
        runner.feed(weights.key(), key);
        training.feed(runner, batch);
        objective.feed(runner, batch);
        metrics.fetch(runner);
        if (step != null) {
          runner.addTarget(step);
          weights.updates().forEach(runner::addTarget);
        }
        try (Result result = runner.run()) {
          TFloat32 more = (TFloat32) result.get(1);
          for (int i = 0; i < sums.length; i++) {
            sums[i] += more.getFloat(i);
          }
          metrics.read(result, 2, rows);
          return ((TFloat32) result.get(0)).getFloat();
        }
      }
    }

    Scores scores(Loss of) {
      double loss = 0;
      for (int i = 0; i < means.losses().size(); i++) {
        loss += means.losses().get(i).weight() * mean(i);
      }
      return new Scores(loss, of.metricName(), mean(means.losses().size()), metrics.values());
    }

    private double mean(int index) {
      return sums[2 * index] / Math.max(1, sums[2 * index + 1]);
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
