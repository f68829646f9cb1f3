package kazoku.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Loop;
import kazoku.Primitive;
import kazoku.Site;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Select;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
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

    public double value() {
      return value;
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

  /** An array of numbers. */
  public static final class Numbers extends Primitive {
    private final double[] values;
    private final Shape shape;

    public Numbers(double[] values, Shape shape) {
      super("const");
      if (values.length != shape.size()) {
        throw new IllegalArgumentException(
            "constant: needs one number an element of "
                + kazoku.Checks.text(shape)
                + ", got "
                + values.length);
      }
      this.values = values.clone();
      this.shape = shape;
    }

    public double[] values() {
      return values.clone();
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return shape;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      return number(
          tf.dtypes.cast(
              tf.reshape(tf.constant(values), tf.constant(shape.asArray())), site.type()));
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
      List<Operand<TNumber>> pair = new ArrayList<>(inputs);
      // In each step: TensorFlow is quick where one of them is repeated, and slow where both are.
      if (site.leading() == 1 && isRepeated(node, 0) && isRepeated(node, 1)) {
        int k = node.inputs().get(0).level() == Level.WEIGHT ? 1 : 0;
        pair.set(k, site.tf().broadcastTo(inputs.get(k), site.fullShape(node.shape())));
      }
      return number(forward.build(site.tf(), pair.get(0), pair.get(1)));
    }

    private static boolean isRepeated(Expr node, int k) {
      Expr input = node.inputs().get(k);
      boolean scalar = input.shape().size() == 1;
      boolean whole = input.shape().equals(node.shape()) && input.level() != Level.WEIGHT;
      return !scalar && !whole;
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

  /** In which type a value is computed, where numbers are of a working type. */
  static Class<? extends TType> type(Expr expr, Class<? extends TNumber> working) {
    if (expr.primitive().logical()) {
      return TBool.class;
    }
    return isRounded(expr) ? TBfloat16.class : working;
  }

  /**
   * Whether a function costs much more than reading its values.
   *
   * @param primitive the operation
   * @return true for functions that are made of powers
   */
  static boolean isCostly(Primitive primitive) {
    return List.of(SIGMOID, TANH, ELU, SOFTPLUS, EXP, LOG, SIN, COS, ERF, POW).contains(primitive);
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
  public static final Unary FLOOR =
      new Unary("⌊⌋", (tf, a) -> tf.stopGradient(tf.math.floor(a)), (a, y, g) -> null);
  public static final Unary SIGN = new Unary("sign", (tf, a) -> tf.math.sign(a), (a, y, g) -> null);
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

    public double low() {
      return low;
    }

    public double high() {
      return high;
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
          Ops tf = site.tf();
          Operand<TBool> condition = truth(inputs.get(0));
          if (!choosesRows(node)) {
            return Select.create(tf.scope(), condition, inputs.get(1), inputs.get(2));
          }
          Operand<TBool> which =
              site.shared(
                  List.of(WHERE, condition),
                  () -> tf.reshape(condition, tf.constant(new int[] {-1})));
          Operand<TNumber> first = whole(site, node, 1, inputs);
          Operand<TNumber> second = whole(site, node, 2, inputs);
          return site.unfold(rows(tf, which, first, second), node.shape());
        }

        /** Whether there is one truth for each row. */
        private boolean choosesRows(Expr node) {
          Expr condition = node.inputs().get(0);
          return condition.level() != Level.WEIGHT
              && condition.shape().size() == 1
              && node.shape().numDimensions() > 0
              && node.inputs().stream().skip(1).anyMatch(e -> isWhole(node, e));
        }

        private boolean isWhole(Expr node, Expr value) {
          return value.level() != Level.WEIGHT && value.shape().equals(node.shape());
        }

        /** One of the two values, its rows along one axis. */
        private Operand<TNumber> whole(
            Site site, Expr node, int which, List<Operand<TNumber>> inputs) {
          Expr value = node.inputs().get(which);
          Operand<TNumber> rows = inputs.get(which);
          if (value.primitive() instanceof Constant constant) {
            rows = filled(site, node.shape(), constant.value);
          } else if (!isWhole(node, value)) {
            // TensorFlow has no gradient of BroadcastTo.
            rows = site.tf().math.add(rows, filled(site, node.shape(), 0));
          }
          return site.fold(rows, node.shape());
        }

        private Operand<TNumber> filled(Site site, Shape row, double value) {
          return site.shared(
              List.of(WHERE, row, value),
              () -> site.tf().fill(site.fullShape(row), site.scalar(value)));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          Expr condition = node.inputs().get(0);
          Expr zero = Expr.constant(0);
          return Arrays.asList(null, condition.where(g, zero), condition.where(zero, g));
        }
      };

  /**
   * Whole rows of the one or of the other. Much faster than {@code SelectV2}, which goes element by
   * element where the condition is repeated.
   *
   * @param tf operations
   * @param which true for rows of the first, {@code [N]}
   * @param first {@code [N, …]}
   * @param second {@code [N, …]}
   * @return {@code [N, …]}
   */
  public static Operand<TNumber> rows(
      Ops tf, Operand<TBool> which, Operand<TNumber> first, Operand<TNumber> second) {
    return number(
        tf.scope()
            .env()
            .opBuilder("Select", tf.scope().makeOpName("Select"), tf.scope())
            .addInput(which.asOutput())
            .addInput(first.asOutput())
            .addInput(second.asOutput())
            .build()
            .<TNumber>output(0));
  }

  // Products

  /** A weight as factors of products in bfloat16 are. */
  static final Unary ROUND =
      new Unary("bfloat16", (tf, a) -> number(tf.dtypes.cast(a, TBfloat16.class)), (a, y, g) -> g);

  /** Whether a value is one of bfloat16: a weight that was rounded, however it is laid out. */
  static boolean isRounded(Expr expr) {
    return expr.primitive() == ROUND
        || expr.level() == Level.WEIGHT && expr.inputs().stream().anyMatch(Vocabulary::isRounded);
  }

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
          return Axes.replaceLast(lhs.shape(), weight.size());
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          Operand<TNumber> lhs = factor(tf, node, inputs.get(0));
          boolean matrix = site.leading() + node.shape().numDimensions() == 2;
          int columns = node.inputs().get(0).size();
          Operand<TNumber> rows =
              matrix ? lhs : tf.reshape(lhs, tf.constant(new int[] {-1, columns}));
          Operand<TNumber> product = tf.linalg.matMul(rows, inputs.get(1));
          product = matrix ? product : tf.reshape(product, site.fullShape(node.shape()));
          return rounds(node) ? number(tf.dtypes.cast(product, site.type())) : product;
        }

        private boolean rounds(Expr node) {
          return isRounded(node.inputs().get(1));
        }

        /** A value as it is multiplied. */
        private Operand<TNumber> factor(Ops tf, Expr node, Operand<TNumber> value) {
          return rounds(node) ? number(tf.dtypes.cast(value, TBfloat16.class)) : value;
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
              tf.reshape(factor(tf, node, lhs), tf.constant(new int[] {-1, columns})),
              tf.reshape(factor(tf, node, g), tf.constant(new int[] {-1, node.size()})),
              org.tensorflow.op.linalg.MatMul.transposeA(true));
        }
      };

  /** The row of a matrix of weights that a whole number names. */
  public static final Primitive.Product LOOKUP =
      new Primitive.Product("lookup") {
        @Override
        public Shape shape(List<Expr> inputs) {
          Expr index = inputs.get(0);
          Expr table = inputs.get(1);
          int rank = index.shape().numDimensions();
          if (table.level() != Level.WEIGHT || table.shape().numDimensions() != 2) {
            throw new IllegalArgumentException(
                "lookup: the table must be a matrix of weights, got " + table);
          }
          if (rank > 0 && index.size() != 1) {
            throw new IllegalArgumentException(
                "lookup: needs one number for each row of the result, got " + index);
          }
          return rank == 0 ? Shape.of(table.size()) : Axes.replaceLast(index.shape(), table.size());
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          return tf.reshape(
              tf.gather(inputs.get(1), indices(tf, inputs.get(0)), tf.constant(0)),
              site.fullShape(node.shape()));
        }

        private Operand<TInt32> indices(Ops tf, Operand<TNumber> numbers) {
          return tf.dtypes.cast(
              tf.stopGradient(tf.reshape(numbers, tf.constant(new int[] {-1}))), TInt32.class);
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          return Arrays.asList(null, null);
        }

        @Override
        public Operand<TNumber> weightGradient(
            Site site, Expr node, Operand<TNumber> lhs, Operand<TNumber> g) {
          Ops tf = site.tf();
          return tf.math.unsortedSegmentSum(
              tf.reshape(g, tf.constant(new int[] {-1, node.size()})),
              indices(tf, lhs),
              tf.constant((int) node.inputs().get(1).shape().get(0)));
        }
      };

  public static final Primitive MATMUL = new MatMul(false, false);

  /** {@code a·b}, and what its gradient is made of: {@code aᵀ·b} and {@code a·bᵀ}. */
  private static final class MatMul extends Primitive {
    private final boolean transposesFirst;
    private final boolean transposesSecond;

    MatMul(boolean transposesFirst, boolean transposesSecond) {
      super("×");
      this.transposesFirst = transposesFirst;
      this.transposesSecond = transposesSecond;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      Shape a = shape(inputs.get(0), transposesFirst);
      Shape b = shape(inputs.get(1), transposesSecond);
      int rank = a.numDimensions();
      if (rank < 2
          || b.numDimensions() != rank
          || a.get(-1) != b.get(-2)
          || !a.take(rank - 2).equals(b.take(rank - 2))) {
        throw new IllegalArgumentException(
            "matmul: shapes must be [.., N, M] and [.., M, K], got "
                + inputs.get(0)
                + " × "
                + inputs.get(1));
      }
      return Axes.replaceLast(a, b.get(-1));
    }

    private static Shape shape(Expr input, boolean transposed) {
      Shape shape = input.shape();
      return transposed && shape.numDimensions() >= 2
          ? shape.take(shape.numDimensions() - 2).append(shape.get(-1)).append(shape.get(-2))
          : shape;
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      Operand<TNumber> a = Axes.spread(site, node.inputs().get(0), inputs.get(0));
      Operand<TNumber> b = Axes.spread(site, node.inputs().get(1), inputs.get(1));
      return site.leading() + node.shape().numDimensions() == 2
          ? tf.linalg.matMul(
              a,
              b,
              org.tensorflow.op.linalg.MatMul.transposeA(transposesFirst),
              org.tensorflow.op.linalg.MatMul.transposeB(transposesSecond))
          : number(
              BatchMatMul.create(
                  tf.scope(),
                  a,
                  b,
                  site.type(),
                  BatchMatMul.adjX(transposesFirst),
                  BatchMatMul.adjY(transposesSecond)));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      Expr a = node.inputs().get(0);
      Expr b = node.inputs().get(1);
      if (transposesFirst) {
        return List.of(product(b, g, false, true), product(a, g, false, false));
      }
      return transposesSecond
          ? List.of(product(g, b, false, false), product(g, a, true, false))
          : List.of(product(g, b, false, true), product(a, g, true, false));
    }

    private static Expr product(Expr a, Expr b, boolean transposesFirst, boolean transposesSecond) {
      boolean plain = !transposesFirst && !transposesSecond;
      Primitive product = plain ? MATMUL : new MatMul(transposesFirst, transposesSecond);
      return Expr.of(product, List.of(a, b));
    }
  }

  /** The inverse of a matrix of weights. TensorFlow has no gradient for it, so Java gives one. */
  public static final Primitive INVERSE =
      new Primitive("⁻¹") {
        @Override
        public Shape shape(List<Expr> inputs) {
          Expr a = inputs.get(0);
          boolean square = a.shape().numDimensions() == 2 && a.shape().get(0) == a.shape().get(1);
          if (!square || a.level() != Level.WEIGHT) {
            throw new IllegalArgumentException(
                "inverse: must be of a square matrix of weights, got " + a);
          }
          return a.shape();
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          if (Loop.supportsJavaGradients()) {
            JavaGradients.register("MatrixInverse", Vocabulary::inverseGradient);
          }
          return site.tf().linalg.inv(inputs.get(0));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          Expr transposed = node.transpose();
          return List.of(transposed.dot(g).dot(transposed).negate());
        }
      };

  private static List<Operand<?>> inverseGradient(
      Ops tf, GraphOperation operation, List<Output<?>> gradients) {
    Operand<TNumber> inverse = number(operation.output(0));
    Operand<TNumber> g = number(gradients.get(0));
    Operand<TNumber> left =
        tf.linalg.matMul(inverse, g, org.tensorflow.op.linalg.MatMul.transposeA(true));
    return List.of(
        tf.math.neg(
            tf.linalg.matMul(left, inverse, org.tensorflow.op.linalg.MatMul.transposeB(true))));
  }

  // Helpers

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
