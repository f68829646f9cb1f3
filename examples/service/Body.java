package service;

import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import io.javalin.http.RequestTimeoutResponse;
import io.javalin.http.UnsupportedMediaTypeResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import kazoku.train.Sequences;

/** The body of a request. */
final class Body {
  private Body() {}

  /** The model's inputs, by name. */
  static Map<String, Sequences> inputs(Context ctx, ServedModel model, Settings settings)
      throws IOException {
    if (!ctx.isJson()) {
      throw new UnsupportedMediaTypeResponse("the content type must be application/json");
    }
    return new Instances(model.inputs(), settings).body(bytes(ctx, settings));
  }

  /** All of it, unless it is too long or comes drop by drop. */
  private static byte[] bytes(Context ctx, Settings settings) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[1 << 13];
    long start = System.nanoTime();
    InputStream from = ctx.bodyInputStream();
    for (int count = from.read(part); count >= 0; count = from.read(part)) {
      body.write(part, 0, count);
      if (body.size() > settings.maxBody) {
        throw new ContentTooLargeResponse(
            "the body must have at most " + settings.maxBody + " bytes");
      }
      if (System.nanoTime() - start > settings.limit().toNanos()) {
        throw new RequestTimeoutResponse(
            "the body must come within " + Settings.shown(settings.timeout) + " s");
      }
    }
    return body.toByteArray();
  }
}
