package kazoku.spark;

import java.io.Serializable;
import java.util.stream.IntStream;
import kazoku.serve.Outputs;
import kazoku.serve.TensorSpec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * An output of a model, and the column that has it.
 *
 * @param name its name in the signature
 * @param column the column's name
 * @param form what a row has
 */
record ModelOutput(String name, String column, Form form) implements Serializable {

  /** What a row has, by the type of its column. */
  enum Form {
    NUMBERS,
    STEPS,
    TOKENS,
    TOKEN;

    static Form of(TensorSpec spec) {
      return switch (spec.kind()) {
        case ROWS -> NUMBERS;
        case VECTORS -> STEPS;
        case TOKENS -> spec.perStep() ? TOKENS : TOKEN;
      };
    }

    DataType type() {
      DataType numbers = DataTypes.createArrayType(DataTypes.FloatType, false);
      return switch (this) {
        case NUMBERS -> numbers;
        case STEPS -> DataTypes.createArrayType(numbers, false);
        case TOKENS -> DataTypes.createArrayType(DataTypes.IntegerType, false);
        case TOKEN -> DataTypes.IntegerType;
      };
    }
  }

  StructField field() {
    return DataTypes.createStructField(column, form.type(), false);
  }

  /** What each row has, as Spark takes it. */
  Object[] values(Outputs outputs) {
    return switch (form) {
      case NUMBERS -> outputs.rows(name);
      case STEPS -> outputs.steps(name);
      case TOKENS -> outputs.tokens(name);
      case TOKEN -> {
        int[][] tokens = outputs.tokens(name);
        yield IntStream.range(0, tokens.length).mapToObj(row -> tokens[row][0]).toArray();
      }
    };
  }
}
