package kazoku.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * The states with which the rows of a batch go on; at first there are none, and they begin anew.
 */
final class States implements Trainer.Answers, AutoCloseable {
  private final Carry carry;
  private final TBool fresh = TBool.vectorOf(false);
  private final Map<String, TFloat32> values = new LinkedHashMap<>();

  States(Carry carry) {
    this.carry = carry;
  }

  /** Lets all rows begin anew. */
  void forget() {
    values.values().forEach(TFloat32::close);
    values.clear();
  }

  void feed(Session.Runner runner) {
    if (!values.isEmpty()) {
      runner.feed(carry.fresh(), fresh);
      values.forEach((name, value) -> runner.feed(carry.slots().get(name).begin(), value));
    }
  }

  /** Asks for the states that rows end with. */
  @Override
  public void fetch(Session.Runner runner) {
    carry.slots().values().forEach(slot -> runner.fetch(slot.end()));
  }

  /** Goes on from the states that rows have ended with, the last answers of a run. */
  @Override
  public void keep(Result result) {
    forget();
    int index = result.size() - carry.slots().size();
    for (String name : carry.slots().keySet()) {
      TFloat32 end = (TFloat32) result.get(index++);
      values.put(name, TFloat32.tensorOf(end.shape(), end::copyTo));
    }
  }

  @Override
  public void close() {
    forget();
    fresh.close();
  }
}
