package kazoku.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import kazoku.io.OnnxMessage.Constant;
import org.tensorflow.GraphOperation;
import org.tensorflow.OperationAttributeInspector;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** The form that each operation of TensorFlow has in ONNX. */
final class OnnxOperations {
  private OnnxOperations() {}

  /** Writes an operation, and gives the names of its outputs. */
  @FunctionalInterface
  private interface Form {
    List<String> write(Call c);
  }

  private static final String CAST = "Cast";
  private static final String SLICE = "Slice";
  private static final String WHERE = "Where";
  private static final int BOOL = 9;
  private static final int INT32 = 6;

  /** Operations whose value is not given by their inputs. */
  private static final Set<String> OPEN =
      Set.of(
          "Placeholder",
          "RandomUniform",
          "RandomUniformInt",
          "RandomStandardNormal",
          "TruncatedNormal",
          "Multinomial",
          "VariableV2");

  private static final Map<String, Form> FORMS = new HashMap<>();

  /** Whether an operation always gives the same for the same inputs. */
  static boolean isFunction(GraphOperation operation) {
    return !OPEN.contains(operation.type());
  }

  static List<String> write(OnnxGraph graph, GraphOperation operation) {
    Form form = FORMS.get(operation.type());
    if (form == null) {
      throw new OnnxGraph.Missing("TensorFlow's operation " + operation.type());
    }
    return form.write(new Call(graph, operation));
  }

  /** An operation that is written. */
  private record Call(OnnxGraph graph, GraphOperation op) {
    int count() {
      return op.numInputs();
    }

    String in(int k) {
      return graph.name(op.input(k));
    }

    String[] all(int from, int to) {
      return IntStream.range(from, to).mapToObj(this::in).toArray(String[]::new);
    }

    String wide(int k) {
      return graph.wide(op.input(k));
    }

    /** Whole numbers that must be known while writing. */
    long[] ints(int k) {
      Constant value = graph.known(op.input(k));
      if (value == null) {
        throw missing("places that depend on the data");
      }
      return value.longs();
    }

    long axis(int k) {
      return ints(k)[0];
    }

    OnnxGraph.Missing missing(String what) {
      return new OnnxGraph.Missing("TensorFlow's operation " + op.type() + " with " + what);
    }

    Class<?> type(int k) {
      return op.input(k).type();
    }

    boolean whole(int k) {
      return type(k) == TInt32.class || type(k) == TInt64.class;
    }

    int rank(int k) {
      Shape shape = op.input(k).shape();
      if (shape.isUnknown()) {
        throw missing("an input of any number of axes");
      }
      return shape.numDimensions();
    }

    OperationAttributeInspector attributes() {
      return op.attributes();
    }

    String node(String type, String... inputs) {
      return graph.node(type, Map.of(), inputs);
    }

    String node(String type, Map<String, Object> attributes, String... inputs) {
      return graph.node(type, attributes, inputs);
    }

    String longs(long... values) {
      return graph.constant(Constant.of(values));
    }

    String cast(String value, int type) {
      return node(CAST, Map.of("to", type), value);
    }

    /** A number in the type of an input. */
    String like(int k, double number) {
      return graph.constant(Constant.scalar(type(k), number));
    }

    /** Whole numbers of an output are int32 or int64, as TensorFlow has it. */
    String narrow(String wide) {
      Class<?> type = op.output(0).type();
      return type == TInt64.class ? wide : cast(wide, INT32);
    }
  }

  private static void one(String type, Function<Call, String> form) {
    FORMS.put(type, c -> List.of(form.apply(c)));
  }

  /** The same operation under another name. */
  private static void same(String type, String onnx) {
    one(type, c -> c.node(onnx, c.all(0, c.count())));
  }

