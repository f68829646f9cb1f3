package service;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.Supplier;
import kazoku.serve.TensorSpec;

/** What the service says of itself and of its model. */
final class Status {
  private final Settings settings;
  private final Supplier<ServedModel> model;
  private final Predictions predictions;
  private final StreamSockets sockets;
  private final Supplier<Service.State> state;

  Status(
      Settings settings,
      Supplier<ServedModel> model,
      Predictions predictions,
      StreamSockets sockets,
      Supplier<Service.State> state) {
    this.settings = settings;
    this.model = model;
    this.predictions = predictions;
    this.sockets = sockets;
    this.state = state;
  }

  /** {@code GET /health/live}: the process answers. */
  void live(Context ctx) {
    json(ctx, json -> json.writeStringField("status", "live"));
  }

  /** {@code GET /health}: whether it should be asked; 503 if not. */
  void health(Context ctx) {
    Service.State now = state.get();
    if (now != Service.State.READY) {
      ctx.status(HttpStatus.SERVICE_UNAVAILABLE);
    }
    json(
        ctx,
        json -> {
          json.writeStringField("status", now.text());
          if (now == Service.State.READY) {
            json.writeStringField("model_version", model.get().newest().name());
          }
          json.writeNumberField("open_streams", sockets.size());
          json.writeNumberField("waiting_calls", predictions.waiting());
          json.writeNumberField(
              "uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
        });
  }

  /** {@code GET /v1/model}: what it takes and gives. */
  void model(Context ctx) {
    ServedModel asked = model.get();
    json(
        ctx,
        json -> {
          json.writeStringField("name", settings.name);
          json.writeStringField("version", asked.newest().name());
          specs(json, "inputs", asked.inputs());
          specs(json, "outputs", asked.outputs());
          json.writeArrayFieldStart("labels");
          for (String label : asked.newest().labels()) {
            json.writeString(label);
          }
          json.writeEndArray();
          json.writeBooleanField("streams", asked.hasStreams());
          limits(json);
        });
  }

  private static void specs(JsonGenerator json, String name, Map<String, TensorSpec> specs)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, TensorSpec> spec : specs.entrySet()) {
      json.writeObjectFieldStart(spec.getKey());
      json.writeStringField("kind", spec.getValue().kind().toString());
      json.writeFieldName("shape");
      long[] shape = spec.getValue().shape().asArray();
      json.writeArray(shape, 0, shape.length);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void limits(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("limits");
    json.writeNumberField("body_bytes", settings.maxBody);
    json.writeNumberField("sequences", settings.maxSequences);
    json.writeNumberField("sequence_steps", settings.maxLength);
    json.writeNumberField("steps", settings.maxSteps);
    json.writeNumberField("streams", settings.maxStreams);
    json.writeNumberField("seconds", settings.timeout);
    json.writeEndObject();
  }

  /** {@code GET /v1/models/NAME}, as TensorFlow Serving has it. */
  void versions(Context ctx) {
    ServedModel asked = model.get();
    json(
        ctx,
        json -> {
          json.writeArrayFieldStart("model_version_status");
          json.writeStartObject();
          json.writeStringField("version", asked.newest().name());
          json.writeStringField("state", "AVAILABLE");
          json.writeObjectFieldStart("status");
          json.writeStringField("error_code", "OK");
          json.writeStringField("error_message", "");
          json.writeEndObject();
          json.writeEndObject();
          json.writeEndArray();
        });
  }

  /** {@code GET /v1/examples}: instances that came with the model. */
  void examples(Context ctx) {
    String all = String.join(",", model.get().newest().examples());
    ctx.contentType(ContentType.APPLICATION_JSON).result("{\"examples\":[" + all + "]}");
  }

  private static void json(Context ctx, Json.Writing writing) {
    ctx.contentType(ContentType.APPLICATION_JSON).result(Json.object(writing));
  }
}
