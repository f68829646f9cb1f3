package kazoku.draw;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A page in a Chromium without a window, driven by its DevTools protocol. */
public final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");
  private static final String LISTENING = "DevTools listening on ";
  private static final int SECONDS = 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path home;
  private final Process process;
  private final WebSocket socket;
  private final String session;
  private final AtomicInteger number = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<JsonNode>> awaited = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  /** Where Chromium is on this machine. */
  public static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it with an empty page.
   *
   * @param program the executable
   */
  public Browser(Path program) throws Exception {
    home = Files.createTempDirectory("chromium");
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + home,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address()), new Listener())
            .get(SECONDS, TimeUnit.SECONDS);
    String target =
        call("Target.createTarget", Map.of("url", "about:blank"), null).get("targetId").asText();
    session =
        call("Target.attachToTarget", Map.of("targetId", target, "flatten", true), null)
            .get("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
  }

  private String address() throws IOException {
    BufferedReader log = process.errorReader();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      if (line.startsWith(LISTENING)) {
        Thread rest = new Thread(() -> log.lines().forEach(ignored -> {}));
        rest.setDaemon(true);
        rest.start();
        return line.substring(LISTENING.length());
      }
    }
    throw new IOException("Chromium does not listen");
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          receive(JSON.readTree(text.toString()));
        } catch (IOException e) {
          complaints.add(e.toString());
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void receive(JsonNode message) {
    if (message.has("id")) {
      open.remove(message.get("id").asInt()).complete(message);
      return;
    }
    String method = message.get("method").asText();
    JsonNode given = message.get("params");
    switch (method) {
      case "Runtime.exceptionThrown" -> complaints.add(given.at("/exceptionDetails").toString());
      case "Log.entryAdded" -> complaints.add(given.at("/entry/text").asText());
      case "Runtime.consoleAPICalled" -> complaints.add(given.get("args").toString());
      case "Network.requestWillBeSent" -> {
        String url = given.at("/request/url").asText();
        if (!url.startsWith("file:") && !url.startsWith("data:")) {
          complaints.add("asks for " + url);
        }
      }
      default -> {}
    }
    CompletableFuture<JsonNode> waiting = awaited.remove(method);
    if (waiting != null) {
      waiting.complete(given);
    }
  }

  private JsonNode call(String method, Map<String, ?> given) throws Exception {
    return call(method, given, session);
  }

  private JsonNode call(String method, Map<String, ?> given, String in) throws Exception {
    int id = number.incrementAndGet();
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(given));
    if (in != null) {
      message.put("sessionId", in);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    open.put(id, answer);
    socket.sendText(message.toString(), true).get(SECONDS, TimeUnit.SECONDS);
    JsonNode said = answer.get(SECONDS, TimeUnit.SECONDS);
    if (said.has("error")) {
      throw new IOException(method + ": " + said.get("error"));
    }
    return said.get("result");
  }

  /** How wide and high the page is, and in which colours. */
  public void view(int width, int height, boolean dark) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /** Opens an address anew and waits until it is loaded. */
  public void open(String url) throws Exception {
    // From a page to a place in the same page there would be no loading.
    load("about:blank");
    load(url);
  }

  private void load(String url) throws Exception {
    CompletableFuture<JsonNode> loaded = new CompletableFuture<>();
    awaited.put("Page.loadEventFired", loaded);
    call("Page.navigate", Map.of("url", url));
    loaded.get(SECONDS, TimeUnit.SECONDS);
  }

  /** The value of an expression of JavaScript, after what it promises is there. */
  public JsonNode ask(String expression) throws Exception {
    JsonNode said =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (said.has("exceptionDetails")) {
      throw new IOException(said.get("exceptionDetails").toString());
    }
    return said.at("/result/value");
  }

  /** Presses a key: {@code Tab}, {@code Enter}, or a letter. */
  public void press(String key) throws Exception {
    Map<String, Integer> codes = Map.of("Tab", 9, "Enter", 13, "/", 191);
    int code = codes.getOrDefault(key, (int) key.toUpperCase().charAt(0));
    String text = key.length() == 1 ? key : key.equals("Enter") ? "\r" : "";
    call(
        "Input.dispatchKeyEvent",
        Map.of("type", "keyDown", "key", key, "text", text, "windowsVirtualKeyCode", code));
    call(
        "Input.dispatchKeyEvent",
        Map.of("type", "keyUp", "key", key, "windowsVirtualKeyCode", code));
  }

  /** Whether pages may run scripts. */
  public void scripts(boolean allowed) throws Exception {
    call("Emulation.setScriptExecutionDisabled", Map.of("value", !allowed));
  }

  /** Errors, console messages, and requests to a network, since the last call. */
  public List<String> complaints() {
    List<String> all = new ArrayList<>(complaints);
    complaints.clear();
    return all;
  }

  @Override
  public void close() throws IOException {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    try (Stream<Path> files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
