package kazoku.train;

import java.util.Collection;
import kazoku.Checks;
import org.tensorflow.op.Op;

/**
 * How weights follow their gradients: {@code new Adam(1e-3)}, {@code new Adam(Schedule.cosine(1e-3,
 * 10_000)).weightDecay(0.01).clip(1)}.
 *
 * <p>What is written last sees the gradients first: {@code new Adam(1e-3).l2(1e-4).clip(1)} clips
 * the gradients and then adds to them. Batches are put together ({@link #every}) before anything
 * else, wherever it is written.
 *
 * <p>Optimizers are records: equal ones go on where the other one was. They train the weights that
 * they are given and no others, and give the same bits in every run. (Those of {@code
 * tensorflow-framework} differentiate by every variable of the graph; its Adam changes its powers
 * of β while updates may still read them.)
 */
public interface Optimizer {

  /**
   * The learning rate, from update to update.
   *
   * @return the schedule
   */
  Schedule learningRate();

  /**
   * Which weights are trained.
   *
   * @param names the full names of the weights that a model could train
   * @return some of them; all by default
   */
  default Collection<String> trained(Collection<String> names) {
    return names;
  }

  /**
   * Builds one update of all weights. No weight may change before all gradients are there ({@link
   * Gradients#forEach} takes care of it): an update that waits for gradients that never come must
   * do nothing.
   *
   * @param slots what the optimizer remembers, and the rate of this update
   * @param gradients the gradient of the loss by each weight
   * @return what to run
   */
  Op update(Slots slots, Gradients gradients);

  /**
   * The same optimizer for some weights; the others stay as they are, for a network of which a part
   * has been trained before, or of whose outputs only some have a loss. Keras has {@code
   * layer.trainable}, PyTorch {@code requires_grad}. Statistics that move (of batch norms) still
   * do.
   *
   * @param pattern a regular expression that is found somewhere in the full name of each weight
   *     that is trained, {@code "^head/"}
   * @return the optimizer; building it fails where no weight has such a name
   */
  default Optimizer only(String pattern) {
    return new Chosen(this, pattern);
  }

  /**
   * The same optimizer on gradients whose global norm is limited. Where the norm n of all gradients
   * together exceeds the limit, all are multiplied by {@code limit/n} (R. Pascanu, T. Mikolov, Y.
   * Bengio 2013, <a href="https://arxiv.org/abs/1211.5063">arXiv:1211.5063</a>). Keras has it as
   * {@code global_clipnorm}, PyTorch as {@code clip_grad_norm_}.
   *
   * @param norm the limit, greater than 0; 1 to 5 is usual for recurrent networks
   * @return the optimizer
   */
  default Optimizer clip(double norm) {
    return new Clipped(this, Clipped.By.GLOBAL_NORM, norm);
  }

  /**
   * The same optimizer on gradients each of which has a limited norm. Keras has it as {@code
   * clipnorm}.
   *
   * @param norm the limit for the gradient of each weight, greater than 0
   * @return the optimizer
   */
  default Optimizer clipEach(double norm) {
    return new Clipped(this, Clipped.By.NORM, norm);
  }

  /**
   * The same optimizer on gradients whose numbers are cut at {@code ±value}. Keras has it as {@code
   * clipvalue}, PyTorch as {@code clip_grad_value_}.
   *
   * @param value the limit, greater than 0
   * @return the optimizer
   */
  default Optimizer clipValue(double value) {
    return new Clipped(this, Clipped.By.VALUE, value);
  }

  /**
   * The same optimizer with decoupled weight decay, on all weights: before each update {@code θ' =
   * θ − α·λ·θ}, α being the rate of this update. {@code new Adam(1e-3).weightDecay(0.01)} is AdamW
   * (I. Loshchilov, F. Hutter 2019, <a
   * href="https://arxiv.org/abs/1711.05101">arXiv:1711.05101</a>) as Keras and PyTorch have it.
   *
   * @param rate λ, greater than 0
   * @return the optimizer
   */
  default Optimizer weightDecay(double rate) {
    return weightDecay(rate, "");
  }

  /**
   * The same optimizer with decoupled weight decay, on some weights: {@code weightDecay(0.01,
   * "/[WU]$")} leaves biases and gains as they are.
   *
   * @param rate λ, greater than 0
   * @param pattern a regular expression that is found somewhere in the full name of each weight
   *     that decays
   * @return the optimizer; building it fails where no weight has such a name
   */
  default Optimizer weightDecay(double rate, String pattern) {
    return new Decayed(this, Decayed.How.DECOUPLED, rate, pattern);
  }

  /**
   * The same optimizer on gradients to which {@code λ·θ} is added, as if {@code λ/2·Σθ²} were added
   * to the loss, for all weights. This is what PyTorch's SGD, Adam and others call {@code
   * weight_decay}.
   *
   * @param rate λ, greater than 0
   * @return the optimizer
   */
  default Optimizer l2(double rate) {
    return l2(rate, "");
  }

  /**
   * The same optimizer on gradients to which {@code λ·θ} is added, for some weights.
   *
   * @param rate λ, greater than 0
   * @param pattern a regular expression that is found somewhere in the full name of each of them
   * @return the optimizer; building it fails where no weight has such a name
   */
  default Optimizer l2(double rate, String pattern) {
    return new Decayed(this, Decayed.How.COUPLED, rate, pattern);
  }

  /**
   * The same optimizer with one update for several batches: on the mean of their gradients, in
   * which each batch weighs as much as its loss has rows or valid steps. So some small batches give
   * the update of one large batch, up to rounding, also where sequences are of different lengths.
   * (Keras and PyTorch users divide by the number of batches.) An update counts as one for
   * schedules and averages. Batches that are left at the end of an epoch wait for those of the
   * next.
   *
   * @param batches how many batches make an update, at least 1
   * @return the optimizer
   */
  default Optimizer every(int batches) {
    return new Accumulated(this, batches);
  }

  /**
   * The same optimizer, with an exponential moving average of each weight beside it: {@code a' =
   * d·a + (1 − d)·θ} after each update, from the weights after the first one on, as in Keras and in
   * PyTorch's {@code AveragedModel}. Training goes on with the weights themselves; validation in
   * {@link Model#fit} is of the averages, and {@link Model#useAverages} puts them in the place of
   * the weights.
   *
   * @param decay d, at least 0 and less than 1; 0.99 to 0.9999 is usual
   * @return the optimizer
   */
  default Optimizer average(double decay) {
    Checks.rate("Optimizer", "the decay of an average", decay);
    return new Averaged(this, decay, 0);
  }

  /**
   * The same optimizer, with the plain mean of each weight beside it, over the values it has after
   * each update from one on: averaged SGD (B. Polyak, A. Juditsky 1992), stochastic weight
   * averaging (P. Izmailov et al. 2018, <a
   * href="https://arxiv.org/abs/1803.05407">arXiv:1803.05407</a>). Before, the average is the
   * weight itself. It is used as that of {@link #average}.
   *
   * @param update the number of the first update that counts, at least 1
   * @return the optimizer
   */
  default Optimizer averageFrom(long update) {
    Checks.atLeastOne("Optimizer", "the update from which weights are averaged", update);
    return new Averaged(this, 1, update);
  }
}
