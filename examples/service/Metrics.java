package service;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.ExecutorServiceMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** What is counted and measured, as Prometheus reads it. */
final class Metrics implements AutoCloseable {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Of the histograms of times. */
  private static final Duration[] BOUNDS =
      IntStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Counter sequences =
      counter("service.sequences", "Sequences that were answered as a whole");
  private final Counter badMessages =
      counter("service.stream.errors", "Messages of streams that were answered by an error");
  private final Counter swaps = counter("service.versions.taken", "Newer versions, served");
  private final Counter refusals = counter("service.versions.refused", "Versions that do not fit");
  private final Timer stepTime =
      Timer.builder("service.stream.step")
          .description("From a step of a stream to its answer")
          .serviceLevelObjectives(BOUNDS)
          .register(registry);

  Metrics() {
    collections.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private Counter counter(String name, String what) {
    return Counter.builder(name).description(what).register(registry);
  }

  /** How many tasks wait for threads, and how many are under way. */
  void threads(String name, ExecutorService threads) {
    new ExecutorServiceMetrics(threads, name, Tags.empty()).bindTo(registry);
  }

  /** A number that is asked for whenever Prometheus reads. */
  void gauge(String name, String what, Supplier<Number> value) {
    Gauge.builder(name, value).description(what).register(registry);
  }

  /** Counts and times a request. Only routes are told apart: anybody may ask for any address. */
  void request(Context ctx, float milliseconds) {
    Endpoint route = ctx.endpoints().lastHttpEndpoint();
    Timer.builder("http.server.requests")
        .description("Requests and how long they took")
        .tag("route", route == null ? "none" : route.path)
        .tag("method", route == null ? "any" : route.method.name())
        .tag("status", Integer.toString(ctx.statusCode()))
        .serviceLevelObjectives(BOUNDS)
        .register(registry)
        .record(Duration.ofNanos((long) (milliseconds * 1e6)));
  }

  void sequences(int count) {
    sequences.increment(count);
  }

  void step(Duration took) {
    stepTime.record(took);
  }

  void badMessage() {
    badMessages.increment();
  }

  void swapped() {
    swaps.increment();
  }

  void refused() {
    refusals.increment();
  }

  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
