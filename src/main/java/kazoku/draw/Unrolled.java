package kazoku.draw;

import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kazoku.Checks;
import kazoku.RecurrentLayer;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;
import kazoku.draw.Theme.Ink;
import org.tensorflow.ndarray.Shape;

/**
 * A recurrent layer over three steps: time goes to the right, what is computed goes up. Each {@link
 * Row} is a cell at all steps; a {@link Floor} has one row, or two for both directions; what a
 * floor gives, the one above it takes.
 */
final class Unrolled implements Drawing {
  private static final int STEPS = 3;
  private static final double MARGIN = 14;
  private static final double SIZE = 16;
  private static final double STATE = 13;
  private static final double SMALL = 12;
  private static final double THIN = 1.4;
  private static final double THICK = 2.2;

  /** Between floors. */
  private static final double UP = 30;

  /** From the last cell to the end of its state. */
  private static final double END = 34;

  private static final double RADIUS = 10;
  private static final double BESIDE = 16;

  private final List<Floor> floors;
  private final Shape input;

  /** How wide all cells are. */
  private final double wide;

  /** From the middle of a column to that of a cell, where a column has two. */
  private final double aside;

  private final double pitch;
  private final double left;
  private final double caption;
  private final double width;

  Unrolled(RecurrentLayer layer) {
    floors = Floor.of(layer);
    input = layer.input();
    wide = widest(Row::width);
    aside = floors.stream().anyMatch(Floor::both) ? wide / 2 + 10 : 0;
    boolean residual = floors.stream().anyMatch(Floor::residual);
    double state = widestLine((row, line) -> row.state(line, STEPS + 1).width(STATE));
    double ends = state + 6 + widestLine((row, line) -> row.stateShape(line).width(SMALL));
    pitch = wide + 2 * aside + state + 30 + (residual ? BESIDE + RADIUS : 0);
    left = MARGIN + ends + END;
    caption = column(STEPS - 1) + aside + wide / 2 + END + ends + 18;
    double texts = widest(row -> row.before().width(SMALL));
    texts = Math.max(texts, widest(row -> row.after().width(SMALL)));
    texts =
        rows()
            .flatMap(row -> row.names().stream())
            .mapToDouble(name -> name.width(SMALL))
            .reduce(texts, Math::max);
    width = caption + texts + MARGIN;
  }

  private Stream<Row> rows() {
    return floors.stream().flatMap(floor -> floor.rows().stream());
  }

  private double widest(ToDoubleFunction<Row> width) {
    return rows().mapToDouble(width).max().orElse(0);
  }

  private double widestLine(ToDoubleBiFunction<Row, Integer> width) {
    return widest(
        row -> row.lines().mapToDouble(line -> width.applyAsDouble(row, line)).max().orElse(0));
  }

  /** The middle of a column. */
  private double column(int step) {
    return left + wide / 2 + aside + step * pitch;
  }

  private static double captionHeight(Row row) {
    return (row.names().size() + 2) * Lettering.height(SMALL);
  }

  /** The room of a row, with what is said of its weights. */
  private static double high(Row row) {
    return Math.max(row.height(), captionHeight(row));
  }

  private static double high(Floor floor) {
    double rows = floor.rows().stream().mapToDouble(row -> high(row) + UP).sum();
    return rows + (floor.joins() ? 2 * RADIUS + UP / 2 : 0);
  }

  /** In words, for who does not see it. */
  private String description() {
    String all =
        floors.stream()
            .map(
                floor ->
                    floor.rows().stream()
                        .map(row -> row.nest().name() + (row.backward() ? " backward" : ""))
                        .collect(Collectors.joining(" and ")))
            .collect(Collectors.joining(", above it "));
    return "Three steps from left to right: " + all + ", with the same weights at every step.";
  }