  static {
    String alike =
        "Abs Add Atan Ceil Cos Cosh Div Elu Equal Erf Exp Floor "
            + "Greater Less Log Mul Neg Pow Reciprocal Relu Round Selu "
            + "Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Tan Tanh";
    for (String type : alike.split(" ")) {
      same(type, type);
    }
    same("AddV2", "Add");
    same("AddN", "Sum");
    same("BiasAdd", "Add");
    same("GreaterEqual", "GreaterOrEqual");
    same("LessEqual", "LessOrEqual");
    same("LogicalAnd", "And");
    same("LogicalNot", "Not");
    same("LogicalOr", "Or");
    same("Maximum", "Max");
    same("Minimum", "Min");
    same("RealDiv", "Div");
    same("Inv", "Reciprocal");
    for (String type : List.of("Identity", "StopGradient", "PreventGradient", "Snapshot")) {
      one(type, c -> c.in(0));
    }
    one("Square", c -> c.node("Mul", c.in(0), c.in(0)));
    one("Rsqrt", c -> c.node("Reciprocal", c.node("Sqrt", c.in(0))));
    one("Softmax", c -> c.node("Softmax", Map.of("axis", -1), c.in(0)));
    one("LogSoftmax", c -> c.node("LogSoftmax", Map.of("axis", -1), c.in(0)));
    one("NotEqual", c -> c.node("Not", c.node("Equal", c.in(0), c.in(1))));
    one("FloorDiv", OnnxOperations::floorDiv);
    one("FloorMod", OnnxOperations::floorMod);
    one(
        "SquaredDifference",
        c -> {
          String difference = c.node("Sub", c.in(0), c.in(1));
          return c.node("Mul", difference, difference);
        });
    one("Select", OnnxOperations::rows);
    one("SelectV2", OnnxOperations::select);
    one("Cast", c -> c.cast(c.in(0), OnnxMessage.type(c.op.output(0).type())));

    one("MatMul", c -> c.node("MatMul", turned(c, 0, "transpose_a"), turned(c, 1, "transpose_b")));
    for (String type : List.of("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")) {
      one(type, c -> c.node("MatMul", turned(c, 0, "adj_x"), turned(c, 1, "adj_y")));
    }
    one("Conv2D", OnnxOperations::convolution);

    one(
        "ConcatV2",
        c -> c.node("Concat", Map.of("axis", c.axis(c.count() - 1)), c.all(0, c.count() - 1)));
    one("ExpandDims", c -> c.node("Unsqueeze", c.in(0), c.longs(c.axis(1))));
    one(
        "Squeeze",
        c -> {
          long[] axes = c.attributes().getAttrIntList("squeeze_dims");
          return axes.length == 0
              ? c.node("Squeeze", c.in(0))
              : c.node("Squeeze", c.in(0), c.longs(axes));
        });
    one("Reshape", c -> c.node("Reshape", Map.of("allowzero", 1), c.in(0), c.wide(1)));
    one("Shape", c -> c.narrow(c.node("Shape", c.in(0))));
    one("Size", c -> c.narrow(c.node("Size", c.in(0))));
    one("Transpose", c -> c.node("Transpose", Map.of("perm", c.ints(1)), c.in(0)));
    one("Fill", c -> c.node("Expand", c.in(1), c.wide(0)));
    one("Empty", c -> c.node("ConstantOfShape", c.wide(0)));
    one("BroadcastTo", c -> c.node("Expand", c.in(0), c.wide(1)));
    one("ZerosLike", c -> c.node("Expand", c.like(0, 0), c.node("Shape", c.in(0))));
    one("OnesLike", c -> c.node("Expand", c.like(0, 1), c.node("Shape", c.in(0))));
    one("Tile", c -> c.node("Tile", c.in(0), c.wide(1)));
    same("Range", "Range");
    one("PadV2", c -> c.node("Pad", c.in(0), pads(c), c.in(2)));
    one("Pad", c -> c.node("Pad", c.in(0), pads(c)));
    one(SLICE, OnnxOperations::slice);
    one("StridedSlice", OnnxOperations::stridedSlice);
    FORMS.put(
        "Split",
        c -> c.graph.nodes("Split", c.op.numOutputs(), Map.of("axis", c.axis(0)), c.in(1)));
    FORMS.put(
        "SplitV",
        c ->
            c.graph.nodes(
                "Split", c.op.numOutputs(), Map.of("axis", c.axis(2)), c.in(0), c.wide(1)));
    one(
        "Pack",
        c -> {
          long axis = c.attributes().getAttrInt("axis");
          String[] each =
              IntStream.range(0, c.count())
                  .mapToObj(k -> c.node("Unsqueeze", c.in(k), c.longs(axis)))
                  .toArray(String[]::new);
          return c.node("Concat", Map.of("axis", axis), each);
        });
    FORMS.put(
        "Unpack",
        c -> {
          long axis = c.attributes().getAttrInt("axis");
          return c.graph.nodes("Split", c.op.numOutputs(), Map.of("axis", axis), c.in(0)).stream()
              .map(part -> c.node("Squeeze", part, c.longs(axis)))
              .toList();
        });
    one("GatherV2", OnnxOperations::gather);
    FORMS.put("TopKV2", OnnxOperations::top);
    one("GatherNd", c -> c.node("GatherND", c.in(0), c.wide(1)));
    one(
        "ScatterNd",
        c ->
            c.node(
                "ScatterND",
                Map.of("reduction", "add"),
                c.node("Expand", c.like(1, 0), c.wide(2)),
                c.wide(0),
                c.in(1)));
    one("TensorScatterUpdate", c -> c.node("ScatterND", c.in(0), c.wide(1), c.in(2)));
    // TensorFlow has a row for each place, ONNX a column; here "Where" is a function of one input.
    one(WHERE, c -> c.node("Transpose", c.node("NonZero", c.in(0))));
    one("ReverseV2", OnnxOperations::reverse);
    one(
        "ReverseSequence",
        c ->
            c.node(
                "ReverseSequence",
                Map.of(
                    "batch_axis", c.attributes().getAttrInt("batch_dim"),
                    "time_axis", c.attributes().getAttrInt("seq_dim")),
                c.in(0),
                c.wide(1)));
    one(
        "Cumsum",
        c ->
            c.node(
                "CumSum",
                Map.of(
                    "exclusive", c.attributes().getAttrBool("exclusive") ? 1 : 0,
                    "reverse", c.attributes().getAttrBool("reverse") ? 1 : 0),
                c.in(0),
                c.longs(c.axis(1))));
    one(
        "OneHot",
        c -> {
          String values =
              c.node(
                  "Concat",
                  Map.of("axis", 0),
                  c.node("Unsqueeze", c.in(3), c.longs(0)),
                  c.node("Unsqueeze", c.in(2), c.longs(0)));
          return c.node(
              "OneHot",
              Map.of("axis", c.attributes().getAttrInt("axis")),
              c.in(0),
              c.wide(1),
              values);
        });
    one(
        "ArgMax",
        c -> c.narrow(c.node("ArgMax", Map.of("axis", c.axis(1), "keepdims", 0), c.in(0))));
    one(
        "ArgMin",
        c -> c.narrow(c.node("ArgMin", Map.of("axis", c.axis(1), "keepdims", 0), c.in(0))));

    one("Sum", c -> reduced(c, "ReduceSum", c.in(0)));
    one("Mean", c -> reduced(c, "ReduceMean", c.in(0)));
    one("Max", c -> reduced(c, "ReduceMax", c.in(0)));
    one("Min", c -> reduced(c, "ReduceMin", c.in(0)));
    one("Prod", c -> reduced(c, "ReduceProd", c.in(0)));
    one("Any", c -> c.cast(reduced(c, "ReduceMax", c.cast(c.in(0), INT32)), BOOL));
    one("All", c -> c.cast(reduced(c, "ReduceMin", c.cast(c.in(0), INT32)), BOOL));
    FORMS.put("StatelessWhile", c -> OnnxLoop.write(c.graph, c.op));
  }

