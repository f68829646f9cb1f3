/**
 * Pictures and equations: a tour.
 *
 * <p>{@link kazoku.draw.Figure} draws what is built, at three zooms; {@link kazoku.draw.Equations}
 * prints it. What is drawn and printed is what is computed.
 *
 * <ul>
 *   <li>One step, operation by operation: {@code Figure.of(new GRUCell(12, 64))}, or a layer that
 *       is given by its equation. It is the record that the equations leave, {@link kazoku.Trace}.
 *   <li>Three steps, with the state that goes from one to the next: {@code
 *       Figure.of(Stacked.bidirectional(…))}.
 *   <li>A whole network, layer by layer, with shapes and numbers of parameters: {@code
 *       Figure.network(layer)}, and {@code model.figure()} or {@code model.draw(path)} of a {@link
 *       kazoku.train.Model}. Names, kinds and counts are those of {@link
 *       kazoku.train.Model#summary}, as both are made of one {@link kazoku.Structure}; the lines
 *       are found in the graph. Four or more equal layers in a row are drawn once, <em>block1 …
 *       block6</em>.
 * </ul>
 *
 * <p>All are SVG, in {@linkplain kazoku.draw.Theme light or dark}, with a title and a description
 * for who does not see them.
 *
 * <p>{@link kazoku.draw.Chart} draws what that does: weights, and what cells compute over a
 * sequence, as heat maps and lines. {@link kazoku.train.Model#chart} and {@link
 * kazoku.train.Activity#chart} have the numbers.
 *
 * <p>Inside, figures and equations start from one {@code WrittenStep}: the trace as people would
 * write it. {@code Rewriting} makes it. What counts as one function, as softsign or a layer norm,
 * stands in one list, {@code Idioms}: a {@code Pattern} is an expression with holes, {@code
 * Structures} are those whose form depends on sizes; what is found is {@code Known} by its name.
 *
 * <p>Equations: {@code Script} finds the lines and their order, {@code Reading} makes a {@code
 * Formula} of each, {@code TextNotation} and {@code LatexNotation} write it.
 *
 * <p>Figures: {@code Terms} makes a {@code Term} of each value ({@code Sums}, {@code Products},
 * {@code Operations}, {@code Blocks}), {@code Picture} makes nodes and lines of terms, {@code
 * Layout} gives them places, {@code Sheet} draws them. {@code Symbols} writes weights.
 */
package kazoku.draw;
