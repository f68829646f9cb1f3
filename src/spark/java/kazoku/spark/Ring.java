package kazoku.spark;

import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import kazoku.train.Workers;

/**
 * Workers that stand in a ring: each sends to the next one, by TCP, what it has and what it was
 * sent, until all have everything. Spark's own all-gather is asked once, for where they listen: it
 * goes through the driver, and looks only once a second whether all have come.
 *
 * <p>A message is its kind (a byte), its length (four bytes) and its bytes. Who connects sends the
 * secret first that the listener has told by way of Spark.
 */
final class Ring implements Workers, AutoCloseable {
  private static final int PATIENCE_MS = 10_000;
  private static final int LOOK_MS = 1000;
  private static final int SECRET = 16;
  private static final int HEADER = 5;

  /** What a message is. */
  private enum Kind {
    /** What is gathered. */
    VALUES,
    /** The last that is gathered. */
    END,
    /** The number of the worker that has failed, and why; then nothing else comes. */
    FAILURE
  }

  private final int rank;
  private final int count;
  private final BooleanSupplier killed;
  private final ExecutorService sender =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "kazoku-ring");
            thread.setDaemon(true);
            return thread;
          });
  private Socket previous;
  private Socket next;
  private boolean lost;
  private boolean failed;

  private Ring(int rank, int count, BooleanSupplier killed) {
    this.rank = rank;
    this.count = count;
    this.killed = killed;
  }

  /**
   * Joins the others.
   *
   * @param rank which one this is
   * @param count how many there are
   * @param host the name by which others find this process
   * @param exchange gives what all have given to it, by rank, and waits for them
   * @param killed whether to wait no longer
   * @throws UncheckedIOException if they cannot be reached
   */
  static Ring join(
      int rank,
      int count,
      String host,
      Function<String, String[]> exchange,
      BooleanSupplier killed) {
    Ring ring = new Ring(rank, count, killed);
    if (count == 1) {
      return ring;
    }
    try (ServerSocket server = listen(host)) {
      byte[] secret = new byte[SECRET];
      new SecureRandom().nextBytes(secret);
      Address mine = new Address(host, server.getLocalPort(), secret);
      Address other = Address.of(exchange.apply(mine.text())[(rank + 1) % count]);
      ring.next = other.connect();
      ring.previous = ring.accept(server, secret);
      return ring;
    } catch (IOException e) {
      ring.close();
      throw new UncheckedIOException(
          "SparkTraining: worker "
              + rank
              + " cannot reach its neighbours; executors must reach each other by TCP, at ports"
              + " that the system chooses",
          e);
    }
  }

  /** Where a worker listens. */
  private record Address(String host, int port, byte[] secret) {
    String text() {
      return host + " " + port + " " + HexFormat.of().formatHex(secret);
    }

    static Address of(String text) {
      String[] parts = text.split(" ");
      return new Address(parts[0], Integer.parseInt(parts[1]), HexFormat.of().parseHex(parts[2]));
    }

    Socket connect() throws IOException {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(host, port), PATIENCE_MS);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(secret);
        return socket;
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }
  }

  private static ServerSocket listen(String host) throws IOException {
    try {
      return new ServerSocket(0, 0, InetAddress.getByName(host));
    } catch (BindException e) {
      return new ServerSocket(0); // The name by which others know this host is not one of its own.
    }
  }

  /** Waits for the neighbour; others who connect are sent away. */
  private Socket accept(ServerSocket server, byte[] secret) throws IOException {
    server.setSoTimeout(PATIENCE_MS);
    while (true) {
      Socket socket = server.accept();
      try {
        socket.setSoTimeout(LOOK_MS);
        byte[] told = socket.getInputStream().readNBytes(SECRET);
        if (MessageDigest.isEqual(told, secret)) {
          return socket;
        }
      } catch (SocketTimeoutException e) {
        // Whoever it is, it says nothing.
      }
      socket.close();
    }
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int rank() {
    return rank;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if a neighbour is gone
   * @throws IllegalStateException if another worker has failed
   */
  @Override
  public List<byte[]> gather(byte[] mine) {
    return gather(Kind.VALUES, mine);
  }

  /** Gathers for the last time. */
  List<byte[]> end(byte[] mine) {
    return gather(Kind.END, mine);
  }

  private List<byte[]> gather(Kind kind, byte[] mine) {
    byte[][] all = new byte[count][];
    all[rank] = mine;
    byte[] message = mine;
    try {
      look();
      for (int k = 1; k < count; k++) {
        Future<?> sent = send(kind, message);
        message = receive(kind);
        all[(rank - k + count) % count] = message;
        await(sent, kind);
      }
    } catch (IOException e) {
      lost = true;
      throw new UncheckedIOException(
          "SparkTraining: worker " + rank + " has lost its neighbours", e);
    }
    return Arrays.asList(all);
  }

  private Future<?> send(Kind kind, byte[] message) {
    return sender.submit(
        () -> {
          DataOutputStream out = new DataOutputStream(next.getOutputStream());
          out.write(
              ByteBuffer.allocate(HEADER)
                  .put((byte) kind.ordinal())
                  .putInt(message.length)
                  .array());
          out.write(message);
          return null;
        });
  }

  /** Where the next worker does not listen any more, the one before will tell why, or end. */
  private void await(Future<?> sent, Kind kind) throws IOException {
    while (true) {
      try {
        sent.get(LOOK_MS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        look();
      } catch (ExecutionException e) {
        receive(kind);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the task was interrupted");
      }
    }
  }

  /** Whoever is killed ends when it next speaks to others. */
  private void look() throws IOException {
    if (killed.getAsBoolean()) {
      throw new InterruptedIOException("the task was killed");
    }
  }

  private byte[] receive(Kind expected) throws IOException {
    ByteBuffer header = ByteBuffer.wrap(read(HEADER));
    Kind kind = Kind.values()[header.get()];
    byte[] message = read(header.getInt());
    if (kind == Kind.FAILURE) {
      failed = true;
      int who = ByteBuffer.wrap(message).getInt();
      if ((rank + 1) % count != who) {
        tell(message);
      }
      throw new IllegalStateException(
          "SparkTraining: worker %d has failed: %s"
              .formatted(
                  who,
                  new String(
                      message,
                      Integer.BYTES,
                      message.length - Integer.BYTES,
                      StandardCharsets.UTF_8)));
    }
    if (kind != expected) {
      throw new IllegalStateException(
          "SparkTraining: all workers must gather equally often, but one has ended its lesson"
              + " while another waits; let the lesson do the same in all of them");
    }
    return message;
  }

  private byte[] read(int length) throws IOException {
    byte[] bytes = new byte[length];
    InputStream in = previous.getInputStream();
    int at = 0;
    while (at < length) {
      try {
        int some = in.read(bytes, at, length - at);
        if (some < 0) {
          throw new EOFException("its connection has ended");
        }
        at += some;
      } catch (SocketTimeoutException e) {
        look();
      }
    }
    return bytes;
  }

  /**
   * Tells all others that this worker has failed.
   *
   * @param why a sentence
   */
  void fail(String why) {
    byte[] text = why.getBytes(StandardCharsets.UTF_8);
    if (count > 1) {
      tell(ByteBuffer.allocate(Integer.BYTES + text.length).putInt(rank).put(text).array());
    }
  }

  private void tell(byte[] failure) {
    try {
      send(Kind.FAILURE, failure).get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // The next worker has ended itself.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a neighbour has ended without a word. */
  boolean lost() {
    return lost;
  }

  /** Whether another worker has failed. */
  boolean failedElsewhere() {
    return failed;
  }

  @Override
  public void close() {
    sender.shutdownNow();
    try {
      for (Socket socket : new Socket[] {next, previous}) {
        if (socket != null) {
          socket.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("SparkTraining: cannot close a connection", e);
    }
  }
}
