import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.train.View;
import kazoku.wrap.DropoutWrapper;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * How much carbon dioxide will there be in the air over Mauna Loa, in each of the next 52 weeks?
 * Learns from the weeks until 1984, forecasts a year at once from every week of 1990 to 2000,
 * compares the errors with those of simple rules, and draws the curve with a band of 90 %: asked
 * again and again with drop-out on, the network answers differently where it is not sure.
 *
 * <p>59 weeks were not measured. Where the network looks back on them, it gets the last value
 * before them and a sign that it is old; as targets they count neither in training nor in testing.
 *
 * <p>Arguments, all optional: seed, epochs, PNG file, draws.
 */
public final class ForecastExample {
  private static final Path DATA = Path.of("examples", "data", "co2.csv");

  /** Weeks. */
  private static final int YEAR = 52;

  /** Weeks that the network looks back. */
  private static final int PAST = 2 * YEAR;

  /** Weeks that it forecasts. */
  private static final int AHEAD = YEAR;

  /** Until the test, years tell how far forecasts are off where drop-out does not know it. */
  private static final int FIRST_NOISE_YEAR = 1985;

  private static final int FIRST_TEST_YEAR = 1990;

  /** Parts per million that are 1 inside the model. */
  private static final double SCALE = 3;

  /** Of a normal distribution, 90 % are within so many standard deviations. */
  private static final double NINETY_PERCENT = 1.645;

  private ForecastExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (10), file (target/co2.png), draws (50)
   * @throws IOException if the data cannot be read or the file not be written
   */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    Path file = Path.of(args.length > 2 ? args[2] : "target/co2.png");
    int draws = args.length > 3 ? Integer.parseInt(args[3]) : 50;

    Weeks weeks = Weeks.read(DATA);
    int afterTraining = weeks.firstOf(FIRST_NOISE_YEAR);
    int test = weeks.firstOf(FIRST_TEST_YEAR);
    int[] trained = IntStream.range(PAST - 1 + YEAR, afterTraining - AHEAD).toArray();
    int[] between = IntStream.range(afterTraining - 1, test - AHEAD).toArray();
    int[] heldOut = IntStream.range(test - 1, weeks.count() - AHEAD).toArray();
    System.out.printf(
        "%,d weeks, %d of them empty%n",
        weeks.count(), Arrays.stream(weeks.ppm()).filter(Double::isNaN).count());

