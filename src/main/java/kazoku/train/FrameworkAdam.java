package kazoku.train;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.family.TType;

/**
 * The Adam of {@code tensorflow-framework} in somebody's own graph, for variables whose names are
 * paths: {@code new FrameworkAdam(graph, 0.001f).minimize(loss)}.
 *
 * <p>The framework (1.0.0) names the moments of {@code dense/W} {@code dense/W-m}, and TensorFlow
 * refuses a name with a slash at that place. This class calls them {@code dense.W-m} and changes
 * nothing else; {@code GradientDescent} has no moments and works as it is. Inside a {@link Model},
 * {@link kazoku.train.Adam} is used.
 */
public final class FrameworkAdam extends Adam {
  private final Map<String, Output<?>> aliases = new HashMap<>();

  /**
   * Adam with the framework's default β₁, β₂ and ε.
   *
   * @param graph the graph whose variables are trained, all of them
   * @param learningRate the learning rate, greater than 0
   */
  public FrameworkAdam(Graph graph, float learningRate) {
    super(graph, learningRate);
  }

  @Override
  protected <T extends TType> void createSlot(
      Output<T> variable, String slotName, Operand<T> initializer) {
    super.createSlot(alias(variable), slotName, initializer);
  }

  @Override
  public <T extends TType> Optional<Variable<T>> getSlot(Output<T> variable, String slotName) {
    return super.getSlot(alias(variable), slotName);
  }

  /** The same value under a name without slashes; the framework asks it for name and shape. */
  @SuppressWarnings("unchecked") // An alias has the type of what it stands for.
  private <T extends TType> Output<T> alias(Output<T> variable) {
    return (Output<T>)
        aliases.computeIfAbsent(
            variable.op().name().replace('/', '.'),
            name -> getTF().withName(name).identity(variable).asOutput());
  }
}
