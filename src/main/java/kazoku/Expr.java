package kazoku;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import kazoku.internal.Axes;
import kazoku.internal.Convolution;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * A value in an equation: one node of a trace.
 *
 * <p>A cell's step and a layer's equation are functions from expressions to expressions. An
 * expression records what it is made of, and nothing else: a {@linkplain Primitive primitive}, its
 * inputs, the shape of one row, and the {@linkplain Level level} it lives on. Graphs, loops,
 * gradients, figures and printed equations are made from the record. Shapes are those of a single
 * row: the axes of batch and time are never named, and every operation addresses trailing axes.
 *
 * <p>Wrong sizes raise {@link IllegalArgumentException} where they are written, naming both
 * operands. Expressions are immutable and compared by identity.
 */
public final class Expr {
  private final Primitive primitive;
  private final List<Expr> inputs;
  private final Shape shape;
  private final Level level;
  private final String name;

  private Expr(Primitive primitive, List<Expr> inputs, String name) {
    this.primitive = primitive;
    this.inputs = List.copyOf(inputs);
    this.shape = primitive.shape(this.inputs);
    this.level = this.inputs.stream().map(Expr::level).reduce(primitive.level(), Level::and);
    this.name = name;
  }

  /**
   * Applies a primitive. This is the door for operations that the vocabulary lacks.
   *
   * @param primitive the operation
   * @param inputs what it is applied to
   * @return the result
   */
  public static Expr of(Primitive primitive, List<Expr> inputs) {
    return new Expr(
        primitive, inputs, primitive instanceof Vocabulary.Leaf ? primitive.glyph() : null);
  }

  /**
   * Names a quantity of an equation, where it is made: {@code Expr z =
   * a.plus(b).sigmoid().as("z")}. Figures and printed equations call it so, and by this name it is
   * asked for ({@link Trace#quantities}): a gate is named after its σ, as papers write it.
   *
   * @param symbol the letter that the paper has for it
   * @return the same value under this name; a value that comes from outside keeps its own
   */
  public Expr as(String symbol) {
    return primitive instanceof Vocabulary.Leaf ? this : new Expr(primitive, inputs, symbol);
  }

  /**
   * A number.
   *
   * @param value the number
   * @return a constant without axes
   */
  public static Expr constant(double value) {
    return of(new Vocabulary.Constant(value), List.of());
  }

  /**
   * Given numbers.
   *
   * @param values the numbers, in row-major order
   * @param shape their shape
   * @return a constant
   */
  public static Expr constant(double[] values, long... shape) {
    return of(new Vocabulary.Numbers(values, Shape.of(shape)), List.of());
  }

  /**
   * The identity matrix.
   *
   * @param size its rows and columns
   * @return {@code [size, size]}, ones on the diagonal
   */
  public static Expr identity(int size) {
    return of(new Vocabulary.Identity(size), List.of());
  }

  /**
   * The operation that makes this value.
   *
   * @return the primitive
   */
  public Primitive primitive() {
    return primitive;
  }

  /**
   * The name of the quantity.
   *
   * @return what {@link #as} said, a block's name, or the name of what comes from outside; empty if
   *     the value is only a part of an equation
   */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /**
   * What the operation is applied to.
   *
   * @return the inputs, in order
   */
  public List<Expr> inputs() {
    return inputs;
  }

  /**
   * The shape of one row, without batch and time.
   *
   * @return the shape
   */
  public Shape shape() {
    return shape;
  }

  /**
   * What the value depends on.
   *
   * @return the level
   */
  public Level level() {
    return level;
  }

  /**
   * The size of the last axis.
   *
   * @return the number of columns
   */
  public int size() {
    if (shape.numDimensions() == 0) {
      throw new IllegalArgumentException(this + ": has no axis; it is one number a row");
    }
    return Math.toIntExact(shape.get(-1));
  }

  // Products

  /**
   * Matrix product with a weight, rows on the left: {@code [.., I] · [I, K] = [.., K]}.
   *
   * @param weight a matrix that depends on weights only
   * @return the product
   */
  public Expr dot(Expr weight) {
    return of(Vocabulary.DOT, List.of(this, weight));
  }

