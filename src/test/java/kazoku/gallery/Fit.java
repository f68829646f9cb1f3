package kazoku.gallery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Formulas of numbers that depend on sizes, by exact interpolation: which powers of each size there
 * are, which sizes meet in a product, then the coefficients, from more samples than there are
 * unknowns. A formula that one of the further samples contradicts is refused.
 */
final class Fit {
  private static final List<Integer> POWERS = List.of(-2, -1, 0, 1, 2);
  private static final int FURTHER_SAMPLES = 6;
  private static final int PROBES = 20;
  private static final int MOST_SAMPLES = 3000;

  private final List<String> letters;
  private final List<int[]> pools;
  private final Function<int[], Optional<Map<String, Long>>> measure;
  private final Map<List<Integer>, Optional<Map<String, Long>>> measured = new HashMap<>();

  /** Places from which one size, or two, are varied. */
  private final List<int[]> bases;

  private final List<int[]> samples;

  /**
   * Prepares a fit.
   *
   * @param letters names of the sizes
   * @param pools values that each size may take
   * @param measure numbers by name, for values of all sizes; nothing where these cannot be
   */
  Fit(
      List<String> letters,
      List<int[]> pools,
      Function<int[], Optional<Map<String, Long>>> measure) {
    this.letters = letters;
    this.pools = pools;
    this.measure = measure;
    this.bases =
        IntStream.of(0, 1)
            .mapToObj(k -> pools.stream().mapToInt(pool -> pool[k]).toArray())
            .toList();
    this.samples = samples(pools);
  }

