package kazoku.cells;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A cell found by search: eight base nodes, and a tree of elementwise operations above them.
 *
 * <pre>
 * [a0,a1,a2,a3,a4,a5,a6,a7] = split_8(x·W)      input terms             [8H]
 * [r0,r1,r2,r3,r4,r5,r6,r7] = split_8(m·U + b)  recurrent terms         [8H]
 * n0 = σ(a0 + r0)      n1 = relu(a1 + r1)       base nodes, each        [H]
 * n2 = σ(a2 + r2)      n3 = relu(a3⊙r3)         a product in node 3
 * n4 = tanh(a4 + r4)   n5 = σ(a5 + r5)
 * n6 = tanh(a6 + r6)   n7 = σ(a7 + r7)
 * p0 = tanh(tanh(n0⊙n1) + c)
 * p1 = tanh(n2 + n3)   p2 = tanh(n4⊙n5)
 * p3 = σ(n6 + n7)
 * c' = p0⊙p1                                    memory                  [H]
 * m' = tanh(c'⊙tanh(p2 + p3))                   output                  [H]
 * m' = m'·P                                     if projected            [R]
 * </pre>
 *
 * <p>W {@code [I,8H]} and P {@code [H,R]} start glorot-uniform, U {@code [R,8H]} orthogonal, b
 * {@code [8H]} zeros.
 *
 * <p>Source: B. Zoph, Q. V. Le, "Neural Architecture Search with Reinforcement Learning", ICLR
 * 2017, arXiv:1611.01578; the equations are those of tf.contrib and tf-addons. RecurrentLayers.jl
 * and torchrecurrent add in node 3 where this cell multiplies. Because it multiplies, the bias
 * belongs to the recurrent term. The projection is not squashed.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param numProj R, the width of the output; 0, the default, for H without a projection
 * @param useBias whether there is b; false by default
 */
@About(idea = "a cell found by search", source = "Zoph, Le 2017")
public record NASCell(int inputSize, int hiddenSize, int numProj, boolean useBias) implements Cell {

  public NASCell {
    Checks.sizes("NASCell", inputSize, hiddenSize);
    Checks.notNegative("NASCell", "numProj", numProj);
  }

  /**
   * The cell of the paper, without bias and projection.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public NASCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, false);
  }

  private int outputSize() {
    return numProj == 0 ? hiddenSize : numProj;
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("m", outputSize()));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 8 * hiddenSize);
    Expr U = w.recurrent("U", outputSize(), 8 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 8 * hiddenSize);
    Expr c = s.get("c");
    Expr m = s.get("m");

    Parts a = x.dot(W).split("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7");
    Parts r = m.dot(U).plus(b).split("r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7");
    Expr n0 = a.get("a0").plus(r.get("r0")).sigmoid().as("n0");
    Expr n1 = a.get("a1").plus(r.get("r1")).relu().as("n1");
    Expr n2 = a.get("a2").plus(r.get("r2")).sigmoid().as("n2");
    Expr n3 = a.get("a3").times(r.get("r3")).relu().as("n3");
    Expr n4 = a.get("a4").plus(r.get("r4")).tanh().as("n4");
    Expr n5 = a.get("a5").plus(r.get("r5")).sigmoid().as("n5");
    Expr n6 = a.get("a6").plus(r.get("r6")).tanh().as("n6");
    Expr n7 = a.get("a7").plus(r.get("r7")).sigmoid().as("n7");

    Expr p0 = n0.times(n1).tanh().plus(c).tanh().as("p0");
    Expr p1 = n2.plus(n3).tanh().as("p1");
    Expr p2 = n4.times(n5).tanh().as("p2");
    Expr p3 = n6.plus(n7).sigmoid().as("p3");
    Expr cNext = p0.times(p1);
    Expr mNext = cNext.times(p2.plus(p3).tanh()).tanh();
    if (numProj > 0) {
      mNext = mNext.dot(w.input("P", hiddenSize, numProj));
    }
    return new Step(mNext, State.of("c", cNext).with("m", mNext));
  }
}