  private static String floorDiv(Call c) {
    String a = c.in(0);
    String b = c.in(1);
    return c.whole(0)
        ? c.node("Div", c.node("Sub", a, c.node("Mod", a, b)), b)
        : c.node("Floor", c.node("Div", a, b));
  }

  private static String floorMod(Call c) {
    String a = c.in(0);
    String b = c.in(1);
    return c.whole(0)
        ? c.node("Mod", a, b)
        : c.node("Sub", a, c.node("Mul", c.node("Floor", c.node("Div", a, b)), b));
  }

  private static String select(Call c) {
    if (c.type(1) != TBool.class) {
      return c.node(WHERE, c.all(0, 3));
    }
    String other = c.node("And", c.node("Not", c.in(0)), c.in(2));
    return c.node("Or", c.node("And", c.in(0), c.in(1)), other);
  }

  /** Whole rows: one truth each. */
  private static String rows(Call c) {
    long[] others = LongStream.range(1, c.rank(1)).toArray();
    return c.node(WHERE, c.node("Unsqueeze", c.in(0), c.longs(others)), c.in(1), c.in(2));
  }

  /** A side of a product, with its last two axes exchanged where the product says so. */
  private static String turned(Call c, int k, String attribute) {
    if (!c.attributes().getAttrBool(attribute)) {
      return c.in(k);
    }
    int rank = c.rank(k);
    long[] order = new long[rank];
    Arrays.setAll(order, i -> i);
    order[rank - 1] = rank - 2;
    order[rank - 2] = rank - 1;
    return c.node("Transpose", Map.of("perm", order), c.in(k));
  }

