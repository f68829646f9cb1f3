package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A picture laid out and drawn: the third stage. What is too wide for a page, or has too many lines
 * to follow, is folded into rows.
 */
final class Sheet {
  /** What is wider is folded. */
  private static final double WIDEST = 880;

  /** What has more lines is folded. */
  private static final int MOST_LINES = 60;

  /** How wide rows may be. */
  private static final double ROW = 640;

  private static final double GAP = 6;

  private final Picture picture;
  private final List<Placed> rows = new ArrayList<>();

  /** A row in its place. */
  private record Placed(Band band, double x, double y) {
    double right() {
      return x + band.width();
    }

    double bottom() {
      return y + band.height();
    }

    Box moved(Box box) {
      return box.moved(x, y);
    }
  }

  /** Rows under each other, and beside each other where there is room. */
  private Sheet(Picture picture, List<Picture> parts) {
    this.picture = picture;
    List<Band> bands = parts.stream().map(Band::of).toList();
    double widest = bands.stream().mapToDouble(Band::width).max().orElse(0);
    double x = 0;
    double y = 0;
    double bottom = 0;
    for (Band band : bands) {
      if (x > 0 && x + band.width() > widest) {
        x = 0;
        y = bottom + GAP;
      }
      rows.add(new Placed(band, x, y));
      x += band.width() + GAP;
      bottom = Math.max(bottom, y + band.height());
    }
  }

  /** A picture in one row or in several. */
  static Sheet of(Picture picture) {
    Fold fold = new Fold(picture, Band::width, Band::width);
    if (fold.width() <= WIDEST && picture.lines().size() <= MOST_LINES) {
      Sheet whole = new Sheet(picture, List.of(picture));
      if (whole.paper().width() <= WIDEST) {
        return whole;
      }
    }
    return new Sheet(picture, fold.rows(ROW));
  }

  /** The rectangles of all texts, as wide as a reader's font may make them. */
  List<Box> texts() {
    return all(Band::texts);
  }

  /** The rectangles of all nodes. */
  List<Box> nodes() {
    return all(Band::nodes);
  }

  /** The pieces of lines that run through a text, or through a node that is not at their end. */
  List<Box> struck() {
    return all(Band::struck);
  }

  private List<Box> all(Function<Band, List<Box>> boxes) {
    return rows.stream().flatMap(row -> boxes.apply(row.band).stream().map(row::moved)).toList();
  }

  /** How much of the texts along lines lies on something else. */
  double overlap() {
    return rows.stream().mapToDouble(row -> row.band.overlap()).sum();
  }

  Box paper() {
    return new Box(0, 0, end(Placed::right), end(Placed::bottom));
  }

  private double end(ToDoubleFunction<Placed> of) {
    return rows.stream().mapToDouble(of).max().orElse(0);
  }

  /** The figure's text. */
  String svg(Theme theme, String title) {
    Box paper = paper();
    Svg svg = new Svg(theme, title, picture.description(), paper.width(), paper.height());
    for (Placed row : rows) {
      svg.openAt(row.x, row.y);
      row.band.draw(svg);
      svg.close();
    }
    return svg.end();
  }
}
