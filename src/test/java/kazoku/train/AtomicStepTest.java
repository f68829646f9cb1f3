package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.cells.LiGRUCell;
import kazoku.layers.Dense;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** A batch whose loss or gradients are not finite changes nothing, and what broke is named. */
class AtomicStepTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();
  private static final Loss NUMBERS = Loss.meanSquaredError();

  /** Weights, slots, batches that wait, and running statistics are as if it had not been there. */
  @Test
  void aBrokenBatchIsAsIfItHadNotBeen() {
    Sequences data = Toys.labelled(24, 1);
    Layer layers = new Sequential(new RNN(new LiGRUCell(2, 4)).last(), Toys.head(4, 2));
    for (Optimizer optimizer :
        List.of(new Adam(0.01).clip(1).average(0.9), new Adam(0.01).every(2))) {
      try (Model model = Model.of(layers, 42);
          Model spared = Model.of(layers, 42)) {
        for (Model each : List.of(model, spared)) {
          each.fit(data, optimizer, CLASSES, Toys.epochs(1).inOrder());
        }
        List<float[]> before = values(model);
        assertThatThrownBy(
                () -> model.fit(broken(24, 9), optimizer, CLASSES, Toys.epochs(1).batchSize(24)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(
                "Model: in epoch 1, batch 1, the input is NaN in row 9, step 1; correct the data;"
                    + " the update was not made");
        same(values(model), before);
        for (Model each : List.of(model, spared)) {
          each.fit(data, optimizer, CLASSES, Toys.epochs(1).inOrder());
        }
        same(values(model), values(spared));
        assertThat(model.weight("rnn/cell/mean")).isNotEqualTo(before.get(0));
      }
    }
  }

  /** The row and the step are those of the data, not of the window. */
  @Test
  void aBrokenStepOfALongRowIsNamed() {
    float[][][] inputs = new float[4][11][2];
    float[][][] targets = new float[4][11][1];
    inputs[2][7][1] = Float.NEGATIVE_INFINITY;
    try (Model model = Model.of(new Sequential(new RNN(new LSTMCell(2, 2)), Toys.head(2, 1)), 1)) {
      assertThatThrownBy(
              () ->
                  model.fit(
                      Sequences.of(inputs).stepTargets(targets),
                      new Adam(0.1),
                      NUMBERS,
                      Toys.epochs(1).batchSize(4).truncate(3)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the input is -Infinity in row 2, step 7; correct the data;");
    }
  }

  @Test
  void targetsThatAreNoNumbersAreNamed() {
    float[][][] inputs = Toys.inputs(8, 1);
    float[][] targets = new float[8][1];
    targets[5][0] = Float.POSITIVE_INFINITY;
    fails(
        new Sequential(new RNN(new LSTMCell(2, 2)).last(), Toys.head(2, 1)),
        Sequences.of(inputs).targets(targets),
        "the target is Infinity in row 5; correct the data; the update");
  }

  @Test
  void aWeightThatIsNotFiniteIsNamed() {
    Layer broken = new Dense(2, 1, Activation.IDENTITY, Initializer.constant(Double.NaN));
    fails(
        new Sequential(new RNN(new LSTMCell(2, 2)), broken),
        sums(),
        "the weight dense/W is NaN already; begin with a new model");
  }

  @Test
  void theFirstLayerWhoseOutputIsNotFiniteIsNamed() {
    Layer logarithm =
        (w, x) -> {
          @SuppressWarnings("unchecked")
          Operand<TFloat32> value = (Operand<TFloat32>) x.value();
          return x.with(w.tf().math.log(w.tf().math.neg(w.tf().math.abs(value))));
        };
    fails(
        new Sequential(new RNN(new LSTMCell(2, 2)), logarithm.named("logarithm"), Toys.head(2, 1)),
        sums(),
        "the output of logarithm is NaN, and all before it is finite; lower the learning rate or"
            + " clip the gradients (optimizer.clip(1)); the update");
  }

  /** The root of 0 is 0, and its slope is infinite. */
  @Test
  void theFirstWeightWhoseGradientIsNotFiniteIsNamed() {
    Layer zeros = new Dense(2, 1, Activation.IDENTITY, Initializer.ZEROS);
    Layer root =
        (w, x) -> {
          @SuppressWarnings("unchecked")
          Operand<TFloat32> value = (Operand<TFloat32>) x.value();
          return x.with(w.tf().math.sqrt(value));
        };
    for (Optimizer optimizer : List.of(new Adam(0.1), new Adam(0.1).every(3))) {
      fails(
          new Sequential(zeros, root.named("root")),
          sums(),
          optimizer,
          "the gradient of dense/W is ");
    }
  }

  @Test
  void aWeightThatGrowsTooLargeIsNamed() {
    try (Model model = Model.of(Toys.head(2, 1), 42)) {
      assertThatThrownBy(
              () -> model.fit(sums(), new GradientDescent(1e10), NUMBERS, Toys.epochs(50)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching(
              "Model: in epoch \\d+, batch \\d, the loss is (NaN|Infinity), and all before it is "
                  + "finite; lower the learning rate or clip .*");
      for (String name : model.weights()) {
        for (float value : model.weight(name)) {
          assertThat(value).isFinite();
        }
      }
    }
  }

  private static Sequences sums() {
    float[][][] inputs = Toys.inputs(8, 1);
    return Sequences.of(inputs).stepTargets(Toys.sums(inputs));
  }

  private static Sequences broken(int rows, int row) {
    float[][][] inputs = Toys.inputs(rows, 1);
    int[] signs = Toys.signs(inputs);
    inputs[row] = new float[][] {{1, 2}, {3, Float.NaN}};
    return Sequences.of(inputs).labels(signs);
  }

  private static void fails(Layer layers, Sequences data, String sentence) {
    fails(layers, data, new Adam(0.1), sentence);
  }

  private static void fails(Layer layers, Sequences data, Optimizer optimizer, String sentence) {
    try (Model model = Model.of(layers, 42)) {
      List<float[]> before = values(model);
      assertThatThrownBy(() -> model.fit(data, optimizer, NUMBERS, Toys.epochs(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Model: in epoch 1, batch 1, " + sentence);
      same(values(model), before);
    }
  }

  private static List<float[]> values(Model model) {
    return model.weights().stream().map(model::weight).toList();
  }

  private static void same(List<float[]> some, List<float[]> others) {
    for (int i = 0; i < others.size(); i++) {
      assertThat(some.get(i)).containsExactly(others.get(i));
    }
  }
}
