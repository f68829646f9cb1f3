package kazoku.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

class FitTest {
  private static final int[] VALUES = {12, 24, 36, 48, 60, 72, 84};
  private static final List<String> LETTERS = List.of("I", "H", "k");

  private static Polynomial fitted(ToLongFunction<int[]> number) throws Fit.Irregular {
    List<int[]> pools = List.of(VALUES, VALUES, new int[] {1, 2, 3, 4, 6, 12});
    return new Fit(LETTERS, pools, values -> Optional.of(Map.of("n", number.applyAsLong(values))))
        .all()
        .get("n");
  }

  private static String text(ToLongFunction<int[]> number) throws Fit.Irregular {
    return fitted(number).written(Polynomial.TEXT);
  }

  @Test
  void findsFormulasAndTakesOutWhatTermsHaveInCommon() throws Fit.Irregular {
    assertThat(text(v -> 4L * v[1] * (v[0] + v[1] + 1))).isEqualTo("4H(I + H + 1)");
    assertThat(text(v -> v[0] * v[1] + v[1] * v[1] + 2)).isEqualTo("IH + H² + 2");
    assertThat(text(v -> 5 - v[0])).isEqualTo("−I + 5");
    assertThat(text(v -> 7)).isEqualTo("7");
    assertThat(text(v -> 0)).isEqualTo("0");
    assertThat(text(v -> (long) v[0] * v[1] * v[1])).isEqualTo("IH²");
  }

  @Test
  void findsWhatIsDivided() throws Fit.Irregular {
    assertThat(text(v -> 4L * v[1] * (v[0] + v[1]) / v[2] + 4 * v[1]))
        .isEqualTo("4IH/k + 4H²/k + 4H");
    assertThat(text(v -> (long) v[1] * (v[1] + 1) / 2)).isEqualTo("H²/2 + H/2");
  }

  @Test
  void findsTermsThatAreNotThereWhereItBegins() throws Fit.Irregular {
    assertThat(text(v -> (v[2] - 1L) * v[1] * v[1] + v[0])).isEqualTo("H²k − H² + I");
  }

  @Test
  void refusesWhatIsNoPolynomial() {
    assertThatThrownBy(() -> fitted(v -> v[0] / 5)).isInstanceOf(Fit.Irregular.class);
    assertThatThrownBy(() -> fitted(v -> 1L << v[2])).hasMessageContaining("by k");
    assertThatThrownBy(() -> fitted(v -> v[0] == 60 && v[1] == 60 ? 1 : 0))
        .isInstanceOf(Fit.Irregular.class);
  }

  @Test
  void namesOfSeveralLettersAreKeptApart() {
    Polynomial formula =
        new Polynomial(
            List.of("I", "NH", "d_k"),
            Map.of(List.of(1, 1, 1), Fraction.of(2), List.of(1, 0, 0), Fraction.ONE));
    assertThat(formula.written(Polynomial.TEXT)).isEqualTo("I·(2·NH·d_k + 1)");
    assertThat(formula.written(Polynomial.HTML)).contains("<var>d</var><sub>k</sub>");
    assertThat(formula.at(Map.of("I", 3, "NH", 2, "d_k", 5))).isEqualTo(63);
  }
}
