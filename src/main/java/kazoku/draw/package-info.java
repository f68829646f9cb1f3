/**
 * Pictures and equations: a tour.
 *
 * <p>{@link kazoku.draw.Figure} draws what is built: a step of a cell, from the record that the
 * cell's own equations leave, {@link kazoku.Trace}. {@link kazoku.draw.Equations} prints the same
 * step. What is drawn and printed is what is computed.
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