  /** Values of all sizes, in an order that is the same each time. */
  private static List<int[]> samples(List<int[]> pools) {
    Random random = new Random(1);
    Set<List<Integer>> all = new LinkedHashSet<>();
    for (int n = 0; n < MOST_SAMPLES; n++) {
      all.add(pools.stream().map(pool -> pool[random.nextInt(pool.length)]).toList());
    }
    return all.stream()
        .map(values -> values.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  /**
   * The formulas of all numbers that there are whatever the sizes.
   *
   * @return formulas by name
   * @throws Irregular if a number is not of this form
   */
  Map<String, Polynomial> all() throws Irregular {
    Map<String, Polynomial> all = new LinkedHashMap<>();
    Map<List<Long>, Polynomial> known = new HashMap<>();
    for (String name : always()) {
      List<Long> probe = probe(name);
      if (!known.containsKey(probe)) {
        known.put(probe, formula(name));
      }
      all.put(name, known.get(probe));
    }
    return all;
  }

  /** Values by which formulas are told apart: many numbers are equal, the widths of weights. */
  private List<Long> probe(String name) {
    List<int[]> places = new ArrayList<>(samples.subList(0, Math.min(PROBES, samples.size())));
    for (int letter = 0; letter < letters.size(); letter++) {
      for (int value : pools.get(letter)) {
        places.add(moved(bases.get(0), letter, value));
      }
    }
    return places.stream()
        .map(this::at)
        .flatMap(Optional::stream)
        .map(all -> all.get(name))
        .toList();
  }

  private Polynomial formula(String name) throws Irregular {
    List<Set<Integer>> powers = new ArrayList<>();
    for (int letter = 0; letter < letters.size(); letter++) {
      powers.add(powers(name, letter));
    }
    List<List<Integer>> basis = new ArrayList<>();
    extend(new int[letters.size()], 0, powers, meetings(name), basis);
    return solved(name, basis);
  }

  private Set<String> always() {
    Set<String> names = new LinkedHashSet<>(at(bases.get(0)).orElseThrow().keySet());
    for (int letter = 0; letter < letters.size(); letter++) {
      for (int value : pools.get(letter)) {
        at(moved(bases.get(0), letter, value)).ifPresent(all -> names.retainAll(all.keySet()));
      }
    }
    return names;
  }

  /** A number that is no polynomial of the sizes, and by which size this was seen. */
  static final class Irregular extends Exception {
    private static final long serialVersionUID = 1L;
    private final int letter;

    Irregular(String what, int letter) {
      super(what);
      this.letter = letter;
    }

    /** The index of the size; −1 if it is not known. */
    int letter() {
      return letter;
    }
  }

  private Optional<Map<String, Long>> at(int[] values) {
    List<Integer> key = Arrays.stream(values).boxed().toList();
    return measured.computeIfAbsent(key, k -> measure.apply(values));
  }

  private Optional<Long> number(String name, int[] values) {
    return at(values).map(all -> all.get(name));
  }

  private static int[] moved(int[] base, int letter, int value) {
    int[] values = base.clone();
    values[letter] = value;
    return values;
  }

  /** The powers of one size that occur while all others stay as they are at a base. */
  private Set<Integer> powers(String name, int letter) throws Irregular {
    Set<Integer> found = new TreeSet<>();
    boolean enough = false;
    for (int[] base : bases) {
      Equations equations = new Equations(POWERS.size());
      for (int value : pools.get(letter)) {
        Optional<Long> number = number(name, moved(base, letter, value));
        long[] row = POWERS.stream().mapToLong(p -> Residue.pow(value, p)).toArray();
        if (number.isPresent() && !equations.add(row, number.get())) {
          throw new Irregular(name + " by " + letters.get(letter), letter);
        }
      }
      if (equations.missing() == 0 && equations.confirmed() > 0) {
        enough = true;
        List<Fraction> coefficients = equations.solution();
        IntStream.range(0, POWERS.size())
            .filter(k -> !coefficients.get(k).isZero())
            .forEach(k -> found.add(POWERS.get(k)));
      }
    }
    if (!enough) {
      throw new Irregular(name + ": too few values of " + letters.get(letter), letter);
    }
    return found;
  }

  /** Which sizes occur in a product with which. */
  private boolean[][] meetings(String name) {
    boolean[][] meet = new boolean[letters.size()][letters.size()];
    for (int i = 0; i < letters.size(); i++) {
      for (int j = 0; j < i; j++) {
        meet[i][j] = meet(name, i, j);
      }
    }
    return meet;
  }

  private boolean meet(String name, int i, int j) {
    for (int[] base : bases) {
      for (int value : pools.get(i)) {
        for (int other : pools.get(j)) {
          Optional<Long> neither = number(name, base);
          Optional<Long> first = number(name, moved(base, i, value));
          Optional<Long> second = number(name, moved(base, j, other));
          Optional<Long> both = number(name, moved(moved(base, i, value), j, other));
          boolean there =
              Stream.of(neither, first, second, both).allMatch(Optional::isPresent)
                  && value != base[i]
                  && other != base[j];
          if (there) {
            if (both.get() + neither.get() != first.get() + second.get()) {
              return true;
            }
            break;
          }
        }
      }
    }
    return false;
  }

  /** All products of powers of sizes each two of which meet. */
  private static void extend(
      int[] exponents,
      int from,
      List<Set<Integer>> powers,
      boolean[][] meet,
      List<List<Integer>> basis) {
    if (from == exponents.length) {
      basis.add(Arrays.stream(exponents).boxed().toList());
      return;
    }
    for (int power : powers.get(from)) {
      exponents[from] = power;
      boolean together =
          IntStream.range(0, from).allMatch(i -> power == 0 || exponents[i] == 0 || meet[from][i]);
      if (together) {
        extend(exponents, from + 1, powers, meet, basis);
      }
    }
    exponents[from] = 0;
  }

  private Polynomial solved(String name, List<List<Integer>> basis) throws Irregular {
    Equations equations = new Equations(basis.size());
    List<int[]> used = new ArrayList<>();
    for (int[] values : samples) {
      Optional<Long> number = number(name, values);
      if (number.isPresent()) {
        used.add(values);
        long[] row = basis.stream().mapToLong(exponents -> monomial(exponents, values)).toArray();
        if (!equations.add(row, number.get())) {
          throw new Irregular(name + ": not a polynomial of " + letters, -1);
        }
        if (equations.missing() == 0 && equations.confirmed() >= FURTHER_SAMPLES) {
          break;
        }
      }
    }
    if (equations.missing() > 0 || equations.confirmed() == 0) {
      throw new Irregular(name + ": too few samples", -1);
    }
    List<Fraction> solution = equations.solution();
    Map<List<Integer>, Fraction> terms = new HashMap<>();
    for (int k = 0; k < basis.size(); k++) {
      terms.put(basis.get(k), solution.get(k));
    }
    Polynomial formula = new Polynomial(letters, terms);
    for (int[] values : used) {
      if (formula.at(sizes(values)) != number(name, values).orElseThrow()) {
        throw new Irregular(name + ": not a polynomial of " + letters, -1);
      }
    }
    return formula;
  }

  private Map<String, Integer> sizes(int[] values) {
    Map<String, Integer> sizes = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      sizes.put(letters.get(i), values[i]);
    }
    return sizes;
  }

  private static long monomial(List<Integer> exponents, int[] values) {
    long product = 1;
    for (int i = 0; i < values.length; i++) {
      product = Residue.times(product, Residue.pow(values[i], exponents.get(i)));
    }
    return product;
  }

  /** Linear equations modulo a prime that come one by one, eliminated as they come. */
  private static final class Equations {
    private final List<long[]> rows = new ArrayList<>();
    private final int unknowns;
    private int confirmed;

    Equations(int unknowns) {
      this.unknowns = unknowns;
    }

    /** Adds an equation; false if it contradicts those before. */
    boolean add(long[] left, long right) {
      long[] row = Arrays.copyOf(left, unknowns + 1);
      row[unknowns] = Residue.of(right);
      rows.forEach(other -> subtract(row, other, row[pivot(other)]));
      int pivot = pivot(row);
      if (pivot == unknowns) {
        confirmed++;
        return row[unknowns] == 0;
      }
      long head = Residue.inverse(row[pivot]);
      Arrays.setAll(row, k -> Residue.times(row[k], head));
      rows.forEach(other -> subtract(other, row, other[pivot]));
      rows.add(row);
      return true;
    }

    private static void subtract(long[] from, long[] row, long factor) {
      if (factor != 0) {
        Arrays.setAll(from, k -> Residue.minus(from[k], Residue.times(row[k], factor)));
      }
    }

    private int pivot(long[] row) {
      return IntStream.range(0, unknowns).filter(k -> row[k] != 0).findFirst().orElse(unknowns);
    }

    int missing() {
      return unknowns - rows.size();
    }

    /** How many equations said nothing new. */
    int confirmed() {
      return confirmed;
    }

    List<Fraction> solution() {
      Fraction[] solution = new Fraction[unknowns];
      rows.forEach(row -> solution[pivot(row)] = Residue.fraction(row[unknowns]));
      return List.of(solution);
    }
  }
}
