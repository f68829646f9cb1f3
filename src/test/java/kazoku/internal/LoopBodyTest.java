package kazoku.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.AntisymmetricRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

/** What a step costs: its body has the operations of its equations and no others. */
class LoopBodyTest {

  /**
   * What every body has: the counter, reading an entry, writing one. A constant costs nothing worth
   * counting.
   */
  private static final Set<String> BOOKKEEPING =
      Set.of("Const", "Identity", "StridedSlice", "ExpandDims", "InplaceUpdate");

  @Test
  void lstm() {
    // c' = σ(f)⊙c + σ(i)⊙tanh(g), h' = σ(o)⊙tanh(c'); one sum of x·W + b with h·U, one counts
    Map<String, Integer> equations =
        Map.of("MatMul", 1, "Split", 1, "Sigmoid", 3, "Tanh", 2, "Mul", 3, "Add", 3);
    assertThat(body(new LSTMCell(3, 4), false)).isEqualTo(equations);
    assertThat(body(new LSTMCell(3, 4), true)).isEqualTo(equations);
  }

  @Test
  void gru() {
    // z⊙h + (1−z)⊙n with two products, two sums before the functions, one of the result, one counts
    assertThat(body(new GRUCell(3, 4), false))
        .isEqualTo(
            Map.of("MatMul", 2, "Split", 1, "Sigmoid", 1, "Tanh", 1, "Mul", 3, "Sub", 1, "Add", 4));
  }

  @Test
  void arithmeticOnWeightsIsOutside() {
    // h' = h + ε·tanh(x·W + b + h·A): A = U − Uᵀ − γI is made before the loop
    assertThat(body(new AntisymmetricRNNCell(3, 4), true))
        .isEqualTo(Map.of("MatMul", 1, "Tanh", 1, "Mul", 1, "Add", 3));
  }

  @Test
  void inputProductsOfAllStepsAreOneProduct() {
    try (Graph graph = graph(new LSTMCell(3, 4), false)) {
      long products =
          graph.toGraphDef().getNodeList().stream().filter(n -> n.getOp().equals("MatMul")).count();
      assertThat(products).isOne();
    }
  }

  private static Graph graph(Cell cell, boolean training) {
    Graph graph = new Graph();
    Ops tf = Ops.create(graph);
    Weights weights = Weights.variables(tf, 1).in("rnn");
    Operand<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, 3)));
    RNN loop = new RNN(cell).with(new Loop(Loop.Form.WHILE, 1).unroll(1));
    loop.run(training ? weights : weights.forInference(), Signal.of(x));
    return graph;
  }

  /** The operations of the forward body, but for bookkeeping. */
  private static Map<String, Integer> body(Cell cell, boolean training) {
    try (Graph graph = graph(cell, training)) {
      Map<String, Integer> counts = new TreeMap<>();
      for (FunctionDef function : graph.toGraphDef().getLibrary().getFunctionList()) {
        String name = function.getSignature().getName();
        if (name.contains("_body") && !name.contains("gradient")) {
          for (NodeDef node : function.getNodeDefList()) {
            if (!BOOKKEEPING.contains(node.getOp())) {
              counts.merge(node.getOp(), 1, Integer::sum);
            }
          }
        }
      }
      return counts;
    }
  }
}
