import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.cells.GRUCell;
import kazoku.decode.Bridge;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.layers.Embedding;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Inputs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.train.View;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.AttentionDecoderWrapper.Alignment;
import kazoku.wrap.AttentionDecoderWrapper.Attention;

/**
 * Can a network add? It reads a sum as text, 472+389, and writes the answer digit by digit, the
 * last one first, as on paper; nobody tells it what a number is. While it writes, an attention
 * looks at the question; where to, is shown for one sum.
 *
 * <p>Arguments, all optional: seed, epochs, sums to learn from.
 */
public final class AdditionExample {
  private static final String SIGNS = "0123456789+";
  private static final int END = SIGNS.length();
  private static final int START = END + 1;
  private static final int TOKENS = START + 1;

  /** Signs of the longest question and of the longest answer. */
  private static final int QUESTION = 7;

  private static final int ANSWER = 4;
  private static final int TESTED = 1000;
  private static final int UNITS = 64;

  private AdditionExample() {}

  /** Two numbers, and text about them. */
  private record Sum(int left, int right) {
    String question() {
      return left + "+" + right;
    }

    String answer() {
      return Integer.toString(left + right);
    }

    int[] asked() {
      return question().chars().map(SIGNS::indexOf).toArray();
    }

    /** Digits from the last to the first. */
    IntStream digits() {
      return new StringBuilder(answer()).reverse().chars().map(SIGNS::indexOf);
    }
  }

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (6), sums (20000)
   */
  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 6;
    int count = args.length > 2 ? Integer.parseInt(args[2]) : 20_000;

    List<Sum> sums = sums(count + TESTED, new Random(seed));
    List<Sum> test = sums.subList(0, TESTED);
    List<Sum> train = sums.subList(TESTED, sums.size());

    AttentionDecoderWrapper attentive =
        new AttentionDecoderWrapper(
            new GRUCell(16 + UNITS, UNITS),
            Attention.LUONG,
            UNITS,
            QUESTION,
            2 * UNITS,
            UNITS,
            Alignment.SOFTMAX,
            0,
            0,
            false,
            false,
            true);
    EncoderDecoder adder =
        new EncoderDecoder(
            new Embedding(TOKENS, 16),
            new Bidirectional(new GRUCell(16, UNITS)),
            new Decoder(attentive, TOKENS, START, END, ANSWER + 1),
            Bridge.none());
    try (Model model = Model.of(adder, Inputs.tokens().tokens("target"), seed)) {
      Sequences data = taught(train);
      Loss loss = Loss.softmaxCrossEntropy();
      model.fit(data, new Adam(6e-3).clip(1), loss, Epochs.of(epochs).batchSize(64));
      System.out.println("with smaller steps:");
      model.fit(data, new Adam(1e-3).clip(1), loss, Epochs.of(2).batchSize(64));

      Sequences unseen = asked(test);
      View greedy = model.view(adder.greedy("w"), Inputs.tokens());
      View beam = model.view(adder.beam(5, 0), Inputs.tokens());
      int[][] answers = greedy.tokens(unseen);
      System.out.println();
      for (int row = 0; row < 8; row++) {
        Sum sum = test.get(row);
        boolean right = text(answers[row]).equals(sum.answer());
        System.out.printf(
            "%s = %s%s%n",
            sum.question(), text(answers[row]), right ? "" : ", no: " + sum.answer());
      }
      System.out.printf(
          "%nof %d sums that it has never seen: %.1f %% right, by beam search %.1f %%%n%n",
          TESTED, 100 * right(test, answers), 100 * right(test, beam.tokens(unseen)));
      System.out.println(table(test.get(0), answers[0], greedy.predictSteps("w", unseen)[0]));
    }
  }

  /** Different sums of numbers of one to three digits. */
  private static List<Sum> sums(int count, Random random) {
    Set<Sum> sums = new HashSet<>();
    return Stream.generate(() -> new Sum(number(random), number(random)))
        .filter(sums::add)
        .limit(count)
        .toList();
  }

  private static int number(Random random) {
    return random.nextInt(random.nextInt(4) == 0 ? 100 : 1000);
  }

  private static Sequences asked(List<Sum> sums) {
    return Sequences.tokens(sums.stream().map(Sum::asked).toArray(int[][]::new));
  }

  /** With what the decoder reads, and what it is to write. */
  private static Sequences taught(List<Sum> sums) {
    int[][] read =
        sums.stream()
            .map(sum -> IntStream.concat(IntStream.of(START), sum.digits()).toArray())
            .toArray(int[][]::new);
    int[][] written =
        sums.stream()
            .map(sum -> IntStream.concat(sum.digits(), IntStream.of(END)).toArray())
            .toArray(int[][]::new);
    return asked(sums).beside("target", Sequences.tokens(read)).labelSequences(written);
  }

  /** The answer, the first digit first. */
  private static String text(int[] written) {
    String signs =
        Arrays.stream(written)
            .mapToObj(token -> token < END ? SIGNS.substring(token, token + 1) : "?")
            .collect(Collectors.joining());
    return new StringBuilder(signs).reverse().toString();
  }

  private static double right(List<Sum> sums, int[][] answers) {
    return IntStream.range(0, answers.length)
            .filter(row -> text(answers[row]).equals(sums.get(row).answer()))
            .count()
        / (double) answers.length;
  }

  /** How much of the attention each sign of the question has as a digit is written, in percent. */
  private static String table(Sum sum, int[] written, float[][] attention) {
    StringBuilder table = new StringBuilder("it writes, and looks at, in percent\n       ");
    String question = sum.question();
    question.chars().forEach(sign -> table.append("%5c".formatted(sign)));
    for (int t = 0; t < written.length; t++) {
      table.append("%n%5s  ".formatted(text(new int[] {written[t]})));
      for (int k = 0; k < question.length(); k++) {
        long percent = Math.round(100.0 * attention[t][k]);
        table.append(percent == 0 ? "    ." : "%5d".formatted(percent));
      }
    }
    return table.toString();
  }
}
