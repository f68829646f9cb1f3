package kazoku.decode;

import java.util.Collections;
import java.util.List;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.Site;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.Stack;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Operations that choose a token, or a hypothesis; no gradient flows through a choice. */
final class Choice {
  private Choice() {}

  /**
   * A token that is drawn: token k with the probability {@code softmax(logits)_k}.
   *
   * @param logits {@code [V]}
   * @param uniform a number that is at least 0 and less than 1, {@code [1]}
   * @return the token, {@code [1]}
   */
  static Expr drawn(Expr logits, Expr uniform) {
    return Expr.of(DRAWN, List.of(logits, uniform));
  }

  /**
   * One element of the last axis.
   *
   * @param values {@code [V]}
   * @param index which one, {@code [1]}
   * @return the element, {@code [1]}
   */
  static Expr element(Expr values, Expr index) {
    return Expr.of(ELEMENT, List.of(values, index));
  }

  /**
   * The best of all continuations of the hypotheses of a row. Hypotheses are rows of the batch,
   * {@code width} neighbours for each row.
   *
   * @param width K
   * @param ranked how good each continuation is, {@code [V]}
   * @param totals what else is known of each continuation, {@code [V]}
   * @return for the k-th best: which hypothesis it continues, from 0 to K−1, by which token, how
   *     good it is, and its total, {@code [4]}
   */
  static Expr best(int width, Expr ranked, Expr totals) {
    return Expr.of(new Best(width), List.of(ranked, totals));
  }

  /**
   * The value of another hypothesis of the same row.
   *
   * @param width K
   * @param value the values of all
   * @param index which one, from 0 to K−1, {@code [1]}
   * @return its value
   */
  static Expr of(int width, Expr value, Expr index) {
    return Expr.of(new Other(width), List.of(value, index));
  }

  private abstract static class Chosen extends Primitive {
    Chosen(String glyph) {
      super(glyph);
    }

    @Override
    public final Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      return site.tf().stopGradient(choose(site, node, inputs));
    }

    abstract Operand<TNumber> choose(Site site, Expr node, List<Operand<TNumber>> inputs);

    @Override
    public final List<Expr> gradient(Expr node, Expr g) {
      return Collections.nCopies(node.inputs().size(), null);
    }
  }

  private static final Primitive DRAWN =
      new Chosen("draw") {
        @Override
        public Shape shape(List<Expr> inputs) {
          return inputs.get(1).shape();
        }

        @Override
        Operand<TNumber> choose(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          Operand<TNumber> upTo = tf.math.cumsum(tf.nn.softmax(inputs.get(0)), tf.constant(-1));
          // The sum of all is 1 up to rounding only.
          Operand<TNumber> all =
              tf.reduceMax(upTo, tf.constant(new int[] {-1}), ReduceMax.keepDims(true));
          Operand<TNumber> passed =
              cast(site, tf.math.lessEqual(upTo, tf.math.mul(inputs.get(1), all)));
          return tf.reduceSum(passed, tf.constant(new int[] {-1}), ReduceSum.keepDims(true));
        }
      };

  private static final Primitive ELEMENT =
      new Chosen("element") {
        @Override
        public Shape shape(List<Expr> inputs) {
          return inputs.get(1).shape();
        }

        @Override
        Operand<TNumber> choose(Site site, Expr node, List<Operand<TNumber>> inputs) {
          Ops tf = site.tf();
          return tf.gather(
              inputs.get(0),
              whole(tf, inputs.get(1)),
              tf.constant(-1),
              Gather.batchDims((long) site.leading()));
        }
      };

  private static final class Best extends Chosen {
    private final int width;

    Best(int width) {
      super("best");
      this.width = width;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return Shape.of(4);
    }

    @Override
    Operand<TNumber> choose(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      int tokens = node.inputs().get(0).size();
      Operand<TInt32> flat = tf.array(-1, width * tokens);
      TopK<TNumber, TInt32> top =
          tf.nn.topK(tf.reshape(inputs.get(0), flat), tf.constant(width), new TopK.Options[0]);
      Operand<TInt32> each = tf.constant(tokens);
      Operand<TNumber> totals =
          tf.gather(
              tf.reshape(inputs.get(1), flat), top.indices(), tf.constant(1), Gather.batchDims(1L));
      Operand<TNumber> from = cast(site, tf.math.floorDiv(top.indices(), each));
      Operand<TNumber> token = cast(site, tf.math.floorMod(top.indices(), each));
      return tf.reshape(
          tf.stack(List.of(from, token, top.values(), totals), Stack.axis(-1L)), tf.array(-1, 4));
    }
  }

  private static final class Other extends Chosen {
    private final int width;

    Other(int width) {
      super("of");
      this.width = width;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return inputs.get(0).shape();
    }

    @Override
    Operand<TNumber> choose(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      Operand<TInt32> rows =
          site.shared(
              List.of("row of", node.inputs().get(1)),
              () -> {
                Operand<TInt32> index = tf.reshape(whole(tf, inputs.get(1)), tf.array(-1));
                Operand<TInt32> all =
                    tf.range(
                        tf.constant(0),
                        tf.reshape(site.leadingShape(), tf.constant(new int[0])),
                        tf.constant(1));
                Operand<TInt32> place = tf.math.floorMod(all, tf.constant(width));
                return tf.math.add(tf.math.sub(all, place), index);
              });
      return tf.gather(inputs.get(0), rows, tf.constant(0));
    }
  }

  private static Operand<TInt32> whole(Ops tf, Operand<TNumber> number) {
    return tf.dtypes.cast(number, TInt32.class);
  }

  private static Operand<TNumber> cast(Site site, Operand<? extends TType> value) {
    return Vocabulary.number(site.tf().dtypes.cast(value, site.type()));
  }
}
