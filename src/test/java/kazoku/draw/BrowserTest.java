package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrowserTest {

  @Test
  void figuresLookInABrowserAsTheyWerePlanned(@TempDir Path folder) throws IOException {
    Optional<Chromium> browser = Chromium.find();
    assumeTrue(browser.isPresent(), "there is no Chromium on the PATH");
    List<String> figures = new ArrayList<>();
    Drawings.all().values().forEach(drawing -> figures.add(drawing.svg()));
    figures.add(wrong());
    assertThat(browser.orElseThrow().faults(folder, figures))
        .containsExactlyInAnyOrder(
            "wrong: b lies on a",
            "wrong: long is cut off",
            "wrong: b lies half on a node",
            "wrong: a line goes through long");
  }

  /** A picture with faults, so that it is seen that they are found. */
  private static String wrong() {
    Svg svg = new Svg(Theme.LIGHT, "wrong", "", 100, 100);
    svg.text("", 16, Svg.Anchor.MIDDLE, 30, 30, Lettering.plain("a"));
    svg.text("", 16, Svg.Anchor.MIDDLE, 34, 30, Lettering.plain("b"));
    svg.circle("", 1, 46, 30, 10);
    svg.text("", 16, Svg.Anchor.START, 80, 70, Lettering.plain("long"));
    svg.line("", 1, "", 5, List.of(new Svg.Point(20, 70), new Svg.Point(95, 70)));
    return svg.end();
  }
}
