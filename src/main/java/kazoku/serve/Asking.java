package kazoku.serve;

import kazoku.train.Export;

/**
 * What a model is asked for.
 *
 * @param who asks, for people
 * @param steps whether for the next steps of streams, not for whole sequences
 * @param signature the signature by which
 */
record Asking(String who, boolean steps, String signature) {

  static Asking forSequences(String who, Serving serving) {
    return new Asking(who, false, serving.signatureOr(Export.SERVING_DEFAULT));
  }

  static Asking forSteps(String who, Serving serving) {
    return new Asking(who, true, serving.signatureOr(Export.STEP));
  }
}
