package kazoku.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.DilatedLayer;
import kazoku.Loop;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Stacked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The layers made of recurrences against their golden files, every case. */
class StructureGoldenTest {
  private static final Tallies TALLIES = new Tallies();

  interface Maker {
    RecurrentLayer make(JsonNode config, Loop loop);
  }

  static final Map<String, Maker> MAKERS = new LinkedHashMap<>();

  static {
    MAKERS.put("BidirectionalLayer", StructureGoldenTest::bidirectional);
    MAKERS.put("StackedBidirectionalLayer", StructureGoldenTest::stacked);
    MAKERS.put("DilatedLayer", StructureGoldenTest::dilated);
  }

  @AfterAll
  static void table() {
    TALLIES.print();
  }

  @TestFactory
  Stream<DynamicTest> layers() {
    return MAKERS.entrySet().stream().flatMap(e -> tests(e.getKey(), e.getValue()));
  }

  private static Stream<DynamicTest> tests(String name, Maker maker) {
    return Golden.read(name).cases().stream()
        .flatMap(
            c ->
                GoldenTest.LOOPS.stream()
                    .map(
                        loop ->
                            DynamicTest.dynamicTest(
                                name + " " + c.name() + " " + loop,
                                () -> check(name, c, maker.make(c.config(), loop), loop))));
  }

  private static void check(String name, Golden.Case c, RecurrentLayer layer, Loop loop) {
    try (GoldenRun run = new GoldenRun(c, TALLIES)) {
      RecurrentLayer.Result result =
          layer.run(run.weights.forEvaluation(), new Signal(run.x, run.lengths), run.states);
      run.output = result.outputs();
      run.finals.putAll(result.finalState());
      run.check(name, loop.form() + "/" + loop.shards());
    }
  }

  private static Bidirectional bidirectional(JsonNode config, Loop loop) {
    return new Bidirectional(Configured.inner(config.get("cell"), config))
        .with(Bidirectional.Merge.valueOf(config.get("merge").asText()))
        .with(loop);
  }

  private static Stacked stacked(JsonNode config, Loop loop) {
    List<Bidirectional> layers = new ArrayList<>();
    for (Cell cell : cells(config, config.get("layers").asInt(), 2)) {
      layers.add(new Bidirectional(cell).with(loop));
    }
    return new Stacked(layers);
  }

  private static DilatedLayer dilated(JsonNode config, Loop loop) {
    List<Integer> dilations = new ArrayList<>();
    config.get("dilations").forEach(d -> dilations.add(d.asInt()));
    return new DilatedLayer(cells(config, dilations.size(), 1), dilations).with(loop);
  }

  /** Cells each of which takes so many outputs of the one below. */
  private static List<Cell> cells(JsonNode config, int count, int outputs) {
    int inputSize = config.get("inputSize").asInt();
    int hiddenSize = config.get("hiddenSize").asInt();
    String name = config.get("cell").asText();
    return IntStream.range(0, count)
        .mapToObj(k -> Configured.cell(name, k == 0 ? inputSize : outputs * hiddenSize, hiddenSize))
        .toList();
  }
}
