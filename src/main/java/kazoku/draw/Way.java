package kazoku.draw;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.draw.Svg.Point;

/**
 * A line with corners, on which one can walk.
 *
 * @param points its corners, from its beginning to its end
 */
record Way(List<Point> points) {
  private static final double NEAR = 0.5;

  Way {
    points = List.copyOf(points);
  }

  Point begin() {
    return points.get(0);
  }

  Point end() {
    return points.get(points.size() - 1);
  }

  /** The number of corners between beginning and end. */
  int corners() {
    return points.size() - 2;
  }

  double length() {
    double length = 0;
    for (int k = 1; k < points.size(); k++) {
      length += distance(points.get(k - 1), points.get(k));
    }
    return length;
  }

  /** How far this way and another that begins at the same place are one. */
  double common(Way other) {
    double walked = 0;
    for (int k = 1; k < Math.min(points.size(), other.points.size()); k++) {
      Point a = points.get(k - 1);
      Point mine = points.get(k);
      Point its = other.points.get(k);
      if (distance(a, other.points.get(k - 1)) > NEAR || !sameDirection(a, mine, its)) {
        break;
      }
      double own = distance(a, mine);
      double others = distance(a, its);
      walked += Math.min(own, others);
      if (Math.abs(own - others) > NEAR) {
        break;
      }
    }
    return walked;
  }

  private static boolean sameDirection(Point from, Point a, Point b) {
    double cross =
        (a.x() - from.x()) * (b.y() - from.y()) - (a.y() - from.y()) * (b.x() - from.x());
    double dot = (a.x() - from.x()) * (b.x() - from.x()) + (a.y() - from.y()) * (b.y() - from.y());
    return Math.abs(cross) < NEAR * distance(from, a) && dot > 0;
  }

  /** The place at a distance from the beginning. */
  Point at(double distance) {
    return until(distance).end();
  }

  /** The beginning of the way. */
  Way until(double distance) {
    List<Point> kept = new ArrayList<>(List.of(begin()));
    double left = distance;
    for (int k = 1; k < points.size(); k++) {
      Point a = points.get(k - 1);
      Point b = points.get(k);
      double length = distance(a, b);
      if (length >= left) {
        double part = length == 0 ? 0 : left / length;
        kept.add(new Point(a.x() + part * (b.x() - a.x()), a.y() + part * (b.y() - a.y())));
        return new Way(kept);
      }
      left -= length;
      kept.add(b);
    }
    return new Way(kept);
  }

  /** The end of the way. */
  Way from(double distance) {
    return reversed().until(length() - distance).reversed();
  }

  private Way reversed() {
    List<Point> reversed = new ArrayList<>(points);
    java.util.Collections.reverse(reversed);
    return new Way(reversed);
  }

  /** The same way to another end, in the direction of its last piece. */
  Way endingAt(Point end) {
    List<Point> all = new ArrayList<>(points);
    all.set(all.size() - 1, end);
    return new Way(all);
  }

  /** The pieces between those of some places that are corners of it. */
  List<Way> cutAt(Collection<Point> places) {
    List<Way> pieces = new ArrayList<>();
    List<Point> piece = new ArrayList<>(List.of(begin()));
    for (int k = 1; k < points.size(); k++) {
      Point corner = points.get(k);
      piece.add(corner);
      boolean here = places.stream().anyMatch(place -> distance(place, corner) < NEAR);
      if (here || k == points.size() - 1) {
        pieces.add(new Way(piece));
        piece = new ArrayList<>(List.of(corner));
      }
    }
    return pieces;
  }

  /** How far it is to the beginning of the level piece that a place is above or below of. */
  double toLevelPiece(double x) {
    double walked = 0;
    for (int k = 1; k < points.size(); k++) {
      Point a = points.get(k - 1);
      Point b = points.get(k);
      if (Math.abs(a.y() - b.y()) < NEAR && a.x() <= x && x <= b.x()) {
        return walked;
      }
      walked += distance(a, b);
    }
    return 0;
  }

  /** The rectangles around its pieces. */
  Stream<Box> pieces(double thickness) {
    return IntStream.range(1, points.size())
        .mapToObj(k -> Box.along(points.get(k - 1), points.get(k), thickness));
  }

  /** How many times two ways cross. */
  int crossings(Way other) {
    int crossings = 0;
    for (int k = 1; k < points.size(); k++) {
      for (int l = 1; l < other.points.size(); l++) {
        Point a = points.get(k - 1);
        Point b = points.get(k);
        Point c = other.points.get(l - 1);
        Point d = other.points.get(l);
        crossings += cross(a, b, c, d) || cross(c, d, a, b) ? 1 : 0;
      }
    }
    return crossings;
  }

  /** Whether a level piece is crossed by an upright one. */
  private static boolean cross(Point a, Point b, Point c, Point d) {
    return a.y() == b.y()
        && c.x() == d.x()
        && Math.min(a.x(), b.x()) < c.x()
        && c.x() < Math.max(a.x(), b.x())
        && Math.min(c.y(), d.y()) < a.y()
        && a.y() < Math.max(c.y(), d.y());
  }

  private static double distance(Point a, Point b) {
    return Math.hypot(a.x() - b.x(), a.y() - b.y());
  }
}
