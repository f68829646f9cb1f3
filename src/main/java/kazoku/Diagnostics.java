package kazoku;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kazoku.internal.natives.Kernels;
import kazoku.internal.natives.Natives;
import org.tensorflow.Graph;
import org.tensorflow.TensorFlow;

/** What this process computes with, for bug reports and for who wonders about speed. */
public final class Diagnostics {
  private static final String ONEDNN = "TF_ENABLE_ONEDNN_OPTS";

  private Diagnostics() {}

  /** Whether TensorFlow multiplies matrices with oneDNN, which is faster than its own products. */
  public enum OneDnn {
    /** On, by the environment or by TensorFlow's own choice. */
    ON,
    /** Off, by the environment or by TensorFlow's own choice. */
    OFF,
    /** TensorFlow chooses by the processor, in a way that cannot be seen from here. */
    UNKNOWN
  }

  /**
   * Whether oneDNN is on. TensorFlow reads {@code TF_ENABLE_ONEDNN_OPTS} from the environment when
   * its native library is loaded; left alone it takes oneDNN on x86 processors with AVX512-VNNI or
   * AVX-VNNI only.
   *
   * @return on, off, or unknown
   */
  public static OneDnn oneDnn() {
    String set = System.getenv(ONEDNN);
    if (set != null && !set.isBlank()) {
      boolean off = set.equals("0") || set.toLowerCase(Locale.ROOT).equals("false");
      return off ? OneDnn.OFF : OneDnn.ON;
    }
    Path processor = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(processor)) {
      return OneDnn.UNKNOWN;
    }
    try {
      String flags = Files.readString(processor);
      return flags.contains("avx512_vnni") || flags.contains("avx_vnni") ? OneDnn.ON : OneDnn.OFF;
    } catch (IOException e) {
      return OneDnn.UNKNOWN;
    }
  }

  /**
   * A report for people: versions, native library, devices, threads, oneDNN, memory, and whether
   * loops can be trained. What cannot be found out is said to be unknown, and why.
   *
   * <p>With a native library for GPUs the devices are asked for by a session; TensorFlow gives a
   * process the threads that its first session asks for, so report after the first model is made.
   *
   * @return some lines
   */
  public static String report() {
    Map<String, Supplier<String>> lines = new LinkedHashMap<>();
    lines.put("Kazoku", Diagnostics::version);
    lines.put("TensorFlow", () -> TensorFlow.version() + libraries());
    lines.put("native", () -> Natives.classifier() + ", for " + String.join(", ", Natives.kinds()));
    lines.put("devices", Diagnostics::devices);
    lines.put("Java", () -> property("java.version") + ", " + property("java.vm.name"));
    lines.put(
        "platform",
        () -> property("os.name") + " " + property("os.version") + " " + property("os.arch"));
    lines.put("processors", () -> Integer.toString(processors()));
    lines.put("threads", Diagnostics::threads);
    lines.put("oneDNN", Diagnostics::products);
    lines.put("memory", () -> Natives.memory());
    lines.put(
        "loops",
        () ->
            Loop.supportsJavaGradients()
                ? "for training and inference"
                : "for inference; training writes every step out");
    StringBuilder text = new StringBuilder();
    lines.forEach(
        (name, line) ->
            text.append("%-12s".formatted(name))
                .append(known(line))
                .append(System.lineSeparator()));
    return text.toString().stripTrailing();
  }

  /**
   * A report for people: which operations of a graph, those within the functions of its loops
   * included, have no kernel for GPUs in the native library of this process. TensorFlow runs these
   * on the CPU, and copies what they take and give. Nothing is run, and no GPU needs to be there.
   *
   * <p>For a model, ask about the graph of its SavedModel, which has the updates, too, if it was
   * exported as {@link kazoku.train.Export#trainable trainable}: {@code
   * SavedModelBundle.load(folder).graph()}.
   *
   * @param graph any graph of TensorFlow
   * @return a sentence, then a line for each kind of operation: its types, how many there are, and
   *     the name of one
   * @throws IllegalArgumentException if there is no graph
   */
  public static String onGpu(Graph graph) {
    Checks.given("Diagnostics", "graph", graph);
    if (!Natives.kinds().contains(Kernels.GPU)) {
      return "no operation has a GPU kernel in this build: the native library that was loaded is for "
          + String.join(", ", Natives.kinds())
          + "; one for GPUs must be on the class path in its place";
    }
    String library = "the native library " + Natives.classifier();
    Kernels.Missing missing = Kernels.missing(graph.toGraphDef(), Kernels.GPU);
    if (missing.kinds().isEmpty()) {
      return "each of %,d operations has a GPU kernel in %s".formatted(missing.of(), library);
    }
    StringBuilder text =
        new StringBuilder(
            "%,d of %,d operations have no GPU kernel in %s, and run on the CPU:"
                .formatted(missing.count(), missing.of(), library));
    missing
        .kinds()
        .forEach(
            (kind, names) ->
                text.append(System.lineSeparator())
                    .append("%6d %s, %s".formatted(names.size(), kind, names.get(0))));
    return text.toString();
  }

  /** A report is asked for where something is wrong, so nothing may keep it from being written. */
  private static String known(Supplier<String> line) {
    try {
      return line.get();
    } catch (RuntimeException | LinkageError e) {
      return "unknown (" + e + ")";
    }
  }

  private static String version() {
    String version = Diagnostics.class.getPackage().getImplementationVersion();
    return version == null ? "not from a jar file" : version;
  }

  /** TensorFlow-Java's parts are versioned one by one. */
  private static String libraries() {
    return ", tensorflow-core-api "
        + library("tensorflow-core-api")
        + ", tensorflow-framework "
        + library("tensorflow-framework");
  }

  private static String library(String artifact) {
    String file = "/META-INF/maven/org.tensorflow/" + artifact + "/pom.properties";
    try (InputStream in = TensorFlow.class.getResourceAsStream(file)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "of unknown version");
    } catch (IOException e) {
      return "of unknown version";
    }
  }

  private static String devices() {
    return String.join(
        ", ", Natives.kinds().contains(Kernels.GPU) ? Natives.devices() : List.of("CPU:0"));
  }

  private static String threads() {
    String set =
        Stream.of("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
            .filter(name -> System.getenv(name) != null)
            .map(name -> "; " + name + "=" + System.getenv(name))
            .collect(Collectors.joining());
    return "as the first session of the process asks for; a model asks for 1 an operation, "
        + processors()
        + " operations at once"
        + set;
  }

  private static String products() {
    OneDnn state = oneDnn();
    String advice =
        state == OneDnn.OFF
            ? "; set " + ONEDNN + "=1 before the JVM starts for faster products"
            : "";
    return state.toString().toLowerCase(Locale.ROOT) + advice;
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown " + name);
  }
}
