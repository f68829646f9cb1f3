/**
 * Figures and printed equations, made from a recorded step.
 *
 * <p>{@link kazoku.draw.Figure} draws one step of a cell from the record that the cell's own
 * equations leave, {@link kazoku.Trace}; {@link kazoku.draw.Equations} prints it. What is drawn and
 * printed is what is computed.
 */
package kazoku.draw;
