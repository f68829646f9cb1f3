package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A short text as mathematics sets it: symbols in italics with their indices below, functions
 * upright. Its width is estimated by the widest of the fonts that a reader may have, so that texts
 * never touch what stands beside them.
 */
record Lettering(List<Run> runs) {
  /** Fonts from the best to what is there everywhere. */
  static final String FONTS =
      "'STIX Two Text','STIX Two Math',Cambria,'Cambria Math','Liberation Serif','Noto"
          + " Serif','DejaVu Serif',serif";

  private static final double INDEX = 0.7;
  private static final double DROP = 0.28;

  /** Characters by the width of the widest font, in em; others are {@value #OTHERS} wide. */
  private static final Map<Double, String> WIDTHS =
      Map.of(
          0.34, "′'j,. ·li/:;-⋅",
          0.42, "f()[]⌊⌋ιIJ²³¹!tᵀ|∥",
          0.5, "r∘*_˜",
          0.57, "sz⁻?εζξτcĉςy",
          0.61, "xveaγoδθηkχβνυρ",
          0.67, "λ0123456789{}√bdgpqhuũnñμκπLTPα",
          0.71, "∗σSFΓZφΞΣ",
          0.77, "AVXYΑΔΛEBΒKRC",
          0.84, "ψGDωOQΘΦΩ∞#+<=>^~±×↦−≤≥⊗⊙");

  private static final double OTHERS = 1.05;

  /** No text. */
  static final Lettering NONE = new Lettering(List.of());

  /** A piece of one kind. */
  record Run(String text, boolean italic, boolean index) {}

  Lettering {
    runs = List.copyOf(runs);
  }

  /** A word, a function, a sentence: upright, as it is. */
  static Lettering plain(String text) {
    return new Lettering(text.isEmpty() ? List.of() : List.of(new Run(text, false, false)));
  }

  /**
   * A symbol as it is written in code: {@code W_z}, {@code gamma_1}, {@code c'}. Greek letters may
   * be spelled out; what stands behind underscores is the index.
   */
  static Lettering symbol(String name) {
    List<Run> runs = new ArrayList<>();
    int primes = name.length() - name.replaceAll("['′]+$", "").length();
    String core = name.substring(0, name.length() - primes);
    int cut = core.indexOf('_', 1);
    String base = Letters.unicode(cut < 0 ? core : core.substring(0, cut));
    runs.add(new Run(base, isLetter(base), false));
    if (cut > 0) {
      runs.add(index(List.of(core.substring(cut + 1).split("_"))));
    }
    if (primes > 0) {
      runs.add(new Run("′".repeat(primes), false, false));
    }
    return new Lettering(runs);
  }

  /** This letter with indices. */
  Lettering withIndex(List<String> names) {
    List<Run> all = new ArrayList<>(runs);
    if (!names.isEmpty()) {
      all.add(1, index(names));
    }
    return new Lettering(all);
  }

  /** This text with a number at its first letter. */
  Lettering numbered(int number) {
    List<Run> all = new ArrayList<>(runs);
    all.add(1, index(List.of(String.valueOf(number))));
    return new Lettering(all);
  }

  private static Run index(List<String> names) {
    List<String> letters = names.stream().map(Letters::unicode).toList();
    boolean italic = letters.stream().allMatch(Lettering::isLetter);
    return new Run(String.join(",", letters), italic, true);
  }

  /** This text and another behind it. */
  Lettering then(Lettering other) {
    List<Run> all = new ArrayList<>(runs);
    all.addAll(other.runs);
    return new Lettering(all);
  }

  /** This text and an upright one behind it. */
  Lettering then(String text) {
    return text.isEmpty() ? this : then(plain(text));
  }

  /** Whether a text is a single letter, with or without accents. */
  private static boolean isLetter(String text) {
    return text.codePoints().filter(c -> Character.getType(c) != Character.NON_SPACING_MARK).count()
        == 1;
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /** The text without its form. */
  String text() {
    StringBuilder text = new StringBuilder();
    runs.forEach(run -> text.append(run.text));
    return text.toString();
  }

  /** The text as it is typed: indices stand behind underscores. */
  String typed() {
    StringBuilder text = new StringBuilder();
    runs.forEach(run -> text.append(run.index ? "_" : "").append(run.text));
    return text.toString();
  }

  /** The width, in the units of the size, that no common font exceeds. */
  double width(double size) {
    return runs.stream().mapToDouble(r -> em(r.text) * (r.index ? INDEX : 1) * size).sum();
  }

  /** The height from the highest letter to the lowest index. */
  static double height(double size) {
    return 1.25 * size;
  }

  /** How far the middle of the letters is above the line they stand on. */
  static double middle(double size) {
    return 0.33 * size;
  }

  private static double em(String text) {
    return text.codePoints().mapToDouble(Lettering::em).sum();
  }

  private static double em(int point) {
    if (Character.getType(point) == Character.NON_SPACING_MARK) {
      return 0;
    }
    return WIDTHS.entrySet().stream()
        .filter(entry -> entry.getValue().indexOf(point) >= 0)
        .mapToDouble(Map.Entry::getKey)
        .findFirst()
        .orElse(OTHERS);
  }

  /** Writes the content of a text element. */
  void write(Svg.Content content, double size) {
    double low = 0;
    for (Run run : runs) {
      double drop = run.index ? DROP * size : 0;
      if (!run.italic && !run.index && drop == low) {
        content.characters(run.text);
      } else {
        content.span(
            run.text, run.italic, run.index ? Math.round(INDEX * size * 10) / 10.0 : 0, drop - low);
      }
      low = drop;
    }
  }
}
