/**
 * Kazoku on Apache Spark: models applied to, and trained on, data that many machines hold.
 *
 * <p>Not part of the library itself, which needs no Spark: the profile {@code spark} makes a jar of
 * its own of it, with the classifier {@code spark}.
 */
package kazoku.spark;
