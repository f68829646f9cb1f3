package kazoku.draw;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kazoku.Cell;

/** What is printed is what is computed, and what the class comments of the cells say. */
class EquationsInCommentsTest {

  /** What is in one and not in the other; nothing if they agree. */
  static String compare(Cell cell) {
    List<ClassComment.Line> said = new ClassComment(cell).lines();
    Set<String> known = new HashSet<>();
    said.forEach(line -> known.addAll(line.equation().defined()));
    List<EquationText> printed = Equations.of(cell).text().lines().map(EquationText::of).toList();
    printed.forEach(e -> known.addAll(e.defined()));
    printed.forEach(e -> e.symbolsOnTheRight().forEach(known::add));

    List<String> missing = new ArrayList<>(printed.stream().map(EquationText::normal).toList());
    StringBuilder report = new StringBuilder();
    for (ClassComment.Line line : said) {
      EquationText equation = line.equation().without(known::contains);
      boolean computed = missing.remove(equation.normal());
      boolean elsewhere =
          line.remark().matches(".*\\b(if|in place of)\\b.*")
              || !equation.symbolsOnTheRight().allMatch(known::contains);
      if (!computed && !elsewhere) {
        report.append("  comment: ").append(equation).append("\n");
      }
    }
    missing.forEach(line -> report.append("  printed: ").append(line).append("\n"));
    return report.toString();
  }
}
