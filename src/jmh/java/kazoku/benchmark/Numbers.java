package kazoku.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/** Inputs and weights: the same numbers in every language, from their names alone. */
final class Numbers {
  private Numbers() {}

  /** The input {@code [B, T, I]}, uniform in ±1. */
  static float[] input(Case what) {
    return uniform("x", what.batch() * what.steps() * what.inputSize(), 1);
  }

  /** The same by rows and steps. */
  static float[][][] inputRows(Case what) {
    float[] flat = input(what);
    float[][][] rows = new float[what.batch()][what.steps()][what.inputSize()];
    int at = 0;
    for (float[][] row : rows) {
      for (float[] step : row) {
        System.arraycopy(flat, at, step, 0, step.length);
        at += step.length;
      }
    }
    return rows;
  }

  /** The first step of each row. */
  static float[][] firstSteps(Case what) {
    return Arrays.stream(inputRows(what)).map(row -> row[0]).toArray(float[][]::new);
  }

  /** All steps of all rows, one after the other. */
  static float[] flat(float[][][] rows) {
    int size = rows[0][0].length;
    float[] flat = new float[rows.length * rows[0].length * size];
    int at = 0;
    for (float[][] row : rows) {
      for (float[] step : row) {
        System.arraycopy(step, 0, flat, at, size);
        at += size;
      }
    }
    return flat;
  }

  /** A weight, uniform in ±1/√H, as PyTorch draws those of its recurrent layers. */
  static float[] weight(Case what, String symbol, int size) {
    return uniform(symbol, size, 1 / Math.sqrt(what.hiddenSize()));
  }

  private static float[] uniform(String name, int size, double bound) {
    CRC32 seed = new CRC32();
    seed.update(name.getBytes(StandardCharsets.UTF_8));
    SplittableRandom random = new SplittableRandom(seed.getValue());
    float[] numbers = new float[size];
    for (int k = 0; k < size; k++) {
      numbers[k] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return numbers;
  }

  /** Rows and columns change places. */
  static float[] transposed(float[] matrix, int rows) {
    int columns = matrix.length / rows;
    float[] turned = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = matrix[row * columns + column];
      }
    }
    return turned;
  }

  /**
   * Blocks of equal size in another order, along the last axis.
   *
   * @param order where each block of the result comes from
   */
  static float[] blocks(float[] matrix, int size, int... order) {
    float[] other = new float[matrix.length];
    int width = size * order.length;
    for (int row = 0; row < matrix.length / width; row++) {
      for (int block = 0; block < order.length; block++) {
        int at = row * width;
        System.arraycopy(matrix, at + order[block] * size, other, at + block * size, size);
      }
    }
    return other;
  }
}
