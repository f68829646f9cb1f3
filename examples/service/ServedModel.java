package service;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kazoku.serve.Outputs;
import kazoku.serve.Predictor;
import kazoku.serve.Stream;
import kazoku.serve.Streams;
import kazoku.serve.TensorSpec;
import kazoku.train.Assets;
import kazoku.train.Sequences;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model that is served: whole sequences and streams, with the texts that were exported with it.
 * A newer version takes its place while calls go on; each answer says which version gave it.
 */
final class ServedModel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);

  private final Predictor predictor;
  private final Optional<Streams> streams;

  private final Map<Path, Version> versions = new ConcurrentHashMap<>();
  private volatile Version newest;

  /**
   * A SavedModel.
   *
   * @param folder where it is
   * @param labels the classes' names; none if it was exported without
   * @param examples instances to try it with, as JSON; none if it was exported without
   */
  record Version(Path folder, List<String> labels, List<String> examples) {
    static Version of(Path folder) {
      return new Version(folder, lines(folder, "labels"), lines(folder, "examples"));
    }

    private static List<String> lines(Path folder, String name) {
      Assets assets = Assets.of(folder);
      return assets.names().contains(name) ? assets.lines(name) : List.of();
    }

    /** The folder's name, which is a number where there are several. */
    String name() {
      return folder.toAbsolutePath().normalize().getFileName().toString();
    }
  }

  private ServedModel(Version version, Predictor predictor, Optional<Streams> streams) {
    this.predictor = predictor;
    this.streams = streams;
    this.newest = version;
    this.versions.put(version.folder(), version);
  }

  /** Loads a SavedModel. */
  static ServedModel load(Path folder, Settings settings) {
    Version version = Version.of(folder);
    Predictor predictor = Predictor.load(folder, settings.serving());
    return new ServedModel(version, predictor, streams(predictor, settings));
  }

  /** None if the model cannot be asked step by step, as one that reads in both directions. */
  private static Optional<Streams> streams(Predictor predictor, Settings settings) {
    try {
      return Optional.of(predictor.streams(settings.stepping(), settings.limits()));
    } catch (IllegalArgumentException e) {
      LOG.info("No streams: {}", e.getMessage());
      return Optional.empty();
    }
  }

  Map<String, TensorSpec> inputs() {
    return predictor.inputs();
  }

  Map<String, TensorSpec> outputs() {
    return predictor.outputs();
  }

  Outputs run(Map<String, Sequences> inputs) {
    return predictor.run(inputs);
  }

  boolean hasStreams() {
    return streams.isPresent();
  }

  Stream open() {
    return streams.orElseThrow().open();
  }

  Stream restore(byte[] saved) {
    return streams.orElseThrow().restore(saved);
  }

  Version newest() {
    return newest;
  }

  /** The version that gave an answer. */
  Version version(Outputs outputs) {
    return versions.get(outputs.folder());
  }

  /**
   * Puts a newer version in the place of this one, which goes on if the newer one does not fit.
   *
   * @throws IllegalArgumentException if it cannot be loaded, or takes or gives something else
   */
  void swap(Path folder) {
    Version before = newest;
    Version version = Version.of(folder);
    versions.put(folder, version);
    predictor.swap(folder);
    newest = version;
    versions.keySet().retainAll(Set.of(before.folder(), folder));
  }

  /** Answers what is under way first. */
  @Override
  public void close() {
    predictor.close();
  }
}
