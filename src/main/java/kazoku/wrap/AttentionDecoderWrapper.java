package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Requests;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A decoder that looks at an encoder's outputs, the memory M: at each step it weighs them by how
 * well they fit the cell's output, and feeds their mean back.
 *
 * <pre>
 * y, s' = cell([x,a], s)                      the cell's output       [H]
 * e_t = g·(k_t·y)                             LUONG, k = M·K_m        [T_m]
 * e_t = Σ v⊙tanh(k_t + y·Q)                   BAHDANAU, k = M·K_m     [T_m]
 * w'  = softmax(e)                            alignments              [T_m]
 * ctx = Σ_t w'_t·M_t                          context                 [D]
 * a'  = [y,ctx]·P                             attention, or ctx       [A]
 * </pre>
 *
 * <p>The output is a', or y without {@code outputAttention}. With {@code attentionLayerSize} 0
 * there is no P, and a' is ctx. g is there with {@code scale}. With {@code normalize} v is {@code
 * g·v/‖v‖}, and there is a bias b inside the tanh.
 *
 * <p>The memory is given beside the input, {@code Signal.of(x).beside("memory", memory)}, as a
 * signal {@code [B,T_m,D]} with lengths or a mask of its own; it may have fewer steps than {@code
 * memoryTime}. What is not valid in it has no weight, and a row without any memory has no context.
 *
 * <p>Monotonic alignments only move forward. A score, with the bias r added, is the chance of
 * stopping at a step of the memory, looked at one after the other from where the last step stopped:
 *
 * <pre>
 * p   = σ(e + r + noise)                      chance to stop          [T_m]
 * c_t = Π_{j&lt;t} (1 − p_j)                     none before stopped     [T_m]
 * w'  = p⊙c⊙cumsum(w/c)                       MONOTONIC               [T_m]
 * w'_t = 1 at the first t with e_t + r &gt; 0 that is not before the last   MONOTONIC_HARD
 * </pre>
 *
 * <p>Where none stops the alignments sum to less than 1, and with hard ones the attention ends. c
 * is formed from logarithms and cut off, at 1e-38 in each factor and at 1e-10 where it divides, as
 * in tf.contrib. Hard alignments pass no gradient to the scores. The noise, normal with standard
 * deviation {@code sigmoidNoise}, is there in training only; it makes chances learn to be near 0 or
 * 1.
 *
 * <p>K_m {@code [D,N]}, Q {@code [H,N]}, v {@code [N]} and P {@code [H+D,A]} start glorot-uniform,
 * b {@code [N]} as zeros, the number g at 1 (LUONG) or √(1/N) (BAHDANAU), the number r at {@code
 * scoreBias}; the cell's weights are under {@code cell/}. a and w start at zero; for monotonic
 * alignments w starts at 1 for the first step of the memory.
 *
 * <p>Source: D. Bahdanau, K. Cho, Y. Bengio, "Neural Machine Translation by Jointly Learning to
 * Align and Translate", ICLR 2015, <a href="https://arxiv.org/abs/1409.0473">arXiv:1409.0473</a>;
 * M.-T. Luong, H. Pham, C. Manning, "Effective Approaches to Attention-based Neural Machine
 * Translation", EMNLP 2015, <a href="https://arxiv.org/abs/1508.04025">arXiv:1508.04025</a>; C.
 * Raffel et al., "Online and Linear-Time Attention by Enforcing Monotonic Alignments", ICML 2017,
 * <a href="https://arxiv.org/abs/1704.00784">arXiv:1704.00784</a>; in the form of tf.contrib's
 * AttentionWrapper, which adds the noise whenever it is asked for, and has a slot more that counts
 * steps.
 *
 * @param cell the cell inside, whose input is a vector [I+A] and whose output a vector [H]
 * @param attention how a score is formed
 * @param attentionUnits N, the width in which it is formed, at least 1, for LUONG H; H by default
 * @param memoryTime T_m, the largest number of steps of the memory, at least 1
 * @param memorySize D, the width of the memory, at least 1
 * @param attentionLayerSize A; 0, the default, for a context without P, where A is D
 * @param alignment how scores become alignments; SOFTMAX by default
 * @param sigmoidNoise the noise of monotonic alignments, at least 0; 0 by default
 * @param scoreBias where r starts; 0 by default, for long memories it should be negative
 * @param scale whether there is g, for LUONG; false by default
 * @param normalize whether v is normalised, for BAHDANAU; false by default
 * @param outputAttention whether the output is a', as in Luong et al., and not y; true by default
 */
