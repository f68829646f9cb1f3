package kazoku.draw;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;
import kazoku.draw.Theme.Ink;

/**
 * Numbers as a picture: heat maps and lines, one under the other.
 *
 * <pre>{@code
 * Chart.overSteps("one sentence")
 *     .heat("f", "forget gate", activity.get("f"))
 *     .lines("p", "probability", probabilities, "yes", "no")
 *     .write(Path.of("sentence.svg"));
 * }</pre>
 *
 * <p>What the colours of a heat map mean stands at its right: numbers from 0 to 1 where all are
 * between, as gates are; from 0 where none is negative; and around 0 otherwise, dark below it and
 * light above. What is not finite is left out.
 */
public final class Chart {
  private static final double WIDTH = 600;
  private static final double MARGIN = 14;
  private static final double TITLE = 15;
  private static final double TICKS = 1.6 * Panel.TEXT;
  private static final double BETWEEN = 12;

  private final String title;
  private final boolean overSteps;
  private final List<Panel> panels;
  private final NavigableMap<Integer, String> marks;
  private final Theme theme;

  private Chart(
      String title,
      boolean overSteps,
      List<Panel> panels,
      NavigableMap<Integer, String> marks,
      Theme theme) {
    this.title = title;
    this.overSteps = overSteps;
    this.panels = List.copyOf(panels);
    this.marks = marks;
    this.theme = theme;
  }

  /**
   * A picture of sequences, whose steps go from left to right, counted from 0. All that is put in
   * it has the same steps.
   *
   * @param title stands above
   * @return the picture, with nothing in it
   */
  public static Chart overSteps(String title) {
    Checks.given("Chart", "title", title);
    return new Chart(title, true, List.of(), new TreeMap<>(), Theme.LIGHT);
  }

  /**
   * A picture of matrices.
   *
   * @param title stands above
   * @return the picture, with nothing in it
   */
  public static Chart ofMatrices(String title) {
    Checks.given("Chart", "title", title);
    return new Chart(title, false, List.of(), new TreeMap<>(), Theme.LIGHT);
  }

  /**
   * The same picture with a heat map more: a column for each step, a row for each number of a step.
   *
   * @param symbol its symbol, as code has it, {@code W_f}
   * @param words what it is; may be empty
   * @param steps {@code [T][N]}
   * @param rows what the N numbers are called; none for numbers that are counted from 0
   * @return the picture
   * @throws IllegalArgumentException if the picture is of matrices, if there is no step or no
   *     number, or if there are not as many as there should be
   */
  public Chart heat(String symbol, String words, float[][] steps, String... rows) {
    double[][] values = transposed(checked(symbol, words, steps, true));
    checkNames(symbol, values.length, rows, rows.length == 0);
    return with(
        new HeatMap(
            new Panel.Heading(symbol, words),
            values,
            List.of(rows),
            List.of(),
            Scale.fitting(values)));
  }

  /**
   * The same picture with lines more.
   *
   * @param symbol the symbol of what they are
   * @param words what it is; may be empty
   * @param steps {@code [T][N]}, a line for each of N numbers; where one is not finite the line is
   *     broken
   * @param names what the N lines are called
   * @return the picture
   * @throws IllegalArgumentException as {@link #heat}
   */
  public Chart lines(String symbol, String words, float[][] steps, String... names) {
    return lines(symbol, words, steps, false, names);
  }

  /**
   * The same picture with lines more whose axis is logarithmic: what falls by the same factor at
   * each step is a straight line.
   *
   * @param symbol the symbol of what they are
   * @param words what it is; may be empty
   * @param steps {@code [T][N]}, a line for each of N numbers; where one is not finite, or not
   *     above 0, the line is broken
   * @param names what the N lines are called
   * @return the picture
   * @throws IllegalArgumentException as {@link #heat}
   */
  public Chart logarithmicLines(String symbol, String words, float[][] steps, String... names) {
    return lines(symbol, words, steps, true, names);
  }

  private Chart lines(
      String symbol, String words, float[][] steps, boolean logarithmic, String... names) {
    double[][] values = transposed(checked(symbol, words, steps, true));
    checkNames(symbol, values.length, names, false);
    if (logarithmic) {
      for (double[] line : values) {
        Arrays.setAll(line, t -> Math.log10(line[t]));
      }
    }
    return with(
        new LinePlot(new Panel.Heading(symbol, words), values, List.of(names), logarithmic));
  }

