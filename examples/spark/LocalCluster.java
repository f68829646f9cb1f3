package spark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.LocalSparkCluster;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark cluster on this machine whose executors are processes of their own, for tests and for
 * measuring: one process has Spark's standalone master and its workers, each of which starts an
 * executor of one core. All of them have the class path of this process, and end with it.
 *
 * <pre>{@code
 * try (LocalCluster cluster = LocalCluster.start(2);
 *     SparkSession spark = cluster.session().getOrCreate()) {
 *   …
 * }
 * }</pre>
 */
public final class LocalCluster implements AutoCloseable {
  private static final int MEGABYTES = 1024;
  private static final String HERE = "127.0.0.1";
  private static final String LOG = "-Dorg.slf4j.simpleLogger.defaultLogLevel=";

  /** What executors are told of the surroundings of this process. */
  private static final List<String> HANDED_ON =
      List.of("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL");

  private final int executors;
  private final Path home;
  private final Process process;
  private final String master;

  private LocalCluster(int executors, Path home, Process process, String master) {
    this.executors = executors;
    this.home = home;
    this.process = process;
    this.master = master;
  }

  /**
   * Starts a master and workers.
   *
   * @param executors how many workers, each for one executor of one core and 1 GB of heap
   * @return the cluster; close it
   * @throws IOException if it does not start
   */
  public static LocalCluster start(int executors) throws IOException {
    Path home = Files.createTempDirectory("spark-home");
    Files.createDirectories(home.resolve("jars"));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                LOG + "error",
                "-Dorg.slf4j.simpleLogger.logFile=System.err",
                "-cp",
                classPath(),
                LocalCluster.class.getName(),
                String.valueOf(executors))
            .directory(home.toFile())
            .redirectError(home.resolve("log").toFile());
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", HERE);
    builder.environment().put("SPARK_WORKER_DIR", home.resolve("work").toString());
    builder.environment().put("SPARK_LOCAL_DIRS", home.resolve("local").toString());
    Process process = builder.start();
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    String master = said.readLine();
    if (master == null) {
      String log = Files.readString(home.resolve("log"));
      delete(home);
      throw new IOException("the cluster does not start: " + log);
    }
    return new LocalCluster(executors, home, process, master);
  }

  /** That of this process, as any process can read it. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(path -> Path.of(path).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * The process that has master and workers. It ends when the one that has started it does, and its
   * executors with it.
   *
   * @param args how many executors
   * @throws IOException if it cannot wait
   */
  public static void main(String[] args) throws IOException {
    SparkConf conf = new SparkConf().set("spark.ui.enabled", "false");
    LocalSparkCluster cluster =
        LocalSparkCluster.apply(Integer.parseInt(args[0]), 1, MEGABYTES, conf);
    System.out.println(cluster.start()[0]);
    System.in.readAllBytes();
    Runtime.getRuntime().halt(0);
  }

  /**
   * A session on this cluster. Its jobs begin when all executors are there.
   *
   * @return a session that can be told more before it is made
   */
  public SparkSession.Builder session() {
    SparkSession.Builder builder =
        Sessions.local(master)
            .config("spark.executor.memory", MEGABYTES + "m")
            .config("spark.executor.cores", 1)
            .config("spark.executor.extraClassPath", classPath())
            .config("spark.executor.extraJavaOptions", LOG + "off -XX:ActiveProcessorCount=1")
            .config("spark.scheduler.minRegisteredResourcesRatio", 1)
            .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s")
            .config("spark.default.parallelism", executors)
            .config("spark.sql.shuffle.partitions", executors)
            .config("spark.sql.warehouse.dir", home.resolve("warehouse").toString());
    for (String name : HANDED_ON) {
      String value = System.getenv(name);
      if (value != null) {
        builder.config("spark.executorEnv." + name, value);
      }
    }
    return builder;
  }

  /** Ends one executor at once, without a word to anybody, as a power cut does. */
  public void killOneExecutor() {
    process
        .children() // It starts nothing but executors.
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("LocalCluster: there is no executor to kill"))
        .destroyForcibly();
  }

  /** Ends all its processes; stop sessions before. */
  @Override
  public void close() throws IOException {
    List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
    process.children().forEach(all::add);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(ended -> ended.onExit().join());
    delete(home);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
