package kazoku.train;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kazoku.Checks;
import org.tensorflow.proto.SequenceExample;

/**
 * Sequences in TFRecord files, a {@code tf.train.Example} or {@code tf.train.SequenceExample} for
 * each.
 *
 * <pre>{@code
 * TfRecords.of(Path.of("speech.tfrecord")).inputs("frames", 40).labels("speaker")
 * TfRecords.of(Path.of("text.tfrecord.gz")).tokens("words").stepLabels("tags")
 * }</pre>
 *
 * <p>What has steps is a feature list, whose features are the steps, or a feature that has the
 * numbers of all steps one after the other, so that its length may differ from record to record.
 * What a whole row has is a feature: of the context, where there is one. Numbers are floats or
 * integers, which become floats; labels and tokens are integers.
 *
 * <p>Files are compressed where their names end with {@code .gz}. They may be larger than memory:
 * portions have 1024 records, {@link #gather} makes others. A record is at most 1/64 of the heap,
 * so that none exhausts it. Several inputs: make your own rows of {@link #examples()}.
 *
 * <p>What cannot be read is raised by the stream, with the file and the number of the record:
 * {@link IllegalArgumentException} for a file that is damaged or ends within a record, and for
 * features that are missing or of another kind; {@link java.io.UncheckedIOException} for a file
 * that cannot be read. Instances do not change.
 */
public final class TfRecords implements Source {
  private static final int RECORDS = 1024;

  private final List<Path> files;
  private final Feature inputs;
  private final Feature targets;

  /** What a feature is for. */
  enum Use {
    INPUTS,
    TOKENS,
    LABELS,
    STEP_LABELS,
    LABEL_SEQUENCES,
    TARGETS,
    STEP_TARGETS
  }

  /**
   * A feature that is read.
   *
   * @param use what for
   * @param name its name
   * @param size how many numbers a step has
   */
  record Feature(Use use, String name, int size) {}

  private TfRecords(List<Path> files, Feature inputs, Feature targets) {
    this.files = files;
    this.inputs = inputs;
    this.targets = targets;
  }

  /**
   * Some files with the same features.
   *
   * @param files at least one, in the order in which they are read
   * @return the reader, which needs to be told the inputs
   * @throws IllegalArgumentException if there is none
   */
  public static TfRecords of(Path... files) {
    Checks.require(files.length > 0, "TfRecords", "there must be at least one file", "none");
    return new TfRecords(List.of(files), null, null);
  }

  /**
   * The same with steps of numbers, {@link Sequences#of}.
   *
   * @param feature has T times that many numbers
   * @param size numbers of a step, at least 1
   * @return the reader
   */
  public TfRecords inputs(String feature, int size) {
    Checks.atLeastOne("TfRecords", "the size of " + feature, size);
    return new TfRecords(files, new Feature(Use.INPUTS, feature, size), targets);
  }

  /**
   * The same with steps that are tokens, {@link Sequences#tokens}.
   *
   * @param feature has T whole numbers from 0
   * @return the reader
   */
  public TfRecords tokens(String feature) {
    return new TfRecords(files, new Feature(Use.TOKENS, feature, 1), targets);
  }

  /**
   * The same with a class for each row, {@link Sequences#labels}.
   *
   * @param feature has one whole number from 0
   * @return the reader
   */
  public TfRecords labels(String feature) {
    return targets(Use.LABELS, feature, 1);
  }

  /**
   * The same with a class for each step, {@link Sequences#stepLabels}.
   *
   * @param feature has T whole numbers from 0, or −1
   * @return the reader
   */
  public TfRecords stepLabels(String feature) {
    return targets(Use.STEP_LABELS, feature, 1);
  }

  /**
   * The same with a sequence of classes for each row, {@link Sequences#labelSequences}.
   *
   * @param feature has any number of whole numbers from 0
   * @return the reader
   */
  public TfRecords labelSequences(String feature) {
    return targets(Use.LABEL_SEQUENCES, feature, 1);
  }

  /**
   * The same with numbers to be learnt about each row, {@link Sequences#targets}.
   *
   * @param feature has the numbers, as many in each record
   * @return the reader
   */
  public TfRecords targets(String feature) {
    return targets(Use.TARGETS, feature, 1);
  }

  /**
   * The same with numbers to be learnt about each step, {@link Sequences#stepTargets}.
   *
   * @param feature has T times that many numbers
   * @param size numbers of a step, at least 1
   * @return the reader
   */
  public TfRecords stepTargets(String feature, int size) {
    Checks.atLeastOne("TfRecords", "the size of " + feature, size);
    return targets(Use.STEP_TARGETS, feature, size);
  }

  private TfRecords targets(Use use, String feature, int size) {
    return new TfRecords(files, inputs, new Feature(use, feature, size));
  }

  /**
   * Begins to read the records themselves, for rows that you make on your own; a {@code
   * tf.train.Example} is one that has a context only.
   *
   * @return the records; to be closed
   */
  public Stream<SequenceExample> examples() {
    return FileRows.stream(files, TfRecordReader::new).map(TfRecordReader.Numbered::example);
  }

  /** Begins to read; portions have 1024 rows. */
  @Override
  public Stream<Sequences> portions() {
    return gather(RECORDS).portions();
  }

  @Override
  public Source gather(int rows) {
    if (inputs == null) {
      throw new IllegalStateException(
          "TfRecords: there are no inputs; name their feature, records.inputs(\"x\", 12)");
    }
    Source single =
        () -> FileRows.stream(files, TfRecordReader::new).map(r -> r.row(inputs, targets));
    return single.gather(rows);
  }
}
