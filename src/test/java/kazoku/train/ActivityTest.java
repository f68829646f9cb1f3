package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kazoku.*;
import kazoku.cells.*;
import org.junit.jupiter.api.Test;

class ActivityTest {
  @Test
  void names() throws Exception {
    for (Cell c : new Cell[] {new LSTMCell(2, 3), new GRUCell(2, 3), new MGUCell(2,3), new GRUResetAfterCell(2, 3), new SRUCell(2,2), new PeepholeLSTMCell(2,3), new ONLSTMCell(2, 4, 2), new ElmanRNNCell(2,3)})
    try (Model model = Model.of(new Sequential(new RNN(c).last(), Toys.head(Trace.of(c).output().size(), 2)), 42)) {
      Sequences data = Sequences.of(new float[][][] {{{1, 2}, {3, 4}, {5, 6}}, {{1, 2}, {3, 4}}});
      System.out.println(model.activity("rnn", data.select(0)));
      for (String w : Trace.of(c).weights().asked().keySet()) System.out.println(w + " " + kazoku.draw.Block.of(Trace.of(c), w));
      model.activity("rnn", data.select(0)).chart().write(java.nio.file.Path.of("target/act.svg"));
      if (c instanceof LSTMCell) { model.activity("rnn", data.select(0)).unit(1).write(java.nio.file.Path.of("target/unit.svg"));
      model.chart("").theme(kazoku.draw.Theme.DARK).write(java.nio.file.Path.of("target/weights.svg")); }
    }
  }
}
