package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers as heat maps and lines: where they stand, in which colour, and what beside them. */
class ChartTest {
  private static final float NAN = Float.NaN;

  /** A point, or where a text stands. */
  private record Place(double x, double y) {}

  private static double number(MatchResult match, int group) {
    return Double.parseDouble(match.group(group));
  }

  /** Where a text stands that ends there, or has its middle there: the middle of its letters. */
  private static Place text(String svg, String anchor, String text) {
    List<Place> places =
        Pattern.compile(
                "<text[^>]*font-size=\"([\\d.]+)\" text-anchor=\""
                    + anchor
                    + "\" x=\"([\\d.-]+)\" y=\"([\\d.-]+)\">"
                    + Pattern.quote(text)
                    + "</text>")
            .matcher(svg.replaceAll("</?tspan[^>]*>", ""))
            .results()
            .map(
                match ->
                    new Place(
                        number(match, 2), number(match, 3) - Lettering.middle(number(match, 1))))
            .toList();
    assertThat(places).as("%s in %s", text, svg).hasSize(1);
    return places.get(0);
  }

  /** How high a number at the axis stands. */
  private static double high(String svg, String number) {
    return text(svg, "end", number).y();
  }

  /** Where the number of a step, or a word below it, stands. */
  private static double across(String svg, String text) {
    return text(svg, "middle", text).x();
  }

  /** The pieces of the first line, without the sample beside its name. */
  private static List<List<Place>> line(String svg, int number) {
    List<List<Place>> pieces =
        Pattern.compile("<path class=\"kazoku-line" + number + "\"[^>]* d=\"([^\"]+)\"")
            .matcher(svg)
            .results()
            .map(match -> points(match.group(1)))
            .toList();
    return pieces.subList(0, pieces.size() - 1);
  }

  private static List<Place> points(String d) {
    return Pattern.compile("[ML]([\\d.-]+) ([\\d.-]+)")
        .matcher(d)
        .results()
        .map(match -> new Place(number(match, 1), number(match, 2)))
        .toList();
  }

  private static Chart lines(float... values) {
    float[][] steps = new float[values.length][];
    Arrays.setAll(steps, t -> new float[] {values[t]});
    return Chart.overSteps("lines").lines("v", "", steps, "value");
  }

  private static Chart powers(float... values) {
    float[][] steps = new float[values.length][];
    Arrays.setAll(steps, t -> new float[] {values[t]});
    return Chart.overSteps("powers").logarithmicLines("v", "", steps, "value");
  }

  @Test
  void aLineGoesThroughItsValues() {
    String svg = lines(0, 4, -2, 1).svg();
    List<List<Place>> pieces = line(svg, 0);
    assertThat(pieces).hasSize(1);
    List<Place> points = pieces.get(0);
    assertThat(points).hasSize(4);
    double zero = high(svg, "0");
    double four = high(svg, "4");
    double two = high(svg, "−2");
    assertThat(points.get(0).y()).isCloseTo(zero, within(0.02));
    assertThat(points.get(1).y()).isCloseTo(four, within(0.02));
    assertThat(points.get(2).y()).isCloseTo(two, within(0.02));
    assertThat(zero - four).isCloseTo(2 * (two - zero), within(0.05));
    assertThat(points.get(3).y()).isCloseTo(zero - (zero - four) / 4, within(0.05));
    for (int t = 0; t < 4; t++) {
      double apart = points.get(1).x() - points.get(0).x();
      assertThat(points.get(t).x()).isCloseTo(points.get(0).x() + t * apart, within(0.02));
    }
    assertThat(points.get(3).x()).isCloseTo(across(svg, "3"), within(0.02));
  }

  @Test
  void sharesAreSeenOnTheWholeOfTheirRange() {
    String svg = lines(0.2f, 0.4f).svg();
    assertThat(high(svg, "1")).isLessThan(high(svg, "0.5"));
    assertThat(line(svg, 0).get(0).get(1).y()).isBetween(high(svg, "0.5"), high(svg, "0"));
  }

