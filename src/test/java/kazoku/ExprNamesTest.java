package kazoku;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.family.Family;
import kazoku.internal.Vocabulary;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;

/** What quantities in equations are called. */
class ExprNamesTest {
  private final Expr x = Vocabulary.leaf("x", Shape.of(4), Level.SEQUENCE);

  @Test
  void aQuantityIsCalledAsItWasNamed() {
    Expr z = x.sigmoid().as("z");
    assertThat(z.name()).contains("z");
    assertThat(z.primitive()).isSameAs(Vocabulary.SIGMOID);
    assertThat(z.inputs()).containsExactly(x);
    assertThat(x.sigmoid().name()).isEmpty();
  }

  @Test
  void whatComesFromOutsideKeepsItsName() {
    assertThat(x.name()).contains("x");
    assertThat(x.as("seen")).isSameAs(x);
  }

  @Test
  void blocksAreNamedByTheCut() {
    Parts parts = x.split("a", "b");
    assertThat(parts.get("b").name()).contains("b");
    assertThat(parts.get("b")).isSameAs(parts.get(1));
    assertThat(x.split(-1, 3, 1).as("most", "rest").get("rest").size()).isEqualTo(1);
    assertThatThrownBy(() -> parts.get("c")).hasMessageContaining("one of [a, b], got c");
    assertThatThrownBy(() -> x.split(-1, 3, 1).as("all")).hasMessageContaining("2 names");
  }

  /** f is σ(…), as papers write it, and not what σ is taken of. */
  @Test
  void theNameOfAGateIsThatOfItsValue() {
    for (Cell cell : Family.examples()) {
      Trace trace = Trace.of(cell, Weights.symbolic().forEvaluation());
      Map<String, Expr> named = trace.quantities();
      List<String> arguments = new ArrayList<>();
      Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      Deque<Expr> open = new ArrayDeque<>(trace.results());
      while (!open.isEmpty()) {
        Expr expr = open.pop();
        if (seen.add(expr)) {
          open.addAll(expr.inputs());
          if (expr.primitive() == Vocabulary.SIGMOID && !named.containsValue(expr)) {
            named.forEach(
                (name, value) -> {
                  if (expr.inputs().contains(value)) {
                    arguments.add(name);
                  }
                });
          }
        }
      }
      assertThat(arguments)
          .as("what σ is taken of in %s, without a name of its own", cell)
          .isEmpty();
    }
  }

  @Test
  void errorsCallQuantitiesByName() {
    assertThatThrownBy(() -> x.square().as("q").plus(x.split("a", "b").get("a")))
        .hasMessageContaining("q [4]")
        .hasMessageContaining("a [2]");
  }
}
