package kazoku.train;

import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.tensorflow.Tensor;
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

  private static void addTo(CRC32 crc, Tensor tensor) {
    byte[] bytes = new byte[(int) Math.min(tensor.numBytes(), 1 << 24)];
    tensor.asRawTensor().data().read(bytes);
    crc.update(bytes);
  }
}
