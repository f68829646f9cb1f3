package kazoku.benchmark;

import java.nio.file.Path;
import java.util.Map;
import kazoku.serve.Predictor;
import kazoku.train.Sequences;

/** An exported model, asked by one array for one array. */
final class KazokuInference implements Peer {
  private final Predictor predictor;
  private final Case what;
  private final float[] inputs;

  KazokuInference(Path exported, Case what, Way way, int threads) {
    predictor = Predictor.load(exported, way.serving(threads));
    this.what = what;
    inputs = Numbers.input(what);
  }

  @Override
  public void run() {
    answer();
  }

  @Override
  public Map<String, float[]> results() {
    return Map.of(OUTPUT, answer());
  }

  private float[] answer() {
    return predictor.run(Sequences.of(inputs, what.batch(), what.steps())).flat("output");
  }

  @Override
  public void close() {
    predictor.close();
  }
}
