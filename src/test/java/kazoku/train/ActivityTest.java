package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import org.junit.jupiter.api.Test;

class ActivityTest {
  @Test
  void names() {
    try (Model model = Model.of(new Sequential(new RNN(new LSTMCell(2, 3)).last(), Toys.head(3, 2)), 42)) {
      Sequences data = Sequences.of(new float[][][] {{{1, 2}, {3, 4}, {5, 6}}, {{1, 2}, {3, 4}}});
      System.out.println(model.activity("rnn", data.select(0)));
      System.out.println(model.activity("rnn", data.select(1)));
      System.out.println(model.summary());
    }
  }
}
