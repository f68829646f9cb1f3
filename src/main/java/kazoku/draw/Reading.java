package kazoku.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.draw.Formula.Call;
import kazoku.draw.Formula.Operator;
import kazoku.draw.Formula.Symbol;
import kazoku.internal.Axes;
import kazoku.internal.Convolution;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/** Reads expressions as formulas. */
final class Reading {
  private static final Set<Primitive> OF_AN_AXIS =
      Set.of(Axes.SUM, Axes.MEAN, Axes.MAX, Axes.ARG_MAX, Axes.SOFTMAX);

  /** Given numbers of more elements than these are not printed. */
  private static final int FEW = 8;

  private final Function<Expr, Symbol> symbols;

  /**
   * A reading.
   *
   * @param symbols gives the symbol of what has one, and null for other expressions
   */
  Reading(Function<Expr, Symbol> symbols) {
    this.symbols = symbols;
  }

  /** What stands for an expression within another: its symbol, if it has one. */
  Formula of(Expr expr) {
    Symbol symbol = symbols.apply(expr);
    return symbol == null ? body(expr) : symbol;
  }

  /** What an expression is made of. */
  Formula body(Expr expr) {
    Primitive primitive = expr.primitive();
    if (expr.inputs().isEmpty()) {
      return given(expr);
    }
    Expr first = expr.inputs().get(0);
    if (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS) {
      return sum(expr);
    }
    if (primitive == Vocabulary.NEGATE) {
      return Formula.scaled(-1, of(first));
    }
    if (primitive == Vocabulary.TIMES) {
      return Formula.times(operator(expr.inputs()), of(first), second(expr));
    }
    if (primitive == Vocabulary.DIVIDE) {
      return Formula.over(of(first), second(expr));
    }
    if (primitive == Vocabulary.DOT || primitive == Vocabulary.MATMUL) {
      return Formula.times(Operator.DOT, of(first), second(expr));
    }
    if (primitive instanceof Convolution) {
      return Formula.times(Operator.CONVOLUTION, of(first), of(kernel(expr.inputs().get(1))));
    }
    if (primitive == Vocabulary.EXP) {
      return new Formula.Exponential(of(first));
    }
    if (primitive == Vocabulary.POW) {
      return new Formula.Power(of(first), second(expr));
    }
    if (primitive == Vocabulary.SQUARE) {
      return new Formula.Power(of(first), new Formula.Number(2));
    }
    if (primitive == Vocabulary.SQRT) {
      return new Formula.Root(of(first));
    }
    if (primitive == Vocabulary.RSQRT) {
      return new Formula.Fraction(new Formula.Number(1), new Formula.Root(of(first)));
    }
    if (primitive == Vocabulary.ABS) {
      return new Formula.Absolute(of(first));
    }
    if (primitive == Vocabulary.FLOOR) {
      return new Formula.Floor(of(first));
    }
    if (primitive == Vocabulary.WHERE) {
      return new Formula.Choice(second(expr), of(first), of(expr.inputs().get(2)));
    }
    if (primitive.logical() && expr.inputs().size() == 2) {
      return relation(primitive.glyph(), expr.inputs());
    }
    if (primitive instanceof Vocabulary.Clip clip) {
      return Call.of(
          "clip", of(first), new Formula.Number(clip.low()), new Formula.Number(clip.high()));
    }
    if (OF_AN_AXIS.contains(primitive)) {
      return Call.of(primitive.glyph(), alongAxis(first));
    }
    if (primitive instanceof Axes.Concat concat) {
      return new Formula.Row(beside(expr, concat.axis()).toList(), concat.axis() != -1);
    }
    if (primitive instanceof Axes.Part part) {
      return block(expr, part);
    }
    if (primitive == Axes.TRANSPOSE) {
      return new Formula.Transposed(of(first));
    }
    if (primitive == Vocabulary.INVERSE) {
      return new Formula.Inverse(of(first));
    }
    if (primitive instanceof Axes.Reshape) {
      return reshaped(first, expr.shape());
    }
    if (primitive instanceof Known known) {
      return known.spelled() == null ? known(known, Known.read(expr)) : body(known.spelled());
    }
    return new Call(
        primitive.glyph(), "", expr.inputs().stream().map(this::of).toList(), List.of());
  }

