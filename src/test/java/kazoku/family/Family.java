package kazoku.family;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Comparator;
import java.util.List;
import kazoku.Cell;

/**
 * All cells, found by looking into their package; or those whose simple names match {@code
 * -Dkazoku.cells}, a regular expression.
 */
final class Family {
  private Family() {}

  /** The cells that are tested. */
  static List<Class<? extends Cell>> cells() {
    return all().stream()
        .filter(c -> c.getSimpleName().matches(System.getProperty("kazoku.cells", ".*")))
        .toList();
  }

  static List<Class<? extends Cell>> all() {
    return new ClassFileImporter()
        .importPackages("kazoku.cells").stream()
            .filter(c -> c.isAssignableTo(Cell.class))
            .filter(c -> c.isRecord() && c.getModifiers().contains(JavaModifier.PUBLIC))
            .map(c -> c.reflect().<Cell>asSubclass(Cell.class))
            .sorted(Comparator.comparing(c -> c.getSimpleName()))
            .<Class<? extends Cell>>map(c -> c)
            .toList();
  }
}
