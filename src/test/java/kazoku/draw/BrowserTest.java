package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrowserTest {

  /**
   * Looks at all pictures of a page: texts must not lie on one another, on lines or half on nodes,
   * and must not be cut off.
   */
  private static final String LOOK =
      """
      (() => {
      const found = [];
      const cut = (a, b) => {
        const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
        const h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        return w > 0.5 && h > 0.5 ? w * h : 0;
      };
      // The part of a grid of points in a rectangle that are in a circle.
      const inCircle = (b, c) => {
        let inside = 0;
        for (let i = 0; i <= 10; i++) {
          for (let j = 0; j <= 10; j++) {
            const x = b.x + b.width * i / 10 - c.x - c.r;
            const y = b.y + b.height * j / 10 - c.y - c.r;
            inside += x * x + y * y < (c.r - 1) * (c.r - 1) ? 1 : 0;
          }
        }
        return inside / 121;
      };
      // Rows of a picture are groups that are moved.
      const box = e => {
        const b = e.getBBox(), m = e.getCTM();
        return {x: b.x + m.e, y: b.y + m.f, width: b.width, height: b.height};
      };
      // A line of text is higher than its letters.
      const letters = b => ({x: b.x, y: b.y + 0.18 * b.height, width: b.width, height: 0.64 * b.height});
      for (const svg of document.querySelectorAll('svg')) {
        const who = svg.querySelector('title').textContent;
        const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, letters(box(t))]);
        const nodes = [...svg.querySelectorAll('circle,rect')].map(n => {
          const b = box(n);
          const r = n.tagName === 'circle' ? b.width / 2 : 0;
          return {x: b.x, y: b.y, width: b.width, height: b.height, r};
        }).filter(n => n.width > 6);
        const paper = svg.viewBox.baseVal;
        texts.forEach(([text, box], k) => {
          const at = who + ': ' + text;
          if (box.x < 0 || box.y < 0 || box.x + box.width > paper.width || box.y + box.height > paper.height) {
            found.push(at + ' is cut off');
          }
          texts.slice(0, k).forEach(([other, b]) => {
            if (cut(box, b)) found.push(at + ' lies on ' + other);
          });
          nodes.forEach(node => {
            const common = node.r ? inCircle(box, node) : cut(box, node) / (box.width * box.height);
            if (common > 0 && common < 0.9) found.push(at + ' lies half on a node');
          });
        });
        nodes.forEach((node, k) => nodes.slice(0, k).forEach(other => {
          if (cut(node, other)) found.push(who + ': a node lies on another');
        }));
        for (const path of svg.querySelectorAll('path[fill=none]')) {
          const length = path.getTotalLength();
          const m = path.getCTM();
          const on = new Set();
          for (let l = 0; l <= length; l += 2) {
            const local = path.getPointAtLength(l);
            const p = {x: local.x + m.e, y: local.y + m.f};
            texts.forEach(([text, b]) => {
              if (p.x > b.x + 1 && p.x < b.x + b.width - 1 && p.y > b.y && p.y < b.y + b.height) on.add(text);
            });
          }
          on.forEach(text => found.push(who + ': a line goes through ' + text));
        }
      }
      return {pictures: document.querySelectorAll('svg').length, found};
      })()
      """;

  @Test
  void figuresLookInABrowserAsTheyWerePlanned(@TempDir Path folder) throws Exception {
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "there is no Chromium on the PATH");
    List<String> figures = new ArrayList<>();
    Drawings.all().values().forEach(drawing -> figures.add(drawing.svg()));
    figures.add(wrong());
    Path page = folder.resolve("page.html");
    Files.writeString(
        page,
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>Pictures</title>"
            // Letters of small pictures are rounded.
            + "<style>svg{max-width:none!important}</style><body>"
            + String.join("\n", figures));
    try (Browser browser = new Browser(program.orElseThrow())) {
      browser.open(page.toUri().toString());
      JsonNode seen = browser.ask(LOOK);
      assertThat(seen.get("pictures").asInt()).isEqualTo(figures.size());
      List<String> faults = new ArrayList<>();
      seen.get("found").forEach(fault -> faults.add(fault.asText()));
      assertThat(faults)
          .containsExactlyInAnyOrder(
              "wrong: b lies on a",
              "wrong: long is cut off",
              "wrong: b lies half on a node",
              "wrong: a line goes through long");
    }
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
