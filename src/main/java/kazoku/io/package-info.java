/**
 * Models of other libraries come in, and Kazoku's go out.
 *
 * <p>{@link kazoku.io.Network} is a layer with the values of its weights, from which a model is
 * made.
 *
 * <p>{@link kazoku.io.Tensors} are the named arrays of a file: {@link kazoku.io.SafeTensors} reads
 * and writes them, {@link kazoku.io.Torch} reads PyTorch's {@code state_dict} archives, {@link
 * kazoku.io.TensorFlow1} reads checkpoints. The latter two know how the layers of those libraries
 * store their weights, and make networks of them by name: {@code Torch.lstm(state, "encoder")};
 * {@code Torch.state(network)} goes the other way.
 *
 * <p>{@link kazoku.io.Keras} makes whole models of Keras' files, from their config, and writes
 * them; given a layer it reads weights alone.
 *
 * <p>{@link kazoku.io.Onnx} writes whole models for runtimes that are not TensorFlow.
 *
 * <p>Files are not trusted. Reading one runs nothing that is in it, allocates nothing that it says
 * before that is compared with the length of the file, and writes nothing; what is not as it must
 * be is an {@link IllegalArgumentException} that names the file.
 */
package kazoku.io;