    Layer layers =
        new Sequential(
            new RNN(new DropoutWrapper(new LSTMCell(3, 64), 0.5, 0.5, 1).variational()).last(),
            new Dense(64, AHEAD, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    try (Model model = Model.of(layers, seed)) {
      model.fit(
          weeks.windows(trained),
          new Adam(3e-3).clip(1),
          measuredWeeks(),
          Epochs.of(epochs).batchSize(32));

      View unsure = model.stochastic();
      Forecasts known = Forecasts.of(unsure, draws, weeks, between);
      Forecasts forecasts = Forecasts.of(unsure, draws, weeks, heldOut);
      double[] unexplained = known.unexplained(weeks);

      System.out.printf(
          "%nroot mean squared error in ppm, a year ahead from each of %d weeks:%n",
          heldOut.length);
      System.out.println("weeks ahead                            1-13  14-26  27-39  40-52    all");
      double[][] last = baseline(heldOut, (at, k) -> weeks.level(at));
      double[][] season = baseline(heldOut, (at, k) -> weeks.level(at + k - YEAR));
      double[][] grown = baseline(heldOut, weeks::grown);
      print("network", weeks, heldOut, forecasts.mean());
      print("naive: as in the last week", weeks, heldOut, last);
      print("seasonal: as a year before", weeks, heldOut, season);
      print("seasonal, and last year's growth", weeks, heldOut, grown);

      System.out.printf("%ntruth within the 90 %% band:%n");
      System.out.printf(
          "  drop-out alone                  %3.0f %%%n",
          100 * forecasts.within(weeks, new double[AHEAD]));
      System.out.printf(
          "  and the noise of %d to %d   %3.0f %%%n",
          FIRST_NOISE_YEAR, FIRST_TEST_YEAR - 1, 100 * forecasts.within(weeks, unexplained));
      draw(file, weeks, forecasts, unexplained);
      System.out.println("drawn to " + file);
    }
  }

  /** The series: the day each week ends, and parts per million, NaN where nothing was measured. */
  private record Weeks(LocalDate[] days, double[] ppm, double[] levels) {

    static Weeks read(Path file) throws IOException {
      List<String[]> lines =
          Files.readAllLines(file).stream().skip(1).map(line -> line.split(",")).toList();
      LocalDate[] days =
          lines.stream()
              .map(line -> LocalDate.parse(line[0], DateTimeFormatter.BASIC_ISO_DATE))
              .toArray(LocalDate[]::new);
      double[] ppm =
          lines.stream()
              .mapToDouble(line -> line.length > 1 ? Double.parseDouble(line[1]) : Double.NaN)
              .toArray();
      double[] levels = ppm.clone();
      for (int week = 1; week < ppm.length; week++) {
        levels[week] = Double.isNaN(ppm[week]) ? levels[week - 1] : ppm[week];
      }
      return new Weeks(days, ppm, levels);
    }

    int count() {
      return ppm.length;
    }

    int firstOf(int year) {
      return IntStream.range(0, count())
          .filter(week -> days[week].getYear() == year)
          .findFirst()
          .orElseThrow();
    }

    /** When a week ends, in years. */
    double time(int week) {
      return days[week].getYear() + (days[week].getDayOfYear() - 1) / 365.25;
    }

    double[] times(int from) {
      return IntStream.range(from, count()).mapToDouble(this::time).toArray();
    }

    /** The last value that was measured by then. */
    double level(int week) {
      return levels[week];
    }

    private double mean(int from, int to) {
      return Arrays.stream(levels, from, to + 1).average().orElseThrow();
    }

    /** As a year before, and as much more as the last weeks are above those a year before them. */
    double grown(int origin, int weeksAhead) {
      int before = origin + weeksAhead - YEAR;
      return mean(before - 2, Math.min(before + 2, origin))
          + mean(origin - 3, origin)
          - mean(origin - YEAR - 3, origin - YEAR);
    }

    /**
     * What the network sees of some weeks: the past from the level of that week, the growth within
     * a year, and which weeks are empty. It learns how far the future will be off {@link #grown}.
     */
    Sequences windows(int[] origins) {
      float[][][] inputs = new float[origins.length][PAST][3];
      float[][] targets = new float[origins.length][AHEAD];
      for (int row = 0; row < origins.length; row++) {
        int at = origins[row];
        for (int t = 0; t < PAST; t++) {
          int week = at - PAST + 1 + t;
          inputs[row][t][0] = (float) ((level(week) - level(at)) / SCALE);
          inputs[row][t][1] = (float) (level(week) - level(week - YEAR));
          inputs[row][t][2] = Double.isNaN(ppm[week]) ? 1 : 0;
        }
        for (int k = 1; k <= AHEAD; k++) {
          targets[row][k - 1] = (float) ((ppm[at + k] - grown(at, k)) / SCALE);
        }
      }
      return Sequences.of(inputs).targets(targets);
    }
  }

  /** Mean squared error over the weeks that were measured; the others have NaN as their target. */
  private static Loss measuredWeeks() {
    return new Loss(
        "squared error of measured weeks",
        false,
        (tf, output, target) -> {
          Operand<TFloat32> difference = difference(tf, output, target);
          return tf.math.mean(tf.math.square(difference), tf.constant(-1));
        },
        "error in ppm",
        (tf, output, target) -> {
          Operand<TFloat32> difference = tf.math.abs(difference(tf, output, target));
          return tf.math.mul(tf.math.mean(difference, tf.constant(-1)), tf.constant((float) SCALE));
        });
  }

  private static Operand<TFloat32> difference(Ops tf, Signal output, Signal target) {
    Operand<TFloat32> forecast = tf.dtypes.cast(output.value(), TFloat32.class);
    Operand<TFloat32> truth = tf.dtypes.cast(target.value(), TFloat32.class);
    return tf.math.sub(forecast, tf.select(tf.math.isNan(truth), forecast, truth));
  }

  /**
   * Answers of a network with drop-out on.
   *
   * @param origins the last weeks that it saw
   * @param mean {@code [origins][AHEAD]}: the mean of the answers, in ppm
   * @param deviation their standard deviation
   */
  private record Forecasts(int[] origins, double[][] mean, double[][] deviation) {

    static Forecasts of(View unsure, int draws, Weeks weeks, int[] origins) {
      Sequences windows = weeks.windows(origins);
      double[][] sum = new double[origins.length][AHEAD];
      double[][] squares = new double[origins.length][AHEAD];
      for (int draw = 0; draw < draws; draw++) {
        float[][] answer = unsure.predict(windows);
        for (int row = 0; row < origins.length; row++) {
          for (int k = 0; k < AHEAD; k++) {
            sum[row][k] += answer[row][k];
            squares[row][k] += answer[row][k] * answer[row][k];
          }
        }
      }
      double[][] mean = new double[origins.length][AHEAD];
      double[][] deviation = new double[origins.length][AHEAD];
      for (int row = 0; row < origins.length; row++) {
        for (int k = 0; k < AHEAD; k++) {
          double m = sum[row][k] / draws;
          mean[row][k] = weeks.grown(origins[row], k + 1) + SCALE * m;
          deviation[row][k] = SCALE * Math.sqrt(Math.max(0, squares[row][k] / draws - m * m));
        }
      }
      return new Forecasts(origins, mean, deviation);
    }

    /** For each week ahead, the standard deviation of what drop-out does not tell of the errors. */
    double[] unexplained(Weeks weeks) {
      return IntStream.range(0, AHEAD)
          .mapToDouble(
              k -> {
                double error = error(weeks, origins, mean, k, k + 1);
                double told =
                    Arrays.stream(deviation)
                        .mapToDouble(row -> row[k] * row[k])
                        .average()
                        .orElse(0);
                return Math.sqrt(Math.max(0, error * error - told));
              })
          .toArray();
    }

    /** Half the width of the band. */
    double half(int row, int k, double[] noise) {
      return NINETY_PERCENT * Math.hypot(deviation[row][k], noise[k]);
    }

    /** How often the truth is within the band. */
    double within(Weeks weeks, double[] noise) {
      int all = 0;
      int within = 0;
      for (int row = 0; row < origins.length; row++) {
        for (int k = 0; k < AHEAD; k++) {
          double truth = weeks.ppm()[origins[row] + k + 1];
          all += Double.isNaN(truth) ? 0 : 1;
          within += Math.abs(truth - mean[row][k]) <= half(row, k, noise) ? 1 : 0;
        }
      }
      return (double) within / all;
    }
  }

  private interface Rule {
    double forecast(int origin, int weeksAhead);
  }

  private static double[][] baseline(int[] origins, Rule rule) {
    return Arrays.stream(origins)
        .mapToObj(
            at -> IntStream.rangeClosed(1, AHEAD).mapToDouble(k -> rule.forecast(at, k)).toArray())
        .toArray(double[][]::new);
  }

  /** Root mean squared error over some weeks ahead; weeks that were not measured do not count. */
  private static double error(Weeks weeks, int[] origins, double[][] forecast, int from, int to) {
    double sum = 0;
    int count = 0;
    for (int row = 0; row < origins.length; row++) {
      for (int k = from; k < to; k++) {
        double difference = forecast[row][k] - weeks.ppm()[origins[row] + k + 1];
        if (!Double.isNaN(difference)) {
          sum += difference * difference;
          count++;
        }
      }
    }
    return Math.sqrt(sum / count);
  }

  private static void print(String who, Weeks weeks, int[] origins, double[][] forecast) {
    IntToDoubleFunction quarter = q -> error(weeks, origins, forecast, 13 * q, 13 * q + 13);
    System.out.printf(
        "  %-34s %6.2f %6.2f %6.2f %6.2f %6.2f%n",
        who,
        quarter.applyAsDouble(0),
        quarter.applyAsDouble(1),
        quarter.applyAsDouble(2),
        quarter.applyAsDouble(3),
        error(weeks, origins, forecast, 0, AHEAD));
  }

  /**
   * The weeks that were held out, and a forecast from the last week of each year. Written aside and
   * then moved into place.
   */
  private static void draw(Path file, Weeks weeks, Forecasts forecasts, double[] noise)
      throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(1100)
            .height(520)
            .title("Carbon dioxide at Mauna Loa, every new year forecast for 52 weeks at once")
            .yAxisTitle("parts per million")
            .build();
    XYStyler style = chart.getStyler();
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(new Color(0xE6E6E6));
    style.setAxisTickMarksColor(new Color(0xE6E6E6));
    style.setLegendPosition(LegendPosition.InsideNW);
    style.setLegendBorderColor(Color.WHITE);
    style.setXAxisDecimalPattern("0");
    style.setYAxisDecimalPattern("0");
    style.setXAxisMin((double) FIRST_TEST_YEAR);
    style.setXAxisMax(weeks.time(weeks.count() - 1));
    style.setXAxisMaxLabelCount(13);

    int first = forecasts.origins()[0];
    double[] truth = Arrays.copyOfRange(weeks.ppm(), first, weeks.count());
    DoubleSummaryStatistics range = Arrays.stream(truth).summaryStatistics();
    style.setYAxisMin(Math.floor(range.getMin()) - 2);
    style.setYAxisMax(Math.ceil(range.getMax()) + 2);
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < forecasts.origins().length; row++) {
      int at = first + row;
      if (weeks.days()[at + 1].getYear() > weeks.days()[at].getYear()) {
        rows.add(row);
      }
    }
    for (int row : rows) {
      double[] x = new double[2 * AHEAD];
      double[] y = new double[2 * AHEAD];
      for (int k = 0; k < AHEAD; k++) {
        int back = 2 * AHEAD - 1 - k;
        x[k] = weeks.time(first + row + k + 1);
        x[back] = x[k];
        y[k] = forecasts.mean()[row][k] + forecasts.half(row, k, noise);
        y[back] = forecasts.mean()[row][k] - forecasts.half(row, k, noise);
      }
      XYSeries band = chart.addSeries("90 % band " + row, x, y);
      band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
      band.setFillColor(new Color(0xCFE3F5));
      band.setLineStyle(new BasicStroke(0)).setLineColor(new Color(0xCFE3F5));
      band.setMarker(SeriesMarkers.NONE);
      band.setLabel("90 % band").setShowInLegend(row == rows.get(0));
    }
    for (int row : rows) {
      double[] x = Arrays.copyOf(weeks.times(first + row + 1), AHEAD);
      XYSeries line = chart.addSeries("forecast " + row, x, forecasts.mean()[row]);
      line.setLineStyle(new BasicStroke(1.6f)).setLineColor(new Color(0x1F6FB4));
      line.setMarker(SeriesMarkers.NONE);
      line.setLabel("forecast").setShowInLegend(row == rows.get(0));
    }
    XYSeries measured = chart.addSeries("measured", weeks.times(first), truth);
    measured.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    measured.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(new Color(0x222222));
    style.setMarkerSize(3);

    Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
    Path aside = Files.createTempFile(folder, "co2", ".png");
    BitmapEncoder.saveBitmap(chart, aside.toString(), BitmapFormat.PNG);
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
