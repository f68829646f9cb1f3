/**
 * The layers that stand around recurrent ones: a tour.
 *
 * <p>A layer takes a {@link kazoku.Signal} and gives one back; lengths and masks go with it. Most
 * layers here are a {@link kazoku.RowLayer}: an equation of one row, laid over {@code [B, I]} and
 * {@code [B, T, I]} alike. {@link kazoku.Sequential} puts layers in a row:
 *
 * <pre>{@code
 * Layer tagger =
 *     new Sequential(
 *         new Embedding(20_000, 64, 0),
 *         new Dropout(0.2, Weights.Draw.EACH_ROW),
 *         new RNN(new GRUCell(64, 128)),
 *         new Dense(128, 30));
 * }</pre>
 *
 * <p><b>From tokens to vectors.</b> {@link kazoku.layers.Embedding} looks whole numbers up in a
 * table; its padding token ends up in the mask, and everything after it passes such steps over.
 * {@link kazoku.layers.Masking} makes a mask of steps that are padded with a value.
 *
 * <p><b>Rows, one by one.</b> {@link kazoku.layers.Dense} is the fully connected layer, {@link
 * kazoku.layers.ActivationLayer} a function alone, {@link kazoku.layers.Identity} nothing at all.
 * {@link kazoku.layers.LayerNorm} normalises each row by itself, {@link kazoku.layers.BatchNorm}
 * each feature over all valid rows and steps of the batch; it has running statistics that move in
 * training. {@link kazoku.layers.Normalization} knows its statistics beforehand: data is prepared
 * inside of the model.
 *
 * <p><b>At random, in training only.</b> {@link kazoku.layers.Dropout} drops single numbers, the
 * same numbers in all steps of a row, or whole steps; {@link kazoku.layers.GaussianNoise} adds
 * noise. Both are repeatable from the seed of the weights. {@link
 * kazoku.layers.ActivationRegularization} changes nothing, and adds to the loss how large its input
 * is.
 *
 * <p><b>Over time.</b> {@link kazoku.layers.Conv1D} makes each step of its neighbours, causal if
 * need be, and carries lengths on; {@link kazoku.layers.Pooling} makes one row of the valid steps;
 * {@link kazoku.layers.Repeat} makes equal steps of a row. {@link kazoku.layers.TimeDistributed}
 * applies a layer of whole rows to each step: letters to words.
 *
 * <p><b>Around and beside.</b> {@link kazoku.layers.Residual} adds a layer's input to its output.
 * {@link kazoku.layers.Merge} makes one signal of several, and {@link kazoku.layers.Product} is the
 * product of two operands of a graph. A network with several inputs and outputs is a lambda over
 * signals, as {@link kazoku.layers.Merge} shows; a layer of one's own is a lambda too, or a record
 * with an equation.
 *
 * <p>Padding never changes a result: the outputs of a row's valid steps, and every gradient, are
 * the same whatever numbers stand in its other steps, and however many there are.
 */
package kazoku.layers;
