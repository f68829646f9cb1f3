package service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks a service as any client would. */
final class Client {
  static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI address;

  Client(Service service) {
    this.address = service.address();
  }

  /**
   * An answer.
   *
   * @param body what it says; null if it is no JSON
   */
  record Answer(int status, JsonNode body, String text, HttpResponse<String> response) {
    String error() {
      return body.path("error").asText();
    }
  }

  Answer get(String path) {
    return send("GET", path, HttpRequest.BodyPublishers.noBody());
  }

  Answer post(String path, String body) {
    return send("POST", path, HttpRequest.BodyPublishers.ofString(body));
  }

  Answer predict(float[][]... sequences) {
    return post("/v1/predict", Toys.instances(sequences));
  }

  Answer send(String method, String path, HttpRequest.BodyPublisher body) {
    return send(request(path).method(method, body).header("Content-Type", "application/json"));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(30));
  }

  Answer send(HttpRequest.Builder request) {
    try {
      var response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      String text = response.body();
      return new Answer(
          response.statusCode(), text.startsWith("{") ? json(text) : null, text, response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Socket socket() {
    Socket socket = new Socket();
    socket.socket = socket(HTTP.newWebSocketBuilder(), socket).join();
    return socket;
  }

  CompletableFuture<WebSocket> socket(WebSocket.Builder builder, WebSocket.Listener listener) {
    URI stream = URI.create("ws" + address.resolve("/v1/stream").toString().substring(4));
    return builder.buildAsync(stream, listener);
  }

  /** The status by which no socket is opened. */
  int refusedSocket(WebSocket.Builder builder) {
    try {
      socket(builder, new Socket()).join().abort();
      throw new AssertionError("a socket was opened");
    } catch (CompletionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }

  /** A WebSocket whose messages are waited for. */
  static final class Socket implements WebSocket.Listener, AutoCloseable {
    private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder part = new StringBuilder();
    private WebSocket socket;

    void send(String message) {
      socket.sendText(message, true).join();
    }

    /** The next message; {@code closed 1001 reason} if there is none any more. */
    String next() {
      try {
        String message = messages.poll(30, TimeUnit.SECONDS);
        if (message == null) {
          throw new AssertionError("no message within 30 s");
        }
        return message;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    JsonNode ask(String message) {
      send(message);
      return json(next());
    }

    JsonNode step(float[] x) {
      return ask("{\"step\":" + Toys.json(x) + "}");
    }

    WebSocket raw() {
      return socket;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      part.append(text);
      if (last) {
        messages.add(part.toString());
        part.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      messages.add("closed " + status + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      messages.add("failed " + error);
    }

    @Override
    public void close() {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").exceptionally(e -> null).join();
    }
  }
}
