package kazoku.draw;

import java.util.Arrays;
import java.util.List;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;

/**
 * A matrix as a grid of colours, with what the colours mean at its right. Larger ones than can be
 * seen are cut in fields, each in the colour of the number in it that is furthest from 0.
 *
 * @param heading its name
 * @param values by row and column
 * @param rows what the rows are called; empty if they are counted
 * @param blocks the blocks of columns; empty if they are one
 * @param scale what colours mean
 */
record HeatMap(
    Panel.Heading heading, double[][] values, List<String> rows, List<Block> blocks, Scale scale)
    implements Panel {
  private static final int MOST_ROWS = 240;
  private static final int MOST_COLUMNS = 600;
  private static final double WANTED = 130;
  private static final double BAR = 9;
  private static final double GAP = 10;
  private static final double BLOCKS = 15;

  @Override
  public int columns() {
    return values[0].length;
  }

  private double cell() {
    double least = rows.isEmpty() ? 1 : TEXT;
    return Math.max(least, Math.min(14, WANTED / values.length));
  }

  private double grid() {
    return Math.min(values.length, MOST_ROWS) * cell();
  }

  private double top() {
    return blocks.isEmpty() ? 0 : BLOCKS;
  }

  @Override
  public double height() {
    return top() + Math.max(grid(), 2.6 * TEXT);
  }

  @Override
  public double left() {
    return 8
        + (rows.isEmpty()
            ? Lettering.plain("" + values.length).width(TEXT)
            : rows.stream().mapToDouble(row -> Lettering.plain(row).width(TEXT)).max().orElse(0));
  }

  @Override
  public double right() {
    double widest =
        Math.max(
            Lettering.plain(Scale.text(scale.high())).width(TEXT),
            Lettering.plain(Scale.text(scale.low())).width(TEXT));
    return GAP + BAR + 5 + widest;
  }

  @Override
  public void draw(Svg svg, double x, double from, double width) {
    double y = from + top();
    double[][] fields = fields();
    int[][] levels =
        Arrays.stream(fields)
            .map(row -> Arrays.stream(row).mapToInt(scale::level).toArray())
            .toArray(int[][]::new);
    svg.rectangle(Theme.Ink.AREA.fill(), 0, x, y, width, grid(), 0);
    svg.grid(scale.colours(), levels, x, y, width, grid());
    drawRows(svg, x, y);
    drawBlocks(svg, x, y, width);
    drawScale(svg, x + width + GAP, from + top());
  }

  /** The numbers that are drawn. */
  private double[][] fields() {
    int height = Math.min(values.length, MOST_ROWS);
    int width = Math.min(columns(), MOST_COLUMNS);
    double[][] fields = new double[height][width];
    for (double[] row : fields) {
      Arrays.fill(row, Double.NaN);
    }
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < columns(); j++) {
        int row = (int) ((long) i * height / values.length);
        int column = (int) ((long) j * width / columns());
        double before = fields[row][column];
        if (!(Math.abs(values[i][j]) <= Math.abs(before))) {
          fields[row][column] = values[i][j];
        }
      }
    }
    return fields;
  }

  private void drawRows(Svg svg, double x, double y) {
    double each = grid() / values.length;
    if (!rows.isEmpty()) {
      for (int row = 0; row < rows.size(); row++) {
        Lettering text = Lettering.plain(rows.get(row));
        svg.text(Theme.Ink.FAINT.fill(), TEXT, Anchor.END, x - 5, y + (row + 0.5) * each, text);
      }
      return;
    }
    for (int row : Ticks.counted(values.length, (int) (grid() / (2 * TEXT)) + 1)) {
      Lettering text = Lettering.plain("" + row);
      svg.text(Theme.Ink.FAINT.fill(), TEXT, Anchor.END, x - 5, y + (row + 0.5) * each, text);
    }
  }

  private void drawBlocks(Svg svg, double x, double y, double width) {
    double at = x;
    for (int k = 0; k < blocks.size(); k++) {
      double wide = width * blocks.get(k).size() / columns();
      Lettering name = Lettering.symbol(blocks.get(k).name());
      if (name.width(TEXT) < wide) {
        svg.text(Theme.Ink.INK.fill(), TEXT, Anchor.MIDDLE, at + wide / 2, y - BLOCKS / 2, name);
      }
      if (k > 0) {
        List<Point> cut = List.of(new Point(at, y - BLOCKS), new Point(at, y + grid()));
        svg.line(Theme.Ink.INK.line(), 1, "", 0, cut);
      }
      at += wide;
    }
  }

  private void drawScale(Svg svg, double x, double y) {
    double high = Math.min(90, Math.max(grid(), 2.6 * TEXT));
    int[][] levels = new int[Scale.LEVELS][1];
    for (int k = 0; k < levels.length; k++) {
      levels[k][0] = Scale.LEVELS - 1 - k;
    }
    svg.grid(scale.colours(), levels, x, y, BAR, high);
    number(svg, x, y + TEXT / 2, scale.high());
    number(svg, x, y + high - TEXT / 2, scale.low());
    if (scale.aroundZero() && high > 4 * TEXT) {
      number(svg, x, y + high / 2, 0);
    }
  }

  private static void number(Svg svg, double x, double y, double number) {
    Lettering text = Lettering.plain(Scale.text(number));
    svg.text(Theme.Ink.FAINT.fill(), TEXT, Anchor.START, x + BAR + 5, y, text);
  }
}
