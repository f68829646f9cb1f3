package kazoku.benchmark;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kazoku.Cell;

/**
 * A cell over a batch of sequences, and what is measured of it: {@code training LSTMCell
 * 32x100x64x128}.
 *
 * @param kind what is measured
 * @param cell the name of a cell that can be made of an input and a hidden size
 * @param batch B
 * @param steps T
 * @param inputSize I
 * @param hiddenSize H
 */
record Case(Kind kind, String cell, int batch, int steps, int inputSize, int hiddenSize) {
  /** How many threads ask for {@link Kind#CALLERS}. */
  static final int CALLERS = 4;

  private static final Pattern NAME = Pattern.compile("(\\w+) (\\w+) (\\d+)x(\\d+)x(\\d+)x(\\d+)");

  static Case of(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "Case: a name must be like 'training LSTMCell 32x100x64x128', got '" + name + "'");
    }
    return new Case(
        Kind.valueOf(parts.group(1).toUpperCase(Locale.ROOT)),
        parts.group(2),
        Integer.parseInt(parts.group(3)),
        Integer.parseInt(parts.group(4)),
        Integer.parseInt(parts.group(5)),
        Integer.parseInt(parts.group(6)));
  }

  /** How many threads do it at once. */
  int callers() {
    return switch (kind) {
      case CALLERS -> CALLERS;
      case STREAMS -> batch;
      default -> 1;
    };
  }

  boolean isLstm() {
    return cell.equals("LSTMCell");
  }

  boolean isGru() {
    return cell.equals("GRUResetAfterCell");
  }

  /** Whether native libraries have it as one operation. */
  boolean isNative() {
    return isLstm() || isGru();
  }

  Cell newCell() {
    try {
      return (Cell)
          Class.forName("kazoku.cells." + cell)
              .getConstructor(int.class, int.class)
              .newInstance(inputSize, hiddenSize);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("Case: there is no such cell, got " + cell, e);
    }
  }

  /** The name of a file or folder. */
  String file() {
    return toString().replace(' ', '-');
  }

  @Override
  public String toString() {
    return "%s %s %dx%dx%dx%d".formatted(kind, cell, batch, steps, inputSize, hiddenSize);
  }
}