  @Override
  public String svg(Theme theme, String title) {
    double text = Lettering.height(SIZE);
    double all = floors.stream().mapToDouble(Unrolled::high).sum();
    double height = 2 * MARGIN + 2 * text + UP / 2 + all;
    Svg svg = new Svg(theme, title, description(), width, height);
    double y = height - MARGIN - text;
    for (int step = 0; step < STEPS; step++) {
      named(svg, "x_" + (step + 1), column(step), y + text / 2, input);
    }
    for (Floor floor : floors) {
      new Story(svg, floor, y).draw();
      y -= high(floor);
    }
    Floor top = floors.get(floors.size() - 1);
    for (int step = 0; step < STEPS; step++) {
      if (gives(top, step)) {
        double x = column(step);
        way(svg, new Point(x, y), new Point(x, y - UP / 2));
        String name = top.lastOnly() ? "y" : "y_" + (step + 1);
        named(svg, name, x, y - UP / 2 - text / 2 - 2, top.output());
      }
    }
    return svg.end();
  }

  /** Whether a floor has an output in a column; where there is only one of both, in the middle. */
  private static boolean gives(Floor floor, int step) {
    int last = floor.both() ? STEPS / 2 : floor.rows().get(0).backward() ? 0 : STEPS - 1;
    return !floor.lastOnly() || step == last;
  }

