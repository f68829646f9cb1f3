package kazoku.train;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Line charts one under the other, written to a PNG or SVG file: {@code new
 * Plot(panels).write(file)}. The file is written aside and then moved into place. It draws with
 * XChart, which is an optional dependency, and needs no screen.
 *
 * @param panels the charts, from top to bottom; at least one
 */
record Plot(List<Panel> panels) {

  Plot {
    panels = List.copyOf(panels);
  }

  Plot(Panel... panels) {
    this(List.of(panels));
  }

  /**
   * An axis.
   *
   * @param name what it shows
   * @param logarithmic whether it is logarithmic
   */
  record Axis(String name, boolean logarithmic) {
    static Axis linear(String name) {
      return new Axis(name, false);
    }

    static Axis logarithmic(String name) {
      return new Axis(name, true);
    }

    /**
     * Logarithmic where all values are positive and the largest is more than 100 times the least.
     */
    static Axis fitting(String name, double[]... values) {
      DoubleSummaryStatistics all =
          Arrays.stream(values)
              .flatMapToDouble(Arrays::stream)
              .filter(Double::isFinite)
              .summaryStatistics();
      return new Axis(name, all.getMin() > 0 && all.getMax() > 100 * all.getMin());
    }
  }

  /**
   * A chart.
   *
   * @param title what it shows
   * @param x the axis to the right
   * @param y the axis up
   * @param lines the lines; those drawn later lie over those before
   */
  record Panel(String title, Axis x, Axis y, List<Line> lines) {

    Panel {
      lines = List.copyOf(lines);
    }

    Panel(String title, Axis x, Axis y) {
      this(title, x, y, List.of());
    }

    /** The same with one more line. */
    Panel line(String name, Style style, double[] xs, double[] ys) {
      List<Line> more = new ArrayList<>(lines);
      more.add(new Line(name, style, xs, ys));
      return new Panel(title, x, y, more);
    }
  }

  /** How a line looks. */
  enum Style {
    SOLID,
    DASHED,
    /** Behind what counts. */
    FAINT
  }

  /**
   * A line. Points that are not finite, or not positive on a logarithmic axis, are left out.
   *
   * @param name its name in the legend
   * @param style how it looks
   * @param xs to the right
   * @param ys up
   */
  record Line(String name, Style style, double[] xs, double[] ys) {}

