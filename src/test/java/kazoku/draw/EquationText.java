package kazoku.draw;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An equation that was read from text, {@code h' = z⊙h + (1−z)⊙n}, and can be compared with
 * another: blanks, needless parentheses, and the order of what may change places do not count.
 */
record EquationText(Node left, Node right) {

  /** A part of an equation. Numbers have no inputs; what an operation is, its name says. */
  record Node(String name, double value, List<Node> inputs) {

    static Node number(double value) {
      return new Node("number", value, List.of());
    }

    static Node symbol(String name) {
      return new Node(name, 0, List.of());
    }

    static Node of(String operation, Node... inputs) {
      return new Node("$" + operation, 0, List.of(inputs));
    }

    boolean is(String operation) {
      return name.equals("$" + operation);
    }

    boolean isNumber() {
      return name.equals("number");
    }

    boolean isSymbol() {
      return !name.startsWith("$") && !isNumber();
    }

    Stream<Node> all() {
      return Stream.concat(Stream.of(this), inputs.stream().flatMap(Node::all));
    }
  }

  /** Reads an equation. */
  static EquationText of(String text) {
    Parser parser = new Parser(text);
    Node left = parser.choice();
    parser.expect("=");
    Node right = parser.choice();
    parser.end();
    return new EquationText(left, right);
  }

  /** The symbols on the left. */
  List<String> defined() {
    return left.all().filter(Node::isSymbol).map(Node::name).toList();
  }

  Stream<String> symbolsOnTheRight() {
    return right.all().filter(Node::isSymbol).map(Node::name);
  }

  /** With other nodes in the place of symbols, and of functions, on the right. */
  EquationText with(Map<String, Node> values, Map<String, String> functions) {
    return new EquationText(left, substituted(right, values, functions, false));
  }

  private static Node substituted(
      Node node, Map<String, Node> values, Map<String, String> functions, boolean sizes) {
    if (node.isSymbol()) {
      boolean replaced = values.containsKey(node.name) && (sizes || !node.name.equals("I"));
      return replaced ? values.get(node.name) : node;
    }
    boolean split = node.is("call split");
    List<Node> inputs = new ArrayList<>();
    for (int k = 0; k < node.inputs.size(); k++) {
      inputs.add(substituted(node.inputs.get(k), values, functions, sizes || split && k > 0));
    }
    if (node.name.startsWith("$call ")) {
      String function = node.name.substring(6);
      String other = functions.getOrDefault(function, function);
      return other.isEmpty() ? inputs.get(0) : new Node("$call " + other, 0, inputs);
    }
    return new Node(place(node.name, values), node.value, inputs);
  }

  /** The sizes in a place, {@code at 1:k}. */
  private static String place(String name, Map<String, Node> values) {
    return name.startsWith("$at ")
        ? Pattern.compile("\\p{L}+")
            .matcher(name.substring(4))
            .replaceAll(
                m ->
                    String.valueOf(
                        values.containsKey(m.group())
                            ? (int) values.get(m.group()).value
                            : m.group()))
            .transform(place -> "$at " + place)
        : name;
  }

  /** Without the terms of sums in which there is a symbol that is not known. */
  EquationText without(Predicate<String> known) {
    return new EquationText(left, kept(right, known));
  }

  private static Node kept(Node node, Predicate<String> known) {
    List<Node> inputs = node.inputs.stream().map(input -> kept(input, known)).toList();
    if (node.is("+")) {
      List<Node> terms =
          inputs.stream()
              .filter(term -> term.all().filter(Node::isSymbol).allMatch(s -> known.test(s.name)))
              .toList();
      return terms.isEmpty() ? node : new Node(node.name, 0, terms);
    }
    return new Node(node.name, node.value, inputs);
  }

  /** What is equal for equal equations. */
  String normal() {
    return Normal.of(left).text() + " = " + Normal.of(right).text();
  }

  @Override
  public String toString() {
    return normal();
  }

  /** A number times a product of some values divided by others. */
  private record Normal(double factor, List<String> above, List<String> below) {

    static Normal of(Node node) {
      if (node.isNumber()) {
        return new Normal(node.value, List.of(), List.of());
      }
      if (node.isSymbol()) {
        return atom(node.name);
      }
      List<Normal> inputs = node.inputs.stream().map(Normal::of).toList();
      Normal first = inputs.get(0);
      return switch (node.name.substring(1)) {
        case "+" -> sum(node);
        case "negative" -> first.times(new Normal(-1, List.of(), List.of()));
        case "⊙" -> first.times(inputs.get(1));
        case "/" -> first.over(inputs.get(1));
        case "·" -> first.dot(inputs.get(1));
        case "root" ->
            first.isNumber()
                ? new Normal(Math.sqrt(first.factor), List.of(), List.of())
                : atom("√" + first.text());
        case "^" -> atom(first.text() + "^" + inputs.get(1).text());
        default -> atom(node.name.substring(1) + inputs.stream().map(Normal::text).toList());
      };
    }

    private static Normal atom(String text) {
      return new Normal(1, List.of(text), List.of());
    }

    private static Normal sum(Node node) {
      double number = 0;
      List<String> terms = new ArrayList<>();
      Normal last = null;
      for (Node term : flat(node).toList()) {
        Normal normal = of(term);
        if (normal.isNumber()) {
          number += normal.factor;
        } else if (normal.factor != 0) {
          terms.add(normal.text());
          last = normal;
        }
      }
      if (terms.size() == 1 && number == 0) {
        return last;
      }
      if (terms.isEmpty()) {
        return new Normal(number, List.of(), List.of());
      }
      if (number != 0) {
        terms.add(digits(number));
      }
      return atom("(" + String.join(" + ", terms.stream().sorted().toList()) + ")");
    }

    private static Stream<Node> flat(Node node) {
      return node.is("+") ? node.inputs.stream().flatMap(Normal::flat) : Stream.of(node);
    }

    private boolean isNumber() {
      return above.isEmpty() && below.isEmpty();
    }

    private Normal times(Normal other) {
      return new Normal(
          factor * other.factor, joined(above, other.above), joined(below, other.below));
    }

    private Normal over(Normal other) {
      return new Normal(
          factor / other.factor, joined(above, other.below), joined(below, other.above));
    }

    /** A product of matrices: its order stays. */
    private Normal dot(Normal other) {
      if (isNumber() || other.isNumber()) {
        return times(other);
      }
      String product = chain() + "·" + other.chain();
      return new Normal(factor * other.factor, List.of("⟨" + product + "⟩"), List.of());
    }

    private String chain() {
      String text = new Normal(1, above, below).text();
      return text.startsWith("⟨") && text.indexOf('⟩') == text.length() - 1
          ? text.substring(1, text.length() - 1)
          : text;
    }

    private static List<String> joined(List<String> some, List<String> others) {
      return Stream.concat(some.stream(), others.stream()).sorted().toList();
    }

    String text() {
      if (isNumber()) {
        return digits(factor);
      }
      String product = String.join("⊙", above);
      String quotient = below.isEmpty() ? product : product + "/" + String.join("/", below);
      boolean single = above.size() == 1 && below.isEmpty();
      String atom = single ? quotient : "{" + quotient + "}";
      return factor == 1 ? atom : digits(factor) + "*" + atom;
    }

    private static String digits(double number) {
      BigDecimal rounded = new BigDecimal(number).round(new MathContext(4));
      return rounded.stripTrailingZeros().toString();
    }
  }

  private static final class Parser {
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?(e[−-]?\\d+)?");
    private static final Pattern NAME =
        Pattern.compile(
            "(ln σ|[\\p{L}&&[^ᵀ]][[\\p{L}&&[^ᵀ]]\\p{M}\\p{N}]*(_[[\\p{L}&&[^ᵀ]]\\p{M}\\p{N}]+)*|\\u00b7(?=[,\\]]))'?");

    private final String text;
    private int at;

    Parser(String text) {
      this.text = Normalizer.normalize(text.strip(), Normalizer.Form.NFC);
    }

    Node choice() {
      Node yes = sum();
      if (!take(" where ")) {
        return yes;
      }
      Node left = sum();
      String relation = Stream.of("=", "<", ">", "≥").filter(this::take).findFirst().orElse("");
      Node right = relation.isEmpty() ? left : sum();
      expect(",");
      expect("else ");
      return relation.equals(">")
          ? Node.of("where <", yes, right, left, choice())
          : Node.of("where " + relation, yes, left, right, choice());
    }

    private Node sum() {
      List<Node> terms = new ArrayList<>();
      terms.add(take("−") ? Node.of("negative", product()) : product());
      while (true) {
        if (take("+")) {
          terms.add(product());
        } else if (take("−")) {
          terms.add(Node.of("negative", product()));
        } else {
          return terms.size() == 1 ? terms.get(0) : Node.of("+", terms.toArray(Node[]::new));
        }
      }
    }

    private Node product() {
      Node product = power();
      while (true) {
        String operator = Stream.of("·", "⊙", "∗", "/").filter(this::take).findFirst().orElse("");
        if (!operator.isEmpty()) {
          product = Node.of(operator, product, power());
        } else if (product.isNumber() && NAME.matcher(text).region(at, text.length()).lookingAt()) {
          product = Node.of("⊙", product, power());
        } else {
          return product;
        }
      }
    }

    private Node power() {
      Node base = marked();
      return take("^")
          ? base.isSymbol() && base.name().equals("e")
              ? Node.of("call exp", exponent())
              : Node.of("^", base, exponent())
          : base;
    }

    private Node exponent() {
      return take("−") ? Node.of("negative", marked()) : marked();
    }

    private Node marked() {
      Node base = atom();
      while (true) {
        if (take("²")) {
          base = Node.of("^", base, Node.number(2));
        } else if (take("ᵀ")) {
          base = Node.of("transposed", base);
        } else if (take("⁻¹")) {
          base = Node.of("inverse", base);
        } else if (at < text.length() && text.charAt(at) == '[') {
          int end = text.indexOf(']', at);
          base = Node.of("at " + text.substring(at + 1, end).replace(" ", ""), base);
          at = end + 1;
        } else {
          return base;
        }
      }
    }

    private Node atom() {
      if (take("(")) {
        Node inner = choice();
        expect(")");
        return inner;
      }
      if (take("|")) {
        Node inner = sum();
        expect("|");
        return Node.of("size", inner);
      }
      if (take("‖")) {
        Node inner = sum();
        expect("‖");
        return Node.of("norm", inner);
      }
      if (take("[")) {
        return row();
      }
      if (take("√")) {
        return Node.of("root", atom());
      }
      skip();
      Matcher number = NUMBER.matcher(text).region(at, text.length());
      if (number.lookingAt()) {
        at = number.end();
        return Node.number(Double.parseDouble(number.group().replace('−', '-')));
      }
      Matcher name = NAME.matcher(text).region(at, text.length());
      if (!name.lookingAt()) {
        throw new IllegalArgumentException(text + ": cannot be read at " + at);
      }
      at = name.end();
      return at < text.length() && text.charAt(at) == '('
          ? call(name.group())
          : Node.symbol(name.group());
    }

    private Node call(String function) {
      expect("(");
      List<Node> inputs = new ArrayList<>();
      do {
        inputs.add(choice());
      } while (take(",") || take(";"));
      expect(")");
      return new Node("$call " + function, 0, inputs);
    }

    private Node row() {
      List<Node> values = new ArrayList<>();
      String kind = "row";
      do {
        values.add(choice());
        kind = text.charAt(at) == ';' ? "rows" : kind;
      } while (take(",") || take(";"));
      expect("]");
      return new Node("$" + kind, 0, values);
    }

    private void skip() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
    }

    private boolean take(String token) {
      int before = at;
      if (!token.startsWith(" ")) {
        skip();
      }
      if (text.startsWith(token, at)) {
        at += token.length();
        return true;
      }
      at = before;
      return false;
    }

    void expect(String token) {
      if (!take(token)) {
        throw new IllegalArgumentException(text + ": needs " + token + " at " + at);
      }
    }

    void end() {
      skip();
      if (at < text.length()) {
        throw new IllegalArgumentException(text + ": cannot be read at " + at);
      }
    }
  }
}
