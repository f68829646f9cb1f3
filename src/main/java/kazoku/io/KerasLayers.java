package kazoku.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Weights.Draw;
import kazoku.layers.ActivationLayer;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.GaussianNoise;
import kazoku.layers.LayerNorm;
import kazoku.layers.Masking;
import kazoku.layers.Pooling;
import kazoku.layers.Repeat;
import kazoku.layers.TimeDistributed;

/** Makes layers of the settings of Keras' layers that have one input and none inside of a graph. */
final class KerasLayers {
  /** Where tables start in Keras. */
  static final Initializer TABLE = Initializer.uniform(-0.05, 0.05);

  private KerasLayers() {}

  /**
   * A layer.
   *
   * @param c its settings
   * @param x what it takes
   */
  static KerasPiece read(KerasConfig c, Flow x) {
    return read(c, List.of(x), false);
  }

  /**
   * A layer.
   *
   * @param c its settings
   * @param flows what it takes: states beside the first if it is recurrent
   * @param maskGiven whether the file says that it is given a mask
   */
  static KerasPiece read(KerasConfig c, List<Flow> flows, boolean maskGiven) {
    c.require(flows.size() == 1 || KerasRecurrences.has(c), "has several inputs");
    KerasPiece piece =
        KerasRecurrences.has(c)
            ? KerasRecurrences.read(c, flows, maskGiven)
            : plain(c, flows.get(0));
    return c.flag("trainable", true) ? piece : piece.frozen();
  }

  private static KerasPiece plain(KerasConfig c, Flow x) {
    return switch (c.className()) {
      case "TimeDistributed" -> timeDistributed(c, x);
      case "Sequential" -> KerasGraph.sequential(c, x).piece();
      case "Functional", "Model" -> KerasGraph.functional(c, List.of(x)).piece();
      case "Embedding" -> embedding(c, x);
      case "Dense" -> dense(c, x);
      case "LayerNormalization" -> layerNorm(c, x);
      case "BatchNormalization" -> batchNorm(c, x);
      case "Conv1D", "Convolution1D" -> convolution(c, x);
      case "Masking" -> masking(c, x);
      case "GlobalMaxPooling1D", "GlobalMaxPool1D" -> pooling(c, x, Pooling.max(), false);
      case "GlobalAveragePooling1D", "GlobalAvgPool1D" -> pooling(c, x, Pooling.mean(), true);
      case "Dropout" -> dropout(c, x);
      case "SpatialDropout1D" ->
          KerasPiece.of(c.made(() -> new Dropout(c.number("rate", 0), Draw.EACH_ROW)), x);
      case "GaussianNoise" ->
          KerasPiece.of(c.made(() -> new GaussianNoise(c.number("stddev", 0))), x);
      case "Activation" ->
          KerasPiece.of(new ActivationLayer(c.activation("activation", "linear")), x);
      case "RepeatVector" -> repeat(c, x);
      case "Add", "Concatenate" -> throw c.fault("must have several inputs");
      default -> throw c.fault("has no counterpart here; layers of one's own are never executed");
    };
  }

  static void rank(KerasConfig c, Flow x, int rank) {
    c.require(x.rank() == rank, "takes " + rank + " axes after that of the batch, got " + x);
  }

  /** The size of the last axis, which must be known. */
  static int channels(KerasConfig c, Flow x) {
    c.require(x.last() > 0, "must know the size of the last axis, got " + x);
    return x.last();
  }

  private static KerasPiece timeDistributed(KerasConfig c, Flow x) {
    c.require(x.isSequence(), "takes sequences, got " + x);
    KerasPiece inner = read(c.inner("layer"), x.step());
    c.require(inner.outputs().size() == 1, "must have a layer with one output");
    Layer layer = new TimeDistributed(inner.layer());
    Map<String, Values> constants =
        inner.constants().entrySet().stream()
            .collect(Collectors.toMap(e -> "layer/" + e.getKey(), Map.Entry::getValue));
    return new KerasPiece(
        x.masked() ? new Blind(layer, true) : layer,
        List.of(Flow.of(x.sizes().get(0), inner.output().sizes(), x.masked())),
        List.of(""),
        KerasVariables.below("layer", "layer", inner.variables()),
        constants);
  }

  // Layers of rows and steps.

  private static KerasPiece embedding(KerasConfig c, Flow x) {
    c.require(x.rank() <= 2, "takes tokens, got " + x);
    boolean skips = c.flag("mask_zero", false);
    c.require(!skips || x.rank() == 1, "has masks of more than one axis");
    List<Integer> sizes = new ArrayList<>(x.sizes());
    sizes.add(c.size("output_dim"));
    return KerasPiece.of(
        new Embedding(
            c.size("input_dim"), c.size("output_dim"), skips ? 0 : Embedding.NO_PADDING, TABLE),
        new Flow(sizes, skips));
  }

