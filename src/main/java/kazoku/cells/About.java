package kazoku.cells;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A cell in a line of a table: what it does, and where it is from. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface About {

  /**
   * The idea in about five words.
   *
   * @return the idea, without a full stop
   */
  String idea();

  /**
   * Authors and year.
   *
   * @return the source
   */
  String source();
}
