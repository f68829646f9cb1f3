package kazoku.gallery;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Cell;

/**
 * A kind of cell by its sizes: an example, made by the shortest constructor, and formulas for what
 * depends on sizes. Their letters are those of the class comment.
 */
final class Sizes {
  private static final Pattern LETTER =
      Pattern.compile("^(\\p{Lu}{1,2}|[a-z](?:_[a-z])?)(?=[,; ]|$)");
  private static final String INPUT = "inputSize";
  private static final String HIDDEN = "hiddenSize";
  private static final String SLICE = "featureSize";
  private static final String SKIP = "frequencySkip";

  /** What an example has. */
  private static final Map<String, Object> USUAL =
      Map.ofEntries(
          Map.entry(INPUT, 12),
          Map.entry(HIDDEN, 64),
          Map.entry(SLICE, 6),
          Map.entry(SKIP, 6),
          Map.entry("groups", 4),
          Map.entry("chunkSize", 4),
          Map.entry("numProj", 32),
          Map.entry("memorySize", 32),
          Map.entry("wordSize", 16),
          Map.entry("readHeads", 1),
          Map.entry("writeHeads", 1),
          Map.entry("memoryDimension", 1),
          Map.entry("order", 8),
          Map.entry("theta", 20.0),
          Map.entry("spatialShape", List.of(16, 16)),
          Map.entry("kernelShape", List.of(3, 3)));

  /** Cells that are something larger where the input is not as wide as the state. */
  private static final List<String> SQUARE = List.of("SelectiveSSMCell");

  /** Widths of states and of inputs are never equal, and blocks of all numbers fit into them. */
  private static final int[] WIDTHS = {24, 48, 72, 96, 120, 144, 168};

  private static final int[] INPUT_WIDTHS = {192, 216, 240, 264, 288, 312, 336};
  private static final int[] COUNTS = {2, 1, 3, 4, 6, 8};

  /**
   * A size that is varied.
   *
   * @param letter its letter
   * @param component the component of the record
   * @param element which element of it, if it is a list; −1 for a number
   * @param pool values that it takes, the first of them where others are varied
   * @param usual its value in the example
   */
  private record Size(String letter, String component, int element, int[] pool, int usual) {}

  private final Class<? extends Cell> type;
  private final Comment comment;
  private final Constructor<?> shortest;
  private final boolean square;
  private final Cell example;
  private final List<Size> sizes = new ArrayList<>();
  private final Map<String, Polynomial> formulas;

  Sizes(Class<? extends Cell> type, Comment comment) {
    this.type = type;
    this.comment = comment;
    this.shortest =
        Arrays.stream(type.getConstructors())
            .min(Comparator.comparing(Constructor::getParameterCount))
            .orElseThrow();
    this.square = SQUARE.contains(type.getSimpleName()) || made(USUAL).isEmpty();
    this.example = made(exampleValues()).orElseThrow();
    findSizes();
    this.formulas = fitted();
  }

  /** The example. */
  Cell example() {
    return example;
  }

  /** Java that makes the example. */
  String code() {
    String arguments =
        Arrays.stream(shortest.getParameters())
            .map(parameter -> literal(exampleValues().get(parameter.getName())))
            .collect(Collectors.joining(", "));
    return "new " + type.getSimpleName() + "(" + arguments + ")";
  }

  private static String literal(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(Object::toString).collect(Collectors.joining(", ", "List.of(", ")"))
        : value.toString();
  }

  /** The formula of a number of {@link Cost}. */
  Polynomial formula(String name) {
    return formulas.get(name);
  }

  /** The numbers whose names begin so, by the rest of their names, zeros left out. */
  Map<String, Polynomial> formulas(String prefix) {
    Map<String, Polynomial> found = new LinkedHashMap<>();
    formulas.forEach(
        (name, formula) -> {
          if (name.startsWith(prefix) && !formula.isZero()) {
            found.put(name.substring(prefix.length()), formula);
          }
        });
    return found;
  }

  /**
   * The shapes of weights or slots, by name. Those of one name with another number, and of the same
   * shape, stand together: {@code U_1, U_2, U_3}.
   */
  Map<String, List<Polynomial>> shapes(String prefix) {
    Map<String, List<Long>> given = new LinkedHashMap<>();
    Cost.of(example)
        .forEach(
            (name, size) -> {
              if (name.startsWith(prefix)) {
                String what = name.substring(prefix.length(), name.lastIndexOf(' '));
                given.computeIfAbsent(what, w -> new ArrayList<>()).add(size);
              }
            });
    Map<String, List<String>> alike = new LinkedHashMap<>();
    for (String name : given.keySet()) {
      String first =
          alike.keySet().stream()
              .filter(other -> unnumbered(other).equals(unnumbered(name)))
              .filter(other -> given.get(other).equals(given.get(name)))
              .filter(
                  other ->
                      !formulas.containsKey(prefix + name + " 0")
                          || shape(prefix + other).equals(shape(prefix + name)))
              .findFirst()
              .orElse(name);
      alike.computeIfAbsent(first, f -> new ArrayList<>()).add(name);
    }
    Map<String, List<Polynomial>> shapes = new LinkedHashMap<>();
    alike.forEach((first, names) -> shapes.put(joined(names), shape(prefix + first)));
    return shapes;
  }

  private static String unnumbered(String name) {
    return name.replaceAll("\\d+", "#");
  }

  private static String joined(List<String> names) {
    int last = names.size() - 1;
    return last < 4 ? String.join(", ", names) : names.get(0) + ", …, " + names.get(last);
  }

  private List<Polynomial> shape(String name) {
    return IntStream.iterate(0, axis -> axis + 1)
        .mapToObj(axis -> formulas.get(name + " " + axis))
        .takeWhile(Objects::nonNull)
        .toList();
  }