  /**
   * Draws.
   *
   * @param file {@code curves.png} or {@code curves.svg}
   */
  void write(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean vectors = name.endsWith(".svg");
    Checks.require(
        vectors || name.endsWith(".png"),
        "Plot",
        "the name of a picture must end in .png or .svg",
        file.getFileName());
    try {
      Aside.file("Plot", file, aside -> Drawing.write(this, aside, vectors));
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "Plot: XChart is missing, which pictures are drawn with; add org.knowm.xchart:xchart to"
              + " the dependencies",
          e);
    }
  }

  /** All that knows XChart. */
  private static final class Drawing {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 340;
    private static final int PIXELS = 2;
    private static final int TICKS_AT_POINTS = 12;
    private static final Color INK = new Color(0x333333);
    private static final Color PALE = new Color(0xE6E6E6);
    private static final Color FAINT = new Color(0xB5C7D3);

    /** M. Okabe, K. Ito 2008: told apart by the colour-blind, too. */
    private static final List<Color> COLOURS =
        IntStream.of(0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x000000)
            .mapToObj(Color::new)
            .toList();

    private Drawing() {}

    static void write(Plot plot, Path file, boolean vectors) throws IOException {
      int height = HEIGHT * plot.panels.size();
      try (OutputStream out = Files.newOutputStream(file)) {
        if (vectors) {
          VectorGraphics2D graphics = new VectorGraphics2D();
          paint(plot, graphics);
          Processors.get("svg")
              .getDocument(graphics.getCommands(), new PageSize(WIDTH, height))
              .writeTo(out);
        } else {
          BufferedImage image =
              new BufferedImage(PIXELS * WIDTH, PIXELS * height, BufferedImage.TYPE_INT_RGB);
          Graphics2D graphics = image.createGraphics();
          graphics.scale(PIXELS, PIXELS);
          paint(plot, graphics);
          graphics.dispose();
          ImageIO.write(image, "png", out);
        }
      }
    }

    private static void paint(Plot plot, Graphics2D graphics) {
      for (Panel panel : plot.panels) {
        chart(panel).paint(graphics, WIDTH, HEIGHT);
        graphics.translate(0, HEIGHT);
      }
    }

    private static XYChart chart(Panel panel) {
      XYChart chart =
          new XYChartBuilder()
              .width(WIDTH)
              .height(HEIGHT)
              .title(panel.title)
              .xAxisTitle(panel.x.name)
              .yAxisTitle(panel.y.name)
              .build();
      style(chart.getStyler(), panel);
      for (Line line : panel.lines) {
        add(chart, panel, line);
      }
      return chart;
    }

    private static void style(XYStyler style, Panel panel) {
      style.setChartBackgroundColor(Color.WHITE).setChartFontColor(INK).setChartPadding(12);
      style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
      style.setLegendPosition(LegendPosition.OutsideE).setLegendBorderColor(Color.WHITE);
      style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12)).setLegendSeriesLineLength(28);
      style.setPlotBorderVisible(false).setMarkerSize(6);
      style.setLocale(Locale.ROOT);
      style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
      style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
      style.setAxisTickLabelsColor(INK).setAxisTickMarksColor(PALE).setPlotGridLinesColor(PALE);
      style.setPlotGridLinesStroke(new BasicStroke(1)).setPlotGridVerticalLinesVisible(false);
      style.setXAxisLogarithmic(panel.x.logarithmic).setYAxisLogarithmic(panel.y.logarithmic);
      style.setXAxisDecimalPattern(pattern(panel, Line::xs, panel.x));
      style.setYAxisDecimalPattern(pattern(panel, Line::ys, panel.y));
    }

    /** A line of one point would not be seen: it has a marker. */
    private static void add(XYChart chart, Panel panel, Line line) {
      List<double[]> points = new ArrayList<>();
      for (int i = 0; i < line.xs.length; i++) {
        if (shown(line.xs[i], panel.x.logarithmic) && shown(line.ys[i], panel.y.logarithmic)) {
          points.add(new double[] {line.xs[i], line.ys[i]});
        }
      }
      if (points.isEmpty()) {
        return;
      }
      boolean single = points.size() == 1;
      if (points.size() > TICKS_AT_POINTS) {
        // XChart puts the ticks at points that are equally spaced, and at round numbers otherwise.
        double between = (points.get(0)[0] + points.get(1)[0]) / 2;
        points.add(new double[] {between, Double.NaN});
      }
      XYSeries series =
          chart.addSeries(
              line.name,
              points.stream().mapToDouble(point -> point[0]).toArray(),
              points.stream().mapToDouble(point -> point[1]).toArray());
      long before =
          panel.lines.stream()
              .takeWhile(other -> other != line)
              .filter(other -> other.style != Style.FAINT)
              .count();
      Color colour = line.style == Style.FAINT ? FAINT : COLOURS.get((int) before % COLOURS.size());
      series.setLineColor(colour);
      series.setLineStyle(stroke(line.style));
      series.setMarkerColor(colour);
      series.setMarker(single ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    }

    /** How numbers are written on an axis; null where it is XChart's business. */
    private static String pattern(Panel panel, Function<Line, double[]> values, Axis axis) {
      if (axis.logarithmic) {
        return null; // With a pattern the axis would be linear.
      }
      double largest =
          panel.lines.stream()
              .flatMapToDouble(line -> Arrays.stream(values.apply(line)))
              .filter(Double::isFinite)
              .map(Math::abs)
              .max()
              .orElse(1);
      return largest < 1e-3 || largest >= 1e6 ? "0.###E0" : "0.#####";
    }

    private static boolean shown(double value, boolean logarithmic) {
      return Double.isFinite(value) && (!logarithmic || value > 0);
    }

    private static BasicStroke stroke(Style style) {
      return switch (style) {
        case SOLID -> new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
        case DASHED ->
            new BasicStroke(
                2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {7, 4}, 0);
        case FAINT -> new BasicStroke(1);
      };
    }
  }
}