  /** TensorFlow has channels last, ONNX first. */
  private static String convolution(Call c) {
    OperationAttributeInspector attributes = c.attributes();
    String padding = attributes.getAttrString("padding");
    if (!attributes.getAttrString("data_format").equals("NHWC") || padding.equals("EXPLICIT")) {
      throw c.missing("channels first or explicit padding");
    }
    long[] strides = attributes.getAttrIntList("strides");
    long[] dilations = attributes.getAttrIntList("dilations");
    String image = c.node("Transpose", Map.of("perm", new long[] {0, 3, 1, 2}), c.in(0));
    String kernel = c.node("Transpose", Map.of("perm", new long[] {3, 2, 0, 1}), c.in(1));
    Map<String, Object> how =
        Map.of(
            "auto_pad", padding.equals("SAME") ? "SAME_UPPER" : "VALID",
            "strides", new long[] {strides[1], strides[2]},
            "dilations", new long[] {dilations[1], dilations[2]});
    return c.node(
        "Transpose", Map.of("perm", new long[] {0, 2, 3, 1}), c.node("Conv", how, image, kernel));
  }

  private static String pads(Call c) {
    String byAxis = c.wide(1);
    String bySide = c.node("Transpose", Map.of("perm", new long[] {1, 0}), byAxis);
    return c.node("Reshape", bySide, c.longs(-1));
  }

  private static String slice(Call c) {
    String begin = c.wide(1);
    String size = c.wide(2);
    String rest = c.node("Equal", size, c.longs(-1));
    String end = c.node(WHERE, rest, c.longs(Long.MAX_VALUE), c.node("Add", begin, size));
    return c.node(SLICE, c.in(0), begin, end);
  }

