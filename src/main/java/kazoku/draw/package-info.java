/**
 * Figures of cells and layers: a tour.
 *
 * <p>{@link kazoku.draw.Figure} draws one step of a cell from the record that the cell's own
 * equations leave, {@link kazoku.Trace}. What is drawn is what is computed.
 */
package kazoku.draw;
