package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Fuzz;
import kazoku.RNN;
import kazoku.cells.GRUCell;
import kazoku.internal.files.MaskedCrc;
import kazoku.layers.Dense;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/** Checkpoints of TensorFlow 1, their cells, and what is refused. */
@Timeout(300)
class TensorFlow1Test {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Map<String, Function<Tensors, Network>> ZOO = zoo();

  @TempDir(factory = Fuzz.Memory.class)
  Path folder;

  private static Map<String, Function<Tensors, Network>> zoo() {
    Map<String, Function<Tensors, Network>> zoo = new LinkedHashMap<>();
    zoo.put("basic_rnn", c -> TensorFlow1.rnn(c, "basic_rnn/basic_rnn_cell"));
    zoo.put("basic_lstm", c -> TensorFlow1.lstm(c, "basic_lstm/basic_lstm_cell"));
    zoo.put("lstm", c -> TensorFlow1.lstm(c, "lstm/lstm_cell", 0.5));
    for (String name :
        new String[] {
          "peepholes", "projected", "projected_peepholes", "block", "block_peepholes"
        }) {
      zoo.put(name, c -> TensorFlow1.lstm(c, name + "/lstm_cell"));
    }
    zoo.put("gru", c -> TensorFlow1.gru(c, "gru/gru_cell"));
    zoo.put("reset_after", c -> TensorFlow1.gru(c, "reset_after/cudnn_compatible_gru_cell"));
    zoo.put(
        "both",
        c ->
            TensorFlow1.bidirectional(
                TensorFlow1.gru(c, "both/fw/gru_cell"), TensorFlow1.gru(c, "both/bw/gru_cell")));
    String cells = "stacked/multi_rnn_cell/cell_";
    zoo.put(
        "stacked",
        c ->
            Network.sequential(
                TensorFlow1.lstm(c, cells + "0/basic_lstm_cell").named("lowest"),
                TensorFlow1.lstm(c, cells + "1/basic_lstm_cell")));
    zoo.put("dense", c -> TensorFlow1.dense(c, "dense"));
    zoo.put("words", c -> TensorFlow1.embedding(c, "words/embeddings"));
    return zoo;
  }

  static Stream<String> names() {
    return ZOO.keySet().stream();
  }

  private static Tensors checkpoint(String name) {
    return TensorFlow1.read(prefix(name));
  }

  private static Path prefix(String name) {
    return IoFiles.path("tf1/" + name + ".index").resolveSibling(name);
  }

