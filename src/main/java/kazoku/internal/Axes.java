package kazoku.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.Site;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.StridedSlice;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * The part of the vocabulary that works along axes or changes the form: sums, softmax, cutting and
 * putting together, reshaping; and the broadcasting of gradients.
 */
public final class Axes {
  private Axes() {}

  /**
   * Batch-major to time-major, and back.
   *
   * @param tf operations of a graph; not inside a gradient, as it asks for a shape
   * @param value {@code [B, T, …]} or {@code [T, B, …]}
   * @return the other of them
   */
  public static Operand<TNumber> exchanged(Ops tf, Operand<TNumber> value) {
    int[] order = IntStream.range(0, value.asOutput().shape().numDimensions()).toArray();
    order[0] = 1;
    order[1] = 0;
    return tf.linalg.transpose(value, tf.constant(order));
  }

  /**
   * Some entries of one of the first two axes; where they are all, no copy.
   *
   * @param tf operations of a graph
   * @param value the value
   * @param axis 0 or 1
   * @param begin the first one, {@code [1]}
   * @param count how many, {@code [1]}
   * @return the entries
   */
  static <T extends TType> Operand<T> cut(
      Ops tf, Operand<T> value, int axis, Operand<TInt32> begin, Operand<TInt32> count) {
    Operand<TInt32> end = tf.math.add(begin, count);
    if (axis == 0) {
      return tf.stridedSlice(value, begin, end, tf.constant(new int[] {1}));
    }
    Operand<TInt32> zero = tf.constant(new int[] {0});
    return tf.stridedSlice(
        value,
        tf.concat(List.of(zero, begin), tf.constant(0)),
        tf.concat(List.of(zero, end), tf.constant(0)),
        tf.constant(new int[] {1, 1}),
        StridedSlice.endMask(1L));
  }

  /**
   * A mask as ones and zeros, to be exchanged: oneDNN complains of truth values there. They are
   * chosen and not cast, since TensorFlow's optimizer would exchange cast and transposition.
   *
   * @param tf operations of a graph
   * @param mask the mask
   * @param type the type of the numbers
   * @return the numbers, in the shape of the mask
   */
  public static Operand<TNumber> numbers(
      Ops tf, Operand<TBool> mask, Class<? extends TNumber> type) {
    return tf.select(
        mask,
        Vocabulary.number(tf.dtypes.cast(tf.constant(1), type)),
        Vocabulary.number(tf.dtypes.cast(tf.constant(0), type)));
  }

  public static final Primitive SOFTMAX =
      new Vocabulary.Unary(
          "softmax",
          (tf, a) -> tf.nn.softmax(a),
          (a, y, g) -> {
            Expr gy = g.times(y);
            return gy.minus(gy.sum().times(y));
          });

  /** Sum over an axis, which stays with size 1. */
  private static final class Sum extends Primitive {
    private final int axis;

    Sum(int axis) {
      super("Σ");
      this.axis = axis;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      inputs.get(0).size();
      return replace(inputs.get(0).shape(), axis, 1);
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      return sum(site, inputs.get(0), true, axis);
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(spread(g, node.inputs().get(0).shape()));
    }
  }

  /** Sum over the last axis. */
  public static final Primitive SUM = new Sum(-1);

  /** Sum over the last axis but one: that of the columns of a matrix. */
  static final Primitive SUM_OF_COLUMNS = new Sum(-2);

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

  /** The largest along the last axis; several that are equal share the gradient. */
  public static final Primitive MAX =
      new Primitive("max") {
        @Override
        public Shape shape(List<Expr> inputs) {
          return SUM.shape(inputs);
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          return tf.reduceMax(inputs.get(0), tf.constant(new int[] {-1}), ReduceMax.keepDims(true));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          Expr a = node.inputs().get(0);
          Expr largest = Expr.of(Vocabulary.EQUAL, List.of(a, node));
          Expr share = largest.where(Expr.constant(1), Expr.constant(0));
          return List.of(g.times(share).dividedBy(share.sum()));
        }
      };

