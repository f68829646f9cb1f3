package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Stacked;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.decode.Bridge;
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.io.Keras;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;
import kazoku.layers.Masking;
import kazoku.layers.Merge;
import kazoku.layers.Pooling;
import kazoku.layers.Residual;
import kazoku.layers.TimeDistributed;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.wrap.AttentionDecoderWrapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.NodeList;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NetworkFigureTest {
  private static final Path KERAS = Path.of("src/test/resources/io/keras");

  private static Dense dense(int in, int out) {
    return new Dense(in, out, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  private static EncoderDecoder adder() {
    Cell attending =
        new AttentionDecoderWrapper(
            new GRUCell(8 + 6, 6), AttentionDecoderWrapper.Attention.LUONG, 20, 6, 6);
    return new EncoderDecoder(
        new Embedding(14, 8), new RNN(new GRUCell(8, 6)), new Decoder(attending, 14, 1, 2, 5));
  }

  private static Layer tower(Layer shared) {
    return (w, x) -> {
      Signal left = shared.apply(w.in("tower"), x);
      Signal right = shared.apply(w.in("tower"), x.beside("other"));
      return dense(12, 1).apply(w.in("head"), Merge.concat(w.tf(), left, right));
    };
  }

  /** Networks of all kinds, as models; closed one after the other. */
  private static Stream<Map.Entry<String, Model>> models() {
    Map<String, java.util.function.Supplier<Model>> all = new LinkedHashMap<>();
    all.put(
        "classifier",
        () -> Model.of(new Sequential(new RNN(new LSTMCell(3, 5)).last(), dense(5, 2)), 1));
    all.put(
        "tagger",
        () ->
            Model.of(
                new Sequential(
                    new Embedding(20, 6, 0),
                    Stacked.bidirectional(new LSTMCell(6, 4), new LSTMCell(8, 4)).withDropOut(0.7),
                    dense(8, 9),
                    new Crf(9)),
                1));
    all.put("attention", () -> Model.of(adder(), Inputs.tokens().tokens("target"), 1));
    all.put(
        "bridge",
        () ->
            Model.of(
                new EncoderDecoder(
                    new Embedding(14, 8),
                    new Bidirectional(new LSTMCell(8, 4)).last(),
                    new Decoder(new LSTMCell(8, 4), 14, 1, 2, 5),
                    Bridge.dense()),
                Inputs.tokens().tokens("target"),
                1));
    List<Layer> deep = new ArrayList<>(List.of(dense(3, 6)));
    for (int k = 1; k <= 6; k++) {
      Layer inside = new Sequential(new LayerNorm(6), new RNN(new MinGRUCell(6, 6)));
      deep.add(new Residual(inside).named("block" + k));
    }
    deep.add(Pooling.mean());
    all.put("deep", () -> Model.of(new Sequential(deep), 1));
    all.put(
        "letters",
        () ->
            Model.of(
                new Sequential(
                    new TimeDistributed(
                        new Sequential(
                            new Embedding(30, 4, 0), new Bidirectional(new GRUCell(4, 3)).last())),
                    new BatchNorm(6),
                    new Dropout(0.5),
                    new Conv1D(6, 5, 3)),
                Inputs.vectors(7),
                1));
    Layer shared = new Sequential(new Embedding(30, 4, 0), new RNN(new GRUCell(4, 6)).last());
    all.put("shared", () -> Model.of(tower(shared), Inputs.tokens().tokens("other"), 1));
    for (String name : List.of("merged", "several", "translator", "states")) {
      all.put(name, () -> Keras.read(KERAS.resolve(name + ".keras3.keras")).model(1));
    }
    return all.entrySet().stream().map(entry -> Map.entry(entry.getKey(), entry.getValue().get()));
  }

  private static List<String> texts(String svg) {
    NodeList texts = FigureTest.parsed(svg).getElementsByTagName("text");
    return IntStream.range(0, texts.getLength())
        .mapToObj(k -> texts.item(k).getTextContent())
        .toList();
  }

  private static String description(String svg) {
    return FigureTest.parsed(svg).getElementsByTagName("desc").item(0).getTextContent();
  }

  @Test
  void aBlockSaysWhatTheSummarySays() {
    RNN rnn = new RNN(new LSTMCell(12, 100)).last().with(Loop.DEFAULT.shards(1));
    try (Model model = Model.of(new Sequential(rnn, dense(100, 9)), 1)) {
      String svg = model.figure().svg();
      assertThat(texts(svg))
          .containsExactlyInAnyOrder(
              "input",
              "[B, T, 12]",
              "rnn",
              "RNN(LSTMCell(12, 100))",
              "45,200 parameters · loop",
              "[B, 100]",
              "dense",
              "Dense(100, 9)",
              "909 parameters",
              "[B, 9]",
              "output",
              "total: 46,109 parameters");
      assertThat(description(svg))
          .isEqualTo(
              "From top to bottom: input;"
                  + " rnn, RNN(LSTMCell(12, 100)), 45,200 parameters · loop, from input [B, T, 12];"
                  + " dense, Dense(100, 9), 909 parameters, from rnn [B, 100];"
                  + " output, from dense [B, 9]; total: 46,109 parameters.");
    }
  }

  @Test
  void linesAreThoseOfTheGraph() {
    Layer shared = new Sequential(new Embedding(30, 4, 0), new RNN(new GRUCell(4, 6)).last());
    try (Model model = Model.of(tower(shared), Inputs.tokens().tokens("other"), 1)) {
      assertThat(description(model.figure().svg()))
          .contains(
              "tower/embedding, Embedding(30, 4, 0), 120 parameters, from input [B, T]"
                  + " and other [B, T];",
              "concat, from layer/tower/rnn 2 × [B, 6];",
              "head, Dense(12, 1), 13 parameters, from concat [B, 12];");
    }
    Layer skip =
        new Sequential(
            dense(3, 6), new Residual(new Sequential(new Masking(0), new RNN(new GRUCell(6, 6)))));
    assertThat(description(Figure.network(skip).svg()))
        .contains(
            "residual/layer/masking, Masking, from dense [B, T, 6];",
            "from residual/layer/masking [B, T, 6];",
            "+, from dense [B, T, 6] and residual/layer/rnn [B, T, 6];",
            "output, from + [B, T, 6];");
    try (Model model = Model.of(adder(), Inputs.tokens().tokens("target"), 1)) {
      assertThat(description(model.figure().svg()))
          .contains(
              "from encoderDecoder/source [B, T, 8];",
              "from target [B, T] and encoderDecoder/encoder memory [B, T, 6]"
                  + " and encoderDecoder/encoder cell/h [B, 6];");
    }
    try (Model model = Keras.read(KERAS.resolve("merged.keras3.keras")).model(1)) {
      // What is masked goes one way, what is not another, with the same values.
      assertThat(description(model.figure().svg()))
          .contains(
              "unmasked, RNN(ElmanRNNCell(3, 2)), 12 parameters · loop, from input [B, T, 3];")
          .containsPattern(
              "steps, RNN\\(LSTMCell\\(3, 2\\)\\), [^;]*from [^;]*masking \\[B, T, 3\\]");
    }
  }

  @Test
  void aSkipIsALineAndDirectionsMeet() {
    assertThat(texts(Figure.network(new Residual(new RNN(new GRUCell(4, 4)))).svg()))
        .containsOnlyOnce("residual", "layer", "RNN(GRUCell(4, 4))", "+")
        .filteredOn(text -> text.equals("[B, T, 4]"))
        .hasSize(3);
    assertThat(texts(Figure.network(new Bidirectional(new GRUCell(4, 3))).svg()))
        .containsSubsequence("forward", "backward")
        .containsOnlyOnce("bidirectional", "concat", "[B, T, 4]", "[B, T, 6]")
        .filteredOn(text -> text.equals("[B, T, 3]"))
        .hasSize(2);
  }

  @Test
  void whatIsFixedIsToldApart() {
    assertThat(texts(Figure.network(new Sequential(new BatchNorm(8), new Crf(8))).svg()))
        .contains("32 parameters (16 fixed)", "80 parameters", "total: 112 parameters (16 fixed)");
  }

  @Test
  void equalLayersInARowAreDrawnOnce() {
    Layer block = new Residual(new Sequential(new LayerNorm(6), new RNN(new MinGRUCell(6, 6))));
    List<Layer> layers = new ArrayList<>();
    for (int k = 1; k <= 5; k++) {
      layers.add(block.named("block" + k));
    }
    layers.add(dense(6, 2));
    String svg = Figure.network(new Sequential(layers)).svg();
    assertThat(texts(svg))
        .containsOnlyOnce("block1 … block5", "layerNorm", "5 × 84 parameters", "+", "dense")
        .contains("total: 434 parameters");
    assertThat(description(svg)).contains("from input", "from dense", "dense, Dense(6, 2), 14");
    // One that is asked by others, too, is none of them; neither are three.
    layers.set(2, new Residual(new Dense(6, 6)).named("other"));
    assertThat(texts(Figure.network(new Sequential(layers)).svg()))
        .contains("block1", "block2", "other", "block4", "block5");
    Layer branches =
        (w, x) -> {
          Signal y = x;
          Signal middle = null;
          for (int k = 0; k < 6; k++) {
            y = new Dense(3, 3).apply(w.in("d" + k), y);
            middle = k == 2 ? y : middle;
          }
          return y.beside("middle", middle);
        };
    try (Model model = Model.of(branches, Inputs.vectors(3), 1)) {
      assertThat(texts(model.figure().svg()))
          .contains("d0", "d1", "d2", "d3", "d4", "d5", "middle");
    }
  }

  /** Numbers are those of the summary, and nothing touches another, as Chromium draws it. */
  @Test
  void everyNetworkIsDrawnWhole(@TempDir Path folder) throws Exception {
    StringBuilder page = new StringBuilder("<!doctype html><body>");
    models()
        .forEach(
            entry -> {
              try (Model model = entry.getValue()) {
                String who = entry.getKey();
                String svg = model.figure().titled(who).svg();
                assertThat(svg).as(who).doesNotContain(" id=").doesNotContain("NaN");
                long size = model.weights().stream().mapToLong(w -> model.shape(w).size()).sum();
                assertThat(texts(svg))
                    .as(who)
                    .anyMatch(text -> text.startsWith("total: %,d parameters".formatted(size)));
                String summary = model.summary();
                assertThat(summary.lines()).as(who).allMatch(line -> line.length() <= 100);
                assertThat(total(summary)).as(who).isEqualTo(size);
                page.append(svg);
              }
            });
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "there is no Chromium on the path");
    Path file = folder.resolve("figures.html");
    Files.writeString(file, page);
    try (Browser browser = new Browser(program.get())) {
      browser.open(file.toUri().toString());
      assertThat(browser.ask(MEASURE)).isEmpty();
    }
  }

  /** What the last line of a summary counts. */
  private static long total(String summary) {
    String last = summary.lines().reduce((before, line) -> line).orElseThrow();
    return Stream.of(last.replace("all weights", "").replace(",", "").strip().split(" +"))
        .mapToLong(Long::parseLong)
        .sum();
  }

  /**
   * Texts that touch texts, lines, outlines or the border; blocks that touch blocks, and lines that
   * go through blocks.
   */
  private static final String MEASURE =
      """
      (() => {
        const wrong = [];
        for (const svg of document.querySelectorAll('svg')) {
          const who = svg.querySelector('title').textContent;
          const paper = svg.getBoundingClientRect();
          const named = element => ({ name: element.textContent, box: element.getBoundingClientRect() });
          const texts = [...svg.querySelectorAll('text')].map(named);
          const blocks = [...svg.querySelectorAll('rect')]
            .filter(rect => !rect.getAttribute('class').includes('open'))
            .map(rect => ({ name: 'block', box: rect.getBoundingClientRect() }));
          const touch = (a, b, by) => a.left + by < b.right && b.left + by < a.right
            && a.top + by < b.bottom && b.top + by < a.bottom;
          const inside = (a, b) => a.left >= b.left && a.right <= b.right
            && a.top >= b.top && a.bottom <= b.bottom;
          texts.forEach((a, k) => {
            if (!inside(a.box, paper)) wrong.push(`${who}: ${a.name} is cut off`);
            texts.slice(0, k).forEach(b => {
              if (touch(a.box, b.box, 2)) wrong.push(`${who}: ${a.name} on ${b.name}`);
            });
            blocks.forEach(b => {
              if (touch(a.box, b.box, 1) && !inside(a.box, b.box)) {
                wrong.push(`${who}: ${a.name} on the outline of a block`);
              }
            });
          });
          blocks.forEach((a, k) => blocks.slice(0, k).forEach(b => {
            if (touch(a.box, b.box, 1)) wrong.push(`${who}: a block on a block`);
          }));
          for (const path of svg.querySelectorAll('path[fill=none]')) {
            const at = path.getScreenCTM();
            for (let s = 0; s <= path.getTotalLength(); s += 4) {
              const p = path.getPointAtLength(s).matrixTransform(at);
              const point = { left: p.x, right: p.x, top: p.y, bottom: p.y };
              texts.forEach(t => {
                if (touch(point, t.box, -0.1)) wrong.push(`${who}: a line through ${t.name}`);
              });
              blocks.forEach(b => {
                if (touch(point, b.box, 2)) wrong.push(`${who}: a line through a block`);
              });
            }
          }
        }
        return [...new Set(wrong)];
      })()
      """;

  @Test
  void themesDifferInColoursOnly() {
    Figure figure = Figure.network(new Bidirectional(new GRUCell(4, 3))).titled("both");
    String light = figure.svg();
    assertThat(figure.svg()).isEqualTo(light);
    String dark = figure.theme(Theme.DARK).svg();
    assertThat(dark).endsWith(light.substring(light.indexOf("</style>")));
    assertThat(FigureTest.parsed(dark).getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("both");
  }

  @Test
  void aLayerIsDrawnAsWhatItIs() {
    assertThat(Figure.of(new GRUCell(3, 4)).svg()).contains("tanh");
    assertThat(Figure.of((Layer) dense(3, 4)).svg()).contains("<desc>y = x·W + b</desc>");
    assertThat(Figure.of((Layer) new RNN(new GRUCell(3, 4))).svg()).contains("Three steps");
    assertThat(Figure.of(new Sequential(dense(3, 4))).svg()).contains("From top to bottom");
    assertThat(Figure.of(new Decoder(new GRUCell(8, 4), 14, 1, 2, 5)).svg())
        .contains("From top to bottom", "<title>Decoder</title>");
    assertThat(Figure.of(dense(3, 4).named("head")).svg()).contains("<title>head</title>");
  }

  @Test
  void aModelIsDrawnToAFile(@TempDir Path folder) throws IOException {
    try (Model model = Model.of(dense(3, 2), 1)) {
      Path file = folder.resolve("new/model.svg");
      model.draw(file);
      assertThat(file).content().isEqualTo(model.figure().svg());
      assertThatThrownBy(() -> model.draw(folder.resolve("model.png")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Figure: the name of a picture must end in .svg, got model.png");
      assertThatThrownBy(() -> model.draw(null)).hasMessage("Figure: file must be given, got null");
      assertThatThrownBy(() -> model.draw(file.resolve("model.svg")))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("Figure: cannot write ");
      assertThat(file).content().isEqualTo(model.figure().svg());
    }
  }

  @Test
  void whatCannotBeDrawnSaysWhy() {
    assertThatThrownBy(() -> Figure.network((w, x) -> x))
        .hasMessage(
            "Figure: the layer must say what it takes, Layer.input(); draw one that does not from"
                + " a model, Model.of(layer, inputs, seed).figure(), got layer");
    assertThatThrownBy(() -> Figure.of(adder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Figure: the layer must be one that can be built on a single input [B, T]; draw one"
                + " with several from a model, Model.of(layer, inputs, seed).figure(), got"
                + " EncoderDecoder: the tokens to learn must stand beside the input");
    assertThatThrownBy(() -> Figure.network((Layer) null))
        .hasMessage("Figure: layer must be given, got null");
  }
}