  /**
   * The row of a table that this whole number names: an embedding.
   *
   * @param table {@code [V, J]}, depends on weights only
   * @return {@code [.., J]} for this value's {@code [.., 1]} or single number, which must be at
   *     least 0 and less than V
   */
  public Expr lookup(Expr table) {
    return of(Vocabulary.LOOKUP, List.of(this, table));
  }

  /**
   * Matrix product of two values over their last two axes: {@code [.., N, M] · [.., M, K]}.
   *
   * @param other the right side, of as many axes
   * @return the product, {@code [.., N, K]}
   */
  public Expr matmul(Expr other) {
    return of(Vocabulary.MATMUL, List.of(this, other));
  }

  /**
   * Convolution (cross-correlation) with a weight, channels last, in one, two or three dimensions.
   *
   * @param kernel {@code [k.., C, K]}, depends on weights only
   * @param window strides, dilations and padding
   * @return {@code [S'.., K]} for this value's {@code [S.., C]}
   */
  public Expr conv(Expr kernel, Window window) {
    Expr spread = kernel;
    for (int axis = -3; axis >= -kernel.shape().numDimensions(); axis--) {
      spread = spread.spread(axis, window.dilation());
    }
    Window plain = new Window(window.stride(), 1, window.padding());
    return of(new Convolution(plain), List.of(this, spread));
  }

  /** Puts {@code distance} − 1 zeros between neighbours on an axis. */
  private Expr spread(int axis, int distance) {
    if (distance == 1) {
      return this;
    }
    long size = shape.get(axis);
    long[] sizes = shape.asArray();
    long after = shape.takeLast(-axis - 1).size();
    long before = shape.size() / size / after;
    Expr elements = reshape(before * size, 1, after);
    Expr[] padded = new Expr[distance];
    Arrays.fill(padded, elements.times(0));
    padded[0] = elements;
    Expr wide = concat(-2, padded).reshape(before, size * distance, after);
    int kept = Math.toIntExact((size - 1) * distance + 1);
    sizes[sizes.length + axis] = kept;
    return wide.split(-2, kept, distance - 1).get(0).reshape(sizes);
  }

  // Arithmetic, element by element; the smaller shape is repeated over leading row axes and axes of
  // size one.

  /**
   * The sum.
   *
   * @param other the other addend; adding the constant 0 adds nothing
   * @return {@code this + other}
   */
  public Expr plus(Expr other) {
    return Vocabulary.isConstant(other, 0) ? this : of(Vocabulary.PLUS, List.of(this, other));
  }

  /**
   * The sum with a number.
   *
   * @param number the other addend
   * @return {@code this + number}
   */
  public Expr plus(double number) {
    return plus(constant(number));
  }

  /**
   * The difference.
   *
   * @param other what is taken away
   * @return {@code this − other}
   */
  public Expr minus(Expr other) {
    return of(Vocabulary.MINUS, List.of(this, other));
  }

  /**
   * The elementwise product.
   *
   * @param other the other factor; the constant 1 does nothing
   * @return {@code this ⊙ other}
   */
  public Expr times(Expr other) {
    return Vocabulary.isConstant(other, 1) ? this : of(Vocabulary.TIMES, List.of(this, other));
  }

  /**
   * The product with a number.
   *
   * @param number the other factor
   * @return {@code number · this}
   */
  public Expr times(double number) {
    return times(constant(number));
  }

  /**
   * The quotient.
   *
   * @param other the divisor
   * @return {@code this / other}
   */
  public Expr dividedBy(Expr other) {
    return of(Vocabulary.DIVIDE, List.of(this, other));
  }

  /**
   * The power.
   *
   * @param exponent the exponent; where it is not an integer, this value must not be negative
   * @return {@code this ^ exponent}
   */
  public Expr pow(Expr exponent) {
    return of(Vocabulary.POW, List.of(this, exponent));
  }

