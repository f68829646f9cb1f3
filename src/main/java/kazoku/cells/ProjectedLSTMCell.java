package kazoku.cells;

import java.util.List;
import kazoku.Activation;
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
 * Long short-term memory with a projection: what is fed back is narrower than the memory, so that a
 * large memory stays cheap.
 *
 * <pre>
 * i  = σ(x·W_i + m·U_i + b_i + p_i⊙c)         input gate              [H]
 * f  = σ(x·W_f + m·U_f + b_f + fb + p_f⊙c)    forget gate             [H]
 * g  = act(x·W_g + m·U_g + b_g)               candidate               [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * o  = σ(x·W_o + m·U_o + b_o + p_o⊙c')        output gate             [H]
 * h  = o⊙act(c')                              what is projected       [H]
 * m' = h·P                                    output, fed back        [R]
 * y  = [m', h·P_2]                            output, in place of m'  [R+N]
 * </pre>
 *
 * <p>The terms with p_i, p_f and p_o are there with {@code usePeepholes}, y with {@code
 * nonRecurrentProj}.
 *
 * <p>W {@code [I,4H]} starts glorot-uniform, U {@code [R,4H]} orthogonal, P {@code [H,R]}, P_2
 * {@code [H,N]}, p_i, p_f and p_o {@code [H]} glorot-uniform, b {@code [4H]} zeros with the forget
 * block at 1 (at 0 where {@code forgetBias} is not 0). Blocks are i, f, g, o. The projections have
 * no bias.
 *
 * <p>Source: H. Sak, A. Senior, F. Beaufays, "Long Short-Term Memory Recurrent Neural Network
 * Architectures for Large Scale Acoustic Modeling", INTERSPEECH 2014, <a
 * href="https://arxiv.org/abs/1402.1128">arXiv:1402.1128</a>. The equations are those of
 * tf.contrib's LSTMCell with {@code num_proj}, whose blocks are i, g, f, o; PyTorch ({@code
 * proj_size}), Sonnet and MXNet project in the same way. The paper's second projection, which is
 * shown but not fed back, is unchecked: none of them has it.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the width of the memory, at least 1
 * @param numProj R, the width of m, at least 1
 * @param nonRecurrentProj N, the width of the second projection; 0, the default, for none
 * @param forgetBias fb, added to the forget gate; 0 by default, tf.contrib has 1
 * @param usePeepholes whether the gates look at the memory; false by default
 * @param cellClip c' is cut off at ±cellClip; 0, the default, for never
 * @param projClip m' is cut off at ±projClip, the second projection is not; 0, the default, for
 *     never
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "feeds back a narrow projection", source = "Sak, Senior, Beaufays 2014")
public record ProjectedLSTMCell(
    int inputSize,
    int hiddenSize,
    int numProj,
    int nonRecurrentProj,
    double forgetBias,
    boolean usePeepholes,
    double cellClip,
    double projClip,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ProjectedLSTMCell {
    Checks.sizes("ProjectedLSTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("ProjectedLSTMCell", "numProj", numProj);
    Checks.notNegative("ProjectedLSTMCell", "nonRecurrentProj", nonRecurrentProj);
    Checks.notNegative("ProjectedLSTMCell", "cellClip", cellClip);
    Checks.notNegative("ProjectedLSTMCell", "projClip", projClip);
    Checks.given("ProjectedLSTMCell", "activation", activation);
  }

  /**
   * The cell with one projection, without peepholes and clips, with the forget block of b at 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param numProj R
   */
  public ProjectedLSTMCell(int inputSize, int hiddenSize, int numProj) {
    this(inputSize, hiddenSize, numProj, 0, 0, false, 0, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("m", numProj));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 4 * hiddenSize);
    Expr U = w.recurrent("U", numProj, 4 * hiddenSize);
    Expr b = Biases.lstm(w, useBias, forgetBias, hiddenSize);
    Expr P = w.input("P", hiddenSize, numProj);
    Expr c = s.get("c");
    Expr m = s.get("m");

    Parts blocks = x.dot(W).plus(m.dot(U)).plus(b).split("_i", "_f", "_g", "_o");
    Expr i = Peepholes.add(w, usePeepholes, blocks.get("_i"), "p_i", c).sigmoid().as("i");
    Expr f =
        Peepholes.add(w, usePeepholes, blocks.get("_f").plus(forgetBias), "p_f", c)
            .sigmoid()
            .as("f");
    Expr g = activation.apply(blocks.get("_g")).as("g");

    Expr cNext = f.times(c).plus(i.times(g)).clipAt(cellClip);
    Expr o = Peepholes.add(w, usePeepholes, blocks.get("_o"), "p_o", cNext).sigmoid().as("o");
    Expr h = o.times(activation.apply(cNext)).as("h");
    Expr mNext = h.dot(P).clipAt(projClip);
    Expr y = mNext;
    if (nonRecurrentProj > 0) {
      y = Expr.concat(mNext, h.dot(w.input("P_2", hiddenSize, nonRecurrentProj)));
    }
    return new Step(y, State.of("c", cNext).with("m", mNext));
  }
}
