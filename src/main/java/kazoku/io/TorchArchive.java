package kazoku.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.tensorflow.ndarray.Shape;

/**
 * The zip archives of {@code torch.save}: a pickle that says what there is, and a file of numbers
 * for each storage.
 *
 * <p>The zip's checksums are not looked at, as PyTorch does not look at them either.
 */
final class TorchArchive {
  private static final String WHO = "Torch";
  private static final String PICKLE = "/data.pkl";
  private static final long LONGEST_PICKLE = 1 << 22;
  private static final int LONGEST_NAME = 1000;
  private static final int DEEPEST = 16;

  /** Tensors may share numbers; so many times as the file is long, nobody's do. */
  private static final int TIMES = 8;

  private static final int LEAST = 1 << 20;
  private static final int TAR_AT = 257;
  private static final String TAR = "ustar";
  private static final byte[] ZIP = {'P', 'K', 3, 4};

  /** How the number with which old pickles begin is written. */
  private static final byte[] OLD = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc};

  private final Input file;
  private final String root;
  private final Map<String, Tensors.Stored> all = new LinkedHashMap<>();
  private long total;
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private TorchArchive(Input file, String root) {
    this.file = file;
    this.root = root;
  }

  static Tensors read(Path path) {
    Input file = Input.of(WHO, path);
    requireZip(file);
    try (ZipFile zip = new ZipFile(path.toFile())) {
      List<String> pickles =
          zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(PICKLE)).toList();
      file.require(pickles.size() == 1, "it must have one data.pkl, but has " + pickles.size());
      String pickle = pickles.get(0);
      String root = pickle.substring(0, pickle.length() - PICKLE.length() + 1);
      TorchArchive archive = new TorchArchive(file, root);
      archive.requireLittleEndian(zip);
      ZipEntry entry = archive.entry(zip, pickle);
      file.require(entry.getSize() <= LONGEST_PICKLE, "its data.pkl has more than 4 MB");
      Object state = Unpickler.read(file, archive.bytes(zip, entry, 0, entry.getSize()));
      if (!(state instanceof Unpickler.Dict dict)) {
        throw file.broken("its pickle is not of a state_dict", null);
      }
      archive.collect(zip, dict, "", 0);
      return new Tensors(file, archive.all);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static void requireZip(Input file) {
    byte[] head = file.bytes(0, Math.min(file.size(), TAR_AT + TAR.length())).array();
    boolean tar =
        head.length == TAR_AT + TAR.length()
            && new String(head, TAR_AT, TAR.length(), StandardCharsets.US_ASCII).equals(TAR);
    file.require(
        !tar && !begins(head, OLD),
        "it is of the form that PyTorch wrote before version 1.6; load it there, and save it"
            + " again");
    file.require(begins(head, ZIP), "it is no zip archive, as torch.save writes them");
  }

  private static boolean begins(byte[] bytes, byte[] with) {
    return bytes.length >= with.length
        && Arrays.equals(bytes, 0, with.length, with, 0, with.length);
  }

  private void requireLittleEndian(ZipFile zip) throws IOException {
    if (zip.getEntry(root + "byteorder") != null) {
      ZipEntry entry = entry(zip, root + "byteorder");
      ByteBuffer order = bytes(zip, entry, 0, entry.getSize());
      file.require(
          StandardCharsets.US_ASCII.decode(order).toString().equals("little"),
          "its numbers are not little-endian");
    }
  }

  /** Entries are as long as they are in the file: nothing is unpacked. */
  private ZipEntry entry(ZipFile zip, String name) {
    ZipEntry entry = zip.getEntry(name);
    file.require(entry != null, "it has no " + name);
    file.require(
        entry.getMethod() == ZipEntry.STORED
            && entry.getCompressedSize() == entry.getSize()
            && entry.getSize() <= file.size(),
        name + " must be stored as it is, not compressed");
    return entry;
  }

  private ByteBuffer bytes(ZipFile zip, ZipEntry entry, long from, long length) throws IOException {
    file.require(
        length <= Math.min(entry.getSize() - from, Integer.MAX_VALUE),
        entry.getName() + " is too short, or an array too long");
    try (InputStream in = zip.getInputStream(entry)) {
      in.skipNBytes(from);
      byte[] bytes = in.readNBytes((int) length);
      file.require(bytes.length == length, entry.getName() + " is cut off");
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** A file that is not there is no fault of its content. */
  private static RuntimeException failed(Input file, IOException e) {
    return e instanceof ZipException || e instanceof EOFException
        ? file.broken("its zip archive is damaged, " + e.getMessage(), e)
        : new UncheckedIOException(WHO + ": cannot read " + file.path(), e);
  }

  /** Tensors by the keys that lead to them; what else there is, is passed over. */
  private void collect(ZipFile zip, Unpickler.Dict dict, String prefix, int depth) {
    file.require(depth <= DEEPEST, "its dictionaries are more than " + DEEPEST + " deep");
    file.require(seen.add(dict), "it has a dictionary twice, at " + prefix);
    dict.entries()
        .forEach(
            (key, value) -> {
              String name = prefix + key;
              file.require(
                  name.length() <= LONGEST_NAME,
                  "it has a name of more than " + LONGEST_NAME + " letters");
              if (value instanceof Unpickler.Dict inner) {
                collect(zip, inner, name + ".", depth + 1);
              } else if (value instanceof Unpickler.Tensor tensor) {
                file.require(all.put(name, stored(zip, name, tensor)) == null, "two are " + name);
              }
            });
  }

  private Tensors.Stored stored(ZipFile zip, String name, Unpickler.Tensor tensor) {
    Unpickler.Storage storage = tensor.storage();
    Shape shape = file.shape(name, tensor.sizes());
    long bytes = entry(zip, data(storage)).getSize();
    file.require(
        storage.count() >= 0 && storage.count() <= bytes / storage.type().size(),
        data(storage) + " has only " + bytes + " bytes");
    file.require(
        tensor.strides().size() == shape.numDimensions(),
        name + " must have a stride for each axis");
    String type = storage.type().name();
    if (shape.size() == 0) {
      return new Tensors.Stored(shape, type, () -> new float[0]);
    }
    file.require(
        shape.size() <= storage.count(), name + " repeats the numbers it has; save a clone of it");
    total += shape.size() * storage.type().size();
    file.require(total <= LEAST + TIMES * file.size(), "its tensors share numbers many times over");
    long last = last(name, tensor);
    return new Tensors.Stored(shape, type, () -> gathered(shape, tensor, last));
  }

  /** The place of a tensor's last number, which is in its storage. */
  private long last(String name, Unpickler.Tensor tensor) {
    long end = tensor.storage().count() - 1;
    long last = tensor.offset();
    file.require(last >= 0 && last <= end, name + " begins outside of its numbers");
    for (int k = 0; k < tensor.sizes().size(); k++) {
      long steps = tensor.sizes().get(k) - 1;
      long stride = tensor.strides().get(k);
      if (steps > 0) {
        file.require(
            stride >= 0 && (stride == 0 || steps <= (end - last) / stride),
            name + " ends outside of its numbers");
        last += steps * stride;
      }
    }
    return last;
  }

  private float[] gathered(Shape shape, Unpickler.Tensor tensor, long last) {
    Dtype type = tensor.storage().type();
    try (ZipFile zip = new ZipFile(file.path().toFile())) {
      ZipEntry entry = entry(zip, data(tensor.storage()));
      long length = (last - tensor.offset() + 1) * type.size();
      ByteBuffer bytes = bytes(zip, entry, tensor.offset() * type.size(), length);
      float[] numbers = new float[(int) shape.size()];
      for (int i = 0; i < numbers.length; i++) {
        int rest = i;
        long place = 0;
        for (int k = shape.numDimensions() - 1; k >= 0; k--) {
          int axis = (int) shape.get(k);
          place += rest % axis * tensor.strides().get(k);
          rest /= axis;
        }
        numbers[i] = type.read(bytes, (int) place * type.size());
      }
      return numbers;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private String data(Unpickler.Storage storage) {
    return root + "data/" + storage.key();
  }
}
