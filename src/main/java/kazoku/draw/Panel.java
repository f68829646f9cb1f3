package kazoku.draw;

/** A part of a {@link Chart}. */
sealed interface Panel permits HeatMap, LinePlot {
  /** The size of most texts. */
  double TEXT = 11;

  /** The room of a heading. */
  double HEADING = 19;

  /** What it is called, and what that is. */
  Heading heading();

  /** How many steps, or columns, it has. */
  int columns();

  /** How high it is. */
  double height();

  /** The room that it needs at the left for what stands at its axis. */
  double left();

  /** The room that it needs at the right for its colours or names. */
  double right();

  /** Draws it in an area. */
  void draw(Svg svg, double x, double y, double width);

  /**
   * A symbol, and in words what it is.
   *
   * @param symbol as it is written in code
   * @param words may be empty
   */
  record Heading(String symbol, String words) {
    private static final double SIZE = 13;

    private double gap() {
      return symbol.isEmpty() ? 0 : Lettering.symbol(symbol).width(SIZE) + 8;
    }

    double width() {
      return gap() + Lettering.plain(words).width(SIZE - 1);
    }

    void draw(Svg svg, double x, double y) {
      Lettering name = Lettering.symbol(symbol);
      double middle = y + SIZE / 2;
      svg.text(Theme.Ink.INK.fill(), SIZE, Svg.Anchor.START, x, middle, name);
      svg.text(
          Theme.Ink.FAINT.fill(),
          SIZE - 1,
          Svg.Anchor.START,
          x + gap(),
          middle,
          Lettering.plain(words));
    }
  }
}
