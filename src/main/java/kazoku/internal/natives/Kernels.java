package kazoku.internal.natives;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.KernelDef;
import org.tensorflow.proto.NodeDef;

/** Which operations of a graph the native library has a kernel for. */
public final class Kernels {
  /** The kind of device that CUDA and ROCm have. */
  public static final String GPU = "GPU";

  /** What is registered for it is taken on each kind of device that has no kernel of its own. */
  private static final String ANY = "DEFAULT";

  private final String device;
  private final Map<String, List<KernelDef>> known = new HashMap<>();

  private Kernels(String device) {
    this.device = device;
  }

  /**
   * Operations that have no kernel.
   *
   * @param of how many operations were looked at
   * @param kinds operations and their types, {@code Where[T=bool]}, to the names of those there are
   */
  public record Missing(int of, Map<String, List<String>> kinds) {

    /**
     * How many they are.
     *
     * @return of {@link #of}
     */
    public int count() {
      return kinds.values().stream().mapToInt(List::size).sum();
    }
  }

  /**
   * Looks for those that have no kernel, in a graph and all its functions. A call of a function
   * does not count, since what it calls does.
   *
   * @param graph with its library of functions
   * @param device {@code GPU}
   * @return those
   */
  public static Missing missing(GraphDef graph, String device) {
    Kernels kernels = new Kernels(device);
    Map<String, NodeDef> operations = operations(graph);
    Map<String, List<String>> kinds = new TreeMap<>();
    operations.forEach(
        (name, node) -> {
          if (!kernels.has(node)) {
            kinds.computeIfAbsent(kind(node), kind -> new ArrayList<>()).add(name);
          }
        });
    return new Missing(operations.size(), kinds);
  }

  /** By name, with that of the function before it. */
  private static Map<String, NodeDef> operations(GraphDef graph) {
    Map<String, NodeDef> all = new TreeMap<>();
    graph.getNodeList().forEach(node -> all.put(node.getName(), node));
    for (FunctionDef function : graph.getLibrary().getFunctionList()) {
      String name = function.getSignature().getName();
      function.getNodeDefList().forEach(node -> all.put(name + ": " + node.getName(), node));
    }
    graph
        .getLibrary()
        .getFunctionList()
        .forEach(
            function ->
                all.values()
                    .removeIf(node -> node.getOp().equals(function.getSignature().getName())));
    return all;
  }

  private boolean has(NodeDef node) {
    return known.computeIfAbsent(node.getOp(), Natives::kernels).stream()
        .filter(
            kernel -> kernel.getDeviceType().equals(device) || kernel.getDeviceType().equals(ANY))
        .anyMatch(kernel -> fits(kernel, node));
  }

  private static boolean fits(KernelDef kernel, NodeDef node) {
    return kernel.getLabel().isEmpty()
        && kernel.getConstraintList().stream()
            .allMatch(
                constraint ->
                    constraint
                        .getAllowedValues()
                        .getList()
                        .getTypeList()
                        .containsAll(types(node.getAttrMap().get(constraint.getName()))));
  }

  private static List<DataType> types(AttrValue attribute) {
    return attribute == null
        ? List.of()
        : attribute.hasType() ? List.of(attribute.getType()) : attribute.getList().getTypeList();
  }

  /** An operation with its types. */
  private static String kind(NodeDef node) {
    String types =
        new TreeMap<>(node.getAttrMap())
            .entrySet().stream()
                .filter(attribute -> attribute.getValue().hasType())
                .map(attribute -> attribute.getKey() + "=" + name(attribute.getValue().getType()))
                .collect(Collectors.joining(", ", "[", "]"));
    return types.equals("[]") ? node.getOp() : node.getOp() + types;
  }

  /** {@code float}, {@code int32_ref}. */
  private static String name(DataType type) {
    return type.name().substring("DT_".length()).toLowerCase(Locale.ROOT);
  }
}
