/**
 * Wrappers: cells around cells, and this guide to them.
 *
 * <p>A wrapper takes any {@link kazoku.Cell} and is one itself. It changes what goes in, what comes
 * out, what is passed on from step to step, or which weights are seen, and leaves the cell's
 * equations alone. So wrappers go around each other, around stacks, and into stacks:
 *
 * <pre>{@code
 * Cell lower = new DropoutWrapper(new LSTMCell(12, 64), 0.8, 1);
 * Cell upper = new ResidualWrapper(new ZoneoutWrapper(new GRUCell(64, 64), 0.1));
 * RNN encoder = new RNN(new StackedCell(lower, upper));
 * }</pre>
 *
 * <p>The weights and slots of a cell inside are under {@code cell/}, or under the number of its
 * place, and what is the wrapper's own stands beside them. In the stack above the weights are
 * {@code 0/cell/W}, {@code 1/cell/cell/W}, and so on. What a wrapper does in training only, it does
 * where {@link kazoku.Weights#training()} is true. One that needs to know how wide the cell's
 * output is finds out, and says at once if something does not fit.
 *
 * <h2>On top of each other</h2>
 *
 * <ul>
 *   <li>{@link kazoku.wrap.StackedCell}: each cell reads the one below
 *   <li>{@link kazoku.wrap.SkipStackedCell}: each sees the input too, and all are seen
 *   <li>{@link kazoku.wrap.FastSlowCell}: fast ones around a slow one
 * </ul>
 *
 * <h2>Past the cell</h2>
 *
 * <ul>
 *   <li>{@link kazoku.wrap.ResidualWrapper}: adds the input to the output
 *   <li>{@link kazoku.wrap.HighwayWrapper}: with a gate
 * </ul>
 *
 * <h2>Before and behind</h2>
 *
 * <ul>
 *   <li>{@link kazoku.wrap.InputProjectionWrapper}: a dense layer before
 *   <li>{@link kazoku.wrap.OutputProjectionWrapper}: a dense layer behind
 *   <li>{@link kazoku.wrap.EmbeddingWrapper}: reads tokens
 * </ul>
 *
 * <h2>Noise for training</h2>
 *
 * <ul>
 *   <li>{@link kazoku.wrap.DropoutWrapper}: zeros in input, output and state
 *   <li>{@link kazoku.wrap.ZoneoutWrapper}: old values in the state
 *   <li>{@link kazoku.wrap.WeightDropWrapper}: zeros in the recurrent matrices
 *   <li>{@link kazoku.wrap.BayesByBackpropWrapper}: distributions in the place of weights
 * </ul>
 *
 * <h2>Looking around</h2>
 *
 * <ul>
 *   <li>{@link kazoku.wrap.AttentionCellWrapper}: back, at its own outputs
 *   <li>{@link kazoku.wrap.AttentionDecoderWrapper}: at what an encoder has read
 * </ul>
 *
 * <h2>The state between two steps</h2>
 *
 * <ul>
 *   <li>{@link kazoku.wrap.MultiplicativeWrapper}: multiplied by the input
 *   <li>{@link kazoku.wrap.SkipUpdateWrapper}: copied, where the cell so decides
 *   <li>{@link kazoku.wrap.TrainableInitialState}: learnt, before the first step
 *   <li>{@link kazoku.wrap.ResetWrapper}: set back, where a sequence begins within a row
 * </ul>
 *
 * <h2>Adding one</h2>
 *
 * <p>A record with the cell first; the inner step is {@code cell.step(w.in("cell"), x,
 * s.in("cell"))}. {@code initial} hands on the cell's own first state. Golden numbers and the rules
 * that hold for every cell are tested as for cells, and a line here is asked for.
 */
package kazoku.wrap;