  @Test
  void whatIsNotFiniteBreaksALine() {
    String svg = lines(1, 2, NAN, 3, Float.POSITIVE_INFINITY, 2, 1).svg();
    assertThat(line(svg, 0)).extracting(List::size).containsExactly(2, 2, 2);
    // The one number between is a short line at its place.
    List<Place> alone = line(svg, 0).get(1);
    assertThat(alone.get(0).y())
        .isEqualTo(alone.get(1).y())
        .isCloseTo(high(svg, "3"), within(0.02));
    assertThat((alone.get(0).x() + alone.get(1).x()) / 2).isCloseTo(across(svg, "3"), within(0.02));
    assertThat(line(lines(NAN, NAN).svg(), 0)).isEmpty();
  }

  @Test
  void aLogarithmicAxisMakesFactorsDistances() {
    String svg = powers(1, 0.1f, 0, 1e-3f, -1, 1e-4f).svg();
    List<List<Place>> pieces = line(svg, 0);
    assertThat(pieces).extracting(List::size).containsExactly(2, 2, 2); // nothing at 0 and −1
    double one = high(svg, "1");
    double last = high(svg, "10⁻⁴");
    assertThat(pieces.get(0).get(0).y()).isCloseTo(one, within(0.02));
    assertThat(pieces.get(0).get(1).y()).isCloseTo(one + (last - one) / 4, within(0.02));
    assertThat(pieces.get(1).get(0).y()).isCloseTo(one + (last - one) * 3 / 4, within(0.02));
    assertThat(pieces.get(2).get(0).y()).isCloseTo(last, within(0.02));
  }

  @Test
  void aLogarithmicAxisHasWholePowersHoweverFarItGoes() {
    assertThat(powers(0.3f, 0.5f).svg()).contains(">1<", ">10⁻¹<");
    assertThat(powers(1e-38f, 1e38f).svg()).contains(">1<", ">10⁻²⁰<", ">10²⁰<");
    assertThat(powers(0, 0).svg()).contains(">1<", ">10¹<");
    assertThat(powers(1000, 1000).svg()).contains(">10³<", ">10⁴<");
  }

  @Test
  void linesAreToldApartWithoutTheirColours() {
    float[][] steps = new float[3][8];
    String svg =
        Chart.overSteps("many").lines("v", "", steps, "a", "b", "c", "d", "e", "f", "g", "h").svg();
    List<String> looks =
        Pattern.compile("<path class=\"(kazoku-line\\d)\"[^>]*?(stroke-dasharray=\"[^\"]*\")? d=")
            .matcher(svg)
            .results()
            .map(match -> match.group(1) + match.group(2))
            .distinct()
            .toList();
    assertThat(looks).hasSize(8);
    List<String> dashes = looks.stream().map(look -> look.substring(12)).toList();
    for (int k = 1; k < 4; k++) {
      assertThat(dashes.get(k)).isNotIn(dashes.subList(0, k));
    }
  }

  @Test
  void aHeatMapHasEachNumberAtItsPlace() {
    String svg =
        Chart.overSteps("heat")
            .heat("f", "gate", new float[][] {{0, 1}, {0.5f, NAN}, {1, 0}})
            .svg();
    // Rows are numbers of a step, columns steps; a stroke begins at column and middle of the row.
    String grid = svg.substring(svg.indexOf("<g transform"), svg.indexOf("</g>"));
    assertThat(grid)
        .contains("class=\"kazoku-s0\" d=\"M0 0.5h1M2 1.5h1\"")
        .contains("class=\"kazoku-s16\" d=\"M1 0.5h1\"")
        .contains("class=\"kazoku-s32\" d=\"M2 0.5h1M0 1.5h1\"");
    assertThat(grid.split("<path")).hasSize(4);
  }

  @Test
  void coloursMeanWhatStandsBesideThem() {
    Chart heat = Chart.overSteps("heat");
    String shares = heat.heat("f", "", new float[][] {{0.2f}, {0.4f}}).svg();
    assertThat(shares)
        .contains(">1</text>", "kazoku-s6\"")
        .doesNotContain("<path class=\"kazoku-d");
    String counts = heat.heat("n", "", new float[][] {{0}, {741}}).svg();
    assertThat(counts).contains(">750</text>");
    String signed = heat.heat("c", "", new float[][] {{-7.83f, 0}, {2, 1}, {3, 4}}).svg();
    assertThat(signed).contains(">7.9</text>", ">−7.9</text>", "kazoku-d16\"");
    assertThat(heat.heat("g", "", new float[][] {{-0.994f}, {0.5f}}).svg())
        .contains(">1</text>", ">−1</text>");
    assertThat(heat.heat("z", "", new float[][] {{0}, {0}}).svg()).contains(">1</text>");
    assertThat(heat.heat("z", "", new float[][] {{NAN}, {NAN}}).svg()).contains(">1</text>");
  }

