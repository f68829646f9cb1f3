package kazoku;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

class InitializerTest {

  @Test
  void orthogonalMatricesHaveOrthonormalRowsOrColumns() {
    orthonormal(values(Initializer.ORTHOGONAL, 4, 12), 4, 12, true);
    orthonormal(values(Initializer.ORTHOGONAL, 12, 4), 12, 4, false);
    orthonormal(values(Initializer.ORTHOGONAL, 5, 5), 5, 5, true);
    orthonormal(values(Initializer.ORTHOGONAL, 3, 2, 5), 6, 5, false);
  }

  private static void orthonormal(double[] m, int rows, int columns, boolean ofRows) {
    int vectors = ofRows ? rows : columns;
    int size = ofRows ? columns : rows;
    for (int a = 0; a < vectors; a++) {
      for (int b = 0; b < vectors; b++) {
        double product = 0;
        for (int k = 0; k < size; k++) {
          product +=
              ofRows
                  ? m[a * columns + k] * m[b * columns + k]
                  : m[k * columns + a] * m[k * columns + b];
        }
        assertThat(product).isCloseTo(a == b ? 1 : 0, within(1e-12));
      }
    }
  }

  @Test
  void glorotCountsTheFansOfMatricesKernelsAndVectors() {
    fillsTheLimit(values(Initializer.GLOROT_UNIFORM, 30, 50), Math.sqrt(6.0 / (30 + 50)));
    fillsTheLimit(
        values(Initializer.GLOROT_UNIFORM, 3, 3, 10, 20), Math.sqrt(6.0 / (9 * 10 + 9 * 20)));
    fillsTheLimit(values(Initializer.GLOROT_UNIFORM, 400), Math.sqrt(3.0 / 400));
  }

  /** All within the limit, and some near it. */
  private static void fillsTheLimit(double[] values, double limit) {
    double largest = 0;
    for (double v : values) {
      largest = Math.max(largest, Math.abs(v));
    }
    assertThat(largest).isLessThanOrEqualTo(limit).isGreaterThan(0.97 * limit);
  }

  @Test
  void blocksHaveTheirOwnNumbers() {
    assertThat(values(Initializer.blocks(0, 1, 0, 2), 8)).containsExactly(0, 0, 1, 1, 0, 0, 2, 2);
    assertThat(values(Initializer.constant(0.5), 1, 2)).containsExactly(0.5, 0.5);
    assertThat(values(Initializer.ONES, 2)).containsExactly(1, 1);
    assertThat(values(Initializer.ZEROS, 2)).containsExactly(0, 0);
  }

  @Test
  void everyWeightHasASeedOfItsOwn() {
    try (Graph graph = new Graph()) {
      Weights w = Weights.variables(Ops.create(graph), TFloat64.class, 5);
      w.in("a").get("W", Initializer.normal(1), 2, 2);
      w.in("b").get("W", Initializer.normal(1), 2, 2);
      assertThat(value(graph, w.operand("a/W"))).isNotEqualTo(value(graph, w.operand("b/W")));
    }
  }

  @Test
  void anotherLayerChangesNoFirstValues() {
    double[] alone;
    try (Graph graph = new Graph()) {
      Weights w = Weights.variables(Ops.create(graph), TFloat64.class, 5);
      w.in("b").get("W", Initializer.normal(1), 2, 2);
      alone = value(graph, w.operand("b/W"));
    }
    try (Graph graph = new Graph()) {
      Weights w = Weights.variables(Ops.create(graph), TFloat64.class, 5);
      w.in("a").get("W", Initializer.normal(1), 2, 2);
      w.in("b").get("W", Initializer.normal(1), 2, 2);
      assertThat(value(graph, w.operand("b/W"))).isEqualTo(alone);
    }
  }

  @Test
  void theNameOfAVariableIsItsPath() {
    try (Graph graph = new Graph()) {
      Weights w = Weights.variables(Ops.create(graph).withSubScope("somebody"), 5);
      w.in("encoder").in("cell").bias("b", 3);
      assertThat(graph.operation("encoder/cell/b").type()).isEqualTo("VariableV2");
      w.in("head").dotted().bias("b", 3);
      assertThat(graph.operation("head.b").type()).isEqualTo("VariableV2");
      assertThat(w.operands()).containsOnlyKeys("encoder/cell/b", "head/b");
    }
  }

  private static double[] values(Initializer initializer, long... shape) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      return value(graph, initializer.value(tf, Shape.of(shape), TFloat64.class, 9));
    }
  }

  private static double[] value(Graph graph, Operand<TNumber> operand) {
    try (Session session = new Session(graph);
        Result result = session.runner().fetch(operand).run()) {
      double[] copy = new double[Math.toIntExact(result.get(0).shape().size())];
      ((TFloat64) result.get(0)).asRawTensor().data().asDoubles().read(copy);
      return copy;
    }
  }
}
