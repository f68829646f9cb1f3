package kazoku;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
   * A short report: versions, platform, processors, oneDNN, and whether loops can be trained.
   *
   * @return a few lines
   */
  public static String report() {
    String advice =
        oneDnn() == OneDnn.OFF
            ? "; set " + ONEDNN + "=1 before the JVM starts for faster products"
            : "";
    return String.join(
        System.lineSeparator(),
        "TensorFlow  " + TensorFlow.version(),
        "Java        " + System.getProperty("java.version"),
        "platform    " + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        "processors  " + Runtime.getRuntime().availableProcessors(),
        "oneDNN      " + oneDnn().toString().toLowerCase(Locale.ROOT) + advice,
        "loops       "
            + (Loop.supportsJavaGradients()
                ? "for training and inference"
                : "for inference; training writes every step out"));
  }
}
