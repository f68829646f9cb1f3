package service;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.http.UnprocessableContentResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kazoku.serve.Outputs;
import kazoku.serve.TensorSpec;
import kazoku.train.Export;

/**
 * Writes what a model gives as TensorFlow Serving does: for each instance its numbers, by the
 * outputs' names where there are several. Models that were exported with labels have the label with
 * the highest score beside it.
 */
final class Answers {
  private final ServedModel model;

  Answers(ServedModel model) {
    this.model = model;
  }

  /** {@code {"predictions": […], "classes": […], "model_version": "1"}}. */
  String predictions(Outputs outputs, int rows) {
    ServedModel.Version version = model.version(outputs);
    Map<String, Object[]> values = values(outputs);
    return Json.object(
        json -> {
          json.writeArrayFieldStart("predictions");
          for (int row = 0; row < rows; row++) {
            prediction(json, values, row);
          }
          json.writeEndArray();
          if (hasClasses(values, version)) {
            json.writeArrayFieldStart("classes");
            for (Object scores : usual(values)) {
              classes(json, scores, version.labels());
            }
            json.writeEndArray();
          }
          json.writeStringField("model_version", version.name());
        });
  }

  /** {@code {"step": 7, "prediction": […], "class": "…", "model_version": "1"}}. */
  String step(Outputs outputs, long step) {
    ServedModel.Version version = model.version(outputs);
    Map<String, Object[]> values = values(outputs);
    values.replaceAll((name, rows) -> new Object[] {lastStep(rows[0])});
    return Json.object(
        json -> {
          json.writeNumberField("step", step);
          json.writeFieldName("prediction");
          prediction(json, values, 0);
          if (hasClasses(values, version)) {
            json.writeFieldName("class");
            classes(json, usual(values)[0], version.labels());
          }
          json.writeStringField("model_version", version.name());
        });
  }

  /** Outputs by name, the values of each row: numbers, numbers of each step, or tokens. */
  private Map<String, Object[]> values(Outputs outputs) {
    Map<String, TensorSpec> specs = model.outputs();
    Map<String, Object[]> values = new TreeMap<>();
    for (String name : outputs.names()) {
      values.put(
          name,
          switch (specs.get(name).kind()) {
            case ROWS -> outputs.rows(name);
            case VECTORS -> outputs.steps(name);
            case TOKENS -> outputs.tokens(name);
          });
    }
    return values;
  }

  private static Object lastStep(Object value) {
    return value instanceof float[][] steps ? steps[steps.length - 1] : value;
  }

  private static void prediction(JsonGenerator json, Map<String, Object[]> values, int row)
      throws IOException {
    if (values.size() == 1) {
      write(json, usual(values)[row]);
      return;
    }
    json.writeStartObject();
    for (Map.Entry<String, Object[]> output : values.entrySet()) {
      json.writeFieldName(output.getKey());
      write(json, output.getValue()[row]);
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof int[] tokens) {
      json.writeArray(tokens, 0, tokens.length);
    } else if (value instanceof float[] numbers) {
      numbers(json, numbers);
    } else {
      json.writeStartArray();
      for (float[] step : (float[][]) value) {
        numbers(json, step);
      }
      json.writeEndArray();
    }
  }

  private static void numbers(JsonGenerator json, float[] numbers) throws IOException {
    json.writeStartArray();
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw new UnprocessableContentResponse(
            "the model's answer is not finite; are the inputs in their usual range?");
      }
      json.writeNumber(number);
    }
    json.writeEndArray();
  }

  /** The output that is meant where none is named. */
  private static Object[] usual(Map<String, Object[]> values) {
    return values.size() == 1 ? values.values().iterator().next() : values.get(Export.OUTPUT);
  }

  /** Whether there is a label for each score. */
  private static boolean hasClasses(Map<String, Object[]> values, ServedModel.Version version) {
    Object[] usual = usual(values);
    Object first = usual == null ? null : lastStep(usual[0]);
    return first instanceof float[] scores && scores.length == version.labels().size();
  }

  private static void classes(JsonGenerator json, Object scores, List<String> labels)
      throws IOException {
    if (scores instanceof float[] one) {
      json.writeString(labels.get(best(one)));
      return;
    }
    json.writeStartArray();
    for (float[] step : (float[][]) scores) {
      json.writeString(labels.get(best(step)));
    }
    json.writeEndArray();
  }

  private static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }
}
