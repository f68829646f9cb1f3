package kazoku.decode;

import java.util.List;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Requests;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import org.tensorflow.ndarray.Shape;

/**
 * A cell that looks at a memory: {@code h' = gru([x, a], h)}, {@code w' = softmax(M·(h'·Q))},
 * {@code a' = w'·M}; the output is {@code [h', a']}.
 */
record LookingCell(int inputSize, int hiddenSize, int memorySteps, int memorySize) implements Cell {

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("cell/h", hiddenSize), Slot.of("a", memorySize), Slot.of("w", memorySteps));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Requests.PerRow memory = w.perRow("memory", memorySteps, memorySize);
    Cell gru = new GRUCell(inputSize + memorySize, hiddenSize);
    Step inner = gru.step(w.in("cell"), Expr.concat(x, s.get("a")), s.in("cell"));
    Expr h = inner.output();
    Expr query = h.dot(w.input("Q", hiddenSize, memorySize)).reshape(memorySize, 1);
    Expr scores = memory.value().matmul(query).reshape(memorySteps);
    Expr seen = memory.valid().greaterThan(0).where(scores, Expr.constant(-1e9)).softmax();
    Expr a = seen.reshape(1, memorySteps).matmul(memory.value()).reshape(memorySize);
    State next = State.of("a", a).with("w", seen).with("cell", inner.next());
    return new Step(Expr.concat(h, a), next);
  }
}
