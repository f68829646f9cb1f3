package kazoku.train;

import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The tensors of some rows.
 *
 * @param inputs by name
 * @param targets by the name of the output
 * @param sampleWeights what each row counts, {@code [B]}; null if all count alike
 * @param counted the first step that counts; null if all do
 */
record Batch(
    Map<String, Part> inputs, Map<String, Part> targets, TFloat32 sampleWeights, TInt32 counted)
    implements AutoCloseable {

  /**
   * One input, or the targets of one output.
   *
   * @param value the padded value
   * @param lengths {@code [B]}; null where there are no steps
   */
  record Part(Tensor value, TInt32 lengths) {
    void close() {
      value.close();
      if (lengths != null) {
        lengths.close();
      }
    }

    private void addTo(CRC32 crc) {
      Batch.addTo(crc, value);
      if (lengths != null) {
        Batch.addTo(crc, lengths);
      }
    }
  }

  @Override
  public void close() {
    inputs.values().forEach(Part::close);
    targets.values().forEach(Part::close);
    if (sampleWeights != null) {
      sampleWeights.close();
    }
    if (counted != null) {
      counted.close();
    }
  }

  /** A sum of what all rows have. */
  long crc() {
    CRC32 crc = new CRC32();
    new TreeMap<>(inputs).values().forEach(part -> part.addTo(crc));
    new TreeMap<>(targets).values().forEach(part -> part.addTo(crc));
    if (sampleWeights != null) {
      addTo(crc, sampleWeights);
    }
    return crc.getValue();
  }

  static void addTo(CRC32 crc, Tensor tensor) {
    ByteDataBuffer data = tensor.asRawTensor().data();
    byte[] some = new byte[(int) Math.min(data.size(), 1 << 20)];
    for (long at = 0; at < data.size(); at += some.length) {
      int size = (int) Math.min(data.size() - at, some.length);
      data.offset(at).read(some, 0, size);
      crc.update(some, 0, size);
    }
  }
}
