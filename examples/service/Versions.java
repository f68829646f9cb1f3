package service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into a folder of versions 1, 2, … every now and then, as TensorFlow Serving does, and puts
 * the newest that is there in the place of the one that is served.
 */
final class Versions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Versions.class);

  private final Path folder;
  private final ServedModel model;
  private final Metrics metrics;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Threads.named("versions"));

  /** How the newest one was at the last look, and how one was that did not fit. */
  private String before = "";

  private String refused = "";

  Versions(Path folder, ServedModel model, Metrics metrics, double seconds) {
    this.folder = folder;
    this.model = model;
    this.metrics = metrics;
    long period = Math.round(seconds * 1000);
    thread.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
  }

  static boolean isModel(Path folder) {
    return Files.isRegularFile(folder.resolve("saved_model.pb"));
  }

  /** The SavedModel in the folder with the highest number. */
  static Optional<Path> newest(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().matches("\\d{1,18}"))
          .filter(Versions::isModel)
          .max(Comparator.comparingLong(path -> Long.parseLong(path.getFileName().toString())));
    }
  }

  private void look() {
    try {
      Optional<Path> newest = newest(folder);
      if (newest.isPresent() && !newest.get().equals(model.newest().folder())) {
        take(newest.get());
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot look for versions in {}: {}", folder, e.toString());
    }
  }

  /** Takes a version that was the same at two looks, and so is not being written any more. */
  private void take(Path version) throws IOException {
    String now = state(version);
    boolean complete = now.equals(before);
    before = now;
    if (!complete || now.equals(refused)) {
      return;
    }
    try {
      model.swap(version);
      metrics.swapped();
      LOG.info("Serving version {}", version.getFileName());
    } catch (RuntimeException e) {
      refused = now;
      metrics.refused();
      LOG.warn(
          "Version {} is not served, {} goes on: {}",
          version.getFileName(),
          model.newest().name(),
          e.getMessage());
    }
  }

  /** Names, sizes and times of all its files. */
  private static String state(Path version) throws IOException {
    try (Stream<Path> all = Files.walk(version)) {
      StringBuilder state = new StringBuilder();
      for (Path path : all.sorted().toList()) {
        state.append(path).append(' ').append(Files.size(path)).append(' ');
        state.append(Files.getLastModifiedTime(path)).append('\n');
      }
      return state.toString();
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    Threads.await(thread, Duration.ofMinutes(1));
  }
}
