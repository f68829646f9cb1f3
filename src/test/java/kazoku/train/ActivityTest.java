package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import kazoku.Cell;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Slot;
import kazoku.Trace;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.cells.SRUCell;
import kazoku.wrap.ResidualWrapper;
import kazoku.wrap.StackedCell;
import kazoku.wrap.WeightDropWrapper;
import kazoku.wrap.ZoneoutWrapper;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What a cell computes at each step of a sequence, by the names of its equations. */
class ActivityTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

  private final Sequences data =
      Sequences.of(new float[][][] {{{1, 2}, {3, 4}, {5, 6}}, {{1, 2}, {3, 4}}});

  private static Model model(Cell cell) {
    int size = Trace.of(cell).output().size();
    return Model.of(new Sequential(new RNN(cell).last(), Toys.head(size, 2)), 42);
  }

  @Test
  void quantitiesKeepToTheEquations() {
    try (Model model = model(new GRUCell(2, 3))) {
      Activity activity = model.activity("rnn", data.select(0));
      assertThat(activity.steps()).isEqualTo(3);
      assertThat(activity.get("x")).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}, {5, 6}});
      float[][] z = activity.get("z");
      float[][] n = activity.get("n");
      float[][] h = activity.get("h");
      for (int t = 0; t < 3; t++) {
        for (int unit = 0; unit < 3; unit++) {
          float before = t == 0 ? 0 : h[t - 1][unit];
          float after = z[t][unit] * before + (1 - z[t][unit]) * n[t][unit];
          assertThat(h[t][unit]).isCloseTo(after, CLOSE);
        }
      }
      assertThat(model.activity("rnn", data.select(1)).get("h")).hasDimensions(2, 3);
    }
  }

  /** By the equations of Gers and Schmidhuber, from the weights. */
  @Test
  void gatesAreWhatIsMultiplied() {
    try (Model model = model(new LSTMCell(2, 3))) {
      Activity activity = model.activity("rnn", data.select(0));
      assertThat(activity.names()).containsExactlyInAnyOrder("x", "i", "f", "g", "o", "c", "h");
      float[] W = model.weight("rnn/cell/W");
      float[] U = model.weight("rnn/cell/U");
      float[] b = model.weight("rnn/cell/b");
      for (int t = 0; t < 3; t++) {
        for (int unit = 0; unit < 3; unit++) {
          float[] before = t == 0 ? new float[3] : activity.get("h")[t - 1];
          double[] blocks = new double[4];
          for (int k = 0; k < 4; k++) {
            int column = 3 * k + unit;
            blocks[k] = b[column];
            for (int i = 0; i < 2; i++) {
              blocks[k] += activity.get("x")[t][i] * W[12 * i + column];
            }
            for (int j = 0; j < 3; j++) {
              blocks[k] += before[j] * U[12 * j + column];
            }
          }
          double i = 1 / (1 + Math.exp(-blocks[0]));
          double f = 1 / (1 + Math.exp(-blocks[1]));
          double g = Math.tanh(blocks[2]);
          double o = 1 / (1 + Math.exp(-blocks[3]));
          double c = (t == 0 ? 0 : f * activity.get("c")[t - 1][unit]) + i * g;
          double[] expected = {i, f, g, o, c, o * Math.tanh(c)};
          List<String> names = List.of("i", "f", "g", "o", "c", "h");
          for (int k = 0; k < names.size(); k++) {
            assertThat(activity.get(names.get(k))[t][unit])
                .as(names.get(k))
                .isCloseTo((float) expected[k], CLOSE);
          }
        }
      }
    }
  }

  @Test
  void cellsInsideOthersHaveTheirPath() {
    try (Model model = model(new StackedCell(new GRUCell(2, 3), new LSTMCell(3, 3)))) {
      Activity activity = model.activity("rnn", data.select(0));
      assertThat(activity.names()).contains("0/z", "0/h", "1/c", "1/h");
    }
  }

  @Test
  void everySlotIsThereAtEachStep() {
    for (Cell cell :
        List.of(
            new GRUCell(2, 3),
            new ResidualWrapper(new StackedCell(new GRUCell(2, 3), new SRUCell(3, 2))),
            new WeightDropWrapper(new GRUCell(2, 3), 0.5),
            new ZoneoutWrapper(new LSTMCell(2, 3), 0.5),
            new NTMCell(2, 3, 4, 5, 1, 3))) {
      try (Model model = model(cell)) {
        Activity activity = model.activity("rnn", data.select(0));
        assertThat(activity.names())
            .as(cell.toString())
            .contains("x")
            .containsAll(cell.state().stream().map(Slot::name).toList());
        for (String name : activity.names()) {
          int size = (int) activity.shape(name).size();
          assertThat(activity.get(name)).as(name).hasDimensions(3, size);
        }
      }
    }
  }

  @Test
  void whatIsNotThereIsRefused() {
    try (Model model = model(new GRUCell(2, 3))) {
      assertThatThrownBy(() -> model.activity("dense", data.select(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer must name one cell");
      assertThatThrownBy(() -> model.activity("rnn", data))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got 2 rows");
      assertThatThrownBy(() -> model.activity("rnn", data.select(0)).get("o"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got o");
    }
  }
}