  @Test
  void everyPartOfTheZooIsTried() {
    JsonNode expected = IoFiles.json("tf1/zoo.json");
    assertThat(ZOO.keySet()).containsExactlyInAnyOrderElementsOf(expected::fieldNames);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aCellComputesWhatItComputedThere(String name) throws IOException {
    JsonNode expected = IoFiles.json("tf1/zoo.json").get(name);
    JsonNode input = expected.get("input");
    Sequences data =
        name.equals("words")
            ? Sequences.tokens(MAPPER.treeToValue(input, int[][].class))
            : Sequences.of(MAPPER.treeToValue(input, float[][][].class));
    try (Model model = ZOO.get(name).apply(checkpoint("zoo")).model(1)) {
      IoFiles.requireEqual(
          model.predictSteps(data), MAPPER.treeToValue(expected.get("output"), float[][][].class));
    }
  }

  @Test
  void everyTypeOfTwoShards() {
    Tensors arrays = checkpoint("arrays");
    IoFiles.requireEqual(arrays, IoFiles.json("tf1/arrays.json"));
    assertThat(arrays.names()).contains("b/text");
    refuse(() -> arrays.values("b/text"), "b/text is of the type DT_STRING, which is not read");
  }

  @Test
  void whatAModelSavesIsReadToo() {
    try (Model model = Model.of(new Dense(3, 2), 1)) {
      model.save(folder.resolve("saved"));
      model.export(folder.resolve("exported"));
      for (String prefix : new String[] {"saved/weights", "exported/variables/variables"}) {
        Tensors saved = TensorFlow1.read(folder.resolve(prefix));
        for (String name : model.weights()) {
          assertThat(saved.values(name).numbers()).isEqualTo(model.weight(name));
        }
      }
    }
  }

  @Test
  void errorsSayWhatIsThere() {
    Tensors zoo = checkpoint("zoo");
    refuse(() -> checkpoint("sliced").values("x"), "x is in slices");
    refuse(() -> TensorFlow1.read(folder.resolve("none")), "there is no file");
    refuse(() -> TensorFlow1.lstm(zoo, "lstm"), "got lstm/kernel");
    refuse(
        () -> TensorFlow1.rnn(zoo, "lstm/lstm_cell"),
        "lstm/lstm_cell must have more rows than the state, which is 16 wide, got [7, 16]");
    refuse(
        () -> TensorFlow1.rnn(zoo, "peepholes/lstm_cell", Activation.RELU),
        "must have more rows than the state");
    refuse(() -> TensorFlow1.dense(zoo, "peepholes/lstm_cell"), "and nothing else under its name");
    refuse(() -> TensorFlow1.embedding(zoo, "dense/bias"), "dense/bias must be [V, J], got [4]");
    Network rnn = new Network(new RNN(new GRUCell(2, 2)), Map.of());
    Network dense = new Network(new Dense(2, 2), Map.of());
    refuse(() -> TensorFlow1.bidirectional(rnn, dense), "backward must be a cell over time");
  }

  private static void refuse(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("TensorFlow1: ")
        .hasMessageContaining(why);
  }

  @Test
  void damagedNumbersAreNoticed() throws IOException {
    Path copied = copied("arrays");
    Path data = copied.resolveSibling("arrays.data-00000-of-00002");
    byte[] bytes = Files.readAllBytes(data);
    bytes[0] ^= 1;
    Files.write(data, bytes);
    Tensors arrays = TensorFlow1.read(copied);
    refuse(() -> arrays.values(), "is damaged: checksums differ");
    Files.write(data, new byte[10]);
    refuse(() -> arrays.values(), "cannot be read");
    refuse(() -> TensorFlow1.read(copied), "it ends before a/");
    Files.delete(data);
    refuse(() -> TensorFlow1.read(copied), "there is no file");
  }

  private Path copied(String name) throws IOException {
    try (Stream<Path> files = Files.list(prefix(name).getParent())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return folder.resolve(name);
  }

  @Test
  void damagedIndexesAreReadOrRefused() throws IOException {
    Path copied = copied("zoo");
    Path index = copied.resolveSibling("zoo.index");
    byte[] file = Files.readAllBytes(index);
    Fuzz fuzz = Fuzz.of("TensorFlow1: ", file);
    assertThat(fuzz.read(3, index, path -> TensorFlow1.read(copied).values()))
        .isBetween(0.9, 0.999);
    int first = firstBlock(file);
    Fuzz signed =
        fuzz.repaired(damaged -> damaged.length == file.length ? signed(damaged, first) : damaged);
    assertThat(signed.read(4, index, path -> TensorFlow1.read(copied).values()))
        .isBetween(0.5, 0.99);
  }

  /** The length of the block whose checksum is right. */
  private static int firstBlock(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int length = 0;
    while (bytes.getInt(length + 1) != MaskedCrc.of(bytes.slice(0, length + 1))) {
      length++;
    }
    return length;
  }

  private static byte[] signed(byte[] file, int length) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(length + 1, MaskedCrc.of(bytes.slice(0, length + 1)));
    return file;
  }

  /** A table written by hand. */
  private static final class Table {
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private final ByteArrayOutputStream handles = new ByteArrayOutputStream();

    static byte[] entry(int same, String more, byte[] value) {
      ByteArrayOutputStream entry = new ByteArrayOutputStream();
      number(entry, same);
      number(entry, more.length());
      number(entry, value.length);
      entry.writeBytes(more.getBytes(StandardCharsets.ISO_8859_1));
      entry.writeBytes(value);
      return entry.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, long value) {
      long rest = value;
      for (; rest > 127; rest >>>= 7) {
        out.write((int) (rest & 127 | 128));
      }
      out.write((int) rest);
    }

    private byte[] handle(long from, long length) {
      ByteArrayOutputStream handle = new ByteArrayOutputStream();
      number(handle, from);
      number(handle, length);
      return handle.toByteArray();
    }

    private byte[] append(int compression, byte[]... entries) {
      int from = file.size();
      for (byte[] entry : entries) {
        file.writeBytes(entry);
      }
      file.writeBytes(new byte[4]);
      int length = file.size() - from;
      file.write(compression);
      ByteBuffer crc = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      byte[] all = file.toByteArray();
      crc.putInt(MaskedCrc.of(ByteBuffer.wrap(all, from, length + 1).slice()));
      file.writeBytes(crc.array());
      return handle(from, length);
    }

    Table block(int compression, byte[]... entries) {
      return again(append(compression, entries));
    }

    Table again(byte[] handle) {
      handles.writeBytes(entry(0, "z", handle));
      return this;
    }

    byte[] whole() {
      byte[] handle = append(0, handles.toByteArray());
      ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
      footer.put(handle(0, 0)).put(handle).putLong(40, 0xdb4775248b80fb57L);
      file.writeBytes(footer.array());
      return file.toByteArray();
    }
  }

  private static byte[] header(int shards) {
    return Table.entry(
        0, "", BundleHeaderProto.newBuilder().setNumShards(shards).build().toByteArray());
  }

  private static byte[] array(String name, UnaryOperator<BundleEntryProto.Builder> change) {
    BundleEntryProto.Builder entry = BundleEntryProto.newBuilder().setDtype(DataType.DT_FLOAT);
    return Table.entry(0, name, change.apply(entry.setSize(4)).build().toByteArray());
  }

  @Test
  void tablesByHand() throws IOException {
    Files.write(folder.resolve("x.data-00000-of-00001"), new byte[8]);
    byte[] x = array("x", entry -> entry.setCrc32C(MaskedCrc.of(ByteBuffer.allocate(4))));
    assertThat(read(new Table().block(0, header(1), x)).values("x").numbers()).containsExactly(0);
    refuse(() -> read(new Table().block(1, header(1), x)), "a block that is compressed");
    refuse(() -> read(new Table().block(0, x)), "it has no header");
    refuse(() -> read(new Table().block(0, header(1), x, x)), "it has x twice");
    refuse(() -> read(new Table().block(0, header(0), x)), "x is in file 0 of 0");
    byte[] y = array("y", entry -> entry.setOffset(2));
    byte[] z = array("z", entry -> entry.setOffset(4));
    refuse(
        () -> read(new Table().block(0, header(1), x, y, z)), "its arrays overlap, z with others");
    refuse(() -> read(new Table().block(0, header(2), x)), "there is no file");
    Table twice = new Table();
    byte[] block = twice.append(0, header(1), x);
    refuse(() -> read(twice.again(block).again(block)), "its blocks are not one after the other");
    refuse(
        () -> read(new Table().again(twice.handle(0, Long.MAX_VALUE))),
        "a block that is not in it");
    refuse(
        () -> read(new Table().again(twice.handle(Long.MAX_VALUE, 1))),
        "a block that is not in it");
    String letters = "n".repeat(300);
    refuse(
        () -> read(new Table().block(0, Table.entry(0, letters, x), Table.entry(300, letters, x))),
        "a name that is too long");
    refuse(() -> read(new Table().block(0, Table.entry(1, "", x))), "a name that is too long");
    refuse(() -> read(new Table().block(0, header(1), new byte[] {0, 9, 0})), "cut off");
    refuse(
        () -> read(new Table().block(0, header(1), Table.entry(0, "x", new byte[] {-1}))),
        "its entries are damaged");
    refuseArray(entry -> entry.setShardId(1), "x is in file 1 of 1");
    refuseArray(entry -> entry.setShardId(-1), "x is in file -1 of 1");
    refuseArray(entry -> entry.setOffset(5), "it ends before x");
    refuseArray(entry -> entry.setOffset(-1), "it ends before x");
    refuseArray(entry -> entry.setSize(8), "x has 8 bytes, not 4");
    refuseArray(entry -> entry.setShape(shape(1L << 62, 1L << 62)), "x has an axis of size");
    refuseArray(entry -> entry.setShape(shape(3, 3)), "x has more numbers than so many bytes hold");
    refuseArray(entry -> entry.setShape(shape(-1)), "x has an axis of size -1");
    refuseArray(entry -> entry.setShape(shape(new long[99])), "x has 99 axes");
    refuseArray(entry -> entry, "x is damaged: checksums differ");
  }

  private static TensorShapeProto shape(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  private void refuseArray(UnaryOperator<BundleEntryProto.Builder> change, String why) {
    refuse(() -> read(new Table().block(0, header(1), array("x", change))).values(), why);
  }

  private Tensors read(Table table) throws IOException {
    Files.write(folder.resolve("x.index"), table.whole());
    return TensorFlow1.read(folder.resolve("x"));
  }
}