  /**
   * The same picture with a matrix more.
   *
   * @param symbol its symbol, {@code rnn/cell/U}
   * @param words what it is; may be empty
   * @param rows {@code [N][M]}
   * @param blocks the columns that belong together, from left to right, {@link Block#of}; none for
   *     columns that are one block
   * @return the picture
   * @throws IllegalArgumentException if the picture is over steps, if there is no number, or if the
   *     sizes of the blocks do not fit
   */
  public Chart matrix(String symbol, String words, float[][] rows, List<Block> blocks) {
    double[][] values = checked(symbol, words, rows, false);
    Checks.given("Chart", "blocks", blocks);
    Checks.require(
        blocks.isEmpty() || blocks.stream().mapToInt(Block::size).sum() == values[0].length,
        "Chart",
        "the blocks of " + symbol + " must have " + values[0].length + " columns together",
        blocks);
    return with(
        new HeatMap(
            new Panel.Heading(symbol, words),
            values,
            List.of(),
            List.copyOf(blocks),
            Scale.fitting(values)));
  }

  /**
   * The same picture with a line from top to bottom before a step.
   *
   * @param step which one
   * @param words what happens there
   * @return the picture
   * @throws IllegalArgumentException if the picture is of matrices, or the step is negative
   */
  public Chart mark(int step, String words) {
    Checks.require(overSteps, "Chart", "only a picture over steps has marks", "matrices");
    Checks.notNegative("Chart", "step", step);
    Checks.given("Chart", "words", words);
    NavigableMap<Integer, String> more = new TreeMap<>(marks);
    more.put(step, words);
    return new Chart(title, overSteps, panels, more, theme);
  }

  /**
   * The same picture in other colours.
   *
   * @param theme the colours; {@link Theme#LIGHT} by default
   * @return the picture
   */
  public Chart theme(Theme theme) {
    Checks.given("Chart", "theme", theme);
    return new Chart(title, overSteps, panels, marks, theme);
  }

  private Chart with(Panel panel) {
    List<Panel> more = new ArrayList<>(panels);
    more.add(panel);
    return new Chart(title, overSteps, more, marks, theme);
  }

  private double[][] checked(String symbol, String words, float[][] values, boolean steps) {
    Checks.given("Chart", "symbol", symbol);
    Checks.given("Chart", "words", words);
    Checks.given("Chart", symbol, values);
    Checks.require(
        steps == overSteps,
        "Chart",
        overSteps ? "a picture over steps takes heat and lines" : "one of matrices takes matrix",
        symbol);
    Checks.require(
        values.length > 0 && (values[0] == null || values[0].length > 0),
        "Chart",
        symbol + " must have at least one " + (steps ? "step, of at least one number" : "number"),
        "none");
    for (float[] row : values) {
      Checks.given("Chart", "a row of " + symbol, row);
      Checks.require(
          row.length == values[0].length,
          "Chart",
          "all rows of " + symbol + " must have " + values[0].length + " numbers",
          row.length);
    }
    Checks.require(
        !steps || panels.isEmpty() || panels.get(0).columns() == values.length,
        "Chart",
        symbol + " must have as many steps as what is above it",
        values.length);
    return Arrays.stream(values)
        .map(row -> IntStream.range(0, row.length).mapToDouble(k -> row[k]).toArray())
        .toArray(double[][]::new);
  }

  private static void checkNames(String symbol, int count, String[] names, boolean none) {
    Checks.require(
        none || names.length == count,
        "Chart",
        symbol + " must have " + count + " names, one for each number of a step",
        names.length);
    for (String name : names) {
      Checks.given("Chart", "a name of " + symbol, name);
    }
  }

