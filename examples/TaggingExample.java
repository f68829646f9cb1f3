import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.decode.Crf;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;

/**
 * Which characters of a message are a name, a date, a time, a price? A network that reads messages
 * in both directions gives each character a label, B-NAME where a name begins, I-NAME within, O
 * outside; once by a softmax for each character alone, and once by a conditional random field,
 * which knows what may follow what. Both learn from the same messages, and are compared on others
 * with names that they have never seen.
 *
 * <p>Messages are made up, in lower case: may, will and mark are names as well as words, and 2.30
 * may be anything.
 *
 * <p>Arguments, all optional: seed, epochs, messages to learn from.
 */
public final class TaggingExample {

  /** What is found; O is label 0, then B and I of each. */
  private enum Kind {
    NAME,
    DATE,
    TIME,
    PRICE;

    int begin() {
      return 1 + 2 * ordinal();
    }

    int inside() {
      return 2 + 2 * ordinal();
    }

    static Kind of(int label) {
      return label == 0 ? null : values()[(label - 1) / 2];
    }

    static boolean begins(int label) {
      return label % 2 == 1;
    }
  }

  private static final int LABELS = 1 + 2 * Kind.values().length;

  /** Characters are tokens: code 32 to 126. */
  private static final int FIRST_CHARACTER = ' ';

  private static final int CHARACTERS = 95;

  private static final int TESTED = 500;

  private TaggingExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (12), messages (500)
   */
  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 12;
    int messages = args.length > 2 ? Integer.parseInt(args[2]) : 500;

    List<Message> train = new Writer(seed, false).write(messages);
    List<Message> test = new Writer(seed + 1, true).write(TESTED);

    Layer reader =
        new Sequential(
            new Embedding(CHARACTERS, 16),
            new Bidirectional(new GRUCell(16, 32)),
            new Dense(64, LABELS, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    Crf crf = new Crf(LABELS);
    Epochs all = Epochs.of(epochs).batchSize(16);
    try (Model alone = Model.of(reader, seed);
        Model chain = Model.of(new Sequential(reader, crf), seed)) {
      System.out.println("a softmax for each character:");
      alone.fit(sequences(train), new Adam(5e-3).clip(1), Loss.softmaxCrossEntropy(), all);
      System.out.println("a conditional random field:");
      chain.fit(sequences(train), new Adam(5e-3).clip(1), Crf.loss(), all);

      Sequences unseen = sequences(test);
      int[][] bySoftmax = alone.view().classifySteps(unseen);
      int[][] byCrf = chain.view(new Sequential(reader, crf.decoding())).tokens(unseen);
      System.out.println("\nmessages on which they differ:\n");
      int shown = 0;
      for (int row = 0; row < TESTED && shown < 6; row++) {
        if (!Arrays.equals(bySoftmax[row], byCrf[row])) {
          Message message = test.get(row);
          System.out.println("truth    " + message.marked(message.labels()));
          System.out.println("softmax  " + message.marked(bySoftmax[row]));
          System.out.println("crf      " + message.marked(byCrf[row]) + "\n");
          shown++;
        }
      }
      System.out.println(
          TESTED
              + " messages                          softmax        crf\n"
              + table(test, bySoftmax, byCrf));
    }
  }

  private static Sequences sequences(List<Message> messages) {
    return Sequences.tokens(
            messages.stream()
                .map(m -> m.text().chars().map(c -> c - FIRST_CHARACTER).toArray())
                .toArray(int[][]::new))
        .stepLabels(messages.stream().map(Message::labels).toArray(int[][]::new));
  }

  /** Some characters that are one thing. */
  private record Span(Kind kind, int from, int to) {}

  /** A text, and a label for each of its characters. */
  private record Message(String text, int[] labels) {

    /** What labels say; a label that continues nothing of its kind begins something, too. */
    static List<Span> spans(int[] labels) {
      List<Span> spans = new ArrayList<>();
      int t = 0;
      while (t < labels.length) {
        Kind kind = Kind.of(labels[t]);
        int from = t++;
        while (kind != null && t < labels.length && labels[t] == kind.inside()) {
          t++;
        }
        if (kind != null) {
          spans.add(new Span(kind, from, t));
        }
      }
      return spans;
    }

    String marked(int[] found) {
      StringBuilder marked = new StringBuilder();
      int at = 0;
      for (Span span : spans(found)) {
        marked.append(text, at, span.from());
        marked.append('[').append(span.kind()).append(' ');
        marked.append(text, span.from(), span.to()).append(']');
        at = span.to();
      }
      return marked.append(text, at, text.length()).toString();
    }
  }

  private static String table(List<Message> test, int[][]... found) {
    StringBuilder table = new StringBuilder();
    String[] rows = {
      "characters labelled rightly",
      "things found, of those there are",
      "things rightly found",
      "messages without a mistake",
      "labels that cannot follow"
    };
    Score[] scores =
        Arrays.stream(found).map(labels -> Score.of(test, labels)).toArray(Score[]::new);
    for (int k = 0; k < rows.length; k++) {
      table.append("%-34s".formatted(rows[k]));
      for (Score score : scores) {
        double value = score.values()[k];
        table.append(k == 4 ? "%9.0f  ".formatted(value) : "%9.1f %%".formatted(100 * value));
      }
      table.append('\n');
    }
    return table.toString();
  }

  private record Score(double... values) {
    static Score of(List<Message> test, int[][] found) {
      int characters = 0;
      int right = 0;
      int things = 0;
      int given = 0;
      int both = 0;
      int whole = 0;
      int impossible = 0;
      for (int row = 0; row < found.length; row++) {
        int[] truth = test.get(row).labels();
        for (int t = 0; t < truth.length; t++) {
          characters++;
          right += found[row][t] == truth[t] ? 1 : 0;
          Kind kind = Kind.of(found[row][t]);
          boolean goesOn = kind != null && !Kind.begins(found[row][t]);
          impossible += goesOn && (t == 0 || Kind.of(found[row][t - 1]) != kind) ? 1 : 0;
        }
        Set<Span> there = new HashSet<>(Message.spans(truth));
        List<Span> told = Message.spans(found[row]);
        things += there.size();
        given += told.size();
        both += (int) told.stream().filter(there::contains).count();
        whole += Arrays.equals(truth, found[row]) ? 1 : 0;
      }
      return new Score(
          (double) right / characters,
          (double) both / things,
          (double) both / Math.max(1, given),
          (double) whole / found.length,
          impossible);
    }
  }

  /** Makes messages up. */
  private static final class Writer {
    private static final String[] FORMS = {
      "lunch with NAME on DATE at TIME",
      "NAME paid PRICE for the ticket",
      "can NAME call me at TIME?",
      "the train at TIME costs PRICE",
      "NAME and NAME come on DATE",
      "tell NAME that TIME is too early",
      "room NUMBER is free from TIME to TIME",
      "ask NAME and bring PRICE",
      "DATE: dinner for NUMBER people, PRICE each",
      "will NAME be back on DATE?",
      "i owe NAME PRICE since DATE",
      "move it from DATE to DATE, NAME is away",
      "at TIME NAME gave a talk about chapter NUMBER",
      "version NUMBER by NAME came out on DATE",
      "may i see NAME at TIME or is DATE better?",
      "mark the day: NAME marries NAME on DATE",
    };

    /** Names that are words, too. */
    private static final String[] WORDS = {
      "may", "mark", "will", "april", "june", "august", "march", "friday", "day", "price", "back",
      "young", "long", "early", "room", "two", "ten", "train", "bill", "noon"
    };

    private static final String[] HEADS = {
      "al", "ber", "cal", "dor", "el", "fer", "gil", "har", "is", "jo", "ka", "lin", "mar", "nor",
      "ol", "pen", "ro", "sel", "tam", "vi"
    };
    private static final String[] TAILS = {
      "a", "an", "berg", "bert", "da", "en", "er", "ina", "ley", "mann", "na", "o", "ova", "ra",
      "sen", "ski", "son", "ta", "ton", "well"
    };
    private static final String[] MONTHS = {
      "january",
      "february",
      "march",
      "april",
      "may",
      "june",
      "july",
      "august",
      "september",
      "october",
      "november",
      "december"
    };
    private static final String[] DAYS = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    };
    private static final String[] HOURS = {
      "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"
    };

    private final Random random;
    private final boolean newNames;

    Writer(long seed, boolean newNames) {
      this.random = new Random(seed);
      this.newNames = newNames;
    }

    List<Message> write(int count) {
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        messages.add(message(one(FORMS)));
      }
      return messages;
    }

