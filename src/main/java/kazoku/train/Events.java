package kazoku.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.summary.SummaryWriter;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.SummaryMetadata;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * An event file, written by TensorFlow's own operations in a small graph. Each is a new file of its
 * folder, which is what TensorBoard calls a run; of two files the later one wins from where it
 * begins.
 */
final class Events implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final Placeholder<TInt64> step;
  private final Placeholder<TString> tag;
  private final Placeholder<TFloat32> values;
  private final Placeholder<TString> bytes;
  private final Placeholder<TString> metadata;
  private final Op scalar;
  private final Op histogram;
  private final Op text;
  private final Op graphDef;
  private final Op event;
  private final Op flush;
  private final Op close;

  /**
   * Begins a file.
   *
   * @param run the folder; made if there is none
   * @param first the first step that there will be: what older files of the folder have from there
   *     on does not count
   */
  Events(Path run, long first) {
    Ops tf = Ops.create(graph);
    step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    tag = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    values = tf.placeholder(TFloat32.class);
    bytes = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    metadata = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    Operand<? extends TType> writer = tf.summary.summaryWriter(SummaryWriter.sharedName("run"));
    scalar = tf.summary.writeScalarSummary(writer, step, tag, values);
    histogram = tf.summary.writeHistogramSummary(writer, step, tag, values);
    text = tf.summary.writeSummary(writer, step, bytes, tag, metadata);
    graphDef = tf.summary.writeGraphSummary(writer, step, bytes);
    event = tf.summary.importEvent(writer, bytes);
    flush = tf.summary.flushSummaryWriter(writer);
    close = tf.summary.closeSummaryWriter(writer);
    try {
      session.run(
          tf.summary.createSummaryFileWriter(
              writer,
              tf.constant(Files.createDirectories(run).toString()),
              tf.constant(1000),
              tf.constant(10_000),
              tf.constant("")));
      begin(first);
    } catch (IOException e) {
      release();
      throw new UncheckedIOException("TensorBoard: cannot write in " + run, e);
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  private void begin(long first) {
    SessionLog start = SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START).build();
    Event begin =
        Event.newBuilder()
            .setWallTime(System.currentTimeMillis() / 1e3)
            .setStep(first)
            .setSessionLog(start)
            .build();
    try (TString given = scalarOf(begin.toByteArray())) {
      session.runner().feed(bytes, given).addTarget(event).run().close();
    }
  }

  void scalar(String name, double value, long at) {
    try (TFloat32 given = TFloat32.scalarOf((float) value)) {
      write(scalar, name, given, at);
    }
  }

  /** Of those numbers that are finite; the others have no place in a histogram. */
  void histogram(String name, float[] numbers, long at) {
    float[] finite = new float[numbers.length];
    int count = 0;
    for (float number : numbers) {
      if (Float.isFinite(number)) {
        finite[count++] = number;
      }
    }
    try (TFloat32 given =
        TFloat32.tensorOf(Shape.of(count), DataBuffers.of(finite).slice(0, count))) {
      write(histogram, name, given, at);
    }
  }

  private void write(Op what, String name, TFloat32 given, long at) {
    try (TInt64 stepGiven = TInt64.scalarOf(at);
        TString tagGiven = TString.scalarOf(name)) {
      session
          .runner()
          .feed(step, stepGiven)
          .feed(tag, tagGiven)
          .feed(values, given)
          .addTarget(what)
          .run()
          .close();
    }
  }

  /** A text in Markdown. */
  void text(String name, String markdown, long at) {
    SummaryMetadata plugin =
        SummaryMetadata.newBuilder()
            .setPluginData(SummaryMetadata.PluginData.newBuilder().setPluginName("text"))
            .build();
    try (TInt64 stepGiven = TInt64.scalarOf(at);
        TString tagGiven = TString.scalarOf(name);
        TString given = scalarOf(markdown.getBytes(StandardCharsets.UTF_8));
        TString metadataGiven = scalarOf(plugin.toByteArray())) {
      session
          .runner()
          .feed(step, stepGiven)
          .feed(tag, tagGiven)
          .feed(bytes, given)
          .feed(metadata, metadataGiven)
          .addTarget(text)
          .run()
          .close();
    }
  }

  void graph(GraphDef definition, long at) {
    try (TInt64 stepGiven = TInt64.scalarOf(at);
        TString given = scalarOf(definition.toByteArray())) {
      session.runner().feed(step, stepGiven).feed(bytes, given).addTarget(graphDef).run().close();
    }
  }

  private static TString scalarOf(byte[] bytes) {
    return TString.tensorOfBytes(NdArrays.scalarOfObject(bytes));
  }

  /** Lets readers see all that was written. */
  void flush() {
    session.run(flush);
  }

  @Override
  public void close() {
    session.run(close);
    release();
  }

  private void release() {
    session.close();
    graph.close();
  }
}
