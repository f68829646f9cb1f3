package service;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ContentTooLargeResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.serve.TensorSpec;
import kazoku.train.Export;
import kazoku.train.Sequences;

/**
 * Reads sequences from JSON, number by number, and refuses what is too much before it takes memory.
 *
 * <p>An instance is an array of steps, each an array of numbers; or an array of tokens, whole
 * numbers. A model with several inputs takes objects of them by name.
 */
final class Instances {
  private final Map<String, TensorSpec> inputs;
  private final Settings limits;

  /** Reads what one input has: a sequence, or a step of one. */
  @FunctionalInterface
  private interface Part {
    Object read(JsonParser json, TensorSpec spec) throws IOException;
  }

  Instances(Map<String, TensorSpec> inputs, Settings limits) {
    this.inputs = inputs;
    this.limits = limits;
  }

  /** {@code {"instances": […]}}, as TensorFlow Serving takes it. */
  Map<String, Sequences> body(byte[] text) {
    return Json.read(
        text,
        json -> {
          Map<String, Sequences> rows = null;
          Json.expect(json, JsonToken.START_OBJECT);
          for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
              case "instances" -> rows = rows(json);
              case "signature_name" -> requireSignature(json.getValueAsString());
              case "inputs" ->
                  throw new BadRequestResponse("give rows (\"instances\"), not columns");
              default -> throw Json.wrong(json, "is nothing that is known; give \"instances\"");
            }
          }
          if (rows == null) {
            throw new BadRequestResponse("the body must have \"instances\", an array of sequences");
          }
          return rows;
        });
  }

  private static void requireSignature(String name) {
    if (!Export.SERVING_DEFAULT.equals(name)) {
      throw new BadRequestResponse("\"signature_name\" must be " + Export.SERVING_DEFAULT);
    }
  }

  private Map<String, Sequences> rows(JsonParser json) throws IOException {
    Map<String, List<Object>> columns = columns();
    Json.expect(json, JsonToken.START_ARRAY);
    int longest = 1;
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      atMost(limits.maxSequences, ++count, "a call must have at most %d instances");
      row(json, columns, this::sequence);
      for (List<Object> rows : columns.values()) {
        longest = Math.max(longest, steps(rows.get(count - 1)));
      }
      atMost(
          limits.maxSteps,
          (long) count * longest,
          "the number of instances times the steps of the longest must be at most %d");
    }
    if (count == 0) {
      throw new BadRequestResponse("there must be at least one instance");
    }
    return inputs(columns);
  }

  private static int steps(Object row) {
    if (row instanceof float[][] vectors) {
      return vectors.length;
    }
    return row instanceof int[] tokens ? tokens.length : 1;
  }

  /** A step of a stream, at which the parser is. */
  Sequences step(JsonParser json) throws IOException {
    Map<String, List<Object>> columns = columns();
    row(json, columns, this::step);
    return joined(inputs(columns));
  }

  /** Adds a row to each column. */
  private void row(JsonParser json, Map<String, List<Object>> columns, Part part)
      throws IOException {
    if (inputs.size() == 1) {
      String only = inputs.keySet().iterator().next();
      columns.get(only).add(part.read(json, inputs.get(only)));
      return;
    }
    Map<String, Object> parts = new LinkedHashMap<>();
    Json.expect(json, JsonToken.START_OBJECT);
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      if (!inputs.containsKey(name)) {
        throw Json.wrong(json, "is no input; the inputs are " + inputs.keySet());
      }
      json.nextToken();
      parts.put(name, part.read(json, inputs.get(name)));
    }
    if (parts.size() < inputs.size()) {
      throw Json.wrong(json, "must have all of " + inputs.keySet());
    }
    parts.forEach((name, value) -> columns.get(name).add(value));
  }

  private Object sequence(JsonParser json, TensorSpec spec) throws IOException {
    return switch (spec.kind()) {
      case VECTORS -> vectors(json, spec.size());
      case TOKENS -> tokens(json);
      case ROWS -> numbers(json, spec.size());
    };
  }

  private Object step(JsonParser json, TensorSpec spec) throws IOException {
    return switch (spec.kind()) {
      case VECTORS -> new float[][] {numbers(json, spec.size())};
      case TOKENS -> new int[] {Json.token(json)};
      case ROWS -> numbers(json, spec.size());
    };
  }

  private float[][] vectors(JsonParser json, int size) throws IOException {
    List<float[]> steps = new ArrayList<>();
    Json.expect(json, JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      steps.add(numbers(json, size));
      requireLength(steps.size(), json);
    }
    requireLength(steps.size(), json);
    return steps.toArray(float[][]::new);
  }

  private int[] tokens(JsonParser json) throws IOException {
    int[] tokens = new int[16];
    int count = 0;
    Json.expect(json, JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      tokens = count < tokens.length ? tokens : Arrays.copyOf(tokens, 2 * count);
      tokens[count] = Json.token(json);
      requireLength(++count, json);
    }
    requireLength(count, json);
    return Arrays.copyOf(tokens, count);
  }

  /** So many numbers, or any number of them if it is −1. */
  private static float[] numbers(JsonParser json, int size) throws IOException {
    float[] numbers = new float[size < 0 ? 16 : size];
    int count = 0;
    Json.expect(json, JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == size) {
        throw Json.wrong(json, "is too much: there must be " + size + " numbers");
      }
      numbers = count < numbers.length ? numbers : Arrays.copyOf(numbers, 2 * count);
      numbers[count] = Json.number(json);
      count++;
    }
    if (count < size) {
      throw Json.wrong(json, "must have " + size + " numbers, got " + count);
    }
    return Arrays.copyOf(numbers, count);
  }

  private void requireLength(int steps, JsonParser json) {
    if (steps == 0) {
      throw Json.wrong(json, "must have at least one step");
    }
    atMost(limits.maxLength, steps, "a sequence must have at most %d steps");
  }

  private static void atMost(int most, long count, String rule) {
    if (count > most) {
      throw new ContentTooLargeResponse(rule.formatted(most));
    }
  }

  private Map<String, List<Object>> columns() {
    Map<String, List<Object>> columns = new LinkedHashMap<>();
    inputs.keySet().forEach(name -> columns.put(name, new ArrayList<>()));
    return columns;
  }

  /** The inputs as a stream takes them: beside the one that is called input, or the only one. */
  static Sequences joined(Map<String, Sequences> inputs) {
    Sequences first = inputs.getOrDefault(Export.INPUT, inputs.values().iterator().next());
    Sequences all = first;
    for (Map.Entry<String, Sequences> input : inputs.entrySet()) {
      Sequences other = input.getValue();
      all = other == first ? all : all.beside(input.getKey(), other);
    }
    return all;
  }

  private Map<String, Sequences> inputs(Map<String, List<Object>> columns) {
    Map<String, Sequences> all = new LinkedHashMap<>();
    columns.forEach((name, rows) -> all.put(name, sequences(name, rows)));
    return all;
  }

  private Sequences sequences(String name, List<Object> rows) {
    return switch (inputs.get(name).kind()) {
      case VECTORS -> Sequences.of(rows.toArray(float[][][]::new));
      case TOKENS -> Sequences.tokens(rows.toArray(int[][]::new));
      case ROWS -> Sequences.rows(rows.toArray(float[][]::new));
    };
  }
}
