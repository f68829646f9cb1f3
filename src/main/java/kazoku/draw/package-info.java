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
 */
package kazoku.draw;
