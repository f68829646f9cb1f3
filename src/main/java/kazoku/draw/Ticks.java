package kazoku.draw;

import java.util.ArrayList;
import java.util.List;

/** Round numbers along an axis. */
final class Ticks {
  private Ticks() {}

  /**
   * Round numbers.
   *
   * @param most how many there may be, at least 2
   * @return multiples of 1, 2 or 5 times a power of ten, from {@code low} to {@code high}
   */
  static List<Double> between(double low, double high, int most) {
    double step = Math.pow(10, Math.floor(Math.log10((high - low) / most)));
    double[] factors = {1, 2, 5, 10, 20};
    int k = 0;
    while (Math.floor(high / (step * factors[k]) + 1e-9)
            - Math.ceil(low / (step * factors[k]) - 1e-9)
            + 1
        > most) {
      k++;
    }
    step *= factors[k];
    List<Double> ticks = new ArrayList<>();
    for (double at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at++) {
      ticks.add(at * step);
    }
    return ticks;
  }

  /** Numbers of things that are counted from 0. */
  static List<Integer> counted(int count, int most) {
    if (count <= 1) {
      return List.of(0);
    }
    List<Integer> ticks = new ArrayList<>();
    for (double tick : between(0, count - 1, Math.max(2, most))) {
      if (tick == Math.rint(tick)) {
        ticks.add((int) tick);
      }
    }
    return ticks;
  }
}
