package kazoku.gallery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Trace;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.DNCCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.HyperLSTMCell;
import kazoku.cells.IndRNNCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.draw.Figure;
import kazoku.family.Family;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The committed gallery is the one that would be written now, and stands alone. */
class GalleryTest {
  private static final String WRITE_IT_ANEW =
      "write it anew: mvn -q test-compile exec:exec -Dexample=kazoku.gallery.Gallery";
  private static final Pattern FIGURE = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL);
  private static final int LARGEST = 8_000_000;

  private static String committed;

  @BeforeAll
  static void read() throws IOException {
    committed = Files.readString(Gallery.FILE);
  }

  private static List<String> found(String pattern) {
    return Pattern.compile(pattern).matcher(committed).results().map(m -> m.group(1)).toList();
  }

  /** Figures take long to be placed: they are left out here, and some are looked at below. */
  @Test
  void thePageIsUpToDate() {
    String made = Gallery.made(cell -> "<svg width=\"0\" height=\"0\"></svg>");
    assertThat(withoutFigures(committed)).as(WRITE_IT_ANEW).isEqualTo(withoutFigures(made));
  }

  private static String withoutFigures(String page) {
    return FIGURE.matcher(page).replaceAll("").replaceAll("--w:[\\d.]+", "--w:0");
  }

  @Test
  void figuresAreUpToDate() {
    for (Class<? extends Cell> type : List.of(GRUCell.class, MinGRUCell.class, IndRNNCell.class)) {
      String figure = CardView.figure(Figure.of(new Sizes(type, Comment.of(type)).example()).svg());
      assertThat(committed).as(WRITE_IT_ANEW).contains(figure);
    }
  }

  @Test
  void everyCellHasACardWithAFigureEquationsAndASource() {
    List<String> cards = found("<article class=\"card\" id=\"(\\w+)\"");
    assertThat(cards)
        .containsExactlyInAnyOrderElementsOf(
            Family.all().stream().map(Class::getSimpleName).toList());
    assertThat(FIGURE.matcher(committed).results()).hasSameSizeAs(cards);
    assertThat(found("(<section class=\"equations\">)")).hasSameSizeAs(cards);
    assertThat(found("(<p class=\"source\">\\S)")).hasSameSizeAs(cards);
  }

  @Test
  void itStandsAloneAndIsSmall() {
    assertThat(committed.length()).isLessThan(LARGEST);
    assertThat(found("(<(?:link|iframe|img|object|embed)\\b[^>]*>)")).isEmpty();
    assertThat(found("(\\ssrc=[^>]*>)")).isEmpty();
    assertThat(found("(url\\((?!#)[^)]*\\)|@import)")).isEmpty();
  }

  /** Figures leave their own colours out of the page. */
  @Test
  void everyKindOfLineHasAColour() {
    List<String> kinds = found("<(?:path|circle|rect|text) class=\"(kazoku-[^\"]*)\"");
    assertThat(kinds.stream().flatMap(kind -> Stream.of(kind.split(" "))).distinct())
        .isNotEmpty()
        .allSatisfy(kind -> assertThat(committed).contains(".kazoku ." + kind + " {"));
  }

  @Test
  void everyLinkLeadsSomewhereAndEveryIdIsThereOnce() {
    List<String> ids = found("\\sid=\"([^\"]+)\"");
    Set<String> distinct = new HashSet<>(ids);
    assertThat(ids).hasSameSizeAs(distinct);
    assertThat(distinct).containsAll(found("href=\"#([^\"]+)\""));
    List<String> referred = new ArrayList<>();
    found("aria-(?:labelledby|describedby|controls)=\"([^\"]+)\"")
        .forEach(names -> referred.addAll(List.of(names.split(" "))));
    assertThat(distinct).containsAll(referred);
  }

  @Test
  void formulasAreThoseOfTextbooks() {
    assertThat(formula(ElmanRNNCell.class, Cost.PARAMETERS)).isEqualTo("H(I + H + 1)");
    assertThat(formula(LSTMCell.class, Cost.PARAMETERS)).isEqualTo("4H(I + H + 1)");
    assertThat(formula(GRUCell.class, Cost.PARAMETERS)).isEqualTo("3H(I + H + 1)");
    assertThat(formula(GRUCell.class, Cost.PRODUCTS)).isEqualTo("3H(I + H)");
    assertThat(formula(GRUCell.class, Cost.IN_THE_LOOP)).isEqualTo("3H²");
    assertThat(formula(GRUCell.class, Cost.FUNCTION + "σ")).isEqualTo("2H");
    assertThat(formula(MinGRUCell.class, Cost.PARAMETERS)).isEqualTo("2IH");
  }

  private static String formula(Class<? extends Cell> type, String what) {
    return new Sizes(type, Comment.of(type)).formula(what).written(Polynomial.TEXT);
  }

  /** At sizes that no formula was made from. */
  @Test
  void formulasHoldAtOtherSizes() {
    holds(new LSTMCell(7, 11), Map.of("I", 7, "H", 11));
    holds(
        new HyperLSTMCell(7, 11, 5, 9, true, 1, 1, 1e-3), Map.of("I", 7, "H", 11, "N", 5, "Z", 9));
    holds(
        new DNCCell(7, 11, 10, 5, 7, 9),
        Map.of("I", 7, "C", 11, "N", 10, "D", 5, "R", 7, "W", 9, "O", 7));
    holds(
        new ConvLSTMCell(5, 7, List.of(9, 11), List.of(5, 7)),
        Map.of("I", 5, "C", 7, "S_1", 9, "S_2", 11, "k_1", 5, "k_2", 7));
  }

  private static void holds(Cell cell, Map<String, Integer> sizes) {
    Sizes formulas = new Sizes(cell.getClass(), Comment.of(cell.getClass()));
    Map<String, Long> counted = Cost.of(cell);
    Stream.of(Cost.PARAMETERS, Cost.FIXED, Cost.PRODUCTS, Cost.IN_THE_LOOP, Cost.STATE)
        .forEach(
            what ->
                assertThat(formulas.formula(what).at(sizes))
                    .as(cell + ": " + what)
                    .isEqualTo(counted.get(what)));
    assertThat(counted.get(Cost.PARAMETERS)).isEqualTo(Trace.of(cell).parameters());
  }
}