  private static KerasPiece dense(KerasConfig c, Flow x) {
    int units = c.size("units");
    Layer layer =
        new Dense(
            channels(c, x),
            units,
            c.activation("activation", "linear"),
            Initializer.GLOROT_UNIFORM);
    return KerasPiece.of(
        layer, x.to(units), c.flag("use_bias", true) ? Map.of() : Map.of("b", c.filled(0, units)));
  }

  /** Gains and shifts that are not there are ones and zeros. */
  private static Map<String, Values> normalisation(KerasConfig c, int size) {
    Map<String, Values> constants = new LinkedHashMap<>();
    if (!c.flag("scale", true)) {
      constants.put("gamma", c.filled(1, size));
    }
    if (!c.flag("center", true)) {
      constants.put("beta", c.filled(0, size));
    }
    return constants;
  }

  private static void lastAxis(KerasConfig c, Flow x) {
    var axis = c.config().path("axis");
    var only = axis.isArray() && axis.size() == 1 ? axis.get(0) : axis;
    boolean last =
        only.isMissingNode()
            || only.isIntegralNumber() && (only.intValue() == -1 || only.intValue() == x.rank());
    c.require(last, "normalises along another axis than the last");
  }

  private static KerasPiece layerNorm(KerasConfig c, Flow x) {
    lastAxis(c, x);
    c.require(!c.flag("rms_scaling", false), "scales by the root mean square, which is not read");
    int size = channels(c, x);
    Layer layer = c.made(() -> new LayerNorm(size, c.number("epsilon", 1e-3)));
    return KerasPiece.of(layer, x, normalisation(c, size));
  }

  private static KerasPiece batchNorm(KerasConfig c, Flow x) {
    lastAxis(c, x);
    int size = channels(c, x);
    Layer layer =
        c.made(
            () ->
                new BatchNorm(
                    size, 1 - c.number("momentum", 0.99), c.number("epsilon", 1e-3), false));
    return KerasPiece.of(layer, x, normalisation(c, size));
  }

  private static KerasPiece convolution(KerasConfig c, Flow x) {
    rank(c, x, 2);
    c.only("data_format", "channels_last");
    c.only("groups", "1");
    int stride = c.sameSize("strides", 1);
    Conv1D.Padding padding =
        switch (c.text("padding", "valid")) {
          case "causal" -> Conv1D.Padding.CAUSAL;
          case "same" -> Conv1D.Padding.SAME;
          case "valid" -> Conv1D.Padding.VALID;
          default -> throw c.fault("has an unknown padding");
        };
    int filters = c.size("filters");
    Layer layer =
        c.made(
            () ->
                new Conv1D(
                    channels(c, x),
                    filters,
                    c.sameSize("kernel_size", 1),
                    stride,
                    c.sameSize("dilation_rate", 1),
                    padding,
                    c.activation("activation", "linear"),
                    c.flag("use_bias", true)));
    boolean keepsSteps = stride == 1 && padding != Conv1D.Padding.VALID;
    Flow output = new Flow(List.of(keepsSteps ? x.sizes().get(0) : -1, filters), false);
    return blind(KerasPiece.of(layer, output), x);
  }

  /** A layer that does not see masks, where there is one. */
  private static KerasPiece blind(KerasPiece piece, Flow x) {
    return x.masked() ? piece.in(new Blind(piece.layer(), false)) : piece;
  }

  private static KerasPiece masking(KerasConfig c, Flow x) {
    rank(c, x, 2);
    return KerasPiece.of(c.made(() -> new Masking(c.number("mask_value", 0))), x.masked(true));
  }

  private static KerasPiece pooling(KerasConfig c, Flow x, Pooling pooling, boolean seesMasks) {
    rank(c, x, 2);
    c.only("data_format", "channels_last");
    c.require(!c.flag("keepdims", false), "keeps the axis of time, which is not read");
    KerasPiece piece = KerasPiece.of(pooling, x.step());
    return seesMasks ? piece : blind(piece, x);
  }

  private static KerasPiece dropout(KerasConfig c, Flow x) {
    double rate = c.number("rate", 0);
    String noise = c.has("noise_shape") ? c.config().get("noise_shape").toString() : "null";
    c.require(
        x.rank() == 2 || noise.equals("null"), "has a noise_shape of something else than steps");
    return KerasPiece.of(
        c.made(
            () ->
                switch (noise) {
                  case "null", "[null,null,null]" -> new Dropout(rate);
                  case "[null,1,null]" -> new Dropout(rate, Draw.EACH_ROW);
                  case "[null,null,1]" -> new Dropout(rate, Draw.EACH_STEP, true);
                  default -> throw c.fault("has an unusual noise_shape");
                }),
        x);
  }

  private static KerasPiece repeat(KerasConfig c, Flow x) {
    rank(c, x, 1);
    int steps = c.size("n");
    return KerasPiece.of(new Repeat(steps), Flow.of(steps, x.sizes(), false));
  }
}
