package kazoku.benchmark;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Measures what is seen once in a process: how it starts, and what it takes of the memory. */
final class FreshProcess {
  private static final int TRAINING_STEPS = 10;

  private FreshProcess() {}

  /** Does the work in a new process; gives what it has measured. */
  static double measure(Case what, Library library, Settings settings) throws Exception {
    Path number = settings.folder().resolve("number.txt");
    Path log = settings.folder().resolve("log.txt");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            FreshProcess.class.getName(),
            what.toString(),
            library.name(),
            Integer.toString(settings.threads()),
            settings.folder().toString(),
            number.toString());
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(log));
    }
    return Double.parseDouble(Files.readString(number));
  }

  /**
   * Writes a number to a file.
   *
   * @param args case, library, threads, folder of exported models, file
   */
  public static void main(String[] args) throws Exception {
    Case what = Case.of(args[0]);
    Path folder = Path.of(args[3]);
    try (Peer peer = Library.valueOf(args[1]).ready(what, Integer.parseInt(args[2]), folder)) {
      Files.writeString(Path.of(args[4]), Double.toString(measured(what.kind(), peer)));
    }
  }

  private static double measured(Kind kind, Peer peer) throws Exception {
    if (kind == Kind.MEMORY) {
      for (int step = 0; step < TRAINING_STEPS; step++) {
        peer.run();
      }
      return peakMebibytes();
    }
    long ready = System.nanoTime();
    peer.run();
    return kind == Kind.START
        ? System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()
        : (System.nanoTime() - ready) / 1e6;
  }

  private static double peakMebibytes() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow()
        / 1024.0;
  }
}
