package kazoku.train;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Hears how training goes. An exception that it throws ends the training. */
@FunctionalInterface
public interface Progress {

  /** Says nothing. */
  Progress NONE = (epoch, epochs) -> {};

  /**
   * An epoch is over. Views of the model may be asked here what they give now.
   *
   * @param epoch its scores
   * @param epochs how many there will be
   */
  void epoch(History.Epoch epoch, int epochs);

  /**
   * A batch is over.
   *
   * @param batch its number in the epoch, from 1
   * @param batches how many there are in an epoch
   * @param epochs how many epochs there will be
   */
  default void batch(int batch, int batches, int epochs) {}

  /** Training is over, well or badly. */
  default void end() {}

  /**
   * A bar where somebody looks at a console, and a plain line for each epoch where standard output
   * goes to a file or another program.
   *
   * @return the listener; for one training at a time
   */
  static Progress console() {
    return System.console() == null ? lines(System.out) : bar();
  }

  /**
   * A plain line for each epoch, without control characters.
   *
   * @param out where to
   * @return the listener
   */
  static Progress lines(PrintStream out) {
    return (epoch, epochs) -> out.println("epoch " + epoch.number() + "/" + epochs + ": " + epoch);
  }

  /**
   * A bar on standard error that shows the scores of the last epoch.
   *
   * @return the listener; for one training at a time
   */
  static Progress bar() {
    return new Progress() {
      private ProgressBar bar;

      @Override
      public void batch(int batch, int batches, int epochs) {
        if (bar == null) {
          bar =
              new ProgressBarBuilder()
                  .setTaskName("training")
                  .setInitialMax((long) batches * epochs)
                  .build();
        }
        bar.step();
      }

      @Override
      public void epoch(History.Epoch epoch, int epochs) {
        bar.setExtraMessage(" " + epoch.number() + "/" + epochs + ": " + epoch);
      }

      @Override
      public void end() {
        if (bar != null) {
          bar.close();
          bar = null;
        }
      }
    };
  }
}
