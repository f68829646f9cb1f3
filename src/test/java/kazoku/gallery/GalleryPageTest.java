package kazoku.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kazoku.draw.Browser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The committed gallery in a browser: what a reader does with it, and what meets the eye. */
@Timeout(120)
class GalleryPageTest {
  private static final String PAGE = Gallery.FILE.toAbsolutePath().toUri().toString();
  private static final int CELLS = 104;

  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "the gallery is not looked at: there is no Chromium in PATH");
    browser = new Browser(program.get());
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void nothingWasComplainedOf() {
    assertThat(browser.complaints()).isEmpty();
  }

  private static void open(int width, boolean dark, String hash) throws Exception {
    browser.view(width, 900, dark);
    browser.open(PAGE + hash);
  }

  private static List<String> texts(String expression) throws Exception {
    List<String> all = new ArrayList<>();
    for (JsonNode text : browser.ask(expression)) {
      all.add(text.asText());
    }
    return all;
  }

  private static List<String> shown() throws Exception {
    return texts("[...document.querySelectorAll('.card:not([hidden])')].map(card => card.id)");
  }

  private static String hits() throws Exception {
    return browser.ask("document.querySelector('#hits').textContent").asText();
  }

  private static void search(String words) throws Exception {
    browser.ask(
        "new Promise(done => { const box = document.querySelector('#search'); box.value = '"
            + words
            + "'; box.dispatchEvent(new Event('input')); setTimeout(done, 150); })");
  }

  private static void choose(String filter, String value) throws Exception {
    browser.ask(
        "(() => { const list = document.querySelector('select[name=%s]'); list.value = '%s';"
                .formatted(filter, value)
            + " list.dispatchEvent(new Event('change')); })()");
  }

  private static void click(String selector) throws Exception {
    browser.ask("document.querySelector('" + selector + "').click()");
  }

  @Test
  void searchFindsNamesIdeasAuthorsAndSymbols() throws Exception {
    open(1400, false, "");
    search("schmidhuber forget");
    assertThat(shown()).contains("LSTMCell").doesNotContain("GRUCell");
    assertThat(hits()).isEqualTo(shown().size() + " of " + CELLS + " cells");
    search("MOGRIF");
    assertThat(shown()).containsExactly("MogrifierLSTMCell");
    search("kocisky");
    assertThat(shown()).containsExactly("MogrifierLSTMCell");
    search("quaternion");
    assertThat(shown()).isEmpty();
    assertThat(browser.ask("document.querySelector('#nothing').hidden").asBoolean()).isFalse();
    click("#nothing button");
    assertThat(shown()).hasSize(CELLS);
  }

  @Test
  void filtersNarrowCardsContentsTableAndTree() throws Exception {
    open(1400, false, "");
    choose("kind", "linear");
    List<String> linear = shown();
    assertThat(linear).contains("MinGRUCell", "DeltaNetCell").doesNotContain("LSTMCell");
    choose("decade", "2010");
    assertThat(shown()).contains("QRNNCell").doesNotContain("MinGRUCell").isSubsetOf(linear);
    assertThat(
            texts(
                "[...document.querySelectorAll('#table tbody tr:not([hidden])')].map(row => row.dataset.row)"))
        .containsExactlyInAnyOrderElementsOf(shown());
    assertThat(
            texts(
                "[...document.querySelectorAll('.contents li li:not([hidden])')].map(entry => entry.dataset.row)"))
        .containsExactlyElementsOf(shown());
    assertThat(
            texts(
                "[...document.querySelectorAll('.tree [data-node]:not(.miss)')].map(node => node.dataset.node)"))
        .containsExactlyInAnyOrderElementsOf(shown());
    click("#reset");
    choose("peers", "keras");
    assertThat(shown()).contains("LSTMCell", "GRUCell").doesNotContain("NASCell");
    click("#reset");
    choose("chapter", "outside-memory");
    assertThat(shown()).containsExactly("NTMCell", "DNCCell");
    click("#reset");
    assertThat(shown()).hasSize(CELLS);
    assertThat(hits()).isEqualTo(CELLS + " cells");
  }

  @ParameterizedTest
  @CsvSource({"1400, GRUCell", "360, DNCCell", "1400, RWKVCell"})
  void aLinkLeadsToItsCard(int width, String cell) throws Exception {
    open(width, false, "#" + cell);
    settle();
    assertThat(top(cell)).isBetween(0, 150);
  }

  private static void settle() throws Exception {
    browser.ask("new Promise(done => setTimeout(done, 250))");
  }

  private static int top(String cell) throws Exception {
    return (int)
        browser
            .ask("document.getElementById('" + cell + "').getBoundingClientRect().top")
            .asDouble();
  }

  @Test
  void aLinkToACardThatIsFilteredOutShowsIt() throws Exception {
    open(1400, false, "");
    choose("kind", "linear");
    browser.ask("location.hash = '#LSTMCell'");
    settle();
    assertThat(shown()).contains("LSTMCell");
    assertThat(top("LSTMCell")).isBetween(0, 150);
  }

  @Test
  void theTableIsSortedByItsHeadings() throws Exception {
    open(1400, false, "");
    String first = "document.querySelector('#table tbody tr').dataset.row";
    click("#table th:nth-child(3) button");
    assertThat(browser.ask(first).asText()).isEqualTo("JordanRNNCell");
    click("#table th:nth-child(3) button");
    assertThat(browser.ask("document.querySelector('#table th:nth-child(3)').ariaSort").asText())
        .isEqualTo("descending");
    assertThat(browser.ask(first).asText())
        .isIn("MiRU1Cell", "MiRU2Cell", "SelectiveUpdateRNNCell");
    click("#table th:nth-child(2) button");
    assertThat(browser.ask(first).asText()).isEqualTo("AntisymmetricRNNCell");
  }

  @Test
  void cardsStandSideBySide() throws Exception {
    open(1400, false, "#LSTMCell");
    click("#LSTMCell [data-compare]");
    assertThat(browser.ask("document.querySelector('#side').disabled").asBoolean()).isTrue();
    click("#table [data-compare=GRUCell]");
    click("#side");
    sideBySide();
    String address = browser.ask("location.href").asText();
    assertThat(address).endsWith("#compare=LSTMCell,GRUCell");
    click("#side");
    assertThat(shown()).hasSize(CELLS);
    assertThat(browser.ask("document.querySelector('#tree').offsetHeight").asInt()).isPositive();
    open(1400, false, "#compare=LSTMCell,GRUCell");
    sideBySide();
  }

  private static void sideBySide() throws Exception {
    JsonNode places =
        browser.ask(
            "[...document.querySelectorAll('.card')].filter(card => card.offsetHeight > 0).map(card =>"
                + " ({id: card.id, x: card.getBoundingClientRect().x,"
                + " y: card.querySelector('.figure').getBoundingClientRect().y}))");
    assertThat(places).hasSize(2);
    assertThat(places.at("/0/id").asText()).isEqualTo("LSTMCell");
    assertThat(places.at("/1/x").asInt()).isGreaterThan(places.at("/0/x").asInt() + 300);
    assertThat(places.at("/1/y").asInt()).isEqualTo(places.at("/0/y").asInt());
  }

  @Test
  void copyButtonsCopyWhatIsBesideThem() throws Exception {
    open(1400, false, "#GRUCell");
    browser.ask(
        "navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }");
    click("#GRUCell .code .copy");
    settle();
    assertThat(browser.ask("window.copied").asText()).isEqualTo("new RNN(new GRUCell(12, 64))");
    assertThat(browser.ask("document.querySelector('#GRUCell .code .copy').textContent").asText())
        .isEqualTo("Copied");
  }

  @Test
  void theKeyboardReachesTheSkipLinkFirstAndTheSearchBySlash() throws Exception {
    open(1400, false, "");
    browser.press("Tab");
    assertThat(browser.ask("document.activeElement.className").asText()).isEqualTo("skip");
    assertThat(browser.ask("document.activeElement.getBoundingClientRect().left").asInt())
        .isGreaterThanOrEqualTo(0);
    browser.press("Enter");
    assertThat(browser.ask("document.activeElement.id").asText()).isEqualTo("cells");
    browser.press("/");
    assertThat(browser.ask("document.activeElement.id").asText()).isEqualTo("search");
    assertThat(browser.ask("document.activeElement.value").asText()).isEmpty();
  }

  @Test
  void everythingThatCanBeOperatedHasAName() throws Exception {
    open(1400, false, "");
    assertThat(
            texts(
                "[...document.querySelectorAll('button, input, select, summary, nav, [role=region],"
                    + " svg')].filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.[0]?.textContent.trim()"
                    + " || e.getAttribute('aria-labelledby'))).map(e => e.outerHTML.slice(0, 80))"))
        .isEmpty();
  }

  @Test
  void withoutScriptsEverythingIsThereButWhatNeedsThem() throws Exception {
    browser.scripts(false);
    try {
      open(1400, false, "");
      assertThat(shown()).hasSize(CELLS);
      assertThat(
              texts(
                  "[...document.querySelectorAll('.js-only')].filter(e => e.offsetHeight > 0)"
                      + ".map(e => e.outerHTML.slice(0, 80))"))
          .isEmpty();
    } finally {
      browser.scripts(true);
    }
  }

  /** Overlaps, texts that are cut off, figures that are not there, contrasts below 4.5. */
  @ParameterizedTest
  @CsvSource({"1400, false", "1400, true", "360, false", "360, true"})
  void nothingOverlapsIsCutOffOrPale(int width, boolean dark) throws Exception {
    open(width, dark, "");
    assertThat(texts(Resources.text("looks.js"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1400", "360"})
  void comparedCardsDoNotOverlap(int width) throws Exception {
    open(width, false, "#compare=LSTMCell,GRUCell,DNCCell");
    assertThat(texts(Resources.text("looks.js"))).isEmpty();
  }
}
