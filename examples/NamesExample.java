import java.text.Normalizer;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kazoku.cells.LSTMCell;
import kazoku.decode.Decoder;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.train.View;
import kazoku.wrap.DropoutWrapper;

/**
 * What might a country or a town be called? Reads the names of countries and towns that the JDK
 * knows, letter by letter, and learns which letter comes next; writes names of its own while it
 * learns, and at the end with several temperatures.
 *
 * <p>Arguments, all optional: seed, epochs.
 */
public final class NamesExample {

  /** Stands before and behind each name, the first of the letters. */
  private static final String EDGE = "\n";

  private static final int LONGEST = 40;

  private NamesExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (40)
   */
  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 40;

    List<String> names = new ArrayList<>(names());
    String letters = letters(names);
    Collections.shuffle(names, new Random(seed));
    List<String> heldOut = names.subList(0, names.size() / 10);
    List<String> train = names.subList(heldOut.size(), names.size());
    System.out.printf(
        "%d names to learn from, %d held out, %d letters%n",
        train.size(), heldOut.size(), letters.length() - 1);

    Decoder decoder =
        new Decoder(
            new DropoutWrapper(new LSTMCell(32, 128), 0.8, 0.7, 0.5).variational(),
            letters.length(),
            0,
            0,
            LONGEST);
    try (Model model = Model.of(decoder, seed)) {
      View writer = model.view(decoder.sample(0.8));
      model.fit(
          sequences(train, letters),
          new Adam(3e-3).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(epochs)
              .batchSize(16)
              .validation(sequences(heldOut, letters))
              .progress(
                  (epoch, all) -> {
                    if (epoch.number() == 1 || epoch.number() % 5 == 0 || epoch.number() == all) {
                      System.out.printf(
                          Locale.ROOT,
                          "epoch %2d: loss %.2f a letter, held out %.2f: %s%n",
                          epoch.number(),
                          epoch.training().loss(),
                          epoch.validation().loss(),
                          String.join(", ", written(writer, 4, letters)));
                    }
                  }));

      for (double temperature : new double[] {0.3, 0.6, 0.9, 1.2}) {
        List<String> found = written(model.view(decoder.sample(temperature)), 200, letters);
        List<String> known = found.stream().filter(train::contains).distinct().toList();
        System.out.printf(
            Locale.ROOT,
            "%ntemperature %.1f: %s%n",
            temperature,
            String.join(", ", found.subList(0, 10)));
        System.out.printf(
            "of %d names, %d are new%s%n",
            found.size(),
            found.stream().filter(name -> !known.contains(name)).count(),
            known.isEmpty() ? "" : "; learnt are " + String.join(", ", known));
      }
    }
  }

  /** Countries, and the towns and islands after which time zones are called, without accents. */
  private static Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (String country : Locale.getISOCountries()) {
      names.add(plain(new Locale("", country).getDisplayCountry(Locale.ENGLISH)));
    }
    for (String zone : ZoneId.getAvailableZoneIds()) {
      if (zone.matches(
          "(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.*[a-z].*")) {
        names.add(plain(zone.substring(zone.lastIndexOf('/') + 1).replace('_', ' ')));
      }
    }
    return names;
  }

  private static String plain(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFD)
        .replaceAll("\\p{M}", "")
        .replace('’', '\'');
  }

  private static String letters(List<String> names) {
    return EDGE
        + names.stream()
            .flatMapToInt(String::chars)
            .distinct()
            .sorted()
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
  }

  private static Sequences sequences(List<String> names, String letters) {
    int[][] read = tokens(names.stream().map(name -> EDGE + name), letters);
    int[][] next = tokens(names.stream().map(name -> name + EDGE), letters);
    return Sequences.tokens(read).stepLabels(next);
  }

  private static int[][] tokens(Stream<String> texts, String letters) {
    return texts.map(text -> text.chars().map(letters::indexOf).toArray()).toArray(int[][]::new);
  }

  /** Some names, out of nothing. */
  private static List<String> written(View writer, int count, String letters) {
    return Arrays.stream(writer.tokens(Sequences.tokens(new int[count][0])))
        .map(
            tokens ->
                Arrays.stream(tokens)
                    .mapToObj(token -> letters.substring(token, token + 1))
                    .collect(Collectors.joining()))
        .toList();
  }
}
