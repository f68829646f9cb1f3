package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.cells.IntersectionRNNCell;
import kazoku.cells.LMUCell;
import kazoku.cells.RGLRUCell;
import kazoku.cells.SLSTMCell;
import kazoku.cells.TauGRUCell;
import kazoku.family.Family;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is printed is what is computed; here it is compared with the equations in the comments of
 * the cells, line by line. Blanks, needless parentheses, the order of lines, terms and factors do
 * not count. In the comments the settings of a cell stand for their values, and what the
 * configuration leaves out is left out: terms with weights that are not there, lines of another
 * form, and lines that are marked by "if" or "in place of" where they are not computed.
 */
class EquationsInCommentsTest {

  private static final List<Cell> EXAMPLES = Family.examples();

  /**
   * Cells whose comments rightly say less than is printed. Both are kept in a file, so that who
   * changes one of them reads it beside the other.
   */
  private static final Map<String, String> SUMMARIES =
      Map.of(
          "BidirectionalGridLSTMCell", "two grids, each of which is a loop over slices",
          "DNCCell", "loops over heads, and a controller that may be any cell",
          "GridLSTMCell", "a loop over slices, twice within each",
          "NTMCell", "loops over heads, and a controller that may be any cell",
          "TimeFreqLSTMCell", "a loop over slices",
          "UnitaryRNNCell", "complex numbers, which are printed as pairs of real ones");

  /** Where the first configuration of the golden file is not the one that the comment prints. */
  private static final Map<String, Cell> PRINTED =
      Map.of(
          "IntersectionRNNCell", new IntersectionRNNCell(3, 4),
          "LMUCell",
              new LMUCell(
                  3, 4, 2, 3, 10, LMUCell.Discretizer.ZOH, false, true, false, false, null, true),
          "RGLRUCell", new RGLRUCell(4, 4),
          "SLSTMCell", new SLSTMCell(3, 4),
          "TauGRUCell", new TauGRUCell(3, 4, 3, true, kazoku.Activation.TANH));

  /** Settings of which the comments speak in words, outside of the equations. */
  private static final Set<String> IN_WORDS =
      Set.of(
          "allowNegEigval",
          "block",
          "cellClip",
          "coupled",
          "discretizer",
          "dropConnect",
          "forgetGate",
          "fullRecurrence",
          "gateActivation",
          "gateInput",
          "gateInputs",
          "hiddenFeedback",
          "historicSquash",
          "identityShortcut",
          "implicitConstraints",
          "independentRecurrence",
          "inputProjection",
          "integration",
          "layerNorm",
          "norm",
          "normalise",
          "numProj",
          "outputGate",
          "peephole",
          "projClip",
          "projectionSize",
          "qkvActivation",
          "rawInput",
          "resetAfter",
          "resetAtStart",
          "resetGate",
          "residual",
          "skipConnection",
          "stabilised",
          "teacherForcing",
          "trainableAlpha",
          "uRank",
          "updateConvention",
          "useTanh",
          "wRank",
          "weightNorm",
          "window",
          "zoneout",
          "LMUCell.cell",
          "MogrifierLSTMCell.rank",
          "NestedLSTMCell.depth",
          "PhasedLSTMCell.usePeepholes",
          "RGLRUCell.heads",
          "SLSTMCell.heads",
          "SRUCell.inputSize",
          "TauGRUCell.delay");

  static Stream<Cell> printed() {
    return EXAMPLES.stream()
        .map(cell -> PRINTED.getOrDefault(name(cell), cell))
        .filter(cell -> !SUMMARIES.containsKey(name(cell)));
  }

  static Stream<Cell> inOtherConfigurations() {
    List<Cell> printed = printed().toList();
    return Family.configurations().stream()
        .filter(
            cell ->
                printed.stream()
                    .filter(first -> name(first).equals(name(cell)))
                    .anyMatch(first -> differsInEquationsOnly(cell, first)));
  }

  static Stream<Cell> summaries() {
    return EXAMPLES.stream().filter(cell -> SUMMARIES.containsKey(name(cell)));
  }

  @ParameterizedTest
  @MethodSource("printed")
  void commentsSayWhatIsComputed(Cell cell) {
    Comparison comparison = new Comparison(cell);
    assertThat(comparison.notSaid).as("computed by %s, but not in its comment", cell).isEmpty();
    assertThat(comparison.notComputed).as("in the comment of %s only", cell).isEmpty();
  }

  /** An optional line that is not printed here may be said; what is printed must be. */
  @ParameterizedTest
  @MethodSource("inOtherConfigurations")
  void commentsSayWhatIsComputedInOtherConfigurations(Cell cell) {
    assertThat(new Comparison(cell).notSaid)
        .as(
            "computed by %s, but not in its comment; if it is there in words, name the setting in"
                + " IN_WORDS",
            cell)
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("summaries")
  void whatSummariesLeaveOutIsKept(Cell cell) throws IOException {
    String file = "/equations/" + name(cell) + ".txt";
    try (InputStream kept = getClass().getResourceAsStream(file)) {
      assertThat(kept).as("src/test/resources" + file).isNotNull();
      assertThat(ClassComment.printed(cell) + "\n\nis\n\n" + Equations.of(cell).text() + "\n")
          .as("%s: read one half beside the other, then keep both in %s", name(cell), file)
          .isEqualTo(new String(kept.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static final class Comparison {
    final List<String> notSaid = new ArrayList<>();
    final List<String> notComputed = new ArrayList<>();

    Comparison(Cell cell) {
      List<ClassComment.Line> said = new ClassComment(cell).lines();
      List<EquationText> printed = Equations.of(cell).text().lines().map(EquationText::of).toList();
      Set<String> known = new HashSet<>();
      said.forEach(line -> known.addAll(line.equation().defined()));
      printed.forEach(equation -> equation.symbolsOnTheRight().forEach(known::add));
      printed.forEach(equation -> notSaid.add(equation.normal()));
      for (ClassComment.Line line : said) {
        EquationText equation = line.equation().without(known::contains);
        boolean optional =
            line.isOptional() || !equation.symbolsOnTheRight().allMatch(known::contains);
        if (!notSaid.remove(equation.normal()) && !optional) {
          notComputed.add(equation.normal());
        }
      }
    }
  }

  private static boolean differsInEquationsOnly(Cell cell, Cell first) {
    return Arrays.stream(cell.getClass().getRecordComponents())
        .filter(
            setting ->
                !String.valueOf(value(setting, cell)).equals(String.valueOf(value(setting, first))))
        .map(RecordComponent::getName)
        .noneMatch(
            setting -> IN_WORDS.contains(setting) || IN_WORDS.contains(name(cell) + "." + setting));
  }

  private static Object value(RecordComponent setting, Cell cell) {
    try {
      return setting.getAccessor().invoke(cell);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static String name(Cell cell) {
    return cell.getClass().getSimpleName();
  }
}
