package kazoku.benchmark;

import java.nio.file.Path;

/**
 * How a turn is taken.
 *
 * @param threads of the library
 * @param quick whether it is short
 * @param folder where results and exported models are
 */
record Settings(int threads, boolean quick, Path folder) {

  /** Not counted. */
  double warmUpSeconds() {
    return quick ? 0.3 : 2;
  }

  /** Counted. */
  double seconds() {
    return quick ? 0.5 : 3;
  }
}
