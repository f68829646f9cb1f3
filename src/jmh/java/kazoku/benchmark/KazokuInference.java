package kazoku.benchmark;

import java.nio.file.Path;
import java.util.Map;
import kazoku.serve.Predictor;

/** An exported model, asked by Java arrays. */
final class KazokuInference implements Peer {
  private final Predictor predictor;
  private final float[][][] rows;

  KazokuInference(Path exported, Case what, Way way, int threads) {
    predictor = Predictor.load(exported, way.serving(threads));
    rows = Numbers.inputRows(what);
  }

  @Override
  public void run() {
    predictor.predictSteps(rows);
  }

  @Override
  public Map<String, float[]> results() {
    return Map.of(OUTPUT, Numbers.flat(predictor.predictSteps(rows)));
  }

  @Override
  public void close() {
    predictor.close();
  }
}
