package kazoku.train;

import static kazoku.train.Batching.Order.SHUFFLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class SequencesTest {
  private static final float[][][] INPUTS = {{{1, 2}}, {{3, 4}, {5, 6}, {7, 8}}};

  @Test
  void batchesArePaddedWithZeros() {
    Sequences data = Sequences.of(INPUTS).stepLabels(new int[][] {{1}, {2, 3, 4}});
    int[] rows = {1, 0};
    try (TFloat32 input = (TFloat32) data.column("input").tensor(rows, 3, 2);
        TInt32 lengths = Sequences.lengths(data.column("input"), rows)) {
      assertThat(input.shape().asArray()).containsExactly(2, 3, 2);
      assertThat(input.getFloat(0, 2, 1)).isEqualTo(8);
      assertThat(input.getFloat(1, 0, 1)).isEqualTo(2);
      assertThat(input.getFloat(1, 1, 0)).isZero();
      assertThat(lengths.getInt(0)).isEqualTo(3);
      assertThat(lengths.getInt(1)).isEqualTo(1);
    }
    try (Batch batch = new Batch(Map.of(), data.targetParts(rows, -1), null, null)) {
      TInt32 target = (TInt32) batch.targets().get("").value();
      assertThat(target.getInt(0, 2)).isEqualTo(4);
      assertThat(target.getInt(1, 2)).isZero();
    }
    Sequences cut = Sequences.of(INPUTS, new int[] {1, 2}).targets(new float[][] {{9}, {8}});
    assertThat(cut.column("input").longest(new int[] {1})).isEqualTo(2);
    try (Batch batch = new Batch(Map.of(), cut.targetParts(new int[] {1}, -1), null, null)) {
      assertThat(((TFloat32) batch.targets().get("").value()).getFloat(0, 0)).isEqualTo(8);
      assertThat(batch.targets().get("").lengths()).isNull();
    }
  }

  @Test
  void eachEpochHasAnOrderOfItsOwnThatTheSeedRepeats() {
    Sequences data = Sequences.of(new float[10][1][1]);
    int[][] first = data.batches(4, SHUFFLED, 7, 1);
    assertThat(Arrays.stream(first).mapToInt(b -> b.length)).containsExactly(4, 4, 2);
    assertThat(Arrays.stream(first).flatMapToInt(Arrays::stream).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
    assertThat(data.batches(4, SHUFFLED, 7, 1)).isDeepEqualTo(first);
    assertThat(data.batches(4, SHUFFLED, 7, 2)).isNotEqualTo(first);
    assertThat(data.batches(4, SHUFFLED, 8, 1)).isNotEqualTo(first);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Sequences data = Sequences.of(INPUTS);
    refuses(
        () -> Sequences.of(new float[0][][]), "Sequences: there must be at least one row, got 0");
    refuses(
        () -> Sequences.of(INPUTS, new int[] {1}),
        "Sequences: lengths must have one number for each of the 2 rows, got 1");
    refuses(
        () -> Sequences.of(INPUTS, new int[] {1, -1}),
        "Sequences: the length of row 1 must be in 0..3, the steps it has, got -1");
    refuses(
        () -> Sequences.of(INPUTS, new int[] {2, 3}),
        "Sequences: the length of row 0 must be in 0..1, the steps it has, got 2");
    refuses(
        () -> Sequences.of(new float[][][] {{{1, 2}, {3}}}),
        "Sequences: every step must have 2 numbers as the first one has, but row 0 has another, got"
            + " 1");
    refuses(() -> data.labels(1), "Sequences: targets must be given for all 2 rows, got 1");
    refuses(
        () -> data.labels(1, -1),
        "Sequences: labels must be 0 or more, but row 1 has another, got -1");
    refuses(
        () -> data.stepLabels(new int[][] {{1}, {1}}),
        "Sequences: row 1 must have a target for each of its 3 steps, got 1");
    refuses(
        () -> data.targets(new float[][] {{1}, {1, 2}}),
        "Sequences: every target must have 1 numbers as the first one has, but row 1 has another,"
            + " got 2");
  }

  private static void refuses(Runnable use, String sentence) {
    assertThatThrownBy(use::run).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
