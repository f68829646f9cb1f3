package kazoku.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

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

  /** Keras writes archives without compression; who has packed one again comes nowhere near. */
  private static final int DENSEST = 100;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(DEEPEST)
                      .maxDocumentLength(LONGEST_CONFIG)
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

  private static JsonNode json(Input input, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw input.broken("its config is no JSON, or too long or too deep", e);
    }
  }
}