  /**
   * The larger of two.
   *
   * @param other the other value; where both are equal the gradient goes to this one
   * @return the maximum
   */
  public Expr maximum(Expr other) {
    return of(Vocabulary.MAXIMUM, List.of(this, other));
  }

  /**
   * The smaller of two.
   *
   * @param other the other value; where both are equal the gradient goes to this one
   * @return the minimum
   */
  public Expr minimum(Expr other) {
    return negate().maximum(other.negate()).negate();
  }

  /**
   * What is left of a division, with the divisor's sign: {@code this − ⌊this/divisor⌋·divisor}.
   *
   * @param divisor the divisor
   * @return the remainder
   */
  public Expr mod(Expr divisor) {
    return minus(dividedBy(divisor).floor().times(divisor));
  }

  /**
   * The complement of a gate.
   *
   * @return {@code 1 − this}
   */
  public Expr oneMinus() {
    return constant(1).minus(this);
  }

  /**
   * Cuts values off.
   *
   * @param low the smallest value that stays
   * @param high the largest value that stays
   * @return the value, at least {@code low} and at most {@code high}
   */
  public Expr clip(double low, double high) {
    return of(new Vocabulary.Clip(low, high), List.of(this));
  }

  /**
   * Cuts values off on both sides, if there is a bound.
   *
   * @param bound the largest magnitude that stays; 0 for any
   * @return the value, at least {@code −bound} and at most {@code bound}
   */
  public Expr clipAt(double bound) {
    return bound == 0 ? this : clip(-bound, bound);
  }

  // Functions, element by element

  /**
   * Changes the sign.
   *
   * @return {@code −this}
   */
  public Expr negate() {
    return of(Vocabulary.NEGATE, List.of(this));
  }

  /**
   * Logistic sigmoid.
   *
   * @return {@code 1/(1+e^−this)}
   */
  public Expr sigmoid() {
    return of(Vocabulary.SIGMOID, List.of(this));
  }

  /**
   * Hyperbolic tangent.
   *
   * @return {@code tanh(this)}
   */
  public Expr tanh() {
    return of(Vocabulary.TANH, List.of(this));
  }

  /**
   * Rectifier.
   *
   * @return {@code max(this, 0)}
   */
  public Expr relu() {
    return of(Vocabulary.RELU, List.of(this));
  }

  /**
   * Exponential linear unit.
   *
   * @return {@code this} where it is positive, {@code e^this − 1} elsewhere
   */
  public Expr elu() {
    return of(Vocabulary.ELU, List.of(this));
  }

  /**
   * Smooth rectifier.
   *
   * @return {@code ln(1 + e^this)}
   */
  public Expr softplus() {
    return of(Vocabulary.SOFTPLUS, List.of(this));
  }

  /**
   * Exponential.
   *
   * @return {@code e^this}
   */
  public Expr exp() {
    return of(Vocabulary.EXP, List.of(this));
  }

  /**
   * Natural logarithm.
   *
   * @return {@code ln(this)}
   */
  public Expr log() {
    return of(Vocabulary.LOG, List.of(this));
  }

  /**
   * Square.
   *
   * @return {@code this²}
   */
  public Expr square() {
    return of(Vocabulary.SQUARE, List.of(this));
  }

  /**
   * Square root.
   *
   * @return {@code √this}
   */
  public Expr sqrt() {
    return of(Vocabulary.SQRT, List.of(this));
  }

  /**
   * Reciprocal of the square root.
   *
   * @return {@code 1/√this}
   */
  public Expr rsqrt() {
    return of(Vocabulary.RSQRT, List.of(this));
  }

  /**
   * Absolute value.
   *
   * @return {@code |this|}
   */
  public Expr abs() {
    return of(Vocabulary.ABS, List.of(this));
  }

  /**
   * Sign: −1, 0 or 1; has no gradient.
   *
   * @return {@code sign(this)}
   */
  public Expr sign() {
    return of(Vocabulary.SIGN, List.of(this));
  }

