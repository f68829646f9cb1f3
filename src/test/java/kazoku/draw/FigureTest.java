package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Level;
import kazoku.RowLayer;
import kazoku.Slot;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.LayerNormRNNCell;
import kazoku.cells.MinGRUCell;
import kazoku.draw.Drawings.Drawing;
import kazoku.draw.Picture.Line;
import kazoku.draw.Picture.Node;
import kazoku.draw.Picture.Shape;
import kazoku.draw.Term.Kind;
import kazoku.internal.Vocabulary;
import kazoku.layers.Dense;
import kazoku.layers.Identity;
import kazoku.layers.Product;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class FigureTest {

  @Test
  void theIdentityIsAPlainLine() {
    assertThat(lines(Figure.of(new Identity(3)))).containsExactly("x → y");
  }

  @Test
  void aDenseLayerIsAProductASumAndAFunction() {
    assertThat(lines(Figure.of(new Dense(3, 4, Activation.SIGMOID))))
        .containsExactlyInAnyOrder("x —W→ + b", "+ b ~σ~> y");
  }

  @Test
  void aProductOfTwoInputsIsANode() {
    Expr x1 = Vocabulary.leaf("x_1", org.tensorflow.ndarray.Shape.of(3), Level.SEQUENCE);
    Expr x2 = Vocabulary.leaf("x_2", org.tensorflow.ndarray.Shape.of(3), Level.SEQUENCE);
    assertThat(lines(Figure.of("Product", new Product(3).equation(x1, x2))))
        .containsExactlyInAnyOrder("x_1 → ×", "x_2 → ×", "× → y");
  }

  @Test
  void anElmanCellFeedsBackThroughOneMatrix() {
    assertThat(lines(Figure.of(new ElmanRNNCell(3, 4))))
        .containsExactlyInAnyOrder("x —W→ + b", "h —U→ + b", "+ b ~tanh~> h′ = y");
  }

  @Test
  void anLstmHasFourSumsAndAHighway() {
    Picture picture = Figure.of(new LSTMCell(3, 4)).picture();
    Set<String> lines = lines(picture);
    for (String gate : List.of("i", "f", "g", "o")) {
      assertThat(lines)
          .contains("x —W_%s→ + b_%1$s".formatted(gate), "h —U_%s→ + b_%1$s".formatted(gate));
    }
    assertThat(lines).filteredOn(line -> line.contains("—")).hasSize(8);
    assertThat(way(picture, "c")).containsExactly("c", "×", "+", "c′");
    assertThat(way(picture, "h")).isEmpty();
  }

  @Test
  void aGruHasNamedGatesAndAComplement() {
    Picture picture = Figure.of(new GRUCell(3, 4)).picture();
    Set<String> lines = lines(picture);
    for (String gate : List.of("z", "r")) {
      assertThat(lines)
          .contains(
              "x —W_%s→ + b_%1$s".formatted(gate),
              "h —U_%s→ + b_%1$s".formatted(gate),
              "+ b_%s ~σ~> %1$s".formatted(gate));
    }
    assertThat(lines).contains("r → ×", "h → ×", "z 1−> ×", "z → ×");
    assertThat(lines).filteredOn(line -> line.startsWith("× —U_")).hasSize(1);
    assertThat(way(picture, "h")).containsExactly("h", "×", "+", "h′ = y");
  }

  @Test
  void whatIsRecordedAsSeveralOperationsIsOneFunction() {
    assertThat(lines(Figure.of(new LayerNormRNNCell(3, 4))))
        .anyMatch(line -> line.equals("+ ~LN γ~> a"));
    for (Activation activation : List.of(Activation.SILU, Activation.GELU, Activation.SELU)) {
      assertThat(lines(Figure.of(new Dense(3, 4, activation))))
          .anyMatch(line -> line.endsWith("~%s~> y".formatted(lower(activation))));
    }
  }

  /** The cell asks whether 0 is greater. */
  @Test
  void aConditionStandsTheWayRound() {
    assertThat(lines(Figure.of(new MinGRUCell(3, 4))))
        .anyMatch(line -> line.endsWith("~· < 0~> if"));
  }

  @Test
  void whatNobodyElseNeedsIsOneLine() {
    Expr x = Vocabulary.leaf("x", org.tensorflow.ndarray.Shape.of(3), Level.SEQUENCE);
    assertThat(lines(Figure.of("f", x.times(2).tanh().oneMinus())))
        .containsExactly("x ~1−tanh(2·)~> y");
    Expr shared = x.times(2).tanh();
    assertThat(lines(Figure.of("f", shared.oneMinus().times(shared))))
        .contains("x ~tanh(2·)~> •", "• → ×", "• 1−> ×");
  }

  @Test
  void differentBlocksAreNeverOne() {
    RowLayer layer =
        layer(
            (w, x) -> {
              Expr W = w.input("W", 4, 8);
              var parts = x.dot(W).split(-1, 4, 4);
              return parts.get(0).tanh().times(parts.get(1).tanh());
            });
    assertThat(lines(Figure.of(layer))).contains("x —W_1→ •", "x —W_2→ •");
  }

  @Test
  void whatIsDoneSeveralTimesIsDrawnOnceWithALineBack() {
    assertThat(lines(Figure.of(repeated(5))))
        .containsExactlyInAnyOrder("x → v", "v —W→ + b", "+ b ~tanh~> v", "v —V→ y");
    assertThat(repeats(repeated(5))).containsExactly("v 5×> v");
    assertThat(lines(Figure.of(repeated(2)))).contains("v —W→ + b");
    assertThat(repeats(repeated(2))).isEmpty();
    assertThat(repeats(layer((w, x) -> x.plus(1).as("v").plus(2).as("v").plus(3).as("v"))))
        .as("not the same")
        .isEmpty();
  }

  private static RowLayer repeated(int times) {
    return layer(
        (w, x) -> {
          Expr W = w.input("W", 4, 4);
          Expr b = w.bias("b", 4);
          Expr v = x;
          for (int k = 0; k < times; k++) {
            v = v.dot(W).plus(b).tanh().as("v");
          }
          return v.dot(w.input("V", 4, 4));
        });
  }

  private static List<String> repeats(RowLayer layer) {
    return Figure.of(layer).picture().loops().stream()
        .map(line -> name(line.from()) + " " + arrow(line) + " " + name(line.to()))
        .toList();
  }

  @Test
  void nothingIsLeftOutOrDrawnTwiceOrOverSomethingElse() {
    Drawings.all()
        .forEach(
            (cell, drawing) -> {
              String who = cell.getClass().getSimpleName();
              List<Box> texts = drawing.sheet().texts();
              assertThat(overlaps(texts)).as(who + ": texts").isEmpty();
              assertThat(overlaps(drawing.sheet().nodes())).as(who + ": nodes").isEmpty();
              Box paper = drawing.sheet().paper();
              assertThat(texts)
                  .as(who + ": on the paper")
                  .allMatch(box -> box.within(paper.width(), paper.height()));
              assertThat(drawing.sheet().overlap()).as(who + ": lines under texts").isZero();
              assertThat(drawing.sheet().struck()).as(who + ": lines through others").isEmpty();
              assertThat(paper.width()).as(who + ": as wide as a page").isLessThan(1000);
              assertThat(paper.width() / paper.height()).as(who + ": flat").isLessThan(4.3);
              complete(who, cell, drawing);
            });
  }

  private static void complete(String who, Cell cell, Drawing drawing) {
    Picture picture = drawing.picture();
    Trace trace = Trace.of(cell, Weights.symbolic().forEvaluation());
    Set<String> written =
        Stream.concat(
                picture.lines().stream().map(Line::label),
                picture.nodes().stream().flatMap(n -> Stream.of(n.label(), n.note())))
            .flatMap(label -> label.runs().stream().map(Lettering.Run::text))
            .collect(Collectors.toSet());
    for (String weight : trace.weights().asked().keySet()) {
      String symbol = weight.substring(weight.lastIndexOf('/') + 1);
      String letter = Lettering.symbol(symbol).runs().get(0).text();
      assertThat(written).as(who + ": " + weight).anyMatch(text -> text.contains(letter));
    }
    for (Slot slot : cell.state()) {
      assertThat(picture.nodes())
          .as(who + ": " + slot.name())
          .anyMatch(n -> n.shape() == Shape.INPUT && n.state().equals(slot.name()))
          .anyMatch(n -> n.shape() == Shape.OUTPUT && n.state().equals(slot.name()));
    }
    Document document = parsed(drawing.svg());
    NodeList texts = document.getElementsByTagName("text");
    assertThat(texts.getLength())
        .as(who + ": all texts are texts")
        .isEqualTo(drawing.sheet().texts().size());
    assertThat(document.getElementsByTagName("title").item(0).getTextContent()).isEqualTo(who);
    assertThat(document.getElementsByTagName("desc").item(0).getTextContent()).contains(" = ");
    assertThat(drawing.svg()).as(who).doesNotContain(" id=").doesNotContain("NaN");
  }

  private static List<String> overlaps(List<Box> boxes) {
    List<String> all = new ArrayList<>();
    for (int k = 0; k < boxes.size(); k++) {
      for (int l = 0; l < k; l++) {
        if (boxes.get(k).overlap(boxes.get(l)) > 0.01) {
          all.add(boxes.get(k) + " and " + boxes.get(l));
        }
      }
    }
    return all;
  }

  @Test
  void aFigureIsTheSameEachTime() {
    for (Cell cell : List.of(new GRUCell(3, 4), new LSTMCell(3, 4))) {
      assertThat(Figure.of(cell).svg()).isEqualTo(Figure.of(cell).svg());
    }
  }

  @Test
  void sizesChangeNothing() {
    assertThat(Figure.of(new GRUCell(2, 3)).svg()).isEqualTo(Figure.of(new GRUCell(20, 64)).svg());
  }

  @Test
  void titlesAndNamesCannotBreakOut() {
    Expr x = Vocabulary.leaf("</svg>\"&<x>'\u0001", org.tensorflow.ndarray.Shape.of(3), Level.STEP);
    String svg = Figure.of("a < b && \"c\" \u0000", x.tanh()).svg();
    Document document = parsed(svg);
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("a < b && \"c\" ?");
    assertThat(document.getElementsByTagName("x").getLength()).isZero();
  }

  @Test
  void themesDifferInColoursOnly() {
    Figure figure = Figure.of(new ElmanRNNCell(3, 4));
    String light = figure.svg();
    String dark = figure.theme(Theme.DARK).svg();
    String auto = figure.theme(Theme.AUTO).svg();
    assertThat(light).doesNotContain("prefers-color-scheme");
    assertThat(dark).doesNotContain("prefers-color-scheme");
    assertThat(auto).contains("@media (prefers-color-scheme:dark)");
    String shapes = light.substring(light.indexOf("</style>"));
    assertThat(dark).endsWith(shapes);
    assertThat(auto).endsWith(shapes);
    // Rules of one figure are not for another in the same page.
    assertThat(light).contains(".kazoku-light .").doesNotContain(".kazoku-dark .");
    assertThat(dark).contains(".kazoku-dark .").doesNotContain(".kazoku-light .");
  }

  @Test
  void aFigureFitsIntoAnyPage() {
    String svg = Figure.of(new ElmanRNNCell(3, 4)).svg();
    assertThat(svg).startsWith("<svg ").contains("viewBox=\"0 0 ", "max-width:100%");
  }

  @Test
  void filesAreWrittenWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new/gru.svg");
    Figure figure = Figure.of(new GRUCell(3, 4));
    figure.write(file);
    figure.write(file);
    assertThat(file).content().isEqualTo(figure.svg());
    try (Stream<Path> all = Files.list(file.getParent())) {
      assertThat(all).containsExactly(file);
    }
    assertThatThrownBy(() -> figure.write(folder.resolve("gru.png")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".svg")
        .hasMessageContaining("gru.png");
  }

  @Test
  void nothingCanBeMissing() {
    assertThatThrownBy(() -> Figure.of((Cell) null))
        .hasMessage("Figure: cell must be given, got null");
    assertThatThrownBy(() -> Figure.of(new GRUCell(3, 4)).theme(null))
        .hasMessage("Figure: theme must be given, got null");
  }

  @Test
  void withoutElkASentenceSaysWhatToAdd() throws Exception {
    try (Without elk = new Without("org.eclipse.elk")) {
      Object layer =
          elk.loadClass("kazoku.layers.Identity").getConstructor(int.class).newInstance(3);
      Class<?> figures = elk.loadClass("kazoku.draw.Figure");
      Object figure = figures.getMethod("of", elk.loadClass("kazoku.Layer")).invoke(null, layer);
      assertThatThrownBy(() -> figures.getMethod("svg").invoke(figure))
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Figure: the Eclipse Layout Kernel is missing, which places what is drawn; add"
                  + " org.eclipse.elk:org.eclipse.elk.alg.layered to the dependencies");
    }
  }

  /** The same classes once more, but for those of one library. */
  private static final class Without extends URLClassLoader {
    private final String library;

    Without(String library) {
      super(urls(), FigureTest.class.getClassLoader());
      this.library = library;
    }

    private static URL[] urls() {
      return Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
          .map(
              path -> {
                try {
                  return Path.of(path).toUri().toURL();
                } catch (java.net.MalformedURLException e) {
                  throw new AssertionError(e);
                }
              })
          .toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(library)) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("kazoku.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known == null ? findClass(name) : known;
      }
    }
  }

  private interface Equation {
    Expr of(Weights w, Expr x);
  }

  private static RowLayer layer(Equation equation) {
    return new RowLayer() {
      @Override
      public org.tensorflow.ndarray.Shape input() {
        return org.tensorflow.ndarray.Shape.of(4);
      }

      @Override
      public Expr equation(Weights w, Expr x) {
        return equation.of(w, x);
      }
    };
  }

  private static String lower(Activation activation) {
    return activation.toString().toLowerCase(java.util.Locale.ROOT);
  }

  private static Set<String> lines(Figure figure) {
    return lines(figure.picture());
  }

  /** {@code x —W→ +} is a product with a weight, {@code ~σ~>} a function, {@code →} plain. */
  private static Set<String> lines(Picture picture) {
    return picture.lines().stream()
        .map(line -> name(line.from()) + " " + arrow(line) + " " + name(line.to()))
        .collect(Collectors.toSet());
  }

  private static String arrow(Line line) {
    String label = line.label().typed();
    if (line.kind() == Kind.WEIGHT) {
      return "—" + label + "→";
    }
    if (line.kind() == Kind.FUNCTION) {
      return "~" + label + "~>";
    }
    return line.kind() == null ? "→" : label + ">";
  }

  private static String name(Node node) {
    return switch (node.shape()) {
      case BAR -> "]";
      case JOINT -> "•";
      default -> node.label().typed() + (node.note().isEmpty() ? "" : " " + node.note().typed());
    };
  }

  /** The nodes on the way of a state. */
  private static List<String> way(Picture picture, String state) {
    List<String> nodes = new ArrayList<>();
    for (Line line : picture.highways()) {
      if (line.from().state().equals(state)) {
        nodes.add(name(line.from()));
      }
      if (!nodes.isEmpty()) {
        nodes.add(name(line.to()));
      }
      if (line.to().state().equals(state)) {
        break;
      }
    }
    return nodes;
  }

  static Document parsed(String svg) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)));
    } catch (Exception e) {
      throw new AssertionError(svg, e);
    }
  }

  @Test
  void inputsOfOtherKindsComeInToo() {
    Map<String, Long> inputs =
        Drawings.all().entrySet().stream()
            .filter(entry -> entry.getKey().getClass().getSimpleName().equals("PhasedLSTMCell"))
            .flatMap(entry -> entry.getValue().picture().nodes().stream())
            .filter(node -> node.shape() == Shape.INPUT)
            .collect(Collectors.groupingBy(node -> node.label().typed(), Collectors.counting()));
    assertThat(inputs).containsOnlyKeys("c", "h", "x", "time");
  }
}
