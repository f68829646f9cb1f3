package kazoku.family;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Comparator;
import java.util.List;
import kazoku.Cell;

/**
 * All cells and wrappers, found by looking into their packages; or those whose simple names match
 * {@code -Dkazoku.cells}, a regular expression.
 */
public final class Family {
  private Family() {}

  /** The cells that are tested. */
  static List<Class<? extends Cell>> cells() {
    return tested(all());
  }

  /** The wrappers that are tested. */
  static List<Class<? extends Cell>> wrappers() {
    return tested(allWrappers());
  }

  /**
   * A small cell of every kind in {@code kazoku.cells}, from the first case of its golden file that
   * is not one of training.
   *
   * @return the cells that are tested
   */
  public static List<Cell> examples() {
    return cells().stream()
        .<Cell>map(
            type -> Configured.record(type, Golden.read(type.getSimpleName()).evaluated().config()))
        .toList();
  }

  /**
   * The cells in {@code kazoku.cells} in every configuration of their golden files.
   *
   * @return the cells that are tested
   */
  public static List<Cell> configurations() {
    return configured(cells());
  }

  /**
   * The wrappers in {@code kazoku.wrap} in every configuration of their golden files.
   *
   * @return the wrappers that are tested
   */
  public static List<Cell> wrapped() {
    return configured(wrappers());
  }

  private static List<Cell> configured(List<Class<? extends Cell>> types) {
    return types.stream()
        .flatMap(
            type ->
                Golden.read(type.getSimpleName()).cases().stream()
                    .<Cell>map(golden -> Configured.record(type, golden.config())))
        .toList();
  }

  /**
   * All cells.
   *
   * @return the public records of {@code kazoku.cells} that are cells
   */
  public static List<Class<? extends Cell>> all() {
    return in("kazoku.cells");
  }

  /**
   * All wrappers.
   *
   * @return the public records of {@code kazoku.wrap} that are cells
   */
  public static List<Class<? extends Cell>> allWrappers() {
    return in("kazoku.wrap");
  }

  private static List<Class<? extends Cell>> tested(List<Class<? extends Cell>> all) {
    return all.stream()
        .filter(c -> c.getSimpleName().matches(System.getProperty("kazoku.cells", ".*")))
        .toList();
  }

  private static List<Class<? extends Cell>> in(String folder) {
    return new ClassFileImporter()
        .importPackages(folder).stream()
            .filter(c -> c.isAssignableTo(Cell.class))
            .filter(c -> c.isRecord() && c.getModifiers().contains(JavaModifier.PUBLIC))
            .map(c -> c.reflect().<Cell>asSubclass(Cell.class))
            .sorted(Comparator.comparing(c -> c.getSimpleName()))
            .<Class<? extends Cell>>map(c -> c)
            .toList();
  }
}
