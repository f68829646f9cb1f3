package kazoku.train;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Checks;
import kazoku.internal.files.MaskedCrc;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.FloatList;
import org.tensorflow.proto.Int64List;
import org.tensorflow.proto.SequenceExample;

/**
 * The records of one file: a length, its checksum, so many bytes, and their checksum.
 *
 * <p>TensorFlow's own {@code TFRecordDatasetV2} cannot be used: with TensorFlow-Java 1.1.0 its
 * iterator fails for want of an input that it has been given.
 */
final class TfRecordReader implements FileRows.Reader<TfRecordReader.Numbered> {
  private static final int HEADER = Long.BYTES + Integer.BYTES;

  /** Messages take up to 40 times the memory of the bytes that they are parsed from. */
  private static final long LARGEST = Runtime.getRuntime().maxMemory() / 64;

  /** Names of features that an error tells. */
  private static final int SHOWN = 20;

  private final Path file;
  private final InputStream bytes;
  private long number;

  TfRecordReader(Path file) throws IOException {
    this.file = file;
    this.bytes = new BufferedInputStream(FileRows.open(file), 1 << 16);
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  @Override
  public Numbered next() throws IOException {
    number++;
    byte[] header = bytes.readNBytes(HEADER);
    if (header.length == 0) {
      return null;
    }
    requireWhole(header, HEADER);
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    long length = fields.getLong();
    require(
        fields.getInt() == MaskedCrc.of(ByteBuffer.wrap(header, 0, Long.BYTES)),
        "the checksum of its length must be right (is the file compressed? its name must end with"
            + " .gz)",
        "another one");
    require(
        length >= 0 && length <= Math.min(LARGEST, Integer.MAX_VALUE),
        "it must have at most " + LARGEST + " bytes, 1/64 of the heap (java -Xmx)",
        Long.toUnsignedString(length));
    byte[] data = bytes.readNBytes((int) length);
    requireWhole(data, (int) length);
    byte[] end = bytes.readNBytes(Integer.BYTES);
    requireWhole(end, Integer.BYTES);
    require(
        ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt()
            == MaskedCrc.of(ByteBuffer.wrap(data)),
        "the checksum of its bytes must be right",
        "another one");
    try {
      return new Numbered(file, number, SequenceExample.parseFrom(data));
    } catch (InvalidProtocolBufferException e) {
      throw bad(file, number, "it must be a tf.train.Example or SequenceExample", e.getMessage());
    }
  }

  private void requireWhole(byte[] read, int length) {
    require(read.length == length, "it must be whole", "the end of the file within it");
  }

  private void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw bad(file, number, rule, value);
    }
  }

  private static IllegalArgumentException bad(Path file, long number, String rule, Object value) {
    return new IllegalArgumentException(
        "TfRecords: %s, record %d: %s, got %s"
            .formatted(file, number, Checks.shown(rule), Checks.shown(value)));
  }

  /**
   * A record.
   *
   * @param file where it is from
   * @param number its number there, from 1
   * @param example what it is
   */
  record Numbered(Path file, long number, SequenceExample example) {

    Sequences row(TfRecords.Feature inputs, TfRecords.Feature targets) {
      if (inputs.use() == TfRecords.Use.TOKENS) {
        int[] tokens = labels(inputs);
        return with(Sequences.tokens(new int[][] {tokens}), targets, tokens.length);
      }
      float[][] steps = steps(inputs);
      return with(Sequences.of(new float[][][] {steps}), targets, steps.length);
    }

    private Sequences with(Sequences row, TfRecords.Feature targets, int steps) {
      return targets == null ? row : row.target("", targets(targets, steps));
    }

    private Targets targets(TfRecords.Feature of, int steps) {
      return switch (of.use()) {
        case LABELS -> {
          int[] label = labels(of);
          require(label.length == 1, of.name() + " must be one number", label.length);
          yield Targets.ofRows(label);
        }
        case TARGETS -> Targets.ofRows(new float[][] {numbers(of.name(), feature(of.name()))});
        case LABEL_SEQUENCES -> Targets.ofSequences(new int[][] {labels(of)});
        case STEP_LABELS -> {
          int[] labels = labels(of);
          requireSteps(of, labels.length, steps);
          yield Targets.ofSteps(new int[][] {labels});
        }
        default -> {
          float[][] values = steps(of);
          requireSteps(of, values.length, steps);
          yield Targets.ofSteps(new float[][][] {values});
        }
      };
    }

    private void requireSteps(TfRecords.Feature of, int given, int steps) {
      require(given == steps, of.name() + " must have " + steps + " steps, as the inputs", given);
    }

    /** The features that are steps; null where one feature has them all. */
    private List<Feature> list(String name) {
      return example.getFeatureLists().containsFeatureList(name)
          ? example.getFeatureLists().getFeatureListOrThrow(name).getFeatureList()
          : null;
    }

    private Feature feature(String name) {
      Feature feature = example.getContext().getFeatureOrDefault(name, null);
      if (feature == null) {
        Stream<String> all =
            Stream.concat(
                example.getContext().getFeatureMap().keySet().stream(),
                example.getFeatureLists().getFeatureListMap().keySet().stream());
        throw bad("there must be a feature " + name, all.sorted().limit(SHOWN).toList());
      }
      return feature;
    }

    private float[][] steps(TfRecords.Feature of) {
      List<Feature> list = list(of.name());
      if (list != null) {
        return list.stream()
            .map(
                step -> {
                  float[] numbers = numbers(of.name(), step);
                  require(
                      numbers.length == of.size(),
                      "a step of " + of.name() + " must have " + of.size() + " numbers",
                      numbers.length);
                  return numbers;
                })
            .toArray(float[][]::new);
      }
      float[] all = numbers(of.name(), feature(of.name()));
      require(
          all.length % of.size() == 0,
          of.name() + " must have steps of " + of.size() + " numbers",
          all.length + " numbers");
      return IntStream.range(0, all.length / of.size())
          .mapToObj(t -> Arrays.copyOfRange(all, t * of.size(), (t + 1) * of.size()))
          .toArray(float[][]::new);
    }

    private float[] numbers(String name, Feature feature) {
      boolean whole = feature.getKindCase() == Feature.KindCase.INT64_LIST;
      require(
          whole || feature.getKindCase() != Feature.KindCase.BYTES_LIST,
          name + " must be numbers",
          "bytes");
      Int64List integers = feature.getInt64List();
      FloatList floats = feature.getFloatList();
      float[] numbers = new float[whole ? integers.getValueCount() : floats.getValueCount()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = whole ? integers.getValue(i) : floats.getValue(i);
      }
      return numbers;
    }

    private int[] labels(TfRecords.Feature of) {
      List<Feature> list = list(of.name());
      if (list == null) {
        return labels(of, feature(of.name())).toArray();
      }
      return list.stream()
          .mapToInt(
              step -> {
                int[] labels = labels(of, step).toArray();
                require(
                    labels.length == 1,
                    "a step of " + of.name() + " must be one number",
                    labels.length);
                return labels[0];
              })
          .toArray();
    }

    private IntStream labels(TfRecords.Feature of, Feature feature) {
      require(
          feature.getKindCase() == Feature.KindCase.INT64_LIST
              || feature.getKindCase() == Feature.KindCase.KIND_NOT_SET,
          of.name() + " must be whole numbers",
          feature.getKindCase() == Feature.KindCase.BYTES_LIST ? "bytes" : "floats");
      int least = of.use() == TfRecords.Use.STEP_LABELS ? -1 : 0;
      return IntStream.range(0, feature.getInt64List().getValueCount())
          .map(
              i -> {
                long label = feature.getInt64List().getValue(i);
                require(
                    label >= least && label <= Integer.MAX_VALUE,
                    of.name() + " must be whole numbers from " + least + " to " + Integer.MAX_VALUE,
                    label);
                return (int) label;
              });
    }

    private void require(boolean holds, String rule, Object value) {
      if (!holds) {
        throw bad(rule, value);
      }
    }

    IllegalArgumentException bad(String rule, Object value) {
      return TfRecordReader.bad(file, number, rule, value);
    }
  }
}
