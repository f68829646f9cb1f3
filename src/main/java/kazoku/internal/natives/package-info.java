/**
 * What TensorFlow's native library has, and how it is used in this process; not part of the API.
 * {@link kazoku.internal.natives.Natives} asks it for devices and memory, {@link
 * kazoku.internal.natives.Kernels} for the operations of a graph that a device has no kernel for.
 */
package kazoku.internal.natives;
