package kazoku;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java in the guides compiles, each block as the body of a method. */
class GuideTest {
  private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

  private static final String IN_SPARK =
      """
      import java.io.Serializable; import kazoku.spark.*;
      import org.apache.spark.ml.Pipeline; import org.apache.spark.ml.PipelineModel;
      import org.apache.spark.ml.PipelineStage; import org.apache.spark.sql.Dataset;
      import org.apache.spark.sql.Row; import org.apache.spark.sql.SparkSession;
      """;

  private static final String SPOKEN_OF_IN_SPARK =
      """
      static SparkSession spark;
      static Dataset<Row> rows, heldOut;
      static final class SpeakerNetwork implements SequenceClassifier.Network {
        public Layer layers() {
          return null;
        }
      }
      """;

  /** What blocks speak of without declaring it. */
  private static final Map<String, String> KNOWN =
      Map.ofEntries(
          Map.entry("graph", "Graph"),
          Map.entry("model", "Model"),
          Map.entry("train", "Sequences"),
          Map.entry("test", "Sequences"),
          Map.entry("validation", "Sequences"),
          Map.entry("inputs", "float[][][]"),
          Map.entry("series", "float[][][]"),
          Map.entry("numbers", "float[][]"),
          Map.entry("speakers", "int[]"),
          Map.entry("sentences", "int[][]"),
          Map.entry("text", "int[][]"),
          Map.entry("tags", "int[][]"),
          Map.entry("rowWeights", "double[]"),
          Map.entry("utterance", "float[][]"),
          Map.entry("utterances", "float[][][]"),
          Map.entry("samples", "float[]"),
          Map.entry("x", "float[]"),
          Map.entry("names", "List<String>"),
          Map.entry("workers", "Workers"),
          Map.entry("predictor", "Predictor"),
          Map.entry("streams", "Streams"));

  /** With Spark, the profile, its guide alone. */
  private static final boolean SPARK = isThere("org.apache.spark.sql.SparkSession");

  private static Stream<Path> guides() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("docs"))) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> file.endsWith("distributed.md") == SPARK)
          .sorted()
          .toList()
          .stream();
    }
  }

  private static boolean isThere(String type) {
    try {
      Class.forName(type, false, GuideTest.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("guides")
  void itsBlocksCompile(Path guide, @TempDir Path classes) throws IOException {
    List<String> methods = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(guide));
    while (block.find()) {
      methods.add(
          "static void block%d() throws Exception {%n%s}%n"
              .formatted(methods.size() + 1, block.group(1)));
    }
    assertThat(methods).isNotEmpty();
    String packages =
        Stream.of("", ".cells", ".decode", ".io", ".layers", ".serve", ".train", ".wrap")
                .map(name -> "import kazoku" + name + ".*;\n")
                .collect(Collectors.joining())
            + "import kazoku.serve.Stream;\n";
    String source =
        packages
            + "import java.nio.*; import java.nio.file.*; import java.time.*; import java.util.*;\n"
            + "import java.util.concurrent.*; import java.util.stream.*;\n"
            + "import org.tensorflow.*; import org.tensorflow.ndarray.*; import org.tensorflow.types.*;\n"
            + "import org.tensorflow.proto.*; import ai.onnxruntime.*;\n"
            + (SPARK ? IN_SPARK : "")
            + "class Blocks {\n"
            + (SPARK ? SPOKEN_OF_IN_SPARK : "")
            + KNOWN.entrySet().stream()
                .map(name -> "static " + name.getValue() + " " + name.getKey() + ";\n")
                .collect(Collectors.joining())
            + String.join("", methods)
            + "}\n";
    assertThat(errors(source, classes)).isEmpty();
  }

  private static List<String> errors(String source, Path classes) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Blocks.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-classpath",
            System.getProperty("java.class.path"),
            "-proc:none",
            "-d",
            classes.toString());
    compiler.getTask(null, null, found, options, null, List.of(file)).call();
    return found.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(
            diagnostic -> "line " + diagnostic.getLineNumber() + ": " + diagnostic.getMessage(null))
        .toList();
  }
}
