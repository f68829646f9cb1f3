package kazoku.draw;

import kazoku.draw.Svg.Point;

/** A rectangle that something takes. */
record Box(double x, double y, double width, double height) {

  /** A rectangle around its middle. */
  static Box around(Point middle, double width, double height) {
    return new Box(middle.x() - width / 2, middle.y() - height / 2, width, height);
  }

  /** The rectangle around a piece of a level or upright line. */
  static Box along(Point a, Point b, double thickness) {
    return new Box(
        Math.min(a.x(), b.x()) - thickness / 2,
        Math.min(a.y(), b.y()) - thickness / 2,
        Math.abs(a.x() - b.x()) + thickness,
        Math.abs(a.y() - b.y()) + thickness);
  }

  /** The same rectangle, seen from elsewhere. */
  Box moved(double right, double down) {
    return new Box(x + right, y + down, width, height);
  }

  Point middle() {
    return new Point(x + width / 2, y + height / 2);
  }

  /** The area that two have in common. */
  double overlap(Box other) {
    double wide = Math.min(x + width, other.x + other.width) - Math.max(x, other.x);
    double high = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
    return wide > 0 && high > 0 ? wide * high : 0;
  }

  /** Whether it lies in a rectangle at the origin. */
  boolean within(double w, double h) {
    return x >= 0 && y >= 0 && x + width <= w && y + height <= h;
  }
}
