/**
 * The layers that stand around recurrent ones.
 *
 * <p>{@link kazoku.layers.Dense} is the fully connected layer, {@link kazoku.layers.Identity} gives
 * back what it takes, {@link kazoku.layers.Product} multiplies two inputs element by element.
 */
package kazoku.layers;
