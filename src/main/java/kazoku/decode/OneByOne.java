package kazoku.decode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The most likely token at each step, or one that is drawn.
 *
 * @param temperature what logits are divided by before a token is drawn; 0 for the most likely one
 * @param watched slots of the cell whose values stand beside the tokens
 */
record OneByOne(Decoder decoder, double temperature, List<Slot> watched) implements Search {

  static OneByOne greedy(Decoder decoder, String... slots) {
    return new OneByOne(decoder, 0, named(decoder, slots));
  }

  static OneByOne drawn(Decoder decoder, double temperature, String... slots) {
    Checks.require(
        temperature > 0 && temperature < Double.POSITIVE_INFINITY,
        "Decoder",
        "temperature must be more than 0; for the most likely token use greedy()",
        temperature);
    return new OneByOne(decoder, temperature, named(decoder, slots));
  }

  private static List<Slot> named(Decoder decoder, String... names) {
    Map<String, Slot> all = new LinkedHashMap<>();
    decoder.cell().state().forEach(slot -> all.put(slot.name(), slot));
    List<Slot> slots = new ArrayList<>();
    for (String name : names) {
      Checks.require(
          all.containsKey(name), "Decoder", "a slot must be one of " + all.keySet(), name);
      slots.add(all.get(name));
    }
    return slots;
  }

  @Override
  public Signal search(
      Weights w,
      Operand<TNumber> first,
      Map<String, ? extends Operand<?>> state,
      Map<String, Signal> beside) {
    Ops tf = w.tf();
    Map<String, Operand<?>> start = Decoder.inCell(state);
    start.put(OneByOneCell.TOKEN, first);
    RecurrentLayer.Result result =
        Search.run(
            new OneByOneCell(decoder, temperature, watched),
            decoder.maxSteps(),
            decoder.loop().shards(),
            w,
            start,
            Padding.size(tf, first, 0),
            beside);
    Map<String, Signal> found = new LinkedHashMap<>();
    Operand<TInt32> lengths = Search.whole(tf, result.finalState().get(OneByOneCell.LENGTH), -1);
    found.put(
        Generator.SCORES,
        Signal.of(tf.reshape(result.finalState().get(OneByOneCell.SCORE), tf.array(-1, 1))));
    int from = 1;
    for (Slot slot : watched) {
      int size = Math.toIntExact(slot.shape().size());
      Shape shape = Shape.of(-1, decoder.maxSteps()).append(slot.shape());
      Operand<TNumber> values =
          tf.reshape(part(tf, result.outputs(), from, size), tf.constant(shape.asArray()));
      found.put(slot.name().replace('/', '_'), new Signal(values, lengths));
      from += size;
    }
    Operand<TInt32> tokens =
        Search.whole(tf, part(tf, result.outputs(), 0, 1), -1, decoder.maxSteps());
    return new Signal(tokens, lengths, null, found);
  }

  private static Operand<TNumber> part(Ops tf, Operand<TNumber> outputs, int from, int size) {
    return tf.slice(outputs, tf.array(0, 0, from), tf.array(-1, -1, size));
  }
}
