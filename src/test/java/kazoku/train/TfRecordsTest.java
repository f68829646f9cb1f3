package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;
import kazoku.Fuzz;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.FeatureList;
import org.tensorflow.proto.FeatureLists;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.FloatList;
import org.tensorflow.proto.Int64List;
import org.tensorflow.proto.SequenceExample;

class TfRecordsTest {
  private static final Path WRITTEN_BY_TENSORFLOW = Path.of("src/test/resources/training");

  @TempDir Path folder;

  @TempDir(factory = Fuzz.Memory.class)
  Path fast;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("a.tfrecord");
  }

  /** Both files have the same rows, as examples and as sequence examples. */
  @Test
  void readsWhatTensorFlowWrites() {
    for (String name : List.of("examples.tfrecord", "sequences.tfrecord.gz")) {
      TfRecords records = TfRecords.of(WRITTEN_BY_TENSORFLOW.resolve(name));
      Sequences frames = records.inputs("frames", 2).read();
      assertThat(Rows.text(frames.column("input")))
          .isEqualTo(
              "[0.0, 0.25] | [1.0, 1.25] [2.0, 2.25] | [2.0, 2.25] [3.0, 3.25] [4.0, 4.25]"
                  + " | [3.0, 3.25] | [4.0, 4.25] [5.0, 5.25]");
      TfRecords words = records.tokens("words");
      assertThat(Rows.text(words.read().column("input")))
          .isEqualTo("[0] [1, 2] [2, 3, 4] [3] [4, 5]");
      assertThat(targets(words.labels("speaker"))).isEqualTo("[0] [1] [0] [1] [0]");
      assertThat(targets(words.stepLabels("tags"))).isEqualTo("[0] [0, 1] [0, 1, 0] [0] [0, 1]");
      assertThat(targets(words.labelSequences("answer")))
          .isEqualTo("[] [0] [0, 1] [0, 1, 2] [0, 1, 2, 3]");
      assertThat(targets(words.targets("dose")))
          .isEqualTo("[0.0, 0.0] | [0.5, -1.0] | [1.0, -2.0] | [1.5, -3.0] | [2.0, -4.0]");
      assertThat(targets(words.stepTargets("effect", 1)))
          .isEqualTo("[0.0] | [0.0] [0.125] | [0.0] [0.125] [0.25] | [0.0] | [0.0] [0.125]");
    }
    TfRecords examples = TfRecords.of(WRITTEN_BY_TENSORFLOW.resolve("examples.tfrecord"));
    assertThat(Rows.text(examples.inputs("pixels", 2).read().column("input")))
        .startsWith("[0.0, 255.0] | [1.0, 255.0] | [2.0");
    try (Stream<SequenceExample> all = examples.examples()) {
      assertThat(all.map(e -> e.getContext().getFeatureOrThrow("name").getBytesList().getValue(0)))
          .endsWith(ByteString.copyFromUtf8("row 4"));
    }
  }

  @Test
  void trainsFromFilesInPortions() throws IOException {
    SequenceExample[] all =
        IntStream.range(0, 2500)
            .mapToObj(i -> context("x", floats(i, 1, 2, 3), "y", integers(i % 2)))
            .toArray(SequenceExample[]::new);
    write(all);
    TfRecords records = TfRecords.of(file, file).inputs("x", 2).labels("y");
    assertThat(sizes(records)).containsExactly(1024, 1024, 1024, 1024, 904);
    assertThat(sizes(records.gather(4000))).containsExactly(4000, 1000);
    try (Model model = Model.of(Toys.classifier(), 42)) {
      History history =
          model.fit(records, new Adam(0.01), Loss.softmaxCrossEntropy(), Toys.epochs(1));
      assertThat(history.losses()).hasSize(1);
    }
  }

  @Test
  void refusesFeaturesThatDoNotFit() throws IOException {
    SequenceExample good = context("x", floats(1, 2, 3, 4), "y", integers(1, 2));
    write(good, context("z", floats(1)));
    TfRecords x = TfRecords.of(file).inputs("x", 2);
    refuses(x, "record 2: there must be a feature x, got [z]");
    refuses(x.inputs("x", 3), "record 1: x must have steps of 3 numbers, got 4 numbers");
    refuses(x.labels("y"), "record 1: y must be one number, got 2");
    refuses(x.tokens("x"), "record 1: x must be whole numbers, got floats");
    write(context("x", floats(1, 2), "y", integers(1, 2)));
    refuses(x.stepLabels("y"), "record 1: y must have 1 steps, as the inputs, got 2");
    refuses(x.stepTargets("y", 1), "record 1: y must have 1 steps, as the inputs, got 2");
    write(context("x", integers(-1, 1L << 40), "y", bytes("a")));
    refuses(x.tokens("x"), "record 1: x must be whole numbers from 0 to 2147483647, got -1");
    refuses(x.inputs("y", 1), "record 1: y must be numbers, got bytes");
    refuses(x.targets("y"), "record 1: y must be numbers, got bytes");
    refuses(x.labels("y"), "record 1: y must be whole numbers, got bytes");
    write(lists("x", floats(1, 2), floats(3)), lists("x"));
    refuses(x, "record 1: a step of x must have 2 numbers, got 1");
    write(lists("x", integers(1), integers(1, 2)));
    refuses(x.tokens("x"), "record 1: a step of x must be one number, got 2");
    write(lists("x"), context("x", Feature.getDefaultInstance()));
    assertThat(Rows.text(x.read().column("input"))).isEqualTo(" | ");
    assertThatThrownBy(() -> TfRecords.of(file).labels("y").portions())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "TfRecords: there are no inputs; name their feature, records.inputs(\"x\", 12)");
    assertThatThrownBy(() -> TfRecords.of())
        .hasMessage("TfRecords: there must be at least one file, got none");
    assertThatThrownBy(() -> TfRecords.of(file).inputs("x", 0))
        .hasMessage("TfRecords: the size of x must be at least 1, got 0");
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    TfRecords x = TfRecords.of(file).inputs("x", 2);
    byte[] one = record(context("x", floats(1, 2)).toByteArray());
    byte[] two = ByteBuffer.allocate(2 * one.length).put(one).put(one).array();
    for (int end = one.length + 1; end < two.length; end++) {
      Files.write(file, Arrays.copyOf(two, end));
      refuses(x, "record 2: it must be whole, got the end of the file within it");
    }
    Files.write(file, Arrays.copyOf(two, one.length));
    assertThat(x.read().size()).isEqualTo(1);
    byte[] flipped = two.clone();
    flipped[one.length + 14] ^= 1;
    Files.write(file, flipped);
    refuses(x, "record 2: the checksum of its bytes must be right, got another one");
    Files.write(file, gzip(two));
    refuses(
        x,
        "record 1: the checksum of its length must be right (is the file compressed? its name must"
            + " end with .gz), got another one");
    Files.write(file, record(new byte[] {10, 100}));
    assertThatThrownBy(x::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "TfRecords: "
                + file
                + ", record 1: it must be a tf.train.Example or SequenceExample, got While"
                + " parsing");
    Path zipped = folder.resolve("a.tfrecord.gz");
    Files.write(zipped, Arrays.copyOf(gzip(two), 40));
    assertThatThrownBy(() -> TfRecords.of(zipped).inputs("x", 2).read())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            zipped + " cannot be read: java.io.EOFException: Unexpected end of ZLIB input stream");
  }

  /** Checksums are right; there is not so much memory. */
  @Test
  void lengthsThatNobodyCanHaveMeantTakeNoMemory() throws IOException {
    TfRecords x = TfRecords.of(file).inputs("x", 2);
    long largest = Runtime.getRuntime().maxMemory() / 64;
    for (long length : new long[] {1L << 60, -1, Long.MIN_VALUE, largest + 1}) {
      Files.write(file, header(length));
      refuses(
          x,
          "record 1: it must have at most "
              + largest
              + " bytes, 1/64 of the heap (java -Xmx), got "
              + Long.toUnsignedString(length));
    }
    Files.write(file, header(largest));
    refuses(x, "record 1: it must be whole, got the end of the file within it");
  }

  /** Two bytes make a feature, which takes 40. */
  @Test
  void aRecordOfEmptyFeaturesDoesNotExhaustTheHeap() throws IOException {
    int steps = (int) Math.min(Runtime.getRuntime().maxMemory() / 64 - 100, 8 << 20) / 2;
    Feature[] none = new Feature[steps];
    Arrays.fill(none, Feature.getDefaultInstance());
    write(lists("x", none));
    refuses(TfRecords.of(file).inputs("x", 2), "record 1: a step of x must have 2 numbers, got 0");
  }

  /** Of files, and of what checksums are right for. */
  @Test
  void damagedFilesAreRefusedOrRead() throws IOException {
    SequenceExample example =
        lists("x", floats(1, 2), floats(3, 4)).toBuilder()
            .setContext(context("y", integers(1), "words", integers(1, 2)).getContext())
            .build();
    SequenceExample context =
        context("x", floats(1, 2, 3, 4), "y", integers(0), "words", integers(7));
    write(example, context);
    Fuzz fuzz = Fuzz.of("TfRecords: |Source: |.* cannot be read: ", Files.readAllBytes(file));
    Path plain = fast.resolve("a.tfrecord");
    assertThat(fuzz.read(1, plain, TfRecordsTest::read)).isBetween(0.9, 0.999);
    assertThat(fuzz.repaired(TfRecordsTest::sealed).read(2, plain, TfRecordsTest::read))
        .isBetween(0.4, 0.95);
    Fuzz packed = Fuzz.of(fuzz.who(), gzip(fuzz.file()));
    assertThat(packed.read(3, fast.resolve("a.tfrecord.gz"), TfRecordsTest::read))
        .isBetween(0.8, 0.999);
  }

  private static void read(Path path) {
    TfRecords.of(path).inputs("x", 2).labels("y").read();
    TfRecords.of(path).tokens("words").labels("y").read();
  }

  /** Checksums are right, of as many records as there are. */
  private static byte[] sealed(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at <= file.length - 16) {
      long length = bytes.getLong(at);
      if (length < 0 || length > file.length - 16 - at) {
        break;
      }
      byte[] record = record(Arrays.copyOfRange(file, at + 12, at + 12 + (int) length));
      bytes.put(at, record);
      at += record.length;
    }
    return file;
  }

  private static String targets(TfRecords records) {
    return Rows.text(records.read().requireTargets("").column());
  }

  private void refuses(TfRecords records, String sentence) {
    assertThatThrownBy(records::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TfRecords: " + file + ", " + sentence);
  }

  private static List<Integer> sizes(Source source) {
    try (Stream<Sequences> portions = source.portions()) {
      return portions.map(Sequences::size).toList();
    }
  }

  private void write(SequenceExample... examples) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (SequenceExample example : examples) {
        out.write(record(example.toByteArray()));
      }
    }
  }

  private static byte[] record(byte[] data) {
    return ByteBuffer.allocate(16 + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(header(data.length))
        .put(data)
        .putInt(masked(data))
        .array();
  }

  private static byte[] header(long length) {
    ByteBuffer header = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return header.putInt(masked(Arrays.copyOf(header.array(), 8))).array();
  }

  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    long sum = crc.getValue();
    return (int) (((sum >>> 15) | (sum << 17)) + 0xa282ead8L);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  private static SequenceExample context(Object... namesAndFeatures) {
    Features.Builder features = Features.newBuilder();
    for (int i = 0; i < namesAndFeatures.length; i += 2) {
      features.putFeature((String) namesAndFeatures[i], (Feature) namesAndFeatures[i + 1]);
    }
    SequenceExample context = SequenceExample.newBuilder().setContext(features).build();
    assertThat(context.toByteArray())
        .isEqualTo(Example.newBuilder().setFeatures(features).build().toByteArray());
    return context;
  }

  private static SequenceExample lists(String name, Feature... steps) {
    FeatureList list = FeatureList.newBuilder().addAllFeature(List.of(steps)).build();
    return SequenceExample.newBuilder()
        .setFeatureLists(FeatureLists.newBuilder().putFeatureList(name, list))
        .build();
  }

  private static Feature floats(double... values) {
    FloatList.Builder list = FloatList.newBuilder();
    Arrays.stream(values).forEach(value -> list.addValue((float) value));
    return Feature.newBuilder().setFloatList(list).build();
  }

  private static Feature integers(long... values) {
    Int64List.Builder list = Int64List.newBuilder();
    Arrays.stream(values).forEach(list::addValue);
    return Feature.newBuilder().setInt64List(list).build();
  }

  private static Feature bytes(String text) {
    BytesList list = BytesList.newBuilder().addValue(ByteString.copyFromUtf8(text)).build();
    return Feature.newBuilder().setBytesList(list).build();
  }
}
