package kazoku.draw;

/** Lines that are told apart, by the colour-blind too: M. Okabe, K. Ito 2008. */
final class Series {
  private static final String[] LIGHT = {
    "0072b2", "d55e00", "009e73", "b4568f", "b07d00", "2f9fd8", "000000"
  };
  private static final String[] DARK = {
    "4fb3ff", "ff8a3d", "2fd3a3", "e596c4", "f2bf3f", "9fd9f6", "ffffff"
  };

  private static final String[] DASHES = {"", "7 3", "2 2", "9 3 2 3"};

  private Series() {}

  static String line(int number) {
    return "kazoku-line" + number % LIGHT.length;
  }

  /** Neighbours are told apart without their colours, too. */
  static String dashes(int number) {
    return DASHES[number % DASHES.length];
  }

  /** The rules of all colours in a theme. */
  static String css(Theme theme) {
    String scope = "." + theme.scope();
    return theme == Theme.AUTO
        ? rules(scope, LIGHT) + "@media (prefers-color-scheme:dark){" + rules(scope, DARK) + "}"
        : rules(scope, theme == Theme.DARK ? DARK : LIGHT);
  }

  private static String rules(String scope, String[] colours) {
    StringBuilder css = new StringBuilder();
    for (int k = 0; k < colours.length; k++) {
      css.append("%s .%s{stroke:#%s}".formatted(scope, line(k), colours[k]));
    }
    return css.toString();
  }
}
