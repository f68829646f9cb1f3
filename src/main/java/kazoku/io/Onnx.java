package kazoku.io;

import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Built;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import kazoku.train.Frozen;
import kazoku.train.Model;
import kazoku.train.View;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Models in the form of ONNX, for runtimes that are not TensorFlow.
 *
 * <pre>{@code
 * Onnx.write(Path.of("names.onnx"), model);
 * }</pre>
 *
 * <p>Inputs and outputs have the names by which models are served: {@code input} {@code [batch,
 * time, I]}, or tokens {@code [batch, time]}, int32; {@code lengths} {@code [batch]}, int32, where
 * a layer looks at them; {@code output}; other inputs and outputs by their own names. Numbers are
 * float32. Batch and time may be of any size from run to run, at least 1 (ONNX Runtime refuses
 * scans without steps). Lengths and masks mean what they mean here: outputs past a row's length are
 * zeros, and states are those after its last valid step.
 *
 * <p>Recurrences become ONNX's operators RNN, GRU and LSTM where these compute the same, wherever
 * they stand in a model, one operator for each direction; otherwise a {@code Scan} whose body is
 * one step.
 *
 * <ul>
 *   <li>Operators: {@code ElmanRNNCell}, {@code GRUCell}, {@code GRUResetAfterCell}, {@code
 *       LSTMCell} and {@code PeepholeLSTMCell}, without clip, with activations that both have, and
 *       without a mask (which may have holes; lengths have none). Also inside of other cells whose
 *       own part looks at no state: stacks, residual and highway ways, projections, embedding, what
 *       is dropped out or drawn in training only, trained first states.
 *   <li>A {@code Scan}: every other cell of {@code kazoku.cells} and {@code kazoku.wrap}, cells of
 *       one's own whose operations ONNX has, and what decodes step by step: {@code greedy}, {@code
 *       beam}, the best labels of a {@code Crf}.
 * </ul>
 *
 * <p>Nothing becomes a {@code Loop}. What depends on weights only is computed while writing;
 * weights that are used as they are keep their names.
 *
 * <p>Source: <a href="https://onnx.ai/onnx/operators/">ONNX</a>, IR version 8, operators of version
 * 17.
 */
public final class Onnx {
  private static final String WHO = "Onnx";

  private Onnx() {}

  /**
   * Writes a model as it is used: nothing is dropped out. The file is written aside and then moved
   * into place.
   *
   * @param path where to; an older file is replaced
   * @param model the model
   * @throws IllegalArgumentException if something has no form in ONNX, such as what is drawn at
   *     random, a loop that is not one over steps, or a value of text; it says in which layer
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, Model model) {
    Checks.given(WHO, "model", model);
    write(path, model.view());
  }

  /**
   * Writes another layer on a model's weights, such as the decoding of what it has learnt: {@code
   * Onnx.write(file, model.view(adder.beam(5, 0.6), Inputs.tokens()))}.
   *
   * @param path where to; an older file is replaced
   * @param view the layer and its inputs
   * @throws IllegalArgumentException as {@link #write(Path, Model)}
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, View view) {
    Checks.given(WHO, "path", path);
    Checks.given(WHO, "view", view);
    OnnxMessage message = message(view);
    Aside.file(
        WHO,
        path,
        aside -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(aside))) {
            message.build().writeTo(out);
          }
        });
  }

  private static OnnxMessage message(View view) {
    try (Graph graph = new Graph()) {
      List<OnnxGraph.Recurrence> recurrences = new ArrayList<>();
      Frozen frozen = view.frozen(Ops.create(graph), new OnnxLowering(recurrences));
      OnnxGraph onnx = OnnxGraph.of(graph, frozen.weights(), recurrences);
      try {
        return message(onnx, frozen);
      } catch (OnnxGraph.Missing e) {
        throw new IllegalArgumentException(
            WHO
                + ": "
                + layer(graph, frozen, e.operation())
                + " must be made of what ONNX has; export a SavedModel, or leave the layer out, got"
                + " "
                + e.getMessage(),
            e);
      }
    }
  }

  private static OnnxMessage message(OnnxGraph onnx, Frozen frozen) {
    Map<String, Operand<? extends TNumber>> inputs = frozen.inputs();
    inputs.forEach((name, value) -> onnx.bind(value, onnx.unique(name)));
    Map<String, Operand<? extends TNumber>> outputs = new LinkedHashMap<>();
    frozen.outputs().forEach((name, value) -> outputs.put(onnx.unique(name), value));
    onnx.write(outputs.values());
    List<OnnxMessage> takes = new ArrayList<>();
    inputs.forEach(
        (name, value) -> {
          if (takes.isEmpty() || onnx.isUsed(name)) {
            String time = takes.isEmpty() || name.equals("lengths") ? "time" : name + "_time";
            takes.add(
                OnnxMessage.value(
                    name, value.type(), value.asOutput().shape(), List.of("batch", time)));
          }
        });
    Map<String, OnnxMessage> gives = new LinkedHashMap<>();
    outputs.forEach(
        (name, value) -> {
          onnx.add("Identity", List.of(onnx.name(value)), List.of(name), Map.of());
          gives.put(
              name,
              OnnxMessage.value(
                  name, value.type(), value.asOutput().shape(), List.of("batch", name + "_time")));
        });
    return OnnxMessage.model(onnx.build("kazoku", takes, gives).graph());
  }

  /** The layer that an operation was made for: the first that was done after it. */
  private static String layer(Graph graph, Frozen frozen, GraphOperation operation) {
    if (operation == null) {
      return "the model";
    }
    Map<String, Integer> order = new LinkedHashMap<>();
    for (Iterator<GraphOperation> all = graph.operations(); all.hasNext(); ) {
      order.put(all.next().name(), order.size());
    }
    int place = order.get(operation.name());
    return frozen.built().stream()
        .filter(built -> order.get(built.output().value().op().name()) >= place)
        .findFirst()
        .map(Onnx::text)
        .orElse("the model");
  }

  private static String text(Built built) {
    String what = built.what().getClass().getSimpleName();
    return built.path().isEmpty() ? what : built.path() + " (" + what + ")";
  }
}
