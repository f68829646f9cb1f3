package kazoku.cells;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Differentiable neural computer: a Turing machine's controller and memory, where the machine finds
 * free places by itself and remembers in which order it wrote.
 *
 * <pre>
 * (y, s') = controller([x, r_1..r_R], s)      controller, clipped     [C]
 * [k_r,β_r,k_w,β_w,e,v,f,g_a,g_w,π] =
 *   split(y·P + b ; RD,R,WD,W,WD,WD,R,W,W,R(1+2W))
 *   e, f, g_a, g_w through σ, β_r and β_w through softplus, π through softmax, a read head
 * content(M; k, β) = softmax(β·⟨M_n,k⟩/(|M_n||k| + 1e-6)),   |a| = √(Σa² + 1e-6)
 *
 * written = u + (1−u)⊙(1 − Π_j(1 − w_w[j]))   what the last step used [N]
 * u' = written⊙Π_i(1 − f_i⊙w_r[i])            usage, less the freed   [N]
 * û  = u';   for each write head j:
 *   ū = 1e-6 + (1−1e-6)·û
 *   a_n = (1−ū_n)·Π ū_m, over m before n      allocation              [N]
 *   û ← û + (1−û)⊙g_a[j]·g_w[j]·a
 *   w_w'[j] = g_w[j]·(g_a[j]·a + (1−g_a[j])·content(M; k_w[j], β_w[j]))
 * M' = M⊙Π_j(1 − w_w'[j]ᵀ·e_j) + w_w'ᵀ·v      memory                  [N,D]
 * L' = (1 − w_w'[a] − w_w'[b])⊙L + w_w'[a]·p[b],   0 where a = b      [W,N,N]
 * p' = (1 − Σ_n w_w'[n])⊙p + w_w'             precedence              [W,N]
 * w_r' = Σ_j π_j⊙(w_r·L'_j) + Σ_j π_(W+j)⊙(w_r·L'_jᵀ) + π_2W⊙content(M'; k_r, β_r)
 * r' = w_r'·M'                                read words              [R,D]
 * out = clip([y, r_1'..r_R']·P_o + b_o)       output                  [O]
 * </pre>
 *
 * <p>m is before n if ū_m is smaller, or equal and m &lt; n. No gradient flows from the usage into
 * w_w. Links L'[a,b] say that a was written right after b, so w_r·L' goes back in time and w_r·L'ᵀ
 * forward.
 *
 * <p>P {@code [C, RD+3WD+3R+3W+2RW]} and P_o {@code [C+RD, O]} start truncated-normal with standard
 * deviation 1/√rows, b and b_o as zeros.
 *
 * <p>Source: A. Graves et al., "Hybrid computing using a neural network with dynamic external
 * memory", Nature 538, 2016, <a
 * href="https://doi.org/10.1038/nature20101">doi:10.1038/nature20101</a>. The equations are those
 * of the authors' code, which has softplus where the paper has 1 + softplus, and stops the gradient
 * at w_w. There each part of the interface has a matrix of its own; the order of the blocks in P is
 * this library's. Its controller is an LSTM with the blocks i, g, f, o that adds 1 to the forget
 * gate.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize C, the controller's output width, at least 1
 * @param controller a cell of input I+R·D and output C
 * @param memorySize N, rows of the memory, at least 1
 * @param wordSize D, columns of the memory, at least 1
 * @param readHeads R, at least 1
 * @param writeHeads W, at least 1
 * @param outputSize O, at least 1; I by default
 * @param strength what β_r and β_w go through; SOFTPLUS by default
 * @param clip bound of the controller's output and state and of the output; 0, the default, for
 *     none; the authors train with 20
 */
