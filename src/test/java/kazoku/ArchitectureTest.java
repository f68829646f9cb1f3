package kazoku;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: cells, decode → base ← train. */
class ArchitectureTest {
  private static final JavaClasses KAZOKU =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("kazoku");

  @Test
  void theBaseKnowsNeitherCellsNorTraining() {
    noClasses()
        .that()
        .resideInAnyPackage("kazoku", "kazoku.internal")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kazoku.cells", "kazoku.decode", "kazoku.train")
        .check(KAZOKU);
  }

  @Test
  void cellsKnowTheBaseOnly() {
    noClasses()
        .that()
        .resideInAPackage("kazoku.cells")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kazoku.train", "kazoku.internal")
        .check(KAZOKU);
  }

  @Test
  void decodingKnowsTheBaseOnly() {
    noClasses()
        .that()
        .resideInAPackage("kazoku.decode")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kazoku.cells", "kazoku.internal", "kazoku.train")
        .check(KAZOKU);
  }

  @Test
  void trainingDoesNotReachIntoTheLoop() {
    noClasses()
        .that()
        .resideInAPackage("kazoku.train")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kazoku.internal", "kazoku.cells")
        .check(KAZOKU);
  }

  @Test
  void everyCellIsARecord() {
    classes()
        .that()
        .resideInAPackage("kazoku.cells")
        .and()
        .areAssignableTo(Cell.class)
        .should()
        .beRecords()
        .check(KAZOKU);
  }
}