  private Formula second(Expr expr) {
    return of(expr.inputs().get(1));
  }

  private static Formula given(Expr expr) {
    Primitive primitive = expr.primitive();
    if (primitive instanceof Vocabulary.Constant constant) {
      return new Formula.Number(constant.value());
    }
    if (primitive instanceof Vocabulary.Numbers numbers) {
      return numbers(numbers.values());
    }
    return Symbol.of(expr.name().orElse(primitive.glyph()));
  }

  private static Formula numbers(double[] values) {
    if (Arrays.stream(values).distinct().count() == 1) {
      return new Formula.Number(values[0]);
    }
    return values.length > FEW
        ? Symbol.of("const")
        : new Formula.Row(Arrays.stream(values).mapToObj(Formula.Number::new).toList(), false);
  }

  /** Values side by side, of which some were put together before. */
  private Stream<Formula> beside(Expr expr, int axis) {
    return expr.inputs().stream()
        .flatMap(
            value ->
                symbols.apply(value) == null
                        && value.primitive() instanceof Axes.Concat concat
                        && concat.axis() == axis
                    ? beside(value, axis)
                    : Stream.of(of(value)));
  }

  // Sums

  private record Term(Expr expr, boolean negative) {

    /** Whether it is a vector of weights. */
    private boolean isBias() {
      boolean plain =
          expr.inputs().isEmpty()
              || expr.primitive() instanceof Axes.Part
              || expr.primitive() instanceof Axes.Concat;
      return plain && expr.level() == Level.WEIGHT && expr.shape().numDimensions() == 1;
    }
  }

  /** The terms in their order, but biases behind the products with weights. */
  private Formula sum(Expr expr) {
    List<Term> terms = new ArrayList<>();
    collect(expr, terms, true);
    for (int k = terms.size() - 1; k >= 0; k--) {
      List<Term> after = terms.subList(k + 1, terms.size());
      int products = 0;
      for (int j = 0; j < after.size(); j++) {
        products = isProduct(after.get(j).expr) ? j + 1 : products;
      }
      if (terms.get(k).isBias() && products > 0) {
        terms.add(k + products, terms.remove(k));
      }
    }
    return new Formula.Sum(
        terms.stream()
            .map(term -> term.negative ? Formula.scaled(-1, of(term.expr)) : of(term.expr))
            .toList());
  }

  private boolean isProduct(Expr expr) {
    return symbols.apply(expr) == null && expr.primitive() instanceof Primitive.Product;
  }

  private void collect(Expr expr, List<Term> terms, boolean whole) {
    boolean open = whole || symbols.apply(expr) == null;
    if (open && expr.primitive() == Vocabulary.PLUS) {
      collect(expr.inputs().get(0), terms, false);
      collect(expr.inputs().get(1), terms, false);
    } else if (open && expr.primitive() == Vocabulary.MINUS) {
      collect(expr.inputs().get(0), terms, false);
      terms.add(new Term(expr.inputs().get(1), true));
    } else {
      terms.add(new Term(expr, false));
    }
  }

  // Products

  private static Operator operator(List<Expr> factors) {
    return factors.stream().anyMatch(Reading::isSingle) ? Operator.DOT : Operator.ELEMENTWISE;
  }

  /** Whether a value is one number a row, in whatever form. */
  private static boolean isSingle(Expr value) {
    return value.primitive() instanceof Axes.Reshape
        ? isSingle(value.inputs().get(0))
        : value.shape().numDimensions() == 0;
  }

  /** A kernel without the zeros that a dilation puts between its elements. */
  private Expr kernel(Expr expr) {
    boolean form =
        expr.primitive() instanceof Axes.Reshape
            || expr.primitive() instanceof Axes.Concat
            || expr.primitive() instanceof Axes.Part part && part.axis() != -1;
    return form && symbols.apply(expr) == null ? kernel(expr.inputs().get(0)) : expr;
  }

