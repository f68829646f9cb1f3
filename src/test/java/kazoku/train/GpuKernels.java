package kazoku.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Requests;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.decode.Crf;
import kazoku.decode.Ctc;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.family.Family;
import kazoku.internal.files.Aside;
import kazoku.internal.natives.Kernels;
import kazoku.internal.natives.Natives;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.GaussianNoise;
import kazoku.layers.LayerNorm;
import kazoku.layers.Pooling;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Builds all that Kazoku makes graphs of, and prints the operations that have no kernel for GPUs in
 * the native library, with where they are: the table of docs/performance.md. Nothing is run on a
 * GPU, and none needs to be there; the native library must be one for GPUs.
 */
public final class GpuKernels {
  private static final Shape UNKNOWN = Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE);

  private final Map<String, TreeSet<String>> missing = new TreeMap<>();
  private final TreeSet<String> operations = new TreeSet<>();
  private int graphs;

  private GpuKernels() {}

  /**
   * Prints the table.
   *
   * @param args none
   * @throws IOException if models cannot be written for a time
   */
  public static void main(String[] args) throws IOException {
    if (!Natives.kinds().contains(Kernels.GPU)) {
      throw new IllegalStateException(
          "GpuKernels: the native library must be for CPU, GPU (mvn -Pgpu), got one for "
              + String.join(", ", Natives.kinds()));
    }
    GpuKernels all = new GpuKernels();
    all.cells();
    all.decoders();
    all.savedModels();
    System.out.printf(
        "%nTensorFlow %s, %s: %d graphs, %d operations%n%n",
        TensorFlow.version(), Natives.classifier(), all.graphs, all.operations.size());
    System.out.printf("| operation | where |%n|---|---|%n");
    all.missing.forEach(
        (kind, where) -> System.out.printf("| `%s` | %s |%n", kind, String.join(", ", where)));
  }

  private void look(String where, Graph graph) {
    var def = graph.toGraphDef();
    Kernels.missing(def, Kernels.GPU)
        .kinds()
        .keySet()
        .forEach(kind -> missing.computeIfAbsent(kind, k -> new TreeSet<>()).add(where));
    def.getNodeList().forEach(node -> operations.add(node.getOp()));
    def.getLibrary()
        .getFunctionList()
        .forEach(
            function -> function.getNodeDefList().forEach(node -> operations.add(node.getOp())));
    graphs++;
  }

  /** All cells and wrappers in all their settings, forward and backward, in all forms of a loop. */
  private void cells() {
    Stream.of(Family.configurations(), Family.wrapped())
        .flatMap(List::stream)
        .forEach(
            cell -> {
              RNN rnn = new RNN(cell);
              gradients("cells", rnn, input(cell, Shape.UNKNOWN_SIZE));
              gradients(
                  "cells", rnn.with(new Loop(Loop.Form.WHILE, 2)), input(cell, Shape.UNKNOWN_SIZE));
              gradients("cells", rnn.with(new Loop(Loop.Form.UNROLLED, 1)), input(cell, 3));
            });
  }

  /** What a cell reads, and what stands beside it. */
  private static Function<Ops, Signal> input(Cell cell, long steps) {
    return tf -> {
      Shape rows = Shape.of(Shape.UNKNOWN_SIZE, steps);
      Signal x = new Signal(numbers(tf, rows, cell.input()), lengths(tf));
      Requests requests = Trace.of(cell).requests();
      for (Map.Entry<String, Expr> beside : requests.beside().entrySet()) {
        x = x.beside(beside.getKey(), numbers(tf, rows, beside.getValue().shape()));
      }
      for (Map.Entry<String, Requests.PerRow> memory : requests.perRow().entrySet()) {
        Shape shape = memory.getValue().value().shape();
        x = x.beside(memory.getKey(), numbers(tf, rows.take(1), shape));
      }
      return x;
    };
  }

  private static Operand<TFloat32> numbers(Ops tf, Shape rows, Shape shape) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(rows.append(shape)));
  }

  private static Operand<TInt32> lengths(Ops tf) {
    return tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }

  private static Signal tokens(Ops tf) {
    return new Signal(tf.placeholder(TInt32.class, Placeholder.shape(UNKNOWN)), lengths(tf));
  }

  /** A layer as it is in training, and the gradients by its weights, if it has some. */
  private void gradients(String where, Layer layer, Function<Ops, Signal> input) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      Operand<? extends TNumber> y = layer.apply(weights.in("layer"), input.apply(tf)).value();
      int[] axes = IntStream.range(0, y.asOutput().shape().numDimensions()).toArray();
      Operand<? extends TNumber> sum = tf.reduceSum(y, tf.constant(axes));
      if (!weights.trainable().isEmpty()) {
        Gradients.of(tf, tf.dtypes.cast(sum, TFloat32.class), weights.trainable());
      }
      look(where, graph);
    }
  }

  /** Sequences that are made or found; nothing is trained by them. */
  private void decoders() {
    Function<Ops, Signal> scores = tf -> new Signal(numbers(tf, UNKNOWN, Shape.of(4)), lengths(tf));
    look("Crf", new Crf(4).decoding(), scores);
    look("CTC", new Ctc().decoding(), scores);
    look("CTC", new Ctc().decoding(3), scores);
    Cell cell = new GRUCell(3, 4);
    EncoderDecoder translator =
        new EncoderDecoder(
            new Embedding(5, 3), new RNN(cell), new Decoder(new GRUCell(3, 4), 5, 0, 1, 6));
    gradients("decoders", translator, tf -> tokens(tf).beside("target", tokens(tf)));
    look("decoders", translator.greedy(), GpuKernels::tokens);
    look("decoders", translator.sample(0.8), GpuKernels::tokens);
    look("decoders", translator.beam(2, 0.5), GpuKernels::tokens);
  }

  private void look(String where, Layer layer, Function<Ops, Signal> input) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 1);
      layer.apply(weights.in("layer").forInference(), input.apply(tf));
      look(where, graph);
    }
  }

  /** SavedModels that can be trained further: each optimizer, each loss, the other layers. */
  private void savedModels() throws IOException {
    Layer dense = new Dense(2, 3, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
    Optimizer usual = new Adam(0.1);
    for (Optimizer optimizer : optimizers()) {
      savedModel("optimizers", dense, optimizer, Loss.meanSquaredError());
    }
    for (Loss loss : losses()) {
      savedModel("losses", dense, usual, loss);
    }
    Layer scores =
        new Sequential(
            new RNN(new LSTMCell(2, 3)),
            new Dense(3, 4, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    savedModel("Crf", new Sequential(scores, new Crf(4)), usual, Crf.loss());
    savedModel("CTC", scores, usual, new Ctc().loss());
    savedModel(
        "layers",
        new Sequential(
            new BatchNorm(2),
            new Conv1D(2, 3, 3),
            new LayerNorm(3),
            new GaussianNoise(0.1),
            new Dropout(0.5),
            new Bidirectional(new LSTMCell(3, 4)),
            Pooling.max()),
        usual,
        Loss.meanSquaredError());
    savedModel(
        "layers",
        new Sequential(new Embedding(5, 2, 0), new RNN(new LSTMCell(2, 3)).last()),
        usual,
        Loss.meanSquaredError());
  }

  private void savedModel(String where, Layer layer, Optimizer optimizer, Loss loss)
      throws IOException {
    Path folder = Files.createTempDirectory("gpu-kernels");
    try (Model model = Model.of(layer, 1)) {
      Path place = folder.resolve("model");
      model.export(place, Export.variables().trainable(optimizer, loss));
      try (SavedModelBundle bundle = SavedModelBundle.load(place.toString())) {
        look(where, bundle.graph());
      }
    } finally {
      Aside.delete(folder);
    }
  }

  private static List<Optimizer> optimizers() {
    return List.of(
        new GradientDescent(0.1),
        new GradientDescent(0.1).momentum(0.9),
        new Adagrad(0.1),
        new Adadelta(0.1),
        new RMSprop(0.1),
        new Adam(0.1).amsgrad(true),
        new AdaMax(0.1),
        new NAdam(0.1),
        new RAdam(0.1),
        new FTRL(0.1),
        new LAMB(0.1),
        new Lion(0.1),
        new Adafactor(0.1),
        new Rprop(0.1),
        new Adam(Schedule.cosine(0.1, 400, 0.001).warmUp(5))
            .weightDecay(0.1)
            .clip(1)
            .average(0.9)
            .every(3));
  }

  private static List<Loss> losses() {
    return List.of(
        Loss.softmaxCrossEntropy(),
        Loss.categoricalCrossEntropy(),
        Loss.binaryCrossEntropy(),
        Loss.klDivergence(),
        Loss.meanAbsoluteError(),
        Loss.huber(1),
        Loss.logCosh(),
        Loss.quantile(0.2, 0.5, 0.8),
        Loss.poisson(),
        Loss.cosine(),
        Loss.hinge(),
        Loss.categoricalHinge());
  }
}
