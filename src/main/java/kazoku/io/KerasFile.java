package kazoku.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import kazoku.Layer;
import kazoku.Sequential;
import kazoku.internal.files.Aside;

/**
 * A file of Keras, opened: an archive of Keras 3, or an HDF5 file of any version.
 *
 * @param input the file
 * @param version what wrote it
 * @param config the model's config; null in a file of weights
 * @param weights the HDF5 file, or the one inside
 */
record KerasFile(Input input, KerasConfig.Version version, JsonNode config, Hdf5 weights) {
  static final String CONFIG = "config.json";
  static final String METADATA = "metadata.json";
  static final String WEIGHTS = "model.weights.h5";

  private static final String WHO = "Keras";
  private static final int MAGIC = 4;
  private static final int ZIP = 0x04034b50;
  private static final int LONGEST_CONFIG = 1 << 24;
  private static final int DEEPEST = 200;

  /** Each takes up to twenty times the memory of its letters. */
  private static final int MOST_TOKENS = 1 << 20;

  /** Keras writes archives without compression; who has packed one again comes nowhere near. */
  private static final int DENSEST = 100;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(DEEPEST)
                      .maxDocumentLength(LONGEST_CONFIG)
                      .maxTokenCount(MOST_TOKENS)
                      .build())
              .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
              .build());

  static KerasFile open(Path path) {
    Input input = Input.of(WHO, path);
    input.require(input.size() >= MAGIC, "it is too short");
    return input.bytes(0, MAGIC).getInt(0) == ZIP ? archive(input) : hdf5(input);
  }

  private static KerasFile hdf5(Input input) {
    Hdf5 file = Hdf5.of(input, input.bytes(0, input.size()));
    Hdf5.Group root = file.root();
    String version =
        root.hasAttribute("keras_version") ? root.text("keras_version") : versionBelow(root);
    JsonNode config =
        root.hasAttribute("model_config") ? json(input, root.text("model_config")) : null;
    return new KerasFile(input, KerasConfig.Version.of(version), config, file);
  }

  /** Files of weights in the form of Keras 3 say nothing of a version. */
  private static String versionBelow(Hdf5.Group root) {
    return root.has("layers") ? "3.0" : "2.0";
  }

  private static KerasFile archive(Input input) {
    try (ZipFile zip = new ZipFile(input.path().toFile())) {
      JsonNode config = json(input, text(input, zip, CONFIG));
      String version =
          zip.getEntry(METADATA) == null
              ? ""
              : json(input, text(input, zip, METADATA)).path("keras_version").asText();
      byte[] weights = bytes(input, zip, WEIGHTS, Integer.MAX_VALUE - Long.BYTES);
      Input inner = new Input(WHO, input.path(), weights.length);
      return new KerasFile(
          inner, KerasConfig.Version.of(version), config, Hdf5.of(inner, ByteBuffer.wrap(weights)));
    } catch (ZipException | EOFException e) {
      throw input.broken("it is no whole zip archive", e);
    } catch (IOException e) {
      throw new UncheckedIOException(WHO + ": cannot read " + input.path(), e);
    }
  }

  private static String text(Input input, ZipFile zip, String name) throws IOException {
    return new String(bytes(input, zip, name, LONGEST_CONFIG), StandardCharsets.UTF_8);
  }

  /** One file of an archive: it is looked up by its name, and nothing is written anywhere. */
  private static byte[] bytes(Input input, ZipFile zip, String name, int most) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    input.require(entry != null, "it has no " + name);
    long size = entry.getSize();
    input.require(
        size >= 0 && size <= most && size <= DENSEST * input.size(),
        name + " says that it has " + size + " bytes");
    try (InputStream stream = zip.getInputStream(entry)) {
      byte[] bytes = stream.readNBytes((int) size + 1);
      input.require(bytes.length == size, name + " has not the " + size + " bytes that it says");
      return bytes;
    }
  }

  /** Writes an archive. */
  static void write(Path path, Network network) {
    Network model = unwrapped(network);
    KerasWriter.Written written =
        new KerasWriter(new KerasConfig.File(new Input(WHO, path, 0), KerasWriter.VERSION))
            .model(model.layer(), model.inputs());
    Aside.file(
        WHO,
        path,
        archive -> {
          Path weights = archive.resolveSibling("weights of " + archive.getFileName());
          KerasWeights.write(weights, written.piece().variables(), model.weights());
          try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.setMethod(ZipOutputStream.STORED);
            ObjectNode metadata = JSON.createObjectNode();
            metadata.put("keras_version", KerasWriter.VERSION + ".0");
            add(zip, METADATA, JSON.writeValueAsBytes(metadata));
            add(zip, CONFIG, JSON.writeValueAsBytes(written.node()));
            add(zip, WEIGHTS, Files.readAllBytes(weights));
          }
        });
  }

  /** A model puts a layer that is no row in one. */
  private static Network unwrapped(Network network) {
    boolean wrapped =
        network.layer() instanceof Sequential row
            && row.layers().size() == 1
            && row.layers().get(0) instanceof Functional;
    if (!wrapped) {
      return network;
    }
    Layer inner = ((Sequential) network.layer()).layers().get(0);
    Map<String, Values> weights = new LinkedHashMap<>();
    network
        .weights()
        .forEach((path, values) -> weights.put(path.substring(inner.name().length() + 1), values));
    return new Network(inner, network.inputs(), weights);
  }

  private static void add(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  private static JsonNode json(Input input, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw input.broken("its config is no JSON, or too long or too deep", e);
    }
  }
}
