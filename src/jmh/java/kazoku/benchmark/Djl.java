package kazoku.benchmark;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** PyTorch's LSTM and GRU, by the Deep Java Library. */
final class Djl implements Peer {
  private static final List<String> SYMBOLS = List.of("W", "U", "b", "b_r");

  private final Case what;
  private final Engine engine;
  private final NDManager manager;
  private final float[] x;
  private final NDArray input;
  private final NDList parameters;
  private NDList states;

  Djl(Case what, int threads) {
    this.what = what;
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", Integer.toString(threads));
    engine = Engine.getEngine("PyTorch");
    manager = engine.newBaseManager();
    x = Numbers.input(what);
    input = manager.create(x, batch());
    int width = gates() * what.hiddenSize();
    parameters =
        new NDList(
            manager.create(turned("W", what.inputSize()), new Shape(width, what.inputSize())),
            manager.create(turned("U", what.hiddenSize()), new Shape(width, what.hiddenSize())),
            manager.create(turned("b", 1), new Shape(width)),
            // PyTorch has two biases; the LSTM here has one.
            what.isGru()
                ? manager.create(turned("b_r", 1), new Shape(width))
                : manager.zeros(new Shape(width)));
    states = zeros(manager);
  }

  static String version() {
    return Engine.getDjlVersion() + "/" + Engine.getEngine("PyTorch").getVersion();
  }

  private int gates() {
    return what.isGru() ? 3 : 4;
  }

  private Shape batch() {
    return new Shape(what.batch(), what.steps(), what.inputSize());
  }

  /** A weight as PyTorch has it: {@code [kH, I]}, and of a GRU the blocks r, z, n for z, r, n. */
  private float[] turned(String symbol, int rows) {
    float[] weight = Numbers.weight(what, symbol, rows * gates() * what.hiddenSize());
    return Numbers.transposed(inOrder(weight), rows);
  }

  private float[] inOrder(float[] blocks) {
    return what.isGru() ? Numbers.blocks(blocks, what.hiddenSize(), 1, 0, 2) : blocks;
  }

  private NDList zeros(NDManager of) {
    NDList zeros = new NDList();
    for (int k = 0; k < (what.isGru() ? 1 : 2); k++) {
      zeros.add(of.zeros(new Shape(1, what.batch(), what.hiddenSize())));
    }
    return zeros;
  }

  /** The outputs and the states after the last step. */
  private NDList forward(NDArray sequence, NDList begin, NDList weights, boolean training) {
    return what.isGru()
        ? sequence
            .getNDArrayInternal()
            .gru(sequence, begin.get(0), weights, true, 1, 0, training, false, true)
        : sequence
            .getNDArrayInternal()
            .lstm(sequence, begin, weights, true, 1, 0, training, false, true);
  }

  @Override
  public void run() {
    if (what.kind().trains()) {
      train(false);
    } else if (what.kind() == Kind.STEP) {
      step();
    } else {
      answer();
    }
  }

  @Override
  public Map<String, float[]> results() {
    if (what.kind().trains()) {
      return train(true);
    }
    if (what.kind() != Kind.STEP) {
      return Map.of(OUTPUT, answer());
    }
    NDList kept = states;
    states = zeros(manager);
    step();
    float[] second = step();
    states.close();
    states = kept;
    return Map.of(OUTPUT, second);
  }

  private float[] answer() {
    try (NDManager once = manager.newSubManager()) {
      NDArray sequence = once.create(x, batch());
      return forward(sequence, zeros(once), parameters, false).get(0).toFloatArray();
    }
  }

  private float[] step() {
    try (NDManager once = manager.newSubManager()) {
      NDArray sequence = once.create(x, batch());
      NDList result = forward(sequence, states, parameters, false);
      float[] y = result.get(0).toFloatArray();
      NDList next = result.subNDList(1);
      next.attach(manager);
      states.close();
      states = next;
      return y;
    }
  }

  /** Leaves of their own in each run, so that no gradient needs to be set to zero before it. */
  private NDArray leaf(NDManager once, NDArray value) {
    NDArray leaf = value.stopGradient();
    leaf.attach(once);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private Map<String, float[]> train(boolean tell) {
    try (NDManager once = manager.newSubManager();
        GradientCollector collector = engine.newGradientCollector()) {
      NDArray sequence = leaf(once, input);
      NDList weights = new NDList();
      parameters.forEach(weight -> weights.add(leaf(once, weight)));
      NDArray y = forward(sequence, zeros(once), weights, true).get(0);
      collector.backward(y.sum());
      return tell ? told(y, sequence, weights) : Map.of();
    }
  }

  private Map<String, float[]> told(NDArray y, NDArray sequence, NDList weights) {
    Map<String, float[]> results = new LinkedHashMap<>();
    results.put(OUTPUT, y.toFloatArray());
    results.put(INPUT_GRADIENT, sequence.getGradient().toFloatArray());
    for (int k = 0; k < (what.isGru() ? 4 : 3); k++) {
      NDArray weight = weights.get(k);
      results.put(
          "d" + SYMBOLS.get(k),
          inOrder(
              Numbers.transposed(
                  weight.getGradient().toFloatArray(), (int) weight.getShape().get(0))));
    }
    return results;
  }

  @Override
  public void close() {
    manager.close();
  }
}
