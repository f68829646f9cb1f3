package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kazoku.cells.GRUCell;
import kazoku.cells.GroupLSTMCell;
import kazoku.cells.HyperLSTMCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.draw.Picture.Line;
import kazoku.draw.Picture.Shape;
import kazoku.family.Family;
import org.junit.jupiter.api.Test;

class FoldTest {

  private static List<Picture> rows(Picture picture, double width) {
    return new Fold(picture, node -> 30, line -> 60).rows(width);
  }

  private static Picture picture(Class<?> type) {
    return Family.examples().stream()
        .filter(cell -> cell.getClass() == type)
        .findFirst()
        .map(cell -> Figure.of(cell).picture())
        .orElseThrow();
  }

  @Test
  void whatIsNarrowIsOneRow() {
    assertThat(rows(picture(GRUCell.class), 2000)).hasSize(1);
  }

  @Test
  void everyLineStandsInOneRow() {
    for (Class<?> type : List.of(LSTMCell.class, NTMCell.class, HyperLSTMCell.class)) {
      Picture picture = picture(type);
      List<Picture> rows = rows(picture, 300);
      assertThat(rows).hasSizeGreaterThan(1);
      assertThat(rows.stream().flatMap(FoldTest::made))
          .containsExactlyInAnyOrderElementsOf(made(picture).toList());
    }
  }

  /** Products with weights and functions applied. */
  private static Stream<String> made(Picture picture) {
    return picture.lines().stream()
        .filter(line -> line.kind() == Term.Kind.WEIGHT || line.kind() == Term.Kind.FUNCTION)
        .map(line -> line.kind() + " " + line.label().typed());
  }

  @Test
  void whatIsResumedWasMarkedAbove() {
    for (Class<?> type : List.of(LSTMCell.class, NTMCell.class, GroupLSTMCell.class)) {
      Set<String> marked = new HashSet<>();
      for (Picture row : rows(picture(type), 300)) {
        assertThat(marked).containsAll(labels(row, Shape.RESUMED));
        List<String> here = labels(row, Shape.CONTINUED);
        assertThat(here).allMatch(marked::add);
        marked.addAll(labels(row, Shape.OUTPUT));
      }
    }
  }

  private static List<String> labels(Picture row, Shape shape) {
    return row.nodes().stream()
        .filter(node -> node.shape() == shape)
        .map(node -> node.label().typed())
        .toList();
  }

  @Test
  void aStateGoesOnThroughRows() {
    Picture picture = picture(LSTMCell.class);
    Stream<Line> ways = rows(picture, 100).stream().flatMap(row -> row.highways().stream());
    assertThat(ways).hasSameSizeAs(picture.highways());
  }
}
