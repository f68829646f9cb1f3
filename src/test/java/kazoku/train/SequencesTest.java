package kazoku.train;

import static kazoku.train.Batching.Order.SHUFFLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tensorflow.Tensor;
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
  void numbersMayStandOneAfterTheOther() {
    Sequences data = Sequences.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, 2, 2);
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.length(1)).isEqualTo(2);
    assertThat(data.step(1, 0)).containsExactly(4, 5);
    assertThat(data.windows(1, 1).step(3, 0)).containsExactly(6, 7);
    Sequences joined = Sequences.concat(List.of(data, Sequences.of(new float[][][] {{{8, 9}}})));
    assertThat(joined.step(2, 0)).containsExactly(8, 9);
    refuses(
        () -> Sequences.of(new float[7], 2, 2),
        "Sequences: numbers must be a multiple of the 2 rows times 2 steps, got 7");
  }

  @Test
  void eachRowIsHeldOutByOneFold() {
    int[] labels = new int[11];
    Arrays.fill(labels, 7, 11, 1);
    float[][][] rows = new float[11][1][1];
    for (int row = 0; row < rows.length; row++) {
      rows[row][0][0] = row;
    }
    Sequences data = Sequences.of(rows).labels(labels);
    for (List<Sequences.Split> folds : List.of(data.folds(4, 7), data.foldsByLabel(4, 7))) {
      List<Integer> held = new ArrayList<>();
      for (Sequences.Split fold : folds) {
        List<Integer> trained = numbers(fold.training());
        held.addAll(numbers(fold.heldOut()));
        assertThat(trained).isSorted().doesNotContainAnyElementsOf(numbers(fold.heldOut()));
        assertThat(trained.size() + fold.heldOut().size()).isEqualTo(11);
        assertThat(fold.heldOut().size()).isBetween(2, 3);
      }
      assertThat(held).containsExactlyInAnyOrderElementsOf(numbers(data));
    }
    for (Sequences.Split fold : data.foldsByLabel(4, 7)) {
      assertThat(numbers(fold.heldOut()).stream().filter(row -> row >= 7)).hasSize(1);
    }
    assertThat(numbers(data.folds(4, 7).get(0).heldOut()))
        .isEqualTo(numbers(data.folds(4, 7).get(0).heldOut()))
        .isNotEqualTo(numbers(data.folds(4, 8).get(0).heldOut()));
    refuses(
        () -> data.folds(12, 7),
        "Sequences: folds must be in 2..11, as many as there are rows, got 12");
  }

  private static List<Integer> numbers(Sequences data) {
    return IntStream.range(0, data.size()).mapToObj(row -> (int) data.step(row, 0)[0]).toList();
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

  /** Two rows, of 3 and 5 steps, with all that can belong to rows. */
  private static Sequences rich() {
    return Sequences.tokens(new int[][] {{0, 1, 2}, {10, 11, 12, 13, 14}})
        .beside("time", Sequences.of(steps(3, 5)))
        .beside("speaker", Sequences.rows(new float[][] {{7}, {8}}))
        .stepLabels(new int[][] {{0, 1, 2}, {3, 4, 5, 6, 7}})
        .target("numbers", Targets.ofSteps(steps(3, 5)))
        .target("class", Targets.ofRows(new int[] {3, 4}))
        .target("values", Targets.ofRows(new float[][] {{5, 6}, {7, 8}}))
        .sampleWeights(1, 2);
  }

  /** Rows of numbers: row 1 has 100, 101, … */
  private static float[][][] steps(int... lengths) {
    float[][][] steps = new float[lengths.length][][];
    for (int row = 0; row < lengths.length; row++) {
      steps[row] = new float[lengths[row]][1];
      for (int t = 0; t < lengths[row]; t++) {
        steps[row][t][0] = 100 * row + t;
      }
    }
    return steps;
  }

  @Test
  void selectedRowsBringAllThatBelongsToThem() {
    assertThat(text(rich().select(1, 0, 1)))
        .isEqualTo(
            """
input [10, 11, 12, 13, 14] [0, 1, 2] [10, 11, 12, 13, 14]
time [100.0, 101.0, 102.0, 103.0, 104.0] [0.0, 1.0, 2.0] [100.0, 101.0, 102.0, 103.0, 104.0]
speaker [8.0] [7.0] [8.0]
 [3, 4, 5, 6, 7] [0, 1, 2] [3, 4, 5, 6, 7]
numbers [100.0, 101.0, 102.0, 103.0, 104.0] [0.0, 1.0, 2.0] [100.0, 101.0, 102.0, 103.0, 104.0]
class [4] [3] [4]
values [7.0, 8.0] [5.0, 6.0] [7.0, 8.0]
weights [2.0] [1.0] [2.0]
""");
    refuses(() -> rich().select(), "Sequences: at least one row must be selected, got none");
    refuses(() -> rich().select(2), "Sequences: rows must be in 0..1, got 2");
  }

  @Test
  void joinedDataHasTheRowsOfEach() {
    Sequences rich = rich();
    Sequences joined = Sequences.concat(List.of(rich.select(1), rich.select(0, 1)));
    assertThat(text(joined)).isEqualTo(text(rich.select(1, 0, 1)));
    Sequences plain = Sequences.of(steps(1, 1));
    assertThat(text(Sequences.concat(List.of(plain, plain.sampleWeights(3, 4)))))
        .endsWith("weights [1.0] [1.0] [3.0] [4.0]\n");
    assertThat(text(Sequences.concat(List.of(Sequences.of(new float[1][0][]), plain))))
        .isEqualTo("input [] [0.0] [100.0]\n");
    refuses(
        () -> Sequences.concat(List.of(plain.labels(1, 2), plain.targets(new float[2][3]))),
        "Sequences: all data must have vectors of 1 numbers; targets labels for each row, as the"
            + " first has, got vectors of 1 numbers; targets numbers for each row, 3");
    refuses(() -> Sequences.concat(List.of()), "Sequences: there must be at least one row, got 0");
  }

  @Test
  void windowsCutAlongWhatHasStepsAndRepeatWhatRowsHave() {
    assertThat(text(rich().windows(3, 2)))
        .isEqualTo(
            """
            input [0, 1, 2] [10, 11, 12] [12, 13, 14]
            time [0.0, 1.0, 2.0] [100.0, 101.0, 102.0] [102.0, 103.0, 104.0]
            speaker [7.0] [8.0] [8.0]
             [0, 1, 2] [3, 4, 5] [5, 6, 7]
            numbers [0.0, 1.0, 2.0] [100.0, 101.0, 102.0] [102.0, 103.0, 104.0]
            class [3] [4] [4]
            values [5.0, 6.0] [7.0, 8.0] [7.0, 8.0]
            weights [1.0] [2.0] [2.0]
            """);
  }

  @Test
  void stepsThatFillNoWindowAreLeftOut() {
    Sequences data = Sequences.of(steps(5, 2));
    assertThat(text(data.windows(3, 3))).isEqualTo("input [0.0, 1.0, 2.0]\n");
    assertThat(text(data.windows(4, 1)))
        .isEqualTo("input [0.0, 1.0, 2.0, 3.0] [1.0, 2.0, 3.0, 4.0]\n");
    assertThat(text(data.windows(2, 3))).isEqualTo("input [0.0, 1.0] [3.0, 4.0] [100.0, 101.0]\n");
    assertThat(text(data.windows(3, 1).windows(2, 1)))
        .isEqualTo("input [0.0, 1.0] [1.0, 2.0] [1.0, 2.0] [2.0, 3.0] [2.0, 3.0] [3.0, 4.0]\n");
    Sequences padded = Sequences.of(steps(5, 5), new int[] {2, 3}).stepTargets(steps(5, 5));
    assertThat(text(padded.windows(2, 1)))
        .isEqualTo(
            """
            input [0.0, 1.0] [100.0, 101.0] [101.0, 102.0]
             [0.0, 1.0] [100.0, 101.0] [101.0, 102.0]
            """);
    refuses(
        () -> data.windows(6, 1),
        "Sequences: at least one row must have the 6 steps of a window, got at most 5");
    refuses(() -> data.windows(0, 1), "Sequences: the length of windows must be at least 1, got 0");
    refuses(() -> data.windows(1, 0), "Sequences: the stride of windows must be at least 1, got 0");
    refuses(
        () -> data.beside("time", Sequences.of(steps(5, 3))).windows(1, 1),
        "Sequences: time must have as many steps as the first input, to be cut along; row 1 has not"
            + " its 2, got 3");
    refuses(
        () -> data.labelSequences(new int[2][1]).windows(1, 1),
        "Sequences: rows that have label sequences must stay whole, got targets labels in sequences"
            + " of their own");
  }

  /** A copy of the windows' steps would take 8 GB, and another one that of their targets. */
  @Test
  void windowsOfALongSeriesTakeNoMoreMemoryThanIt() {
    int[] series = IntStream.range(0, 1_000_001).map(t -> t % 10).toArray();
    Sequences windows = Sequences.tokens(new int[][] {series}).ahead(1).windows(2000, 1);
    assertThat(windows.size()).isEqualTo(998_001);
    windows.requireTargets("").checkOutputs(10);
    Sequences last = windows.select(windows.size() - 1);
    assertThat(last.requireTargets("").labels(0, new int[] {0, 1999})).containsExactly(1, 0);
  }

  @Test
  void aheadIsWhatComesSoManyStepsLater() {
    assertThat(text(Sequences.tokens(new int[][] {{4, 5, 6}, {7}, {8, 9}}).ahead(1)))
        .isEqualTo("input [4, 5] [] [8]\n [5, 6] [] [9]\n");
    assertThat(text(Sequences.of(steps(4)).ahead(2))).isEqualTo("input [0.0, 1.0]\n [2.0, 3.0]\n");
    assertThat(text(Sequences.of(steps(5), new int[] {3}).ahead(2)))
        .isEqualTo("input [0.0]\n [2.0]\n");
    assertThat(text(Sequences.of(steps(5)).ahead(2).windows(2, 1).last()))
        .isEqualTo("input [0.0, 1.0] [1.0, 2.0]\n [3.0] [4.0]\n");
    assertThat(text(Sequences.tokens(new int[][] {{4, 5, 6, 7}}).ahead(1).last()))
        .isEqualTo("input [4, 5, 6]\n [7]\n");
    refuses(
        () -> Sequences.of(steps(2, 1)).ahead(2),
        "Sequences: at least one row must have more than 2 steps, to look so far ahead, got 2");
    refuses(
        () -> Sequences.of(steps(2)).ahead(0), "Sequences: steps ahead must be at least 1, got 0");
    refuses(
        () -> Sequences.of(steps(2)).labels(1).last(),
        "Sequences: targets must be for each step, got labels for each row");
    refuses(
        () -> Sequences.tokens(new int[][] {{1}, {1, 2}}).ahead(1).last(),
        "Sequences: row 0 must have a last step, got no step");
  }

  @Test
  void streamsGoOnWhereTheOneBeforeThemEnds() {
    Sequences text = Sequences.tokens(new int[][] {{0, 1, 2, 3, 4, 5, 6, 7}}).ahead(1);
    assertThat(text(text.streams(3)))
        .isEqualTo("input [0, 1] [2, 3] [4, 5]\n [1, 2] [3, 4] [5, 6]\n");
    refuses(() -> text.streams(8), "Sequences: each of 8 streams must have a step, got 7");
    refuses(
        () -> Sequences.of(steps(2, 2)).streams(2),
        "Sequences: streams must be cut from one sequence, got 2");
  }

  @Test
  void heldOutRowsAreDrawnBySeed() {
    Sequences data = Sequences.of(steps(filled(100, 1))).targets(new float[100][2]);
    Sequences.Split split = data.split(0.25, 7);
    assertThat(split.heldOut().size()).isEqualTo(25);
    List<Float> training = firsts(split.training());
    List<Float> heldOut = firsts(split.heldOut());
    assertThat(training).hasSize(75).isSorted().doesNotContainAnyElementsOf(heldOut);
    assertThat(heldOut).isSorted().isNotEqualTo(firsts(data).subList(75, 100));
    assertThat(firsts(data.split(0.25, 7).heldOut())).isEqualTo(heldOut);
    assertThat(firsts(data.split(0.25, 8).heldOut())).isNotEqualTo(heldOut);
    assertThat(Sequences.of(steps(1, 1)).split(0.99, 1).training().size()).isEqualTo(1);
    refuses(
        () -> data.split(0.001, 1),
        "Sequences: a part of 0.001 of 100 rows must be at least one row, got 0");
    refuses(
        () -> data.split(1, 1), "Sequences: the part that is held out must be in (0, 1), got 1.0");
  }

  @Test
  void classesAreDividedAlike() {
    int[] labels = IntStream.range(0, 100).map(i -> i < 80 ? 0 : i < 99 ? 1 : 2).toArray();
    Sequences data = Sequences.of(steps(filled(100, 1))).labels(labels);
    for (long seed = 0; seed < 20; seed++) {
      Sequences.Split split = data.splitByLabel(0.2, seed);
      assertThat(classes(split.heldOut())).containsExactly(16, 4, 0);
      assertThat(classes(split.training())).containsExactly(64, 15, 1);
    }
    refuses(
        () -> Sequences.of(steps(3)).ahead(1).splitByLabel(0.5, 1),
        "Sequences: targets must be labels for each row, to split by them, got numbers for each"
            + " step");
  }

  @Test
  void batchesByLengthHaveEachRowOnceAndLessPadding() {
    Random random = new Random(1);
    int[] lengths = IntStream.range(0, 5000).map(i -> 1 + random.nextInt(100)).toArray();
    Sequences data = Sequences.of(steps(lengths));
    for (int size : new int[] {32, 6000, Integer.MAX_VALUE}) {
      int[][] batches = data.batches(size, Batching.Order.BY_LENGTH, 7, 1);
      assertThat(Arrays.stream(batches).flatMapToInt(Arrays::stream).sorted().toArray())
          .isEqualTo(IntStream.range(0, 5000).toArray());
    }
    int[][] batches = data.batches(32, Batching.Order.BY_LENGTH, 7, 1);
    assertThat(batches.length).isEqualTo(157);
    assertThat(padding(data, batches)).isLessThan(0.04);
    assertThat(padding(data, data.batches(32, Batching.Order.SHUFFLED, 7, 1))).isGreaterThan(0.4);
    assertThat(data.batches(32, Batching.Order.BY_LENGTH, 7, 1)).isDeepEqualTo(batches);
    assertThat(data.batches(32, Batching.Order.BY_LENGTH, 7, 2)).isNotEqualTo(batches);
    assertThat(data.batches(32, Batching.Order.BY_LENGTH, 8, 1)).isNotEqualTo(batches);
    int[] longest = Arrays.stream(batches).mapToInt(data.column("input")::longest).toArray();
    assertThat(longest).isNotEqualTo(Arrays.stream(longest).sorted().toArray());
  }

  /** How much of the steps that are computed is padding. */
  private static double padding(Sequences data, int[][] batches) {
    long all = 0;
    long valid = 0;
    for (int[] rows : batches) {
      all += (long) rows.length * data.column("input").longest(rows);
      valid += Arrays.stream(rows).map(data::length).sum();
    }
    return 1 - (double) valid / all;
  }

  private static int[] filled(int size, int number) {
    return IntStream.range(0, size).map(i -> number).toArray();
  }

  private static List<Float> firsts(Sequences data) {
    Column.Vectors column = (Column.Vectors) data.column("input");
    return IntStream.range(0, data.size()).mapToObj(row -> column.step(row, 0)[0]).toList();
  }

  private static int[] classes(Sequences data) {
    int[] counts = new int[3];
    IntStream.range(0, data.size())
        .forEach(row -> counts[data.requireTargets("").labels(row, new int[1])[0]]++);
    return counts;
  }

  /** A line for each input, target and the weights, as they are fed, without padding. */
  private static String text(Sequences data) {
    StringBuilder text = new StringBuilder();
    for (String input : List.of("input", "time", "speaker")) {
      Column column = data.column(input);
      if (column != null) {
        int longest = column.longest(IntStream.range(0, data.size()).toArray());
        text.append(input);
        for (int row = 0; row < data.size(); row++) {
          try (Tensor tensor = column.tensor(new int[] {row}, longest, 1)) {
            text.append(' ').append(column.perRow() ? numbers(tensor) : cut(tensor, column, row));
          }
        }
        text.append('\n');
      }
    }
    int[] none = {0};
    try (Batch names = new Batch(Map.of(), data.targetParts(none, -1), null, null)) {
      for (String output : names.targets().keySet()) {
        text.append(output);
        for (int row = 0; row < data.size(); row++) {
          try (Batch one = new Batch(Map.of(), data.targetParts(new int[] {row}, -1), null, null)) {
            text.append(' ').append(numbers(one.targets().get(output).value()));
          }
        }
        text.append('\n');
      }
    }
    int[] all = IntStream.range(0, data.size()).toArray();
    try (TFloat32 weights = data.sampleWeights(all)) {
      if (weights != null) {
        text.append("weights");
        numbers(weights).forEach(number -> text.append(" [").append(number).append(']'));
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static List<Number> cut(Tensor tensor, Column column, int row) {
    return numbers(tensor).subList(0, column.length(row));
  }

  private static List<Number> numbers(Tensor tensor) {
    List<Number> numbers = new ArrayList<>();
    if (tensor instanceof TFloat32 floats) {
      floats.scalars().forEach(number -> numbers.add(number.getFloat()));
    } else {
      ((TInt32) tensor).scalars().forEach(number -> numbers.add(number.getInt()));
    }
    return numbers;
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
