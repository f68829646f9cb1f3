package service;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.HttpResponseException;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.TooManyRequestsResponse;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;

/** What {@code kazoku.serve} raises, as HTTP says it. */
final class Refusals {
  private Refusals() {}

  /** The status and sentence that the caller is told; what is nobody's fault but ours is raised. */
  static HttpResponseException of(RuntimeException failure) {
    if (failure instanceof HttpResponseException told) {
      return told;
    } else if (failure instanceof IllegalArgumentException) {
      return new BadRequestResponse(Json.shown(failure.getMessage()));
    } else if (failure instanceof RejectedExecutionException) {
      return new TooManyRequestsResponse(Json.shown(failure.getMessage()));
    } else if (failure instanceof CancellationException
        || failure instanceof IllegalStateException) {
      return new ServiceUnavailableResponse(Json.shown(failure.getMessage()));
    }
    throw failure;
  }
}
