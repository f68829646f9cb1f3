package kazoku.train;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Callbacks that show people how training goes. */
public final class Progress {

  /** Shows nothing. */
  public static final Callback NONE = training -> {};

  private Progress() {}

  /**
   * A bar where somebody looks at a console, and a plain line for each epoch where standard output
   * goes to a file or another program.
   *
   * @return the callback; for one training at a time
   */
  public static Callback console() {
    return System.console() == null ? lines(System.out) : bar();
  }

  /**
   * A plain line for each epoch, without control characters.
   *
   * @param out where to
   * @return the callback
   */
  public static Callback lines(PrintStream out) {
    return training ->
        out.println(
            "epoch "
                + training.epoch()
                + "/"
                + training.epochs()
                + ": "
                + training.history().last());
  }

  /**
   * A bar on standard error, with batches a second, the time left, the loss of the last batch and
   * the scores of the last epoch. How long an epoch is, is known from the second one on where the
   * data is not in memory.
   *
   * @return the callback; for one training at a time
   */
  public static Callback bar() {
    return new Callback() {
      private ProgressBar bar;
      private String scores = "";

      @Override
      public void begin(Training training) {
        scores = "";
        bar =
            new ProgressBarBuilder()
                .setTaskName("training")
                .setUnit(" batches", 1)
                .showSpeed()
                .setInitialMax(-1)
                .build();
      }

      @Override
      public void batch(Training training) {
        if (training.batches() >= 0) {
          bar.maxHint((long) training.batches() * training.epochs());
        }
        bar.step();
        bar.setExtraMessage(
            String.format(
                Locale.ROOT,
                " epoch %d/%d, loss %.4f%s",
                training.epoch(),
                training.epochs(),
                training.loss(),
                scores));
      }

      @Override
      public void epoch(Training training) {
        scores = "; last epoch: " + training.history().last();
      }

      @Override
      public void end(Training training) {
        bar.close();
      }
    };
  }
}
