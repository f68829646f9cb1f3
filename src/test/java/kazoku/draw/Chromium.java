package kazoku.draw;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real browser that tells what pictures look like, without a screen. */
final class Chromium {
  private static final int SECONDS = 60;

  /**
   * Looks at all pictures of a page: texts must not lie on one another, on lines or half on nodes,
   * and must not be cut off. What is found is written where the page's text is read.
   */
  private static final String LOOK =
      """
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
      // A line of text is higher than its letters.
      const letters = b => ({x: b.x, y: b.y + 0.18 * b.height, width: b.width, height: 0.64 * b.height});
      for (const svg of document.querySelectorAll('svg')) {
        const who = svg.querySelector('title').textContent;
        const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, letters(t.getBBox())]);
        const nodes = [...svg.querySelectorAll('circle,rect')].map(n => {
          const b = n.getBBox();
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
          const on = new Set();
          for (let l = 0; l <= length; l += 2) {
            const p = path.getPointAtLength(l);
            texts.forEach(([text, b]) => {
              if (p.x > b.x + 1 && p.x < b.x + b.width - 1 && p.y > b.y && p.y < b.y + b.height) on.add(text);
            });
          }
          on.forEach(text => found.push(who + ': a line goes through ' + text));
        }
      }
      const said = document.createElement('pre');
      said.id = 'found';
      said.textContent = JSON.stringify(document.querySelectorAll('svg').length + ' pictures\\n' + found.join('\\n'));
      document.body.append(said);
      """;

  private final Path program;

  private Chromium(Path program) {
    this.program = program;
  }

  /** The browser that is installed; empty if there is none. */
  static Optional<Chromium> find() {
    return Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
        .flatMap(
            name ->
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .filter(folder -> !folder.isEmpty())
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Chromium::new);
  }

  /**
   * What is wrong with pictures, as the browser sees them.
   *
   * @param folder a folder for the browser's own files
   * @param pictures SVG texts; all stand in one page
   * @return a sentence for each fault
   */
  List<String> faults(Path folder, List<String> pictures) throws IOException {
    Path page = folder.resolve("page.html");
    Files.writeString(
        page,
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>Pictures</title>"
            // Letters of small pictures are rounded.
            + "<style>svg{max-width:none!important}</style><body>"
            + String.join("\n", pictures)
            + "<script>"
            + LOOK
            + "</script>");
    String dom = run(folder, page, List.of("--dump-dom"));
    String mark = "<pre id=\"found\">\"";
    int begin = dom.indexOf(mark);
    if (begin < 0) {
      throw new AssertionError("the browser said nothing: " + dom.length() + " characters");
    }
    String found = dom.substring(begin + mark.length(), dom.indexOf("\"</pre>", begin));
    List<String> lines = new ArrayList<>(List.of(found.split("\\\\n")));
    String count = lines.remove(0);
    if (!count.equals(pictures.size() + " pictures")) {
      throw new AssertionError("the browser saw " + count + " of " + pictures.size());
    }
    return lines;
  }

  /**
   * A picture of a page.
   *
   * @param folder a folder for the browser's own files
   * @param page an HTML or SVG file
   * @param image a PNG file
   */
  void photograph(Path folder, Path page, int width, int height, Path image) throws IOException {
    run(
        folder,
        page,
        List.of(
            "--hide-scrollbars",
            "--window-size=" + width + "," + height,
            "--screenshot=" + image.toAbsolutePath()));
  }

  private String run(Path folder, Path page, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--user-data-dir=" + folder.resolve("browser").toAbsolutePath()));
    command.addAll(options);
    command.add(page.toUri().toString());
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(Map.of("HOME", folder.toAbsolutePath().toString()));
    Process process = builder.start();
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("the browser took more than " + SECONDS + " seconds");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return Files.readString(out);
  }
}
