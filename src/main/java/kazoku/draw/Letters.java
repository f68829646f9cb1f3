package kazoku.draw;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/** Letters of symbols: Greek ones are spelled in the names of weights, accents combine. */
final class Letters {
  private static final Map<String, String> GREEK = new HashMap<>();

  static {
    String[] names =
        ("alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ"
                + " mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω"
                + " ell ℓ Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω")
            .split(" ");
    for (int k = 0; k < names.length; k += 2) {
      GREEK.put(names[k], names[k + 1]);
    }
  }

  private static final Map<Character, String> ACCENTS =
      Map.of(
          '\u0302', "hat", '\u0303', "tilde", '\u0304', "bar", '\u0305', "bar", '\u0307', "dot",
          '\u0308', "ddot");

  private Letters() {}

  /** A spelled letter as the letter itself; its accents stay. */
  static String unicode(String name) {
    int end = unaccented(name);
    String letter = name.substring(0, end);
    return GREEK.getOrDefault(letter, letter) + name.substring(end);
  }

  /** A letter or word in LaTeX. */
  static String latex(String name) {
    String decomposed = Normalizer.normalize(name, Normalizer.Form.NFD);
    int end = unaccented(decomposed);
    String latex = letter(decomposed.substring(0, end));
    for (int k = end; k < decomposed.length(); k++) {
      latex = "\\" + ACCENTS.get(decomposed.charAt(k)) + "{" + latex + "}";
    }
    return latex;
  }

  private static String letter(String word) {
    String greek = greek(word);
    if (greek != null) {
      return greek;
    }
    if (word.matches("[A-Za-z][0-9]+")) {
      return word.charAt(0) + "_{" + word.substring(1) + "}";
    }
    return word.codePointCount(0, word.length()) == 1
        ? escaped(word)
        : "\\mathit{" + escaped(word) + "}";
  }

  /** A subscript in LaTeX: words upright, letters side by side as they are. */
  static String latexSubscript(String name) {
    String greek = greek(name);
    if (greek != null) {
      return greek;
    }
    return name.length() <= 2 ? escaped(name) : "\\mathrm{" + escaped(name) + "}";
  }

  private static String greek(String word) {
    return GREEK.entrySet().stream()
        .filter(letter -> word.equals(letter.getKey()) || word.equals(letter.getValue()))
        .map(letter -> "\\" + letter.getKey())
        .findFirst()
        .orElse(null);
  }

  /** Text that has no meaning of its own in LaTeX. */
  static String escaped(String text) {
    return text.replaceAll("[\\\\^~]", "")
        .replaceAll("([&%$#_{}])", "\\\\$1")
        .replace(" ", "\\ ")
        .replace("·", "\\cdot ");
  }

  /** Where the accents of a name begin. */
  private static int unaccented(String name) {
    int end = name.length();
    while (end > 1 && ACCENTS.containsKey(name.charAt(end - 1))) {
      end--;
    }
    return end;
  }
}
