package kazoku.gallery;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import kazoku.Cell;
import kazoku.Requests;
import kazoku.Trace;
import kazoku.cells.About;
import kazoku.draw.Equations;

/**
 * What the gallery tells of a cell.
 *
 * @param type the cell's class
 * @param comment its class comment
 * @param sizes what depends on its sizes
 * @param kind how its state depends on the state before
 * @param agreements what its numbers were compared with
 * @param equations its equations
 * @param figure its figure, SVG
 */
record Card(
    Class<? extends Cell> type,
    Comment comment,
    Sizes sizes,
    Kind kind,
    List<Agreement> agreements,
    Equations equations,
    String figure) {
  /** The width of input and state for which formulas are worked out. */
  static final int WIDTH = 64;

  private static final Pattern YEAR = Pattern.compile("\\b(?:19|20)\\d\\d\\b");

  /**
   * The card of a cell.
   *
   * @param figures draws a cell, in SVG
   */
  static Card of(Class<? extends Cell> type, Function<Cell, String> figures) {
    Comment comment = Comment.of(type);
    Sizes sizes = new Sizes(type, comment);
    Cell example = sizes.example();
    return new Card(
        type,
        comment,
        sizes,
        Kind.of(example),
        Agreement.of(type),
        Equations.of(example),
        figures.apply(example));
  }

  String name() {
    return type.getSimpleName();
  }

  String idea() {
    return about().idea();
  }

  String source() {
    return about().source();
  }

  private About about() {
    return type.getAnnotation(About.class);
  }

  /** The years of its sources, first to last. */
  List<Integer> years() {
    List<Integer> years =
        YEAR.matcher(source())
            .results()
            .map(MatchResult::group)
            .map(Integer::valueOf)
            .sorted()
            .toList();
    if (years.isEmpty()) {
      throw new IllegalStateException(name() + ": @About names no year in its source");
    }
    return years;
  }

  /** The year that it became what it is. */
  int year() {
    return years().get(years().size() - 1);
  }

  /** What a formula comes to for input and state of the same width. */
  long value(String what) {
    return sizes.formula(what).at(sizes.valuesWith(WIDTH));
  }

  /** What has to stand beside its input, with the shape of a row. */
  Map<String, kazoku.Expr> beside() {
    Requests requests = Trace.of(sizes.example()).requests();
    return requests.beside();
  }
}
