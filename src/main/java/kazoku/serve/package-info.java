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
 * <p>{@link kazoku.serve.Serving} says by which signature and in what session, and whether
 * concurrent callers share runs: small models answer more calls a second when those that wait are
 * run together.
 */
package kazoku.serve;
