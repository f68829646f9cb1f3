package kazoku.spark;

import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;

/**
 * The threads of TensorFlow in an executor: it gives a process those that its first session asks
 * for. They shall be as many as Spark has given cores, and not all that the machine has.
 */
final class TensorFlowThreads {
  private TensorFlowThreads() {}

  /** Asks for one thread for each core; where there was a session before, that has its way. */
  static void limit(int cores) {
    ConfigProto config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(1)
            .setInterOpParallelismThreads(cores)
            .build();
    try (Graph graph = new Graph();
        Session session = new Session(graph, config)) {
      session.initialize();
    }
  }
}
