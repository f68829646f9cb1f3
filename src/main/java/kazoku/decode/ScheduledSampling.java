package kazoku.decode;

import kazoku.Checks;

/**
 * How often a decoder in training reads the token that it would have chosen itself, in the place of
 * the one that is given: so it learns to go on from its own mistakes.
 *
 * <p>Whether it does is drawn for each row and each step. The probability grows from 0, in equal
 * parts with each step of training, and stays where it is to end. No gradient flows through the
 * choice.
 *
 * <p>Source: S. Bengio et al., "Scheduled Sampling for Sequence Prediction with Recurrent Neural
 * Networks", NIPS 2015, <a href="https://arxiv.org/abs/1506.03099">arXiv:1506.03099</a>, with the
 * linear schedule. tf.contrib draws the token too, and leaves the schedule to the caller.
 *
 * @param probability where the probability ends, from 0 (never) to 1 (always)
 * @param rise after how many steps of training it is there; 0 for at once
 * @param greedy whether the most likely token is taken; false by default: one is drawn, as likely
 *     as the decoder says
 */
public record ScheduledSampling(double probability, int rise, boolean greedy) {

  /** All tokens are given: teacher forcing. */
  public static final ScheduledSampling NEVER = new ScheduledSampling(0, 0, false);

  public ScheduledSampling {
    Checks.require(
        probability >= 0 && probability <= 1,
        "ScheduledSampling",
        "probability must be in [0, 1]",
        probability);
    Checks.require(rise >= 0, "ScheduledSampling", "rise must be at least 0", rise);
  }

  /**
   * With tokens that are drawn.
   *
   * @param probability where the probability ends
   * @param rise after how many steps of training it is there
   */
  public ScheduledSampling(double probability, int rise) {
    this(probability, rise, false);
  }
}