  private static void named(Svg svg, String symbol, double x, double y, Shape shape) {
    Lettering name = Lettering.symbol(symbol);
    svg.text(Ink.INK.fill(), SIZE, Anchor.MIDDLE, x, y, name);
    Lettering size = Lettering.plain(Checks.text(shape));
    svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, x + name.width(SIZE) / 2 + 4, y, size);
  }

  /** A line with an arrow at its end. */
  private static void way(Svg svg, Point... corners) {
    Way way = new Way(List.of(corners));
    double length = way.length();
    svg.line(Ink.INK.line(), THIN, "", 5, way.until(length - 5).points());
    svg.arrow(Ink.INK.fill(), way.at(length - 7), way.end(), 3.2);
  }

  private static void line(Svg svg, Point... corners) {
    svg.line(Ink.INK.line(), THIN, "", 5, List.of(corners));
  }

  /** A floor that is drawn. */
  private final class Story {
    private final Svg svg;
    private final Floor floor;
    private final double bottom;
    private final Row ahead;
    private final Row back;

    /** The upper sides of the cells. */
    private final double first;

    private final double second;

    /** The middle of what joins outputs. */
    private final double joint;

    /** Where a value goes several ways. */
    private final double split;

    Story(Svg svg, Floor floor, double bottom) {
      this.svg = svg;
      this.floor = floor;
      this.bottom = bottom;
      ahead = floor.rows().get(0);
      back = floor.both() ? floor.rows().get(1) : null;
      first = bottom - UP - (high(ahead) + ahead.height()) / 2;
      double above = bottom - UP - high(ahead);
      second = back == null ? 0 : above - UP - (high(back) + back.height()) / 2;
      joint = bottom - high(floor) + RADIUS;
      split = bottom - UP / 2;
    }

    void draw() {
      states(ahead, first, back == null ? 0 : -aside);
      if (back != null) {
        states(back, second, aside);
        caption(back, second);
      }
      caption(ahead, first);
      for (int step = 0; step < STEPS; step++) {
        double x = column(step);
        if (back == null) {
          way(svg, new Point(x, bottom), new Point(x, first + ahead.height()));
          box(ahead, x, first);
        } else {
          line(svg, new Point(x, bottom), new Point(x, split));
          dot(x);
          enter(x, x - aside, first + ahead.height());
          enter(x, x + aside, second + back.height());
          box(ahead, x - aside, first);
          box(back, x + aside, second);
        }
        if (gives(floor, step)) {
          output(step, x);
        }
      }
    }

    private void box(Row row, double x, double top) {
      row.nest().draw(svg, x - wide / 2, top, wide, row.height());
    }

    private void dot(double x) {
      svg.circle(Ink.INK.fill(), 0, x, split, 2.5);
    }

    /** To the side, and up to a cell. */
    private void enter(double x, double to, double y) {
      way(svg, new Point(x, split), new Point(to, split), new Point(to, y));
    }

    /** Up from a cell, and to the side. */
    private void leave(double x, double y, double to) {
      double end = to - Math.signum(to - x) * RADIUS;
      way(svg, new Point(x, y), new Point(x, joint), new Point(end, joint));
    }

    private void output(int step, double x) {
      if (back != null) {
        // The last outputs of both directions come from two ends.
        leave(column(floor.lastOnly() ? STEPS - 1 : step) - aside, first, x);
        leave(column(floor.lastOnly() ? 0 : step) + aside, second, x);
        joint(x, floor.sign());
      } else if (floor.residual()) {
        way(svg, new Point(x, first), new Point(x, joint + RADIUS));
        dot(x);
        double beside = x + wide / 2 + BESIDE;
        way(
            svg,
            new Point(x, split),
            new Point(beside, split),
            new Point(beside, joint),
            new Point(x + RADIUS, joint));
        joint(x, "+");
      } else {
        line(svg, new Point(x, first), new Point(x, bottom - high(floor)));
      }
    }

    private void joint(double x, String sign) {
      svg.circle(Ink.INK.line() + " " + Ink.PAPER.fill(), THIN, x, joint, RADIUS);
      double size = sign.length() > 1 ? 9 : 14;
      svg.text(Ink.INK.fill(), size, Anchor.MIDDLE, x, joint, Lettering.plain(sign));
    }

    /** The state, from before the first step to behind the last. */
    private void states(Row row, double top, double shift) {
      int lines = (int) row.lines().count();
      for (int line = 0; line < lines; line++) {
        double y = top + row.height() * (line + 1) / (lines + 1);
        for (int step = 0; step <= STEPS; step++) {
          double from = column(step - 1) + shift + wide / 2;
          double to = column(step) + shift - wide / 2;
          from = step == 0 ? to - END : from;
          to = step == STEPS ? from + END : to;
          double begin = row.backward() ? to : from;
          double end = row.backward() ? from : to;
          double back = Math.signum(begin - end);
          List<Point> way = List.of(new Point(begin, y), new Point(end + back * 6, y));
          svg.line(Ink.INK.line(), THICK, "", 0, way);
          svg.arrow(Ink.INK.fill(), new Point(end + back * 9, y), new Point(end, y), 4);
          Lettering name = row.state(line, row.backward() ? step + 1 : step);
          if (step > 0 && step < STEPS) {
            double x = end + back * (9 + name.width(STATE) / 2);
            svg.text(Ink.INK.fill(), STATE, Anchor.MIDDLE, x, y - 12, name);
          } else {
            boolean starts = step == 0 ^ row.backward();
            Lettering shape = starts ? row.stateShape(line) : Lettering.NONE;
            end(step == 0, step == 0 ? from - 6 : to + 6, y, name, shape);
          }
        }
      }
    }

    /** Where a state begins, or ends: its name, and how large it is. */
    private void end(boolean atLeft, double x, double y, Lettering name, Lettering shape) {
      Anchor anchor = atLeft ? Anchor.END : Anchor.START;
      double beside = shape.isEmpty() ? 0 : shape.width(SMALL) + 6;
      svg.text(Ink.INK.fill(), STATE, anchor, atLeft ? x - beside : x, y, name);
      double behind = atLeft ? x : x + name.width(STATE) + 6;
      svg.text(Ink.FAINT.fill(), SMALL, anchor, behind, y, shape);
    }

    private void caption(Row row, double top) {
      double each = Lettering.height(SMALL);
      double y = top + (row.height() - captionHeight(row) + each) / 2;
      svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, caption, y, row.before());
      for (Lettering name : row.names()) {
        y += each;
        svg.text(Ink.WEIGHT.fill(), SMALL, Anchor.START, caption, y, name);
      }
      svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, caption, y + each, row.after());
    }
  }
}