  // Choices

  private Formula relation(String sign, List<Expr> sides) {
    Formula left = of(sides.get(0));
    Formula right = of(sides.get(1));
    return left instanceof Formula.Number && sign.equals(">")
        ? new Formula.Relation(right, "<", left)
        : new Formula.Relation(left, sign, right);
  }

  // Form

  /** A value whose rows are meant: where they come from a cut, it is said. */
  private Formula alongAxis(Expr value) {
    boolean cut =
        symbols.apply(value) == null
            && value.primitive() instanceof Axes.Reshape
            && value.inputs().get(0).shape().numDimensions() == 1
            && value.size() < value.inputs().get(0).size();
    if (!cut) {
      return of(value);
    }
    Expr row = value.inputs().get(0);
    double count = (double) row.size() / value.size();
    return new Call("rows", "", List.of(of(row)), List.of(new Formula.Number(count)));
  }

  private Formula block(Expr expr, Axes.Part part) {
    Expr whole = expr.inputs().get(0);
    if (Names.isBlockOfWeights(expr)) {
      Symbol symbol = symbolBeneath(whole);
      if (symbol != null) {
        return symbol.with(expr.name().orElseThrow().substring(1));
      }
    }
    int from = part.sizes().subList(0, part.index()).stream().mapToInt(s -> s).sum();
    int size = part.sizes().get(part.index());
    String range = size == 1 ? String.valueOf(from) : from + ":" + (from + size);
    return new Formula.Index(of(whole), range + ",:".repeat(-part.axis() - 1));
  }

  /** The symbol of a value, of which only the form is another, or of which it is a block. */
  private Symbol symbolBeneath(Expr value) {
    Symbol symbol = symbols.apply(value);
    boolean form =
        value.primitive() instanceof Axes.Reshape
            || value.primitive() instanceof Axes.Part && Names.isBlockOfWeights(value);
    return symbol == null && form ? symbolBeneath(value.inputs().get(0)) : symbol;
  }

  /**
   * New axes of size one behind others are printed, and heads that are columns; other forms are
   * not.
   */
  private Formula reshaped(Expr value, Shape to) {
    boolean columns =
        value.shape().numDimensions() == 1
            && to.numDimensions() == 3
            && to.get(2) == 1
            && to.get(1) > 1;
    if (columns) {
      return new Formula.Transposed(of(value));
    }
    String axes = newAxes(value.shape(), to);
    boolean meets = axes.contains(":,None");
    return meets ? new Formula.Index(of(value), axes) : of(value);
  }

  /** Where axes of size one are new: {@code :,None}; nothing if that is not all. */
  private static String newAxes(Shape from, Shape to) {
    StringBuilder axes = new StringBuilder();
    int left = from.numDimensions();
    for (int k = to.numDimensions() - 1; k >= 0; k--) {
      boolean old = left > 0 && from.get(left - 1) == to.get(k);
      if (!old && to.get(k) != 1) {
        return "";
      }
      left -= old ? 1 : 0;
      axes.insert(0, (old ? ":" : "None") + (axes.length() == 0 ? "" : ","));
    }
    return left == 0 ? axes.toString() : "";
  }

  private Formula known(Known known, List<Expr> inputs) {
    List<Formula> values = new ArrayList<>(inputs.stream().map(this::of).toList());
    if (!known.isElementwise()) {
      values.set(0, alongAxis(inputs.get(0)));
    }
    if (known.glyph().equals(Known.LENGTH)) {
      return new Formula.Norm(values.get(0));
    }
    if (known.glyph().equals("triu")) {
      values.add(new Formula.Number(1));
      return new Call("triu", "", values, List.of());
    }
    return new Call(
        known.glyph(),
        known.subscript(),
        values.subList(0, known.arguments()),
        values.subList(known.arguments(), values.size()));
  }
}
