package kazoku.internal;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.Site;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/** Turns expressions into operations of one graph, each once. */
public final class Walk {
  /** Operations whose gradients do not mind a Variable. */
  private static final Set<Primitive> TAKE_VARIABLES = Set.of(Vocabulary.DOT, Vocabulary.PLUS);

  private final Map<Expr, Operand<TNumber>> built = new IdentityHashMap<>();
  private final Map<Expr, Supplier<Operand<?>>> promised = new IdentityHashMap<>();
  private final Map<Expr, Operand<TNumber>> values = new IdentityHashMap<>();
  private final Place rows;
  private final Place perRow;
  private final Place weights;
  private boolean rowsAreSteps;
  private boolean batchMajor;

  /**
   * A walk through one graph.
   *
   * @param tf operations of the graph
   * @param type the working type
   * @param leading how many axes stand before those of a row
   * @param leadingShape builds the sizes of the leading axes, if they are needed
   */
  public Walk(
      Ops tf, Class<? extends TNumber> type, int leading, Supplier<Operand<TInt32>> leadingShape) {
    this.rows = new Place(tf, type, leading, leadingShape, new HashMap<>());
    this.perRow = leading < 2 ? rows : new Place(tf, type, 1, this::numberOfRows, new HashMap<>());
    this.weights = new Place(tf, type, 0, () -> tf.constant(new int[0]), new HashMap<>());
  }

  /**
   * The same walk, where the values of a row are given anew for each step.
   *
   * @return this walk
   */
  Walk rowsAreSteps() {
    rowsAreSteps = true;
    return this;
  }

  private Operand<TInt32> numberOfRows() {
    Ops tf = weights.tf();
    int axis = batchMajor ? 0 : rows.leading() - 1;
    return tf.slice(rows.leadingShape(), tf.array(axis), tf.array(1));
  }

  /**
   * A walk along an operand whose first axis is that of rows.
   *
   * @param tf operations of the graph
   * @param type the working type
   * @param leading how many axes of the operand stand before those of a row
   * @param x the operand, {@code [B, …]} or {@code [B, T, …]}
   * @return the walk
   */
  public static Walk batchMajor(
      Ops tf, Class<? extends TNumber> type, int leading, Operand<? extends TNumber> x) {
    // Of a strided slice, and not of a plain one, TensorFlow keeps what is known while building.
    Walk walk =
        new Walk(
            tf,
            type,
            leading,
            () -> tf.stridedSlice(tf.shape(x), tf.array(0), tf.array(leading), tf.array(1)));
    walk.batchMajor = true;
    return walk;
  }

  /**
   * Says what an expression is here.
   *
   * @param expr the expression
   * @param operand its value
   */
  public void bind(Expr expr, Operand<?> operand) {
    built.put(expr, Vocabulary.number(operand));
  }

  /**
   * Says what an expression is here, if anybody asks for it.
   *
   * @param expr the expression
   * @param operand builds its value
   */
  public void bind(Expr expr, Supplier<Operand<?>> operand) {
    promised.putIfAbsent(expr, operand);
  }

  /**
   * The operand of an expression, built if it is not there yet.
   *
   * @param expr the expression
   * @return its operand
   */
  public Operand<TNumber> at(Expr expr) {
    Operand<TNumber> operand = built.get(expr);
    if (operand == null && promised.containsKey(expr)) {
      operand = Vocabulary.number(promised.get(expr).get());
      built.put(expr, operand);
    }
    if (operand == null) {
      boolean plain = TAKE_VARIABLES.contains(expr.primitive());
      List<Operand<TNumber>> inputs =
          expr.inputs().stream().map(i -> lifted(expr, i, plain ? at(i) : value(i))).toList();
      Site site = site(expr.level());
      operand = expr.primitive().build(site, expr, inputs);
      built.put(expr, operand);
    }
    return operand;
  }

  private Place site(Level level) {
    return switch (level) {
      case WEIGHT -> weights;
      case ROW -> rowsAreSteps ? rows : perRow;
      default -> rows;
    };
  }

  /** A value of a row, where values of all steps are made of it: the same at every step. */
  private Operand<TNumber> lifted(Expr user, Expr input, Operand<TNumber> value) {
    boolean same = site(user.level()) == site(input.level());
    return same || input.level() != Level.ROW ? value : eachStep(input, value);
  }

  /**
   * The value of a row at every step.
   *
   * @param expr the expression, of the level of rows
   * @param value its value, {@code [B, …]}
   * @return {@code [T, B, …]}, or {@code [B, T, …]} in a walk whose first axis is that of rows
   */
  Operand<TNumber> eachStep(Expr expr, Operand<TNumber> value) {
    Ops tf = rows.tf();
    Operand<TInt32> shape = rows.fullShape(expr.shape());
    Operand<TNumber> each = value;
    for (int k = 1; batchMajor && k < rows.leading(); k++) {
      each = tf.expandDims(each, tf.constant(1));
    }
    return expr.primitive().logical()
        ? tf.broadcastTo(each, shape)
        : tf.math.add(each, tf.fill(shape, rows.scalar(0)));
  }

  /**
   * The operand of an expression; of a Variable, its value. Some of TensorFlow's gradients ask for
   * the type of an operation's input, and crash when it is a reference.
   */
  private Operand<TNumber> value(Expr expr) {
    Operand<TNumber> operand = at(expr);
    return operand.op().type().equals(Variable.OP_NAME)
        ? values.computeIfAbsent(expr, e -> weights.tf().identity(operand))
        : operand;
  }

  /**
   * The place of rows in this graph.
   *
   * @return the site
   */
  public Site site() {
    return rows;
  }

  /**
   * A value in the type of the weights. Whole numbers (tokens, counts) become numbers of this type,
   * which holds them exactly up to 2^24 in float32.
   *
   * @param who the layer
   * @param w its weights
   * @param x the value
   * @return the value, of the weights' type
   * @throws IllegalArgumentException if it is of another floating type
   */
  public static Operand<TNumber> numbers(String who, Weights w, Operand<? extends TNumber> x) {
    if (x.type() == TInt32.class || x.type() == TInt64.class) {
      return Vocabulary.number(w.tf().dtypes.cast(x, w.type()));
    }
    requireType(who, w, x);
    return Vocabulary.number(x);
  }

  /**
   * Raises a mismatch of types where it is made.
   *
   * @param who the layer
   * @param w its weights
   * @param x its input
   */
  public static void requireType(String who, Weights w, Operand<? extends TNumber> x) {
    if (x.type() != w.type()) {
      throw new IllegalArgumentException(
          who
              + ": input must be "
              + w.type().getSimpleName()
              + " as its weights are, got "
              + x.type().getSimpleName());
    }
  }

  static int[] ints(Shape shape) {
    return Arrays.stream(shape.asArray()).mapToInt(Math::toIntExact).toArray();
  }

  private record Place(
      Ops tf,
      Class<? extends TNumber> type,
      int leading,
      Supplier<Operand<TInt32>> sizes,
      Map<Object, Object> made)
      implements Site {

    @Override
    public Operand<TInt32> leadingShape() {
      return shared("leadingShape", sizes);
    }

    @Override
    public Operand<TNumber> scalar(double value) {
      return shared(
          value,
          () ->
              Vocabulary.number(
                  type == TFloat64.class ? tf.constant(value) : tf.constant((float) value)));
    }

    @Override
    @SuppressWarnings("unchecked") // Each key stands for one type.
    public <V> V shared(Object key, Supplier<V> maker) {
      V value = (V) made.get(key);
      if (value == null) {
        value = maker.get();
        made.put(key, value);
      }
      return value;
    }
  }
}
