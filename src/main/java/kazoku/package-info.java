/**
 * Recurrent networks for TensorFlow-Java: expressions, weights, layers, and cells over time.
 *
 * <p>Everything is made of {@link kazoku.Expr}, a value in an equation. A {@link kazoku.Cell} is
 * one step of a recurrence, a function from expressions to expressions that asks {@link
 * kazoku.Weights} for its weights by symbol; {@link kazoku.RNN} lays it over a sequence, {@link
 * kazoku.Bidirectional} does so in both directions, {@link kazoku.DilatedLayer} with steps further
 * and further apart, and {@link kazoku.Stacked} puts such layers in a row. A {@link kazoku.Layer}
 * takes a {@link kazoku.Signal} of a graph and gives one back; {@link kazoku.layers.Dense} is the
 * simplest. {@link kazoku.Trace} is a recorded step, from which loops, gradients, shapes and
 * figures are made.
 *
 * <p>Inside a graph of one's own:
 *
 * <pre>{@code
 * Weights weights = Weights.variables(tf, 42);
 * RNN encoder = new RNN(new GRUCell(12, 64)).last();
 * Operand<TFloat32> code = encoder.apply(weights.in("encoder"), x);
 * }</pre>
 *
 * <p>{@link kazoku.Bidirectional}, {@link kazoku.Stacked} and {@link kazoku.DilatedLayer} are made
 * of cells as {@code RNN} is; all of them are a {@link kazoku.RecurrentLayer}.
 *
 * <p>Cells are in {@link kazoku.cells}, cells around cells in {@link kazoku.wrap}, other layers in
 * {@link kazoku.layers}; what trains, evaluates and exports models is in {@code kazoku.train}, what
 * makes labels and sequences of scores in {@code kazoku.decode}.
 */
package kazoku;
