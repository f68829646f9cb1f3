/**
 * Cells around cells. A wrapper is a {@link kazoku.Cell} itself: it is laid over time by {@link
 * kazoku.RNN}, put into a stack, wrapped again, drawn and exported as any other.
 *
 * <pre>{@code
 * Cell lstm = new LSTMCell(64, 64);
 * Cell wrapped = new ResidualWrapper(new DropoutWrapper(lstm, 0.9, 1, 0.8).variational());
 * RNN layer = new RNN(new StackedCell(new GRUCell(12, 64), wrapped));
 * }</pre>
 *
 * <p>A {@link kazoku.wrap.Wrapper} is one around a single cell. The weights and slots of the cell
 * inside stand under {@code cell/}, those of a stack under {@code 0/}, {@code 1/} …; what a wrapper
 * has of its own stands beside them. What a cell asks for beside its input (time stamps, masks),
 * and the state it starts from, go through a wrapper unchanged.
 *
 * <p><b>Several cells in one step.</b> {@link kazoku.wrap.StackedCell}: in series. {@link
 * kazoku.wrap.SkipStackedCell}: in series, each sees the input too. {@link
 * kazoku.wrap.FastSlowCell}: fast ones around a slow one. (Layers in a row are {@code Sequential}
 * and {@code Stacked}, both directions {@code Bidirectional}, all in {@code kazoku}.)
 *
 * <p><b>Ways past the cell.</b> {@link kazoku.wrap.ResidualWrapper}: the input is added. {@link
 * kazoku.wrap.HighwayWrapper}: as much of it as a gate says.
 *
 * <p><b>Before and behind it.</b> {@link kazoku.wrap.EmbeddingWrapper}: tokens become vectors.
 * {@link kazoku.wrap.InputProjectionWrapper}, {@link kazoku.wrap.OutputProjectionWrapper}: other
 * widths. {@link kazoku.wrap.MultiplicativeWrapper}: the input chooses the recurrent matrix.
 *
 * <p><b>Noise in training.</b> {@link kazoku.wrap.DropoutWrapper}: of input, state and output, for
 * each step or variational. {@link kazoku.wrap.ZoneoutWrapper}: units stay as they were. {@link
 * kazoku.wrap.WeightDropWrapper}: recurrent weights are left out. {@link
 * kazoku.wrap.BayesByBackpropWrapper}: weights are distributions. All of it is drawn before the
 * loop, anew in each run, repeatably from the seed of the weights, and is off in evaluation and in
 * what is exported.
 *
 * <p><b>When the state moves.</b> {@link kazoku.wrap.SkipUpdateWrapper}: learns which steps to
 * skip. {@link kazoku.wrap.ResetWrapper}: begins anew where it is told to. {@link
 * kazoku.wrap.TrainableInitialState}: learns where to begin.
 *
 * <p><b>Attention.</b> {@link kazoku.wrap.AttentionCellWrapper}: over the cell's own last outputs.
 * {@link kazoku.wrap.AttentionDecoderWrapper}: over a memory, such as an encoder's outputs; Luong,
 * Bahdanau, monotonic.
 */
package kazoku.wrap;