  /** Where the largest along the last axis is, the first of several, in the working type. */
  public static final Primitive ARG_MAX =
      new Primitive("argmax") {
        @Override
        public Shape shape(List<Expr> inputs) {
          return SUM.shape(inputs);
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          Operand<TInt32> index = tf.math.argMax(inputs.get(0), tf.constant(-1), TInt32.class);
          Operand<TNumber> number = Vocabulary.number(tf.dtypes.cast(index, site.type()));
          return tf.stopGradient(tf.expandDims(number, tf.constant(-1)));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          return Collections.singletonList(null);
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
    return value.shape().equals(to) ? value : Expr.of(new Spread(to), List.of(value));
  }

  /** Sum over the rows of the batch, at each step or over all steps too, given to every row. */
  public static final class BatchSum extends Primitive {
    private final boolean overSteps;

    public BatchSum(boolean overSteps) {
      super("Σ_B");
      this.overSteps = overSteps;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      Expr value = inputs.get(0);
      if (value.level() == Level.WEIGHT || overSteps && value.level() != Level.SEQUENCE) {
        throw new IllegalArgumentException(
            "sum over rows: needs a value of each row (over steps: one that does not depend on the"
                + " state), got "
                + value);
      }
      return value.shape();
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      int[] axes =
          overSteps ? IntStream.range(0, site.leading()).toArray() : new int[] {site.leading() - 1};
      Operand<TNumber> sum = sum(site, inputs.get(0), true, axes);
      return site.tf().broadcastTo(sum, site.fullShape(node.shape()));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      return List.of(Expr.of(this, List.of(g)));
    }
  }

  /** Whether some value is made of sums over the rows of the batch. */
  static boolean mixesRows(List<Expr> values) {
    return contains(values, sum -> true);
  }

  /** Whether some value is made of sums over all steps. */
  static boolean mixesSteps(List<Expr> values) {
    return contains(values, sum -> sum.overSteps);
  }

  private static boolean contains(List<Expr> values, Predicate<BatchSum> asked) {
    List<Expr> open = new ArrayList<>(values);
    Set<Expr> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      Expr expr = open.remove(open.size() - 1);
      if (expr.primitive() instanceof BatchSum sum && asked.test(sum)) {
        return true;
      }
      expr.inputs().stream().filter(seen::add).forEach(open::add);
    }
    return false;
  }

  /** A value of each step that does not depend on the state: for a slot that forgets its past. */
  private static final Primitive EACH_STEP =
      new Primitive("=") {
        @Override
        public Level level() {
          return Level.STEP;
        }

        @Override
        public Shape shape(List<Expr> inputs) {
          return inputs.get(0).shape();
        }

        @Override
        public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
          return site.tf().identity(spread(site, node.inputs().get(0), inputs.get(0)));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
          return List.of(g);
        }
      };

  /**
   * A value as one of the step level.
   *
   * @return the value itself if it is one already
   */
  static Expr eachStep(Expr value) {
    return value.level() == Level.STEP ? value : Expr.of(EACH_STEP, List.of(value));
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
    return value.shape().equals(to) ? value : Expr.of(new SumTo(to), List.of(value));
  }

  /** One block of an axis that is cut. */
  public static final class Part extends Primitive {
    private final int axis;
    private final List<Integer> sizes;
    private final int index;

    public Part(int axis, List<Integer> sizes, int index) {
      super("part " + index);
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

    public int axis() {
      return axis;
    }

    public List<Integer> sizes() {
      return sizes;
    }

    public int index() {
      return index;
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

    public int axis() {
      return axis;
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

    public Shape to() {
      return to;
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
  static Operand<TNumber> spread(Site site, Expr input, Operand<TNumber> value) {
    if (input.level() != Level.WEIGHT || site.leading() == 0) {
      return value;
    }
    Ops tf = site.tf();
    return tf.math.add(value, tf.fill(site.fullShape(input.shape()), site.scalar(0)));
  }

  static Operand<TNumber> sum(Site site, Operand<TNumber> value, boolean keep, int... axes) {
    Ops tf = site.tf();
    return tf.reduceSum(value, tf.constant(axes), ReduceSum.keepDims(keep));
  }

  static void checkAxis(String who, Expr input, int axis) {
    if (axis >= 0 || -axis > input.shape().numDimensions()) {
      throw new IllegalArgumentException(
          who + ": axis must be one of a row, counted from the end, got " + axis + " of " + input);
    }
  }

  static Shape replace(Shape shape, int axis, long size) {
    long[] sizes = shape.asArray();
    sizes[sizes.length + axis] = size;
    return Shape.of(sizes);
  }

  static Shape replaceLast(Shape shape, long size) {
    return replace(shape, -1, size);
  }

  static int[] prepend(int first, Shape shape) {
    int[] sizes = new int[shape.numDimensions() + 1];
    sizes[0] = first;
    for (int i = 1; i < sizes.length; i++) {
      sizes[i] = Math.toIntExact(shape.get(i - 1));
    }
    return sizes;
  }
}
