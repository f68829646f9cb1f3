package kazoku.draw;

/** What a figure shows. */
interface Drawing {

  /**
   * Draws it.
   *
   * @param theme the colours
   * @param title the figure's title
   * @return the text of an {@code svg} element
   */
  String svg(Theme theme, String title);
}