  private static double[][] transposed(double[][] values) {
    double[][] columns = new double[values[0].length][values.length];
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        columns[j][i] = values[i][j];
      }
    }
    return columns;
  }

  /**
   * The picture as SVG, the same text each time. It can stand in an HTML page as it is, beside
   * others.
   *
   * @return the text of an {@code svg} element
   * @throws IllegalStateException if there is nothing in it
   */
  public String svg() {
    if (panels.isEmpty()) {
      throw new IllegalStateException("Chart: there is nothing to draw; add heat, lines or matrix");
    }
    double left = MARGIN + widest(Panel::left);
    Lettering name = Lettering.plain(title);
    double inside = Math.max(WIDTH + widest(Panel::right), name.width(TITLE));
    double width = left + Math.max(inside, widest(panel -> panel.heading().width())) + MARGIN;
    List<Mark> placed = placed(left);
    int rows = placed.stream().mapToInt(mark -> mark.row + 1).max().orElse(0);
    double top = MARGIN + 1.7 * TITLE + rows * TICKS;
    double each = Panel.HEADING + (overSteps ? 0 : TICKS) + BETWEEN;
    double all = panels.stream().mapToDouble(panel -> panel.height() + each).sum();
    double height = top + all + (overSteps ? 2 * TICKS - BETWEEN : 0) + MARGIN / 2;
    Svg svg = new Svg(theme, title, title, width, height);
    svg.style(Scale.css(theme) + Series.css(theme));
    svg.rectangle(Ink.PAPER.fill(), 0, 0, 0, width, height, 6);
    svg.text(Ink.INK.fill(), TITLE, Anchor.START, left, MARGIN + TITLE / 2, name);
    double y = top;
    for (Panel panel : panels) {
      panel.heading().draw(svg, left, y);
      double body = y + Panel.HEADING;
      panel.draw(svg, left, body, WIDTH);
      for (Mark mark : placed) {
        mark.drawLine(svg, body, body + panel.height());
      }
      y += each + panel.height();
      if (!overSteps) {
        numbers(svg, panel.columns(), left, y - BETWEEN - TICKS);
      }
    }
    if (overSteps) {
      drawSteps(svg, left, y - BETWEEN);
      placed.forEach(mark -> mark.drawLine(svg, mark.y(top), top));
      placed.forEach(mark -> mark.drawWords(svg, top));
    }
    return svg.end();
  }

  private double widest(ToDoubleFunction<Panel> room) {
    return panels.stream().mapToDouble(room).max().orElse(0);
  }

  private void drawSteps(Svg svg, double left, double bottom) {
    numbers(svg, panels.get(0).columns(), left, bottom);
    Lettering axis = Lettering.plain("step");
    svg.text(
        Ink.FAINT.fill(),
        Panel.TEXT,
        Anchor.MIDDLE,
        left + WIDTH / 2,
        bottom + 2.3 * Panel.TEXT,
        axis);
  }

  /**
   * A line before a step, with words above.
   *
   * @param x where it is
   * @param from where its words begin
   * @param words what happens there
   * @param row how many rows of words are below its own
   */
  private record Mark(double x, double from, Lettering words, int row) {
    double end() {
      return from + words.width(Panel.TEXT);
    }

    double y(double top) {
      return top - (row + 1) * TICKS;
    }

    /** On a line of paper, since it may pass over dark colours. */
    void drawLine(Svg svg, double from, double to) {
      List<Point> down = List.of(new Point(x, from), new Point(x, to));
      svg.line(Ink.PAPER.line(), 2.4, "", 0, down);
      svg.line(Ink.INK.line(), 1.2, "2 3", 0, down);
    }

    /** On paper of their own, since the line of another mark may pass behind them. */
    void drawWords(Svg svg, double top) {
      double size = Panel.TEXT;
      svg.rectangle(Ink.PAPER.fill(), 0, from - 2, y(top), end() - from + 4, 1.2 * size, 0);
      svg.text(Ink.INK.fill(), size, Anchor.START, from, y(top) + size / 2, words);
    }
  }

  /** The marks from the last to the first, whose words stand in rows: none lies on another. */
  private List<Mark> placed(double left) {
    List<Mark> placed = new ArrayList<>();
    int steps = panels.get(0).columns();
    for (int step : marks.descendingKeySet()) {
      double x = left + Math.min(step, steps) * WIDTH / steps;
      Lettering words = Lettering.plain(marks.get(step));
      double width = words.width(Panel.TEXT);
      double from = x + 4 + width < left + WIDTH ? x + 4 : x - 4 - width;
      int row = 0;
      for (Mark other : placed) {
        if (from < other.end() + 8 && other.from < from + width + 8) {
          row = Math.max(row, other.row + 1);
        }
      }
      placed.add(new Mark(x, from, words, row));
    }
    return placed;
  }

  private static void numbers(Svg svg, int columns, double left, double y) {
    for (int number : Ticks.counted(columns, 13)) {
      svg.text(
          Ink.FAINT.fill(),
          Panel.TEXT,
          Anchor.MIDDLE,
          left + (number + 0.5) * WIDTH / columns,
          y + 0.9 * Panel.TEXT,
          Lettering.plain("" + number));
    }
  }

  /**
   * Writes the picture to a file. It is written aside and then moved into place.
   *
   * @param file {@code gates.svg}
   * @throws IllegalArgumentException if its name has another ending
   * @throws IllegalStateException if there is nothing in the picture
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    Svg.write("Chart", file, this::svg);
  }
}
