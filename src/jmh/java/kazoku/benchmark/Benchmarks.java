package kazoku.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import kazoku.internal.files.Aside;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times Kazoku beside its peers. Each turn is a process of its own, a fork of JMH; all peers of a
 * case take turns, several times, so that what else the machine does hits all of them.
 */
@Command(name = "Benchmarks", mixinStandardHelpOptions = true, sortOptions = false)
public final class Benchmarks implements Callable<Integer> {
  private static final Path FOLDER = Path.of("target", "benchmarks");
  private static final Path DOCUMENT = Path.of("docs", "benchmarks.md");
  private static final String BEGIN = "<!-- written by Benchmarks --write: begin -->";
  private static final String END = "<!-- written by Benchmarks --write: end -->";

  @Option(
      names = "--quick",
      description = "for trying: one short turn each, a few cases if none are named")
  private boolean quick;

  @Option(names = "--cases", description = "cases with this in their name, a regular expression")
  private Pattern cases;

  @Option(
      names = "--case",
      description = "a case that need not be in the list: 'training LSTMCell 32x100x64x128'")
  private List<Case> others = List.of();

  @Option(
      names = "--peers",
      description = "peers with this name, a regular expression, also those only run on request")
  private Pattern peers;

  @Option(names = "--threads", description = "threads of every library, ${DEFAULT-VALUE}")
  private int threads = 2;

  @Option(names = "--turns", description = "how many turns each peer has, 3 or 1 if quick")
  private Integer turns;

  @Option(names = "--python", description = "the peers in Python take their turns, too")
  private boolean python;

  @Option(
      names = "--keep",
      description = "adds to the results of earlier runs, which are deleted else")
  private boolean keep;

  @Option(names = "--table", description = "times nothing, makes the table of results there are")
  private boolean table;

  @Option(names = "--write", description = "writes the table to docs/benchmarks.md")
  private boolean write;

  private final List<String> failures = new ArrayList<>();

  /**
   * Runs it.
   *
   * @param args {@code --help} tells them
   */
  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Benchmarks());
    line.registerConverter(Case.class, Case::of);
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (!table) {
      if (!"1".equals(System.getenv("TF_ENABLE_ONEDNN_OPTS"))) {
        throw new IllegalStateException("Benchmarks: TF_ENABLE_ONEDNN_OPTS must be 1");
      }
      if (!keep && Files.exists(FOLDER)) {
        Aside.delete(FOLDER);
      }
      Files.createDirectories(FOLDER);
      String interpreter = python ? InPython.environment() : null;
      for (Case what : others.isEmpty() ? Cases.of(quick, cases) : others) {
        time(what, contenders(what, interpreter));
      }
    }
    String text = Machine.description() + Table.of(Result.readAll(FOLDER));
    System.out.println(text);
    if (write) {
      write(text);
    }
    failures.forEach(System.err::println);
    return failures.isEmpty() ? 0 : 1;
  }

  /** Who takes part in a case. */
  private List<Contender> contenders(Case what, String interpreter)
      throws IOException, InterruptedException {
    List<Contender> all = new ArrayList<>();
    for (Library library : Library.values()) {
      if (library.can(what, threads) && isAsked(library.title(), library.isUsual())) {
        all.add(new InJvm(library));
      }
    }
    if (interpreter != null) {
      for (InPython peer : InPython.of(interpreter, what)) {
        if (isAsked(peer.title(), true)) {
          all.add(peer);
        }
      }
    }
    return all;
  }

  /** In turns, every other time in the opposite order. */
  private void time(Case what, List<Contender> all) {
    for (int turn = 0; turn < (turns != null ? turns : quick ? 1 : 3); turn++) {
      for (Contender contender : all) {
        time(what, contender);
      }
      Collections.reverse(all);
    }
  }

  private boolean isAsked(String title, boolean usual) {
    return peers == null ? usual : peers.matcher(title).matches();
  }

  private void time(Case what, Contender contender) {
    System.out.printf("%-45s %-30s", what, contender.title());
    try {
      Result result = contender.turn(what, new Settings(threads, quick, FOLDER));
      result.append(FOLDER.resolve("jvm.csv"));
      System.out.printf(
          Locale.ROOT, "%12.3f %12.3f %s%n", result.best(), result.median(), what.kind().unit());
    } catch (Exception e) {
      System.out.println("FAILED");
      failures.add(what + ", " + contender.title() + ": " + e);
    }
  }

  private static void write(String text) throws IOException {
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    int end = document.indexOf(END);
    if (end < begin) {
      throw new IllegalStateException(
          "Benchmarks: " + DOCUMENT + " must have " + BEGIN + " and " + END);
    }
    String written = document.substring(0, begin) + "\n" + text + document.substring(end);
    Aside.file("Benchmarks", DOCUMENT, aside -> Files.writeString(aside, written));
  }
}
