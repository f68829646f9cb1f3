package kazoku;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * Recurrent layers in a row that are one recurrent layer: each takes the outputs of the one below
 * it, and the states of all are given and taken together.
 *
 * <pre>
 * y_0 = layer_0(x)                            the lowest layer, over all steps
 * y_k = layer_k(y_{k−1}⊙m_k/p)                each above it; in training, what it sees is dropped out
 * y_k = layer_k(y_{k−1}⊙m_k/p) + y_{k−1}      with residual connections
 * y = y_K                                     output of the highest
 * </pre>
 *
 * <p>Weights and slots of the layers stand under {@code 0/}, {@code 1/} …, {@code encoder/1/cell/U}
 * and {@code 1/h}. The masks m are ones with probability p and zeros, called {@code 1}, {@code 2}
 * …; a new one is drawn for each step, or one for all steps of a row.
 *
 * <p>Cells in a row inside one step are a {@link kazoku.wrap.StackedCell}, with the same numbers;
 * layers run each over all steps before the next one, which leaves more products outside of loops.
 * Bidirectional layers in a row, each of which sees both directions of the one below, are made by
 * {@link #bidirectional}.
 *
 * <p>Source: TensorFlow's stack_bidirectional_dynamic_rnn; PyTorch's {@code num_layers}, whose
 * {@code dropout} is 1 − p between the layers as here; residual connections as in Y. Wu et al.,
 * "Google's Neural Machine Translation System", 2016, <a
 * href="https://arxiv.org/abs/1609.08144">arXiv:1609.08144</a>.
 *
 * @param layers the layers, at least one, the lowest first; only the highest may give {@linkplain
 *     RecurrentLayer#lastOnly() last outputs only}
 * @param keepProb p, the part of what goes from layer to layer that is kept in training, in (0, 1];
 *     1 by default
 * @param variational whether all steps of a row share a mask; false by default
 * @param residual whether each layer above the lowest adds what it takes to what it gives; the two
 *     must have one shape; false by default
 */
public record Stacked(
    List<RecurrentLayer> layers, double keepProb, boolean variational, boolean residual)
    implements RecurrentLayer {

  public Stacked {
    Checks.given("Stacked", "layers", layers);
    layers = List.copyOf(layers);
    Checks.require(!layers.isEmpty(), "Stacked", "there must be at least one layer", layers);
    for (int k = 0; k < layers.size(); k++) {
      RecurrentLayer layer = layers.get(k);
      Checks.require(
          k == layers.size() - 1 && !residual || !layer.lastOnly(),
          "Stacked",
          residual
              ? "with residual connections each layer must give all steps"
              : "each layer but the highest must give all steps",
          "last outputs only of layer " + k);
      Checks.require(
          layer.timeMajor() == layers.get(0).timeMajor(),
          "Stacked",
          "all layers must be time-major, or none",
          layers.stream().map(RecurrentLayer::timeMajor).toList());
      Checks.require(
          !(layer instanceof Bidirectional both) || both.merge() != Bidirectional.Merge.NONE,
          "Stacked",
          "each layer must give one output a step",
          "Merge.NONE of layer " + k);
    }
    Checks.kept("Stacked", "keepProb", keepProb);
    Checks.require(
        !variational || !layers.get(0).timeMajor(),
        "Stacked",
        "variational drop-out needs sequences [B, T, …]",
        "time-major layers");
  }

  /**
   * Layers in a row.
   *
   * @param layers the layers, the lowest first
   */
  public Stacked(List<? extends RecurrentLayer> layers) {
    this(List.copyOf(layers), 1, false, false);
  }

  /**
   * Layers in a row.
   *
   * @param layers the layers, the lowest first
   */
  public Stacked(RecurrentLayer... layers) {
    this(List.of(layers));
  }

  /**
   * Bidirectional layers in a row, each of which sees both directions of the one below: {@code
   * Stacked.bidirectional(new LSTMCell(12, 64), new LSTMCell(128, 64))}.
   *
   * @param cells a cell for each layer, the lowest first, for both of its directions; each takes
   *     twice what the one below it gives
   * @return the layer; weights {@code 0/forward/W}
   */
  public static Stacked bidirectional(Cell... cells) {
    return new Stacked(Arrays.stream(cells).map(Bidirectional::new).toList());
  }

  /**
   * The same layers with drop-out between them, drawn anew for each step.
   *
   * @param keep the part that is kept in training
   * @return the layer
   */
  public Stacked withDropOut(double keep) {
    return new Stacked(layers, keep, false, residual);
  }

  /**
   * The same layers with drop-out between them, drawn once for all steps of a row.
   *
   * @param keep the part that is kept in training
   * @return the layer
   */
  public Stacked withVariationalDropOut(double keep) {
    return new Stacked(layers, keep, true, residual);
  }

  /**
   * The same layers, each above the lowest adding what it takes to what it gives.
   *
   * @return the layer
   */
  public Stacked withResiduals() {
    return new Stacked(layers, keepProb, variational, true);
  }

  @Override
  public Shape input() {
    return layers.get(0).input();
  }

  @Override
  public boolean lastOnly() {
    return layers.get(layers.size() - 1).lastOnly();
  }

  @Override
  public boolean timeMajor() {
    return layers.get(0).timeMajor();
  }

  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    List<String> paths = IntStream.range(0, layers.size()).mapToObj(Integer::toString).toList();
    Paths.check("Stacked", paths, initialState);
    Map<String, Operand<TNumber>> states = new LinkedHashMap<>();
    Result lowest = layers.get(0).run(w.in("0"), x, Paths.under("0", initialState));
    Paths.put(states, "0", lowest.finalState());
    Operand<TNumber> outputs = lowest.outputs();
    w.in("0").built(layers.get(0), x, layers.get(0).given(x, outputs));
    for (String path : paths.subList(1, paths.size())) {
      RecurrentLayer layer = layers.get(Integer.parseInt(path));
      Signal seen = x.with(outputs);
      Batches.check("Stacked: layer " + path, layer.input(), timeMajor(), seen);
      if (keepProb < 1) {
        seen = new Between(path, layer.input(), keepProb, variational).apply(w, seen);
      }
      Result result = layer.run(w.in(path), seen, Paths.under(path, initialState));
      w.in(path).built(layer, seen, layer.given(seen, result.outputs()));
      Paths.put(states, path, result.finalState());
      outputs = residual ? sum(w, path, outputs, result.outputs()) : result.outputs();
    }
    return new Result(outputs, states);
  }

  private static Operand<TNumber> sum(
      Weights w, String path, Operand<TNumber> taken, Operand<TNumber> given) {
    Checks.require(
        given.asOutput().shape().isCompatibleWith(taken.asOutput().shape()),
        "Stacked",
        "with residual connections layer "
            + path
            + " must give what it takes, "
            + Checks.text(taken.asOutput().shape()),
        given.asOutput().shape());
    return w.tf().math.add(taken, given);
  }

  /** Drop-out of what a layer takes. */
  private record Between(String name, Shape input, double keepProb, boolean variational)
      implements RowLayer {

    @Override
    public Expr equation(Weights w, Expr x) {
      Weights.Draw draw = variational ? Weights.Draw.EACH_ROW : Weights.Draw.EACH_STEP;
      return w.dropOut(name, keepProb, draw, x);
    }
  }
}
