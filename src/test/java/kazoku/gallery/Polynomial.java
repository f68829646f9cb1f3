package kazoku.gallery;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A polynomial in named sizes, which may also divide: {@code 4H(I + H + 1)}, {@code 4H²/NH}.
 *
 * @param letters the names of the sizes
 * @param terms coefficients, none of them 0, by the exponents of the letters; from the highest
 *     degree to the lowest
 */
record Polynomial(List<String> letters, Map<List<Integer>, Fraction> terms) {

  Polynomial {
    Map<List<Integer>, Fraction> sorted = new LinkedHashMap<>();
    terms.entrySet().stream()
        .filter(term -> !term.getValue().isZero())
        .sorted(Map.Entry.comparingByKey(Polynomial::compare))
        .forEach(term -> sorted.put(term.getKey(), term.getValue()));
    terms = sorted;
  }

  /** How a formula is written. */
  interface Script {
    /** The name of a size. */
    String letter(String name);

    /** A whole number above the line. */
    String power(int exponent);
  }

  /** In HTML. */
  static final Script HTML =
      new Script() {
        @Override
        public String letter(String name) {
          int cut = name.indexOf('_');
          return cut < 0
              ? "<var>" + name + "</var>"
              : "<var>"
                  + name.substring(0, cut)
                  + "</var><sub>"
                  + name.substring(cut + 1)
                  + "</sub>";
        }

        @Override
        public String power(int exponent) {
          return "<sup>" + exponent + "</sup>";
        }
      };

  /** In plain text. */
  static final Script TEXT =
      new Script() {
        @Override
        public String letter(String name) {
          return name;
        }

        @Override
        public String power(int exponent) {
          return String.valueOf("⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(exponent));
        }
      };

  private static int compare(List<Integer> a, List<Integer> b) {
    int byDegree = Integer.compare(degree(b), degree(a));
    return byDegree != 0
        ? byDegree
        : IntStream.range(0, a.size())
            .map(i -> Integer.compare(b.get(i), a.get(i)))
            .filter(order -> order != 0)
            .findFirst()
            .orElse(0);
  }

  private static int degree(List<Integer> exponents) {
    return exponents.stream().mapToInt(Integer::intValue).sum();
  }

  boolean isZero() {
    return terms.isEmpty();
  }

  /** Whether the number depends on a size. */
  boolean dependsOn(String letter) {
    int i = letters.indexOf(letter);
    return i >= 0 && terms.keySet().stream().anyMatch(exponents -> exponents.get(i) != 0);
  }

  /** The number for given sizes. */
  long at(Map<String, Integer> sizes) {
    Fraction sum = Fraction.ZERO;
    for (Map.Entry<List<Integer>, Fraction> term : terms.entrySet()) {
      sum = sum.plus(term.getValue().times(monomial(term.getKey(), sizes)));
    }
    if (!sum.under().equals(BigInteger.ONE)) {
      throw new IllegalArgumentException(written(TEXT) + " is no whole number for " + sizes);
    }
    return sum.over().longValueExact();
  }

  private Fraction monomial(List<Integer> exponents, Map<String, Integer> sizes) {
    Fraction product = Fraction.ONE;
    for (int i = 0; i < letters.size(); i++) {
      if (exponents.get(i) != 0) {
        product = product.times(Fraction.of(sizes.get(letters.get(i))).pow(exponents.get(i)));
      }
    }
    return product;
  }

  /** The formula, with what all terms have in common before a bracket if nothing is divided. */
  String written(Script script) {
    boolean divides =
        terms.keySet().stream().anyMatch(e -> e.stream().anyMatch(k -> k < 0))
            || terms.values().stream().anyMatch(c -> !c.under().equals(BigInteger.ONE));
    return divides || terms.size() < 2 ? expanded(script) : factored(script);
  }

  /** The formula as a sum. */
  String expanded(Script script) {
    return terms.isEmpty()
        ? "0"
        : sum(Collections.nCopies(letters.size(), 0), Fraction.ONE, script);
  }

  private String factored(Script script) {
    List<Integer> common =
        IntStream.range(0, letters.size())
            .mapToObj(
                i -> Math.max(0, terms.keySet().stream().mapToInt(e -> e.get(i)).min().orElse(0)))
            .toList();
    BigInteger number =
        terms.values().stream().map(Fraction::over).reduce(BigInteger::gcd).orElseThrow();
    Fraction factor = new Fraction(number, BigInteger.ONE);
    String sum = sum(common, factor, script);
    boolean bracket = degree(common) > 0 || !number.equals(BigInteger.ONE);
    return bracket ? term(common, factor, script, false) + between() + "(" + sum + ")" : sum;
  }

  /** The terms, each divided by what stands before the bracket. */
  private String sum(List<Integer> common, Fraction factor, Script script) {
    StringBuilder sum = new StringBuilder();
    terms.forEach(
        (exponents, coefficient) -> {
          List<Integer> rest =
              IntStream.range(0, common.size())
                  .mapToObj(i -> exponents.get(i) - common.get(i))
                  .toList();
          Fraction c = coefficient.dividedBy(factor);
          boolean negative = c.over().signum() < 0;
          sum.append(sum.length() > 0 ? negative ? " − " : " + " : negative ? "−" : "");
          sum.append(term(rest, c, script, true));
        });
    return sum.toString();
  }

  private String term(List<Integer> exponents, Fraction coefficient, Script script, boolean alone) {
    List<String> over = new ArrayList<>();
    List<String> under = new ArrayList<>();
    BigInteger number = coefficient.over().abs();
    for (int i = 0; i < letters.size(); i++) {
      int e = exponents.get(i);
      if (e != 0) {
        String power = Math.abs(e) == 1 ? "" : script.power(Math.abs(e));
        (e > 0 ? over : under).add(script.letter(letters.get(i)) + power);
      }
    }
    if (!coefficient.under().equals(BigInteger.ONE)) {
      under.add(0, coefficient.under().toString());
    }
    String between = between();
    String first = number.equals(BigInteger.ONE) && (!over.isEmpty() || !alone) ? "" : number + "";
    String product = first + (first.isEmpty() || over.isEmpty() ? "" : between);
    product += String.join(between, over);
    if (under.isEmpty()) {
      return product;
    }
    String divisor = String.join(between, under);
    return product + "/" + (under.size() > 1 ? "(" + divisor + ")" : divisor);
  }

  /** Letters of several characters would run into each other. */
  private String between() {
    return letters.stream().anyMatch(l -> l.indexOf('_') < 0 && l.length() > 1) ? "·" : "";
  }
}
