package kazoku.benchmark;

import java.nio.file.Path;
import java.util.Map;
import kazoku.serve.Limits;
import kazoku.serve.Stream;
import kazoku.serve.Streams;

/** Streams of an exported model, each fed by a thread of its own. */
final class KazokuStreams implements Peer {
  private final Streams streams;
  private final ThreadLocal<Stream> own;
  private final float[][] x;

  KazokuStreams(Path exported, Case what, Way way, int threads) {
    streams = Streams.load(exported, way.serving(threads), Limits.DEFAULT);
    own = ThreadLocal.withInitial(streams::open);
    x = Numbers.firstSteps(what);
  }

  @Override
  public void run() {
    own.get().feed(x[0]);
  }

  @Override
  public Map<String, float[]> results() {
    float[][] second = new float[x.length][];
    for (int row = 0; row < x.length; row++) {
      try (Stream fresh = streams.open()) {
        fresh.feed(x[row]);
        second[row] = fresh.feed(x[row]);
      }
    }
    return Map.of(OUTPUT, Numbers.flat(new float[][][] {second}));
  }

  @Override
  public void close() {
    streams.close();
  }
}