@About(idea = "memory with allocation and links", source = "Graves et al. 2016")
public record DNCCell(
    int inputSize,
    int hiddenSize,
    Cell controller,
    int memorySize,
    int wordSize,
    int readHeads,
    int writeHeads,
    int outputSize,
    Strength strength,
    double clip)
    implements Cell {

  /** What makes a number the strength of a key. */
  public enum Strength {
    /** {@code softplus}, as in the authors' code. */
    SOFTPLUS(0),

    /** {@code 1 + softplus}, as in the paper. */
    ONEPLUS(1);

    private final double least;

    Strength(double least) {
      this.least = least;
    }
  }

  public DNCCell {
    Checks.sizes("DNCCell", inputSize, hiddenSize);
    Checks.atLeastOne("DNCCell", "memorySize", memorySize);
    Checks.atLeastOne("DNCCell", "wordSize", wordSize);
    Checks.atLeastOne("DNCCell", "readHeads", readHeads);
    Checks.atLeastOne("DNCCell", "writeHeads", writeHeads);
    Checks.atLeastOne("DNCCell", "outputSize", outputSize);
    Checks.given("DNCCell", "strength", strength);
    Checks.notNegative("DNCCell", "clip", clip);
    Controllers.check("DNCCell", controller, inputSize, readHeads, wordSize);
  }

  /**
   * The machine with an LSTM as its controller, and as many columns out as in.
   *
   * @param inputSize I
   * @param hiddenSize C
   * @param memorySize N
   * @param wordSize D
   * @param readHeads R
   * @param writeHeads W
   */
  public DNCCell(
      int inputSize, int hiddenSize, int memorySize, int wordSize, int readHeads, int writeHeads) {
    this(
        inputSize,
        hiddenSize,
        new LSTMCell(inputSize + readHeads * wordSize, hiddenSize),
        memorySize,
        wordSize,
        readHeads,
        writeHeads,
        inputSize,
        Strength.SOFTPLUS,
        0);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    List<Slot> slots = Controllers.slots(controller);
    slots.add(Slot.of("r", readHeads, wordSize));
    slots.add(Slot.of("M", memorySize, wordSize));
    slots.add(Slot.of("w_r", readHeads, memorySize));
    slots.add(Slot.of("w_w", writeHeads, memorySize));
    slots.add(Slot.of("u", memorySize));
    slots.add(Slot.of("L", writeHeads, memorySize, memorySize));
    slots.add(Slot.of("p", writeHeads, memorySize));
    return slots;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int[] sizes = {
      readHeads * wordSize,
      readHeads,
      writeHeads * wordSize,
      writeHeads,
      writeHeads * wordSize,
      writeHeads * wordSize,
      readHeads,
      writeHeads,
      writeHeads,
      readHeads * (1 + 2 * writeHeads)
    };
    int shownSize = hiddenSize + readHeads * wordSize;
    int asked = Arrays.stream(sizes).sum();
    Expr P = w.get("P", scaled(hiddenSize), hiddenSize, asked);
    Expr b = w.bias("b", asked);
    Expr P_o = w.get("P_o", scaled(shownSize), shownSize, outputSize);
    Expr b_o = w.bias("b_o", outputSize);
    Expr M = s.get("M");
    Expr w_r = s.get("w_r");
    Expr p = s.get("p");

    Expr seen = Expr.concat(x, s.get("r").reshape(readHeads * wordSize));
    Step controlled = w.in("controller").step(controller, seen, s.in("controller"));
    Expr y = controlled.output().clipAt(clip);
    Parts parts =
        y.dot(P)
            .plus(b)
            .split(-1, sizes)
            .as("k_r", "beta_r", "k_w", "beta_w", "e", "v", "f", "g_a", "g_w", "pi");
    Expr k_r = parts.get("k_r").reshape(readHeads, wordSize);
    Expr beta_r =
        parts.get("beta_r").softplus().plus(strength.least).reshape(readHeads, 1).as("beta_r");
    Expr k_w = parts.get("k_w").reshape(writeHeads, wordSize);
    Expr beta_w =
        parts.get("beta_w").softplus().plus(strength.least).reshape(writeHeads, 1).as("beta_w");
    Expr e = parts.get("e").sigmoid().reshape(writeHeads, wordSize).as("e");
    Expr v = parts.get("v").reshape(writeHeads, wordSize);
    Expr f = parts.get("f").sigmoid().reshape(readHeads, 1).as("f");
    Expr g_a = parts.get("g_a").sigmoid().reshape(writeHeads, 1).as("g_a");
    Expr g_w = parts.get("g_w").sigmoid().reshape(writeHeads, 1).as("g_w");
    Expr pi = parts.get("pi").reshape(readHeads, 1 + 2 * writeHeads).softmax().as("pi");

    Expr uNext = usage(s.get("u"), s.get("w_w").stopGradient(), f, w_r);
    Expr a = allocations(uNext, g_a.times(g_w)).as("a");
    Expr byContent = content(M, k_w, beta_w).as("c_w");
    Expr w_wNext = g_w.times(g_a.times(a).plus(g_a.oneMinus().times(byContent)));
    Expr MNext = M.times(kept(w_wNext, e)).plus(w_wNext.transpose().matmul(v));
    Expr LNext = links(s.get("L"), w_wNext, p);
    Expr pNext = w_wNext.sum().oneMinus().times(p).plus(w_wNext);
    Expr w_rNext = reads(w_r, LNext, pi, content(MNext, k_r, beta_r).as("c_r"));
    Expr rNext = w_rNext.matmul(MNext);

    Expr shown = Expr.concat(y, rNext.reshape(readHeads * wordSize));
    Expr output = shown.dot(P_o).plus(b_o).clipAt(clip).as("out");
    State next =
        State.of("r", rNext)
            .with("M", MNext)
            .with("w_r", w_rNext)
            .with("w_w", w_wNext)
            .with("u", uNext)
            .with("L", LNext)
            .with("p", pNext)
            .with("controller", clipped(controlled.next()));
    return new Step(output, next);
  }

  private State clipped(State state) {
    Map<String, Expr> values = new TreeMap<>(state.values());
    values.replaceAll((slot, value) -> value.clipAt(clip));
    return State.of(values);
  }

  /** How a key is like each row of the memory, as weights that sum to one; {@code [heads, N]}. */
  private static Expr content(Expr M, Expr k, Expr beta) {
    Expr lengths = norm(k).matmul(norm(M).transpose());
    Expr similarity = k.matmul(M.transpose()).dividedBy(lengths.plus(1e-6));
    return beta.times(similarity).softmax();
  }

  private static Expr norm(Expr rows) {
    return rows.square().sum().plus(1e-6).sqrt();
  }

  private static Expr usage(Expr u, Expr w_w, Expr f, Expr w_r) {
    Expr untouched = product(w_w.oneMinus());
    Expr written = u.plus(u.oneMinus().times(untouched.oneMinus())).as("written");
    return written.times(product(f.times(w_r).oneMinus()));
  }

  /** Free places for the write heads in turn, each of which finds fewer of them; {@code [W, N]}. */
  private Expr allocations(Expr u, Expr written) {
    Expr[] all = new Expr[writeHeads];
    List<Expr> shares = rows(written);
    Expr expected = u.reshape(1, memorySize);
    for (int j = 0; j < writeHeads; j++) {
      all[j] = allocation(expected.times(1 - 1e-6).plus(1e-6).as("ū"));
      expected = expected.plus(expected.oneMinus().times(shares.get(j)).times(all[j])).as("û");
    }
    return Expr.concat(-2, all);
  }

  /** The freest place gets 1−u, the next (1−u) of what is left, and so on; {@code [1, N]}. */
  private Expr allocation(Expr u) {
    double[] lower = new double[memorySize * memorySize];
    Arrays.setAll(lower, i -> i % memorySize < i / memorySize ? 1 : 0);
    Expr earlier = Expr.constant(lower, memorySize, memorySize).as("earlier");

    Expr n = u.transpose();
    Expr zero = Expr.constant(0);
    Expr smaller = n.greaterThan(u).where(u.log(), zero);
    Expr equal = n.minus(u).equalTo(0).where(u.log().times(earlier), zero);
    Expr before = smaller.plus(equal).sum().exp();
    return u.oneMinus().times(before.transpose());
  }

  /** What the write heads leave of the memory, before any of them adds. */
  private Expr kept(Expr w_w, Expr e) {
    List<Expr> places = rows(w_w);
    List<Expr> erased = rows(e);
    Expr kept = places.get(0).transpose().times(erased.get(0)).oneMinus();
    for (int j = 1; j < writeHeads; j++) {
      kept = kept.times(places.get(j).transpose().times(erased.get(j)).oneMinus());
    }
    return kept;
  }

  private Expr links(Expr L, Expr w_w, Expr p) {
    Expr to = w_w.reshape(writeHeads, memorySize, 1);
    Expr from = w_w.reshape(writeHeads, 1, memorySize);
    Expr before = p.reshape(writeHeads, 1, memorySize);
    Expr all = to.oneMinus().minus(from).times(L).plus(to.times(before));
    return all.times(Expr.identity(memorySize).oneMinus());
  }

  private Expr reads(Expr w_r, Expr L, Expr pi, Expr byContent) {
    int[] ones = new int[1 + 2 * writeHeads];
    Arrays.fill(ones, 1);
    Parts modes = pi.split(-1, ones);
    Parts links = L.split(-3, Arrays.copyOf(ones, writeHeads));
    Expr sum = modes.get(2 * writeHeads).times(byContent);
    for (int j = 0; j < writeHeads; j++) {
      Expr link = links.get(j).reshape(memorySize, memorySize);
      Expr backward = w_r.matmul(link);
      Expr forward = w_r.matmul(link.transpose());
      sum = sum.plus(modes.get(j).times(backward));
      sum = sum.plus(modes.get(writeHeads + j).times(forward));
    }
    return sum;
  }

  private static List<Expr> rows(Expr matrix) {
    int[] ones = new int[(int) matrix.shape().get(-2)];
    Arrays.fill(ones, 1);
    return matrix.split(-2, ones).all();
  }

  /** The product of all rows. */
  private static Expr product(Expr rows) {
    return rows(rows).stream().reduce(Expr::times).orElseThrow().reshape(rows.size());
  }

  private static Initializer scaled(int rows) {
    return Initializer.truncatedNormal(1 / Math.sqrt(rows));
  }
}
