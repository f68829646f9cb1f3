package kazoku.draw;

import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Cell;
import kazoku.family.Family;

/** The figures of all cells, made once for all tests. */
final class Drawings {
  private static Map<Cell, Drawing> all;

  private Drawings() {}

  /** A figure, and what it was made from on the way. */
  record Drawing(Figure figure, Picture picture, Sheet sheet, String svg) {
    static Drawing of(Figure figure) {
      Picture picture = figure.picture();
      Sheet sheet = Sheet.of(picture);
      return new Drawing(figure, picture, sheet, figure.svg(sheet));
    }
  }

  static synchronized Map<Cell, Drawing> all() {
    if (all == null) {
      all = new LinkedHashMap<>();
      Family.examples().forEach(cell -> all.put(cell, Drawing.of(Figure.of(cell))));
    }
    return all;
  }
}
