package kazoku.benchmark;

import kazoku.Cell;

/**
 * What a benchmark is asked for: a cell, and sizes.
 *
 * @param cell its name, LSTMCell if there is none
 * @param sizes numbers, the usual ones where there are fewer
 */
record Arguments(String cell, int[] sizes) {

  static Arguments of(String[] args, int... usual) {
    int[] sizes = usual.clone();
    for (int k = 1; k < args.length; k++) {
      sizes[k - 1] = Integer.parseInt(args[k]);
    }
    return new Arguments(args.length > 0 ? args[0] : "LSTMCell", sizes);
  }

  /** The cell with an input and a hidden size. */
  Cell cell(int inputSize, int hiddenSize) throws ReflectiveOperationException {
    return (Cell)
        Class.forName("kazoku.cells." + cell)
            .getConstructor(int.class, int.class)
            .newInstance(inputSize, hiddenSize);
  }

  /** Whether faster products are on. */
  static String oneDnn() {
    return "1".equals(System.getenv("TF_ENABLE_ONEDNN_OPTS")) ? "on" : "left to TensorFlow";
  }
}
