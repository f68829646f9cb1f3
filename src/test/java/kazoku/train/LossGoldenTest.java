package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;

/**
 * All losses beside PyTorch and Keras: means and gradients, for rows and steps, with and without
 * weights of rows; where the size of an output is known while building, and where it is not.
 */
class LossGoldenTest {
  private static final double TOLERANCE = 1e-6;
  private static final Loss SQUARED_HINGE =
      Loss.of("squared hinge", (y, t) -> t.times(y).oneMinus().relu().square().mean());

  private static final Layer STEPS = (w, x) -> x;
  private static final Layer ROWS =
      (w, x) -> x.withRows(w.tf().squeeze(x.value(), Squeeze.axis(List.of(1L))));

  @TestFactory
  Stream<DynamicTest> lossesAreThoseOfPyTorchAndKeras() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : Reference.read("losses.json").get("cases")) {
      for (JsonNode form : golden.get("forms")) {
        for (int outputs : new int[] {3, -1}) {
          Loss loss = loss(golden);
          if (outputs > 0 || loss != SQUARED_HINGE) {
            String how =
                (form.has("lengths") ? "steps" : "rows")
                    + (form.has("sampleWeights") ? ", weighted" : "")
                    + (outputs > 0 ? "" : ", of a size that is not known");
            tests.add(
                DynamicTest.dynamicTest(
                    loss + text(golden) + ": " + how, () -> check(loss, form, outputs)));
          }
        }
      }
    }
    return tests.stream();
  }

  private static String text(JsonNode golden) {
    return (golden.has("labelSmoothing") ? ", smoothed" : "")
        + (golden.has("classWeights") ? ", with class weights" : "");
  }

  private static Loss loss(JsonNode golden) {
    Loss loss =
        switch (golden.get("loss").asText()) {
          case "mean squared error" -> Loss.meanSquaredError();
          case "mean absolute error" -> Loss.meanAbsoluteError();
          case "huber" -> Loss.huber(golden.get("delta").asDouble());
          case "log-cosh" -> Loss.logCosh();
          case "quantile" -> Loss.quantile(Reference.doubles(golden.get("quantiles")));
          case "cosine" -> Loss.cosine();
          case "poisson" -> Loss.poisson();
          case "hinge" -> Loss.hinge();
          case "squared hinge" -> SQUARED_HINGE;
          case "categorical hinge" -> Loss.categoricalHinge();
          case "kl divergence" -> Loss.klDivergence();
          case "binary cross-entropy" -> Loss.binaryCrossEntropy();
          case "categorical cross-entropy" -> Loss.categoricalCrossEntropy();
          case "softmax cross-entropy" -> Loss.softmaxCrossEntropy();
          default -> throw new AssertionError(golden);
        };
    if (golden.has("labelSmoothing")) {
      loss = loss.labelSmoothing(golden.get("labelSmoothing").asDouble());
    }
    if (golden.has("classWeights")) {
      loss = loss.classWeights(Reference.doubles(golden.get("classWeights")));
    }
    return loss;
  }

  /** A layer of steps of some size, −1 if it is not known while building. */
  private static Layer taking(int size) {
    return new Layer() {
      @Override
      public Signal apply(Weights w, Signal x) {
        return x;
      }

      @Override
      public Shape input() {
        return Shape.of(size);
      }
    };
  }

  private static void check(Loss loss, JsonNode form, int outputs) {
    boolean steps = form.has("lengths");
    int[] lengths = steps ? Reference.ints(form.get("lengths")) : new int[] {1, 1, 1};
    Sequences data = data(loss, form, lengths);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      Inputs inputs = Inputs.of(taking(outputs));
      Pass pass = Pass.build(tf, weights, steps ? STEPS : ROWS, inputs, -1);
      Objective objective =
          Objective.build(weights, new Objective.Key(loss, Map.of("", steps)), pass, pass);
      Output<?> x = pass.ports().get(Inputs.FIRST).value().asOutput();
      Output<?>[] gradient =
          graph.addGradients(objective.training().total().asOutput(), new Output<?>[] {x});
      try (Session session = new Session(graph);
          Batch batch = pass.batch(new Course.Rows(data, new int[] {0, 1, 2}))) {
        Session.Runner runner =
            session.runner().fetch(objective.training().total()).fetch(gradient[0]);
        pass.feed(runner, batch);
        objective.feed(runner, batch);
        try (Result result = runner.run()) {
          double mean = ((TFloat32) result.get(0)).getFloat();
          assertThat(mean).isCloseTo(form.get("mean").asDouble(), within(TOLERANCE));
          float[] actual = Model.floats((TFloat32) result.get(1));
          double[] expected = Reference.doubles(form.get("gradient"));
          assertThat(doubles(actual)).containsExactly(expected, within(TOLERANCE));
        }
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] all = new double[values.length];
    Arrays.setAll(all, i -> values[i]);
    return all;
  }

  private static Sequences data(Loss loss, JsonNode form, int[] lengths) {
    JsonNode output = form.get("output");
    JsonNode target = form.get("target");
    Sequences data;
    if (form.has("lengths")) {
      Sequences inputs = Sequences.of(Reference.sequences(output, lengths));
      data =
          loss.labels()
              ? inputs.stepLabels(Reference.labels(target, lengths))
              : inputs.stepTargets(Reference.sequences(target, lengths));
    } else {
      float[][][] one =
          Arrays.stream(Reference.matrix(output, 3))
              .map(row -> new float[][] {row})
              .toArray(float[][][]::new);
      data =
          loss.labels()
              ? Sequences.of(one).labels(Reference.ints(target))
              : Sequences.of(one).targets(Reference.matrix(target, 3));
    }
    return form.has("sampleWeights")
        ? data.sampleWeights(Reference.doubles(form.get("sampleWeights")))
        : data;
  }
}
