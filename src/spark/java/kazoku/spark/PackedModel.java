package kazoku.spark;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * The files of a SavedModel as they travel: one archive, cut in parts, since no array of Java's is
 * longer than 2 GB.
 *
 * @param key says what is in it: the SHA-256 of the archive
 * @param parts the archive
 */
record PackedModel(String key, byte[][] parts) {
  private static final LocalDateTime ALWAYS = LocalDateTime.of(2000, 1, 1, 0, 0);

  static PackedModel of(Path folder) {
    Parts parts = new Parts();
    DigestOutputStream digested = new DigestOutputStream(parts, sha256());
    try (ZipOutputStream zip = new ZipOutputStream(digested);
        Stream<Path> files = Files.walk(folder)) {
      zip.setLevel(Deflater.BEST_SPEED);
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        ZipEntry entry = new ZipEntry(folder.relativize(file).toString().replace('\\', '/'));
        entry.setTimeLocal(ALWAYS);
        zip.putNextEntry(entry);
        Files.copy(file, zip);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("SparkPredictor: cannot read " + folder, e);
    }
    byte[] digest = digested.getMessageDigest().digest();
    return new PackedModel(HexFormat.of().formatHex(digest), parts.all());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SparkPredictor: every Java must have SHA-256", e);
    }
  }

  /** Writes the files into an empty folder. */
  static void unpack(byte[][] parts, Path folder) throws IOException {
    List<InputStream> streams = new ArrayList<>();
    for (byte[] part : parts) {
      streams.add(new ByteArrayInputStream(part));
    }
    try (ZipInputStream zip =
        new ZipInputStream(new SequenceInputStream(Collections.enumeration(streams)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  /** Keeps what is written. */
  private static final class Parts extends OutputStream {
    private static final int SIZE = 1 << 22;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] part = new byte[SIZE];
    private int used;

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      for (int written = 0; written < count; ) {
        if (used == SIZE) {
          full.add(part);
          part = new byte[SIZE];
          used = 0;
        }
        int fits = Math.min(count - written, SIZE - used);
        System.arraycopy(bytes, from + written, part, used, fits);
        used += fits;
        written += fits;
      }
    }

    byte[][] all() {
      List<byte[]> all = new ArrayList<>(full);
      all.add(Arrays.copyOf(part, used));
      return all.toArray(byte[][]::new);
    }
  }
}
