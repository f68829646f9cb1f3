package kazoku.decode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.RowLayer;
import kazoku.Signal;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A cell that reads tokens and says which token comes next: a language model, or the second half of
 * an {@link EncoderDecoder}.
 *
 * <pre>
 * x      = E_k                                    the row of the token k                  [J]
 * y, s'  = cell(x, s)                             the cell's own step                     [O]
 * logits = y·P + b                                for each token, how likely it is next   [V]
 * </pre>
 *
 * <p>As a layer it reads tokens that are given, {@code [B, T]} or {@code [B, T, 1]}, whole numbers
 * from 0 to V−1, and gives the logits of each step, {@code [B, T, V]}, zeros past a row's length.
 * For training, the tokens are those that should come out, moved on by one step: the start token
 * first (teacher forcing, or {@link ScheduledSampling}).
 *
 * <p>Left to itself it reads what it has chosen: {@link #greedy}, {@link #sample} and {@link #beam}
 * are layers over the same weights, which take the beginning of each row and go on from there.
 *
 * <p>E {@code [V,J]} starts uniform in ±√3, which has variance 1; P {@code [O,V]} glorot-uniform, b
 * {@code [V]} zeros. The cell's weights are under {@code cell/}. With a schedule that rises there
 * is {@code steps} {@code [1]}, the number of training steps so far, not trained.
 *
 * @param cell the cell, from a vector [J] to a vector [O]; what it asks for beside its input, as
 *     the memory of an attention, stands beside the tokens
 * @param vocabularySize V, the number of tokens, at least 1
 * @param startToken the token that a row begins with
 * @param endToken the token that ends a row; −1 if there is none
 * @param maxSteps how many tokens are generated at most, the end token included; at least 1
 * @param sampling how often training reads the decoder's own tokens; never by default
 * @param loop how the steps of training are built; {@link Loop#DEFAULT} by default. Tokens are
 *     generated in a loop in any case
 */
public record Decoder(
    Cell cell,
    int vocabularySize,
    int startToken,
    int endToken,
    int maxSteps,
    ScheduledSampling sampling,
    Loop loop)
    implements RecurrentLayer {
  static final String STEPS = "steps";

  public Decoder {
    Checks.given("Decoder", "cell", cell);
    Checks.atLeastOne("Decoder", "vocabularySize", vocabularySize);
    Checks.atLeastOne("Decoder", "maxSteps", maxSteps);
    Checks.given("Decoder", "sampling", sampling);
    Checks.given("Decoder", "loop", loop);
    checkToken("startToken", startToken, 0, vocabularySize);
    checkToken("endToken", endToken, -1, vocabularySize);
    checkVector("input", cell.input());
    checkVector("output", Trace.of(cell).outputShape());
  }

  /**
   * A decoder that training gives all tokens.
   *
   * @param cell the cell
   * @param vocabularySize V
   * @param startToken the token that a row begins with
   * @param endToken the token that ends a row, or −1
   * @param maxSteps how many tokens are generated at most
   */
  public Decoder(Cell cell, int vocabularySize, int startToken, int endToken, int maxSteps) {
    this(
        cell,
        vocabularySize,
        startToken,
        endToken,
        maxSteps,
        ScheduledSampling.NEVER,
        Loop.DEFAULT);
  }

  private static void checkToken(String what, int token, int least, int size) {
    Checks.require(
        token >= least && token < size,
        "Decoder",
        what + " must be in " + least + ".." + (size - 1),
        token);
  }

  private static void checkVector(String what, Shape shape) {
    Checks.require(
        shape.numDimensions() == 1, "Decoder", "the cell's " + what + " must be a vector", shape);
  }

  /**
   * The same decoder, trained in another way.
   *
   * @param other how often training reads the decoder's own tokens
   * @return the decoder
   */
  public Decoder with(ScheduledSampling other) {
    return new Decoder(cell, vocabularySize, startToken, endToken, maxSteps, other, loop);
  }

  /**
   * The same decoder with its steps of training built in another way.
   *
   * @param other the way
   * @return the decoder
   */
  public Decoder with(Loop other) {
    return new Decoder(cell, vocabularySize, startToken, endToken, maxSteps, sampling, other);
  }

  /**
   * The same decoder, which generates more or fewer tokens.
   *
   * @param most how many at most
   * @return the decoder
   */
  public Decoder maxSteps(int most) {
    return new Decoder(cell, vocabularySize, startToken, endToken, most, sampling, loop);
  }

  /**
   * Goes on with the most likely token at each step.
   *
   * @param slots slots of the cell whose values after each step stand beside the tokens by their
   *     names (with _ for /), {@code [B, maxSteps, …]}: the alignments {@code w} of an attention
   * @return a layer over the same weights
   * @throws IllegalArgumentException if the cell has no such slot
   */
  public Generator greedy(String... slots) {
    return new Generator(this, OneByOne.greedy(this, slots));
  }

  /**
   * Goes on with tokens that are drawn, anew in every run.
   *
   * @param temperature what logits are divided by: 1 draws as the decoder says, less is more sure
   *     of itself; more than 0
   * @param slots as in {@link #greedy}
   * @return a layer over the same weights
   * @throws IllegalArgumentException if the temperature is not positive, or the cell has no such
   *     slot
   */
  public Generator sample(double temperature, String... slots) {
    return new Generator(this, OneByOne.drawn(this, temperature, slots));
  }

  /**
   * Goes on with several hypotheses side by side, and gives the best ones.
   *
   * <p>The score of a hypothesis is {@code ln p / ((5 + n)/6)^alpha}, where p is the product of the
   * probabilities of its tokens, and n their number, the end token included. At each step the K
   * best of all continuations stay; a hypothesis that has ended competes with the others as it is.
   *
   * <p>Source: the penalty is that of Y. Wu et al., "Google's Neural Machine Translation System",
   * <a href="https://arxiv.org/abs/1609.08144">arXiv:1609.08144</a>, equation 14, without the
   * coverage. One beam for all hypotheses is the way of tf.contrib and OpenNMT; tf.contrib does not
   * count the end token, and OpenNMT-tf counts one token more once a hypothesis has ended.
   * Tensor2Tensor keeps the hypotheses that have ended in a list of their own.
   *
   * @param width K, the number of hypotheses, at least 1
   * @param alpha how much longer rows are preferred: 0 not at all; 0.6 to 1 is common
   * @return a layer over the same weights
   * @throws IllegalArgumentException if width is less than 1 or alpha negative
   */
  public Generator beam(int width, double alpha) {
    return new Generator(this, new Beam(this, width, alpha));
  }

  @Override
  public Shape input() {
    return Shape.scalar();
  }

  @Override
  public boolean lastOnly() {
    return false;
  }

  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Signal tokens = tokens(w, x);
    boolean given = !w.training() || sampling.probability() == 0;
    Result result = given ? forced(w, tokens, initialState) : scheduled(w, tokens, initialState);
    Signal logits = tokens.with(result.outputs()).zeroPadded(w.tf());
    return new Result(Vocabulary.number(logits.value()), result.finalState());
  }

  private Result forced(Weights w, Signal tokens, Map<String, ? extends Operand<?>> initialState) {
    Result read = read(w, tokens, initialState, loop);
    Signal logits = new Projection(this).apply(w, tokens.with(read.outputs()));
    return new Result(Vocabulary.number(logits.value()), read.finalState());
  }

  /** The cell over tokens. */
  Result read(Weights w, Signal tokens, Map<String, ? extends Operand<?>> initialState, Loop form) {
    Signal rows = new Embedding(this).apply(w, tokens);
    return new RNN(cell).with(form).runAt(w.in("cell"), rows, initialState);
  }

  private Result scheduled(
      Weights w, Signal tokens, Map<String, ? extends Operand<?>> initialState) {
    Result result =
        new RNN(new ScheduledCell(this)).with(loop).runAt(w, tokens, inCell(initialState));
    if (sampling.rise() > 0) {
      Ops tf = w.tf();
      Operand<TNumber> one = Vocabulary.number(tf.dtypes.cast(tf.constant(1), w.type()));
      // The loop has read the number before it changes.
      Ops after = tf.withControlDependencies(List.of(result.outputs()));
      w.update(STEPS, () -> after.math.add(w.operand(STEPS), one));
    }
    Map<String, Operand<TNumber>> states = new LinkedHashMap<>();
    cell.state()
        .forEach(slot -> states.put(slot.name(), result.finalState().get("cell/" + slot.name())));
    return new Result(result.outputs(), states);
  }

  /** The state of the cell as part of the state of a cell around the decoder. */
  static Map<String, Operand<?>> inCell(Map<String, ? extends Operand<?>> state) {
    Map<String, Operand<?>> inner = new LinkedHashMap<>();
    state.forEach((slot, value) -> inner.put("cell/" + slot, value));
    return inner;
  }

  /**
   * Tokens {@code [B, T, 1]} in the working type, of which those past a row's length are 0 and so
   * have a row in E.
   */
  Signal tokens(Weights w, Signal x) {
    Shape shape = x.value().asOutput().shape();
    int rank = shape.isUnknown() ? 0 : shape.numDimensions();
    boolean flat = rank == 2;
    Checks.require(
        flat || rank == 3 && shape.takeLast(1).isCompatibleWith(Shape.of(1)),
        "Decoder",
        "tokens must be [B, T] or [B, T, 1]",
        shape);
    Ops tf = w.tf();
    Signal known = x.with(Walk.numbers("Decoder", w, x.value())).zeroPadded(tf);
    return flat ? known.with(tf.expandDims(known.value(), tf.constant(-1))) : known;
  }

  /** The start token for each row, {@code [B, 1]}. */
  Operand<TNumber> starts(Weights w, Operand<TInt32> rows) {
    Ops tf = w.tf();
    return tf.fill(
        tf.concat(List.of(rows, tf.array(1)), tf.constant(0)),
        Vocabulary.number(tf.dtypes.cast(tf.constant(startToken), w.type())));
  }

  // The equations

  /** One step: from a token to logits. */
  Step step(Weights w, Expr token, State s) {
    Step inner = w.in("cell").step(cell, embedded(w, token), s);
    return new Step(logits(w, inner.output()), inner.next());
  }

  private Expr embedded(Weights w, Expr token) {
    double limit = Math.sqrt(3);
    Expr E = w.get("E", Initializer.uniform(-limit, limit), vocabularySize, cell.input().get(0));
    return token.lookup(E);
  }

  private Expr logits(Weights w, Expr y) {
    Expr P = w.input("P", y.size(), vocabularySize);
    Expr b = w.bias("b", vocabularySize);
    return y.dot(P).plus(b);
  }

  private record Embedding(Decoder decoder) implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(1);
    }

    @Override
    public Expr equation(Weights w, Expr token) {
      return decoder.embedded(w, token);
    }
  }

  private record Projection(Decoder decoder) implements RowLayer {
    @Override
    public Shape input() {
      return Trace.of(decoder.cell).outputShape();
    }

    @Override
    public Expr equation(Weights w, Expr y) {
      return decoder.logits(w, y);
    }
  }
}
