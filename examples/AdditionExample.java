import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.RNN;
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
import kazoku.train.Schedule;
import kazoku.train.Sequences;
import kazoku.train.View;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.AttentionDecoderWrapper.Attention;

/**
 * Learns to add two numbers as text, {@code 347+85} and {@code 432}: one network reads the sum
 * character by character, another one writes the answer and looks back at what was read. Both go
 * from right to left, as one adds by hand. Prints answers to sums that were not learnt, greedily
 * and with a beam, and where the writer looked.
 *
 * <p>Arguments, all optional: seed, epochs, number of sums to learn.
 */
public final class AdditionExample {

  /** The last one stands before and behind each answer. */
  private static final String CHARACTERS = "0123456789+.";

  private static final int EDGE = CHARACTERS.indexOf('.');
  private static final int LONGEST = "999+999".length();
  private static final int EMBEDDING = 16;
  private static final int UNITS = 64;
  private static final int BATCH = 128;

  private AdditionExample() {}

  /** Two numbers to add, each below 1000. */
  private record Sum(int left, int right) {
    static Sum draw(Random random) {
      return new Sum(number(random), number(random));
    }

    /** Of one, two or three digits. */
    private static int number(Random random) {
      return random.nextInt(new int[] {10, 100, 1000}[random.nextInt(3)]);
    }

    Sum swapped() {
      return new Sum(right, left);
    }

    String question() {
      return left + "+" + right;
    }

    String answer() {
      return Integer.toString(left + right);
    }

    /** From right to left. */
    String written() {
      return reversed(answer());
    }
  }

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (7), number of sums to learn (40000)
   */
  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 7;
    int count = args.length > 2 ? Integer.parseInt(args[2]) : 40_000;

    Random random = new Random(seed);
    List<Sum> test = new ArrayList<>();
    Set<Sum> heldOut = new HashSet<>();
    while (test.size() < 1000) {
      Sum sum = Sum.draw(random);
      // Of the smallest ones there are so few that all are for learning.
      if (sum.left() + sum.right() > 18 && heldOut.add(sum)) {
        heldOut.add(sum.swapped());
        test.add(sum);
      }
    }
    List<Sum> train =
        Stream.generate(() -> Sum.draw(random))
            .filter(sum -> !heldOut.contains(sum))
            .limit(count)
            .toList();
    System.out.printf("%,d sums to learn, %,d others for the test%n", train.size(), test.size());

    EncoderDecoder net =
        new EncoderDecoder(
            new Embedding(CHARACTERS.length(), EMBEDDING),
            new RNN(new GRUCell(EMBEDDING, UNITS)).reversed(),
            new Decoder(
                new AttentionDecoderWrapper(
                    new GRUCell(EMBEDDING + UNITS, UNITS), Attention.LUONG, LONGEST, UNITS, UNITS),
                CHARACTERS.length(),
                EDGE,
                EDGE,
                "1998.".length()),
            Bridge.none());
    try (Model model = Model.of(net, Inputs.tokens().tokens("target"), seed)) {
      Sequences data =
          tokens(train, Sum::question)
              .beside("target", tokens(train, sum -> "." + sum.written()))
              .labelSequences(each(train, sum -> sum.written() + "."));
      int updates = epochs * ((count + BATCH - 1) / BATCH);
      model.fit(
          data,
          new Adam(Schedule.cosine(1e-2, updates, 0)).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(epochs).batchSize(BATCH));

      View writer = model.view(net.greedy("w"), Inputs.tokens());
      List<String> greedy = answers(writer, test);
      List<String> beam = answers(model.view(net.beam(4, 0), Inputs.tokens()), test);
      System.out.printf("%n%-10s %8s %8s%n", "", "greedy", "beam");
      int[] wrong = wrong(greedy, test);
      IntStream.concat(IntStream.range(0, 6), Arrays.stream(wrong).filter(i -> i > 5).limit(4))
          .forEach(i -> print(test.get(i), greedy.get(i), beam.get(i)));
      System.out.printf(
          "right: %9.1f%% %7.1f%%%n%n",
          100 - 100.0 * wrong.length / test.size(),
          100 - 100.0 * wrong(beam, test).length / test.size());
      printAttention(writer, new Sum(347, 85));
    }
  }

  private static Sequences tokens(List<Sum> sums, Function<Sum, String> text) {
    return Sequences.tokens(each(sums, text));
  }

  private static int[][] each(List<Sum> sums, Function<Sum, String> text) {
    return sums.stream()
        .map(text)
        .map(characters -> characters.chars().map(CHARACTERS::indexOf).toArray())
        .toArray(int[][]::new);
  }

  private static List<String> answers(View writer, List<Sum> sums) {
    return Arrays.stream(writer.tokens(tokens(sums, Sum::question)))
        .map(
            row ->
                Arrays.stream(row)
                    .mapToObj(token -> CHARACTERS.substring(token, token + 1))
                    .collect(Collectors.joining()))
        .map(AdditionExample::reversed)
        .toList();
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  private static int[] wrong(List<String> answers, List<Sum> sums) {
    return IntStream.range(0, sums.size())
        .filter(i -> !answers.get(i).equals(sums.get(i).answer()))
        .toArray();
  }

  private static void print(Sum sum, String greedy, String beam) {
    boolean right = greedy.equals(sum.answer()) && beam.equals(sum.answer());
    System.out.printf(
        "%-10s %8s %8s%s%n",
        sum.question(), greedy, beam, right ? "" : "   should be " + sum.answer());
  }

  /** For each character written, how much of each one read was in what the writer looked at. */
  private static void printAttention(View writer, Sum sum) {
    String written = reversed(answers(writer, List.of(sum)).get(0));
    float[][] weights = writer.predictSteps("w", tokens(List.of(sum), Sum::question))[0];
    System.out.println("where it looked, writing from right to left:");
    System.out.println("     " + String.join("    ", sum.question().split("")));
    for (int t = 0; t < weights.length; t++) {
      StringBuilder line = new StringBuilder().append(written.charAt(t));
      for (int read = 0; read < sum.question().length(); read++) {
        float weight = weights[t][read];
        line.append(weight < 0.005 ? "    ." : String.format(Locale.ROOT, " %.2f", weight));
      }
      System.out.println(line);
    }
  }
}
