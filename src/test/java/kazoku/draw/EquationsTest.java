package kazoku.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Parts;
import kazoku.RowLayer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.Window;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.family.Family;
import kazoku.layers.ActivationLayer;
import kazoku.layers.Dense;
import kazoku.layers.LayerNorm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;

/** How steps are printed as text and as LaTeX. */
class EquationsTest {
  private static final int SIZE = 4;

  /** A layer of one equation, with x of four numbers. */
  private record Row(BiFunction<Weights, Expr, Expr> y) implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(SIZE);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      return y.apply(w, x);
    }
  }

  /** A cell of one state h. */
  private record OneState(BiFunction<Weights, Expr, Expr> next) implements Cell {
    @Override
    public Shape input() {
      return Shape.of(SIZE);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("h", SIZE));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr h = next.apply(w, x);
      return new Step(h, State.of("h", h.plus(s.get("h"))));
    }
  }

  /** A cell that gives its input a step later. */
  private record Delay() implements Cell {
    @Override
    public Shape input() {
      return Shape.of(SIZE);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("h", SIZE));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      return new Step(s.get("h"), State.of("h", x));
    }
  }

  private static Expr b(Weights w) {
    return w.bias("b", SIZE);
  }

  private static Expr c(Weights w) {
    return w.bias("c", SIZE);
  }

  private static Expr W(Weights w) {
    return w.input("W", SIZE, SIZE);
  }

  private static Expr V(Weights w) {
    return w.input("V", SIZE, SIZE);
  }

  private static Arguments written(
      String text, String latex, BiFunction<Weights, Expr, Expr> equation) {
    return Arguments.of(text, latex, equation);
  }

  static Stream<Arguments> precedence() {
    return Stream.of(
        written("(x + b)⊙c", "(x + b) \\odot c", (w, x) -> x.plus(b(w)).times(c(w))),
        written("x⊙b + c", "x \\odot b + c", (w, x) -> x.times(b(w)).plus(c(w))),
        written("x − (b + c)", "x - (b + c)", (w, x) -> x.minus(b(w).plus(c(w)))),
        written("x − b − c", "x - b - c", (w, x) -> x.minus(b(w)).minus(c(w))),
        written("x − (b − c)", "x - (b - c)", (w, x) -> x.minus(b(w).minus(c(w)))),
        written("x + b − c", "x + b - c", (w, x) -> x.plus(b(w).minus(c(w)))),
        written("(1−x)⊙b", "(1 - x) \\odot b", (w, x) -> x.oneMinus().times(b(w))),
        written("1 − x⊙b", "1 - x \\odot b", (w, x) -> x.times(b(w)).oneMinus()),
        written("(x⊙b)·W", "(x \\odot b) \\cdot W", (w, x) -> x.times(b(w)).dot(W(w))),
        written("(x·W)⊙b", "(x \\cdot W) \\odot b", (w, x) -> x.dot(W(w)).times(b(w))),
        written("x⊙b⊙c", "x \\odot b \\odot c", (w, x) -> x.times(b(w)).times(c(w))),
        written("x⊙(b⊙c)", "x \\odot (b \\odot c)", (w, x) -> x.times(b(w).times(c(w)))),
        written("x·W·V", "x \\cdot W \\cdot V", (w, x) -> x.dot(W(w)).dot(V(w))),
        written("x·(W·V)", "x \\cdot (W \\cdot V)", (w, x) -> x.dot(W(w).dot(V(w)))),
        written("(x + b)·W", "(x + b) \\cdot W", (w, x) -> x.plus(b(w)).dot(W(w))),
        written("tanh(x + b) + c", "\\tanh(x + b) + c", (w, x) -> x.plus(b(w)).tanh().plus(c(w))),
        // negatives
        written("−x", "-x", (w, x) -> x.negate()),
        written("−x + b", "-x + b", (w, x) -> x.negate().plus(b(w))),
        written("x − b", "x - b", (w, x) -> x.plus(b(w).negate())),
        written("−(x + b)", "-(x + b)", (w, x) -> x.plus(b(w)).negate()),
        written("−x⊙b", "-x \\odot b", (w, x) -> x.negate().times(b(w))),
        written("x⊙(−b)", "x \\odot (-b)", (w, x) -> x.times(b(w).negate())),
        written("x", "x", (w, x) -> x.negate().negate()),
        written("x − 2", "x - 2", (w, x) -> x.plus(-2)),
        written("−2·x", "-2 \\cdot x", (w, x) -> x.times(-2)),
        written("x − 2·b", "x - 2 \\cdot b", (w, x) -> x.plus(b(w).times(-2))),
        written("(−x)²", "{(-x)}^{2}", (w, x) -> x.negate().square()),
        written("(−x)·W", "(-x) \\cdot W", (w, x) -> x.negate().dot(W(w))),
        // fractions and numbers
        written("x/(b + 1)", "\\frac{x}{b + 1}", (w, x) -> x.dividedBy(b(w).plus(1))),
        written("(x + 1)/b", "\\frac{x + 1}{b}", (w, x) -> x.plus(1).dividedBy(b(w))),
        written("(x/b)/c", "\\frac{\\frac{x}{b}}{c}", (w, x) -> x.dividedBy(b(w)).dividedBy(c(w))),
        written("x/(b/c)", "\\frac{x}{\\frac{b}{c}}", (w, x) -> x.dividedBy(b(w).dividedBy(c(w)))),
        written("x⊙b/c", "\\frac{x \\odot b}{c}", (w, x) -> x.times(b(w)).dividedBy(c(w))),
        written("x/b⊙c", "\\frac{x}{b} \\odot c", (w, x) -> x.dividedBy(b(w)).times(c(w))),
        written("(x·W)/c", "\\frac{x \\cdot W}{c}", (w, x) -> x.dot(W(w)).dividedBy(c(w))),
        written("(x/c)²", "{(\\frac{x}{c})}^{2}", (w, x) -> x.dividedBy(c(w)).square()),
        written("2/x", "\\frac{2}{x}", (w, x) -> Expr.constant(2).dividedBy(x)),
        written("0.1·x", "0.1 \\cdot x", (w, x) -> x.times(0.1)),
        written("0.1·(x + b)", "0.1 \\cdot (x + b)", (w, x) -> x.plus(b(w)).times(0.1)),
        written("x/3", "\\frac{x}{3}", (w, x) -> x.times(1 / 3.0)),
        written("√3·x", "\\sqrt{3} \\cdot x", (w, x) -> x.times(Math.sqrt(3))),
        written(
            "(x/√8)·W",
            "\\frac{x}{\\sqrt{8}} \\cdot W",
            (w, x) -> x.times(1 / Math.sqrt(8)).dot(W(w))),
        written("x + 1e−6", "x + 10^{-6}", (w, x) -> x.plus(1e-6)),
        written("1.0507·x", "1.0507 \\cdot x", (w, x) -> x.times(1.0507009873554805)),
        written("−x/3 + b", "-\\frac{x}{3} + b", (w, x) -> x.times(-1 / 3.0).plus(b(w))),
        written("0.2·x⊙b", "0.2 \\cdot x \\odot b", (w, x) -> x.times(0.1).times(b(w)).times(2)),
        // powers
        written("x²", "{x}^{2}", (w, x) -> x.square()),
        written("(x + b)²", "{(x + b)}^{2}", (w, x) -> x.plus(b(w)).square()),
        written("σ(x)²", "{\\sigma(x)}^{2}", (w, x) -> x.sigmoid().square()),
        written("x^b", "{x}^{b}", (w, x) -> x.pow(b(w))),
        written("(x + 1)^(2·b)", "{(x + 1)}^{2 \\cdot b}", (w, x) -> x.plus(1).pow(b(w).times(2))),
        written("(x²)²", "{({x}^{2})}^{2}", (w, x) -> x.square().square()),
        written("e^x", "e^{x}", (w, x) -> x.exp()),
        written("e^−x", "e^{-x}", (w, x) -> x.negate().exp()),
        written("exp(x − b)", "e^{x - b}", (w, x) -> x.minus(b(w)).exp()),
        written("(e^x)²", "{(e^{x})}^{2}", (w, x) -> x.exp().square()),
        written("√x", "\\sqrt{x}", (w, x) -> x.sqrt()),
        written("√(x² + 1)", "\\sqrt{{x}^{2} + 1}", (w, x) -> x.square().plus(1).sqrt()),
        written("1/√x", "\\frac{1}{\\sqrt{x}}", (w, x) -> x.rsqrt()),
        written("x/√b", "\\frac{x}{\\sqrt{b}}", (w, x) -> x.times(b(w).rsqrt())),
        // choices
        written(
            "x where x > 0, else b",
            "\\begin{cases} x & \\text{where } x > 0 \\\\ b & \\text{else} \\end{cases}",
            (w, x) -> x.greaterThan(0).where(x, b(w))),
        written(
            "(x where x > 0, else b)⊙c",
            "\\begin{cases} x & \\text{where } x > 0 \\\\ b & \\text{else} \\end{cases} \\odot c",
            (w, x) -> x.greaterThan(0).where(x, b(w)).times(c(w))),
        written(
            "b where x < 0, else c",
            "\\begin{cases} b & \\text{where } x < 0 \\\\ c & \\text{else} \\end{cases}",
            (w, x) -> Expr.constant(0).greaterThan(x).where(b(w), c(w))),
        written(
            "b where x = 1, else x + 1 where x > c, else c",
            "\\begin{cases} b & \\text{where } x = 1 \\\\ x + 1 & \\text{where } x > c \\\\ c & \\text{else} \\end{cases}",
            (w, x) -> x.equalTo(1).where(b(w), x.greaterThan(c(w)).where(x.plus(1), c(w)))));
  }

  static Stream<Arguments> glyphs() {
    return Stream.of(
        written("σ(x)", "\\sigma(x)", (w, x) -> x.sigmoid()),
        written("tanh(x)", "\\tanh(x)", (w, x) -> x.tanh()),
        written("relu(x)", "\\operatorname{relu}(x)", (w, x) -> x.relu()),
        written("elu(x)", "\\operatorname{elu}(x)", (w, x) -> x.elu()),
        written("softplus(x)", "\\operatorname{softplus}(x)", (w, x) -> x.softplus()),
        written("ln(x)", "\\ln(x)", (w, x) -> x.log()),
        written("|x|", "\\left|x\\right|", (w, x) -> x.abs()),
        written("sign(x)", "\\operatorname{sign}(x)", (w, x) -> x.sign()),
        written("⌊x⌋", "{\\left\\lfloor x\\right\\rfloor}", (w, x) -> x.floor()),
        written("sin(x)", "\\sin(x)", (w, x) -> x.sin()),
        written("cos(x)", "\\cos(x)", (w, x) -> x.cos()),
        written("erf(x)", "\\operatorname{erf}(x)", (w, x) -> x.erf()),
        written("clip(x, −1, 1)", "\\operatorname{clip}(x, -1, 1)", (w, x) -> x.clip(-1, 1)),
        written("max(x, b)", "\\max(x, b)", (w, x) -> x.maximum(b(w))),
        written("min(x, b)", "\\min(x, b)", (w, x) -> x.minimum(b(w))),
        written("mod(x, b)", "\\operatorname{mod}(x, b)", (w, x) -> x.mod(b(w))),
        written("softmax(x)", "\\operatorname{softmax}(x)", (w, x) -> x.softmax()),
        written("Σ(x)", "\\sum(x)", (w, x) -> x.sum()),
        written("mean(x)", "\\operatorname{mean}(x)", (w, x) -> x.mean()),
        written("max(x)", "\\max(x)", (w, x) -> x.max()),
        written("argmax(x)", "\\operatorname{argmax}(x)", (w, x) -> x.argMax()),
        written("cumsum(x)", "\\operatorname{cumsum}(x)", (w, x) -> x.cumulativeSum()),
        written("ln(Σ(e^x))", "\\ln(\\sum(e^{x}))", (w, x) -> x.logSumExp()),
        written("Σ_B(x)", "\\sum\\nolimits_{B}(x)", (w, x) -> x.sumOverRows()),
        written("roll(x, 1)", "\\operatorname{roll}(x, 1)", (w, x) -> x.roll(1)),
        written(
            "LN(x; γ, β)",
            "\\operatorname{LN}(x; \\gamma, \\beta)",
            (w, x) -> x.layerNorm(w.gain("gamma", SIZE), w.bias("beta", SIZE), 1e-5)),
        written(
            "LN(x)",
            "\\operatorname{LN}(x)",
            (w, x) -> x.layerNorm(Expr.constant(1), Expr.constant(0), 1e-5)),
        written("x", "x", (w, x) -> x.stopGradient()),
        written(
            "lookup(Σ(x), W)",
            "\\operatorname{lookup}(\\sum(x), W)",
            (w, x) -> x.sum().lookup(W(w))),
        written("x·Wᵀ", "x \\cdot {W}^{\\top}", (w, x) -> x.dot(W(w).transpose())),
        written("x·W⁻¹", "x \\cdot {W}^{-1}", (w, x) -> x.dot(W(w).inverse())),
        written("x·(I − W)", "x \\cdot (I - W)", (w, x) -> x.dot(Expr.identity(SIZE).minus(W(w)))),
        written("[x, b + 1]", "[x, b + 1]", (w, x) -> Expr.concat(x, b(w).plus(1))),
        written("[x;W]", "[x; W]", (w, x) -> Expr.concat(-2, x.reshape(1, 4), W(w))),
        written(
            "x[:,None]⊙x",
            "x[:,\\text{None}] \\odot x",
            (w, x) -> x.reshape(4, 1).times(x.reshape(1, 4))),
        written(
            "x[:,None]·x",
            "x[:,\\text{None}] \\cdot x",
            (w, x) -> x.reshape(4, 1).matmul(x.reshape(1, 4))),
        written(
            "softmax(rows(x; 2))",
            "\\operatorname{softmax}(\\operatorname{rows}(x; 2))",
            (w, x) -> x.reshape(2, 2).softmax()),
        written(
            "x∗K", "x \\ast K", (w, x) -> x.reshape(2, 2).conv(w.input("K", 1, 2, 3), Window.SAME)),
        written("x[1:4]", "x[1:4]", (w, x) -> x.split(-1, 1, 3).get(1)),
        written("x[0]", "x[0]", (w, x) -> x.split(-1, 1, 3).get(0)),
        written(
            "x + [1,2,3,4]",
            "x + [1, 2, 3, 4]",
            (w, x) -> x.plus(Expr.constant(new double[] {1, 2, 3, 4}, 4))));
  }

  @ParameterizedTest
  @MethodSource({"precedence", "glyphs"})
  void operationsAreWritten(String text, String latex, BiFunction<Weights, Expr, Expr> equation) {
    Equations equations = Equations.of(new Row(equation));
    assertThat(equations.text()).isEqualTo("y = " + text);
    assertThat(equations.latex()).isEqualTo("\\begin{aligned}\ny &= " + latex + "\n\\end{aligned}");
  }

  static Stream<Arguments> activations() {
    return Stream.of(
        Arguments.of(Activation.IDENTITY, "x"),
        Arguments.of(Activation.SIGMOID, "σ(x)"),
        Arguments.of(Activation.TANH, "tanh(x)"),
        Arguments.of(Activation.RELU, "relu(x)"),
        Arguments.of(Activation.RELU6, "clip(x, 0, 6)"),
        Arguments.of(Activation.LEAKY_RELU, "leakyrelu(x)"),
        Arguments.of(Activation.ELU, "elu(x)"),
        Arguments.of(Activation.SELU, "selu(x)"),
        Arguments.of(Activation.SOFTPLUS, "softplus(x)"),
        Arguments.of(Activation.SOFTSIGN, "softsign(x)"),
        Arguments.of(Activation.SILU, "silu(x)"),
        Arguments.of(Activation.GELU, "gelu(x)"),
        Arguments.of(Activation.GELU_APPROXIMATE, "gelu_tanh(x)"),
        Arguments.of(Activation.MISH, "mish(x)"),
        Arguments.of(Activation.HARD_SIGMOID_SIXTH, "hardσ_6(x)"),
        Arguments.of(Activation.HARD_SIGMOID_FIFTH, "hardσ_5(x)"),
        Arguments.of(Activation.HARD_TANH, "clip(x, −1, 1)"),
        Arguments.of(Activation.SOFTMAX, "softmax(x)"));
  }

  @ParameterizedTest
  @MethodSource("activations")
  void activationsAreCalledByTheirNames(Activation activation, String text) {
    assertThat(Equations.of(new ActivationLayer(activation)).text()).isEqualTo("y = " + text);
  }

  @Test
  void anActivationOfOnesOwnIsWrittenOut() {
    ActivationLayer layer = new ActivationLayer(a -> a.tanh().times(1.7));
    assertThat(Equations.of(layer).text()).isEqualTo("y = 1.7·tanh(x)");
  }

  @Test
  void aCellIsPrintedLineByLine() {
    Equations equations = Equations.of(new GRUCell(3, 4));
    assertThat(equations.text())
        .isEqualTo(
            """
            [z,r] = σ(split_2(x·W_zr + h·U_zr + b_zr))
            n  = tanh(x·W_n + (r⊙h)·U_n + b_n)
            h' = z⊙h + (1−z)⊙n""");
    assertThat(equations.latex())
        .isEqualTo(
            """
            \\begin{aligned}
            [z, r] &= \\sigma(\\operatorname{split}_{2}(x \\cdot W_{zr} + h \\cdot U_{zr} + b_{zr})) \\\\
            n &= \\tanh(x \\cdot W_{n} + (r \\odot h) \\cdot U_{n} + b_{n}) \\\\
            h' &= z \\odot h + (1 - z) \\odot n
            \\end{aligned}""");
    assertThat(equations).hasToString(equations.text());
  }

  @Test
  void layersArePrintedAsWell() {
    Dense dense = new Dense(3, 2, Activation.SIGMOID, Initializer.ZEROS);
    assertThat(Equations.of(dense).text()).isEqualTo("y = σ(x·W + b)");
    assertThat(Equations.of(new LayerNorm(3)).text()).isEqualTo("y = LN(x; γ, β)");
  }

  @Test
  void aCellIsPrintedAsItIsEvaluatedAndATraceAsItIs() {
    LSTMCell cell = new LSTMCell(3, 4, 0, 0, 0.5, 0, true, Activation.TANH, Activation.SIGMOID);
    String evaluated = Equations.of(new LSTMCell(3, 4)).text();
    assertThat(Equations.of(cell).text()).isEqualTo(evaluated);
    assertThat(Equations.of(Trace.of(cell)).text())
        .isEqualTo(evaluated.replace("(x·W", "((x⊙(2·x_2))·W"));
  }

  // Names

  private static String text(BiFunction<Weights, Expr, Expr> equation) {
    return Equations.of(new Row(equation)).text();
  }

  @Test
  void aQuantityIsPrintedOnceByItsName() {
    assertThat(
            text(
                (w, x) -> {
                  Expr z = x.plus(b(w)).sigmoid().as("z");
                  return z.times(x).plus(z.oneMinus());
                }))
        .isEqualTo("z = σ(x + b)\ny = z⊙x + 1 − z");
  }

  @Test
  void anOutputKeepsItsName() {
    assertThat(text((w, x) -> x.plus(b(w)).as("out"))).isEqualTo("out = x + b");
  }

  @Test
  void aLargeValueThatIsUsedTwiceGetsAName() {
    BiFunction<Weights, Expr, Expr> large =
        (w, x) -> {
          Expr sum = x.dot(W(w)).plus(b(w)).plus(c(w));
          return sum.sigmoid().times(sum);
        };
    assertThat(text(large)).isEqualTo("a = x·W + b + c\ny = silu(a)".replace("silu(a)", "σ(a)⊙a"));
    assertThat(text((w, x) -> large.apply(w, x).plus(w.bias("a", SIZE))))
        .isEqualTo("a_2 = x·W + b + c\ny   = σ(a_2)⊙a_2 + a");
    assertThat(text((w, x) -> x.plus(b(w)).tanh().times(x.plus(b(w)))))
        .isEqualTo("y = tanh(x + b)⊙(x + b)");
  }

  @Test
  void whatIsComputedTwiceInTheSameWayIsOneValue() {
    assertThat(
            text(
                (w, x) -> {
                  Expr once = x.dot(W(w)).plus(b(w)).plus(c(w));
                  Expr again = x.dot(W(w)).plus(b(w)).plus(c(w));
                  return once.tanh().minus(again);
                }))
        .isEqualTo("a = x·W + b + c\ny = tanh(a) − a");
  }

  @Test
  void aNameMayBeGivenAgainWhereTheOldValueIsNotNeededAnyMore() {
    assertThat(text((w, x) -> x.plus(b(w)).as("z").sigmoid().as("z")))
        .isEqualTo("z = x + b\nz = σ(z)");
    assertThat(
            text(
                (w, x) -> {
                  Expr z = x.plus(b(w)).as("z");
                  Expr other = z.sigmoid().as("z");
                  return other.times(z);
                }))
        .isEqualTo("z   = x + b\nz_2 = σ(z)\ny   = z_2⊙z");
    assertThat(text((w, x) -> x.plus(b(w)).as("x").times(x))).isEqualTo("x_2 = x + b\ny   = x_2⊙x");
  }

  @Test
  void whatNeedsAnOldValueIsPrintedBeforeItsNameIsGivenAgain() {
    assertThat(
            text(
                (w, x) -> {
                  Expr a = x.plus(b(w)).as("u");
                  Expr next = a.tanh().as("u");
                  Expr m = a.square().as("m");
                  return next.times(m);
                }))
        .isEqualTo("u = x + b\nm = u²\nu = tanh(u)\ny = u⊙m");
  }

  @Test
  void nextStatesHaveAPrimeAndStandLast() {
    Cell cell = new OneState((w, x) -> x.plus(b(w)).as("out"));
    assertThat(Equations.of(cell).text()).isEqualTo("out = x + b\nh'  = out + h");
    assertThat(Equations.of(new Delay()).text()).isEqualTo("h' = x\ny  = h");
  }

  @Test
  void greekLettersAreSpelledInNamesAndPrintedAsThemselves() {
    BiFunction<Weights, Expr, Expr> greek =
        (w, x) -> x.times(w.gain("W_Delta", SIZE)).plus(w.bias("alpha", SIZE)).as("ĥ_gamma");
    assertThat(text(greek)).isEqualTo("ĥ_γ = x⊙W_Δ + α");
    assertThat(Equations.of(new Row(greek)).latex())
        .contains("{\\hat{h}}_{\\gamma} &= x \\odot W_{\\Delta} + \\alpha");
  }

  @Test
  void wordsAndPathsAreSubscripts() {
    BiFunction<Weights, Expr, Expr> inner = (w, x) -> x.plus(w.in("inner").bias("b_q", SIZE));
    assertThat(text(inner)).isEqualTo("y = x + b_q_inner");
    assertThat(Equations.of(new Row(inner)).latex()).contains("x + b_{q,\\mathrm{inner}}");
  }

  @Test
  void namesWithSignsOfLatexDoNoHarm() {
    BiFunction<Weights, Expr, Expr> odd = (w, x) -> x.plus(1).as("5%\\{").plus(x.plus(2).as("a&b"));
    assertThat(Equations.of(new Row(odd)).latex())
        .contains("\\mathit{5\\%\\{} &=")
        .contains("\\mathit{a\\&b} &=");
  }

  // Blocks

  @Test
  void blocksAreNamedInALineOfTheirOwn() {
    assertThat(
            text(
                (w, x) -> {
                  Parts p = x.dot(W(w)).split("u", "v");
                  return p.get("u").times(p.get("v"));
                }))
        .isEqualTo("[u,v] = split_2(x·W)\ny = u⊙v");
    assertThat(
            text(
                (w, x) -> {
                  Parts p = x.dot(W(w)).sigmoid().split(-1, 1, 2, 1).as("u", "v", "q");
                  return p.get("v");
                }))
        .isEqualTo("[·,v,·] = σ(split(x·W; 1, 2, 1))");
  }

  @Test
  void aBlockWithASubscriptIsABlockOfTheWeights() {
    assertThat(
            text(
                (w, x) -> {
                  Parts p = x.dot(W(w)).plus(b(w)).tanh().split("_u", "_v");
                  Parts q = c(w).split("_u", "_v");
                  return p.get("_u").plus(p.get("_v")).times(q.get("_v"));
                }))
        .isEqualTo("y = (tanh(x·W_u + b_u) + tanh(x·W_v + b_v))⊙c_v");
    assertThat(
            text(
                (w, x) -> {
                  Expr both = Expr.concat(W(w), V(w));
                  Parts p = x.dot(both).plus(x.dot(W(w)).softmax().sum()).split("_u", "_v");
                  return p.get("_u").plus(p.get("_v"));
                }))
        .isEqualTo("y = x·W + Σ(softmax(x·W)) + x·V + Σ(softmax(x·W))");
    assertThat(text((w, x) -> x.softmax().split("_u", "_v").get("_v")))
        .isEqualTo("y = softmax(x)[2:4]");
  }

  @Test
  void rowsOfOneMatrixMeetValuesSideBySide() {
    assertThat(
            text(
                (w, x) -> {
                  Parts K = w.input("K", SIZE + 2, 3).split(-2, SIZE, 2);
                  return x.dot(K.get(0)).plus(b(w).split("_u", "_v").get("_v").dot(K.get(1)));
                }))
        .isEqualTo("y = [x,b_v]·K");
  }

  @Test
  void whatOnlyBendsGradientsIsNotPrinted() {
    assertThat(text((w, x) -> x.plus(b(w).minus(b(w).stopGradient())).stopGradient()))
        .isEqualTo("y = x");
    assertThat(text((w, x) -> x.plus(b(w).relu().minus(x).stopGradient())))
        .isEqualTo("y = x + relu(b) − x");
  }

  @Test
  void nothingIsRefusedAtOnce() {
    assertThatThrownBy(() -> Equations.of((Cell) null)).hasMessageContaining("Equations: cell");
    assertThatThrownBy(() -> Equations.of((Trace) null)).hasMessageContaining("Equations: trace");
    assertThatThrownBy(() -> Equations.of((RowLayer) null)).hasMessageContaining("layer");
  }

  // All of them

  static Stream<Cell> all() {
    return Stream.concat(Family.examples().stream(), Family.wrapped().stream());
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyCellHasEquationsOfWhichEachSymbolIsKnownAndLatexThatIsBalanced(Cell cell) {
    for (Equations equations : List.of(Equations.of(cell), Equations.of(Trace.of(cell)))) {
      assertThat(equations.text()).doesNotContain("part ", "spread", "reshape", "const");
      assertBalanced(equations.latex());
    }
  }

  private static void assertBalanced(String latex) {
    int braces = 0;
    for (int k = 0; k < latex.length(); k++) {
      if (latex.charAt(k) == '\\') {
        k++;
      } else {
        braces += latex.charAt(k) == '{' ? 1 : latex.charAt(k) == '}' ? -1 : 0;
      }
      assertThat(braces).as(latex).isNotNegative();
    }
    assertThat(braces).as(latex).isZero();
    for (String[] pair :
        new String[][] {
          {"\\begin{aligned}", "\\end{aligned}"},
          {"\\begin{cases}", "\\end{cases}"},
          {"\\left", "\\right"},
          {"(", ")"},
          {"[", "]"}
        }) {
      assertThat(latex.split(java.util.regex.Pattern.quote(pair[0]), -1))
          .as(latex)
          .hasSameSizeAs(latex.split(java.util.regex.Pattern.quote(pair[1]), -1));
    }
    assertThat(latex.lines().filter(line -> line.contains(" &= ")).count())
        .isEqualTo(latex.lines().count() - 2);
  }
}