  /**
   * The largest integer that is not larger; has no gradient.
   *
   * @return {@code ⌊this⌋}
   */
  public Expr floor() {
    return of(Vocabulary.FLOOR, List.of(this));
  }

  /**
   * Sine.
   *
   * @return {@code sin(this)}
   */
  public Expr sin() {
    return of(Vocabulary.SIN, List.of(this));
  }

  /**
   * Cosine.
   *
   * @return {@code cos(this)}
   */
  public Expr cos() {
    return of(Vocabulary.COS, List.of(this));
  }

  /**
   * Gauss error function.
   *
   * @return {@code erf(this)}
   */
  public Expr erf() {
    return of(Vocabulary.ERF, List.of(this));
  }

  // Along the last axis

  /**
   * Sums up to each element along the last axis.
   *
   * @return element i is the sum of elements 0 to i
   */
  public Expr cumulativeSum() {
    double[] upper = new double[size() * size()];
    Arrays.setAll(upper, i -> i / size() <= i % size() ? 1 : 0);
    return dot(constant(upper, size(), size()));
  }

  /**
   * Softmax over the last axis.
   *
   * @return values that sum to one
   */
  public Expr softmax() {
    return of(Axes.SOFTMAX, List.of(this));
  }

  /**
   * Sum over the last axis, which stays with size 1.
   *
   * @return {@code [.., 1]}
   */
  public Expr sum() {
    return of(Axes.SUM, List.of(this));
  }

  /**
   * Mean over the last axis, which stays with size 1.
   *
   * @return {@code [.., 1]}
   */
  public Expr mean() {
    return of(Axes.MEAN, List.of(this));
  }

  /**
   * The largest over the last axis, which stays with size 1; several that are equally large share
   * the gradient.
   *
   * @return {@code [.., 1]}
   */
  public Expr max() {
    return of(Axes.MAX, List.of(this));
  }

  /**
   * Where the largest over the last axis is, the first of several that are equally large; has no
   * gradient.
   *
   * @return an index, {@code [.., 1]}
   */
  public Expr argMax() {
    return of(Axes.ARG_MAX, List.of(this));
  }

  /**
   * Logarithm of the sum of exponentials over the last axis, which stays with size 1; does not
   * overflow.
   *
   * @return {@code ln Σ e^this}, {@code [.., 1]}
   */
  public Expr logSumExp() {
    Expr largest = max().stopGradient();
    return minus(largest).exp().sum().log().plus(largest);
  }

  /**
   * Sum over all rows of the batch at each step, given to every row. A cell that uses it is not
   * split in shards, and rows see each other.
   *
   * @return the sum, in the shape of a row
   */
  public Expr sumOverRows() {
    return of(new Axes.BatchSum(false), List.of(this));
  }

  /**
   * Sum over all rows and all steps of a value that does not depend on the state, given to every
   * row and step.
   *
   * @return the sum, in the shape of a row
   */
  public Expr sumOverRowsAndSteps() {
    return of(new Axes.BatchSum(true), List.of(this));
  }

  /**
   * Layer normalisation over the last axis, with biased variance: {@code (x−mean)/√(var+eps)⊙gain +
   * shift}.
   *
   * @param gain gain, {@code [H]}
   * @param shift shift, {@code [H]}
   * @param epsilon added to the variance
   * @return the normalised value
   */
  public Expr layerNorm(Expr gain, Expr shift, double epsilon) {
    Expr centred = minus(mean());
    Expr variance = centred.square().mean();
    return centred.times(variance.plus(epsilon).rsqrt()).times(gain).plus(shift);
  }

  /**
   * Cuts the last axis in equal blocks and names them, as {@link Parts#as}.
   *
   * @param names the blocks' names, in order: {@code split("i", "f", "g", "o")}
   * @return the blocks
   */
  public Parts split(String... names) {
    if (size() % names.length != 0) {
      throw new IllegalArgumentException(
          this + ": cannot be cut in " + names.length + " equal blocks");
    }
    int[] sizes = new int[names.length];
    Arrays.fill(sizes, size() / names.length);
    return split(-1, sizes).as(names);
  }

