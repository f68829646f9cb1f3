package kazoku.internal;

import static org.tensorflow.internal.c_api.global.tensorflow.TFJ_RegisterCustomGradient;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TFJ_GradFuncAdapter;
import org.tensorflow.op.Ops;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.types.family.TNumber;

/**
 * Gradients written in Java, for operations that TensorFlow has none for.
 *
 * <p>TensorFlow-Java 1.1.0 takes one of ten native callbacks for each registration, and crashes
 * when the eleventh is used. So there is one callback for everybody, kept reachable for ever, and
 * the choice among operation types is made here.
 */
final class JavaGradients {
  private static final Map<String, RawCustomGradient> BY_TYPE = new HashMap<>();
  private static final Map<Graph, Map<String, RawCustomGradient>> LOOPS = new WeakHashMap<>();
  private static TFJ_GradFuncAdapter adapter;

  private JavaGradients() {}

  /**
   * Registers the gradient of one operation of one graph.
   *
   * @param operation the operation
   * @param gradient builds the gradients by the inputs; must not hold the graph
   */
  static synchronized void registerFor(GraphOperation operation, RawCustomGradient gradient) {
    register(operation.type(), JavaGradients::ofOne);
    LOOPS.computeIfAbsent(operation.env(), g -> new HashMap<>()).put(operation.name(), gradient);
  }

  /**
   * Registers the gradient of a type of operations, once in the life of the process.
   *
   * @param type the operations' type
   * @param gradient builds the gradients by the inputs
   */
  static synchronized void register(String type, RawCustomGradient gradient) {
    if (BY_TYPE.containsKey(type)) {
      return;
    }
    TensorFlow.version(); // loads the native library
    if (adapter == null) {
      adapter = RawCustomGradient.adapter(JavaGradients::dispatch);
    }
    if (!TFJ_RegisterCustomGradient(type, adapter)) {
      throw new IllegalStateException(
          type
              + ": another library has registered a gradient for it in this process; Kazoku's loop"
              + " cannot be trained beside it, use Loop.UNROLLED");
    }
    BY_TYPE.put(type, gradient);
  }

  private static List<Operand<?>> dispatch(
      Ops tf, GraphOperation operation, List<Output<?>> gradients) {
    RawCustomGradient gradient;
    synchronized (JavaGradients.class) {
      gradient = BY_TYPE.get(operation.type());
    }
    return gradient.call(tf, operation, gradients);
  }

  private static List<Operand<?>> ofOne(
      Ops tf, GraphOperation operation, List<Output<?>> gradients) {
    RawCustomGradient gradient;
    synchronized (JavaGradients.class) {
      gradient = LOOPS.getOrDefault(operation.env(), Map.of()).get(operation.name());
    }
    if (gradient == null) {
      throw new IllegalStateException(
          operation.name()
              + ": has no gradient; a loop is differentiated in the graph it was built in, and with"
              + " weights that are not forInference()");
    }
    return gradient.call(tf, operation, gradients);
  }

  /** From the gradients by values those by what they are made of. */
  interface Backward {
    List<Operand<TNumber>> through(Ops tf, List<Operand<TNumber>> gradients);
  }

  /**
   * Values with another gradient than that of the operations that they are made by.
   *
   * @param inputs what they are made of
   * @param values the values
   * @param gradient their gradient; where nothing flows back it is given zeros
   * @return the values
   */
  static List<Operand<TNumber>> instead(
      Ops tf, List<Operand<TNumber>> inputs, List<Operand<TNumber>> values, Backward gradient) {
    int count = inputs.size();
    List<Operand<?>> all = new ArrayList<>(inputs);
    values.forEach(value -> all.add(tf.stopGradient(value)));
    IdentityN both = tf.identityN(all);
    registerFor(
        (GraphOperation) both.op(),
        (ops, operation, gradients) -> {
          List<Operand<TNumber>> none = new ArrayList<>();
          List<Operand<TNumber>> some = new ArrayList<>();
          for (int k = count; k < all.size(); k++) {
            none.add(Vocabulary.number(ops.zerosLike(operation.input(k))));
            boolean present = isPresent(gradients.get(k));
            some.add(present ? Vocabulary.number(gradients.get(k)) : none.get(k - count));
          }
          List<Operand<?>> back = new ArrayList<>(gradient.through(ops, some));
          back.addAll(none);
          return back;
        });
    return both.output().subList(count, all.size()).stream()
        .<Operand<TNumber>>map(Vocabulary::number)
        .toList();
  }

  /**
   * Whether anything flows back through an output.
   *
   * @param gradient the gradient by the output, as TensorFlow gives it
   * @return false if the loss does not depend on the output
   */
  static boolean isPresent(Output<?> gradient) {
    var handle = ((GraphOperation) gradient.op()).getUnsafeNativeHandle();
    return handle != null && !handle.isNull();
  }
}