  /** The more a number is, the darker or the lighter: grey copies can be read. */
  @Test
  void coloursAreReadWithoutColourSight() {
    for (Theme theme : List.of(Theme.LIGHT, Theme.DARK)) {
      for (String scale : List.of("kazoku-s", "kazoku-d")) {
        double[] lightness = new double[Scale.LEVELS];
        for (int level = 0; level < Scale.LEVELS; level++) {
          String css = Scale.css(theme);
          int at = css.indexOf("." + scale + level + "{stroke:#");
          int colour =
              Integer.parseInt(css.substring(at).replaceAll("(?s)^[^#]*#(.{6}).*", "$1"), 16);
          lightness[level] = lightness(colour);
        }
        double direction = Math.signum(lightness[Scale.LEVELS - 1] - lightness[0]);
        for (int level = 1; level < Scale.LEVELS; level++) {
          assertThat(direction * (lightness[level] - lightness[level - 1]))
              .as("%s%d in %s", scale, level, theme)
              .isGreaterThan(0.5);
        }
      }
    }
  }

  /** L* of CIE 1976, from 0 to 100. */
  private static double lightness(int colour) {
    double[] parts = new double[3];
    for (int k = 0; k < 3; k++) {
      double part = (colour >> (16 - 8 * k) & 0xff) / 255.0;
      parts[k] = part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    }
    double y = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
  }

  @Test
  void aLargeMatrixKeepsWhatStandsOut() {
    float[][] values = new float[1000][2000];
    values[777][1234] = -5;
    String svg = Chart.ofMatrices("large").matrix("W", "", values, List.of()).svg();
    String grid = svg.substring(svg.indexOf("<g transform"), svg.indexOf("</g>"));
    assertThat(grid)
        .contains("class=\"kazoku-d0\" d=\"M370 186.5h1\""); // 1234·600/2000, 777·240/1000
    assertThat(svg.length()).isLessThan(100_000);
  }

  @Test
  void blocksStandAboveTheirColumns() {
    String svg =
        Chart.ofMatrices("weights")
            .matrix("U", "", new float[2][8], List.of(new Block("p", 2), new Block("q", 6)))
            .svg();
    double first = across(svg, "p");
    double second = across(svg, "q");
    assertThat(second - first).isCloseTo(600 * (5 / 8.0 - 1 / 8.0), within(0.1));
    Chart matrices = Chart.ofMatrices("weights");
    assertThatThrownBy(() -> matrices.matrix("U", "", new float[2][8], List.of(new Block("p", 2))))
        .hasMessageContaining("the blocks of U must have 8 columns together");
  }

  @Test
  void whatCannotBeDrawnIsRefused() {
    Chart steps = Chart.overSteps("steps");
    Chart matrices = Chart.ofMatrices("matrices");
    float[][] two = new float[2][1];
    refused(() -> steps.heat("f", "", new float[0][]), "f must have at least one step");
    refused(() -> steps.lines("f", "", new float[2][0]), "f must have at least one step");
    refused(() -> steps.heat("f", "", new float[][] {{1}, {1, 2}}), "all rows of f must have 1");
    refused(() -> steps.heat("f", "", new float[][] {{1}, null}), "f");
    refused(() -> steps.heat("f", "", null), "f");
    refused(() -> steps.lines("f", "", two), "f must have 1 names");
    refused(() -> steps.logarithmicLines("f", "", two, "a", "b"), "f must have 1 names");
    refused(() -> steps.lines("f", "", two, (String) null), "f");
    refused(() -> steps.heat("f", "", two, "a", "b"), "f must have 1 names");
    refused(() -> steps.matrix("W", "", two, List.of()), "over steps takes heat and lines");
    refused(() -> matrices.heat("f", "", two), "one of matrices takes matrix");
    refused(() -> matrices.mark(1, "here"), "only a picture over steps has marks");
    refused(() -> steps.mark(-1, "before"), "step must");
    refused(() -> steps.heat("f", "", two).lines("g", "", new float[3][1], "a"), "as many steps");
    refused(() -> steps.lines("g", "", two, "a").write(Path.of("a.png")), "must end in .svg");
    assertThatThrownBy(steps::svg)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there is nothing to draw");
  }

