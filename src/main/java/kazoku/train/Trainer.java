package kazoku.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.CRC32;
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

  private record StateKey(Slots slots, boolean withBest) {}

  /** What is asked of a run beside sums; it is the last that is answered. */
  interface Answers {
    void fetch(Session.Runner runner);

    void keep(Result result);
  }

  /** An update of all that moves, and who knows why it was not made. */
  record Step(Op op, Culprit culprit) {}

  private final Graph graph;
  private final Session session;
  private final Weights weights;
  private final Carry carry;
  private final Pass training;
  private final Pass inference;
  private final long seed;
  private final Map<Objective.Key, Objective> objectives = new HashMap<>();
  private final Map<StepKey, Step> steps = new HashMap<>();
  private final Map<StepKey, JointUpdate> joint = new HashMap<>();
  private final Map<Optimizer, Slots> slots = new HashMap<>();
  private final Map<Pass, Map<String, Reading>> readings = new IdentityHashMap<>();
  private final Map<StateKey, Checkpoint> states = new HashMap<>();
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

  Session session() {
    return session;
  }

  Carry carry() {
    return carry;
  }

  /** The pass that is trained. */
  Pass training() {
    return training;
  }

  /** The pass that is evaluated. */
  Pass inference() {
    return inference;
  }

  long seed() {
    return seed;
  }

  /** The number of the last pass over data; the order of rows is a function of it. */
  long passes() {
    return passes;
  }

  void passes(long number) {
    passes = number;
  }

  /** How many batches, or windows of them, were learnt; random values are a function of it. */
  long learnt() {
    return learnt;
  }

  void learnt(long number) {
    learnt = number;
  }

  /** Begins to train with an optimizer, on the weights themselves. */
  void begin(Optimizer optimizer) {
    useAverages(false);
    current = slots(optimizer);
  }

  /** Copies of the weights of the best epoch, for an optimizer whose steps are built. */
  Slots.Kept best(Optimizer optimizer) {
    return slots(optimizer).kept(weights.operands());
  }

  /**
   * All Variables of a training.
   *
   * @param withBest whether the weights of the best epoch are kept
   */
  Checkpoint state(Optimizer optimizer, boolean withBest) {
    return states.computeIfAbsent(
        new StateKey(slots(optimizer), withBest),
        key -> {
          Map<String, Operand<TNumber>> all = new LinkedHashMap<>(weights.operands());
          key.slots.all().forEach((name, slot) -> all.put(Saved.SLOT + name, slot));
          if (withBest) {
            best(optimizer).variables().forEach((name, copy) -> all.put(Saved.BEST + name, copy));
          }
          return Checkpoint.build(weights.tf(), all);
        });
  }

  /**
   * Variables of a training that an optimizer has begun.
   *
   * @return null if it has begun none
   */
  Checkpoint begun(Optimizer optimizer) {
    boolean begun =
        Stream.of(steps, joint)
            .flatMap(built -> built.keySet().stream())
            .anyMatch(key -> key.optimizer().equals(optimizer));
    return begun ? state(optimizer, false) : null;
  }

  /** Whether averages are in the place of the weights. */
  boolean averaged() {
    return averaged;
  }

  /** Goes on from a state that was written while averages were in the place of the weights. */
  void restore(Checkpoint state, Path path) {
    state.restore(session, path);
    averaged = current.exchange() != null;
    useAverages(false);
  }

  /** Metrics of what a pass gives. */
  Tallies tallies(Pass pass, List<Metric> metrics) {
    Map<String, Reading> known = readings.computeIfAbsent(pass, p -> new HashMap<>());
    return new Tallies(
        output ->
            known.computeIfAbsent(output, name -> Reading.of(weights.tf(), pass.output(name))),
        metrics);
  }

  Scores evaluate(Source source, Loss loss, List<Metric> metrics) {
    return sums(source, loss, metrics).scores();
  }

  /** Losses and metrics of some data. */
  Sums sums(Source source, Loss loss, List<Metric> metrics) {
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
    return sums;
  }

  /** How large the gradients of the mean loss are. */
  Flow.Sum gradients(Source source, Loss loss, Flow flow) {
    Flow.Sum sum = null;
    try (Portions portions = new Portions(source)) {
      while (portions.hasNext()) {
        Sequences data = portions.next();
        Objective objective = objective(data, loss);
        sum = sum == null ? flow.sum(objective) : sum;
        for (int[] rows : data.batches(ROWS_AT_ONCE)) {
          try (Batch batch = training.batch(new Course.Rows(data, rows));
              TInt64 key = key(0)) {
            Session.Runner runner = session.runner();
            flow.feed(runner, batch, key);
            objective.feed(runner, batch);
            sum.add(runner);
          }
        }
      }
    }
    return sum;
  }

  /**
   * Runs a batch, and gives its mean loss.
   *
   * @param number random values are a function of it and the seed
   * @param more what else is asked; null for nothing
   */
  float run(
      Session.Runner runner,
      Objective objective,
      Objective.Means means,
      Sums sums,
      Course.Rows rows,
      long number,
      Answers more) {
    try (Batch batch = training.batch(rows);
        TInt64 key = key(number)) {
      sums.fetch(runner, means);
      if (more != null) {
        more.fetch(runner);
      }
      fed(runner, batch, key);
      objective.feed(runner, batch);
      try (Result result = runner.run()) {
        if (more != null) {
          more.keep(result);
        }
        return sums.add(result, rows);
      }
    }
  }

  /** All that is random in a run is a function of it. */
  TInt64 key(long number) {
    return TInt64.vectorOf(seed, number);
  }

  /** A run to which the inputs of a batch are fed. */
  Session.Runner fed(Session.Runner runner, Batch batch, TInt64 key) {
    runner.feed(weights.key(), key);
    training.feed(runner, batch);
    return runner;
  }

  /** A loss for some data, which fits it. */
  Objective objective(Sequences data, Loss loss) {
    training.check(data);
    Map<String, Boolean> withSteps = new LinkedHashMap<>();
    Objective.losses(loss)
        .forEach(
            (output, part) -> {
              Targets targets = data.requireTargets(output);
              check(output, targets, part.loss());
              withSteps.put(output, targets.form() != Targets.Form.ROW);
            });
    Objective objective =
        objectives.computeIfAbsent(
            new Objective.Key(loss, withSteps),
            key -> Objective.build(weights, key, training, inference));
    objective.check(data);
    return objective;
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

  /** One update of the weights. */
  Step step(Objective objective, Optimizer optimizer) {
    return steps.computeIfAbsent(new StepKey(objective, optimizer), this::build);
  }

  /** One update of the weights that several workers make. */
  JointUpdate joint(Objective objective, Optimizer optimizer) {
    return joint.computeIfAbsent(
        new StepKey(objective, optimizer),
        key -> JointUpdate.build(weights, training, objective, optimizer, slots(optimizer)));
  }

  private Step build(StepKey key) {
    Objective.Means means = key.objective().training();
    Update update =
        Update.build(weights, training, key.objective(), key.optimizer(), slots(key.optimizer()));
    return new Step(update.op(), new Culprit(weights, training, means, update.gradients()));
  }

  /** What an optimizer remembers of this model's weights; all losses share it. */
  Slots slots(Optimizer optimizer) {
    return slots.computeIfAbsent(optimizer, o -> new Slots(weights.tf(), o));
  }

  /** Lets an optimizer that has no slots yet go by the rates that are set, not by its schedule. */
  void ignoreSchedule(Optimizer optimizer) {
    slots.put(optimizer, Slots.unscheduled(weights.tf(), optimizer));
  }

  /** Slots of the optimizer that trains, or trained last. */
  Slots current() {
    if (current == null) {
      throw new IllegalStateException(
          "Model: there is no optimizer yet; call fit, which brings one");
    }
    return current;
  }

  /** The rate of the next update. */
  double learningRate() {
    return fetched(current().scheduled()) * scale();
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
    scale((float) (rate / scheduled));
  }

  /** By what the rates of the schedule are multiplied. */
  float scale() {
    return fetched(current().scale());
  }

  void scale(float factor) {
    Slots slots = current();
    try (TFloat32 scale = TFloat32.scalarOf(factor)) {
      session.runner().feed(slots.scaleGiven(), scale).addTarget(slots.setScale()).run().close();
    }
  }

  /** A sum of all weights, and of what an optimizer remembers. */
  long crc(Optimizer optimizer) {
    Session.Runner runner = session.runner();
    weights.operands().values().forEach(runner::fetch);
    slots(optimizer).all().values().forEach(runner::fetch);
    CRC32 crc = new CRC32();
    try (Result result = runner.run()) {
      for (int i = 0; i < result.size(); i++) {
        Batch.addTo(crc, result.get(i));
      }
    }
    return crc.getValue();
  }

  private float fetched(Operand<TFloat32> number) {
    try (Result result = session.runner().fetch(number).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  /** Puts averages in the place of the weights for a while, where there are any. */
  <T> T withAverages(Supplier<T> what) {
    try {
      useAverages(current.exchange() != null);
      return what.get();
    } finally {
      useAverages(false);
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
