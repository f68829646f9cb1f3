package kazoku.decode;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Checks;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Several hypotheses side by side.
 *
 * @param width K
 * @param alpha the exponent of the length penalty
 */
record Beam(Decoder decoder, int width, double alpha) implements Search {

  Beam {
    Checks.atLeastOne("Decoder", "width", width);
    Checks.notNegative("Decoder", "alpha", alpha);
  }

  @Override
  public Signal search(
      Weights w,
      Operand<TNumber> first,
      Map<String, ? extends Operand<?>> state,
      Map<String, Signal> beside) {
    Ops tf = w.tf();
    Operand<TInt32> rows = Padding.size(tf, first, 0);
    Operand<TInt32> all = tf.math.mul(rows, tf.array(width));
    Operand<TInt32> row =
        tf.math.floorDiv(
            tf.range(tf.constant(0), tf.reshape(all, tf.constant(new int[0])), tf.constant(1)),
            tf.constant(width));
    Map<String, Operand<?>> start = new LinkedHashMap<>();
    Decoder.inCell(state).forEach((slot, value) -> start.put(slot, each(tf, value, row)));
    start.put(BeamCell.TOKEN, each(tf, first, row));
    start.put(BeamCell.TOTAL, totals(w, rows));
    Map<String, Signal> repeated = new LinkedHashMap<>();
    beside.forEach((name, signal) -> repeated.put(name, each(tf, signal, row)));
    RecurrentLayer.Result result =
        Search.run(
            new BeamCell(decoder, width, alpha), decoder.maxSteps(), 1, w, start, all, repeated);
    return found(tf, result.finalState());
  }

  private Signal found(Ops tf, Map<String, Operand<TNumber>> last) {
    int steps = decoder.maxSteps();
    Operand<TNumber> scores = tf.reshape(last.get(BeamCell.SCORE), tf.array(-1, width));
    Operand<TNumber> none =
        Vocabulary.number(
            tf.dtypes.cast(tf.constant(Double.NEGATIVE_INFINITY), last.get(BeamCell.SCORE).type()));
    Operand<TBool> there = tf.math.greater(scores, none);
    Operand<TInt32> lengths =
        tf.select(
            there,
            Search.whole(
                tf, tf.math.sub(last.get(BeamCell.LENGTH), last.get(BeamCell.ENDED)), -1, width),
            tf.constant(0));
    Operand<TInt32> tokens =
        tf.select(
            tf.expandDims(there, tf.constant(-1)),
            Search.whole(tf, last.get(BeamCell.TOKENS), -1, width, steps),
            tf.constant(Decoded.NONE));
    Operand<TInt32> best =
        tf.reshape(
            tf.slice(tokens, tf.array(0, 0, 0), tf.array(-1, 1, steps)), tf.array(-1, steps));
    return new Signal(best, tf.reshape(first(tf, lengths), tf.array(-1)))
        .beside(Generator.SCORES, first(tf, scores))
        .beside(Generator.BEAMS, tokens)
        .beside(Generator.BEAM_SCORES, scores);
  }

  private static <T extends TType> Operand<T> first(Ops tf, Operand<T> all) {
    return tf.slice(all, tf.array(0, 0), tf.array(-1, 1));
  }

  /** 0 for the first hypothesis of a row, −∞ for the others. */
  private Operand<TNumber> totals(Weights w, Operand<TInt32> rows) {
    Ops tf = w.tf();
    double[] totals = new double[width];
    Arrays.fill(totals, 1, width, Double.NEGATIVE_INFINITY);
    Operand<TNumber> row = Vocabulary.number(tf.dtypes.cast(tf.constant(totals), w.type()));
    return tf.reshape(tf.tile(row, rows), tf.array(-1, 1));
  }

  private static Signal each(Ops tf, Signal signal, Operand<TInt32> row) {
    Map<String, Signal> beside = new LinkedHashMap<>();
    signal.beside().forEach((name, other) -> beside.put(name, each(tf, other, row)));
    return new Signal(
        each(tf, Vocabulary.number(signal.value()), row),
        signal.lengths() == null ? null : each(tf, signal.lengths(), row),
        signal.mask() == null ? null : each(tf, signal.mask(), row),
        beside);
  }

  /** What stands beside a row, for each of its hypotheses. */
  private static <T extends TType> Operand<T> each(Ops tf, Operand<T> value, Operand<TInt32> row) {
    return tf.gather(value, row, tf.constant(0));
  }
}
