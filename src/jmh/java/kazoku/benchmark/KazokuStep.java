package kazoku.benchmark;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.serve.Limits;
import kazoku.serve.Stream;
import kazoku.serve.Streams;

/** Streams of an exported model, all in one thread. */
final class KazokuStep implements Peer {
  private final Streams streams;
  private final List<Stream> open;
  private final float[][] x;

  KazokuStep(Path exported, Case what, Way way, int threads) {
    streams = Streams.load(exported, way.serving(threads), Limits.DEFAULT);
    x = Numbers.firstSteps(what);
    open = open();
  }

  private List<Stream> open() {
    return IntStream.range(0, x.length).mapToObj(row -> streams.open()).toList();
  }

  @Override
  public void run() {
    feed(open);
  }

  private float[] feed(List<Stream> each) {
    return each.size() == 1
        ? each.get(0).feed(x[0])
        : Numbers.flat(new float[][][] {streams.feedAll(each, x)});
  }

  @Override
  public Map<String, float[]> results() {
    List<Stream> fresh = open();
    try {
      feed(fresh);
      return Map.of(OUTPUT, feed(fresh));
    } finally {
      fresh.forEach(Stream::close);
    }
  }

  @Override
  public void close() {
    streams.close();
  }
}
