package kazoku.train;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Learns a batch together with other workers. Each computes the sums and the mean gradients of its
 * own rows; all add those of all workers, in double and in the order of their ranks, weighted by
 * how many rows or steps they are means of; and all make the same update.
 */
final class Joint {
  /** Random values of the workers differ; those of the first are those of one process. */
  private static final int RANK = 40;

  private final Together team;
  private final Trainer trainer;
  private final Objective objective;
  private final JointUpdate update;

  Joint(Together team, Trainer trainer, Objective objective, JointUpdate update) {
    this.team = team;
    this.trainer = trainer;
    this.objective = objective;
    this.update = update;
  }

  /** What is computed of the own rows. */
  private final class Own implements Trainer.Answers {
    private final List<float[]> numbers = new ArrayList<>();

    @Override
    public void fetch(Session.Runner runner) {
      update.all().forEach(shared -> runner.fetch(shared.own()));
    }

    @Override
    public void keep(Result result) {
      numbers.add(Model.floats(Sums.of(result)));
      for (int i = result.size() - update.all().size(); i < result.size(); i++) {
        numbers.add(Model.floats((TFloat32) result.get(i)));
      }
    }

    int size() {
      return Float.BYTES * numbers.stream().mapToInt(each -> each.length).sum();
    }

    void write(ByteBuffer to) {
      FloatBuffer floats = to.asFloatBuffer();
      numbers.forEach(floats::put);
    }
  }

  /**
   * What a worker has computed.
   *
   * @param rank whose it is
   * @param rows of how many rows
   * @param numbers the sums, the gradients, and the next values of weights that move
   */
  private record Part(int rank, int rows, FloatBuffer numbers) {
    /** What the loss is a mean of. */
    float count() {
      return numbers.get(1);
    }

    /** Whether it can be learnt from. */
    boolean finite(Objective.Means means, int trained) {
      double[] sums = IntStream.range(0, means.size()).mapToDouble(numbers::get).toArray();
      return Double.isFinite(means.loss(sums))
          && IntStream.range(means.size(), means.size() + trained)
              .allMatch(i -> Float.isFinite(numbers.get(i)));
    }
  }

  /** What of all workers' numbers each counts. */
  private record Mean(List<Part> parts, double[] weights) {
    float[] of(int from, int size) {
      double all = Arrays.stream(weights).sum();
      double[] sums = new double[size];
      float[] own = new float[size];
      for (int k = 0; k < weights.length; k++) {
        parts.get(k).numbers.get(from, own);
        for (int i = 0; i < size; i++) {
          sums[i] += weights[k] * own[i];
        }
      }
      float[] mean = new float[size];
      for (int i = 0; i < size; i++) {
        mean[i] = (float) (sums[i] / all);
      }
      return mean;
    }
  }

  Culprit culprit() {
    return update.culprit();
  }

  /**
   * Makes an update, and gives the mean loss of the whole batch.
   *
   * @param notFinite finds what was not finite in own rows, by the number that random values are a
   *     function of
   * @param when which batch it is, for people
   */
  float learn(
      Sums sums,
      Course.Rows rows,
      long number,
      LongFunction<Culprit.NotFinite> notFinite,
      String when) {
    Objective.Means means = objective.training();
    long drawn = number + ((long) team.rank() << RANK);
    Own own = new Own();
    if (rows.indices().length == 0) {
      sums.of(means);
    } else {
      trainer.run(trainer.session().runner(), objective, means, sums, rows, drawn, own);
    }
    List<Part> parts = exchange(rows.indices().length, own, number);
    double[] total = new double[means.size()];
    parts.forEach(part -> Arrays.setAll(total, i -> total[i] + part.numbers.get(i)));
    double loss = means.loss(total);
    Mean byRows = new Mean(parts, parts.stream().mapToDouble(Part::rows).toArray());
    // Where nothing counts, gradients are those of penalties, the same in all workers.
    Mean byCount =
        total[1] == 0 ? byRows : new Mean(parts, parts.stream().mapToDouble(Part::count).toArray());
    int at = means.size();
    List<float[]> values = new ArrayList<>();
    for (JointUpdate.Shared shared : update.gradients()) {
      values.add(byCount.of(at, shared.size()));
      at += shared.size();
    }
    if (!Double.isFinite(loss) || !values.stream().allMatch(Joint::finite)) {
      throw notFinite(parts, at - means.size(), () -> notFinite.apply(drawn), when);
    }
    for (JointUpdate.Shared shared : update.moved()) {
      values.add(byRows.of(at, shared.size()));
      at += shared.size();
    }
    apply((float) total[1], values);
    return (float) loss;
  }

  /** In every worker, so that none goes on. */
  private Culprit.NotFinite notFinite(
      List<Part> parts, int trained, Supplier<Culprit.NotFinite> own, String when) {
    List<Integer> ranks =
        parts.stream()
            .filter(part -> !part.finite(objective.training(), trained))
            .map(Part::rank)
            .toList();
    return ranks.contains(team.rank())
        ? own.get()
        : new Culprit.NotFinite(
            "Model: in "
                + when
                + ", the loss or a gradient of the rows of worker "
                + ranks.stream().map(String::valueOf).collect(Collectors.joining(" and "))
                + " is not finite, and its error says what was the first; the update was not made");
  }

  private List<Part> exchange(int rows, Own own, long number) {
    List<ByteBuffer> all =
        team.gather(
            Together.Kind.UPDATE,
            number,
            Integer.BYTES + own.size(),
            body -> own.write(body.putInt(rows)));
    int numbers =
        objective.training().size()
            + update.all().stream().mapToInt(JointUpdate.Shared::size).sum();
    List<Part> parts = new ArrayList<>();
    for (int rank = 0; rank < all.size(); rank++) {
      ByteBuffer body = all.get(rank);
      int count = body.getInt();
      if (count > 0) {
        Together.requireSize(body, Float.BYTES * numbers);
        parts.add(new Part(rank, count, body.asFloatBuffer()));
      }
    }
    return parts;
  }

  private void apply(float count, List<float[]> values) {
    Session.Runner runner = trainer.session().runner();
    List<TFloat32> tensors = new ArrayList<>();
    try {
      for (JointUpdate.Shared shared : update.all()) {
        float[] value = values.get(tensors.size());
        tensors.add(TFloat32.tensorOf(shared.shape(), DataBuffers.of(value)));
        runner.feed(shared.mean(), tensors.get(tensors.size() - 1));
      }
      tensors.add(TFloat32.scalarOf(count));
      runner.feed(update.count(), tensors.get(tensors.size() - 1));
      runner.addTarget(update.op()).run().close();
    } finally {
      tensors.forEach(TFloat32::close);
    }
  }

  private static boolean finite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
