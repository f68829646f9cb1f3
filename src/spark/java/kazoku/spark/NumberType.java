package kazoku.spark;

import java.util.Set;
import kazoku.train.Inputs;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;

/**
 * The type of a column of numbers.
 *
 * @param depth how many arrays stand in one another: 0 for a number alone
 * @param whole whether the numbers are of a type without fractions
 */
record NumberType(int depth, boolean whole) {
  private static final Set<DataType> WHOLE =
      Set.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

  /** What a type is; null if it is no number and no array of such. */
  static NumberType of(DataType type) {
    if (type instanceof ArrayType array) {
      NumberType inner = of(array.elementType());
      return inner == null ? null : new NumberType(inner.depth + 1, inner.whole);
    }
    return type instanceof NumericType ? new NumberType(0, WHOLE.contains(type)) : null;
  }

  /** The type that a column is expected to have for some input. */
  static DataType typical(Inputs.Kind kind) {
    DataType numbers = DataTypes.createArrayType(DataTypes.FloatType);
    return switch (kind) {
      case VECTORS -> DataTypes.createArrayType(numbers);
      case TOKENS -> DataTypes.createArrayType(DataTypes.IntegerType);
      case ROWS -> numbers;
    };
  }
}
