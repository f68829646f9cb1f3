package kazoku.draw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kazoku.draw.Svg.Point;

/** Finds places for texts along lines where nothing else is. */
final class Labels {
  private static final double STEP = 3;
  private static final double GAP = 2;

  private final double width;
  private final double height;
  private final List<Box> taken = new ArrayList<>();
  private double overlap;

  /** No texts yet, on paper of this size. */
  Labels(double width, double height) {
    this.width = width;
    this.height = height;
  }

  /** Something is here. */
  void take(Box box) {
    taken.add(box);
  }

  /** A line is here. */
  void take(Way way, double thickness) {
    way.pieces(thickness).forEach(taken::add);
  }

  /** How much of all texts placed lies on something else; 0 is right. */
  double overlap() {
    return overlap;
  }

  private record Place(Box box, double cost) {}

  /**
   * Places a text above a level piece of its line, or else below it, or else beside an upright one.
   *
   * @param way its line
   * @param wanted where its middle should be
   * @return the rectangle that it takes
   */
  Box place(Way way, Point wanted, double wide, double high) {
    List<Place> places = new ArrayList<>();
    List<Point> points = way.points();
    for (int k = 1; k < points.size(); k++) {
      Point a = points.get(k - 1);
      Point b = points.get(k);
      boolean level = a.y() == b.y();
      double length = level ? Math.abs(b.x() - a.x()) : Math.abs(b.y() - a.y());
      double margin = Math.min(length / 2, (level ? wide : high) / 2);
      for (double at = margin; at <= length - margin + STEP / 2; at += STEP) {
        double part = length == 0 ? 0 : Math.min(at, length - margin) / length;
        Point on = new Point(a.x() + part * (b.x() - a.x()), a.y() + part * (b.y() - a.y()));
        for (int side : new int[] {-1, 1}) {
          Point middle =
              level
                  ? new Point(on.x(), on.y() + side * (high / 2 + GAP))
                  : new Point(on.x() - side * (wide / 2 + 1.5 * GAP), on.y());
          double penalty = (level ? 0 : 12) + (side > 0 ? 10 : 0);
          places.add(candidate(middle, wanted, wide, high, penalty));
        }
      }
    }
    places.add(candidate(wanted, wanted, wide, high, 0));
    Place best = places.stream().min(Comparator.comparingDouble(Place::cost)).orElseThrow();
    overlap += covered(best.box);
    taken.add(best.box);
    return best.box;
  }

  private Place candidate(Point middle, Point wanted, double wide, double high, double penalty) {
    Box box = Box.around(middle, wide, high);
    double far = Math.hypot(middle.x() - wanted.x(), middle.y() - wanted.y());
    double outside = box.within(width, height) ? 0 : 1e4;
    return new Place(box, 50 * covered(box) + outside + penalty + far);
  }

  private double covered(Box box) {
    return taken.stream().mapToDouble(box::overlap).sum();
  }
}
