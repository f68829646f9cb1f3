import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kazoku.cells.GRUCell;
import kazoku.decode.Decoder;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import kazoku.train.View;
import kazoku.wrap.DropoutWrapper;

/**
 * What would a town be called that nobody has founded yet? Learns, character by character, how
 * names of places are written, and writes some as it learns; in the end at several temperatures,
 * and from beginnings that are given. How well it has learnt, say names that it has never seen: how
 * many bits each of their characters takes, when the network says what comes next.
 *
 * <p>Arguments, all optional: seed, epochs.
 */
public final class NamesExample {
  private static final Path DATA = Path.of("examples", "data", "places.txt");

  /** Tokens; characters follow. */
  private static final int END = 0;

  private static final int START = 1;
  private static final int FIRST_CHARACTER = 2;

  /** Epochs after which it writes, while it learns. */
  private static final int PART = 4;

  private static final int HELD_OUT = 64;
  private static final int LONGEST = 24;

  private NamesExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (20)
   * @throws IOException if the data cannot be read
   */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 20;

    List<String> names = Files.readAllLines(DATA);
    Alphabet alphabet = Alphabet.of(names);
    Collections.shuffle(names, new Random(seed));
    Sequences heldOut = alphabet.sequences(names.subList(0, HELD_OUT));
    Sequences train = alphabet.sequences(names.subList(HELD_OUT, names.size()));

    Decoder writer =
        new Decoder(
            new DropoutWrapper(new GRUCell(32, 128), 1, 0.8, 0.6).variational(),
            alphabet.size(),
            START,
            END,
            LONGEST);
    try (Model model = Model.of(writer, seed)) {
      System.out.println("bits for a character of names");
      System.out.println("epoch  learnt  held out  it writes");
      View sample = model.view(writer.sample(0.8));
      for (int epoch = 0; epoch <= epochs; epoch += PART) {
        if (epoch > 0) {
          Epochs part = Epochs.of(PART).progress(Progress.NONE);
          model.fit(train, new Adam(3e-3).clip(1), Loss.softmaxCrossEntropy(), part);
        }
        System.out.printf(
            "%5d  %6.2f  %8.2f  %s%n",
            epoch,
            bits(model, train),
            bits(model, heldOut),
            String.join(", ", alphabet.write(sample, Collections.nCopies(5, ""))));
      }

      System.out.println();
      Set<String> known = new HashSet<>(names);
      for (double temperature : new double[] {0.3, 0.7, 1, 1.5}) {
        View view = model.view(writer.sample(temperature));
        List<String> written = alphabet.write(view, Collections.nCopies(200, ""));
        System.out.printf(
            "temperature %.1f, %2.0f %% new: %s%n",
            temperature,
            100.0 * written.stream().filter(name -> !known.contains(name)).count() / 200,
            written.stream()
                .filter(name -> !known.contains(name))
                .limit(7)
                .collect(Collectors.joining(", ")));
      }

      System.out.println();
      List<String> beginnings = List.of("San ", "New ", "Kar", "Port", "Zu");
      View beam = model.view(writer.beam(8, 0.6));
      System.out.println(
          "most likely, by a beam search: " + String.join(", ", alphabet.write(beam, beginnings)));
    }
  }

  /** Of cross-entropy, in bits. */
  private static double bits(Model model, Sequences data) {
    return model.evaluate(data, Loss.softmaxCrossEntropy()).loss() / Math.log(2);
  }

  /** Which characters there are. */
  private record Alphabet(String characters) {

    static Alphabet of(List<String> names) {
      return new Alphabet(
          names.stream()
              .flatMapToInt(String::chars)
              .distinct()
              .sorted()
              .mapToObj(Character::toString)
              .collect(Collectors.joining()));
    }

    int size() {
      return FIRST_CHARACTER + characters.length();
    }

    private int[] tokens(String name) {
      return name.chars().map(c -> FIRST_CHARACTER + characters.indexOf(c)).toArray();
    }

    /** What is to come after each character: the next one, or the end. */
    Sequences sequences(List<String> names) {
      int[][] all =
          names.stream()
              .map(name -> IntStream.concat(IntStream.of(begun(name)), IntStream.of(END)))
              .map(IntStream::toArray)
              .toArray(int[][]::new);
      return Sequences.tokens(all).ahead(1);
    }

    private int[] begun(String name) {
      return IntStream.concat(IntStream.of(START), IntStream.of(tokens(name))).toArray();
    }

    /** Names that a view writes from their beginnings on. */
    List<String> write(View view, List<String> beginnings) {
      int[][] begun = beginnings.stream().map(this::begun).toArray(int[][]::new);
      int[][] rest = view.tokens(Sequences.tokens(begun));
      return IntStream.range(0, rest.length)
          .mapToObj(row -> beginnings.get(row) + text(rest[row]))
          .toList();
    }

    private String text(int[] tokens) {
      return Arrays.stream(tokens)
          .filter(token -> token >= FIRST_CHARACTER)
          .mapToObj(token -> characters.substring(token - FIRST_CHARACTER, token - 1))
          .collect(Collectors.joining());
    }
  }
}
