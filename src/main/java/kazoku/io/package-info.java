/**
 * Models of other libraries come in, and Kazoku's go out.
 *
 * <p>{@link kazoku.io.Network} is a layer with the values of its weights, from which a model is made.
 * {@link kazoku.io.SafeTensors} reads and writes named arrays.
 */
package kazoku.io;
