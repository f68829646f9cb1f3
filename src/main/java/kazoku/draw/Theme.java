package kazoku.draw;

/** The colours of a figure. */
public enum Theme {
  /** Dark lines, for light paper. */
  LIGHT,
  /** Light lines, for dark paper. */
  DARK,
  /** As the reader's system prefers: {@code prefers-color-scheme}. */
  AUTO;

  /** The CSS class of outlines with nothing in them. */
  static final String OPEN = "kazoku-open";

  /** What is drawn in one colour. */
  enum Ink {
    /** Texts, plain lines, outlines. */
    INK("ink"),
    /** What is less important than the rest. */
    FAINT("faint"),
    /** Products with weights. */
    WEIGHT("weight"),
    /** Functions applied. */
    FUNCTION("function"),
    /** What lies behind: areas. */
    AREA("area"),
    /** The paper. */
    PAPER("paper");

    private final String word;

    Ink(String word) {
      this.word = word;
    }

    /** The CSS class of lines in this colour. */
    String line() {
      return "kazoku-" + word + "-line";
    }

    /** The CSS class of areas and texts in this colour. */
    String fill() {
      return "kazoku-" + word + "-fill";
    }

    private String colour(boolean dark) {
      return switch (this) {
        case INK -> dark ? "#e8e8e8" : "#1a1a1a";
        case FAINT -> dark ? "#8d949c" : "#7a8087";
        case WEIGHT -> dark ? "#6db3ff" : "#1558c0";
        case FUNCTION -> dark ? "#ff8f7d" : "#c4281c";
        case AREA -> dark ? "#2b3036" : "#eef1f4";
        case PAPER -> dark ? "#15181c" : "#ffffff";
      };
    }
  }

  /** The CSS class of a figure in this theme: all rules are for what stands in it. */
  String scope() {
    return "kazoku-" + name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The rules of the colours. They are the same in all figures of a theme. */
  String css() {
    StringBuilder css = new StringBuilder(rules(this == DARK));
    if (this == AUTO) {
      css.append("@media (prefers-color-scheme:dark){").append(rules(true)).append("}");
    }
    return css.toString();
  }

  private String rules(boolean dark) {
    StringBuilder css = new StringBuilder();
    for (Ink ink : Ink.values()) {
      String colour = ink.colour(dark);
      css.append(rule(ink.line(), "stroke:" + colour));
      css.append(rule(ink.fill(), "fill:" + colour));
    }
    return css.append(rule(OPEN, "fill:none")).toString();
  }

  private String rule(String name, String declaration) {
    return "." + scope() + " ." + name + "{" + declaration + "}";
  }
}
