package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

class SourceTest {
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  @Test
  void singleRowsAreGatheredAndLargePortionsAreCut() {
    Sequences all = Toys.labelled(10, 1);
    Source single = () -> IntStream.range(0, 10).mapToObj(all::select);
    assertThat(sizes(single.gather(4))).containsExactly(4, 4, 2);
    assertThat(sizes(all.gather(4))).containsExactly(4, 4, 2);
    assertThat(sizes(single.gather(4).gather(3))).containsExactly(3, 3, 3, 1);
    assertThat(sizes(single.gather(100))).containsExactly(10);
    for (Source source : List.of(single, single.gather(4).gather(3), all.gather(4))) {
      assertThat(numbers(source.read())).isEqualTo(numbers(all));
    }
  }

  @Test
  void nothingIsReadBeforeItIsAskedFor() {
    List<Integer> read = new ArrayList<>();
    Source single =
        () -> IntStream.range(0, 100).peek(read::add).mapToObj(i -> Toys.labelled(1, i));
    try (Stream<Sequences> portions = single.gather(10).portions()) {
      assertThat(portions.iterator().next().size()).isEqualTo(10);
    }
    assertThat(read).hasSizeBetween(10, 11);
  }

  @Test
  void trainingFromPortionsIsTrainingOnEachInTurn() {
    List<Sequences> portions = IntStream.range(0, 4).mapToObj(i -> Toys.labelled(16, i)).toList();
    try (Model one = Model.of(Toys.classifier(), 42);
        Model other = Model.of(Toys.classifier(), 42)) {
      Epochs epochs = Toys.epochs(3).inOrder();
      History whole = one.fit(Sequences.concat(portions), new Adam(0.01), CLASSES, epochs);
      History parts = other.fit(Source.of(portions), new Adam(0.01), CLASSES, epochs);
      assertThat(parts.losses()).isEqualTo(whole.losses());
      assertThat(other.evaluate(Source.of(portions), CLASSES))
          .isEqualTo(one.evaluate(Sequences.concat(portions).gather(16), CLASSES));
    }
  }

  @Test
  void refusesPortionsThatDiffer() {
    Sequences first = Toys.labelled(8, 1);
    Sequences other = Sequences.of(new float[2][3][2]).stepLabels(new int[2][3]);
    refuses(
        Source.of(List.of(first, first, other)),
        "Source: portion 3 must have vectors of 2 numbers; targets labels for each row, as the"
            + " first one has, got vectors of 2 numbers; targets labels for each step");
    refuses(
        Source.of(List.of(first, Sequences.of(new float[2][3][3]).labels(0, 1))),
        "Source: portion 2 must have vectors of 2 numbers; targets labels for each row, as the"
            + " first one has, got vectors of 3 numbers; targets labels for each row");
    refuses(
        Source.of(List.of(first, first.beside("a", Sequences.rows(new float[8][1])))),
        "Source: portion 2 must have vectors of 2 numbers; targets labels for each row, as the"
            + " first one has, got vectors of 2 numbers, a rows of 1 numbers; targets labels for"
            + " each row");
    refuses(Stream::empty, "Source: there must be at least one row, got none");
    assertThatThrownBy(() -> first.gather(0))
        .hasMessage("Source: the rows of a portion must be at least 1, got 0");
  }

  @Test
  void aStreamThatWasUsedIsNamed() {
    Stream<Sequences> once = Stream.of(Toys.labelled(8, 1));
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(() -> model.fit(() -> once, new Adam(0.01), CLASSES, Toys.epochs(2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Source: portions() must begin a new stream for each pass, got one that was used");
    }
  }

  @Test
  void aFailureWhileReadingGoesThroughAndAllStreamsAreClosed() {
    List<String> events = new ArrayList<>();
    Source failing =
        () -> {
          events.add("open");
          return IntStream.range(0, 5)
              .mapToObj(
                  i -> {
                    if (i == 3) {
                      throw new UncheckedIOException(new IOException("cable"));
                    }
                    return Toys.labelled(8, i);
                  })
              .onClose(() -> events.add("close"));
        };
    for (Source source : List.of(failing, failing.gather(16))) {
      events.clear();
      try (Model model = Model.of(Toys.classifier(), 42)) {
        assertThatThrownBy(() -> model.fit(source, new Adam(0.01), CLASSES, Toys.epochs(2)))
            .isInstanceOf(UncheckedIOException.class)
            .hasMessageEndingWith("cable");
        assertThatThrownBy(() -> model.evaluate(source, CLASSES))
            .isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(source::read).isInstanceOf(UncheckedIOException.class);
        assertThat(model.predict(Toys.labelled(2, 1))).hasDimensions(2, 2);
      }
      assertThat(events).containsExactly("open", "close", "open", "close", "open", "close");
    }
  }

  private static void refuses(Source source, String sentence) {
    try (Model model = Model.of(Toys.classifier(), 42)) {
      assertThatThrownBy(() -> model.fit(source, new Adam(0.01), CLASSES, Toys.epochs(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(sentence);
      assertThatThrownBy(() -> model.evaluate(source, CLASSES))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(sentence);
    }
  }

  private static List<Integer> sizes(Source source) {
    try (Stream<Sequences> portions = source.portions()) {
      return portions.map(Sequences::size).toList();
    }
  }

  /** All numbers and labels. */
  static List<Object> numbers(Sequences data) {
    List<Object> all = new ArrayList<>();
    for (int row = 0; row < data.size(); row++) {
      int[] one = {row};
      try (TFloat32 input = (TFloat32) data.column("input").tensor(one, data.length(row), 2)) {
        input.scalars().forEach(number -> all.add(number.getFloat()));
      }
      all.add(data.requireTargets("").labels(row, new int[1])[0]);
    }
    return all;
  }
}