  /**
   * Cuts an axis in blocks of given sizes.
   *
   * @param axis the axis, counted from the end: −1 is the last
   * @param sizes the blocks' sizes; their sum is the size of the axis
   * @return the blocks
   */
  public Parts split(int axis, int... sizes) {
    List<Integer> all = Arrays.stream(sizes).boxed().toList();
    return new Parts(
        sizes.length == 1
            ? List.of(this)
            : IntStream.range(0, sizes.length)
                .mapToObj(k -> of(new Axes.Part(axis, all, k), List.of(this)))
                .toList());
  }

  /**
   * Puts values side by side on the last axis.
   *
   * @param values the values, equal in all other axes
   * @return {@code [a, b, …]}
   */
  public static Expr concat(Expr... values) {
    return concat(-1, values);
  }

  /**
   * Puts values side by side on an axis.
   *
   * @param axis the axis, counted from the end: −1 is the last
   * @param values the values, equal in all other axes
   * @return the whole
   */
  public static Expr concat(int axis, Expr... values) {
    return values.length == 1 ? values[0] : of(new Axes.Concat(axis), List.of(values));
  }

  /**
   * Cyclic shift along the last axis: element i of the result is element i − shift of this.
   *
   * @param shift how far, in elements
   * @return the shifted value
   */
  public Expr roll(int shift) {
    int k = Math.floorMod(shift, size());
    if (k == 0) {
      return this;
    }
    Parts parts = split(-1, size() - k, k);
    return concat(parts.get(1), parts.get(0));
  }

  // Form

  /**
   * The same elements in another shape of a row.
   *
   * @param sizes the new shape
   * @return the reshaped value
   */
  public Expr reshape(long... sizes) {
    Shape to = Shape.of(sizes);
    return to.equals(shape) ? this : of(new Axes.Reshape(to), List.of(this));
  }

  /**
   * One number a row, with as many axes as a value has: it meets every element.
   *
   * @param value the value
   * @return the number, {@code [1, …]}
   */
  public Expr toMeet(Expr value) {
    long[] ones = new long[value.shape().numDimensions()];
    Arrays.fill(ones, 1);
    return reshape(ones);
  }

  /**
   * Exchanges the last two axes.
   *
   * @return {@code [.., M, N]} for {@code [.., N, M]}
   */
  public Expr transpose() {
    return of(Axes.TRANSPOSE, List.of(this));
  }

  /**
   * The inverse of a square matrix of weights.
   *
   * @return the inverse, {@code [N, N]}
   */
  public Expr inverse() {
    return of(Vocabulary.INVERSE, List.of(this));
  }

  // Choice

  /**
   * Compares with a number.
   *
   * @param number the number
   * @return true where equal; only good for {@link #where}
   */
  public Expr equalTo(double number) {
    return of(Vocabulary.EQUAL, List.of(this, constant(number)));
  }

  /**
   * Compares with a number.
   *
   * @param number the number
   * @return true where greater; only good for {@link #where}
   */
  public Expr greaterThan(double number) {
    return greaterThan(constant(number));
  }

  /**
   * Compares element by element.
   *
   * @param other the other value
   * @return true where this is greater; only good for {@link #where}
   */
  public Expr greaterThan(Expr other) {
    return of(Vocabulary.GREATER, List.of(this, other));
  }

  /**
   * Chooses element by element.
   *
   * @param yes taken where this is true
   * @param no taken where this is false
   * @return the choice
   */
  public Expr where(Expr yes, Expr no) {
    return of(Vocabulary.WHERE, List.of(this, yes, no));
  }

  /**
   * The same value, through which no gradient flows.
   *
   * @return the value
   */
  public Expr stopGradient() {
    return of(Vocabulary.STOP_GRADIENT, List.of(this));
  }

  /**
   * The value for people: its name, or else the operation, with the shape of a row.
   *
   * @return for example {@code W [3, 16]}
   */
  @Override
  public String toString() {
    return name().orElse(primitive.glyph()) + " " + Checks.text(shape);
  }
}
