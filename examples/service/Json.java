package service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.javalin.http.BadRequestResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** JSON, token by token. What is wrong with it is said to the caller in a sentence. */
final class Json {
  /** NaN and the like are read so that they can be refused by what they are. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private Json() {}

  /** Reads a value, at whose first token the parser is. */
  @FunctionalInterface
  interface Reading<A> {
    A from(JsonParser json) throws IOException;
  }

  /** Writes a value. */
  @FunctionalInterface
  interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  /** Reads one value and refuses what stands after it. */
  static <A> A read(byte[] text, Reading<A> reading) {
    try (JsonParser json = FACTORY.createParser(text)) {
      if (json.nextToken() == null) {
        throw new BadRequestResponse("there must be JSON, and there is nothing");
      }
      A value = reading.from(json);
      if (json.nextToken() != null) {
        throw new BadRequestResponse("after the JSON there must be nothing");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new BadRequestResponse(
          "this is no JSON, at line %d, column %d: %s"
              .formatted(
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  shown(e.getOriginalMessage().replaceAll(" \\(start marker.*", ""))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a value, in UTF-8. */
  static byte[] write(Writing writing) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      writing.to(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toByteArray();
  }

  /** Writes an object with what {@code writing} says. */
  static String object(Writing writing) {
    byte[] text =
        write(
            json -> {
              json.writeStartObject();
              writing.to(json);
              json.writeEndObject();
            });
    return new String(text, StandardCharsets.UTF_8);
  }

  /** {@code {"error": "…"}}, as TensorFlow Serving has it. */
  static String error(String sentence) {
    return object(json -> json.writeStringField("error", sentence));
  }

  /** Raises another token than the one that must be there. */
  static void expect(JsonParser json, JsonToken token) throws IOException {
    if (json.currentToken() != token) {
      String what = token == JsonToken.START_ARRAY ? "an array" : "an object";
      throw wrong(json, "must be " + what + ", got " + shown(json.getText()));
    }
  }

  /** A number that a float32 can hold. */
  static float number(JsonParser json) throws IOException {
    if (!json.currentToken().isNumeric() || !(Math.abs(json.getDoubleValue()) <= Float.MAX_VALUE)) {
      throw wrong(json, "must be a finite number of float32, got " + shown(json.getText()));
    }
    return (float) json.getDoubleValue();
  }

  /** A whole number from 0. */
  static int token(JsonParser json) throws IOException {
    double value = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getDoubleValue() : -1;
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw wrong(json, "must be a token, a whole number from 0, got " + shown(json.getText()));
    }
    return (int) value;
  }

  /** What is wrong where the parser is, which a JSON Pointer tells: {@code /instances/0/3}. */
  static BadRequestResponse wrong(JsonParser json, String rule) {
    String where = json.getParsingContext().pathAsPointer().toString();
    return new BadRequestResponse((where.isEmpty() ? "the JSON" : shown(where)) + " " + rule);
  }

  /** Callers choose the text. */
  static String shown(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }
}
