package kazoku.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import kazoku.train.Model;
import org.tensorflow.ndarray.Shape;

/**
 * Files in the form of safetensors: a header that says where each array is, then the numbers.
 *
 * <pre>
 * n        the length of the header      8 bytes, little-endian
 * header   {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
 * numbers  little-endian, row-major, without holes
 * </pre>
 *
 * <p>Source: <a href="https://github.com/huggingface/safetensors#format">the format</a>, whose
 * rules are all checked: no name twice, no holes, no overlaps. F64, F32, F16, BF16, I64, I32, I16,
 * I8, U8 and BOOL are read, and become floats; other types are an error when their numbers are
 * asked for. A header has at most 16 MB here.
 */
public final class SafeTensors {
  private static final String WHO = "SafeTensors";
  private static final String METADATA = "__metadata__";
  private static final int LENGTH = Long.BYTES;
  private static final int LONGEST_HEADER = 1 << 24;
  private static final int LONGEST_NAME = 1000;
  private static final int DEEPEST = 3;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNameLength(LONGEST_NAME)
                  .build())
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private SafeTensors() {}

  /**
   * One array in the header.
   *
   * @param type its dtype
   * @param shape its shape
   * @param from where its bytes begin, after the header
   * @param to where they end
   */
  private record Entry(String name, String type, Shape shape, long from, long to) {}

  /**
   * Reads the header of a file.
   *
   * @param path the file
   * @return its arrays
   * @throws IllegalArgumentException if it is not such a file
   * @throws UncheckedIOException if it cannot be read
   */
  public static Tensors read(Path path) {
    Checks.given(WHO, "path", path);
    Input file = Input.of(WHO, path);
    long length = file.bytes(0, LENGTH).getLong();
    file.require(
        length >= 2 && length <= Math.min(LONGEST_HEADER, file.size() - LENGTH),
        "its header would have " + Long.toUnsignedString(length) + " bytes");
    List<Entry> entries = header(file, file.bytes(LENGTH, length));
    long first = LENGTH + length;
    checkWhole(file, entries, file.size() - first);
    Map<String, Tensors.Stored> all = new LinkedHashMap<>();
    for (Entry entry : entries) {
      all.put(entry.name, stored(file, entry, first));
    }
    return new Tensors(file, all);
  }

  private static List<Entry> header(Input file, ByteBuffer bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      file.require(text.startsWith("{"), "its header does not begin with {");
      try (JsonParser json = JSON.createParser(text)) {
        return entries(file, json);
      }
    } catch (CharacterCodingException e) {
      throw file.broken("its header is not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw file.broken("its header is not proper JSON, " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Entry> entries(Input file, JsonParser json) throws IOException {
    List<Entry> entries = new ArrayList<>();
    json.nextToken();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      file.require(
          json.nextToken() == JsonToken.START_OBJECT, "its header has no object for " + name);
      if (name.equals(METADATA)) {
        json.skipChildren();
      } else {
        entries.add(entry(file, json, name));
      }
    }
    file.require(json.nextToken() == null, "its header goes on after its end");
    return entries;
  }

  private static Entry entry(Input file, JsonParser json, String name) throws IOException {
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      switch (field) {
        case "dtype" -> {
          file.require(value == JsonToken.VALUE_STRING, "the dtype of " + name + " is no text");
          type = json.getText();
        }
        case "shape" -> shape = numbers(file, json, name);
        case "data_offsets" -> offsets = numbers(file, json, name);
        default -> throw file.broken(name + " has a field " + field, null);
      }
    }
    file.require(
        type != null && shape != null && offsets != null && offsets.size() == 2,
        name + " must have dtype, shape and two data_offsets");
    return new Entry(name, type, file.shape(name, shape), offsets.get(0), offsets.get(1));
  }

  private static List<Long> numbers(Input file, JsonParser json, String name) throws IOException {
    String fault = name + " must have lists of a few whole numbers";
    file.require(json.currentToken() == JsonToken.START_ARRAY, fault);
    List<Long> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      file.require(
          json.currentToken() == JsonToken.VALUE_NUMBER_INT && numbers.size() <= Input.MOST_AXES,
          fault);
      numbers.add(json.getLongValue());
    }
    return numbers;
  }

  /** Each byte after the header belongs to one array. */
  private static void checkWhole(Input file, List<Entry> entries, long bytes) {
    long at = 0;
    for (Entry entry :
        entries.stream()
            .sorted(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to))
            .toList()) {
      file.require(
          entry.from == at && entry.to >= at && entry.to <= bytes,
          entry.name + " must begin where the array before it ends, and end in the file");
      at = entry.to;
    }
    file.require(at == bytes, (bytes - at) + " bytes belong to no array");
  }

  private static Tensors.Stored stored(Input file, Entry entry, long first) {
    long count = entry.shape.size();
    long length = entry.to - entry.from;
    for (Dtype type : Dtype.values()) {
      if (type.name().equals(entry.type)) {
        file.require(
            length == count * type.size(),
            entry.name + " has " + length + " bytes for " + count + " numbers of " + type);
        return new Tensors.Stored(
            entry.shape, entry.type, () -> type.numbers(file.bytes(first + entry.from, length)));
      }
    }
    return new Tensors.Stored(entry.shape, entry.type, () -> unknown(file, entry));
  }

  private static float[] unknown(Input file, Entry entry) {
    throw file.broken(entry.name + " is of the type " + entry.type + ", which is not read", null);
  }

  /**
   * Writes arrays, as F32. The file is written aside and then moved into place.
   *
   * @param path where to; replaced if it is there
   * @param values the arrays by name
   * @throws IllegalArgumentException if a name is longer than what is read
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, Map<String, Values> values) {
    Checks.given(WHO, "path", path);
    Checks.given(WHO, "values", values);
    Aside.file(
        WHO,
        path,
        aside -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(aside))) {
            out.write(header(values));
            for (Values each : values.values()) {
              write(out, each.numbers());
            }
          }
        });
  }

  /**
   * Writes a model's weights under their names and in their layouts here, {@code rnn/cell/U};
   * {@code new Network(layer, SafeTensors.read(path).values())} has them again. {@link Torch#state}
   * gives those that PyTorch reads.
   *
   * @param path where to; replaced if it is there
   * @param model the model
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, Model model) {
    Checks.given(WHO, "model", model);
    write(path, Network.of(model).weights());
  }

  /** With its length, and blanks at its end so that numbers begin at a multiple of eight bytes. */
  private static byte[] header(Map<String, Values> values) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      long at = 0;
      json.writeStartObject();
      for (Map.Entry<String, Values> entry : values.entrySet()) {
        String name = entry.getKey();
        Checks.require(
            name.length() <= LONGEST_NAME && !name.equals(METADATA),
            WHO,
            "a name must have at most " + LONGEST_NAME + " letters and not be " + METADATA,
            name);
        long[] shape = entry.getValue().shape().asArray();
        long end = at + (long) Float.BYTES * entry.getValue().numbers().length;
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", Dtype.F32.name());
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {at, end}, 0, 2);
        json.writeEndObject();
        at = end;
      }
      json.writeEndObject();
    }
    while (text.size() % LENGTH != 0) {
      text.write(' ');
    }
    return ByteBuffer.allocate(LENGTH + text.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.size())
        .put(text.toByteArray())
        .array();
  }

  private static void write(OutputStream out, float[] numbers) throws IOException {
    int most = 1 << 14;
    ByteBuffer bytes = ByteBuffer.allocate(most * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < numbers.length; from += most) {
      int count = Math.min(most, numbers.length - from);
      bytes.asFloatBuffer().put(numbers, from, count);
      out.write(bytes.array(), 0, count * Float.BYTES);
    }
  }
}
