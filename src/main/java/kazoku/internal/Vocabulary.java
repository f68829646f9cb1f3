package kazoku.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.Site;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.Select;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * The vocabulary of equations: every operation once, with its forward form, its rule, its shape and
 * its glyph. {@link Expr} is its public face.
 *
 * <p>Forward forms are chosen among the operations that have a native gradient, since the parts of
 * a trace outside of loops are differentiated by TensorFlow itself.
 */
public final class Vocabulary {
  private Vocabulary() {}

  // Leaves

  /** A value that comes from outside: input, state slot, weight. */
  public static final class Leaf extends Primitive {
    private final Shape shape;
    private final Level level;
    private final boolean logical;

    public Leaf(String name, Shape shape, Level level, boolean logical) {
      super(name);
      this.shape = shape;
      this.level = level;
      this.logical = logical;
    }

    @Override
    public Level level() {
      return level;
    }

    @Override
    public boolean logical() {
      return logical;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return shape;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      throw new IllegalStateException(glyph() + ": no value is given for it");
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of();
    }
  }

  public static Expr leaf(String name, Shape shape, Level level) {
    return Expr.of(new Leaf(name, shape, level, false), List.of());
  }

  public static Expr logicalLeaf(String name, Shape shape, Level level) {
    return Expr.of(new Leaf(name, shape, level, true), List.of());
  }

  public static final class Constant extends Primitive {
    private final double value;

