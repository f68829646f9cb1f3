package service;

import io.javalin.config.RoutesConfig;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The page that shows the service at work, three files from the class path. */
final class Page {
  private Page() {}

  static void add(RoutesConfig routes) {
    add(routes, "/", "index.html", ContentType.TEXT_HTML);
    add(routes, "/style.css", "style.css", ContentType.TEXT_CSS);
    add(routes, "/script.js", "script.js", ContentType.TEXT_JS);
  }

  private static void add(RoutesConfig routes, String path, String file, ContentType type) {
    byte[] bytes = bytes("page/" + file);
    routes.get(path, ctx -> secured(ctx).contentType(type).result(bytes));
  }

  /** It loads nothing from elsewhere, and no other page may frame it. */
  private static Context secured(Context ctx) {
    return ctx.header(
            "Content-Security-Policy", "default-src 'self'; img-src data:; frame-ancestors 'none'")
        .header("Cache-Control", "no-cache");
  }

  private static byte[] bytes(String name) {
    try (InputStream from = Page.class.getResourceAsStream(name)) {
      return from.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