  private static void refused(Runnable call, String why) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Chart: ")
        .hasMessageContaining(why);
  }

  private static final String LOOK =
      """
      (async () => {
      await document.fonts.ready;
      const found = [];
      const cut = (a, b) => Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 0.5
          && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 0.5;
      // A line of text is higher than its letters.
      const letters = b => ({x: b.x, y: b.y + 0.2 * b.height, width: b.width, height: 0.6 * b.height});
      for (const svg of document.querySelectorAll('svg')) {
        const who = svg.querySelector('title').textContent;
        const outer = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, letters(t.getBoundingClientRect())]);
        const grids = [...svg.querySelectorAll('g')].map(g => g.getBoundingClientRect());
        texts.forEach(([text, box], k) => {
          if (box.x < outer.x || box.y < outer.y || box.x + box.width > outer.right || box.y + box.height > outer.bottom) {
            found.push(who + ': ' + text + ' is cut off');
          }
          texts.slice(0, k).forEach(([other, b]) => {
            if (cut(box, b)) found.push(who + ': ' + text + ' lies on ' + other);
          });
          grids.forEach(b => {
            if (cut(box, b)) found.push(who + ': ' + text + ' lies on colours');
          });
        });
      }
      return {pictures: document.querySelectorAll('svg').length, found};
      })()
      """;

  @Test
  void textsLieOnNothing(@TempDir Path folder) throws Exception {
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "there is no Chromium on the PATH");
    String sentence =
        "a title of so many words that it is wider than all that stands below it, ".repeat(2);
    float[][] flat = new float[30][9];
    List<Chart> charts = new ArrayList<>();
    charts.add(lines(1));
    charts.add(powers(1e-30f, 1));
    charts.add(lines(-123456, 0.001f));
    charts.add(Chart.overSteps(sentence).heat("f", sentence, flat));
    charts.add(
        Chart.overSteps("names")
            .lines("v", "", flat, "a", "b", "c", "d", "e", "f", "g", "h", "the last of nine"));
    charts.add(
        Chart.overSteps("marks")
            .heat("f", "forget gate", flat)
            .lines("v", "", new float[30][1], "v")
            .mark(3, "here it begins")
            .mark(4, "here it goes on")
            .mark(5, "and on")
            .mark(28, "here it is nearly at its end")
            .mark(99, "far behind"));
    charts.add(Chart.overSteps("one").heat("f", "", new float[][] {{1}}));
    charts.add(Chart.overSteps("rows").heat("f", "", new float[3][3], "a", "bcd", "the third row"));
    charts.add(
        Chart.ofMatrices("matrices")
            .matrix(
                "rnn/cell/U",
                "[2, 8]",
                new float[2][8],
                List.of(new Block("p", 2), new Block("q", 6)))
            .matrix("W", "[300, 2000]", new float[300][2000], List.of())
            .matrix("b", "[1]", new float[][] {{-1.5e-7f}}, List.of()));
    Path page = folder.resolve("page.html");
    StringBuilder html =
        new StringBuilder("<!DOCTYPE html><meta charset=\"utf-8\"><title>Charts</title>")
            .append("<style>svg{max-width:none!important}</style><body>");
    charts.forEach(chart -> html.append(chart.svg()));
    Files.writeString(page, html);
    try (Browser browser = new Browser(program.orElseThrow())) {
      browser.open(page.toUri().toString());
      JsonNode seen = browser.ask(LOOK);
      assertThat(seen.get("pictures").asInt()).isEqualTo(charts.size());
      List<String> faults = new ArrayList<>();
      seen.get("found").forEach(fault -> faults.add(fault.asText()));
      assertThat(faults).isEmpty();
    }
  }
}
