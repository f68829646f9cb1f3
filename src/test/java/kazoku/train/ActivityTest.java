package kazoku.train;

import kazoku.*;
import kazoku.cells.*;
import kazoku.wrap.*;
import org.junit.jupiter.api.Test;

class ActivityTest {
  @Test
  void names() throws Exception {
    for (Cell c :
        new Cell[] {
          new GRUCell(2, 3),
          new StackedCell(new GRUCell(2, 3), new LSTMCell(3, 3)),
          new ResidualWrapper(new StackedCell(new GRUCell(2, 3), new SRUCell(3, 2))),
          new WeightDropWrapper(new GRUCell(2, 3), 0.5),
          new ZoneoutWrapper(new LSTMCell(2, 3), 0.5),
          new NTMCell(2, 3, 4, 5, 1, 3)
        })
      try (Model model =
          Model.of(
              new Sequential(new RNN(c).last(), Toys.head(Trace.of(c).output().size(), 2)), 42)) {
        Sequences data = Sequences.of(new float[][][] {{{1, 2}, {3, 4}, {5, 6}}, {{1, 2}, {3, 4}}});
        System.out.println(model.activity("rnn", data.select(0)));
        for (String w : Trace.of(c).weights().asked().keySet())
          System.out.println(w + " " + kazoku.draw.Block.of(Trace.of(c), w));
      }
  }
}
