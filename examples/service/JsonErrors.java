package service;

import io.javalin.http.ContentType;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** The server's own errors, such as a header that is too long, in the form of all others. */
final class JsonErrors extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      String message,
      Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, ContentType.JSON);
    Content.Sink.write(response, true, text(code, message), callback);
  }

  private static String text(int status, String message) {
    return Json.error(message == null ? HttpStatus.getMessage(status) : Json.shown(message));
  }
}
