package kazoku.benchmark;

import java.nio.file.Path;
import java.util.Map;
import kazoku.serve.Limits;
import kazoku.serve.Stream;
import kazoku.serve.Streams;

/** A stream of an exported model. */
final class KazokuStep implements Peer {
  private final Streams streams;
  private final Stream stream;
  private final float[] x;

  KazokuStep(Path exported, Case what, Way way, int threads) {
    streams = Streams.load(exported, way.serving(threads), Limits.DEFAULT);
    stream = streams.open();
    x = Numbers.input(what);
  }

  @Override
  public void run() {
    stream.feed(x);
  }

  @Override
  public Map<String, float[]> results() {
    try (Stream fresh = streams.open()) {
      fresh.feed(x);
      return Map.of(OUTPUT, fresh.feed(x));
    }
  }

  @Override
  public void close() {
    streams.close();
  }
}
