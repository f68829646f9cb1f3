package kazoku.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;
import kazoku.draw.Theme.Ink;

/**
 * Lines over steps, each with its name where it ends.
 *
 * @param heading its name
 * @param values by line and step; where one is not finite the line is broken
 * @param names what the lines are called
 * @param powers whether values are exponents of powers of ten, which stand at the axis then
 */
record LinePlot(Panel.Heading heading, double[][] values, List<String> names, boolean powers)
    implements Panel {
  private static final double HEIGHT = 120;
  private static final double GAP = 8;
  private static final double SAMPLE = 16;

  @Override
  public int columns() {
    return values[0].length;
  }

  @Override
  public double height() {
    return Math.max(HEIGHT, 1.2 * TEXT * names.size());
  }

  private double low() {
    if (powers) {
      return Math.floor(Scale.finite(values).min().orElse(0));
    }
    return Math.min(0, Scale.finite(values).min().orElse(0));
  }

  private double high() {
    if (powers) {
      return Math.max(low() + 1, Math.ceil(Scale.finite(values).max().orElse(0)));
    }
    double high = Math.max(0, Scale.finite(values).max().orElse(1));
    // Shares and gates are seen on the whole of their range.
    boolean share = low() == 0 && high <= 1 && high > 0.1;
    return share ? 1 : high == low() ? low() + 1 : high;
  }

  private List<Double> ticks() {
    List<Double> ticks = Ticks.between(low(), high(), 5);
    return powers ? ticks.stream().filter(tick -> tick == Math.rint(tick)).toList() : ticks;
  }

  private Lettering text(double tick) {
    return Lettering.plain(powers ? Scale.powerOfTen((int) tick) : Scale.text(tick));
  }

  @Override
  public double left() {
    return 8 + ticks().stream().mapToDouble(tick -> text(tick).width(TEXT)).max().orElse(0);
  }

  @Override
  public double right() {
    return GAP
        + SAMPLE
        + 4
        + names.stream().mapToDouble(name -> lettering(name).width(TEXT)).max().orElse(0);
  }

  private static Lettering lettering(String name) {
    return name.contains(" ") ? Lettering.plain(name) : Lettering.symbol(name);
  }

  @Override
  public void draw(Svg svg, double x, double y, double width) {
    for (double tick : ticks()) {
      double at = at(tick, y);
      List<Point> across = List.of(new Point(x, at), new Point(x + width, at));
      svg.line(Ink.AREA.line(), 1, "", 0, across);
      svg.text(Ink.FAINT.fill(), TEXT, Anchor.END, x - 5, at, text(tick));
    }
    for (int k = 0; k < values.length; k++) {
      for (List<Point> piece : pieces(values[k], x, y, width)) {
        svg.line(Series.line(k), 1.8, Series.dashes(k), 0, piece);
      }
    }
    double[] places = places(y);
    double end = x + width + GAP;
    for (int k = 0; k < values.length; k++) {
      Point from = new Point(end, places[k]);
      Point to = new Point(end + SAMPLE, places[k]);
      svg.line(Series.line(k), 1.8, Series.dashes(k), 0, List.of(from, to));
      Lettering name = lettering(names.get(k));
      svg.text(Ink.INK.fill(), TEXT, Anchor.START, to.x() + 4, places[k], name);
    }
  }

  private double at(double value, double y) {
    return y + height() * (high() - value) / (high() - low());
  }

  /** The parts of a line between what is not finite. */
  private List<List<Point>> pieces(double[] line, double x, double y, double width) {
    List<List<Point>> pieces = new ArrayList<>();
    double each = width / columns();
    List<Point> piece = new ArrayList<>();
    for (int t = 0; t <= line.length; t++) {
      if (t < line.length && Double.isFinite(line[t])) {
        piece.add(new Point(x + (t + 0.5) * each, at(line[t], y)));
      } else if (!piece.isEmpty()) {
        if (piece.size() == 1) { // A point would not be seen.
          piece.set(0, new Point(piece.get(0).x() - 2, piece.get(0).y()));
          piece.add(new Point(piece.get(0).x() + 4, piece.get(0).y()));
        }
        pieces.add(piece);
        piece = new ArrayList<>();
      }
    }
    return pieces;
  }

  /** Where the names stand: where the lines end, but not one on the other. */
  private double[] places(double y) {
    double[] wanted = new double[values.length];
    for (int k = 0; k < wanted.length; k++) {
      double last = Arrays.stream(values[k]).filter(Double::isFinite).reduce(0, (a, b) -> b);
      wanted[k] = at(last, y);
    }
    int[] order =
        IntStream.range(0, wanted.length)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> wanted[k]))
            .mapToInt(k -> k)
            .toArray();
    double apart = 1.2 * TEXT;
    double[] places = new double[wanted.length];
    double least = y + TEXT / 2;
    for (int k : order) {
      places[k] = Math.max(least, wanted[k]);
      least = places[k] + apart;
    }
    double most = y + height() - TEXT / 2;
    for (int i = order.length - 1; i >= 0; i--) {
      places[order[i]] = Math.min(most, places[order[i]]);
      most = places[order[i]] - apart;
    }
    return places;
  }
}
