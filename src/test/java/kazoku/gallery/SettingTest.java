package kazoku.gallery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettingTest {

  private static String right(String formula) {
    String html = Setting.html("h' = " + formula);
    String start = "<span class=\"right\">";
    return html.substring(html.indexOf(start) + start.length(), html.indexOf("</span></div>"))
        .replace("\u200a", "")
        .replace("<wbr>", "");
  }

  @Test
  void lettersAreItalicAndFunctionsAndWordsAreNot() {
    assertThat(right("σ(f)⊙c + tanh(x·W)"))
        .isEqualTo("σ(<var>f</var>)⊙<var>c</var> + tanh(<var>x</var>·<var>W</var>)");
    assertThat(right("0 where t = 0, else a"))
        .isEqualTo("0 where <var>t</var> = 0, else <var>a</var>");
  }

  @Test
  void subscriptsPrimesAndPowersStandWhereTheyBelong() {
    assertThat(right("W_zr")).isEqualTo("<var>W</var><sub>zr</sub>");
    assertThat(right("split_2(c')")).isEqualTo("split<sub>2</sub>(<var>c</var>′)");
    assertThat(right("γ_c,hyper⊙a")).isEqualTo("<var>γ</var><sub>c,hyper</sub>⊙<var>a</var>");
    assertThat(right("[z_i,z_f,o]"))
        .isEqualTo("[<var>z</var><sub>i</sub>,<var>z</var><sub>f</sub>,<var>o</var>]");
    assertThat(right("e^−m' + a²"))
        .isEqualTo("e<sup>−<var>m</var>′</sup> + <var>a</var><sup>2</sup>");
    assertThat(right("a^(b + 1)·c"))
        .isEqualTo("<var>a</var><sup><var>b</var> + 1</sup>·<var>c</var>");
    assertThat(right("1e−6 + 2.5e−3")).isEqualTo("10<sup>−6</sup> + 2.5·10<sup>−3</sup>");
    assertThat(right("Uᵀ < 1")).isEqualTo("<var>U</var><sup>T</sup> &lt; 1");
  }

  @Test
  void linesAreCutAtTheirFirstEqualsSign() {
    assertThat(Setting.html("[i,f] = split_2(a)\nc'    = i⊙f").split("\n"))
        .hasSize(2)
        .allMatch(line -> line.startsWith("<div class=\"line\"><span class=\"left\">"));
  }
}