    public Constant(double value) {
      super(value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value));
      this.value = value;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return Shape.scalar();
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      return site.scalar(value);
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of();
    }
  }

  /** The identity matrix. */
  public static final class Identity extends Primitive {
    private final int size;

    public Identity(int size) {
      super("I");
      this.size = size;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return Shape.of(size, size);
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      Operand<TNumber> ones = tf.fill(tf.constant(new int[] {size}), site.scalar(1));
      return tf.linalg.matrixDiag(
          ones, tf.constant(0), tf.constant(size), tf.constant(size), site.scalar(0));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of();
    }
  }

  /**
   * Whether an expression is a certain number.
   *
   * @param expr the expression
   * @param value the number
   * @return true if it is this constant
   */
  public static boolean isConstant(Expr expr, double value) {
    return expr.primitive() instanceof Constant constant && constant.value == value;
  }

  // Forms shared by many

  @FunctionalInterface
  interface Forward1 {
    Operand<TNumber> build(Ops tf, Operand<TNumber> a);
  }

  @FunctionalInterface
  interface Rule1 {
    Expr gradient(Expr a, Expr y, Expr g);
  }

  /** A function of one value, element by element. */
  public static class Unary extends Primitive {
    private final Forward1 forward;
    private final Rule1 rule;

    Unary(String glyph, Forward1 forward, Rule1 rule) {
      super(glyph);
      this.forward = forward;
      this.rule = rule;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return inputs.get(0).shape();
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      return forward.build(site.tf(), inputs.get(0));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return Collections.singletonList(rule.gradient(node.inputs().get(0), node, g));
    }
  }

  @FunctionalInterface
  interface Forward2 {
    Operand<? extends TType> build(Ops tf, Operand<TNumber> a, Operand<TNumber> b);
  }

  @FunctionalInterface
  interface Rule2 {
    List<Expr> gradient(Expr a, Expr b, Expr y, Expr g);
  }

  /** A function of two values, element by element, the smaller repeated. */
  public static final class Binary extends Primitive {
    private final Forward2 forward;
    private final Rule2 rule;
    private final boolean logical;

    Binary(String glyph, boolean logical, Forward2 forward, Rule2 rule) {
      super(glyph);
      this.logical = logical;
      this.forward = forward;
      this.rule = rule;
    }

    @Override
    public boolean logical() {
      return logical;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return broadcast(glyph(), inputs);
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      return number(forward.build(site.tf(), inputs.get(0), inputs.get(1)));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return rule.gradient(node.inputs().get(0), node.inputs().get(1), node, g);
    }
  }

  private static Binary arithmetic(String glyph, Forward2 forward, Rule2 rule) {
    return new Binary(glyph, false, forward, rule);
  }

  private static Binary comparison(String glyph, Forward2 forward) {
    return new Binary(glyph, true, forward, (a, b, y, g) -> Arrays.asList(null, null));
  }

  /** A gradient's own operation: fused by TensorFlow, and not differentiated again. */
  private static Binary gradientOnly(String glyph, Forward2 forward) {
    return new Binary(
        glyph,
        false,
        forward,
        (a, b, y, g) -> {
          throw new UnsupportedOperationException(glyph + ": has no second gradient");
        });
  }

  private static Expr apply(Primitive primitive, Expr... inputs) {
    return Expr.of(primitive, List.of(inputs));
  }

  // Arithmetic

  public static final Binary PLUS =
      arithmetic("+", (tf, a, b) -> tf.math.add(a, b), (a, b, y, g) -> List.of(g, g));
  public static final Binary MINUS =
      arithmetic("−", (tf, a, b) -> tf.math.sub(a, b), (a, b, y, g) -> List.of(g, g.negate()));
  public static final Binary TIMES =
      arithmetic(
          "⊙", (tf, a, b) -> tf.math.mul(a, b), (a, b, y, g) -> List.of(g.times(b), g.times(a)));
  public static final Binary DIVIDE =
      arithmetic(
          "/",
          (tf, a, b) -> tf.math.div(a, b),
          (a, b, y, g) -> List.of(g.dividedBy(b), g.times(y).dividedBy(b).negate()));
  public static final Binary POW =
      arithmetic(
          "^",
          (tf, a, b) -> tf.math.pow(a, b),
          (a, b, y, g) ->
              List.of(
                  g.times(b).times(a.pow(b.minus(Expr.constant(1)))),
                  // 0^b has no slope in b; ln(0) would make a NaN of it
                  g.times(y).times(a.greaterThan(0).where(a, Expr.constant(1)).log())));
  public static final Binary MAXIMUM =
      arithmetic(
          "max",
          (tf, a, b) -> tf.math.maximum(a, b),
          (a, b, y, g) -> {
            Expr first = apply(Vocabulary.NOT_LESS, a, b);
            Expr zero = Expr.constant(0);
            return List.of(first.where(g, zero), first.where(zero, g));
          });

  public static final Binary EQUAL = comparison("=", (tf, a, b) -> tf.math.equal(a, b));
  public static final Binary GREATER = comparison(">", (tf, a, b) -> tf.math.greater(a, b));
  private static final Binary NOT_LESS = comparison("≥", (tf, a, b) -> tf.math.greaterEqual(a, b));

  /**
   * Whether a gradient that is the same along an axis may pass through without being repeated.
   *
   * @param primitive the operation
   * @return true for plain arithmetic, which repeats by itself
   */
  static boolean repeats(Primitive primitive) {
    return List.of(PLUS, MINUS, TIMES, DIVIDE, NEGATE).contains(primitive);
  }

  // Functions

  private static final Binary SIGMOID_GRAD =
      gradientOnly("σ'", (tf, y, g) -> tf.math.sigmoidGrad(y, g));
  private static final Binary TANH_GRAD =
      gradientOnly("tanh'", (tf, y, g) -> tf.math.tanhGrad(y, g));
  private static final Binary RELU_GRAD =
      gradientOnly("relu'", (tf, y, g) -> org.tensorflow.op.nn.ReluGrad.create(tf.scope(), g, y));
  private static final Binary ELU_GRAD =
      gradientOnly("elu'", (tf, y, g) -> org.tensorflow.op.nn.EluGrad.create(tf.scope(), g, y));
  private static final Binary SOFTPLUS_GRAD =
      gradientOnly("softplus'", (tf, a, g) -> tf.math.softplusGrad(g, a));

  public static final Unary NEGATE =
      new Unary("−", (tf, a) -> tf.math.neg(a), (a, y, g) -> g.negate());
  public static final Unary SIGMOID =
      new Unary("σ", (tf, a) -> tf.math.sigmoid(a), (a, y, g) -> apply(SIGMOID_GRAD, y, g));
  public static final Unary TANH =
      new Unary("tanh", (tf, a) -> tf.math.tanh(a), (a, y, g) -> apply(TANH_GRAD, y, g));
  public static final Unary RELU =
      new Unary("relu", (tf, a) -> tf.nn.relu(a), (a, y, g) -> apply(RELU_GRAD, y, g));
  public static final Unary ELU =
      new Unary("elu", (tf, a) -> tf.nn.elu(a), (a, y, g) -> apply(ELU_GRAD, y, g));
  public static final Unary SOFTPLUS =
      new Unary(
          "softplus", (tf, a) -> tf.math.softplus(a), (a, y, g) -> apply(SOFTPLUS_GRAD, a, g));
  public static final Unary EXP =
      new Unary("exp", (tf, a) -> tf.math.exp(a), (a, y, g) -> g.times(y));
  public static final Unary LOG =
      new Unary("ln", (tf, a) -> tf.math.log(a), (a, y, g) -> g.dividedBy(a));
  public static final Unary SQUARE =
      new Unary("²", (tf, a) -> tf.math.square(a), (a, y, g) -> g.times(a).times(2));
  public static final Unary SQRT =
      new Unary("√", (tf, a) -> tf.math.sqrt(a), (a, y, g) -> g.times(0.5).dividedBy(y));
  public static final Unary RSQRT =
      new Unary(
          "1/√",
          (tf, a) -> tf.math.rsqrt(a),
          (a, y, g) -> g.times(y.square().times(y)).times(-0.5));
  private static final Unary SIGN =
      new Unary("sign", (tf, a) -> tf.math.sign(a), (a, y, g) -> null);
  public static final Unary ABS =
      new Unary("abs", (tf, a) -> tf.math.abs(a), (a, y, g) -> g.times(apply(SIGN, a)));
  public static final Unary SIN =
      new Unary("sin", (tf, a) -> tf.math.sin(a), (a, y, g) -> g.times(a.cos()));
  public static final Unary COS =
      new Unary("cos", (tf, a) -> tf.math.cos(a), (a, y, g) -> g.times(a.sin()).negate());
  public static final Unary ERF =
      new Unary(
          "erf",
          (tf, a) -> tf.math.erf(a),
          (a, y, g) -> g.times(a.square().negate().exp()).times(2 / Math.sqrt(Math.PI)));
  public static final Unary STOP_GRADIENT =
      new Unary("stop", (tf, a) -> tf.stopGradient(a), (a, y, g) -> null);

  public static final class Clip extends Primitive {
    private final double low;
    private final double high;

    public Clip(double low, double high) {
      super("clip");
      if (!(low <= high)) {
        throw new IllegalArgumentException(
            "clip: low must not exceed high, got " + low + " and " + high);
      }
      this.low = low;
      this.high = high;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return inputs.get(0).shape();
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      var math = site.tf().math;
      return math.minimum(math.maximum(inputs.get(0), site.scalar(low)), site.scalar(high));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      Expr kept = apply(EQUAL, node, node.inputs().get(0));
      return List.of(kept.where(g, Expr.constant(0)));
    }
  }

  public static final Primitive WHERE =
      new Primitive("where") {
        @Override
        public Shape shape(List<Expr> inputs) {
          if (!inputs.get(0).primitive().logical()) {
            throw new IllegalArgumentException(
                "where: must be asked of a comparison, got " + inputs.get(0));
          }
          return broadcast(glyph(), inputs);
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          return Select.create(
              site.tf().scope(), truth(inputs.get(0)), inputs.get(1), inputs.get(2));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          Expr condition = node.inputs().get(0);
          Expr zero = Expr.constant(0);
          return Arrays.asList(null, condition.where(g, zero), condition.where(zero, g));
        }
      };

  // Products

  public static final Primitive.Product DOT =
      new Primitive.Product("·") {
        @Override
        public Shape shape(List<Expr> inputs) {
          Expr lhs = inputs.get(0);
          Expr weight = inputs.get(1);
          if (weight.level() != Level.WEIGHT || weight.shape().numDimensions() != 2) {
            throw new IllegalArgumentException(
                "dot: the right side must be a matrix of weights, got "
                    + weight
                    + "; use matmul for products of values");
          }
          if (lhs.size() != weight.shape().get(0)) {
            throw new IllegalArgumentException(
                "dot: columns on the left must equal rows on the right, got "
                    + lhs
                    + " · "
                    + weight);
          }
          return replaceLast(lhs.shape(), weight.size());
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          boolean matrix = site.leading() + node.shape().numDimensions() == 2;
          if (matrix) {
            return tf.linalg.matMul(inputs.get(0), inputs.get(1));
          }
          int columns = node.inputs().get(0).size();
          Operand<TNumber> rows = tf.reshape(inputs.get(0), tf.constant(new int[] {-1, columns}));
          return tf.reshape(tf.linalg.matMul(rows, inputs.get(1)), site.fullShape(node.shape()));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          return Arrays.asList(g.dot(node.inputs().get(1).transpose()), null);
        }

        @Override
        public Operand<TNumber> weightGradient(
            Site site, Expr node, Operand<TNumber> lhs, Operand<TNumber> g) {
          Ops tf = site.tf();
          int columns = node.inputs().get(0).size();
          return tf.linalg.matMul(
              tf.reshape(lhs, tf.constant(new int[] {-1, columns})),
              tf.reshape(g, tf.constant(new int[] {-1, node.size()})),
              org.tensorflow.op.linalg.MatMul.transposeA(true));
        }
      };

  public static final Primitive MATMUL =
      new Primitive("×") {
        @Override
        public Shape shape(List<Expr> inputs) {
          Expr a = inputs.get(0);
          Expr b = inputs.get(1);
          int rank = a.shape().numDimensions();
          if (rank < 2
              || b.shape().numDimensions() != rank
              || a.size() != b.shape().get(-2)
              || !a.shape().take(rank - 2).equals(b.shape().take(rank - 2))) {
            throw new IllegalArgumentException(
                "matmul: shapes must be [.., N, M] and [.., M, K], got " + a + " × " + b);
          }
          return replaceLast(a.shape(), b.size());
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Operand<TNumber> a = spread(site, node.inputs().get(0), inputs.get(0));
          Operand<TNumber> b = spread(site, node.inputs().get(1), inputs.get(1));
          return site.leading() + node.shape().numDimensions() == 2
              ? site.tf().linalg.matMul(a, b)
              : number(BatchMatMul.create(site.tf().scope(), a, b, site.type()));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          Expr a = node.inputs().get(0);
          Expr b = node.inputs().get(1);
          return List.of(g.matmul(b.transpose()), a.transpose().matmul(g));
        }
      };

  // Along axes

  public static final Primitive SOFTMAX =
      new Unary(
          "softmax",
          (tf, a) -> tf.nn.softmax(a),
          (a, y, g) -> {
            Expr gy = g.times(y);
            return gy.minus(gy.sum().times(y));
          });

  /** Sum over the last axis. */
  public static final Primitive SUM =
      new Primitive("Σ") {
        @Override
        public Shape shape(List<Expr> inputs) {
          inputs.get(0).size();
          return replaceLast(inputs.get(0).shape(), 1);
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          return sum(site, inputs.get(0), true, -1);
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          return List.of(spread(g, node.inputs().get(0).shape()));
        }
      };

  public static final Primitive MEAN =
      new Primitive("mean") {
        @Override
        public Shape shape(List<Expr> inputs) {
          return SUM.shape(inputs);
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          return tf.math.mean(
              inputs.get(0),
              tf.constant(new int[] {-1}),
              org.tensorflow.op.math.Mean.keepDims(true));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          Expr a = node.inputs().get(0);
          return List.of(spread(g.times(1.0 / a.size()), a.shape()));
        }
      };

  /** Repeats along axes of size one, up to a shape. */
  private static final class Spread extends Primitive {
    private final Shape to;

    Spread(Shape to) {
      super("spread");
      this.to = to;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return to;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      return site.tf().broadcastTo(inputs.get(0), site.fullShape(to));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(g);
    }
  }

  /**
   * A value in a larger shape.
   *
   * @return the value, repeated where the shapes differ
   */
  public static Expr spread(Expr value, Shape to) {
    return value.shape().equals(to) ? value : apply(new Spread(to), value);
  }

  /** Sums over what was repeated: the converse of broadcasting. */
  private static final class SumTo extends Primitive {
    private final Shape to;

    SumTo(Shape to) {
      super("Σ");
      this.to = to;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return to;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Shape from = node.inputs().get(0).shape();
      int kept = to.numDimensions();
      int[] repeated =
          IntStream.rangeClosed(1, kept)
              .filter(k -> to.get(-k) == 1 && from.get(-k) != 1)
              .map(k -> -k)
              .toArray();
      int[] added = IntStream.range(kept, from.numDimensions()).map(k -> -k - 1).toArray();
      Operand<TNumber> value = inputs.get(0);
      if (repeated.length > 0) {
        value = sum(site, value, true, repeated);
      }
      return added.length > 0 ? sum(site, value, false, added) : value;
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(spread(g, node.inputs().get(0).shape()));
    }
  }

  /**
   * A gradient in the shape of what was broadcast.
   *
   * @return the value, summed where the shapes differ
   */
  public static Expr sumTo(Expr value, Shape to) {
    return value.shape().equals(to) ? value : apply(new SumTo(to), value);
  }

  /** One block of an axis that is cut. */
  public static final class Part extends Primitive {
    private final int axis;
    private final List<Integer> sizes;
    private final int index;

    public Part(int axis, List<Integer> sizes, int index, String name) {
      super(name);
      this.axis = axis;
      this.sizes = sizes;
      this.index = index;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      Shape whole = inputs.get(0).shape();
      checkAxis("split", inputs.get(0), axis);
      int sum = sizes.stream().mapToInt(Integer::intValue).sum();
      if (sum != whole.get(axis) || sizes.stream().anyMatch(s -> s < 0)) {
        throw new IllegalArgumentException(
            "split: blocks of " + sizes + " must sum to axis " + axis + " of " + inputs.get(0));
      }
      return blockShape(whole);
    }

    Shape blockShape(Shape whole) {
      return replace(whole, axis, sizes.get(index));
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      Expr whole = node.inputs().get(0);
      if (sizes.stream().distinct().count() == 1) {
        return site.shared(
                List.of(whole, axis, sizes),
                () -> tf.split(tf.constant(axis), inputs.get(0), (long) sizes.size()).output())
            .get(index);
      }
      int rank = site.leading() + whole.shape().numDimensions();
      int[] begin = new int[rank];
      int[] size = new int[rank];
      Arrays.fill(size, -1);
      begin[rank + axis] = sizes.subList(0, index).stream().mapToInt(Integer::intValue).sum();
      size[rank + axis] = sizes.get(index);
      return tf.slice(inputs.get(0), tf.constant(begin), tf.constant(size));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(Expr.of(new Embed(this, node.inputs().get(0).shape()), List.of(g)));
    }
  }

  /** A block put back in its place among zeros: the gradient of {@link Part}. */
  public static final class Embed extends Primitive {
    private final Part part;
    private final Shape whole;

    Embed(Part part, Shape whole) {
      super("embed");
      this.part = part;
      this.whole = whole;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return whole;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      int rank = site.leading() + whole.numDimensions();
      int[][] padding = new int[rank][2];
      List<Integer> sizes = part.sizes;
      for (int k = 0; k < sizes.size(); k++) {
        if (k != part.index) {
          padding[rank + part.axis][k < part.index ? 0 : 1] += sizes.get(k);
        }
      }
      return tf.pad(inputs.get(0), tf.constant(padding), site.scalar(0));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(Expr.of(part, List.of(g)));
    }
  }

  /**
   * Adds up the gradients that reach one value. Blocks that fill an axis together are put side by
   * side instead of being padded and added.
   *
   * @param terms the gradients, at least one
   * @return their sum
   */
  public static Expr sum(List<Expr> terms) {
    List<Expr> rest = new ArrayList<>(terms);
    Expr total = null;
    for (Expr term : terms) {
      if (term.primitive() instanceof Embed embed && rest.contains(term)) {
        Expr[] blocks = new Expr[embed.part.sizes.size()];
        List<Expr> used = new ArrayList<>();
        for (Expr other : rest) {
          if (other.primitive() instanceof Embed e
              && e.whole.equals(embed.whole)
              && e.part.axis == embed.part.axis
              && e.part.sizes.equals(embed.part.sizes)
              && blocks[e.part.index] == null) {
            blocks[e.part.index] = spread(other.inputs().get(0), e.part.blockShape(e.whole));
            used.add(other);
          }
        }
        if (used.size() == blocks.length) {
          rest.removeAll(used);
          Expr whole = Expr.concat(embed.part.axis, blocks);
          total = total == null ? whole : total.plus(whole);
        }
      }
    }
    for (Expr term : rest) {
      total = total == null ? term : total.plus(term);
    }
    return total;
  }

  public static final class Concat extends Primitive {
    private final int axis;

    public Concat(int axis) {
      super("[,]");
      this.axis = axis;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      long size = 0;
      for (Expr input : inputs) {
        checkAxis("concat", input, axis);
        if (!replace(input.shape(), axis, 1).equals(replace(inputs.get(0).shape(), axis, 1))) {
          throw new IllegalArgumentException(
              "concat: shapes must agree but for axis " + axis + ", got " + inputs);
        }
        size += input.shape().get(axis);
      }
      return replace(inputs.get(0).shape(), axis, size);
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      List<Operand<TNumber>> parts = new ArrayList<>();
      for (int k = 0; k < inputs.size(); k++) {
        parts.add(spread(site, node.inputs().get(k), inputs.get(k)));
      }
      return site.tf().concat(parts, site.tf().constant(axis));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      int[] sizes = node.inputs().stream().mapToInt(e -> (int) e.shape().get(axis)).toArray();
      return g.split(axis, sizes).all();
    }
  }

  public static final class Reshape extends Primitive {
    private final Shape to;

    public Reshape(Shape to) {
      super("reshape");
      this.to = to;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      if (inputs.get(0).shape().size() != to.size()) {
        throw new IllegalArgumentException(
            "reshape: " + inputs.get(0) + " has not as many elements as " + Checks.text(to));
      }
      return to;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      if (site.leading() == 1) {
        return tf.reshape(inputs.get(0), tf.constant(prepend(-1, to)));
      }
      return tf.reshape(inputs.get(0), site.fullShape(to));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(g.reshape(node.inputs().get(0).shape().asArray()));
    }
  }

  public static final Primitive TRANSPOSE =
      new Primitive("ᵀ") {
        @Override
        public Shape shape(List<Expr> inputs) {
          Shape from = inputs.get(0).shape();
          checkAxis("transpose", inputs.get(0), -2);
          return replace(replaceLast(from, from.get(-2)), -2, from.get(-1));
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          int rank = site.leading() + node.shape().numDimensions();
          int[] order = IntStream.range(0, rank).toArray();
          order[rank - 1] = rank - 2;
          order[rank - 2] = rank - 1;
          Ops tf = site.tf();
          return tf.linalg.transpose(inputs.get(0), tf.constant(order));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          return List.of(g.transpose());
        }
      };

  // Helpers

  /** A weight-level input where the operation itself repeats nothing: with the leading axes. */
  private static Operand<TNumber> spread(Site site, Expr input, Operand<TNumber> value) {
    if (input.level() != Level.WEIGHT || site.leading() == 0) {
      return value;
    }
    Ops tf = site.tf();
    return tf.math.add(value, tf.fill(site.fullShape(input.shape()), site.scalar(0)));
  }

  private static Operand<TNumber> sum(
      Site site, Operand<TNumber> value, boolean keep, int... axes) {
    Ops tf = site.tf();
    return tf.reduceSum(value, tf.constant(axes), ReduceSum.keepDims(keep));
  }

  /** The common shape of values that are combined element by element. */
  private static Shape broadcast(String who, List<Expr> inputs) {
    int rank = inputs.stream().mapToInt(e -> e.shape().numDimensions()).max().orElse(0);
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    for (Expr input : inputs) {
      Shape shape = input.shape();
      boolean aligned = input.level() == Level.WEIGHT || shape.numDimensions() == rank;
      for (int k = 1; aligned && k <= shape.numDimensions(); k++) {
        long size = shape.get(-k);
        long other = sizes[rank - k];
        aligned = size == other || size == 1 || other == 1;
        sizes[rank - k] = size == 1 ? other : size;
      }
      if (!aligned) {
        throw new IllegalArgumentException(
            who + ": shapes of a row do not fit together: " + inputs);
      }
    }
    return Shape.of(sizes);
  }

  private static void checkAxis(String who, Expr input, int axis) {
    if (axis >= 0 || -axis > input.shape().numDimensions()) {
      throw new IllegalArgumentException(
          who + ": axis must be one of a row, counted from the end, got " + axis + " of " + input);
    }
  }

  private static Shape replace(Shape shape, int axis, long size) {
    long[] sizes = shape.asArray();
    sizes[sizes.length + axis] = size;
    return Shape.of(sizes);
  }

  private static Shape replaceLast(Shape shape, long size) {
    return replace(shape, -1, size);
  }

  private static int[] prepend(int first, Shape shape) {
    int[] sizes = new int[shape.numDimensions() + 1];
    sizes[0] = first;
    for (int i = 1; i < sizes.length; i++) {
      sizes[i] = Math.toIntExact(shape.get(i - 1));
    }
    return sizes;
  }

  /** Operands carry their type at run time only; a trace is checked before it is built. */
  @SuppressWarnings("unchecked")
  public static Operand<TNumber> number(Operand<? extends TType> operand) {
    return (Operand<TNumber>) operand;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TBool> truth(Operand<? extends TType> operand) {
    return (Operand<TBool>) operand;
  }
}
