package kazoku.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each example, run small. Examples are in no package, so they are found by name. */
class ExamplesTest {

  @Test
  void denseExamplePrintsTwoShapes() throws Exception {
    assertThat(run("DenseExample").lines()).containsExactly("(1, 2)", "(1, 3)");
  }

  @Test
  void speakerExampleLearnsAndIsServed(@TempDir Path folder) throws Exception {
    String printed = run("SpeakerExample", "42", "2", folder.resolve("model").toString());
    assertThat(printed)
        .contains("epoch 2/2: loss ", "speaker, taken for", "gives the same outputs");
    assertThat(number(printed, "test: loss .*, accuracy (\\S+)")).isGreaterThan(0.85);
    assertThat(folder.resolve("model/saved_model.pb")).exists();
  }

  @Test
  void gatesExampleDrawsWhatGatesDo(@TempDir Path folder) throws Exception {
    String printed = run("GatesExample", "42", "2", folder.toString());
    assertThat(printed)
        .containsPattern("after training: +LSTM [\\d.e-]+, Elman [\\d.e-]+\n")
        .containsPattern("\nf +0\\.[5-9]\\d +\\d+\\.\\d% +\\d+\\.\\d%\n")
        .contains("drawn: ");
    assertThat(number(printed, "LSTM   loss .*, accuracy (\\S+)")).isGreaterThan(0.6);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("gates.svg", "unit.svg", "gradients.svg", "weights.svg");
    assertThat(Files.readString(folder.resolve("gates.svg")))
        .contains(">input gate<", ">forget gate<", ">output gate<", ">memory<");
  }

  @Test
  void sunspotExampleDrawsTheCurve(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("sunspots.png");
    assertThat(run("SunspotExample", "42", "2", file.toString()))
        .contains("naive forecast   33.2 spots", "drawn to");
    assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(1000);
    assertThat(folder.toFile().list()).containsExactly("sunspots.png");
  }

  @Test
  void forecastExampleIsBetterThanSimpleRules(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("co2.png");
    String printed = run("ForecastExample", "42", "1", file.toString(), "3");
    assertThat(printed)
        .contains("2,284 weeks, 59 of them empty", "seasonal: as a year before")
        .containsPattern("noise of 1985 to 1989 +\\d+ %");
    assertThat(printed.replaceAll("(?s).*network[ 0-9.]* ([0-9.]+)\n.*", "$1"))
        .asDouble()
        .isLessThan(0.84);
    assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(1100);
    assertThat(folder.toFile().list()).containsExactly("co2.png");
  }

  @Test
  void taggingExampleComparesCrfAndSoftmax() throws Exception {
    assertThat(run("TaggingExample", "42", "3", "150"))
        .contains("a conditional random field:", "epoch 3/3: loss ", "truth    ", "crf      ")
        .containsPattern("characters labelled rightly +[5-9]\\d\\.\\d % +[5-9]\\d\\.\\d %")
        .containsPattern("labels that cannot follow +\\d+ +\\d+");
  }

  @Test
  void namesExampleWritesNames() throws Exception {
    String printed = run("NamesExample", "42", "4");
    assertThat(printed).containsPattern("temperature 1\\.5, +\\d+ % new: \\S+");
    assertThat(printed.replaceAll("(?s).*\n +4 +([0-9.]+).*", "$1")).asDouble().isLessThan(4);
    assertThat(printed).containsPattern("beam search: ([^,\n]+, ){4}\\S");
  }

  @Test
  void additionExampleAnswersAndShowsWhereItLooked() throws Exception {
    String printed = run("AdditionExample", "42", "2", "4000");
    assertThat(printed).contains("4,000 sums to learn, 1,000 others", "should be ");
    assertThat(number(printed, "epoch 2/2: loss .*, accuracy (\\S+)")).isGreaterThan(0.3);
    assertThat(printed.lines())
        .contains("     3    4    7    +    8    5")
        .last()
        .asString()
        .matches("\\d(    \\.| [01]\\.\\d\\d){6}");
  }

  @Test
  void embeddedExampleTrainsAndIsServed(@TempDir Path folder) throws Exception {
    assertThat(run("EmbeddedExample", "100", folder.resolve("model").toString()))
        .contains("batch 100: loss 0.0")
        .contains("gives the same outputs: true");
  }

  @Test
  void ownCellExampleLearns() throws Exception {
    String printed = run("OwnCellExample", "42", "2");
    assertThat(printed).contains("cell/a [16]", "epoch 2/2: loss ");
    assertThat(number(printed, "test: loss .*, accuracy (\\S+)")).isGreaterThan(0.75);
  }

  @Test
  void compareCellsPrintsALineForEach() throws Exception {
    assertThat(run("CompareCells", "1", "GRUCell", "MinGRUCell").lines())
        .hasSize(3)
        .anyMatch(line -> line.matches("GRUCell +3,360 +\\S+ +0\\.\\d{4}"))
        .anyMatch(line -> line.matches("MinGRUCell +128 +\\S+ +0\\.\\d{4}"));
  }

  /** What stands in the place of the group, where the expression is found last. */
  private static double number(String printed, String expression) {
    return Double.parseDouble(
        printed.replaceAll("(?s).*\\n(?-s)" + expression + "(?s)\\n.*", "$1"));
  }

  private static String run(String example, String... args) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream console = System.out;
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      Class.forName(example).getMethod("main", String[].class).invoke(null, (Object) args);
    } finally {
      System.setOut(console);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
