package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

  private static History history(int epochs, boolean validation) {
    return new History(
        IntStream.rangeClosed(1, epochs)
            .mapToObj(
                n ->
                    new History.Epoch(
                        n,
                        new Scores(2.0 / n, "accuracy", 1 - 1.0 / n, Map.of("f1", Double.NaN)),
                        validation
                            ? new Scores(2.1 / n, "accuracy", 0.9 - 1.0 / n, Map.of("f1", 0.5))
                            : null,
                        0.01))
            .toList());
  }

  @Test
  void curvesAreDrawnAsAPicture(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("curves").resolve("all.png");
    for (int epochs : new int[] {1, 2, 13, 400}) {
      history(epochs, true).draw(file);
      BufferedImage image = ImageIO.read(file.toFile());
      assertThat(image.getWidth()).isEqualTo(1800);
      assertThat(image.getHeight()).as("a panel for each score").isEqualTo(3 * 680);
    }
    assertThat(folder.resolve("curves").toFile().list()).containsExactly("all.png");
  }

  @Test
  void curvesAreDrawnAsVectors(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("curves.svg");
    history(20, true).draw(file);
    assertThat(Files.readString(file)).as("validation is dashed").contains("stroke-dasharray:7,4");
    try (InputStream in = Files.newInputStream(file)) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
      assertThat(factory.newDocumentBuilder().parse(in).getDocumentElement().getTagName())
          .isEqualTo("svg");
    }
    history(20, false).draw(file);
    assertThat(Files.readString(file)).doesNotContain("stroke-dasharray:7,4");
  }

  @Test
  void whatCannotBeDrawnIsSaid(@TempDir Path folder) {
    Path file = folder.resolve("curves.jpg");
    assertThatThrownBy(() -> history(2, false).draw(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Plot: the name of a picture must end in .png or .svg, got curves.jpg");
    assertThatThrownBy(() -> new History(List.of()).draw(folder.resolve("curves.png")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("History: there is no epoch to draw yet; draw after the first");
    assertThat(folder).isEmptyDirectory();
  }

  /** XChart is an optional dependency. */
  @Test
  void withoutXChartTheMissingDependencyIsNamed(@TempDir Path folder) throws Exception {
    ClassLoader loader =
        new ClassLoader(HistoryTest.class.getClassLoader()) {
          @Override
          protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.knowm.")) {
              throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("kazoku.")) {
              return super.loadClass(name, resolve);
            }
            synchronized (this) {
              Class<?> known = findLoadedClass(name);
              return known == null ? define(name) : known;
            }
          }

          private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
              byte[] bytes = in.readAllBytes();
              return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
              throw new ClassNotFoundException(name, e);
            }
          }
        };
    Runnable draws =
        (Runnable)
            loader
                .loadClass(Draws.class.getName())
                .getConstructor(Path.class)
                .newInstance(folder.resolve("curves.png"));
    assertThatThrownBy(draws::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Plot: XChart is missing, which pictures are drawn with; add org.knowm.xchart:xchart to"
                + " the dependencies");
    assertThat(folder).isEmptyDirectory();
  }

  /** Draws a history where another class loader has loaded it. */
  public static final class Draws implements Runnable {
    private final Path file;

    public Draws(Path file) {
      this.file = file;
    }

    @Override
    public void run() {
      history(3, true).draw(file);
    }
  }
}