    private Message message(String form) {
      StringBuilder text = new StringBuilder();
      List<Span> spans = new ArrayList<>();
      for (String part : form.split("(?<=[A-Z])(?![A-Z])|(?<![A-Z])(?=[A-Z])")) {
        if (part.equals("NUMBER")) {
          text.append(number());
        } else if (Character.isUpperCase(part.charAt(0))) {
          Kind kind = Kind.valueOf(part);
          int from = text.length();
          text.append(some(kind));
          spans.add(new Span(kind, from, text.length()));
        } else {
          text.append(part);
        }
      }
      int[] labels = new int[text.length()];
      for (Span span : spans) {
        Arrays.fill(labels, span.from(), span.to(), span.kind().inside());
        labels[span.from()] = span.kind().begin();
      }
      return new Message(text.toString(), labels);
    }

    private String some(Kind kind) {
      return switch (kind) {
        case NAME -> random.nextBoolean() ? name() : name() + " " + name();
        case DATE -> date();
        case TIME -> time();
        case PRICE -> price();
      };
    }

    /** Every second name is kept for the test. */
    private String name() {
      if (random.nextInt(4) == 0) {
        return one(WORDS);
      }
      int head = random.nextInt(HEADS.length);
      int tail = 2 * random.nextInt(TAILS.length / 2) + (head + (newNames ? 1 : 0)) % 2;
      return HEADS[head] + TAILS[tail];
    }

    private String date() {
      int day = 1 + random.nextInt(28);
      return switch (random.nextInt(5)) {
        case 0 -> day + " " + one(MONTHS);
        case 1 -> one(MONTHS) + " " + day;
        case 2 -> day + "." + (1 + random.nextInt(12)) + ".";
        case 3 -> "next " + one(DAYS);
        default -> one(DAYS);
      };
    }

    private String time() {
      return switch (random.nextInt(5)) {
        case 0 -> (1 + random.nextInt(12)) + (random.nextBoolean() ? " am" : " pm");
        case 1 -> (1 + random.nextInt(23)) + ":" + fraction();
        case 2 -> "half past " + one(HOURS);
        case 3 -> one(HOURS);
        default -> (1 + random.nextInt(12)) + "." + fraction();
      };
    }

    private String price() {
      int whole = 1 + random.nextInt(30);
      return switch (random.nextInt(4)) {
        case 0 -> whole + " euros";
        case 1 -> "$" + whole;
        case 2 -> one(HOURS) + " pounds";
        default -> whole + "." + fraction();
      };
    }

    private String number() {
      int whole = 1 + random.nextInt(30);
      return random.nextBoolean() ? "" + whole : whole + "." + fraction();
    }

    private String fraction() {
      return random.nextInt(6) + "0";
    }

    private String one(String[] choices) {
      return choices[random.nextInt(choices.length)];
    }
  }
}
