package kazoku;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * Dependencies point one way: cells, wrap, layers → base ← train ← decode; io and serve know them,
 * and nobody knows io and serve. What is drawn needs the base only.
 */
class ArchitectureTest {
  private static final JavaClasses KAZOKU =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("kazoku");

  private static final String CELLS = "kazoku.cells";
  private static final String WRAP = "kazoku.wrap";
  private static final String LAYERS = "kazoku.layers";
  private static final String TRAIN = "kazoku.train";
  private static final String DECODE = "kazoku.decode";
  private static final String IO = "kazoku.io";
  private static final String SERVE = "kazoku.serve";
  private static final String DRAW = "kazoku.draw";
  private static final String INTERNAL = "kazoku.internal";
  private static final String FILES = "kazoku.internal.files";
  private static final String NATIVES = "kazoku.internal.natives";

  @Test
  void theBaseKnowsNoneOfTheOthers() {
    independent("kazoku", CELLS, WRAP, LAYERS, TRAIN, DECODE, IO);
    independent(INTERNAL, CELLS, WRAP, LAYERS, TRAIN, DECODE, IO);
    for (String one : new String[] {FILES, NATIVES}) {
      independent(one, "kazoku", INTERNAL, CELLS, WRAP, LAYERS, TRAIN, DECODE, IO, SERVE);
    }
  }

  @Test
  void cellsAndWrappersKnowTheBaseOnly() {
    independent(CELLS, WRAP, LAYERS, TRAIN, DECODE, IO, INTERNAL);
    independent(WRAP, CELLS, LAYERS, TRAIN, DECODE, IO, INTERNAL);
  }

  @Test
  void layersKnowTheBaseOnly() {
    independent(LAYERS, CELLS, WRAP, TRAIN, DECODE, IO);
  }

  @Test
  void decodingWorksWithAnyCell() {
    independent(DECODE, CELLS, WRAP, IO);
  }

  @Test
  void trainingDoesNotReachIntoTheLoop() {
    independent(TRAIN, CELLS, WRAP, LAYERS, DECODE, IO, INTERNAL);
  }

  @Test
  void readingAndWritingDoesNotReachIntoTheLoop() {
    independent(IO, DECODE, INTERNAL);
  }

  @Test
  void servingKnowsTheBaseAndTrainingAndNobodyKnowsServing() {
    independent(SERVE, CELLS, WRAP, LAYERS, DECODE, IO, INTERNAL);
    for (String one : new String[] {"kazoku", CELLS, WRAP, LAYERS, TRAIN, DECODE, IO, INTERNAL}) {
      independent(one, SERVE);
    }
  }

  @Test
  void drawingNeedsATraceAndNobodyNeedsDrawing() {
    independent(DRAW, CELLS, WRAP, LAYERS, DECODE, IO, SERVE);
    for (String one : new String[] {"kazoku", CELLS, WRAP, LAYERS, INTERNAL, DECODE, IO, SERVE}) {
      independent(one, DRAW);
    }
  }

  /** It is an optional dependency. */
  @Test
  void figuresAreLaidOutInOnePlace() {
    noClasses()
        .that()
        .haveNameNotMatching("kazoku\\.draw\\.Layout.*")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.elk..")
        .check(KAZOKU);
  }

  /** It is an optional dependency. */
  @Test
  void picturesAreDrawnInOnePlace() {
    noClasses()
        .that()
        .haveNameNotMatching("kazoku\\.train\\.Plot.*")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.knowm..", "de.erichseifert..")
        .check(KAZOKU);
  }

  /** It is an optional dependency. */
  @Test
  void hdf5IsReadInOnePlaceAndWrittenInAnother() {
    noClasses()
        .that()
        .haveNameNotMatching("kazoku\\.io\\.(Hdf5|KerasWeights).*")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.jhdf..")
        .check(KAZOKU);
  }

  private static void independent(String one, String... others) {
    noClasses()
        .that()
        .resideInAPackage(one)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .allowEmptyShould(true)
        .check(KAZOKU);
  }

  @Test
  void everyCellIsARecord() {
    classes()
        .that()
        .resideInAnyPackage(CELLS, WRAP)
        .and()
        .areAssignableTo(Cell.class)
        .and()
        .areNotInterfaces()
        .should()
        .beRecords()
        .check(KAZOKU);
  }
}
