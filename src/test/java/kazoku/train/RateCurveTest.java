package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dropout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateCurveTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  private static RateCurve find(Model model, Optimizer optimizer) {
    return model.findLearningRate(Toys.labelled(200, 1), optimizer, CLASSES, Toys.epochs(1));
  }

  @Test
  void whatItSuggestsTrainsWell() {
    trainsWell(Adam::new);
    trainsWell(rate -> new GradientDescent(rate).momentum(0.9));
  }

  private static void trainsWell(DoubleFunction<Optimizer> optimizer) {
    RateCurve curve;
    try (Model model = Model.of(Toys.classifier(), 42)) {
      curve = find(model, optimizer.apply(1));
    }
    for (double rate : new double[] {curve.steepest(), curve.tenthOfLeast()}) {
      double loss = loss(optimizer.apply(rate));
      assertThat(loss).isLessThan(0.7 * loss(optimizer.apply(rate / 100)));
      assertThat(loss).isLessThan(0.9 * loss(optimizer.apply(rate * 20)));
    }
  }

  private static double loss(Optimizer optimizer) {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Epochs epochs = Toys.epochs(5);
      return model.fit(Toys.labelled(200, 1), optimizer, CLASSES, epochs).last().training().loss();
    }
  }

  /** Weights, what the optimizer remembers, its rate, order of rows and drop-out. */
  @Test
  void theModelStaysAsItIsBitForBit() {
    Layer layers =
        new Sequential(new RNN(new LSTMCell(2, 8)).last(), new Dropout(0.3), Toys.head(8, 2));
    Optimizer optimizer = new Adam(Schedule.linear(0.02, 40, 0)).average(0.9);
    Sequences data = Toys.labelled(40, 3);
    try (Model one = Model.of(layers, 42);
        Model other = Model.of(layers, 42)) {
      for (int round = 0; round < 3; round++) {
        Map<String, List<Float>> before = weights(one);
        RateCurve curve = find(one, optimizer);
        assertThat(curve.points()).hasSizeGreaterThan(50);
        assertThat(weights(one)).isEqualTo(before);
        assertThat(one.fit(data, optimizer, CLASSES, Toys.epochs(2)))
            .isEqualTo(other.fit(data, optimizer, CLASSES, Toys.epochs(2)));
        assertThat(weights(one)).isEqualTo(weights(other));
        assertThat(one.learningRate()).isEqualTo(other.learningRate());
      }
      one.useAverages(true);
      other.useAverages(true);
      find(one, optimizer);
      assertThat(weights(one)).as("averages").isEqualTo(weights(other));
    }
  }

  private static Map<String, List<Float>> weights(Model model) {
    Map<String, List<Float>> all = new TreeMap<>();
    for (String name : model.weights()) {
      float[] values = model.weight(name);
      all.put(name, IntStream.range(0, values.length).mapToObj(i -> values[i]).toList());
    }
    return all;
  }

  @Test
  void itBeginsWithTheWeightsThatThereAreAndForgetsTheSchedule() {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      RateCurve curve = find(model, new Adam(1));
      assertThat(find(model, new Adam(Schedule.constant(0.1).warmUp(10)))).isEqualTo(curve);
      assertThat(curve.points().get(0).rate()).isEqualTo(1e-6);
      assertThat(curve.points().get(1).rate()).isEqualTo(1e-6 * Math.pow(1e7, 1 / 99.0));
      assertThatThrownBy(model::learningRate)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("there is no optimizer yet");

      model.fit(Toys.labelled(200, 1), new Adam(0.01), CLASSES, Toys.epochs(10));
      assertThat(find(model, new Adam(1)).points().get(0).smoothed())
          .isLessThan(curve.points().get(0).smoothed() / 2);
    }
  }

  /** A weight that is all there is, by a gradient that grows with it. */
  @Test
  void itEndsWhereTheLossDiverges() {
    Sequences data =
        Sequences.of(new float[][][] {{{1}}, {{2}}, {{3}}}).targets(new float[][] {{2}, {4}, {6}});
    Layer layers = new Sequential(new RNN(new LSTMCell(1, 4)).last(), Toys.head(4, 1));
    try (Model model = Model.of(layers, 42)) {
      RateCurve curve =
          model.findLearningRate(
              data,
              new GradientDescent(1),
              Loss.meanSquaredError(),
              Toys.epochs(1),
              new RateRange(1e-4, 1e9, 200));
      assertThat(curve.points()).hasSizeBetween(60, 150);
      assertThat(curve.points()).allMatch(point -> Double.isFinite(point.smoothed()));
      assertThat(curve.steepest()).isBetween(1e-3, 1.0);
    }
  }

  private static RateCurve curve(double... smoothed) {
    return new RateCurve(
        IntStream.range(0, smoothed.length)
            .mapToObj(i -> new RateCurve.Point(Math.pow(10, i - 5), 0, smoothed[i]))
            .toList());
  }

  @Test
  void suggestionsFollowTheirFormulas() {
    RateCurve curve = curve(5, 5, 4.5, 3.1, 2.9, 2.8, 3, 9, 0.1 + 2.8);
    assertThat(curve.steepest()).isCloseTo(1e-3, within(1e-15));
    assertThat(curve.tenthOfLeast()).isCloseTo(0.1, within(1e-15));
    for (RateCurve rising : List.of(curve(), curve(1), curve(1, 2, 3, 4))) {
      assertThatThrownBy(rising::steepest)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "RateCurve: the loss falls at no rate; try a wider range, more batches, or another"
                  + " model");
      assertThatThrownBy(rising::tenthOfLeast).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void lossesAreSmoothedByATriangle() {
    List<Double> losses = DoubleStream.of(1, 0, 0, 0, 0, 0, 4, 0, 0).boxed().toList();
    List<RateCurve.Point> points = RateCurve.of(new RateRange(1, 10, 20), losses).points();
    assertThat(points.stream().map(RateCurve.Point::loss)).isEqualTo(losses);
    double[] expected = {2 / 3.0, 1 / 4.0, 0, 0, 0, 1, 2, 1, 0};
    for (int i = 0; i < expected.length; i++) {
      assertThat(points.get(i).smoothed()).as("" + i).isCloseTo(expected[i], within(1e-12));
    }
  }

  @Test
  void theCurveIsDrawn(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("rates.png");
    curve(5, 5, 4.5, 3.1, 2.9, 2.8, 3, 9).draw(file);
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(1800);
    curve(1, 2, 3).draw(folder.resolve("rising.svg"));
    assertThat(folder.resolve("rising.svg")).content().contains("<svg");
  }

  @Test
  void rangesThatAreNoneAreRefused() {
    assertThatThrownBy(() -> new RateRange(0, 1, 100))
        .hasMessage("RateRange: least must be greater than 0, got 0.0");
    assertThatThrownBy(() -> new RateRange(1, 1, 100))
        .hasMessage("RateRange: largest must be greater than least, 1.0, got 1.0");
    assertThatThrownBy(() -> new RateRange(1e-3, 1, 9))
        .hasMessage("RateRange: batches must be at least 10, got 9");
  }
}
