import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How many sunspots will there be next year? Learns from the years 1700 to 1949, forecasts each
 * year from 1950 to 2008 out of the 30 years before it, compares the error with that of the naive
 * forecast (next year is as this year), and draws the curve.
 *
 * <p>Arguments, all optional: seed, epochs, PNG file.
 */
public final class SunspotExample {
  private static final Path DATA = Path.of("examples", "data", "sunspots.csv");
  private static final int WINDOW = 30;
  private static final int FIRST_TEST_YEAR = 1950;

  private SunspotExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (30), file (target/sunspots.png)
   * @throws IOException if the data cannot be read or the file not be written
   */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 30;
    Path file = Path.of(args.length > 2 ? args[2] : "target/sunspots.png");

    List<String[]> lines =
        Files.readAllLines(DATA).stream().skip(1).map(line -> line.split(",")).toList();
    double[] years = lines.stream().mapToDouble(line -> Double.parseDouble(line[0])).toArray();
    double[] spots = lines.stream().mapToDouble(line -> Double.parseDouble(line[1])).toArray();
    int firstTest = FIRST_TEST_YEAR - (int) years[0];

    Layer layers =
        new Sequential(
            new RNN(new LSTMCell(1, 32)).last(),
            new Dense(32, 1, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    try (Model model = Model.of(layers, seed)) {
      model.fit(
          windows(spots, WINDOW, firstTest),
          new Adam(5e-3).clip(1),
          Loss.meanSquaredError(),
          Epochs.of(epochs).batchSize(16));

      float[][] predicted = model.predict(windows(spots, firstTest, spots.length));
      double[] forecast = new double[predicted.length];
      Arrays.setAll(forecast, i -> Math.max(0, predicted[i][0] * SCALE));
      double[] truth = Arrays.copyOfRange(spots, firstTest, spots.length);
      double[] naive = Arrays.copyOfRange(spots, firstTest - 1, spots.length - 1);
      System.out.printf(
          "%nroot mean squared error, %d to %.0f:%n", FIRST_TEST_YEAR, years[years.length - 1]);
      System.out.printf("  forecast        %5.1f spots%n", error(forecast, truth));
      System.out.printf("  naive forecast  %5.1f spots%n", error(naive, truth));
      draw(file, Arrays.copyOfRange(years, firstTest, years.length), truth, forecast);
      System.out.println("drawn to " + file);
    }
  }

  /** Spots are counted in hundreds inside the model. */
  private static final double SCALE = 100;

  /** For each year from one to before another: the years before it, and what it brought. */
  private static Sequences windows(double[] spots, int from, int to) {
    float[][] series = new float[to - from + WINDOW][1];
    for (int t = 0; t < series.length; t++) {
      series[t][0] = (float) (spots[from - WINDOW + t] / SCALE);
    }
    return Sequences.of(new float[][][] {series}).ahead(1).windows(WINDOW, 1).last();
  }

  private static double error(double[] forecast, double[] truth) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += (forecast[i] - truth[i]) * (forecast[i] - truth[i]);
    }
    return Math.sqrt(sum / truth.length);
  }

  /** Written aside and then moved into place. */
  private static void draw(Path file, double[] years, double[] truth, double[] forecast)
      throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(1000)
            .height(450)
            .title("Yearly sunspots, forecast one year ahead")
            .xAxisTitle("year")
            .yAxisTitle("sunspots")
            .build();
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.addSeries("observed", years, truth).setMarker(SeriesMarkers.NONE);
    chart.addSeries("forecast", years, forecast).setMarker(SeriesMarkers.CIRCLE);
    Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
    Path aside = Files.createTempFile(folder, "sunspots", ".png");
    BitmapEncoder.saveBitmap(chart, aside.toString(), BitmapFormat.PNG);
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
