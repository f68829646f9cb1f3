/**
 * The family: one public record a cell.
 *
 * <p>Letters are fixed for all of them: B batch, T time, I input, H hidden; rows are samples, so
 * that {@code x·W} has x {@code [B,I]} and W {@code [I,H]}. {@code ⊙} is the elementwise product,
 * {@code σ} the logistic sigmoid, {@code split_k} cuts the last axis in k blocks in the order
 * printed, and a prime marks the value after the step. In names of weights Greek letters and
 * subscripts are spelled: {@code gamma_1}.
 *
 * <p>Where a cell does not say otherwise, input matrices start glorot-uniform, recurrent matrices
 * orthogonal, biases and shifts at zero, gains at one.
 *
 * <p>To meet the family, begin with {@link kazoku.cells.ElmanRNNCell}, whose hidden layer sees a
 * copy of itself; {@link kazoku.cells.LSTMCell} adds a gated memory and {@link
 * kazoku.cells.GRUCell} makes do with two gates, {@link kazoku.cells.MGUCell} with one. {@link
 * kazoku.cells.PeepholeLSTMCell} and {@link kazoku.cells.LayerNormLSTMCell} refine the LSTM, {@link
 * kazoku.cells.ConvLSTMCell} makes an image of its state. {@link kazoku.cells.AntisymmetricRNNCell}
 * is a step of a stable differential equation, {@link kazoku.cells.NASCell} was found by a search,
 * {@link kazoku.cells.SelectiveSSMCell} is linear in its state, and {@link kazoku.cells.NTMCell}
 * has a memory outside of the network.
 *
 * <p>To add one, write a record as these are, and its golden file; the tests find both.
 */
package kazoku.cells;
