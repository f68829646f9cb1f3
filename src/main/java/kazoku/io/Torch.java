package kazoku.io;

import java.nio.file.Path;

/** PyTorch's files. */
public final class Torch {
  private Torch() {}

  /** Reads. @param path the file @return what it has */
  public static Tensors read(Path path) {
    return TorchArchive.read(path);
  }
}
