/**
 * Serving: models that are trained answer many threads at once.
 *
 * <p>{@link kazoku.serve.Predictor} is a SavedModel, or a copy of a {@link kazoku.train.Model},
 * that any thread may ask for rows of different lengths. A newer version takes its place while
 * calls go on, and none fails.
 *
 * <pre>{@code
 * Serving serving = Serving.DEFAULT.batching(32, Duration.ofMillis(2)).queue(500);
 * try (Predictor predictor = Predictor.load(Path.of("speaker-model"), serving)) {
 *   float[] scores = predictor.predict(utterance);
 *   predictor.swap(Path.of("speaker-model-2"));
 * }
 * }</pre>
 *
 * <p>{@link kazoku.serve.Streams} is for sequences that come step by step, thousands at a time:
 * each {@link kazoku.serve.Stream} has a state of its own, which can be saved and restored; {@link
 * kazoku.serve.Limits} says how many are kept.
 *
 * <pre>{@code
 * try (Streams streams = Streams.load(Path.of("speaker-model"))) {
 *   Stream stream = streams.open();
 *   float[] scores = stream.feed(step);
 *   byte[] saved = stream.save();
 * }
 * }</pre>
 *
 * <p>A service that answers both has {@link kazoku.serve.Predictor#streams() predictor.streams()}:
 * the model is in memory once, and one swap gives both the newer version.
 *
 * <p>{@link kazoku.serve.Serving} says by which signature and in what session, and whether
 * concurrent callers share runs: under load, small models answer more calls a second when those
 * that wait are run together. Models exported as {@code Export.frozen()} have the fastest session.
 *
 * <p>A service shows its clients three kinds of failure. {@link IllegalArgumentException}: what was
 * asked does not fit. {@link java.util.concurrent.RejectedExecutionException}: too many wait; try
 * again later. {@link IllegalStateException}: the service is closing, or ({@link
 * kazoku.serve.EvictedException}) a stream has waited too long. {@code examples/service} is such a
 * service, over HTTP: {@link kazoku.serve.Predictor#inputs} tells it what to read, and {@link
 * kazoku.serve.Outputs#folder} which version has answered.
 */
package kazoku.serve;
