/**
 * Models of other libraries come in, and Kazoku's go out.
 *
 * <p>{@link kazoku.io.SafeTensors} reads and writes named arrays.
 */
package kazoku.io;