public record AttentionDecoderWrapper(
    Cell cell,
    Attention attention,
    int attentionUnits,
    int memoryTime,
    int memorySize,
    int attentionLayerSize,
    Alignment alignment,
    double sigmoidNoise,
    double scoreBias,
    boolean scale,
    boolean normalize,
    boolean outputAttention)
    implements Wrapper {
  private static final String WHO = "AttentionDecoderWrapper";
  private static final double SMALLEST = Float.MIN_NORMAL;

  /** How a score is formed. */
  public enum Attention {
    /** By a product of memory and output. */
    LUONG,
    /** By a small network. */
    BAHDANAU
  }

  /** How scores become alignments. */
  public enum Alignment {
    /** Any steps of the memory may be looked at. */
    SOFTMAX,
    /** Forward only, as an expectation. */
    MONOTONIC,
    /** Forward only, one step of the memory; attention is not trained. */
    MONOTONIC_HARD,
    /** MONOTONIC in training and MONOTONIC_HARD otherwise, as in the paper. */
    MONOTONIC_HARD_IN_EVALUATION
  }

  public AttentionDecoderWrapper {
    Checks.given(WHO, "cell", cell);
    Checks.given(WHO, "attention", attention);
    Checks.given(WHO, "alignment", alignment);
    Checks.atLeastOne(WHO, "attentionUnits", attentionUnits);
    Checks.atLeastOne(WHO, "memoryTime", memoryTime);
    Checks.atLeastOne(WHO, "memorySize", memorySize);
    Checks.notNegative(WHO, "attentionLayerSize", attentionLayerSize);
    Checks.notNegative(WHO, "sigmoidNoise", sigmoidNoise);
    int fedBack = attentionLayerSize == 0 ? memorySize : attentionLayerSize;
    Checks.require(
        Inner.vector(WHO, "the cell's input", cell.input()) > fedBack,
        WHO,
        "the cell's input must be wider than the attention that is fed back, [" + fedBack + "]",
        cell.input());
    int outputSize = outputSize(cell);
    Checks.require(
        attention != Attention.LUONG || attentionUnits == outputSize,
        WHO,
        "attentionUnits must be the width of the cell's output, " + outputSize + ", for LUONG",
        attentionUnits);
    Checks.require(
        !scale || attention == Attention.LUONG, WHO, "scale needs attention LUONG", attention);
    Checks.require(
        !normalize || attention == Attention.BAHDANAU,
        WHO,
        "normalize needs attention BAHDANAU",
        attention);
    Checks.require(
        alignment != Alignment.SOFTMAX || sigmoidNoise == 0 && scoreBias == 0,
        WHO,
        "sigmoidNoise and scoreBias need a monotonic alignment",
        alignment);
  }

  /**
   * The wrapper without scale, normalisation and attention layer: its output is the context alone.
   * One with an attention layer learns better.
   *
   * @param cell the cell inside
   * @param attention how a score is formed
   * @param memoryTime T_m
   * @param memorySize D
   */
  public AttentionDecoderWrapper(Cell cell, Attention attention, int memoryTime, int memorySize) {
    this(cell, attention, memoryTime, memorySize, 0);
  }

  /**
   * The wrapper without scale and normalisation.
   *
   * @param cell the cell inside
   * @param attention how a score is formed
   * @param memoryTime T_m
   * @param memorySize D
   * @param attentionLayerSize A; a decoder that sees the context alone learns worse
   */
  public AttentionDecoderWrapper(
      Cell cell, Attention attention, int memoryTime, int memorySize, int attentionLayerSize) {
    this(
        cell,
        attention,
        outputSize(cell),
        memoryTime,
        memorySize,
        attentionLayerSize,
        Alignment.SOFTMAX,
        0,
        0,
        false,
        false,
        true);
  }

  private static int outputSize(Cell cell) {
    Checks.given(WHO, "cell", cell);
    return Inner.vector(WHO, "the cell's output", Trace.of(cell).outputShape());
  }

  private int attentionSize() {
    return attentionLayerSize == 0 ? memorySize : attentionLayerSize;
  }

  @Override
  public Shape input() {
    return Shape.of(cell.input().get(0) - attentionSize());
  }

  @Override
  public List<Slot> own() {
    return List.of(Slot.of("a", attentionSize()), Slot.of("w", memoryTime));
  }

  @Override
  public State initial(Weights w) {
    State initial = Wrapper.super.initial(w);
    if (alignment == Alignment.SOFTMAX) {
      return initial;
    }
    double[] first = new double[memoryTime];
    first[0] = 1;
    return initial.with("w", Expr.constant(first, memoryTime));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Requests.PerRow memory = w.perRow("memory", memoryTime, memorySize);
    Expr M = memory.value();

    Step inner = w.in("cell").step(cell, Expr.concat(x, s.get("a")), s.in("cell"));
    Expr y = inner.output();
    Expr e = score(w, M.dot(w.input("K_m", memorySize, attentionUnits)), y);
    Expr aligned = aligned(w, e, memory.valid(), s.get("w"));
    Expr ctx = aligned.reshape(1, memoryTime).matmul(M).reshape(memorySize);
    Expr a = ctx;
    if (attentionLayerSize > 0) {
      a = Expr.concat(y, ctx).dot(w.input("P", y.size() + memorySize, attentionLayerSize));
    }
    State next = Inner.state("cell", inner.next()).with("a", a).with("w", aligned);
    return new Step(outputAttention ? a : y, next);
  }

  private Expr score(Weights w, Expr keys, Expr y) {
    if (attention == Attention.LUONG) {
      Expr e = keys.matmul(y.reshape(attentionUnits, 1)).reshape(memoryTime);
      return scale ? e.times(w.get("g", Initializer.ONES)) : e;
    }
    Expr query = y.dot(w.input("Q", y.size(), attentionUnits)).reshape(1, attentionUnits);
    Expr v = w.input("v", attentionUnits);
    Expr sum = keys.plus(query);
    if (normalize) {
      Expr g = w.get("g", Initializer.constant(Math.sqrt(1.0 / attentionUnits)));
      v = g.times(v).times(v.square().sum().rsqrt());
      sum = sum.plus(w.bias("b", attentionUnits));
    }
    return v.times(sum.tanh()).sum().reshape(memoryTime);
  }

  private Expr aligned(Weights w, Expr e, Expr valid, Expr before) {
    Expr never = Expr.constant(-1e30);
    if (alignment == Alignment.SOFTMAX) {
      return valid.greaterThan(0).where(e, never).softmax().times(valid);
    }
    Expr scores = e.plus(w.get("r", Initializer.constant(scoreBias)));
    if (sigmoidNoise > 0 && w.training()) {
      Expr noise = w.noise("noise", Weights.Draw.EACH_STEP, memoryTime);
      scores = scores.plus(noise.times(sigmoidNoise));
    }
    scores = valid.greaterThan(0).where(scores, never);
    boolean hard =
        alignment == Alignment.MONOTONIC_HARD
            || alignment == Alignment.MONOTONIC_HARD_IN_EVALUATION && !w.training();
    return hard ? first(scores, before) : expected(scores.sigmoid(), before);
  }

  /** Where the walk stops, each step of the memory with its chance. */
  private Expr expected(Expr p, Expr before) {
    Expr c = sumBefore(p.oneMinus().clip(SMALLEST, 1).log()).exp();
    return p.times(c).times(before.dividedBy(c.clip(1e-10, 1)).cumulativeSum());
  }

  /** The first step with a positive score, from the last one on. */
  private Expr first(Expr scores, Expr before) {
    Expr p = scores.greaterThan(0).where(before.cumulativeSum(), Expr.constant(0));
    return sumBefore(p).equalTo(0).where(p, Expr.constant(0));
  }

  /** The sum of all elements before each one. */
  private Expr sumBefore(Expr values) {
    Expr none = Expr.constant(new double[1], 1);
    return Expr.concat(none, values.split(-1, memoryTime - 1, 1).get(0)).cumulativeSum();
  }
}
