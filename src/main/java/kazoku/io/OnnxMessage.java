package kazoku.io;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * A message of ONNX's protocol buffers, field by field: the numbers are those of <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
 */
final class OnnxMessage {
  private final UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();

  OnnxMessage number(int field, long value) {
    fields.mergeField(field, Field.newBuilder().addVarint(value).build());
    return this;
  }

  OnnxMessage bytes(int field, ByteString value) {
    fields.mergeField(field, Field.newBuilder().addLengthDelimited(value).build());
    return this;
  }

  OnnxMessage text(int field, String value) {
    return bytes(field, ByteString.copyFromUtf8(value));
  }

  OnnxMessage texts(int field, List<String> values) {
    values.forEach(value -> text(field, value));
    return this;
  }

  OnnxMessage message(int field, OnnxMessage value) {
    return bytes(field, value.fields.build().toByteString());
  }

  OnnxMessage messages(int field, List<OnnxMessage> values) {
    values.forEach(value -> message(field, value));
    return this;
  }

  UnknownFieldSet build() {
    return fields.build();
  }

  // What models are made of

  /** The types of elements that models have, by their numbers in ONNX. */
  private static final Map<Class<?>, Integer> TYPES =
      Map.of(
          TFloat32.class, 1, TInt32.class, 6, TInt64.class, 7, TBool.class, 9, TFloat64.class, 11);

  static int type(Class<?> type) {
    Integer number = TYPES.get(type);
    if (number == null) {
      throw new OnnxGraph.Missing("values of type " + type.getSimpleName());
    }
    return number;
  }

  /** An array with a name. */
  static OnnxMessage tensor(String name, Constant value) {
    OnnxMessage tensor = new OnnxMessage();
    for (long size : value.shape.asArray()) {
      tensor.number(1, size);
    }
    return tensor.number(2, type(value.type)).text(8, name).bytes(9, value.bytes);
  }

  /**
   * An array that is known while writing.
   *
   * @param bytes its elements, little-endian, row-major
   */
  record Constant(Class<?> type, Shape shape, ByteString bytes) {

    static Constant of(Tensor tensor, Class<?> type) {
      byte[] bytes = new byte[Math.toIntExact(tensor.numBytes())];
      tensor.asRawTensor().data().read(bytes);
      return new Constant(type, tensor.shape(), ByteString.copyFrom(bytes));
    }

    static Constant of(long... values) {
      return of(Shape.of(values.length), values);
    }

    private static Constant of(Shape shape, long... values) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asLongBuffer().put(values);
      return new Constant(TInt64.class, shape, ByteString.copyFrom(bytes));
    }

    /** A number in a type. */
    static Constant scalar(Class<?> type, double value) {
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      if (type == TFloat32.class) {
        bytes.putFloat((float) value);
      } else if (type == TFloat64.class) {
        bytes.putDouble(value);
      } else if (type == TInt32.class) {
        bytes.putInt((int) value);
      } else if (type == TInt64.class) {
        bytes.putLong((long) value);
      } else {
        bytes.put((byte) value);
      }
      return new Constant(type, Shape.scalar(), ByteString.copyFrom(bytes.flip()));
    }

    /** Whole numbers as int64. */
    Constant wide() {
      return type == TInt64.class ? this : of(shape, longs());
    }

    /** Whole numbers. */
    long[] longs() {
      ByteBuffer all = bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      long[] values = new long[Math.toIntExact(shape.size())];
      for (int k = 0; k < values.length; k++) {
        values[k] = type == TInt64.class ? all.getLong() : all.getInt();
      }
      return values;
    }
  }

  /** The name, type and shape of an input or output; sizes that are not known have names. */
  static OnnxMessage value(String name, Class<?> type, Shape shape, List<String> unknown) {
    OnnxMessage tensor = new OnnxMessage().number(1, type(type));
    if (!shape.isUnknown()) {
      OnnxMessage sizes = new OnnxMessage();
      for (int k = 0; k < shape.numDimensions(); k++) {
        OnnxMessage size = new OnnxMessage();
        if (shape.get(k) >= 0) {
          size.number(1, shape.get(k));
        } else if (k < unknown.size()) {
          size.text(2, unknown.get(k));
        }
        sizes.message(1, size);
      }
      tensor.message(2, sizes);
    }
    return new OnnxMessage().text(1, name).message(2, new OnnxMessage().message(1, tensor));
  }

  /** An operation. */
  static OnnxMessage node(
      String type, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    OnnxMessage node =
        new OnnxMessage().texts(1, inputs).texts(2, outputs).text(3, outputs.get(0)).text(4, type);
    attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
    return node;
  }

  private static OnnxMessage attribute(String name, Object value) {
    OnnxMessage attribute = new OnnxMessage().text(1, name);
    if (value instanceof Number number) {
      return attribute.number(3, number.longValue()).number(20, 2);
    } else if (value instanceof String text) {
      return attribute.text(4, text).number(20, 3);
    } else if (value instanceof OnnxMessage graph) {
      return attribute.message(6, graph).number(20, 5);
    } else if (value instanceof long[] numbers) {
      for (long number : numbers) {
        attribute.number(8, number);
      }
      return attribute.number(20, 7);
    } else if (value instanceof List<?> texts) {
      texts.forEach(text -> attribute.text(9, (String) text));
      return attribute.number(20, 8);
    }
    throw new IllegalStateException(name + ": an attribute cannot be a " + value);
  }

  /** A graph. */
  static OnnxMessage graph(
      String name,
      List<OnnxMessage> nodes,
      List<OnnxMessage> constants,
      List<OnnxMessage> inputs,
      List<OnnxMessage> outputs) {
    return new OnnxMessage()
        .messages(1, nodes)
        .text(2, name)
        .messages(5, constants)
        .messages(11, inputs)
        .messages(12, outputs);
  }

  /** A model: IR version 8 and operators of version 17, which all runtimes of today know. */
  static OnnxMessage model(OnnxMessage graph) {
    return new OnnxMessage()
        .number(1, 8)
        .text(2, "kazoku")
        .message(7, graph)
        .message(8, new OnnxMessage().text(1, "").number(2, 17));
  }
}
