package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import kazoku.Fuzz;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and writing of named arrays, safetensors and PyTorch's archives, and what is refused. */
@Timeout(300)
class TensorsTest {
  @TempDir(factory = Fuzz.Memory.class)
  Path folder;

  private static Tensors read(Path path) {
    return path.toString().endsWith(".safetensors") ? SafeTensors.read(path) : Torch.read(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrays.pt", "arrays-5.pt", "arrays.safetensors"})
  void everyTypeStrideAndOffset(String file) {
    Tensors tensors = read(IoFiles.path("torch/" + file));
    IoFiles.requireEqual(tensors, IoFiles.json("torch/arrays.json"));
  }

  @Test
  void bothFormsOfOneStateDictAreTheSame() {
    Map<String, Values> archive = Torch.read(IoFiles.path("torch/zoo.pt")).values();
    Map<String, Values> safe = SafeTensors.read(IoFiles.path("torch/zoo.safetensors")).values();
    assertThat(archive.keySet()).isEqualTo(safe.keySet()).hasSizeGreaterThan(80);
    archive.forEach(
        (name, values) -> {
          assertThat(values.shape()).isEqualTo(safe.get(name).shape());
          assertThat(values.numbers()).isEqualTo(safe.get(name).numbers());
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "old-form.pt|form that PyTorch wrote before version 1.6; load it there, and save it again",
        "command.pt|its pickle names commands.run, which is no part of a state_dict",
        "module.pt|its pickle names torch.nn.modules.linear.Linear",
        "sparse.pt|its pickle names torch._utils._rebuild_sparse_tensor",
        "complex.pt|its pickle names torch.ComplexFloatStorage",
        "expanded.pt|x repeats the numbers it has; save a clone of it",
        "zoo.safetensors|it is no zip archive, as torch.save writes them",
        "zoo.json|it is no zip archive, as torch.save writes them",
      })
  void whatIsNoStateDictIsRefused(String file, String why) {
    Path path = IoFiles.path("torch/" + file);
    assertThatThrownBy(() -> Torch.read(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Torch: " + path)
        .hasMessageContaining(why);
  }

  @Test
  void aTypeThatIsNotReadStandsInNobodysWay() {
    Tensors tensors = SafeTensors.read(IoFiles.path("torch/float8.safetensors"));
    assertThat(tensors.values("x").numbers()).containsExactly(1, 1);
    assertThat(tensors).hasToString("x [2] F32\ny [2] F8_E4M3\n");
    assertThatThrownBy(() -> tensors.values("y")).hasMessageContaining("y is of the type F8_E4M3");
    assertThatThrownBy(() -> tensors.values("z"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must have one of [x, y], got z");
  }

  @Test
  void whatIsWrittenIsRead() {
    Map<String, Values> values = new LinkedHashMap<>();
    float[] many = new float[100_003];
    for (int i = 0; i < many.length; i++) {
      many[i] = (float) Math.sin(i);
    }
    values.put("rnn/cell/W", Values.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    values.put("σ \"quoted\"", Values.of(many, many.length));
    values.put("scalar", Values.of(new float[] {Float.MIN_VALUE}));
    values.put("empty", Values.of(new float[0], 0, 7));
    Path path = folder.resolve("written.safetensors");
    SafeTensors.write(path, Map.of("older", values.get("scalar")));
    SafeTensors.write(path, values);
    assertThat(folder).isDirectoryNotContaining("glob:**.aside*");
    Map<String, Values> read = SafeTensors.read(path).values();
    assertThat(read.keySet()).containsExactlyElementsOf(values.keySet());
    values.forEach(
        (name, each) -> {
          assertThat(read.get(name).shape()).isEqualTo(each.shape());
          assertThat(read.get(name).numbers()).isEqualTo(each.numbers());
        });
    assertThatThrownBy(
            () -> SafeTensors.write(path, Map.of("x".repeat(2000), Values.of(many, many.length))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(SafeTensors.read(path).names()).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|8|",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|9|1 bytes belong to no"
            + " array",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|7|x must begin where",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}|8|x has 8 bytes for 3"
            + " numbers",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}|12|x must begin where",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}|8|x must begin where",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|8|axis of size -2",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[60,60,60],\"data_offsets\":[0,8]}}|8|x has more"
            + " numbers",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}|8|not"
            + " proper JSON",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}|8|whole numbers",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}|8|not proper JSON",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}|8|two data_offsets",
        "{\"x\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}}|8|is no text",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"y\":1}}|8|x has a field"
            + " y",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"x\":{}}|0|not proper"
            + " JSON",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} 1|8|goes on after its"
            + " end",
        "{\"x\":1}|0|no object for x",
        "[]|0|does not begin with {",
        "{\"x\":|0|not proper JSON",
      })
  void headersThatAreNotInOrder(String header, int bytes, String why) throws IOException {
    Path path = folder.resolve("x.safetensors");
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    Files.write(
        path,
        ByteBuffer.allocate(8 + text.length + bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text)
            .array());
    if (why == null) {
      assertThat(SafeTensors.read(path).values("x").numbers()).containsExactly(0, 0);
    } else {
      assertThatThrownBy(() -> SafeTensors.read(path))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("SafeTensors: " + path)
          .hasMessageContaining(why);
    }
  }

  @Test
  void aLongHeaderThatIsNotThere() throws IOException {
    Path path = folder.resolve("x.safetensors");
    Files.write(path, new byte[] {-1, -1, -1, 0, 0, 0, 0, 0, '{', '}'});
    assertThatThrownBy(() -> SafeTensors.read(path)).hasMessageContaining("16777215 bytes");
    Files.write(path, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    assertThatThrownBy(() -> SafeTensors.read(path)).hasMessageContaining("18446744073709551615");
    Files.write(path, new byte[3]);
    assertThatThrownBy(() -> SafeTensors.read(path)).hasMessageContaining("(3 bytes)");
    Files.delete(path);
    assertThatThrownBy(() -> SafeTensors.read(path)).hasMessageContaining("there is no file");
    assertThatThrownBy(() -> Torch.read(folder)).hasMessageContaining("there is no file");
  }

  private Path archive(byte[] pickle, byte[] numbers, boolean stored) throws IOException {
    Path path = folder.resolve("x.pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      put(zip, "x/data.pkl", pickle, true);
      put(zip, "x/data/0", numbers, stored);
    }
    return path;
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes, boolean stored)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    if (stored) {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(bytes.length);
      entry.setCrc(crc.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(String text) {
    return "X" + (char) text.length() + "\0\0\0" + text;
  }

  private static String number(int value) {
    return "J"
        + (char) (value & 255)
        + (char) (value >> 8 & 255)
        + (char) (value >> 16 & 255)
        + (char) (value >>> 24);
  }

  private static String tensor(int count, int offset, String size, String stride) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage")
        + "ctorch\nFloatStorage\n"
        + text("0")
        + text("cpu")
        + number(count)
        + "tQ"
        + number(offset)
        + "("
        + size
        + "t("
        + stride
        + "t\u0089ccollections\nOrderedDict\n)RtR";
  }

  private static String state(String tensor) {
    return "\u0080\2}" + text("x") + tensor + "s.";
  }

  @Test
  void aPickleByHand() throws IOException {
    byte[] numbers =
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(4, 5)
            .putFloat(12, 7)
            .array();
    String good = state(tensor(4, 1, number(2), number(2)));
    assertThat(Torch.read(archive(latin(good), numbers, true)).values("x").numbers())
        .containsExactly(5, 7);
    assertThatThrownBy(() -> Torch.read(archive(latin(good), numbers, false)))
        .hasMessageContaining("x/data/0 must be stored as it is, not compressed");
    refuse(state(tensor(5, 0, number(1), number(1))), "x/data/0 has only 16 bytes");
    refuse(state(tensor(-1, 0, number(1), number(1))), "x/data/0 has only 16 bytes");
    refuse(state(tensor(4, 4, number(1), number(1))), "x begins outside");
    refuse(state(tensor(4, -1, number(1), number(1))), "x begins outside");
    refuse(state(tensor(4, 2, number(2), number(2))), "x ends outside");
    refuse(state(tensor(4, 2, number(2), number(-1))), "x ends outside");
    refuse(state(tensor(4, 0, number(2), number(Integer.MAX_VALUE))), "x ends outside");
    refuse(state(tensor(4, 0, number(5), number(0))), "x repeats the numbers");
    refuse(state(tensor(4, 0, number(-1), number(1))), "axis of size -1");
    refuse(state(tensor(4, 0, number(1), "")), "a stride for each axis");
    refuse(state(tensor(4, 0, text("1"), number(1))), "no Long where it must");
    refuse(state("cos\nsystem\n(" + text("true") + "tR"), "names os.system");
    refuse(state("cbuiltins\neval\n(" + text("1") + "tR"), "names builtins.eval");
    refuse(state("\u008c\2os\u008c\6system\u0093"), "names os.system");
    refuse(state("ctorch\nFloatStorage\n)R"), "its pickle calls torch.FloatStorage");
    refuse("\u0080\2(ios\nsystem\n.", "the operation 0x69");
    refuse("\u0080\2].", "is not of a state_dict");
    refuse("\u0080\2}", "ends too early");
    refuse("\u0080\2X\u00ff\u00ff\u00ff\u00ffx", "ends too early");
    refuse("\u0080\2.", "takes what it has not put");
    refuse("\u0080\2t.", "ends a list that has not begun");
    refuse("\u0080\2h\0.", "recalls what it has not kept");
    refuse("\u0080\2}r\u00ff\u00ff\u00ff\u007f.", "keeps things out of order");
    refuse("\u0080\2]s.", "takes what it has not put");
    refuse("\u0080\2N(K\1e.", "what is no list");
    refuse("\u0080\2)(K\1e.", "what is no list");
    refuse("\u0080\2}(K\1u.", "a key without a value");
    refuse("\u0080\2}NK\1s.", "neither texts nor whole numbers");
    refuse(
        "\u0080\2}" + text("x") + "\u008a\u00ff" + "1".repeat(255) + "s.", "number of 255 bytes");
    refuse("\u0080\2X\1\0\0\0\u00ff.", "not UTF-8");
  }

  private void refuse(String pickle, String why) throws IOException {
    Path path = archive(latin(pickle), new byte[16], true);
    assertThatThrownBy(() -> Torch.read(path).values())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Torch: " + path)
        .hasMessageContaining(why);
  }

  @Test
  void whatGrowsWhenItIsReadIsRefused() throws IOException {
    // Each dictionary has the one before it twice: 2¹⁰ entries.
    StringBuilder laughs = new StringBuilder("\u0080\2}q\0");
    for (int k = 0; k < 10; k++) {
      laughs.append("}(").append(text("a")).append("h" + (char) k).append(text("b"));
      laughs.append("h" + (char) k).append("uq" + (char) (k + 1));
    }
    refuse(laughs.append(".").toString(), "a dictionary twice");
    refuse("\u0080\2}q\0" + text("x") + "h\0s.", "a dictionary twice, at x.");
    StringBuilder deep = new StringBuilder("\u0080\2");
    for (int k = 0; k < 10_000; k++) {
      deep.append("}").append(text("a"));
    }
    refuse(deep + "N" + "s".repeat(10_000) + ".", "more than 16 deep");
    String name = "n".repeat(250);
    StringBuilder names = new StringBuilder("\u0080\2");
    for (int k = 0; k < 5; k++) {
      names.append("}\u008c\u00fa").append(name);
    }
    refuse(names + tensor(1, 0, "", "") + "s".repeat(5) + ".", "more than 1000 letters");
    // A list that is the shape of many tensors would be there as many times.
    refuse(state(tensor(4, 0, "K\1".repeat(1000), "K\1")), "a tensor of too many axes");
  }

  /** Each tensor has all numbers of the file; there are more of them than anybody shares. */
  @Test
  void tensorsThatShareNumbersManyTimesOver() throws IOException {
    int numbers = 1 << 16;
    StringBuilder state = new StringBuilder("\u0080\2}");
    for (int k = 0; k < 14; k++) {
      state.append(text("x" + k)).append(tensor(numbers, 0, number(numbers), number(1)));
      state.append("s");
    }
    Path path = archive(latin(state + "."), new byte[numbers * Float.BYTES], true);
    assertThatThrownBy(() -> Torch.read(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("its tensors share numbers many times over");
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrays.pt", "arrays-5.pt", "arrays.safetensors"})
  void damagedFilesAreReadOrRefused(String name) throws IOException {
    byte[] file = Files.readAllBytes(IoFiles.path("torch/" + name));
    Fuzz fuzz = Fuzz.of(name.endsWith(".pt") ? "Torch: " : "SafeTensors: ", file);
    assertThat(fuzz.read(1, folder.resolve(name), TensorsTest::readSome)).isBetween(0.1, 0.99);
  }

  /** All shapes, and some numbers. */
  private static void readSome(Path path) {
    Tensors tensors = read(path);
    tensors.names().stream().limit(3).forEach(tensors::values);
  }

  @Test
  void damagedPicklesAreReadOrRefused() throws IOException {
    byte[] pickle;
    Path source = IoFiles.path("torch/arrays.pt");
    try (ZipFile zip = new ZipFile(source.toFile())) {
      pickle = zip.getInputStream(zip.getEntry("arrays/data.pkl")).readAllBytes();
    }
    Input input = new Input("Torch", source, pickle.length);
    Fuzz fuzz = Fuzz.of("Torch: ", pickle);
    assertThat(fuzz.read(2, damaged -> Unpickler.read(input, ByteBuffer.wrap(damaged))))
        .isBetween(0.5, 0.99);
  }
}
