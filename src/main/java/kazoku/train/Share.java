package kazoku.train;

import java.util.Arrays;

/**
 * Which of the rows of all workers are here.
 *
 * @param first the number of the first one, among those of all
 * @param own how many
 * @param all how many all workers have
 */
record Share(int first, int own, int all) {

  boolean has(int row) {
    return row >= first && row - first < own;
  }

  /** Those of some rows of all that are here, as indices of own rows. */
  int[] of(int[] rows) {
    return Arrays.stream(rows).filter(this::has).map(row -> row - first).toArray();
  }
}