  /** What the letters of the formulas stand for, in HTML. */
  Map<String, String> letters() {
    Map<String, String> letters = new LinkedHashMap<>();
    for (Size size : sizes) {
      if (formulas.values().stream().anyMatch(formula -> formula.dependsOn(size.letter()))) {
        letters.put(size.letter(), meaning(size));
      }
    }
    return letters;
  }

  private String meaning(Size size) {
    if (size.component().equals(SKIP)) {
      return "positions of a slice, ⌊(I − F)/S⌋ + 1";
    }
    if (size.element() >= 0) {
      return size.letter().startsWith("S") ? "size of the image" : "size of the kernel";
    }
    String text = comment.parameters().get(size.component());
    return text.substring(size.letter().length()).replaceFirst("^[,;]? ?(at least 1(;|$))? ?", "");
  }

  /** Values of the letters in the example, but for the widths of input and state. */
  Map<String, Integer> valuesWith(int width) {
    return sizes.stream()
        .collect(
            Collectors.toMap(
                Size::letter,
                size -> List.of(INPUT, HIDDEN).contains(size.component()) ? width : size.usual()));
  }

  /** The letters of the widths of input and state. */
  List<String> widths() {
    return sizes.stream()
        .filter(size -> List.of(INPUT, HIDDEN).contains(size.component()))
        .map(Size::letter)
        .toList();
  }

  private Map<String, Object> exampleValues() {
    Map<String, Object> values = new HashMap<>(USUAL);
    if (square) {
      values.put(INPUT, values.get(HIDDEN));
    }
    return values;
  }

  private void findSizes() {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      Matcher letter = LETTER.matcher(comment.parameters().get(name));
      if (name.equals(INPUT) && (square || has(SKIP))) {
        continue;
      }
      if (name.equals(SKIP)) {
        sizes.add(new Size("N", name, -1, COUNTS, COUNTS[0]));
      } else if (USUAL.get(name) instanceof List<?> axes) {
        String axis = name.startsWith("spatial") ? "S_" : "k_";
        for (int k = 0; k < axes.size(); k++) {
          int usual = (Integer) axes.get(k);
          sizes.add(new Size(axis + (k + 1), name, k, pool(usual), usual));
        }
      } else if (component.getType() == int.class && letter.find() && value(component) > 0) {
        int usual = value(component);
        int[] pool = name.equals(INPUT) ? INPUT_WIDTHS : name.equals(HIDDEN) ? WIDTHS : pool(usual);
        sizes.add(new Size(letter.group(1), name, -1, pool, usual));
      }
    }
  }

  private static int[] pool(int usual) {
    IntStream larger = usual > 16 ? IntStream.of(usual, usual / 2) : IntStream.of(usual);
    return IntStream.concat(larger, IntStream.of(COUNTS)).distinct().toArray();
  }

  private boolean has(String component) {
    return Stream.of(type.getRecordComponents()).anyMatch(c -> c.getName().equals(component));
  }

  private int value(RecordComponent component) {
    return (Integer) get(component, example);
  }

  private static Object get(RecordComponent component, Cell cell) {
    try {
      return component.getAccessor().invoke(cell);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Formulas in as many of the sizes as they are polynomials of. */
  private Map<String, Polynomial> fitted() {
    while (true) {
      try {
        return new Fit(
                sizes.stream().map(Size::letter).toList(),
                sizes.stream().map(Size::pool).toList(),
                values -> at(values).map(Cost::of))
            .all();
      } catch (Fit.Irregular e) {
        if (e.letter() < 0) {
          throw new IllegalStateException(type.getSimpleName() + ": " + e.getMessage(), e);
        }
        sizes.remove(e.letter());
      }
    }
  }

  private Optional<Cell> at(int[] values) {
    Map<String, Object> byName = exampleValues();
    for (int k = 0; k < values.length; k++) {
      Size size = sizes.get(k);
      if (size.element() < 0) {
        byName.put(size.component(), values[k]);
      } else {
        List<Object> axes = new ArrayList<>((List<?>) byName.get(size.component()));
        axes.set(size.element(), values[k]);
        byName.put(size.component(), axes);
      }
    }
    if (has(SKIP)) {
      int positions = (Integer) byName.put(SKIP, 1);
      byName.put(INPUT, (Integer) byName.get(SLICE) + positions - 1);
    }
    if (square) {
      byName.put(INPUT, byName.get(HIDDEN));
    }
    return made(byName);
  }

  /** A cell by the shortest constructor, then with the sizes that this does not ask for. */
  private Optional<Cell> made(Map<String, Object> values) {
    List<String> asked = Stream.of(shortest.getParameters()).map(Parameter::getName).toList();
    Set<String> more = sizes.stream().map(Size::component).collect(Collectors.toSet());
    more.removeAll(asked);
    Optional<Cell> cell = call(shortest, asked.stream().map(values::get));
    return more.isEmpty()
        ? cell
        : cell.flatMap(made -> call(canonical(), with(made, more, values)));
  }

  private Constructor<?> canonical() {
    Class<?>[] types =
        Stream.of(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getConstructor(types);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private Stream<Object> with(Cell cell, Set<String> others, Map<String, Object> values) {
    return Stream.of(type.getRecordComponents())
        .map(c -> others.contains(c.getName()) ? values.get(c.getName()) : get(c, cell));
  }

  private Optional<Cell> call(Constructor<?> constructor, Stream<Object> arguments) {
    try {
      return Optional.of(type.cast(constructor.newInstance(arguments.toArray())));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException) {
        return Optional.empty();
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
