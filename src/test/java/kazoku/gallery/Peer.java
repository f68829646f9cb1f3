package kazoku.gallery;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** By whom an implementation is that numbers were compared with. */
enum Peer {
  KERAS("Keras", "(?i)keras (?!.*inside).*|Keras .*"),
  PYTORCH("PyTorch", "torch(\\.nn\\S*)? .*"),
  TENSORFLOW("TensorFlow 1", "(tensorflow 1\\.\\S+ )?tf\\..*"),
  ADDONS("TensorFlow Addons", "tensorflow-addons .*"),
  JAX("Flax, Haiku, Sonnet", "(?i)(flax|haiku|dm-haiku|dm-sonnet|sonnet) .*"),
  MXNET("MXNet", "mxnet .*"),
  TORCHRECURRENT("torchrecurrent", "torchrecurrent .*"),
  OTHERS("authors and others", ".*");

  private static final Pattern REPOSITORY = Pattern.compile("[\\w-]+/[\\w-]+");

  private final String label;
  private final Pattern libraries;

  Peer(String label, String libraries) {
    this.label = label;
    this.libraries = Pattern.compile(libraries);
  }

  String label() {
    return label;
  }

  /** What a library is called beside others: the label, its repository, or its own name. */
  String name(String library) {
    Matcher repository = REPOSITORY.matcher(library);
    return this != OTHERS
        ? label
        : repository.find() ? repository.group() : library.split(" ?\\(| \\d+\\.")[0];
  }

  static Peer of(String library) {
    return Arrays.stream(values())
        .filter(peer -> peer.libraries.matcher(library).matches())
        .findFirst()
        .orElseThrow();
  }
}