  private static String stridedSlice(Call c) {
    OperationAttributeInspector attributes = c.attributes();
    if (attributes.getAttrInt("ellipsis_mask") != 0
        || attributes.getAttrInt("new_axis_mask") != 0) {
      throw c.missing("an ellipsis or new axes");
    }
    long[] strides = c.ints(3);
    long beginMask = attributes.getAttrInt("begin_mask");
    long endMask = attributes.getAttrInt("end_mask");
    long shrinkMask = attributes.getAttrInt("shrink_axis_mask");
    int n = strides.length;
    long[] first = new long[n];
    long[] last = new long[n];
    List<Long> shrunk = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    for (int k = 0; k < n; k++) {
      axes.add((long) k);
      first[k] = strides[k] > 0 ? 0 : Long.MAX_VALUE;
      last[k] = strides[k] > 0 ? Long.MAX_VALUE : Long.MIN_VALUE + 1;
      if ((shrinkMask >> k & 1) != 0) {
        shrunk.add((long) k);
      }
    }
    if (shrunk.equals(axes)) {
      // The entry at a place: of these TensorFlow looks at the beginning only.
      String places = n == 1 ? c.node("Reshape", c.wide(1), c.longs()) : c.wide(1);
      return n == 1
          ? c.node("Gather", Map.of("axis", 0), c.in(0), places)
          : c.node("GatherND", c.in(0), places);
    }
    String begin = unless(c, beginMask & ~shrinkMask, first, c.wide(1));
    String end = unless(c, endMask & ~shrinkMask, last, c.wide(2));
    if (!shrunk.isEmpty()) {
      // From −1 on there is one entry up to the end, and not up to 0.
      String next = c.node("Add", c.wide(1), c.longs(1));
      String atEnd = c.node("Equal", next, c.longs(0));
      String after = c.node(WHERE, atEnd, c.longs(Long.MAX_VALUE), next);
      end = c.node(WHERE, mask(c, shrinkMask, n), after, end);
    }
    String[] inputs = {
      c.in(0), begin, end, c.longs(axes.stream().mapToLong(a -> a).toArray()), c.longs(strides)
    };
    String part = c.node(SLICE, inputs);
    return shrunk.isEmpty()
        ? part
        : c.node("Squeeze", part, c.longs(shrunk.stream().mapToLong(a -> a).toArray()));
  }

  /** Places, but others where a mask says that they do not count. */
  private static String unless(Call c, long mask, long[] other, String places) {
    return mask == 0 ? places : c.node(WHERE, mask(c, mask, other.length), c.longs(other), places);
  }

  private static String mask(Call c, long mask, int n) {
    long[] bits = IntStream.range(0, n).mapToLong(k -> mask >> k & 1).toArray();
    return c.node("Equal", c.longs(bits), c.longs(1));
  }

  private static String gather(Call c) {
    long axis = fromFirst(c.axis(2), c, 0);
    long batch = fromFirst(c.attributes().getAttrInt("batch_dims"), c, 1);
    if (batch == 0) {
      return c.node("Gather", Map.of("axis", axis), c.in(0), c.in(1));
    }
    if (batch != axis) {
      throw c.missing("an axis that is not the first after those of the batch");
    }
    String places = c.node("Unsqueeze", c.wide(1), c.longs(-1));
    return c.node("GatherND", Map.of("batch_dims", batch), c.in(0), places);
  }

  /** The largest values, and where they stand. */
  private static List<String> top(Call c) {
    String count = c.node("Reshape", c.wide(1), c.longs(1));
    List<String> both = c.graph.nodes("TopK", 2, Map.of("axis", -1), c.in(0), count);
    return List.of(both.get(0), c.cast(both.get(1), OnnxMessage.type(c.op.output(1).type())));
  }

  /** A number of axes that may be counted from the last one, with a minus. */
  private static long fromFirst(long axis, Call c, int k) {
    return axis < 0 ? axis + c.rank(k) : axis;
  }

  private static String reverse(Call c) {
    long[] axes = c.ints(1);
    long[] all = new long[axes.length];
    Arrays.fill(all, -1);
    long[] end = new long[axes.length];
    Arrays.fill(end, Long.MIN_VALUE + 1);
    return c.node(SLICE, c.in(0), c.longs(all), c.longs(end), c.longs(axes), c.longs(all));
  }

  private static String reduced(Call c, String type, String value) {
    long[] axes = c.ints(1);
    long keep = c.attributes().getAttrBool("keep_dims") ? 1 : 0;
    if (axes.length == 0) {
      return value;
    }
    return type.equals("ReduceSum")
        ? c.node(type, Map.of("keepdims", keep), value, c.longs(axes))
        : c.node(type, Map.of("keepdims", keep, "axes", axes), value);
  }
}
